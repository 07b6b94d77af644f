// Other versions of Node, each in a folder of its own below .tools.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at } from './environment.mjs';
import { run } from './run.mjs';
import { npm } from './setup.mjs';

export const SUPPORTED_NODES = ['20', '22', '24', '26'];

/** Runs a script on the newest Node of a major version. @param {string} version @param {string[]} args */
export async function runOnNode(version, args) {
  const home = at('.tools', `node-${version}`);
  const installed = path.join(home, 'node_modules', 'node');
  if (!existsSync(path.join(home, 'ready'))) {
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(home, 'package.json'), '{ "private": true }\n');
    const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
    await npm(['install', '--prefix', home, '--ignore-scripts', ...quiet, `node@${version}`], home);
    // What fetches the binary is an install script, and npm 12 runs none by itself.
    await run(process.execPath, [path.join(installed, 'installArchSpecificPackage.js')], { cwd: installed });
    writeFileSync(path.join(home, 'ready'), '');
  }
  const binary = path.join(installed, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  await run(binary, ['--print', '`the tests on Node ${process.version}`']);
  await run(binary, args);
}
