// The public surface of each published package as a committed text: packages/<name>/api/<entry>.txt, one per entry of
// `exports`. It is made from the declarations that were built, so it shows what a user of the package can see.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './files.mjs';
import { descendants, ts } from './syntax.mjs';

/** @import { Finding } from './files.mjs' */

/** An application should find its way in the main entry: no more values than this (types are not counted). */
const MAX_VALUES = new Map([['@xmpp-wire/core', 25]]);

/** @param {{ update: boolean }} options @returns {Finding[]} */
export function checkApi({ update }) {
  return publishedPackages().flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const reports = reportsOf(folder, manifest);
    const reportFolder = path.join(folder, 'api');
    if (update) {
      rmSync(reportFolder, { recursive: true, force: true });
      mkdirSync(reportFolder, { recursive: true });
      for (const { file, text } of reports) writeFileSync(path.join(reportFolder, file), text);
    }
    return [...compare(reportFolder, reports), ...reports.flatMap((report) => tooMany(reportFolder, report))];
  });
}

/** @typedef {{ specifier: string, file: string, text: string, values: string[] }} Report */

/** @param {string} folder of the package @param {{ name: string, exports: Record<string, { types: string }> }} manifest @returns {Report[]} */
export function reportsOf(folder, { name, exports }) {
  const entries = Object.entries(exports).map(([entry, { types }]) => ({
    specifier: path.posix.join(name, entry),
    file: `${entry === '.' ? 'index' : entry.slice(2).replaceAll('/', '-')}.txt`,
    declarations: path.join(folder, types),
  }));
  const program = ts.createProgram(
    entries.map(({ declarations }) => declarations),
    {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2023,
      allowImportingTsExtensions: true,
      noEmit: true,
      types: [],
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const dist = path.join(folder, 'dist');
  return entries.map(({ specifier, file, declarations }) => {
    const source = program.getSourceFile(declarations);
    const module = source && checker.getSymbolAtLocation(source);
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    return { specifier, file, ...surface(specifier, symbols, checker, dist) };
  });
}

/** @param {string} specifier @param {ts.Symbol[]} symbols @param {ts.TypeChecker} checker @param {string} dist */
function surface(specifier, symbols, checker, dist) {
  const resolve = (/** @type {ts.Symbol} */ symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  const exported = symbols.map((symbol) => ({ name: symbol.name, symbol: resolve(symbol) })).toSorted(byName);
  const values = exported.filter(({ symbol }) => symbol.flags & ts.SymbolFlags.Value).map(({ name }) => name);
  const seen = new Set(exported.map(({ symbol }) => symbol));
  /** @type {{ name: string, symbol: ts.Symbol }[]} */
  const reachable = [];
  for (const symbol of seen) {
    for (const declaration of declarationsOf(symbol, dist)) {
      for (const node of descendants(declaration)) {
        if (!ts.isIdentifier(node)) continue;
        const found = checker.getSymbolAtLocation(node);
        const target = found && resolve(found);
        if (target === undefined || seen.has(target) || !isTopLevel(target, dist)) continue;
        seen.add(target);
        reachable.push({ name: target.name, symbol: target });
      }
    }
  }
  const print = (/** @type {{ name: string, symbol: ts.Symbol }} */ { name, symbol }) =>
    declarationsOf(symbol, dist)
      .map((declaration) => printed(declaration, name))
      .join('\n') || `${name}: of ${homeOf(symbol)}`;
  const parts = [
    `The public surface of ${specifier}. The job \`npm run api\` rewrites this file.`,
    `${values.length} values: ${values.join(', ')}`,
    ...exported.map(print),
  ];
  if (reachable.length > 0) parts.push('Named above, not exported:', ...reachable.toSorted(byName).map(print));
  return { values, text: `${parts.join('\n\n')}\n` };
}

/** @param {ts.Symbol} symbol @param {string} dist */
const declarationsOf = (symbol, dist) =>
  (symbol.declarations ?? [])
    .filter((declaration) => isInside(declaration.getSourceFile().fileName, dist))
    .map((declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration));

/** The package that a symbol comes from, whose own report says what it is. @param {ts.Symbol} symbol */
function homeOf(symbol) {
  let folder = path.dirname(symbol.declarations?.[0]?.getSourceFile().fileName ?? '');
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name;
}

/** @param {ts.Symbol} symbol @param {string} dist */
const isTopLevel = (symbol, dist) =>
  declarationsOf(symbol, dist).some(
    (declaration) => ts.isStatement(declaration) && ts.isSourceFile(declaration.parent),
  );

/** @param {string} file @param {string} folder */
const isInside = (file, folder) => !path.relative(folder, file).startsWith('..');

const printer = ts.createPrinter({ removeComments: true });

// Without comments, without `export` and `declare`, and without what is private: none of it is a promise.
/** @param {ts.Node} declaration @param {string} name under which it is exported */
function printed(declaration, name) {
  const text = printer
    .printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile())
    .replace(/^(export |declare |default )+/, '')
    .split('\n')
    .filter((line) => !/^\s*(private (?!constructor)|#private)/.test(line))
    .join('\n');
  const own = /^(?:abstract )?(?:const|let|class|interface|type|function) ([\w$]+)/.exec(text)?.[1];
  return own === undefined || own === name ? text : `${text}\n  (exported as ${name})`;
}

/** @param {{ name: string }} a @param {{ name: string }} b */
const byName = (a, b) => (a.name < b.name ? -1 : Number(a.name > b.name));

/** @param {string} folder @param {Report[]} reports @returns {Finding[]} */
function compare(folder, reports) {
  const here = path.relative(root, folder).replaceAll('\\', '/');
  const committed = existsSync(folder) ? readdirSync(folder) : [];
  const stale = committed.filter((file) => reports.every((report) => report.file !== file));
  return [
    ...stale.map((file) => ({ path: `${here}/${file}`, line: 1, message: 'no entry of the package has this report' })),
    ...reports.flatMap(({ file, text }) => {
      const before = committed.includes(file) ? readFileSync(path.join(folder, file), 'utf8') : '';
      if (before === text) return [];
      const message = 'the public surface has changed: run `npm run api`, look at the difference and add a changeset';
      return [{ path: `${here}/${file}`, line: firstDifference(before, text), message }];
    }),
  ];
}

/** @param {string} folder @param {Report} report @returns {Finding[]} */
function tooMany(folder, { specifier, file, values }) {
  const limit = MAX_VALUES.get(specifier);
  if (limit === undefined || values.length <= limit) return [];
  const here = path.relative(root, path.join(folder, file)).replaceAll('\\', '/');
  return [
    { path: here, line: 3, message: `${specifier} exports ${values.length} values, at most ${limit} are allowed` },
  ];
}

/** @param {string} before @param {string} after */
function firstDifference(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return now.findIndex((line, index) => line !== old[index]) + 1 || now.length;
}

function publishedPackages() {
  const packages = path.join(root, 'packages');
  return readdirSync(packages)
    .map((name) => path.join(packages, name))
    .filter((folder) => existsSync(path.join(folder, 'package.json')))
    .filter((folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).private !== true)
    .toSorted();
}
