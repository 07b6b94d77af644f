// Which changes are tried at which places of the code.
import ts from 'typescript6';

/** @typedef {(on: string, rendered: string) => string} Wrap puts a change around the text of a node; `on`: whether it is switched on */
/** @typedef {{ kind: string, replacement: string, wrap: Wrap }} Change */

/** Operators, each with what it becomes. */
const OPERATORS = new Map([
  ['===', ['!==']],
  ['!==', ['===']],
  ['<', ['<=', '>=']],
  ['<=', ['<', '>']],
  ['>', ['>=', '<=']],
  ['>=', ['>', '<']],
  ['&&', ['||']],
  ['||', ['&&']],
  ['-', ['+']],
  ['*', ['/']],
  ['/', ['*']],
  ['%', ['*']],
  ['&', ['|']],
  ['|', ['&']],
  ['<<', ['>>']],
  ['>>', ['<<']],
  ['>>>', ['<<']],
  ['+=', ['-=']],
  ['-=', ['+=']],
]);

/** Methods, each with what is called in its place; undefined: nothing is. */
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
  ['trim', undefined],
  ['toLowerCase', undefined],
  ['toUpperCase', undefined],
  ['filter', undefined],
  ['toSorted', undefined],
]);

/** Members, variables and parameters that hold words for people. */
const FOR_PEOPLE = /^(detail|message|section|came|reasons|sentence|what)$/;
/** Text that people read: two words with a space between them. */
const SENTENCE = /[A-Za-z'`’]{2,}[,;:]? [A-Za-z<'"`$]/;
/** Checks of our own reasoning; they cannot fail while the code is right. */
const OWN_BUG = /\bunreachable\(|\bbug\(/;

/** Types, imports, and what cannot be observed. @param {ts.Node} node */
export function isLeftAlone(node) {
  if (ts.isBinaryExpression(node.parent) && node.parent.right === node && isForTheCompiler(node.parent)) return true;
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return true;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isStatement(node) && !ts.isBlock(node) && OWN_BUG.test(textOfOneStatement(node))) return true;
  if (ts.isCaseOrDefaultClause(node) && OWN_BUG.test(textOfClause(node))) return true;
  if (ts.isNewExpression(node) && node.expression.getText().endsWith('Error')) return isMessageOnly(node);
  return ts.isPropertyAssignment(node) && FOR_PEOPLE.test(node.name.getText());
}

/** @param {ts.Node} node @param {(node: ts.Node) => string} textOf @returns {Change[]} */
export function changesOf(node, textOf) {
  if (ts.isStatement(node) || ts.isBlock(node)) return statementChanges(node);
  if (ts.isExpression(node)) return expressionChanges(node, textOf);
  return [];
}

/** Whether code runs while its module is loaded. @param {ts.Node} node */
export function runsWhenLoaded(node) {
  for (let each = node.parent; each !== undefined; each = each.parent) {
    if (ts.isFunctionLike(each)) return false;
    if (ts.isPropertyDeclaration(each))
      return each.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) ?? false;
  }
  return true;
}

/** @param {ts.Statement} node @returns {Change[]} */
function statementChanges(node) {
  if (ts.isBlock(node)) {
    const { parent } = node;
    const isBody = ts.isFunctionLike(parent) && !ts.isConstructorDeclaration(parent);
    return isBody && node.statements.length > 1
      ? [{ kind: 'body', replacement: '{}', wrap: (on, rendered) => `{ if (${on}) return; ${rendered.slice(1)}` }]
      : [];
  }
  if (ts.isExpressionStatement(node)) {
    const isSuper =
      ts.isCallExpression(node.expression) && node.expression.expression.kind === ts.SyntaxKind.SuperKeyword;
    return isSuper
      ? []
      : [{ kind: 'statement', replacement: ';', wrap: (on, rendered) => `{ if (!${on}) { ${rendered} } }` }];
  }
  if (ts.isThrowStatement(node)) {
    return [{ kind: 'throw', replacement: ';', wrap: (on, rendered) => `{ if (!${on}) { ${rendered} } }` }];
  }
  if (
    ts.isReturnStatement(node) &&
    node.expression !== undefined &&
    !/^(undefined|false)$/.test(node.expression.getText())
  ) {
    // What comes of a function that is left without a value is as false as false.
    return [{ kind: 'return', replacement: 'return;', wrap: (on, rendered) => `{ if (${on}) return; ${rendered} }` }];
  }
  return [];
}

/** @param {ts.Expression} node @param {(node: ts.Node) => string} textOf @returns {Change[]} */
function expressionChanges(node, textOf) {
  return [...replacements(node, textOf)].map(({ kind, replacement }) => ({
    kind,
    replacement,
    wrap: (on, rendered) => `(${on} ? ${replacement} : ${rendered})`,
  }));
}

/** @param {ts.Expression} node @param {(node: ts.Node) => string} textOf @returns {Generator<{ kind: string, replacement: string }>} */
function* replacements(node, textOf) {
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.getText();
    for (const other of OPERATORS.get(operator) ?? []) {
      yield { kind: 'operator', replacement: `${textOf(node.left)} ${other} ${textOf(node.right)}` };
    }
    if (operator === '??' && !isForTheCompiler(node)) yield { kind: 'operator', replacement: textOf(node.left) };
    if (operator === '+' && [node.left, node.right].some(isNumber)) {
      yield { kind: 'operator', replacement: `${textOf(node.left)} - ${textOf(node.right)}` };
    }
  } else if (ts.isPrefixUnaryExpression(node)) {
    if (node.operator === ts.SyntaxKind.ExclamationToken)
      yield { kind: 'condition', replacement: textOf(node.operand) };
    if (node.operator === ts.SyntaxKind.MinusToken) yield { kind: 'literal', replacement: textOf(node.operand) };
  } else if (node.kind === ts.SyntaxKind.TrueKeyword) yield { kind: 'literal', replacement: 'false' };
  else if (node.kind === ts.SyntaxKind.FalseKeyword) yield { kind: 'literal', replacement: 'true' };
  else if (ts.isNumericLiteral(node) && !isKey(node)) yield { kind: 'literal', replacement: `(${node.text} + 1)` };
  else if (ts.isStringLiteralLike(node) && !isKey(node)) {
    if (!SENTENCE.test(node.text)) yield { kind: 'literal', replacement: node.text === '' ? "'?'" : "''" };
  } else if (ts.isTemplateExpression(node)) {
    if (!SENTENCE.test(node.getText())) yield { kind: 'literal', replacement: "''" };
  } else if (ts.isRegularExpressionLiteral(node)) yield { kind: 'literal', replacement: '/(?!)/' };
  else if (ts.isArrayLiteralExpression(node)) {
    if (node.elements.length > 0 && !isTarget(node)) yield { kind: 'literal', replacement: '[]' };
  } else if (ts.isArrowFunction(node)) {
    if (!ts.isBlock(node.body)) yield { kind: 'body', replacement: '() => undefined' };
  } else if (ts.isCallExpression(node)) yield* callReplacements(node, textOf);
  if (isValue(node)) yield { kind: 'property', replacement: 'undefined' };
  if (isCondition(node) && !ts.isBinaryExpression(node) && !ts.isPrefixUnaryExpression(node)) {
    yield { kind: 'condition', replacement: `!(${textOf(node)})` };
  }
}

/** @param {ts.CallExpression} node @param {(node: ts.Node) => string} textOf */
function* callReplacements(node, textOf) {
  const called = node.expression;
  if (!ts.isPropertyAccessExpression(called) || !METHODS.has(called.name.text)) return;
  // A chain that may end early cannot be taken apart.
  if (called.questionDotToken !== undefined || ts.isOptionalChain(node)) return;
  const other = METHODS.get(called.name.text);
  const replacement =
    other === undefined
      ? textOf(called.expression)
      : `${textOf(called.expression)}.${other}(${node.arguments.map(textOf).join(', ')})`;
  yield { kind: 'method', replacement };
}

/** What a member of an object is given, where that is computed. @param {ts.Expression} node */
const isValue = (node) =>
  ts.isPropertyAssignment(node.parent) &&
  node.parent.initializer === node &&
  (ts.isIdentifier(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isConditionalExpression(node)) &&
  node.getText() !== 'undefined';

/** Whether a node decides on which way to go. @param {ts.Node} node @returns {boolean} */
function isCondition(node) {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent)) return isCondition(parent);
  if (ts.isBinaryExpression(parent)) {
    const operator = parent.operatorToken.kind;
    const isLogical = operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.BarBarToken;
    return isLogical && (parent.left === node || isCondition(parent));
  }
  if (ts.isIfStatement(parent)) return parent.expression === node;
  if (ts.isConditionalExpression(parent)) return parent.condition === node;
  if (ts.isWhileStatement(parent) || ts.isForStatement(parent)) {
    return (ts.isWhileStatement(parent) ? parent.expression : parent.condition) === node;
  }
  return false;
}

/** @param {ts.Expression} node */
const isNumber = (node) =>
  ts.isNumericLiteral(node) || /\.length$|^(at|index|from|to|start|end|running|position)$/.test(node.getText());

/** A name of a member, or an index that is written down. @param {ts.Node} node */
const isKey = (node) =>
  (ts.isPropertyAssignment(node.parent) ||
    ts.isPropertyDeclaration(node.parent) ||
    ts.isPropertySignature(node.parent)) &&
  node.parent.name === node;

/** `list[index] ?? 0` and the like: the compiler wants a default that never comes about. @param {ts.BinaryExpression} node */
const isForTheCompiler = (node) =>
  node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
  (ts.isElementAccessExpression(node.left) || /\.(codePointAt|charCodeAt|at)\([^()]*\)$/.test(node.left.getText()));

/** The left side of an assignment. @param {ts.Node} node */
const isTarget = (node) =>
  ts.isBinaryExpression(node.parent) &&
  node.parent.left === node &&
  node.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;

/** The head of a compound statement, all of a simple one. @param {ts.Statement} node */
function textOfOneStatement(node) {
  if (ts.isIfStatement(node)) return ts.isBlock(node.thenStatement) ? '' : node.thenStatement.getText();
  if (ts.isExpressionStatement(node) || ts.isThrowStatement(node) || ts.isReturnStatement(node)) return node.getText();
  return '';
}

/** Of the clause itself where it does one thing alone, or of the one that it falls through to. @param {ts.CaseOrDefaultClause} node @returns {string} */
function textOfClause(node) {
  const { clauses } = node.parent;
  const next = clauses[clauses.indexOf(node) + 1];
  if (node.statements.length === 0 && next !== undefined) return textOfClause(next);
  const [only] = node.statements;
  return only !== undefined && node.statements.length === 1 ? textOfOneStatement(only) : '';
}

/** An error whose code, if it has one, the types demand: what is left are words. @param {ts.NewExpression} node */
const isMessageOnly = (node) => node.expression.getText() !== 'LocalProtocolError';
