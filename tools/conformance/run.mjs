// `npm run conformance` rewrites docs/conformance.md and fails when a row has neither a test that passes nor a reason.
// --check: it fails as well when the file is not what it would write. --report <file>: takes a JSON report of vitest
// instead of running the tests.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { render } from './markdown.mjs';
import { allRows, mistakesOf, root } from './rows.mjs';
import { joinRows } from './table.mjs';
import { brokenFiles, mistakesIn, readReport, runTests, testsOf } from './tests.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean' }, report: { type: 'string' } } });
const target = path.join(root, 'docs', 'conformance.md');

const rows = allRows();
const report = values.report === undefined ? runTests() : readReport(values.report);
const tests = testsOf(report);
const entries = joinRows(rows, tests);
const open = entries.filter(({ standing, row }) => standing === 'open' && row.by !== undefined);

/** @type {string[]} */
const problems = [
  ...brokenFiles(report).map((each) => `a test file does not load: ${each}`),
  ...mistakesOf(rows),
  ...mistakesIn(tests, new Set(rows.map(({ tag }) => tag))),
  ...open.map(({ row }) => `[${row.tag}] is open (${row.by}): ${row.does}`),
];

const text = render(entries);
if (values.check === true) {
  if (readFileSync(target, 'utf8') !== text)
    problems.push('docs/conformance.md is out of date: run `npm run conformance`');
} else {
  writeFileSync(target, text);
}
for (const problem of problems) console.error(problem);
const count = (/** @type {string} */ standing) => entries.filter((entry) => entry.standing === standing).length;
console.log(
  `conformance: ${entries.length} rows: ${count('shown')} shown by tests, ${count('reasoned')} need none, ${count('s2s')} between servers alone, ${count('open')} open; ${tests.length} tests`,
);
if (problems.length > 0) process.exitCode = 1;
