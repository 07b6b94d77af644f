// npm run bench -- size [--parts]
//
// What a browser loads to log in and exchange stanzas, ours and other clients bundled the same way: by esbuild, minified, ES2022,
// for browsers. Works on the built packages. --parts: of what the first of our bundles is made.
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { bundle } from '../checks/size.mjs';

/** Where all of them are installed. */
const FOLDER = new URL('../interop/', import.meta.url);

/** Each with what an application imports to connect, and nothing else. */
const CLIENTS = [
  { name: '@xmpp-wire/websocket, addresses in ASCII', import: '{ connect }', from: '@xmpp-wire/websocket' },
  {
    name: '@xmpp-wire/websocket with all of RFC 7622',
    import: '{ connect }',
    from: '@xmpp-wire/websocket',
    with: ['@xmpp-wire/core/jid/unicode'],
  },
  // It says itself that browsers leave SCRAM out; what it forgets to leave out is the asking of DNS.
  { name: '@xmpp/client', import: '{ client, xml }', from: '@xmpp/client', without: ['node:dns'] },
  { name: 'strophe.js', import: '{ Strophe, $msg }', from: 'strophe.js' },
  { name: 'stanza', import: '{ createClient }', from: 'stanza' },
];

/** The parts of our bundle: the first that fits a file's path names it. */
const PARTS = [
  ['zod/mini', /\/zod\//],
  ['hashes of @noble/hashes', /\/@noble\/hashes\//],
  ['XML: reader and writer', /packages\/core\/(dist|src)\/(xml|bytes)\//],
  ['SASL', /packages\/core\/(dist|src)\/sasl\//],
  ['addresses', /packages\/core\/(dist|src)\/jid\//],
  ['stanzas', /packages\/core\/(dist|src)\/stanza\//],
  ['streams, negotiation, engine, configuration', /packages\/core\//],
  ['driver', /packages\/driver\//],
  ['WebSocket and discovery', /packages\/websocket\//],
];

export async function run(args) {
  console.log('minified    gzip  brotli');
  for (const client of CLIENTS) {
    const { code, minified, compressed } = await bundle(client, FOLDER);
    const figures = [minified, gzipSync(code, { level: 9 }).length, compressed];
    console.log(
      `${figures.map((figure) => String(figure).padStart(7)).join(' ')}  ${client.name}${versionOf(client.from)}`,
    );
  }
  if (args.includes('--parts')) await showParts(CLIENTS[0]);
  return 0;
}

async function showParts(client) {
  const { parts } = await bundle(client, FOLDER);
  const sums = new Map(PARTS.map(([name]) => [name, 0]));
  for (const [file, bytes] of parts) {
    const name = PARTS.find(([, pattern]) => pattern.test(file))?.[0];
    if (name !== undefined) sums.set(name, sums.get(name) + bytes);
  }
  console.log(`\nof ${client.name}, minified:`);
  for (const [name, bytes] of [...sums].toSorted(([, a], [, b]) => b - a)) {
    console.log(`${String(bytes).padStart(7)}  ${name}`);
  }
}

/** The version of a package that is not ours. */
function versionOf(name) {
  if (name.startsWith('@xmpp-wire/')) return '';
  return ` ${createRequire(FOLDER)(`${name}/package.json`).version}`;
}
