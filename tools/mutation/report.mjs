// docs/mutation.md.

/** @import { Numbered } from './mutants.mjs' */
/** @typedef {{ name: string, total: number, killed: number }} Score */
/** @typedef {{ mutant: Numbered, isCovered: boolean, reason: string | undefined }} Survivor */

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

/** @param {readonly Score[]} scores @param {readonly Survivor[]} survivors */
export function report(scores, survivors) {
  const reasons = [...new Set(survivors.map(({ reason }) => reason ?? UNEXPLAINED))].toSorted();
  return `${[
    '# Mutation check',
    '',
    '<!-- Made by `npm run mutation`; not edited by hand. -->',
    '',
    'Behaviour is removed from the code of core, a little at a time: conditions are turned round, statements and calls left out,',
    'literals changed, functions left early. A test has to notice. Words for people (messages of errors, details for logs), checks of our own',
    'reasoning and tables made by programs are not changed. Counted are all changes; those that nothing notices stand below, with the reason.',
    '',
    '| folder | changes | noticed | share |',
    '| --- | --- | --- | --- |',
    ...scores.map(
      ({ name, total, killed }) => `| ${name} | ${total} | ${killed} | ${((100 * killed) / total).toFixed(1)} % |`,
    ),
    '',
    ...reasons.flatMap((reason) => [
      `## ${reason}`,
      '',
      ...survivors
        .filter((survivor) => (survivor.reason ?? UNEXPLAINED) === reason)
        .map(
          ({ mutant }) => `- \`${mutant.path}:${mutant.line}\` ${code(mutant.original)} → ${code(mutant.replacement)}`,
        ),
      '',
    ]),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const UNEXPLAINED = 'Not explained';

/** @param {string} text */
const code = (text) =>
  text === '' ? 'nothing' : `\`\`${text.startsWith('`') || text.endsWith('`') ? ` ${text} ` : text}\`\``;
