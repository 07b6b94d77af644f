// Runs one job of this repository from a fresh clone with nothing but Node 20.19 or newer and npm.
// `npm test` is `node tools/xw.mjs test`; what follows the name of the job goes to the tool that does it.
import { existsSync } from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { at, env, fail, pnpmEntry, requireNode } from './xw/environment.mjs';
import { binaryOf, RUNTIMES, runTestsOn } from './xw/matrix.mjs';
import { writeRuntimes } from './xw/runtimes.mjs';
import { node, run, runSteps, step, tool, toolStep } from './xw/run.mjs';
import { prepare } from './xw/setup.mjs';

const check = (/** @type {string[]} */ ...args) => [at('tools', 'checks', 'run.mjs'), ...args];
const types = () => runSteps([toolStep('types', 'typescript/bin/tsc', '-b')]);
const vitest = (/** @type {string[]} */ ...args) => tool('vitest/vitest.mjs', ...args);
const published = ['core', 'deno', 'driver', 'node-tcp', 'server', 'testing', 'websocket'];

/** @type {Record<string, { about: string, run: (...args: string[]) => Promise<void> }>} */
const jobs = {
  start: {
    about: 'builds, then runs the demo server',
    async run(...args) {
      await prepare({ build: true });
      // In this very process: a signal reaches the server itself, and its exit code is ours.
      const main = at('packages', 'server', 'dist', 'demo', 'main.js');
      process.argv = [process.execPath, main, ...args];
      await import(pathToFileURL(main).href);
    },
  },
  test: {
    about: 'checks types, style and boundaries, then runs every test; with arguments: vitest alone, with them',
    async run(...args) {
      await prepare({ build: true }, args.length === 0 ? types : undefined);
      if (args.length === 0) await runSteps(staticSteps(), { width: 2 });
      await vitest('run', ...args);
    },
  },
  check: {
    about:
      'what is too slow for every test run: coverage, packages, API report, size, examples, long properties, a little fuzzing, conformance, mutants',
    async run() {
      await prepare({ build: true }, types);
      await runSteps(staticSteps(), { width: 2 });
      await runSteps(
        [
          toolStep('unused code and dependencies', 'knip/bin/knip.js', '--no-progress'),
          ...published.map((name) => packageStep('publint', name, 'publint/src/cli.js', '--strict')),
          ...published.map((name) =>
            packageStep(
              'types of',
              name,
              '@arethetypeswrong/cli/dist/index.js',
              '--pack',
              '.',
              '--profile',
              'esm-only',
            ),
          ),
          step('API report', check('api')),
          step('examples', check('examples')),
        ],
        { width: 2 },
      );
      await node(...check('size'));
      await longProperties();
      await node(at('tools', 'fuzz', 'run.mjs'), '--seconds', '0.6');
      const report = at('node_modules', '.cache', 'tests.json');
      await coverage('--reporter=default', '--reporter=json', `--outputFile.json=${report}`);
      await node(at('tools', 'conformance', 'states.mjs'), '--check');
      // Which tests there are depends on whether the RFC's figures lie beside the clone, so the page is not compared: no row may be open.
      await node(at('tools', 'conformance', 'run.mjs'), '--report', report);
      await node(at('tools', 'mutation', 'run.mjs'), '--ci');
    },
  },
  setup: { about: 'installs the dependencies', run: () => prepare({ build: false }) },
  build: { about: 'builds every package', run: () => prepare({ build: true }) },
  lint: {
    about: 'runs the linter; --fix repairs what it can',
    async run(...args) {
      await prepare({ build: true });
      await tool('oxlint/bin/oxlint', '--type-aware', ...args);
    },
  },
  format: {
    about: 'formats every file; --check only looks',
    async run(...args) {
      await prepare({ build: false });
      await tool('oxfmt/bin/oxfmt', ...args, '.');
    },
  },
  coverage: {
    about: 'runs every test and fails when too few lines of core were reached',
    async run(...args) {
      await prepare({ build: true });
      await coverage(...args);
    },
  },
  api: {
    about: 'rewrites the API reports from what was built',
    async run() {
      await prepare({ build: true });
      await node(...check('api', '--update'));
    },
  },
  conformance: {
    about: 'rewrites docs/conformance.md and the pictures of the states; fails when a row of RFC 6120 is open',
    async run(...args) {
      await prepare({ build: true });
      await node(at('tools', 'conformance', 'states.mjs'), ...args.filter((arg) => arg === '--check'));
      await node(at('tools', 'conformance', 'run.mjs'), ...args);
    },
  },
  mutation: {
    about: 'changes core in thousands of small ways and rewrites docs/mutation.md; --sample, --ids, --folder, --file',
    run: (...args) => runTool('mutation', 'run.mjs', args),
  },
  fuzz: {
    about: 'gives core inputs that nobody would write, led by what they reach; names of targets, --seconds, --seed',
    run: (...args) => runTool('fuzz', 'run.mjs', args),
  },
  bench: { about: 'runs the benchmarks', run: (...args) => runTool('bench', 'run.mjs', args) },
  browser: {
    about: 'tries the chat of npm start in Chromium, and takes pictures',
    run: (...args) => runTool('browser', 'run.mjs', args),
  },
  interop: { about: 'runs against real XMPP software', run: (...args) => runTool('interop', 'run.mjs', args) },
  matrix: {
    about: `runs the tests on other runtimes, core's only where there is no Node, or with --core; without names: ${RUNTIMES.join(', ')}`,
    async run(...args) {
      const names = args.filter((each) => each !== '--core');
      await prepare({ build: true });
      for (const name of names.length > 0 ? names : RUNTIMES) {
        await runTestsOn(name, args.includes('--core') && /^\d/.test(name) ? ['--project', 'core'] : []);
      }
    },
  },
  jsr: {
    about: "tries what JSR would be given, and Deno's own sockets by Deno's own test runner",
    async run() {
      await prepare({ build: true });
      const deno = await binaryOf('deno');
      await run(deno, ['publish', '--dry-run', '--allow-dirty', '--quiet']);
      await run(deno, ['test', '-A', '--no-check', '--quiet', at('tools', 'adapter-suite', 'native', 'deno.mjs')]);
    },
  },
  runtimes: {
    about: 'runs core and the adapters on every runtime and writes docs/runtimes.md from it; with arguments: on these',
    async run(...names) {
      await prepare({ build: true });
      await writeRuntimes(names);
    },
  },
  changeset: {
    about: 'describes a change for the change log',
    async run(...args) {
      await prepare({ build: false });
      await tool('@changesets/cli/bin.js', ...args);
    },
  },
  pnpm: {
    about: 'runs the pinned pnpm',
    async run(...args) {
      if (!existsSync(pnpmEntry)) await prepare({ build: false });
      await run(process.execPath, [pnpmEntry, ...args]);
    },
  },
};

const staticSteps = () => [
  toolStep('lint', 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings'),
  toolStep('format', 'oxfmt/bin/oxfmt', '--check', '.'),
  step('purity, layers, house rules', check('source')),
];

const coverage = (/** @type {string[]} */ ...args) => vitest('run', '--coverage', ...args);

// More runs than `npm test`, and another seed: XW_SEED chooses it, so that a run before a merge does not depend on luck.
async function longProperties() {
  const seed = process.env.XW_SEED ?? '7622';
  console.log(`xw: properties with XW_SEED=${seed} XW_RUNS=1000`);
  const args = [at('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'core', '--project', 'testing'];
  await run(process.execPath, args, { env: { ...env, XW_SEED: seed, XW_RUNS: '1000' } });
}

/** @param {string} what @param {string} name @param {string} script @param {string[]} args */
function packageStep(what, name, script, ...args) {
  return step(`${what} @xmpp-wire/${name}`, [at('node_modules', ...script.split('/')), ...args], {
    cwd: at('packages', name),
  });
}

/** @param {string} name @param {string} file @param {string[]} args */
async function runTool(name, file, args) {
  if (!existsSync(at('tools', name, file))) fail(`tools/${name}/${file} is missing`);
  await prepare({ build: true });
  await node(at('tools', name, file), ...args);
}

requireNode();
const [name = 'help', ...rest] = process.argv.slice(2);
const job = jobs[name];
if (job === undefined) {
  const width = Math.max(...Object.keys(jobs).map((each) => each.length));
  for (const [each, { about }] of Object.entries(jobs)) console.log(`${each.padEnd(width)}  ${about}`);
  if (name !== 'help') fail(`unknown job ${name}`);
} else {
  await job.run(...rest);
}
