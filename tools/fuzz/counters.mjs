// Puts a counter at every place where code can go one way or another.
import ts from 'typescript6';

/** Turns of one loop in one run: more than any input of a few thousand bytes needs. */
const MOST_TURNS = 5_000_000;

/** @param {string} text JavaScript @returns {{ code: string, count: number }} the same with `count` counters in it */
export function withCounters(text) {
  const source = ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  /** @type {{ at: number, text: string }[]} */
  const insertions = [];
  let count = 0;
  const put = (/** @type {number} */ at, /** @type {string} */ inserted) => insertions.push({ at, text: inserted });
  /** @param {ts.Node} node */
  const visit = (node) => {
    const { parent } = node;
    const start = node.getStart(source);
    if (isStep(node, parent)) {
      const isBody = ts.isIterationStatement(parent, false);
      put(start, isBody ? `{ if (++$c[${count++}] > ${MOST_TURNS}) $endless(); ` : `{ $c[${count++}]++; `);
    } else if (isChoice(node, parent)) put(start, `($c[${count++}]++, `);
    else if (ts.isBlock(node) && ts.isFunctionLike(parent)) put(start + 1, ` $c[${count++}]++; `);
    else if (ts.isCaseOrDefaultClause(node)) {
      const colon = source.text.indexOf(':', ts.isCaseClause(node) ? node.expression.end : start);
      put(colon + 1, ` $c[${count++}]++; `);
    }
    ts.forEachChild(node, visit);
    // What is behind `if (…) return;` is a branch too.
    if (ts.isIfStatement(node) && node.elseStatement === undefined) put(node.end, ` else $c[${count++}]++;`);
    if (isStep(node, parent)) put(node.end, ' }');
    else if (isChoice(node, parent)) put(node.end, ')');
  };
  ts.forEachChild(source, visit);
  let code = '';
  let from = 0;
  for (const insertion of insertions.toSorted((one, other) => one.at - other.at)) {
    code += text.slice(from, insertion.at) + insertion.text;
    from = insertion.at;
  }
  return { code: code + text.slice(from), count };
}

/** What runs or does not: the branches of an `if`, the body of a loop. @param {ts.Node} node @param {ts.Node} parent */
const isStep = (node, parent) =>
  ts.isIfStatement(parent)
    ? node !== parent.expression
    : ts.isIterationStatement(parent, false) && node === parent.statement;

/** What is evaluated or is not. @param {ts.Node} node @param {ts.Node} parent */
const isChoice = (node, parent) =>
  (ts.isArrowFunction(parent) && node === parent.body && !ts.isBlock(node)) ||
  (ts.isConditionalExpression(parent) && (node === parent.whenTrue || node === parent.whenFalse)) ||
  (ts.isBinaryExpression(parent) && node === parent.right && /^(&&|\|\||\?\?)=?$/.test(parent.operatorToken.getText()));
