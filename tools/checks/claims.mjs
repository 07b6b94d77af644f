// Turns what an example says in comments into assertions.
import { pathToFileURL } from 'node:url';
import { ts } from './syntax.mjs';

/**
 * The code with each `expression; // literal` and `expression; // throws Name` of its top level made an assertion.
 * @param {string} code
 * @param {number} firstLine of the code in its document
 * @param {string} support the module with the assertions
 */
export function withClaims(code, firstLine, support) {
  const source = ts.createSourceFile('example.ts', code, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);
  let result = '';
  let done = 0;
  for (const statement of source.statements) {
    if (!ts.isExpressionStatement(statement)) continue;
    const claim = claimOf(code, statement);
    if (claim === undefined) continue;
    const expression = statement.expression.getText(source);
    const line = firstLine + source.getLineAndCharacterOfPosition(statement.end).line;
    result += code.slice(done, statement.getStart(source));
    result +=
      'throws' in claim
        ? `await claims.throws(async () => (${expression}), ${JSON.stringify(claim.throws)}, ${line});`
        : `claims.equals((${expression}), (${claim.value}), ${line});`;
    done = statement.end;
  }
  if (done === 0) return code;
  return `import * as claims from ${JSON.stringify(pathToFileURL(support).href)};${result}${code.slice(done)}`;
}

/** @param {string} code @param {ts.ExpressionStatement} statement @returns {{ value: string } | { throws: string } | undefined} */
function claimOf(code, statement) {
  const [range] = ts.getTrailingCommentRanges(code, statement.end) ?? [];
  if (range === undefined || range.kind !== ts.SyntaxKind.SingleLineCommentTrivia) return undefined;
  const comment = code.slice(range.pos + 2, range.end).trim();
  const thrown = /^throws (\w+)/.exec(comment)?.[1];
  if (thrown !== undefined) return { throws: thrown };
  const value = comment.replace(/^(=>|→)\s*/, '');
  return isLiteral(value) ? { value } : undefined;
}

/** @param {string} text */
function isLiteral(text) {
  const { statements, parseDiagnostics } = /** @type {ts.SourceFile & { parseDiagnostics: unknown[] }} */ (
    ts.createSourceFile('claim.ts', `(${text}\n)`, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS)
  );
  const [statement] = statements;
  if (parseDiagnostics.length > 0 || statements.length !== 1 || statement === undefined) return false;
  return ts.isExpressionStatement(statement) && ts.isParenthesizedExpression(statement.expression)
    ? isLiteralNode(statement.expression.expression)
    : false;
}

/** @param {ts.Node} node @returns {boolean} */
function isLiteralNode(node) {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isLiteralNode);
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every(
      (property) => ts.isPropertyAssignment(property) && isLiteralNode(property.initializer),
    );
  }
  if (ts.isPrefixUnaryExpression(node)) return ts.isNumericLiteral(node.operand);
  if (ts.isIdentifier(node)) return node.text === 'undefined';
  return (
    ts.isStringLiteralLike(node) ||
    ts.isNumericLiteral(node) ||
    ts.isBigIntLiteral(node) ||
    [ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.NullKeyword].includes(node.kind)
  );
}
