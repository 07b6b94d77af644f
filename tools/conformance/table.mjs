// Rows and tests together: which row is shown by which tests, and which is open.

/** @import { Row } from './rows.mjs' */
/** @import { Test } from './tests.mjs' */

/**
 * How a row stands. `shown`: a test passes that carries its id. `reasoned`: it needs none, and says why. `s2s`: it binds
 * streams between servers alone, with or without a test. `open`: neither.
 * @typedef {'shown' | 'reasoned' | 's2s' | 'open'} Standing
 */
/** @typedef {{ row: Row, tests: readonly Test[], standing: Standing }} Entry */

/**
 * @param {readonly Row[]} rows
 * @param {readonly Test[]} tests
 * @returns {Entry[]}
 */
export function joinRows(rows, tests) {
  /** @type {Map<string, Test[]>} */
  const byTag = new Map();
  for (const test of tests) {
    if (!test.passed) continue;
    for (const tag of test.tags) byTag.set(tag, [...(byTag.get(tag) ?? []), test]);
  }
  /** @type {Entry[]} */
  const entries = rows
    .filter((row) => row.by !== undefined)
    .map((row) => {
      const own = byTag.get(row.tag) ?? [];
      return { row, tests: own, standing: standingOf(row, own) };
    });
  const parts = entries.filter(({ row }) => row.kind !== 'security');
  for (const row of rows) {
    if (row.by === undefined)
      entries.push({ row, tests: byTag.get(row.tag) ?? [], standing: standingOfParts(row, parts) });
  }
  return entries.toSorted((one, other) => rows.indexOf(one.row) - rows.indexOf(other.row));
}

/** @param {Row} row @param {readonly Test[]} tests @returns {Standing} */
function standingOf(row, tests) {
  if (row.by === 's2s') return 's2s';
  if (tests.length > 0) return 'shown';
  return row.by === 'not-applicable' ? 'reasoned' : 'open';
}

/** A line of the checklist without an entry of its own is as good as what belongs to its section. @param {Row} row @param {readonly Entry[]} entries @returns {Standing} */
function standingOfParts(row, entries) {
  const standings = partsOf(row, entries).map(({ standing }) => standing);
  if (standings.length === 0 || standings.includes('open')) return 'open';
  if (standings.includes('shown')) return 'shown';
  return standings.includes('s2s') ? 's2s' : 'reasoned';
}

/**
 * What a line of the checklist is made of: the entries of its section and of those below it. Section 15 is the list of
 * features.
 * @param {Row} row
 * @param {readonly Entry[]} entries
 */
export function partsOf(row, entries) {
  if (row.id === '15') return entries.filter(({ row: { kind } }) => kind === 'feature');
  const section = row.id.replace('Appendix ', '');
  return entries.filter(
    ({ row: other }) =>
      other !== row &&
      other.by !== undefined &&
      other.section !== undefined &&
      `${other.section}.`.startsWith(`${section}.`),
  );
}
