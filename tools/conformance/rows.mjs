// The rows of the conformance table, as the files in data/ have them: what has to hold, who makes it hold, and how.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Who answers for a row. `application`: an application gets the hook that is named. `not-applicable`: the row binds
 * people or operators, or its condition never holds here. `s2s`: it binds streams between servers alone.
 * @typedef {'core' | 'node-tcp' | 'server' | 'application' | 'not-applicable' | 's2s'} By
 */

/**
 * @typedef {object} Row
 * @property {string} tag what a test's title says in brackets
 * @property {string} id
 * @property {'requirement' | 'feature' | 'security' | 'checklist'} kind
 * @property {string | undefined} section
 * @property {string} level keywords of a requirement, or client / server levels of a feature
 * @property {By | undefined} by undefined: made of the rows below it
 * @property {readonly string[]} in files
 * @property {string} does
 * @property {string | undefined} hook
 * @property {string | undefined} why
 */

/** @typedef {{ id: string, section?: string, keywords?: string[], roles?: { client: string, server: string }, title?: string, by?: By, in?: string[], does?: string, hook?: string, why?: string }} Raw */

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const BY = new Set(['core', 'node-tcp', 'server', 'application', 'not-applicable', 's2s']);

/** @returns {Row[]} */
export function allRows() {
  return [
    ...load('requirements').map((raw) =>
      rowOf(raw, 'requirement', raw.id, raw.section, (raw.keywords ?? []).join(', ')),
    ),
    ...load('features').map((raw) => rowOf(raw, 'feature', `F-${raw.id}`, raw.section, levelOf(raw))),
    ...load('security').map((raw) => rowOf(raw, 'security', raw.id, undefined, '')),
    ...load('checklist').map((raw) => rowOf(raw, 'checklist', `C${raw.id.replace('Appendix ', '')}`, raw.id, '')),
  ];
}

/**
 * What is wrong with the rows themselves.
 * @param {readonly Row[]} rows
 * @returns {string[]}
 */
export function mistakesOf(rows) {
  /** @type {string[]} */
  const mistakes = [];
  const seen = new Set();
  for (const row of rows) {
    if (seen.has(row.tag)) mistakes.push(`${row.tag}: there are two of it`);
    seen.add(row.tag);
    if (row.does === '') mistakes.push(`${row.tag}: nothing says what it asks for`);
    if (row.by === undefined) {
      if (row.kind !== 'checklist') mistakes.push(`${row.tag}: nobody answers for it`);
      continue;
    }
    if (!BY.has(row.by)) mistakes.push(`${row.tag}: '${row.by}' is none of ${[...BY].join(', ')}`);
    if (row.by === 'application' && row.hook === undefined) mistakes.push(`${row.tag}: names no hook`);
    if (row.by === 'not-applicable' && row.why === undefined) mistakes.push(`${row.tag}: gives no reason`);
    const needsFile = row.by === 'core' || row.by === 'node-tcp' || row.by === 'server';
    if (needsFile && row.in.length === 0) mistakes.push(`${row.tag}: names no file`);
    for (const file of row.in) if (!existsSync(path.join(root, file))) mistakes.push(`${row.tag}: there is no ${file}`);
  }
  return mistakes;
}

/** @param {string} name @returns {Raw[]} */
const load = (name) => JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), 'utf8'));

/** @param {Raw} raw @param {Row['kind']} kind @param {string} tag @param {string | undefined} section @param {string} level @returns {Row} */
const rowOf = (raw, kind, tag, section, level) => ({
  tag,
  id: raw.id,
  kind,
  section,
  level,
  by: raw.by,
  in: raw.in ?? [],
  does: raw.does ?? raw.title ?? '',
  hook: raw.hook,
  why: raw.why,
});

/** @param {Raw} raw */
const levelOf = ({ roles }) => (roles === undefined ? '' : `client ${roles.client}, server ${roles.server}`);
