// docs/conformance.md from the joined table.
import { partsOf } from './table.mjs';

/** @import { Row } from './rows.mjs' */
/** @import { Test } from './tests.mjs' */
/** @import { Entry } from './table.mjs' */

const MOST_TESTS = 3;
const WORDS = { shown: 'shown by a test', reasoned: 'needs none', s2s: 's2s', open: '**open**' };

/** @param {readonly Entry[]} entries @returns {string} */
export function render(entries) {
  const of = (/** @type {Row['kind']} */ kind) => entries.filter(({ row }) => row.kind === kind);
  return [
    '# Conformance with RFC 6120',
    '',
    '<!-- Made by `npm run conformance` from tools/conformance/data and from the titles of the tests; not edited by hand. -->',
    '',
    'What RFC 6120 asks for, row by row: who makes it so, and which test shows it. A test carries the id of a row in its',
    'title, in brackets. The sentences are ours; the RFC is the authority.',
    '',
    '- A path: the file that implements the row. `core/…` is short for `packages/core/src/…`, and so on.',
    '- **application**: left to the application, which gets the hook that is named; the test shows that the hook works.',
    '- **not applicable**: it binds operators or people, or its condition never holds here, and the row says why.',
    '- **s2s**: it binds streams between servers alone. Those rows are counted apart; where the engine has its part already, a test shows it.',
    '',
    summary(entries),
    '',
    '## Requirements (sections 3 to 13)',
    '',
    'Ids are `R<section>-<n>` for sentences with MUST, SHOULD and their kin, `REC…` for those with RECOMMENDED alone, in the order of the text.',
    '',
    ...table(of('requirement'), ['id', 'level', 'asks', 'made so by', 'shown by'], ({ row }) => [row.id, row.level]),
    '',
    '## Features (section 15)',
    '',
    ...table(of('feature'), ['feature', 'section', 'level', 'asks', 'made so by', 'shown by'], ({ row }) => [
      row.id,
      `§${row.section}`,
      row.level,
    ]),
    '',
    '## Security rules',
    '',
    'Rules of this library, each from a class of incidents that hit XMPP software.',
    '',
    ...table(of('security'), ['rule', 'asks', 'made so by', 'shown by'], ({ row }) => [row.id]),
    '',
    '## Checklist (sections 3 to 13, 15, appendices)',
    '',
    'A line without an entry of its own is made of the requirements and features of its section and of those below.',
    '',
    ...checklist(of('checklist'), entries),
    '',
  ].join('\n');
}

/** @param {readonly Entry[]} entries */
function summary(entries) {
  const kinds = /** @type {const} */ (['requirement', 'feature', 'security', 'checklist']);
  const standings = /** @type {const} */ (['shown', 'reasoned', 's2s', 'open']);
  const count = (/** @type {string} */ kind, /** @type {string} */ standing) =>
    String(entries.filter((entry) => entry.row.kind === kind && entry.standing === standing).length);
  const names = {
    requirement: 'requirements',
    feature: 'features',
    security: 'security rules',
    checklist: 'lines of the checklist',
  };
  return lines(
    ['', ...standings.map((standing) => WORDS[standing].replaceAll('*', '')), 'all'],
    kinds.map((kind) => [
      names[kind],
      ...standings.map((standing) => count(kind, standing)),
      String(entries.filter(({ row }) => row.kind === kind).length),
    ]),
  ).join('\n');
}

/** @param {readonly Entry[]} entries @param {string[]} head @param {(entry: Entry) => string[]} first */
const table = (entries, head, first) =>
  lines(
    head,
    entries.map((entry) => [...first(entry), cell(entry.row.does), madeBy(entry.row), shownBy(entry)]),
  );

/** @param {readonly Entry[]} rows @param {readonly Entry[]} entries */
const checklist = (rows, entries) =>
  lines(
    ['section', 'is', 'made so by', 'shown by'],
    rows.map((entry) => {
      const { row } = entry;
      if (row.by !== undefined) return [`§${row.id}`, cell(row.does), madeBy(row), shownBy(entry)];
      const parts = partsOf(row, entries);
      const few = parts.length > 6 ? `${parts.length} rows` : parts.map((part) => part.row.tag).join(', ');
      return [`§${row.id}`, cell(row.does), few, WORDS[entry.standing]];
    }),
  );

/** @param {Row} row */
function madeBy(row) {
  const files = row.in.map(short).join('<br>');
  if (row.by === 'application') return [`**application**: ${cell(row.hook ?? '')}`, files].filter(Boolean).join('<br>');
  if (row.by === 'not-applicable') return `**not applicable**: ${cell(row.why ?? '')}`;
  if (row.by === 's2s') return ['**s2s**', files].filter(Boolean).join('<br>');
  return files;
}

/** @param {Entry} entry */
function shownBy({ tests, standing }) {
  if (tests.length === 0) return standing === 'open' ? WORDS.open : '–';
  const few = distinct(tests).slice(0, MOST_TESTS);
  const rest = tests.length - few.length;
  return [
    ...few.map(({ file, name }) => `${shortTest(file)}: ${cell(name)}`),
    ...(rest > 0 ? [`and ${rest} more`] : []),
  ].join('<br>');
}

/** Tests of different titles of their own first: rows of one table differ in their values alone. @param {readonly Test[]} tests */
function distinct(tests) {
  const sorted = tests.toSorted((one, other) => compare(one.file, other.file) || compare(one.name, other.name));
  const seen = new Set();
  const firsts = sorted.filter(({ file, titles }) => {
    const key = `${file} ${titles.at(-1)?.slice(0, 24)}`;
    return !seen.has(key) && seen.add(key);
  });
  return [...firsts, ...sorted.filter((test) => !firsts.includes(test))];
}

/** @param {string[]} head @param {string[][]} rows */
const lines = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);

const compare = (/** @type {string} */ one, /** @type {string} */ other) => (one < other ? -1 : one > other ? 1 : 0);

const short = (/** @type {string} */ file) => `\`${file.replace(/^packages\/([^/]+)\/src\//, '$1/')}\``;
const shortTest = (/** @type {string} */ file) =>
  `\`${file.replace(/^packages\/([^/]+)\/test\//, '$1/').replace(/\.test\.(ts|mjs)$/, '')}\``;

/** Text that cannot end its cell, its table or its page. @param {string} text */
function cell(text) {
  return Array.from(text)
    .map((char) => {
      const code = char.codePointAt(0) ?? 0;
      const isPlain = code >= 0x20 && code < 0x7f;
      if (char === '|') return '\\|';
      if (char === '<') return '&lt;';
      if (char === '>') return '&gt;';
      return isPlain || (code >= 0xa0 && code < 0xd800) ? char : `\\u{${code.toString(16)}}`;
    })
    .join('')
    .slice(0, 160);
}
