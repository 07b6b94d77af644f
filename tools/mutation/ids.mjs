// The mutants of the files that a row of the conformance table names.
import { readFileSync } from 'node:fs';
import { drawn } from './draw.mjs';
import { FOLDERS } from './mutants.mjs';

/** @import { Numbered } from './mutants.mjs' */

/**
 * @param {readonly Numbered[]} mutants
 * @param {number} count
 * @param {number} seed
 * @returns {Record<string, number[]>} by id: the numbers of its mutants
 */
export function mutantsOfIds(mutants, count, seed) {
  /** @type {{ id: string, by: string, in: string[] }[]} */
  const rows = JSON.parse(readFileSync(new URL('../conformance/data/requirements.json', import.meta.url), 'utf8'));
  const prefix = 'packages/core/src/';
  const candidates = rows
    .filter(({ by }) => by === 'core')
    .map(({ id, in: files }) => ({
      id,
      files: files
        .filter((file) => FOLDERS.some((folder) => file.startsWith(`${prefix}${folder}/`)))
        .map((file) => file.slice(prefix.length)),
    }))
    .filter(({ files }) => files.length > 0);
  return Object.fromEntries(
    drawn(candidates, count, seed).map(({ id, files }) => [
      id,
      mutants.filter(({ path, isStatic }) => !isStatic && files.includes(path)).map(({ number }) => number),
    ]),
  );
}
