// Other runtimes and other versions of Node, each in a folder of its own below .tools.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { findChromium } from '../browser/chromium.mjs';
import { at, fail } from './environment.mjs';
import { node, run } from './run.mjs';
import { npm } from './setup.mjs';

export const SUPPORTED_NODES = ['20', '22', '24', '26'];
/** What `npm run test:matrix` runs without arguments. */
export const RUNTIMES = [...SUPPORTED_NODES, 'deno', 'bun', 'chromium'];

const DENO = '2.9.6';
const BUN = '1.4.5';
const vitest = at('node_modules', 'vitest', 'vitest.mjs');

/** Runs the tests on a runtime: all of them on Node, those of core elsewhere. @param {string} name @param {string[]} args */
export async function runTestsOn(name, args = []) {
  switch (name) {
    case 'deno':
      console.log(`the tests of core on Deno ${DENO}`);
      return run(await binaryOf(name), ['run', '-A', '--quiet', vitest, 'run', '--project', 'core', ...args]);
    case 'bun':
      console.log(`the tests of core on Bun ${BUN}`);
      return run(await binaryOf(name), ['--bun', vitest, 'run', '--project', 'core', '--pool=vmThreads', ...args]);
    case 'chromium':
      if (findChromium() === undefined) {
        fail(
          'there is no Chromium on this machine: install one (`npm run browser` does on Debian), or name one in XW_CHROMIUM',
        );
      }
      console.log('the tests of core in Chromium');
      return node(vitest, 'run', '--config', at('tools', 'browser', 'vitest.config.mjs'), ...args);
    default: {
      const binary = await binaryOf(name);
      await run(binary, ['--print', '`the tests on Node ${process.version}`']);
      return run(binary, [vitest, 'run', ...args]);
    }
  }
}

/** The program of a runtime, which is fetched when it is wanted for the first time. @param {string} name @returns {Promise<string>} */
export async function binaryOf(name) {
  if (name === 'deno') return path.join(await installed(`deno-${DENO}`, `deno@${DENO}`), '.bin', 'deno');
  if (name === 'bun') {
    const modules = await installed(`bun-${BUN}`, `bun@${BUN}`, path.join('bun', 'install.js'));
    return path.join(modules, '.bin', 'bun');
  }
  const modules = await installed(`node-${name}`, `node@${name}`, path.join('node', 'installArchSpecificPackage.js'));
  return path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** @param {string} folder @param {string} specifier @param {string} [script] what fetches the binary @returns {Promise<string>} its node_modules */
async function installed(folder, specifier, script) {
  const home = at('.tools', folder);
  const modules = path.join(home, 'node_modules');
  if (existsSync(path.join(home, 'ready'))) return modules;
  mkdirSync(home, { recursive: true });
  writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  await npm(['install', '--prefix', home, '--ignore-scripts', ...quiet, specifier], home);
  // What fetches the binary is an install script, and npm 12 runs none by itself.
  if (script !== undefined) {
    const file = path.join(modules, script);
    await run(process.execPath, [file], { cwd: path.dirname(file) });
  }
  writeFileSync(path.join(home, 'ready'), '');
  return modules;
}
