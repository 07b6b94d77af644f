// Runs tests the way vitest does, and each of them again and again with the mutants that it comes by.
import { setMaxListeners } from 'node:events';
import process from 'node:process';
import { TestRunner } from 'vitest';
import { Control } from './control.mjs';
import { readPlan, write } from './plan.mjs';

/** @typedef {{ body: () => unknown, name: string, covered: number[], steps: number, time: number }} Tried */

/**
 * What the tests may spend on one mutant that they do not notice, the quickest of them first: nearly all that come by it.
 * What is known to go unnoticed gets less.
 */
const MOST_MS = { unexplained: 1500, explained: 150 };
/** What running anything once more costs at least. */
const LEAST_MS = 0.05;
/** Tests that go through all code points take longer than may be spent on any mutant. */
const TOO_LONG = /every code point|each code point|a lone code point/;
/** A login that goes well, in the first file that runs. */
const NEUTRAL = /^a login › works by SCRAM-SHA-256-PLUS over direct TLS$/;
const TAG = /\[((?:R|REC)\d[\d.]*-\d+)\]/g;

const plan = readPlan(process.env['XW_MUTATION_PLAN'] ?? '');
const control = new Control(plan.offsets);
Object.assign(globalThis, { xwMutation: control });
if (plan.mode === 'static') control.switchOn(plan.on);

const alive = new Set(plan.alive);
/** @type {import('./plan.mjs').Outcome} */
const outcome = { killed: {}, covered: [], seen: [], shown: {}, unrepeatable: [], isComplete: false };
const covered = new Set();
/** Numbers of mutants that a plain login notices. */
const crude = new Set();
/** By number: what was spent so far. @type {Map<number, number>} */
const spent = new Map();
const unexplained = new Set(plan.unexplained);
/** @type {Tried[]} */
const tests = [];
let filesLeft = plan.files;

export default class MutationRunner extends TestRunner {
  /** @param {import('vitest').RunnerTestCase} test */
  async runTask(test) {
    const body = TestRunner.getTestFn(test);
    if (plan.mode === 'static') return body();
    // Each run listens for the end of the test.
    setMaxListeners(0, test.context.signal);
    const name = nameOf(test);
    if (plan.mode === 'ids') return tryForIds(name, body);
    if (TOO_LONG.test(name)) return undefined;
    await control.watch(body);
    let watched;
    try {
      // Once more: what was computed once and kept is not seen by the first mutant that changes it.
      watched = await control.watch(body);
    } catch {
      outcome.unrepeatable.push(name);
      return undefined;
    }
    for (const number of watched.covered) covered.add(number);
    tests.push({ body, name, ...watched });
    return undefined;
  }

  /** @override @param {import('vitest').RunnerTestSuite} suite */
  async onAfterRunSuite(suite) {
    await super.onAfterRunSuite(suite);
    if (!('filepath' in suite)) return;
    filesLeft -= 1;
    if (filesLeft === 0) {
      for (const test of tests.toSorted((one, other) => one.time - other.time)) await tryAll(test);
      outcome.isComplete = true;
    }
    write(process.env['XW_MUTATION_OUTCOME'] ?? '', { ...outcome, covered: [...covered], seen: control.everSeen });
  }
}

/** @param {Tried} test */
async function tryAll({ body, name, covered: numbers, steps, time }) {
  const cost = Math.max(time, LEAST_MS);
  for (const number of numbers) {
    if (!alive.has(number)) continue;
    const sum = (spent.get(number) ?? 0) + cost;
    if (sum > (unexplained.has(number) ? MOST_MS.unexplained : MOST_MS.explained)) continue;
    spent.set(number, sum);
    if (!(await control.kills(number, steps, body))) continue;
    alive.delete(number);
    outcome.killed[number] = name;
  }
}

/**
 * What a plain login notices as well breaks nearly everything, and says little about a test that carries an id: it
 * counts only where that test notices nothing else.
 * @param {string} name @param {() => unknown} body
 */
async function tryForIds(name, body) {
  if (NEUTRAL.test(name)) {
    const { covered: numbers, steps } = await control.watch(body);
    for (const number of numbers)
      if (alive.has(number) && (await control.kills(number, steps, body))) crude.add(number);
    return;
  }
  const tags = [...name.matchAll(TAG)].map((match) => match[1] ?? '').filter((tag) => tag in plan.tags);
  const open = tags.filter((tag) => outcome.shown[tag]?.isCrude !== false);
  if (open.length === 0) return;
  await control.watch(body);
  const { covered: numbers, steps } = await control.watch(body);
  for (const tag of open) {
    const own = new Set(plan.tags[tag]);
    const candidates = numbers.filter((each) => own.has(each) && alive.has(each));
    for (const isCrude of [false, true]) {
      if (outcome.shown[tag] !== undefined && isCrude) continue;
      for (const number of candidates.filter((each) => crude.has(each) === isCrude)) {
        if (!(await control.kills(number, steps, body))) continue;
        outcome.shown[tag] = { number, test: name, isCrude };
        break;
      }
      if (outcome.shown[tag]?.isCrude === false) break;
    }
  }
}

/** @param {import('vitest').RunnerTask} task @returns {string} */
function nameOf(task) {
  const { suite } = task;
  return suite === undefined || suite.name === '' ? task.name : `${nameOf(suite)} › ${task.name}`;
}
