// Writes docs/interop.md from the results of a whole run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { KNOWN_DIFFERENCES } from '../probe/differences.mjs';

/**
 * @typedef {import('./runner.mjs').Suite} Suite
 * @typedef {import('./runner.mjs').Result} Result
 */

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const FILE = path.join('docs', 'interop.md');
const PROBE = 'probe of ';
const MARKS = { ok: 'passed', FAIL: '**failed**', skip: 'not run' };

/** @param {readonly Suite[]} suites @param {readonly Result[]} results @returns {string} the file, relative to the repository */
export function writeDocs(suites, results) {
  const file = path.join(ROOT, FILE);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, page(suites, results));
  const formatter = path.join(ROOT, 'node_modules', 'oxfmt', 'bin', 'oxfmt');
  spawnSync(process.execPath, [formatter, file], { cwd: ROOT, stdio: 'inherit' });
  return FILE;
}

/** @param {readonly Suite[]} suites @param {readonly Result[]} results @returns {string} */
function page(suites, results) {
  /** @param {readonly Result[]} some @param {Result['outcome']} outcome */
  const count = (some, outcome) => some.filter((result) => result.outcome === outcome).length;
  /** @param {Suite} suite */
  const resultsOf = (suite) => results.filter((result) => result.suite === suite.name);
  const rows = suites.map((suite) => {
    const own = resultsOf(suite);
    const version = count(own, 'skip') === own.length ? 'not run' : suite.version();
    const target = suite.name.startsWith(PROBE) ? 'the-probe-by-raw-bytes' : anchor(suite.name);
    return `| [${suite.name}](#${target}) | ${version} | ${suite.about} | ${count(own, 'ok')} | ${count(own, 'FAIL')} | ${count(own, 'skip')} |`;
  });
  const sections = suites
    .filter((suite) => !suite.name.startsWith(PROBE))
    .map((suite) => {
      const cases = resultsOf(suite).map((result) => `- ${MARKS[result.outcome]}: ${result.title}`);
      const notes =
        suite.notes.length === 0 ? [] : ['', 'What to know of it:', '', ...suite.notes.map((note) => `- ${note}`)];
      return [`## ${suite.name}`, '', ...cases, ...notes].join('\n');
    });
  return `<!-- Written by \`npm run interop -- --write-docs\`. Do not edit. -->

# Real peers

What was tried against software that other people wrote, on the loopback interface, with a certification authority made
for the run. \`npm run interop\` does it again: it installs Debian's packages where they are missing and it may (as root),
starts each peer with a configuration of its own, prints a line for each case and ends with the number of cases that
passed, failed and were not run. A case that fails fails the run and prints what crossed the wire.

- \`--only <pattern>\`: only the cases whose line matches; \`--list\` names them all.
- \`--reference\`: the client programs against Prosody instead of our server, which shows that a program and its cases are
  right before a difference is held against us.
- \`--json\`, \`--no-install\`, \`--keep\`: see \`--help\`.

The run behind this page, on Node ${process.versions.node.split('.')[0]}: ${count(results, 'ok')} passed, ${count(results, 'FAIL')} failed, ${count(results, 'skip')} skipped.

| Peer | Version | What was tried | Passed | Failed | Not run |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

${probe(suites, results)}

${sections.join('\n\n')}
`;
}

/** What the probe found of each server. @param {readonly Suite[]} suites @param {readonly Result[]} results */
function probe(suites, results) {
  const probes = suites.filter((suite) => suite.name.startsWith(PROBE));
  const cases = (probes[0]?.cases ?? []).map(({ title }) => {
    const marks = probes.map((suite) => {
      const result = results.find((each) => each.suite === suite.name && each.title === title);
      if (result === undefined) return MARKS.skip;
      return result.detail.startsWith('a known difference') ? 'differs' : MARKS[result.outcome];
    });
    return `| ${[title, ...marks].map(cell).join(' | ')} |`;
  });
  const rows = KNOWN_DIFFERENCES.map(({ case: title, came, clause, reading, why }) =>
    [title, came.prosody ?? '', came.ejabberd ?? '', clause, reading, why].map(cell).join(' | '),
  );
  return `## The probe by raw bytes

Scripts of raw bytes, each with what has to come back by RFC 6120, run against our server, Prosody and ejabberd. Our server
has to do what every script says. What the others do otherwise is in this table and nowhere else: a run fails where one of
them does something that is not here, and where it no longer does what is here. An empty field: it does what the script
says. A list of words is what came, up to the first that differs; \`end\` is the end of the connection.

Whose reading the clause supports: **ours**, where it demands or recommends what the script says; **both**, where it leaves room.

| Case | Prosody | ejabberd | Clause | Reading | Why |
| --- | --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}

All ${cases.length} scripts; the clauses are of RFC 6120 where no other document is named:

| Script | ${probes.map((suite) => suite.name.slice(PROBE.length)).join(' | ')} |
| --- |${' --- |'.repeat(probes.length)}
${cases.join('\n')}`;
}

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '\\<');

/** @param {string} heading */
const anchor = (heading) => heading.toLowerCase().replace(/[^a-z0-9 -]/g, '');
