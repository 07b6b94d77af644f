// The mutants of the folders of core that are looked at, each with a number of its own.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { instrument } from './instrument.mjs';

/** @import { Mutant } from './instrument.mjs' */
/** @typedef {Mutant & { number: number, folder: string }} Numbered */

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const sources = path.join(root, 'packages', 'core', 'src');
export const FOLDERS = ['engine', 'negotiation', 'sasl', 'stream', 'stanza', 'routing', 'jid'];

/** Tables that a program made, and files that only pass on names. */
const NOT_LOOKED_AT = /(-table|index)\.ts$/;

/**
 * @returns {{ mutants: Numbered[], codes: ReadonlyMap<string, string>, offsets: Record<string, number> }} `codes`: the
 * instrumented text by absolute path; `offsets`: where the numbers of a file begin
 */
export function allMutants() {
  /** @type {Numbered[]} */
  const mutants = [];
  const codes = new Map();
  /** @type {Record<string, number>} */
  const offsets = {};
  for (const folder of FOLDERS) {
    for (const file of filesIn(path.join(sources, folder))) {
      const relative = path.relative(sources, file).replaceAll('\\', '/');
      const made = instrument(relative, readFileSync(file, 'utf8'));
      offsets[relative] = mutants.length;
      const offset = mutants.length;
      mutants.push(...made.mutants.map((mutant) => ({ ...mutant, number: offset + mutant.id, folder })));
      codes.set(file, made.code);
    }
  }
  return { mutants, codes, offsets };
}

/** @param {string} folder @returns {string[]} */
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(file);
      return file.endsWith('.ts') && !NOT_LOOKED_AT.test(entry.name) ? [file] : [];
    });
