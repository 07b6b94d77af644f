// docs/runtimes.md, made of runs and of nothing else.

/** @typedef {{ adapter: string, way: string, feature: string, name: string, error?: string, lack?: string }} Outcome */
/** @typedef {{ runtime: string, outcomes: readonly Outcome[] }} SuiteRun */
/** @typedef {{ runtime: string, passed: number, of: number }} CoreRun */

const WAYS = { starttls: 'STARTTLS', direct: 'TLS from the first byte', clear: 'no TLS of its own' };

const ADAPTERS = {
  'node-tcp': '`@xmpp-wire/node-tcp`',
  deno: '`@xmpp-wire/deno`',
  websocket: '`@xmpp-wire/websocket` with the package `ws`, on both sides',
  'websocket-native': '`@xmpp-wire/websocket` with the WebSockets of the runtime (servers: Deno and Bun; on Node `ws`)',
};

/** @param {readonly CoreRun[]} cores @param {readonly SuiteRun[]} suites @returns {string} */
export function runtimesDocument(cores, suites) {
  /** @type {string[]} */
  const notes = [];
  const note = (/** @type {string} */ reason) => {
    if (!notes.includes(reason)) notes.push(reason);
    return `[${notes.indexOf(reason) + 1}]`;
  };
  const sections = Object.entries(ADAPTERS).flatMap(([adapter, title]) => adapterSection(adapter, title, suites, note));
  return `${[
    '# Runtimes',
    '',
    '<!-- Written by `node tools/xw.mjs runtimes` from the runs of the suites. Not edited by hand. -->',
    '',
    'Every cell is a run of the adapters’ suite (`tools/adapter-suite`) or a number that leads to the reason why there is none.',
    'A number beside a tick is how many cases it stands for.',
    '',
    '## Core’s own tests',
    '',
    ...table(
      ['Runtime', 'Tests that passed', 'of'],
      cores.map(({ runtime, passed, of }) => [runtime, `${passed}`, `${of}`]),
    ),
    '',
    'In Chromium the files that read other files, or start processes, are left out: `tools/browser/need-node.json` lists them.',
    'The page of `examples/browser-chat` is tried there too, by `npm run browser`.',
    '',
    ...sections,
    '## What is missing, and why',
    '',
    ...notes.map((reason, index) => `${index + 1}. ${reason[0]?.toUpperCase() ?? ''}${reason.slice(1)}.`),
    '',
    ...STATED,
  ].join('\n')}\n`;
}

/** @param {string} adapter @param {string} title @param {readonly SuiteRun[]} suites @param {(reason: string) => string} note */
function adapterSection(adapter, title, suites, note) {
  const outcomes = suites.flatMap(({ outcomes: all }) => all.filter((each) => each.adapter === adapter));
  const rows = [...new Set(outcomes.filter(({ way }) => way !== '').map(({ way, feature }) => `${way}\n${feature}`))];
  if (rows.length === 0) return [];
  const cells = rows.map((row) => {
    const [way = '', feature = ''] = row.split('\n');
    return [
      // The name of a way is one of the suite's.
      WAYS[/** @type {keyof typeof WAYS} */ (way)] ?? way,
      feature in WAYS ? 'connects, talks, closes' : feature,
      ...suites.map((suite) => cell(suite, adapter, way, feature, note)),
    ];
  });
  return [`## ${title}`, '', ...table(['Protection', 'Feature', ...suites.map(({ runtime }) => runtime)], cells), ''];
}

/** @param {SuiteRun} suite @param {string} adapter @param {string} way @param {string} feature @param {(reason: string) => string} note */
function cell({ outcomes }, adapter, way, feature, note) {
  const ofAdapter = outcomes.filter((each) => each.adapter === adapter);
  const notTried = ofAdapter.find((each) => each.way === '');
  if (notTried?.lack !== undefined) return note(notTried.lack);
  const all = ofAdapter.filter((each) => each.way === way && each.feature === feature);
  const failed = all.find(({ error, lack }) => error !== undefined && lack === undefined);
  if (failed !== undefined) return 'FAILED';
  const lacking = all.find(({ error }) => error !== undefined);
  if (lacking?.lack !== undefined) return note(lacking.lack);
  if (all.length === 0) return note('this adapter has no such case on this runtime');
  return all.length === 1 ? '✓' : `✓ ${all.length}`;
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function table(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

/** What no adapter tries, because the runtime refuses it or has nothing to try it with. */
const STATED = [
  '## What is refused with an error that says so',
  '',
  '- `@xmpp-wire/deno` listens with direct TLS only: Deno’s own sockets have no STARTTLS for servers. `listen` of',
  '  `@xmpp-wire/node-tcp` runs in Deno and has it.',
  '- `@xmpp-wire/deno` has no channel binding and presents no certificate of a client: Deno shows neither the certificate nor',
  '  keying material of its own sockets. `connect` refuses `mechanisms` that are all -PLUS, and `authenticateBy: "certificate"`.',
  '- In Deno `@xmpp-wire/node-tcp` binds to the certificate (tls-server-end-point) and to nothing else: `node:tls` of Deno has',
  '  no exporter, and what its `getFinished()` returns is not what the other side has.',
  '- WebSockets of the runtimes cannot stop reading. What comes for an application that is behind is held, and a peer that',
  '  goes on and on is cut. They have no channel binding either, because they show nothing of TLS.',
];
