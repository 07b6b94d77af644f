// Who may import whom. Inside core a file imports its own folder and the layers below it; other packages come in by
// core's public entries only.
import path from 'node:path';
import { importsOf, lineOf, parse } from './syntax.mjs';

/** @import { File, Finding } from './files.mjs' */

/** Files beside the folders that stand below every folder. */
const GROUND = ['errors', 'globals', 'limits', 'namespaces'];

/** Each layer of packages/core/src, lowest first, with the layers it may import besides itself and the ground. */
const LAYERS = new Map([
  ['bytes', []],
  ['xml', ['bytes']],
  ['jid', ['bytes']],
  ['stanza', ['bytes', 'xml', 'jid']],
  ['stream', ['bytes', 'xml', 'jid']],
  ['sasl', ['bytes']],
  ['negotiation', ['bytes', 'xml', 'jid', 'stanza', 'stream', 'sasl']],
  ['routing', ['bytes', 'xml', 'jid', 'stanza']],
  [
    'engine',
    ['bytes', 'xml', 'jid', 'stanza', 'stream', 'sasl', 'negotiation', 'routing', 'config', 'events', 'trace'],
  ],
]);

/** Files beside the folders that any file beside the folders may import, and the engine where its row says so. */
const SUMMIT = '(top)';

/** @param {File[]} files @param {Map<string, string[]>} [entries] public specifiers by package name @returns {Finding[]} */
export function layers(files, entries = publicEntries(files)) {
  return files
    .filter((file) => /^(packages|tools)\/.*\.(ts|mjs)$/.test(file.path))
    .flatMap((file) => {
      const ours = /^packages\/([^/]+)\/(.*)$/.exec(file.path);
      return importsOf(parse(file)).flatMap(({ specifier, node }) => {
        const problem =
          crossPackage(file.path, ours?.[1], specifier, entries) ??
          (file.path.startsWith('packages/core/src/') && specifier.startsWith('.')
            ? insideCore(file.path, specifier)
            : undefined);
        return problem === undefined ? [] : [{ path: file.path, line: lineOf(node), message: problem }];
      });
    });
}

/** What the `exports` of each package offer, as specifiers. @param {File[]} files @returns {Map<string, string[]>} */
export function publicEntries(files) {
  const manifests = files.filter((file) => /^packages\/[^/]+\/package\.json$/.test(file.path));
  return new Map(
    manifests.map((file) => {
      const { name, exports } = JSON.parse(file.text);
      return [name, Object.keys(exports).map((entry) => path.posix.join(name, entry))];
    }),
  );
}

/** @param {string} importer @param {string | undefined} own @param {string} specifier @param {Map<string, string[]>} entries */
function crossPackage(importer, own, specifier, entries) {
  if (specifier.startsWith('.')) {
    const target = /^packages\/([^/]+)\//.exec(path.posix.join(path.posix.dirname(importer), specifier))?.[1];
    if (target === undefined || target === own) return undefined;
    return `import @xmpp-wire/${target} by its name, not by the path ${specifier}`;
  }
  const name = /^@xmpp-wire\/[^/]+/.exec(specifier)?.[0];
  const offered = name === undefined ? undefined : entries.get(name);
  if (offered === undefined || offered.includes(specifier)) return undefined;
  return `${specifier} is no public entry; there are ${offered.join(', ')}`;
}

/** @param {string} importer @param {string} specifier */
function insideCore(importer, specifier) {
  const from = layerOf(importer);
  const to = layerOf(path.posix.join(path.posix.dirname(importer), specifier));
  if (from === to || to === undefined) return undefined;
  const name = from ?? SUMMIT;
  if (GROUND.includes(to)) return undefined;
  if (GROUND.includes(name)) return `${name} stands below every layer: it may not import ${to}`;
  const allowed = LAYERS.get(name);
  if (allowed === undefined) return undefined;
  const below = allowed.length === 0 ? 'nothing but itself' : `${allowed.join(', ')} and itself`;
  return allowed.includes(to) ? undefined : `the layer ${name} may import ${below}, not ${to}`;
}

/** The layer of a file of core: its folder, or its own name beside the folders. @param {string} file */
function layerOf(file) {
  const rest = /^packages\/core\/src\/(.*)$/.exec(file)?.[1];
  return rest === undefined ? undefined : rest.replace(/(\/.*|(\.d)?\.ts)$/, '');
}
