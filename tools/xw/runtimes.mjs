// Runs core's tests and the adapters' suite on every runtime, and writes docs/runtimes.md from what came of it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { runtimesDocument } from '../adapter-suite/document.mjs';
import { at, env, root } from './environment.mjs';
import { binaryOf, RUNTIMES, runTestsOn } from './matrix.mjs';

/** @import { CoreRun, SuiteRun } from '../adapter-suite/document.mjs' */

/**
 * @param {string[]} args runtimes; without any: all of them. `--suite-only`: takes what came of core's tests from the last
 * run
 */
export async function writeRuntimes(args) {
  const names = args.filter((each) => each !== '--suite-only');
  /** @type {SuiteRun[]} */
  const suites = [];
  /** @type {CoreRun[]} */
  const cores = [];
  const folder = at('node_modules', '.cache', 'runtimes');
  mkdirSync(folder, { recursive: true });
  for (const name of names.length > 0 ? names : RUNTIMES) {
    const report = `${folder}/${name}.json`;
    const project = /^\d/.test(name) ? ['--project', 'core'] : [];
    if (!args.includes('--suite-only')) {
      await runTestsOn(name, [...project, '--reporter=json', `--outputFile=${report}`]);
    }
    const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
    if (name === 'chromium') cores.push({ runtime: 'Chromium', passed: numPassedTests, of: numTotalTests });
    else {
      const suite = await runSuite(name);
      suites.push(suite);
      cores.push({ runtime: suite.runtime, passed: numPassedTests, of: numTotalTests });
    }
  }
  writeFileSync(at('docs', 'runtimes.md'), runtimesDocument(cores, suites));
}

/** @param {string} name @returns {Promise<SuiteRun>} */
async function runSuite(name) {
  const binary = await binaryOf(name);
  // Only what is still in use may count as in use.
  const flags =
    name === 'deno' ? ['run', '-A', '--quiet', '--v8-flags=--expose-gc'] : name === 'bun' ? [] : ['--expose-gc'];
  const child = spawn(binary, [...flags, at('tools', 'adapter-suite', 'run.mjs'), '--json'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) {
    console.error(`the suite failed on ${name}`);
    process.exitCode = 1;
  }
  return JSON.parse(output);
}
