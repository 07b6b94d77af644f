// Every code that a user can meet has a page in docs/errors: made of the sources, which know the codes and what a session
// does about them, and of the texts in error-pages/, which people write. `run.mjs errors --update` writes the pages.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CLOSE, LOCAL, REQUEST } from './error-pages/others.mjs';
import { CONNECT } from './error-pages/connect.mjs';
import { pageOf } from './error-pages/page.mjs';
import { SERVER } from './error-pages/server.mjs';
import { indexOf, violationsOf } from './error-pages/overview.mjs';
import { STREAM_ERRORS } from './error-pages/stream-errors.mjs';
import { root } from './files.mjs';
import { descendants, parse, ts } from './syntax.mjs';

/** @import { File, Finding } from './files.mjs' */
/** @import { Entry, Row, Text } from './error-pages/page.mjs' */

const FOLDER = 'docs/errors';
const SOURCE = /^packages\/[^/]+\/src\/.*\.ts$/;
const TEXTS = 'tools/checks/error-pages';

/**
 * A family of codes: how its members arrive, where they stand in the sources, and the texts about them.
 * @typedef {object} Family
 * @property {string} name
 * @property {string} file of the texts
 * @property {(code: string) => string} kind
 * @property {(sources: readonly File[]) => string[]} codes
 * @property {Record<string, Text>} texts
 * @property {(code: string) => string} page the name of the page, without its ending
 * @property {(code: string, cause: string) => boolean} causes whether a cause of the table of reconnection is about it
 * @property {boolean} thrown whether the code has to occur where something is thrown
 */

const isAbout = (/** @type {string} */ code, /** @type {string} */ cause) =>
  cause === code || cause.startsWith(`${code}/`);
const never = () => false;

/** @type {readonly Family[]} */
export const FAMILIES = [
  {
    name: 'Errors of connecting',
    file: 'connect.mjs',
    kind: (code) =>
      `An \`XmppConnectError\`: \`connect\` rejected with it, or a session reported it as \`attempt-failed\`. The step is \`${code.split('-')[0]}\`.`,
    codes: (sources) => literalsOf(sources, 'ConnectErrorCode'),
    texts: CONNECT,
    page: (code) => code,
    // A stream error goes by its condition, which has a page of its own.
    causes: (code, cause) => isAbout(code, cause) && !cause.startsWith('stream-error/'),
    thrown: true,
  },
  {
    name: 'Errors of requests',
    file: 'others.mjs',
    kind: () =>
      "An `XmppRequestError`: `request` rejected with it. An answer that says no does not reject: it is the answer, with `type: 'error'`; see `readStanzaError`.",
    codes: (sources) => literalsOf(sources, 'RequestErrorCode'),
    texts: REQUEST,
    page: (code) => code,
    causes: never,
    thrown: true,
  },
  {
    name: 'Mistakes of the program',
    file: 'others.mjs',
    kind: () => 'A `LocalProtocolError`: a call that cannot be. It did nothing; correct the program.',
    codes: (sources) => literalsOf(sources, 'LocalErrorCode'),
    texts: LOCAL,
    page: (code) => code,
    causes: never,
    thrown: true,
  },
  {
    name: 'How a stream ends',
    file: 'others.mjs',
    kind: () => 'A close cause: `(await connection.closed).cause.code`, and in the `disconnected` event of a session.',
    codes: (sources) => closeCodesOf(sources),
    texts: CLOSE,
    page: (code) => code,
    causes: isAbout,
    thrown: false,
  },
  {
    name: 'Stream errors of the peer',
    file: 'stream-errors.mjs',
    kind: () =>
      'A condition of a stream error (RFC 6120 §4.9.3): in the close cause [`stream-error-received`](stream-error-received.md), and in the error [`stream-error`](stream-error.md) of an attempt to connect.',
    codes: (sources) => arrayOf(sources, 'STREAM_ERROR_CONDITIONS'),
    texts: STREAM_ERRORS,
    page: (code) => `stream-error-${code}`,
    causes: (code, cause) => cause === `stream-error/${code}`,
    thrown: false,
  },
  {
    name: 'Errors of a server',
    file: 'server.mjs',
    kind: () =>
      'A `ServerError` of `@xmpp-wire/server`: it keeps the server from starting or from taking a certificate, or an account from being changed. The program `xmpp-wire-server` prints its message and ends with the exit code of its kind.',
    codes: (sources) => literalsOf(sources, 'ServerErrorCode'),
    texts: SERVER,
    page: (code) => `server-${code}`,
    causes: never,
    thrown: true,
  },
];

/**
 * @param {readonly File[]} files
 * @param {{ rules: Readonly<Record<string, Row>>, violations: Readonly<Record<string, { condition: string | undefined, section: string }>> }} tables
 * @param {{ update?: boolean, families?: readonly Family[] }} [options]
 * @returns {Finding[]}
 */
export function checkErrorPages(files, { rules, violations }, { update = false, families = FAMILIES } = {}) {
  const sources = files.filter(({ path: file }) => SOURCE.test(file));
  /** @type {Finding[]} */
  const findings = [];
  /** @type {{ family: Family, entries: Entry[] }[]} */
  const book = families.map((family) => {
    const codes = [...new Set(family.codes(sources))].toSorted();
    const file = `${TEXTS}/${family.file}`;
    const complain = (/** @type {string} */ message) => findings.push({ path: file, line: 1, message });
    if (codes.length === 0) complain(`${family.name}: no codes were found in the sources`);
    for (const code of Object.keys(family.texts)) if (!codes.includes(code)) complain(`${code} is no code any more`);
    const entries = codes.flatMap((code) => {
      const text = family.texts[code];
      if (text === undefined) complain(`${code} has no text: say what it means and what to do`);
      if (family.thrown && !isUsed(sources, code)) complain(`nothing in the sources makes ${code}`);
      if (text === undefined) return [];
      const about = Object.entries(rules).filter(([cause]) => family.causes(code, cause));
      return [{ code, file: `${family.page(code)}.md`, kind: family.kind(code), text, rules: about }];
    });
    return { family, entries };
  });
  const pages = new Map(book.flatMap(({ entries }) => entries.map((entry) => [entry.file, pageOf(entry)])));
  pages.set('README.md', indexOf(book.map(({ family, entries }) => ({ name: family.name, entries }))));
  pages.set('violations.md', violationsOf(violations));
  if (update) write(pages);
  else findings.push(...compare(files, pages));
  return findings;
}

/** @param {readonly File[]} files @param {Map<string, string>} pages @returns {Finding[]} */
function compare(files, pages) {
  const there = new Map(
    files
      .filter((file) => path.posix.dirname(file.path) === FOLDER)
      .map(({ path: file, text }) => [path.posix.basename(file), text]),
  );
  const stale = '`node tools/checks/run.mjs errors --update` writes it';
  return [
    ...[...pages]
      .filter(([file, text]) => there.get(file) !== text)
      .map(([file]) => [file, `is missing or old: ${stale}`]),
    ...[...there.keys()].filter((file) => !pages.has(file)).map((file) => [file, 'is about no code: remove it']),
  ].map(([file, message]) => ({ path: `${FOLDER}/${file}`, line: 1, message: message ?? '' }));
}

/** @param {Map<string, string>} pages */
function write(pages) {
  const folder = path.join(root, FOLDER);
  mkdirSync(folder, { recursive: true });
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (!pages.has(file)) rmSync(path.join(folder, file));
  for (const [file, text] of pages) writeFileSync(path.join(folder, file), text);
}

/** The string literals of a union of that name, in whatever packages it is. @param {readonly File[]} sources @param {string} name */
function literalsOf(sources, name) {
  return declarations(sources, `type ${name} =`).flatMap((node) =>
    ts.isTypeAliasDeclaration(node) && node.name.text === name
      ? [...descendants(node.type)].filter((each) => ts.isStringLiteral(each)).map(({ text }) => text)
      : [],
  );
}

/** The codes of close causes: those in the union itself, and those of the interfaces that it names. @param {readonly File[]} sources */
function closeCodesOf(sources) {
  const codeOf = (/** @type {import('typescript6').Node} */ node) =>
    [...descendants(node)].flatMap((each) =>
      ts.isPropertySignature(each) && each.name.getText() === 'code' && each.type !== undefined
        ? [each.type.getText().replaceAll("'", '')]
        : [],
    );
  return declarations(sources, 'type CloseCause =').flatMap((node) => {
    if (!ts.isTypeAliasDeclaration(node) || node.name.text !== 'CloseCause' || !ts.isUnionTypeNode(node.type))
      return [];
    return node.type.types.flatMap((member) => {
      if (!ts.isTypeReferenceNode(member)) return codeOf(member);
      const name = member.typeName.getText();
      return declarations(sources, `interface ${name} `)
        .filter((each) => ts.isInterfaceDeclaration(each) && each.name.text === name)
        .flatMap(codeOf);
    });
  });
}

/** The strings of an array of that name. @param {readonly File[]} sources @param {string} name */
function arrayOf(sources, name) {
  return declarations(sources, `const ${name} =`).flatMap((node) =>
    ts.isVariableStatement(node) && node.getText().startsWith(`export const ${name} =`)
      ? [...descendants(node)].filter((each) => ts.isStringLiteral(each)).map(({ text }) => text)
      : [],
  );
}

/** The statements of all files that have that text. @param {readonly File[]} sources @param {string} text */
const declarations = (sources, text) =>
  sources.filter((file) => file.text.includes(text)).flatMap((file) => [...parse(file).statements]);

/** Whether a code occurs anywhere but in a union of types. @param {readonly File[]} sources @param {string} code */
const isUsed = (sources, code) => {
  const elsewhere = new RegExp(`(?<!\\|\\s*)['"]${code}['"]`);
  return sources.some(({ text }) => elsewhere.test(text));
};
