// Runs suites of cases one after the other and says how each went. Everything a suite started is stopped before the
// next one begins.
import { stopAll } from './child.mjs';
import { installPackages } from './install.mjs';
import { closeTerminals } from './terminal.mjs';
import { within } from './wait.mjs';

/**
 * @typedef {import('./world.mjs').World} World
 * @typedef {{ title: string, run: () => Promise<CaseResult> }} Case
 * @typedef {string | { detail: string, ms: number }} CaseResult what was seen, and how long it took if the case knows better
 *
 * @typedef {object} Suite
 * @property {string} name the peer, as every line of its cases begins
 * @property {string} about one sentence for the docs
 * @property {readonly string[]} notes what to know of the peer, for the docs
 * @property {readonly string[]} packages
 * @property {readonly Case[]} cases
 * @property {() => string} version of the peer
 * @property {(world: World, titles: readonly string[]) => Promise<void>} start is told which cases will be run
 * @property {() => Promise<void>} stop
 * @property {() => string} log what the peer and we logged, newest last
 *
 * @typedef {{ suite: string, title: string, outcome: 'ok' | 'FAIL' | 'skip', ms: number, detail: string }} Result
 */

/** A case that failed, with what was to be seen on the wire. */
export class CaseFailure extends Error {
  /** @param {string} message @param {string} log */
  constructor(message, log) {
    super(message);
    this.name = 'CaseFailure';
    this.log = log;
  }
}

const CASE_MS = 60_000;
const START_MS = 60_000;
const LOG_LINES = 60;

/**
 * @param {World} world
 * @param {readonly Suite[]} suites
 * @param {{ install: boolean, print: (line: string) => void }} options
 * @returns {Promise<Result[]>}
 */
export async function runSuites(world, suites, { install, print }) {
  const missing = installPackages([...new Set(suites.flatMap((suite) => suite.packages))], {
    allowed: install,
    onInstall: (names) => print(`# installing ${names.join(' ')}`),
  });
  /** @type {Result[]} */
  const results = [];
  for (const suite of suites) {
    const record = recorder(suite, results, print);
    const absent = suite.packages.find((name) => missing.has(name));
    if (absent === undefined) await runSuite(world, suite, record, print);
    else for (const { title } of suite.cases) record(title, 'skip', 0, `not run: ${absent} is ${missing.get(absent)}`);
  }
  return results;
}

/** @param {Suite} suite @param {Result[]} results @param {(line: string) => void} print */
function recorder(suite, results, print) {
  return (
    /** @type {string} */ title,
    /** @type {Result['outcome']} */ outcome,
    /** @type {number} */ ms,
    /** @type {string} */ detail,
  ) => {
    results.push({ suite: suite.name, title, outcome, ms: Math.round(ms), detail });
    const tail = outcome === 'skip' ? detail : `${Math.round(ms)} ms`;
    print(`${outcome.padEnd(4)} ${suite.name}: ${title} (${tail})`);
    if (outcome === 'FAIL') print(indent(detail));
  };
}

/**
 * @param {World} world @param {Suite} suite
 * @param {ReturnType<typeof recorder>} record @param {(line: string) => void} print
 */
async function runSuite(world, suite, record, print) {
  let failed = false;
  // Several cases may be steps of one session; its log is printed once.
  let printed = '';
  try {
    await within(
      `${suite.name} to start`,
      START_MS,
      suite.start(
        world,
        suite.cases.map(({ title }) => title),
      ),
    );
    for (const { title, run } of suite.cases) {
      const started = performance.now();
      try {
        const result = await within('the case to end', CASE_MS, run());
        if (typeof result === 'string') record(title, 'ok', performance.now() - started, result);
        else record(title, 'ok', result.ms, result.detail);
      } catch (error) {
        failed = true;
        record(title, 'FAIL', performance.now() - started, messageOf(error));
        if (error instanceof CaseFailure && error.log !== printed) {
          printed = error.log;
          print(indent(tail(`what ${suite.name} logged`, error.log)));
        }
      }
    }
  } catch (error) {
    failed = true;
    for (const { title } of suite.cases) record(title, 'FAIL', 0, `${suite.name} did not start: ${messageOf(error)}`);
  } finally {
    const log = suite.log();
    await suite
      .stop()
      .catch((/** @type {unknown} */ error) => print(`# ${suite.name} did not stop: ${messageOf(error)}`));
    closeTerminals();
    await stopAll();
    if (failed) print(indent(tail(`the other side of ${suite.name} logged`, log)));
  }
}

/** @param {unknown} error @returns {string} */
function messageOf(error) {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `[${error.code}] ` : '';
  return `${code}${error.message}${error.cause === undefined ? '' : ` <- ${messageOf(error.cause)}`}`;
}

/** @param {string} title @param {string} log */
const tail = (title, log) => `${title}, newest last:\n${log.trimEnd().split('\n').slice(-LOG_LINES).join('\n')}`;

/** @param {string} text */
const indent = (text) => text.replace(/^/gm, '       ');
