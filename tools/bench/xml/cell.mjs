// One cell of the table, in a process of its own: one corpus, one size of chunks, one codec. Prints JSON.
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { HEADER, streamOf } from './corpora.mjs';
import { framerAndFastXmlParser, ltx, nodeExpat, ours, saxes, stanza } from './parsers.mjs';

const options = JSON.parse(process.argv[2]);
const core = await import(options.core);

const makers = {
  ours: () => ours(core, options.codec === 'buffer' ? core.bufferTextCodec(Buffer.prototype) : undefined),
  ltx: () => ltx,
  saxes,
  stanza,
  'node-expat': nodeExpat,
  'framer + fast-xml-parser': () => framerAndFastXmlParser,
  toString: () => decodingAlone,
};

/** No parser: what it takes to make the strings of the same chunks. */
function decodingAlone() {
  let length = 0;
  return {
    write(chunk) {
      length += chunk.toString('utf8').length;
    },
    count: () => length,
  };
}

const header = Buffer.from(HEADER);
const body = streamOf(options.corpus, options.bytes).subarray(header.length);
const chunks = [];
if (options.chunk === 1) {
  // One chunk for each value of a byte: a million small objects would measure the cache instead of the parsers.
  const single = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));
  for (const byte of body) chunks.push(single[byte]);
} else {
  for (let at = 0; at < body.length; at += options.chunk) chunks.push(body.subarray(at, at + options.chunk));
}

const contestants = [];
for (const name of options.parsers) {
  try {
    contestants.push({ name, make: await makers[name](), times: [], count: 0 });
  } catch (error) {
    if (name === 'ours' || name === options.base) throw error;
    console.error(`${name} is not there: ${error.message.split('\n')[0]}`);
  }
}

function once(contestant) {
  const start = performance.now();
  const consumer = contestant.make();
  consumer.write(header);
  for (let at = 0; at < chunks.length; at++) consumer.write(chunks[at]);
  contestant.count = consumer.count();
  return performance.now() - start;
}

// The compiler first.
const warmUp = performance.now();
while (performance.now() - warmUp < options.warmup)
  for (const contestant of contestants) contestant.last = once(contestant);

// Then interleaved rounds: what disturbs the machine disturbs all of them. Who is faster than the base runs so often that its turns are
// as long: of a short turn a disturbance takes all or nothing.
const base = contestants.find(({ name }) => name === options.base);
for (const contestant of contestants) contestant.repeats = Math.max(1, Math.round(base.last / contestant.last));
const started = performance.now();
for (let round = 0; round < options.rounds; round++) {
  for (const contestant of contestants) {
    let time = 0;
    for (let repeat = 0; repeat < contestant.repeats; repeat++) time += once(contestant);
    contestant.times.push(time / contestant.repeats);
  }
  if (performance.now() - started > options.seconds * 1000 && round >= 4) break;
}

const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
const results = contestants.map(({ name, times, count }) => ({
  name,
  count,
  megabytesPerSecond: body.length / 1e3 / median(times),
  ratio: median(times.map((time, round) => base.times[round] / time)),
}));
console.log(JSON.stringify({ ...options, rounds: base.times.length, bytes: body.length, results }));
