// docs/mutation.md.

/** @import { Numbered } from './mutants.mjs' */
/** @typedef {{ name: string, total: number, killed: number }} Score */
/** @typedef {{ mutant: Numbered, isCovered: boolean, reason: string | undefined }} Survivor */
/** @typedef {{ id: string, mutant: Numbered, test: string, isCrude: boolean }} ShownId */

/** @param {readonly Numbered[]} chosen @param {ReadonlySet<Numbered>} killed @returns {Score[]} */
export function scoresOf(chosen, killed) {
  const folders = [...new Set(chosen.map(({ folder }) => folder))];
  const score = (/** @type {string} */ name, /** @type {readonly Numbered[]} */ of) => ({
    name,
    total: of.length,
    killed: of.filter((mutant) => killed.has(mutant)).length,
  });
  return [
    ...folders.map((name) =>
      score(
        name,
        chosen.filter(({ folder }) => folder === name),
      ),
    ),
    score('all', chosen),
  ];
}

/** @param {Score} score */
export const share = ({ killed, total }) => `${((100 * killed) / total).toFixed(1)} %`;

/** @param {{ scores: readonly Score[], survivors: readonly Survivor[], shown: readonly ShownId[], seed: number, count: number }} result */
export function report({ scores, survivors, shown, seed, count }) {
  const tried = scores.at(-1)?.total ?? 0;
  const reasons = [...new Set(survivors.map(({ reason }) => reason ?? UNEXPLAINED))].toSorted();
  return `${[
    '# Mutation check',
    '',
    '<!-- Made by `npm run mutation`; not edited by hand. -->',
    '',
    'Behaviour is removed from the code of core, a little at a time: conditions are turned round, statements and calls left out,',
    'literals changed, functions left early. A test has to notice. Words for people (messages of errors, details for logs), checks of our own',
    'reasoning and tables made by programs are not changed. A change goes unnoticed when no test of core fails that comes by it, as far as',
    'they take less than a second and a half together, the quickest first. Those that nothing notices stand below, with the reason.',
    '',
    tried < count
      ? `Of ${count} possible changes ${tried} were tried, drawn with the seed ${seed}. \`npm run mutation\` tries all.`
      : `All ${count} possible changes were tried.`,
    '',
    '| folder | changes | noticed | share |',
    '| --- | --- | --- | --- |',
    ...scores.map((score) => `| ${score.name} | ${score.total} | ${score.killed} | ${share(score)} |`),
    '',
    '## Requirements drawn by lot',
    '',
    `For ${shown.length} requirement ids drawn with the seed ${seed}: a change in a file that implements the row, and a test that carries the id`,
    'and notices it. Changes that every login notices count only where the test notices no other; they are marked.',
    '',
    '| id | change | noticed by |',
    '| --- | --- | --- |',
    ...shown.map(
      ({ id, mutant, test, isCrude }) =>
        `| ${id} | ${cell(`${place(mutant)} ${change(mutant)}`)} | ${cell(test)}${isCrude ? ' (any login too)' : ''} |`,
    ),
    '',
    '## What nothing notices, and why',
    '',
    ...reasons.flatMap((reason) => [
      `### ${reason}`,
      '',
      ...survivors
        .filter((survivor) => (survivor.reason ?? UNEXPLAINED) === reason)
        .map(({ mutant }) => `- ${place(mutant)} ${change(mutant)}`),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const UNEXPLAINED = 'Not explained';

/** @param {Numbered} mutant */
const place = ({ path, line }) => `\`${path}:${line}\``;

/** @param {Numbered} mutant */
const change = ({ original, replacement }) => `${code(original)} → ${code(replacement)}`;

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|');

/** @param {string} text */
const code = (text) =>
  text === '' ? 'nothing' : `\`\`${text.startsWith('`') || text.endsWith('`') ? ` ${text} ` : text}\`\``;
