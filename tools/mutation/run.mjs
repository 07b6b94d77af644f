// Changes the code of core in many small ways, one at a time, and looks whether a test fails. Then, for requirement ids
// drawn by lot: whether a test that carries the id notices a change of what implements the row.
//
//   npm run mutation                     all of it, and 40 ids; writes docs/mutation.md
//   npm run mutation -- --folder stream  one folder; --file stream/language.ts one file; prints who survived
//                                        --tests stream/language: by test files with such a path alone
//   npm run mutation -- --sample 1200    that many, drawn by --seed (default 6120); with --write and 40 ids into the page
//   npm run mutation -- --ids 40         that many ids and nothing else
//   npm run mutation -- --ci             400 of those that need no run of their own, and 40 ids
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { reasonFor } from './accepted.mjs';
import { drawn } from './draw.mjs';
import { mutantsOfIds } from './ids.mjs';
import { allMutants, root } from './mutants.mjs';
import { report, scoresOf, share } from './report.mjs';
import { Trials } from './try.mjs';

/** @import { Score, ShownId, Survivor } from './report.mjs' */

const LEAST_SCORE = 0.85;
const SAMPLE = 400;
const IDS = 40;
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    file: { type: 'string' },
    tests: { type: 'string' },
    sample: { type: 'string' },
    ids: { type: 'string' },
    seed: { type: 'string', default: '6120' },
    ci: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
const isCi = values.ci === true;
const sample = isCi ? SAMPLE : Number(values.sample ?? 0);
const isNarrowed = values.folder !== undefined || values.file !== undefined || values.tests !== undefined;
const isPart = isNarrowed || sample > 0;
/** Whether the page is written: of all, or of a sample of all. */
const isWritten = !isNarrowed && values.ids === undefined && (sample === 0 || values.write === true);
const ids = isCi || isWritten ? IDS : Number(values.ids ?? 0);
const seed = Number(values.seed);

const begun = performance.now();
const code = allMutants();
const trials = new Trials(code, Math.min(2, availableParallelism()), new RegExp(values.tests ?? ''));
/** @type {string[]} */
const problems = [];
try {
  const shown = ids > 0 ? await checkIds() : [];
  const result = isPart || isWritten ? await checkMutants() : undefined;
  if (isWritten && result !== undefined)
    writeFileSync(
      path.join(root, 'docs', 'mutation.md'),
      report({ ...result, shown, seed, count: code.mutants.length }),
    );
} finally {
  await trials.close();
}
for (const problem of problems) console.error(problem);
console.log(`mutation: ${Math.round((performance.now() - begun) / 1000)} s`);
if (problems.length > 0) process.exitCode = 1;

/** @returns {Promise<{ scores: Score[], survivors: Survivor[] }>} */
async function checkMutants() {
  const candidates = code.mutants.filter(
    ({ folder, path: file, isStatic }) =>
      (values.folder ?? folder) === folder && (values.file ?? file) === file && !(isCi && isStatic),
  );
  if (candidates.length === 0) throw new Error('there is nothing to change there');
  const chosen = sample > 0 ? drawn(candidates, sample, seed) : candidates;
  const { killed, seen, unrepeatable } = await trials.tryMutants(
    chosen,
    (each) => reasonFor(each) !== undefined,
    !isCi,
  );
  for (const test of unrepeatable) problems.push(`a test that cannot run twice: ${test}`);
  const survivors = chosen
    .filter((mutant) => !killed.has(mutant))
    .map((mutant) => ({ mutant, isCovered: mutant.isStatic || seen.has(mutant.number), reason: reasonFor(mutant) }));
  for (const { mutant, isCovered, reason } of survivors) {
    if (isWritten && reason !== undefined) continue;
    const { path: file, line, original, replacement } = mutant;
    const what = `${file}:${line}: ${original} => ${replacement}${isCovered ? '' : ' [no test comes here]'}`;
    if (!isWritten) console.log(`${what}${reason === undefined ? '' : ` (${reason})`}`);
    else problems.push(`${what}: survives without a reason`);
  }
  const scores = scoresOf(chosen, new Set(killed.keys()));
  for (const score of scores) {
    console.log(`mutation: ${score.name.padEnd(12)} ${score.killed} of ${score.total} noticed, ${share(score)}`);
    // A part of a folder is too few to judge it by.
    const isJudged = score.name === 'all' || isWritten;
    if (isJudged && score.killed / score.total < LEAST_SCORE)
      problems.push(`${score.name}: fewer than ${100 * LEAST_SCORE} % are noticed`);
  }
  return { scores, survivors };
}

/** @returns {Promise<ShownId[]>} */
async function checkIds() {
  const tags = mutantsOfIds(code.mutants, ids, seed);
  const found = await trials.tryIds(tags);
  return Object.keys(tags).flatMap((id) => {
    const shown = found[id];
    const mutant = code.mutants.find(({ number }) => number === shown?.number);
    if (shown === undefined || mutant === undefined) {
      problems.push(`${id}: no test that carries it notices a change of what implements it`);
      return [];
    }
    if (!isWritten)
      console.log(
        `${id}: ${mutant.path}:${mutant.line}: ${mutant.original} => ${mutant.replacement}: noticed by ${shown.test}${shown.isCrude ? ' (and by any login)' : ''}`,
      );
    return [{ id, mutant, test: shown.test, isCrude: shown.isCrude }];
  });
}
