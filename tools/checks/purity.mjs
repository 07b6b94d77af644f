// packages/core/src touches nothing but its arguments. The compiler already refuses every global of a runtime there
// (`types: []`); this check refuses what ECMAScript itself brings along: clocks, randomness, locales, code from text.
import { lineOf, importsOf, descendants, parse, ts } from './syntax.mjs';

/** @import { File, Finding } from './files.mjs' */

const AMBIENT = new Set(
  `AbortController Atomics Buffer Bun Date Deno EventSource EventTarget FinalizationRegistry Function Intl
  SharedArrayBuffer Temporal WeakRef WebSocket Worker XMLHttpRequest __dirname __filename alert atob btoa clearImmediate
  clearInterval clearTimeout console crypto document eval fetch global globalThis importScripts indexedDB localStorage
  location navigator performance process queueMicrotask require requestAnimationFrame self sessionStorage setImmediate
  setInterval setTimeout structuredClone window`.split(/\s+/),
);

/** Members whose result depends on the machine, its locale or chance. */
const MEMBERS = new Map([
  ['Math.random', 'randomness is an argument'],
  ['localeCompare', 'the order depends on the locale of the machine'],
  ['toLocaleLowerCase', 'the result depends on the locale of the machine'],
  ['toLocaleString', 'the result depends on the locale of the machine'],
  ['toLocaleUpperCase', 'the result depends on the locale of the machine'],
]);

const PACKAGES = [/^@noble\/hashes\/[a-z0-9-]+\.js$/, /^zod\/mini$/];

/** @param {File[]} files @returns {Finding[]} */
export const purity = (files) =>
  files
    .filter((file) => /^packages\/core\/src\/.*\.ts$/.test(file.path) && !file.path.endsWith('.d.ts'))
    .flatMap(checkFile);

/** @param {File} file @returns {Finding[]} */
function checkFile(file) {
  const source = parse(file);
  const own = new Set(bindings(source));
  /** @type {Finding[]} */
  const findings = [];
  const report = (/** @type {ts.Node} */ node, /** @type {string} */ message) =>
    findings.push({ path: file.path, line: lineOf(node), message });

  for (const { specifier, node, dynamic } of importsOf(source)) {
    if (dynamic) report(node, 'core loads nothing while it runs: import it at the top');
    else if (!specifier.startsWith('.') && !PACKAGES.some((allowed) => allowed.test(specifier))) {
      report(node, `core imports @noble/hashes/*.js and zod/mini only, not ${specifier}`);
    }
  }
  for (const variable of sharedVariables(source)) {
    report(
      variable,
      `${variable.text} is a variable that every entity of the program shares: make it a field or a const`,
    );
  }
  for (const node of descendants(source)) {
    if (ts.isIdentifier(node) && AMBIENT.has(node.text) && !own.has(node.text) && isReference(node)) {
      report(node, `core knows no ${node.text}: what it needs of the world comes as an argument or an ask`);
    } else if (ts.isPropertyAccessExpression(node)) {
      const member = node.name.text;
      const reason = MEMBERS.get(`${node.expression.getText(source)}.${member}`) ?? MEMBERS.get(member);
      if (reason !== undefined) report(node, `${node.getText(source)}: ${reason}`);
    } else if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
      report(node, 'core does not know where it lies: no import.meta');
    }
  }
  return findings;
}

/** An identifier that stands for a value, not for a name of a member, a key or a type. @param {ts.Identifier} node */
function isReference(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isPropertyAccessExpression(parent) ? parent.expression : parent.left) === node;
  }
  if (ts.isTypeReferenceNode(parent)) return false;
  if (ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent)) return parent.initializer === node;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isGetAccessor(parent) ||
    ts.isImportSpecifier(parent) ||
    ts.isExportSpecifier(parent) ||
    ts.isNamedTupleMember(parent)
  );
}

/** The names that a file gives to things of its own. @param {ts.SourceFile} source */
function* bindings(source) {
  for (const node of descendants(source)) {
    const named =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isNamespaceImport(node);
    if (named && node.name !== undefined && ts.isIdentifier(node.name)) yield node.name.text;
  }
}

/**
 * Variables of the module that some function assigns to. One that is only filled while the module loads (a class lets
 * its file in by a static block) is as good as a constant.
 * @param {ts.SourceFile} source
 */
function* sharedVariables(source) {
  const assigned = new Set(
    [...descendants(source)]
      .filter((node) => isAssignmentTarget(node) && runsLater(node))
      .map((node) => node.getText(source)),
  );
  for (const statement of source.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name } of statement.declarationList.declarations) {
      if (ts.isIdentifier(name) && assigned.has(name.text)) yield name;
    }
  }
}

/** @param {ts.Node} node */
function isAssignmentTarget(node) {
  const { parent } = node;
  if (!ts.isIdentifier(node)) return false;
  if (ts.isBinaryExpression(parent)) {
    const operator = parent.operatorToken.kind;
    const assigns = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
    return parent.left === node && assigns && operator !== ts.SyntaxKind.QuestionQuestionEqualsToken;
  }
  const steps = [ts.SyntaxKind.PlusPlusToken, ts.SyntaxKind.MinusMinusToken];
  return (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) && steps.includes(parent.operator);
}

/** Whether a node is part of a function, and so runs after the module has loaded. @param {ts.Node} node */
const runsLater = (node) => ts.findAncestor(node, ts.isFunctionLike) !== undefined;
