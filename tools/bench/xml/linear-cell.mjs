// How the time grows with the size of one element: the exponent of a power law through the measurements. Prints JSON.
import process from 'node:process';
import { ADVERSARIAL, HEADER } from './corpora.mjs';
import { ours } from './parsers.mjs';

const options = JSON.parse(process.argv[2]);
const core = await import(options.core);
const make = ours(core, core.bufferTextCodec(Buffer.prototype));

const header = Buffer.from(HEADER);
const single = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]));

function chunksOf(bytes, size) {
  if (size === 1) return Array.from(bytes, (byte) => single[byte]);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}

function once(chunks, consumerOf) {
  const consumer = consumerOf();
  consumer.write(header);
  for (const chunk of chunks) consumer.write(chunk);
}

/** Processor time, in milliseconds: that of others on the machine is not in it. */
function clock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * The time of each size: the best of some runs of several milliseconds each. The sizes take turns, so that what disturbs one disturbs
 * all.
 */
function times(sizes, chunksOfSize, consumerOf) {
  const contestants = sizes.map((size) => ({ size, chunks: chunksOfSize(size), least: Infinity, repeats: 1 }));
  // The compiler gets its chance before the clock does.
  for (let warm = 0; warm < 8; warm++) once(contestants[Math.min(2, contestants.length - 1)].chunks, consumerOf);
  for (let run = 0; run < options.runs; run++) {
    for (const each of contestants) {
      const start = clock();
      for (let repeat = 0; repeat < each.repeats; repeat++) once(each.chunks, consumerOf);
      const time = (clock() - start) / each.repeats;
      if (run > 0) each.least = Math.min(each.least, time);
      each.repeats = Math.max(1, Math.ceil(6 / Math.max(time, 0.01)));
    }
  }
  return contestants.map(({ size, least }) => [size, least]);
}

/** The slope of the regression line through the logarithms. */
function exponent(points) {
  const logs = points.map(([size, time]) => [Math.log(size), Math.log(time)]);
  const mean = (at) => logs.reduce((sum, each) => sum + each[at], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const above = logs.reduce((sum, each) => sum + (each[0] - x) * (each[1] - y), 0);
  return above / logs.reduce((sum, each) => sum + (each[0] - x) ** 2, 0);
}

/** A consumer that is quadratic on purpose: it looks at everything again with each chunk. */
function careless() {
  let all = '';
  return {
    write(chunk) {
      all += chunk.toString('latin1');
      let found = 0;
      for (let at = 0; at < all.length; at++) if (all.charCodeAt(at) === 0x3e) found++;
      return found;
    },
  };
}

const results = options.names.map((name) => {
  const points = times(options.sizes, (size) => chunksOf(Buffer.from(ADVERSARIAL[name](size)), options.chunk), make);
  return { name, exponent: exponent(points), points };
});
const ruler = times([8192, 16_384, 32_768], (size) => chunksOf(Buffer.from(ADVERSARIAL.text(size)), 64), careless);
console.log(JSON.stringify({ chunk: options.chunk, results, ruler: exponent(ruler) }));
