// Reading TypeScript. The compiler of the build (7) has no API for this; its predecessor has, and reads the same syntax.
import ts from 'typescript6';

/** @import { File } from './files.mjs' */

/** @param {File} file */
export const parse = (file) =>
  ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.TS);

/** Every node below `node`, parents first. @param {ts.Node} node @returns {Generator<ts.Node>} */
export function* descendants(node) {
  yield node;
  /** @type {ts.Node[]} */
  const children = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* descendants(child);
}

/** The line of a node, counted from 1. @param {ts.Node} node */
export const lineOf = (node) => {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
};

/** What a file imports and re-exports, dynamic imports and import types too. @param {ts.SourceFile} source */
export function importsOf(source) {
  /** @type {{ specifier: string, node: ts.Node, dynamic: boolean }[]} */
  const found = [];
  for (const node of descendants(source)) {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        found.push({ specifier: node.moduleSpecifier.text, node, dynamic: false });
      }
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) {
        found.push({ specifier: node.argument.literal.text, node, dynamic: false });
      }
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      const specifier = argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : '';
      found.push({ specifier, node, dynamic: true });
    }
  }
  return found;
}

export { ts };
