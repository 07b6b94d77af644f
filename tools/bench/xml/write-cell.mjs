// One cell of the serializer's table, in a process of its own: elements to bytes, character checks on. Prints JSON.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { HEADER, stanzas } from './corpora.mjs';
import { Element, parsers } from './ltx.mjs';
import { UNLIMITED } from './parsers.mjs';

const options = JSON.parse(process.argv[2]);
const core = await import(options.core);

const texts = stanzas(options.corpus, options.bytes);
const total = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** The stanzas as elements of this library. */
function ourElements() {
  const reader = new core.XmlStreamReader({ limits: UNLIMITED, textCodec: core.bufferTextCodec(Buffer.prototype) });
  const elements = [];
  reader.receive(Buffer.from(HEADER + texts.join('')));
  for (let event = reader.next(); event !== undefined; event = reader.next())
    if (event.type === 'element') elements.push(event.element);
  return elements;
}

/** The stanzas as elements of ltx. */
function ltxElements() {
  return texts.map((text) => {
    const parser = new parsers.Ltx();
    let root;
    let cursor;
    parser.on('startElement', (name, attributes) => {
      const element = new Element(name, attributes);
      if (root === undefined) root = element;
      else cursor.append(element);
      cursor = element;
    });
    parser.on('endElement', () => {
      cursor = cursor.parent;
    });
    parser.on('text', (piece) => cursor.t(piece));
    parser.write(text);
    return root;
  });
}

const ours = ourElements();
const theirs = ltxElements();
if (ours.length !== theirs.length) throw new Error('the corpora differ');

const contestants = [
  {
    name: 'ours',
    times: [],
    once() {
      const output = new core.OutputBuffer();
      const writer = new core.XmlWriter({ contentNamespace: 'jabber:client' }, output);
      writer.writeHeader(
        core.xml('stream:stream', { xmlns: 'jabber:client', 'xmlns:stream': 'http://etherx.jabber.org/streams' }),
      );
      let bytes = 0;
      for (const element of ours) {
        writer.writeElement(element);
        bytes += output.take().length;
      }
      return bytes;
    },
  },
  {
    name: 'ltx',
    times: [],
    once() {
      let bytes = 0;
      for (const element of theirs) bytes += Buffer.from(element.toString()).length;
      return bytes;
    },
  },
];

// The compiler first; then rounds of some milliseconds each.
const warmUp = performance.now();
while (performance.now() - warmUp < options.warmup)
  for (const contestant of contestants) contestant.bytes = contestant.once();
const sample = performance.now();
contestants[0].once();
const repeats = Math.max(1, Math.ceil(5 / (performance.now() - sample)));

const started = performance.now();
for (let round = 0; round < options.rounds; round++) {
  for (const contestant of contestants) {
    const start = performance.now();
    for (let repeat = 0; repeat < repeats; repeat++) contestant.once();
    contestant.times.push((performance.now() - start) / repeats);
  }
  if (performance.now() - started > options.seconds * 1000 && round >= 4) break;
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const base = contestants[1];
const results = contestants.map(({ name, times, bytes }) => ({
  name,
  count: bytes,
  megabytesPerSecond: total / 1e3 / median(times),
  ratio: median(times.map((time, round) => base.times[round] / time)),
}));
console.log(JSON.stringify({ ...options, rounds: base.times.length, bytes: total, results }));
