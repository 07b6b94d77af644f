// What the tests claim: the ids in their titles, from a report of vitest.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from './rows.mjs';

/** @typedef {{ file: string, name: string, titles: readonly string[], passed: boolean, tags: readonly string[] }} Test */
/** @typedef {{ testResults: { name: string, message: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }[] }} Report */

/** R4.3.3-1, REC3.3-1: requirements. F-bind-gen: features. S7: security rules. C4.9.3.5, CA.1: lines of the checklist. */
const TAG = /\[((?:R|REC)\d[\d.]*-\d+|F-[a-z0-9-]+|S\d+|C(?:\d[\d.]*|[A-D](?:\.\d+)?))\]/g;
const MOST_TAGS = 3;

/** Runs every test and returns the report. @returns {Report} */
export function runTests() {
  const folder = mkdtempSync(path.join(tmpdir(), 'conformance-'));
  const file = path.join(folder, 'report.json');
  try {
    const args = [
      path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=json',
      `--outputFile=${file}`,
    ];
    spawnSync(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    return readReport(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} file @returns {Report} */
export const readReport = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** @param {Report} report @returns {Test[]} */
export const testsOf = (report) =>
  report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles, title, status }) => {
      const titles = [...ancestorTitles, title].filter((each) => each !== '');
      return {
        file: path.relative(root, name).replaceAll('\\', '/'),
        name: titles.join(' › '),
        titles,
        passed: status === 'passed',
        tags: [...new Set(titles.flatMap(tagsOf))],
      };
    }),
  );

/** Test files that could not even be loaded. @param {Report} report */
export const brokenFiles = (report) =>
  report.testResults
    .filter(({ assertionResults }) => assertionResults.length === 0)
    .map(({ name, message }) => `${name}: ${message}`);

/**
 * Titles that name what nobody knows, or too much at once.
 * @param {readonly Test[]} tests
 * @param {ReadonlySet<string>} known
 * @returns {string[]}
 */
export function mistakesIn(tests, known) {
  const mistakes = new Set();
  for (const { file, titles } of tests) {
    for (const title of titles) {
      const tags = tagsOf(title);
      if (tags.length > MOST_TAGS)
        mistakes.add(`${file}: ${tags.length} ids in one title, ${MOST_TAGS} are the most: ${title}`);
      for (const tag of tags) if (!known.has(tag)) mistakes.add(`${file}: [${tag}] is no id: ${title}`);
    }
  }
  return [...mistakes];
}

/** @param {string} title @returns {string[]} */
const tagsOf = (title) => [...title.matchAll(TAG)].map((match) => match[1] ?? '');
