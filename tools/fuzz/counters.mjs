// Puts a counter at every place where code can go one way or another, and says what a run reached that none had before.
import ts from 'typescript6';

/** Turns of one loop in one run: more than any input of a few thousand bytes needs. */
const MOST_TURNS = 5_000_000;
const ROOM = 1 << 16;
const BUCKETS = 9;

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

/** The counters of all instrumented modules of this process. */
export class Coverage {
  #counts = new Uint32Array(ROOM);
  /** Of each counter and bucket: the length of the shortest input that got there, and 1. */
  #shortest = new Uint16Array(ROOM * BUCKETS);
  #used = 0;

  /** For the instrumented code. @param {number} count */
  take(count) {
    this.#used += count;
    if (this.#used > ROOM) throw new Error('there is no room for so many counters');
    return this.#counts.subarray(this.#used - count, this.#used);
  }

  /** How many places there are, and how many were reached. */
  get extent() {
    const places = Array.from({ length: this.#used }, (_, at) =>
      this.#shortest.subarray(at * BUCKETS, (at + 1) * BUCKETS),
    );
    return { all: this.#used, reached: places.filter((each) => each.some((length) => length > 0)).length };
  }

  begin() {
    this.#counts.fill(0, 0, this.#used);
  }

  /** Whether the run since `begin` went where none had gone, or another number of times, or with much less. @param {number} length of the input */
  end(length) {
    let isNew = false;
    for (let at = 0; at < this.#used; at++) {
      const count = this.#counts[at] ?? 0;
      if (count === 0) continue;
      // 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more.
      const bucket = count < 4 ? count : count < 128 ? Math.min(7, 33 - Math.clz32(count)) : 8;
      const place = at * BUCKETS + bucket;
      const known = this.#shortest[place] ?? 0;
      if (known > 0 && length + 1 > known * 0.75) continue;
      this.#shortest[place] = length + 1;
      isNew = true;
    }
    return isNew;
  }
}

/** For the instrumented code. */
export function endless() {
  throw new Error('a loop that does not end');
}
