// npm run bench -- xml [--gate] [--json] [--quick] [--peers] [--only <text>] [--core <module>]
//
// Every cell runs in a process of its own, so that one parser's inline caches do not slow another's; inside of a cell the rounds of
// the contestants are interleaved, and only the ratio to ltx in the same rounds is looked at. Works on the built package.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** corpus, bytes a chunk, codec, gate, goal: times as fast as ltx. */
const READING = [
  ['mixed', 1, 'buffer', 6, 8],
  ['mixed', 64, 'buffer', 1.4, 2],
  ['mixed', 1460, 'buffer', 2.6, 3.3],
  ['mixed', 16_384, 'buffer', 4.2, 5],
  ['mixed', 65_536, 'buffer', 4.5, 5.5],
  ['chat', 16_384, 'buffer', 2.4, 3],
  ['presence', 16_384, 'buffer', 2.4, 3],
  ['archive', 16_384, 'buffer', 2.4, 3],
  ['roster', 16_384, 'buffer', 2.4, 3],
  ['base64', 16_384, 'buffer', 6, 10],
  ['cjk', 16_384, 'buffer', 1, 1.5],
  ['mixed', 16_384, 'portable', 2.8, 3.5],
  ['cjk', 16_384, 'portable', 0.5, 1],
];
/** corpus, gate, goal. */
const WRITING = [
  ['mixed', 1.4, 2],
  ['roster', 1.4, 2],
  ['cjk', 1.2, 1.5],
  ['base64', 1.5, 2],
];
const PEERS = ['saxes', 'stanza', 'node-expat', 'framer + fast-xml-parser'];
/** One long run of bytes, and many small things: the first outgrow a cache only when they are large. */
const LONG = ['text', 'attribute', 'cdata', 'whitespace'];
const MANY = ['entities', 'sections', 'attributes', 'depth', 'namespaces', 'names'];
/** Time may grow with this power of the size: 1.1, and what measuring adds. */
const LINEAR = 1.1;
/** 2 MB of text in chunks of 64 bytes, in times of one piece. */
const PIECES = 30;
/** Bytes kept: by an element of 385 bytes, by one string, by a reader between stanzas. */
const MEMORY = { stanza: [1450, 1200], string: [4096, 4096], reader: [2048, 2048] };

export function run(args) {
  const flag = (name) => args.includes(name);
  const valueOf = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const only = valueOf('--only') ?? '';
  const core = valueOf('--core') ?? import.meta.resolve('@xmpp-wire/core/xml');
  const quick = flag('--quick');
  const json = flag('--json');
  const say = json ? () => {} : (line) => console.log(line);
  const rows = [];
  const record = (row) => {
    if (row === undefined) return;
    rows.push(row);
    say(rowText(row));
  };

  say(`Node ${process.version}; ratios are medians over interleaved rounds, ltx = 1`);
  for (const [corpus, chunk, codec, gate, goal] of READING) {
    const name = `read ${corpus} ${sizeText(chunk)}${codec === 'portable' ? ' portable codec' : ''}`;
    if (!name.includes(only)) continue;
    const parsers = ['ours', 'ltx', ...(flag('--peers') && codec === 'buffer' ? PEERS : [])];
    record(
      compared(name, gate, goal, cell('cell.mjs', { core, corpus, chunk, codec, parsers, ...effort(chunk, quick) })),
    );
  }
  for (const [corpus, gate, goal] of WRITING) {
    const name = `write ${corpus}`;
    if (!name.includes(only)) continue;
    record(compared(name, gate, goal, cell('write-cell.mjs', { core, corpus, ...effort(64, quick) })));
  }
  for (const chunk of [1, 64, 16_384]) {
    if (!`linear ${chunk}`.includes(only)) continue;
    for (const row of linear(core, chunk, quick)) record(row);
  }
  if ('memory'.includes(only)) for (const row of memory(core)) record(row);

  if (json) console.log(JSON.stringify(rows, undefined, 2));
  const below = rows.filter(({ passes }) => !passes);
  const reached = rows.filter(({ reaches }) => reaches).length;
  say(`${rows.length - below.length} of ${rows.length} pass their gate, ${reached} reach their goal`);
  if (!flag('--gate') || below.length === 0) return 0;
  console.error(`below the gate: ${below.map(({ name }) => name).join(', ')}`);
  return 1;
}

/** Bytes of a corpus, milliseconds to warm up, and how long to measure. */
function effort(chunk, quick) {
  const bytes = chunk === 1 ? 100_000 : chunk <= 64 ? 500_000 : chunk < 16_384 ? 1_000_000 : 4_000_000;
  return quick ? { bytes, warmup: 600, rounds: 9, seconds: 1.5 } : { bytes, warmup: 1500, rounds: 31, seconds: 5 };
}

function cell(file, options, ...flags) {
  const path = fileURLToPath(new URL(`./xml/${file}`, import.meta.url));
  const child = spawnSync(process.execPath, [...flags, path, JSON.stringify(options)], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  if (child.stderr !== '') process.stderr.write(child.stderr);
  if (child.status !== 0) throw new Error(`${file} failed for ${JSON.stringify(options)}`);
  return JSON.parse(child.stdout);
}

function compared(name, gate, goal, { results, rounds, bytes }) {
  const ours = results.find((each) => each.name === 'ours');
  const others = results.filter((each) => each.name !== 'ours');
  const wrong = others.filter((each) => name.startsWith('read') && each.count !== ours.count).map((each) => each.name);
  return {
    name,
    value: ours.ratio,
    gate,
    goal,
    passes: ours.ratio >= gate,
    reaches: ours.ratio >= goal,
    unit: '×',
    megabytesPerSecond: ours.megabytesPerSecond,
    others: others.map((each) => ({ name: each.name, ratio: each.ratio, megabytesPerSecond: each.megabytesPerSecond })),
    rounds,
    bytes,
    ...(wrong.length > 0 ? { note: `another number of elements: ${wrong.join(', ')}` } : {}),
  };
}

function linear(core, chunk, quick) {
  // A large young generation: how often the collector copies the same survivors is not what is asked here.
  const heap = '--max-semi-space-size=64';
  const runs = quick ? 4 : 8;
  const measured = (sizes, names) => cell('linear-cell.mjs', { core, chunk, runs, sizes, names }, heap);
  const small = [8000, 16_000, 32_000, 64_000, 128_000];
  const long = measured(chunk === 1 ? small : [500_000, 1_000_000, 2_000_000, 4_000_000], LONG);
  const many = measured(chunk === 1 ? small : [15_000, 30_000, 60_000, 120_000, 240_000], MANY);
  const { ruler } = long;
  const results = [...long.results, ...many.results];
  const rows = results.map(({ name, exponent }) => ({
    name: `linear ${sizeText(chunk)} ${name}`,
    value: exponent,
    gate: LINEAR,
    goal: LINEAR,
    passes: exponent < LINEAR,
    reaches: exponent < LINEAR,
    unit: 'exponent',
    note: `a quadratic one measures ${ruler.toFixed(2)}`,
  }));
  if (chunk !== 64) return rows;
  const [cut, whole] = [chunk, 4_000_000].map((bytes) => {
    const { results: text } = cell(
      'linear-cell.mjs',
      { core, chunk: bytes, runs, sizes: [2_000_000], names: ['text'] },
      heap,
    );
    return text[0].points[0][1];
  });
  const value = cut / whole;
  return [
    ...rows,
    {
      name: '2 MB of text in 64 B',
      value,
      gate: PIECES,
      goal: PIECES,
      passes: value < PIECES,
      reaches: value < PIECES,
      unit: '× one piece',
    },
  ];
}

function memory(core) {
  const kept = cell('memory-cell.mjs', { core }, '--expose-gc');
  return Object.entries(MEMORY).map(([what, [gate, goal]]) => ({
    name: `memory ${what}`,
    value: kept[what],
    gate,
    goal,
    passes: kept[what] <= gate,
    reaches: kept[what] <= goal,
    unit: 'B',
  }));
}

function rowText({ name, value, gate, goal, passes, reaches, unit, megabytesPerSecond, others = [], note = '' }) {
  const verdict = reaches ? 'goal' : passes ? 'gate' : 'BELOW';
  const speed = megabytesPerSecond === undefined ? '' : `${megabytesPerSecond.toFixed(0)} MB/s`;
  const shown = unit === 'B' ? value.toFixed(0) : value.toFixed(2);
  const rest = others.map((each) => `${each.name} ${each.ratio.toFixed(2)}`).join(', ');
  return `${name.padEnd(36)} ${shown.padStart(7)} ${unit.padEnd(11)} gate ${gate}, goal ${goal}  ${verdict.padEnd(6)} ${speed.padEnd(10)} ${rest}${note}`;
}

function sizeText(bytes) {
  return bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} B`;
}
