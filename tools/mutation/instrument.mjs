// Puts all mutants of a file into one text of it. Each is switched on by its number while the tests run, so that nothing
// has to be compiled or imported again between two of them.
import ts from 'typescript6';
import { changesOf, isLeftAlone, runsWhenLoaded } from './changes.mjs';

/**
 * @typedef {object} Mutant
 * @property {number} id unique in its file
 * @property {string} path
 * @property {number} line
 * @property {string} kind what was changed
 * @property {string} original
 * @property {string} replacement
 * @property {boolean} isStatic runs when the module is loaded: no test can have it switched on later
 */

/**
 * @param {string} path
 * @param {string} text
 * @returns {{ code: string, mutants: Mutant[] }}
 */
export function instrument(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  /** @type {Mutant[]} */
  const mutants = [];
  const { switches, ticks } = globals(path);
  return { code: `${switches}${ticks}${render(source, source, mutants)}`, mutants };
}

/** The text with nothing but counters in its loops, so that a mutant elsewhere cannot keep them going for ever. @param {string} path @param {string} text */
export function countTurns(path, text) {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  return `${globals(path).ticks}${render(source, source, undefined)}`;
}

// In one line with what follows, so that all other lines stay where they are.
const globals = (/** @type {string} */ path) => ({
  switches: `const $m = globalThis.xwMutation.switchesOf(${JSON.stringify(path)}); `,
  ticks: 'const $t = globalThis.xwMutation.tick; ',
});

/** @param {ts.Node} node @param {ts.SourceFile} source @param {Mutant[] | undefined} mutants undefined: none are wanted @returns {string} */
function render(node, source, mutants) {
  const start = node === source ? 0 : node.getStart(source);
  if (node !== source && isLeftAlone(node)) return source.text.slice(start, node.end);
  const inner = renderChildren(node, source, mutants, start);
  if (mutants === undefined || node === source) return inner;
  const original = source.text.slice(start, node.end);
  let out = inner;
  for (const change of changesOf(node, (each) => source.text.slice(each.getStart(source), each.end))) {
    const id = mutants.length + 1;
    mutants.push({
      id,
      path: source.fileName,
      line: source.getLineAndCharacterOfPosition(start).line + 1,
      kind: change.kind,
      original: short(original),
      replacement: short(change.replacement),
      isStatic: runsWhenLoaded(node),
    });
    out = change.wrap(`$m(${id})`, out);
  }
  return out;
}

/** @param {ts.Node} node @param {ts.SourceFile} source @param {Mutant[] | undefined} mutants @param {number} start */
function renderChildren(node, source, mutants, start) {
  let out = '';
  let at = start;
  ts.forEachChild(node, (child) => {
    const from = child.getStart(source);
    const rendered = render(child, source, mutants);
    const isLoopBody = ts.isIterationStatement(node, false) && child === node.statement;
    out += source.text.slice(at, from) + (isLoopBody ? `{ $t(); ${rendered} }` : rendered);
    at = child.end;
  });
  return out + source.text.slice(at, node.end);
}

/** One line that fits into a report. @param {string} text */
function short(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= 90 ? line : `${line.slice(0, 60)} … ${line.slice(-25)}`;
}
