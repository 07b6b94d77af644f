// npm run bench -- xml [--gate] [--quick] [--peers] [--only <text>] [--json | --markdown] [--core <module>]
//
// Every cell runs in a process of its own, so that one parser's inline caches do not slow another's; inside of a cell the rounds of
// the contestants are interleaved, and only the ratio to ltx in the same rounds is looked at. Works on the built package.
//
// --gate fails below a gate. What falls below is measured again, longer each time, up to three times: a machine that others use must not
// fail it, and one cell of forty may fall below by chance. --markdown prints the tables of docs/benchmarks.md.
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { markdown } from './xml/markdown.mjs';

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
/** The share of the speed at which Buffer makes strings of the same chunks: gate, goal. */
const SHARE = [0.3, 0.4];
const PEERS = ['saxes', 'stanza', 'node-expat', 'framer + fast-xml-parser'];
/** One long run of bytes, and many small things: the first outgrow a cache only when they are large. */
const LONG = ['text', 'attribute', 'cdata', 'whitespace'];
const MANY = ['entities', 'sections', 'attributes', 'depth', 'namespaces', 'names'];
/** Time may grow with this power of the size: 1.1, and what measuring adds. */
const LINEAR = 1.1;
/** 2 MB of text in chunks of 64 bytes, in times of one piece. */
const PIECES = 30;
/** How often something below its gate is measured again. */
const REPEATS = 3;
/** Bytes kept: by an element of 385 bytes, by one string, by a reader between stanzas. */
const MEMORY = { stanza: [1450, 1200], string: [4096, 4096], reader: [2048, 2048] };

export function run(args) {
  const flag = (name) => args.includes(name);
  const valueOf = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const only = valueOf('--only') ?? '';
  const core = valueOf('--core') ?? import.meta.resolve('@xmpp-wire/core/xml');
  const quick = flag('--quick');
  const silent = flag('--json') || flag('--markdown');
  const say = silent ? () => {} : (line) => console.log(line);
  const rows = [];
  /** Measures, and again what is below its gate; `measure` is told how many times it was asked before. */
  const record = (measure) => {
    let row = measure(0);
    for (let again = 1; flag('--gate') && again <= REPEATS && !row.passes; again++) {
      say(`${rowText(row)} measured again`);
      const other = measure(again);
      const better = other.lower ? other.value < row.value : other.value > row.value;
      row = better ? other : row;
    }
    rows.push(row);
    say(rowText(row));
  };

  say(`Node ${process.version}; ratios are medians over interleaved rounds, ltx = 1`);
  for (const [corpus, chunk, codec, gate, goal] of READING) {
    const name = `read ${corpus} ${sizeText(chunk)}${codec === 'portable' ? ' portable codec' : ''}`;
    if (!name.includes(only)) continue;
    const read = (parsers, again) =>
      cell('cell.mjs', { core, corpus, chunk, codec, parsers, ...effort(chunk, quick, again) });
    // The peers have a process of their own: a heap that five parsers fill is none that ours would meet.
    const peers = flag('--peers') && codec === 'buffer' ? read(['ltx', ...PEERS], 0).results : [];
    record((again) => compared(name, gate, goal, read(['ours', 'ltx'], again), peers));
  }
  if ('share of toString'.includes(only)) record((again) => share(core, quick, again));
  for (const [corpus, gate, goal] of WRITING) {
    const name = `write ${corpus}`;
    if (!name.includes(only)) continue;
    record((again) =>
      compared(name, gate, goal, cell('write-cell.mjs', { core, corpus, ...effort(64, quick, again) })),
    );
  }
  for (const chunk of [1, 64, 16_384]) {
    for (const name of [...LONG, ...MANY]) {
      if (!`linear ${sizeText(chunk)} ${name}`.includes(only)) continue;
      record((again) => linear(core, chunk, name, quick, again));
    }
  }
  if ('linear 2 MB of text in 64 B'.includes(only)) record((again) => inPieces(core, quick, again));
  if ('memory'.includes(only)) {
    let kept = cell('memory-cell.mjs', { core }, '--expose-gc');
    for (const what of Object.keys(MEMORY)) {
      record((again) => {
        if (again > 0) kept = cell('memory-cell.mjs', { core }, '--expose-gc');
        return memory(what, kept);
      });
    }
  }

  if (flag('--json')) console.log(JSON.stringify(rows, undefined, 2));
  if (flag('--markdown')) console.log(markdown(rows, machine()));
  const below = rows.filter(({ passes }) => !passes);
  const reached = rows.filter(({ reaches }) => reaches).length;
  say(`${rows.length - below.length} of ${rows.length} pass their gate, ${reached} reach their goal`);
  if (!flag('--gate') || below.length === 0) return 0;
  console.error(`below the gate: ${below.map(({ name }) => name).join(', ')}`);
  return 1;
}

/** Bytes of a corpus, milliseconds to warm up, and how long to measure; longer when it was measured before. */
function effort(chunk, quick, again) {
  const bytes = chunk === 1 ? 100_000 : chunk <= 64 ? 500_000 : chunk < 16_384 ? 1_000_000 : 4_000_000;
  const [warmup, rounds, seconds] = quick ? [600, 9, 1.5] : [1500, 31, 5];
  const longer = again + 1;
  return { base: 'ltx', bytes, warmup: warmup * longer, rounds: rounds * longer, seconds: seconds * longer };
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

function compared(name, gate, goal, { results, rounds, bytes }, peers = []) {
  const ours = results.find((each) => each.name === 'ours');
  const others = [...results.filter((each) => each.name !== 'ours'), ...peers.filter((each) => each.name !== 'ltx')];
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

/** How fast we are beside what only makes strings of the chunks. */
function share(core, quick, again) {
  const { results, rounds, bytes } = cell('cell.mjs', {
    core,
    corpus: 'mixed',
    chunk: 65_536,
    codec: 'buffer',
    parsers: ['ours', 'toString'],
    ...effort(65_536, quick, again),
    base: 'toString',
  });
  const [gate, goal] = SHARE;
  const value = results[0].ratio;
  const passes = value >= gate;
  return { name: 'share of toString', value, gate, goal, passes, reaches: value >= goal, unit: '×', rounds, bytes };
}

// A large young generation: how often the collector copies the same survivors is not what is asked here.
const HEAP = '--max-semi-space-size=64';

function linear(core, chunk, name, quick, again) {
  const runs = (quick ? 4 : 8) * (again + 1);
  const first = chunk === 1 ? 8000 : LONG.includes(name) ? 500_000 : 15_000;
  const sizes = Array.from({ length: chunk > 1 && LONG.includes(name) ? 4 : 5 }, (_, at) => first * 2 ** at);
  const { results, ruler } = cell('linear-cell.mjs', { core, chunk, runs, sizes, names: [name] }, HEAP);
  const [{ exponent }] = results;
  return {
    name: `linear ${sizeText(chunk)} ${name}`,
    value: exponent,
    gate: LINEAR,
    goal: LINEAR,
    passes: exponent < LINEAR,
    reaches: exponent < LINEAR,
    lower: true,
    unit: 'exponent',
    ruler,
    note: `a quadratic one measures ${ruler.toFixed(2)}`,
  };
}

function inPieces(core, quick, again) {
  const runs = (quick ? 4 : 8) * (again + 1);
  const [cut, whole] = [64, 4_000_000].map((chunk) => {
    const { results } = cell('linear-cell.mjs', { core, chunk, runs, sizes: [2_000_000], names: ['text'] }, HEAP);
    return results[0].points[0][1];
  });
  const value = cut / whole;
  const passes = value < PIECES;
  return {
    name: 'linear 2 MB of text in 64 B',
    value,
    gate: PIECES,
    goal: PIECES,
    passes,
    reaches: passes,
    lower: true,
    unit: '× one piece',
  };
}

function memory(what, kept) {
  const [gate, goal] = MEMORY[what];
  const value = kept[what];
  return {
    name: `memory ${what}`,
    value,
    gate,
    goal,
    passes: value <= gate,
    reaches: value <= goal,
    lower: true,
    unit: 'B',
  };
}

/** What the figures were measured with. */
function machine() {
  const versions = ['ltx', 'saxes', 'stanza', 'node-expat', 'fast-xml-parser'].map((name) => {
    const manifest = new URL(`./node_modules/${name}/package.json`, import.meta.url);
    return [name, existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined];
  });
  return {
    node: process.version,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.cpus().length,
    load: os.loadavg()[0],
    versions: Object.fromEntries(versions.filter(([, version]) => version !== undefined)),
  };
}

function rowText({ name, value, gate, goal, passes, reaches, unit, megabytesPerSecond, others = [], note = '' }) {
  const verdict = reaches ? 'goal' : passes ? 'gate' : 'BELOW';
  const speed = megabytesPerSecond === undefined ? '' : `${megabytesPerSecond.toFixed(0)} MB/s`;
  const shown = unit === 'B' ? value.toFixed(0) : value.toFixed(2);
  const rest = others
    .filter((each) => each.name !== 'ltx')
    .map((each) => `${each.name} ${each.ratio.toFixed(2)}`)
    .join(', ');
  return `${name.padEnd(36)} ${shown.padStart(7)} ${unit.padEnd(11)} gate ${gate}, goal ${goal}  ${verdict.padEnd(6)} ${speed.padEnd(10)} ${rest}${note}`;
}

function sizeText(bytes) {
  return bytes % 1024 === 0 ? `${bytes / 1024} KB` : `${bytes} B`;
}
