// Changes the code of core in many small ways, one at a time, and looks whether a test fails.
//
//   npm run mutation                     all of it; writes docs/mutation.md; minutes
//   npm run mutation -- --folder stream  one folder; --file stream/language.ts one file; prints who survived
//   npm run mutation -- --sample 400     that many, drawn by --seed (default 6120)
//   npm run mutation -- --ids 40         for that many requirement ids: a mutant of what implements the row is noticed
//                                        by a test that carries its id
//   npm run mutation -- --ci             --sample 400 --ids 40
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { reasonFor } from './accepted.mjs';
import { drawn } from './draw.mjs';
import { mutantsOfIds } from './ids.mjs';
import { allMutants, root } from './mutants.mjs';
import { report, scoresOf } from './report.mjs';
import { MutationTests } from './tests.mjs';

/** @import { Numbered } from './mutants.mjs' */

const LEAST_SCORE = 0.85;
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    file: { type: 'string' },
    sample: { type: 'string' },
    ids: { type: 'string' },
    seed: { type: 'string', default: '6120' },
    ci: { type: 'boolean' },
  },
});
const sample = values.ci === true ? 400 : Number(values.sample ?? 0);
const ids = values.ci === true ? 40 : Number(values.ids ?? 0);
const seed = Number(values.seed);
const isPart = values.folder !== undefined || values.file !== undefined || sample > 0;

const begun = performance.now();
const { mutants, codes, offsets } = allMutants();
const tests = new MutationTests(codes);
/** @type {string[]} */
const problems = [];
try {
  if (ids > 0) await checkIds();
  if (ids === 0 || isPart) await checkMutants();
} finally {
  await tests.close();
}
for (const problem of problems) console.error(problem);
console.log(`mutation: ${Math.round((performance.now() - begun) / 1000)} s`);
if (problems.length > 0) process.exitCode = 1;

async function checkMutants() {
  const candidates = mutants.filter(
    ({ folder, path: file }) => (values.folder ?? folder) === folder && (values.file ?? file) === file,
  );
  if (candidates.length === 0) throw new Error('there is nothing to change there');
  const chosen = sample > 0 ? drawn(candidates, sample, seed) : candidates;
  /** @type {Map<Numbered, string>} */
  const killed = new Map();
  const lively = chosen.filter(({ isStatic }) => !isStatic);
  const { outcome, failed } = await tests.run({
    mode: 'tests',
    offsets,
    alive: lively.map(({ number }) => number),
    tags: {},
    on: 0,
  });
  // A test that fails with no mutant says nothing about any.
  if (failed.length > 0 || !outcome.isComplete)
    throw new Error(`the tests fail by themselves: ${failed.slice(0, 3).join('; ')}`);
  for (const mutant of lively) {
    const by = outcome.killed[mutant.number];
    if (by !== undefined) killed.set(mutant, by);
  }
  for (const test of outcome.unrepeatable) problems.push(`a test that cannot run twice: ${test}`);
  const covered = new Set(outcome.covered);
  const seen = new Set(outcome.seen);
  const isLoadedOnce = (/** @type {Numbered} */ { isStatic, number }) =>
    isStatic || (seen.has(number) && !covered.has(number));
  for (const mutant of chosen.filter((each) => !killed.has(each) && isLoadedOnce(each))) {
    const by = await killerOf(mutant);
    if (by !== undefined) killed.set(mutant, by);
  }
  const survivors = chosen
    .filter((mutant) => !killed.has(mutant))
    .map((mutant) => ({ mutant, isCovered: mutant.isStatic || seen.has(mutant.number), reason: reasonFor(mutant) }));
  const scores = scoresOf(chosen, new Set(killed.keys()));
  if (isPart) {
    for (const { mutant, isCovered, reason } of survivors) {
      const { path: file, line, original, replacement } = mutant;
      console.log(
        `${file}:${line}: ${original} => ${replacement}${isCovered ? '' : ' [no test comes here]'}${reason === undefined ? '' : ` (${reason})`}`,
      );
    }
  } else {
    writeFileSync(path.join(root, 'docs', 'mutation.md'), report(scores, survivors));
    for (const { mutant, reason } of survivors) {
      if (reason === undefined)
        problems.push(
          `${mutant.path}:${mutant.line}: survives without a reason: ${mutant.original} => ${mutant.replacement}`,
        );
    }
  }
  for (const { name, total, killed: count } of scores) {
    console.log(`mutation: ${name.padEnd(12)} ${count} of ${total} noticed, ${percent(count / total)}`);
    if (count / total < LEAST_SCORE && (name === 'all' || !isPart))
      problems.push(`${name}: fewer than ${percent(LEAST_SCORE)} are noticed`);
  }
}

// What runs while modules are loaded is there from the beginning or not at all: one run of the tests for each such mutant.
/** @param {Numbered} mutant @returns {Promise<string | undefined>} */
async function killerOf(mutant) {
  // The tests of its own folder notice most; then those that go through everything.
  const near = new RegExp(`/test/${mutant.folder}/`);
  for (const wanted of [near, /\/test\/(conformance|negotiation|stanza|routing)\//]) {
    const plan = { mode: /** @type {const} */ ('static'), offsets, alive: [], tags: {}, on: mutant.number };
    const { failed } = await tests.run(plan, wanted);
    if (failed[0] !== undefined) return failed[0];
  }
  return undefined;
}

async function checkIds() {
  const tags = mutantsOfIds(mutants, ids, seed);
  // A function that does nothing at all is noticed by anybody: something finer has to be.
  const alive = mutants.filter(({ kind, isStatic }) => kind !== 'body' && !isStatic).map(({ number }) => number);
  const { outcome } = await tests.run({ mode: 'ids', offsets, alive, tags, on: 0 });
  for (const id of Object.keys(tags)) {
    const shown = outcome.shown[id];
    const mutant = mutants.find(({ number }) => number === shown?.number);
    if (mutant === undefined) problems.push(`${id}: no test that carries it notices a change of what implements it`);
    else
      console.log(
        `${id}: ${mutant.path}:${mutant.line}: ${mutant.original} => ${mutant.replacement}: noticed by ${shown?.test}${shown?.isCrude === true ? ' (and by any login)' : ''}`,
      );
  }
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
