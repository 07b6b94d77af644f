// Rules of the house that no other tool knows.
import { findAll, lineAt } from './files.mjs';
import { descendants, lineOf, parse, ts } from './syntax.mjs';

/** @import { File, Finding } from './files.mjs' */

const MAX_LINES = 500;
const CODE = /^(packages|tools)\/.*\.(ts|mjs|js)$/;
const SOURCE = /^packages\/[^/]+\/src\/.*\.ts$/;
const TESTS = /\/test\/.*\.(ts|mjs)$/;
// Data of others may say anything; it is not ours to word.
const DATA = /\/test\/data\//;

// Written in pieces, so that this file does not trip over itself.
const MARKERS = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'];
const IGNORES = ['v8', 'c8', 'istanbul'].map((tool) => `${tool} ignore`);
const HOSTS = ['registry.npm' + 'js', 'npm.jsr' + '.io', 'registry.yarn' + 'pkg'];
const MACHINE_FOLDERS = ['work', 'root', 'farm', 'home', 'Users'];

/** @type {{ pattern: RegExp, message: string, where: (file: File) => boolean }[]} */
const PATTERNS = [
  {
    pattern: new RegExp(`(?<![A-Za-z0-9_.@-])/(${MACHINE_FOLDERS.join('|')})/[\\w.-]*`, 'g'),
    message: 'a path of one machine',
    where: (file) => !DATA.test(file.path),
  },
  { pattern: new RegExp(HOSTS.map(escape).join('|'), 'g'), message: 'a host of a registry', where: () => true },
  {
    pattern: new RegExp(`\\b(${MARKERS.join('|')})\\b`, 'g'),
    message: 'a marker that was left over',
    where: (file) => /^(packages|tools|docs)\//.test(file.path) && !DATA.test(file.path),
  },
  {
    pattern: /\b(it|test|describe|suite)\.(skip|only|todo|fails)\b|\bx(it|describe)\(/g,
    message: 'a test is skipped, left alone or unwritten',
    where: (file) => TESTS.test(file.path) && CODE.test(file.path),
  },
  {
    pattern: new RegExp(`\\b(${IGNORES.join('|')})\\b`, 'g'),
    message: 'coverage is not to be told to look away',
    where: (file) => CODE.test(file.path),
  },
  {
    pattern: /tarball:.*|https?:\/\/.*/g,
    message: 'the lockfile names an address',
    where: (file) => file.path === 'pnpm-lock.yaml',
  },
  {
    pattern: /^.*registry\s*=.*|^.*_auth.*/gm,
    message: 'a registry is for each user to choose',
    where: (file) => /(^|\/)\.npmrc$/.test(file.path),
  },
];

/**
 * @param {File[]} files
 * @param {Record<string, string>} longFiles files that may be longer than the limit, each with its reason
 * @returns {Finding[]}
 */
export const house = (files, longFiles) => [
  ...files.flatMap((file) => [
    ...PATTERNS.filter(({ where }) => where(file)).flatMap(({ pattern, message }) => findAll(file, pattern, message)),
    ...length(file, longFiles),
    ...name(file),
    ...(SOURCE.test(file.path) ? casts(file) : []),
  ]),
  ...staleExceptions(files, longFiles),
];

/** @param {File} file @param {Record<string, string>} longFiles @returns {Finding[]} */
function length(file, longFiles) {
  if (!(SOURCE.test(file.path) || /^tools\/.*\.mjs$/.test(file.path)) || Object.hasOwn(longFiles, file.path)) return [];
  const lines = lineAt(file.text, file.text.trimEnd().length);
  if (lines <= MAX_LINES) return [];
  return [{ path: file.path, line: MAX_LINES + 1, message: `${lines} lines; ${MAX_LINES} is the end: split it` }];
}

/** @param {File[]} files @param {Record<string, string>} longFiles @returns {Finding[]} */
const staleExceptions = (files, longFiles) =>
  Object.entries(longFiles).flatMap(([path, reason]) => {
    const file = files.find((each) => each.path === path);
    const here = 'tools/checks/long-files.json';
    if (reason.trim() === '') return [{ path: here, line: 1, message: `${path} is allowed without a reason` }];
    if (file !== undefined && lineAt(file.text, file.text.trimEnd().length) > MAX_LINES) return [];
    return [{ path: here, line: 1, message: `${path} needs no exception` }];
  });

/** @param {File} file @returns {Finding[]} */
function name(file) {
  const base = file.path.slice(file.path.lastIndexOf('/') + 1);
  if (!CODE.test(file.path) || /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.(ts|mjs|js)$/.test(base)) return [];
  return [{ path: file.path, line: 1, message: 'names of files are in kebab-case' }];
}

// `as` tells the compiler to trust us, so a comment says why it may: on the line, above it or above its statement, where
// one comment serves a run of lines with casts. A file with many of one kind may say it once, above its imports, naming
// the kind as `as number` in backquotes.
/** @param {File} file @returns {Finding[]} */
function casts(file) {
  if (!/\bas\b/.test(file.text)) return [];
  const source = parse(file);
  const header = file.text.slice(0, source.statements[0]?.getStart(source) ?? 0);
  const excused = new Set([...header.matchAll(/`as ([^`]+)`/g)].map((match) => match[1]));
  const lines = file.text.split('\n');
  const commented = (/** @type {number} */ line) => {
    const above = (lines[line - 2] ?? '').trim();
    return /\/\/|\/\*/.test(lines[line - 1] ?? '') || /^(\/\/|\*|\/\*)/.test(above) || above.endsWith('*/');
  };
  /** @type {Finding[]} */
  const findings = [];
  /** Lines whose casts are explained. @type {Set<number>} */
  const explained = new Set();
  for (const node of descendants(source)) {
    if (!ts.isAsExpression(node) || ts.isConstTypeReference(node.type) || excused.has(node.type.getText(source)))
      continue;
    const statement = ts.findAncestor(node, (each) => ts.isStatement(each) || ts.isClassElement(each)) ?? node;
    const line = lineAt(file.text, node.type.getStart(source));
    const first = lineOf(statement);
    if ([line, lineOf(node), first].some((each) => commented(each)) || explained.has(first - 1)) explained.add(line);
    else findings.push({ path: file.path, line, message: 'a comment beside `as` says why it is right' });
  }
  return findings;
}

/** @param {string} text */
function escape(text) {
  return text.replaceAll('.', '\\.');
}
