// The files of the repository, as the checks see them.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ path: string, text: string }} File a path from the root of the repository, with slashes */
/** @typedef {{ path: string, line: number, message: string }} Finding */

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const BINARY = /\.(png|ico|gz|woff2?|der|p12)$/;
const NOT_OURS = new Set(['.git', 'node_modules', 'dist', 'coverage', '.turbo', '.tools', '.examples']);

/** Every text file that git tracks or would track; without git, every one outside the folders that are never tracked. */
export function repositoryFiles() {
  return trackedPaths()
    .filter((file) => !BINARY.test(file) && existsSync(path.join(root, file)))
    .map((file) => ({ path: file, text: readFileSync(path.join(root, file), 'utf8') }));
}

/** The number of the line on which `offset` lies. @param {string} text @param {number} offset */
export const lineAt = (text, offset) => text.slice(0, offset).split('\n').length;

/** Every place where `pattern` (with the flag g) matches. @param {File} file @param {RegExp} pattern @param {string} message @returns {Finding[]} */
export const findAll = (file, pattern, message) =>
  [...file.text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: lineAt(file.text, match.index + (match[0].length - match[0].trimStart().length)),
    message: `${message}: ${match[0].trim()}`,
  }));

function trackedPaths() {
  if (existsSync(path.join(root, '.git'))) {
    const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\0')
      .filter(Boolean);
  }
  return walk('');
}

/** @param {string} folder @returns {string[]} */
function walk(folder) {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const inside = path.posix.join(folder, entry.name);
    if (NOT_OURS.has(entry.name)) return [];
    return entry.isDirectory() ? walk(inside) : [inside];
  });
}
