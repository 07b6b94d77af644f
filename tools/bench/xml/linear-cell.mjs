// How the time grows with the size of one element: the exponent of a power law through the measurements. Prints JSON.
import { performance } from 'node:perf_hooks';
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

/** The best of some runs: what disturbs a run only makes it longer. */
function best(chunks, consumerOf) {
  let least = Infinity;
  for (let run = 0; run < options.runs; run++) {
    const start = performance.now();
    const consumer = consumerOf();
    consumer.write(header);
    for (const chunk of chunks) consumer.write(chunk);
    least = Math.min(least, performance.now() - start);
  }
  return least;
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

const results = [];
for (const name of options.names) {
  const points = [];
  for (const size of options.sizes) {
    const chunks = chunksOf(Buffer.from(ADVERSARIAL[name](size)), options.chunk);
    if (points.length === 0) best(chunks, make);
    points.push([size, best(chunks, make)]);
  }
  results.push({ name, exponent: exponent(points), points });
}
const ruler = [4096, 8192, 16_384].map((size) => [
  size,
  best(chunksOf(Buffer.from(ADVERSARIAL.text(size)), 64), careless),
]);
console.log(JSON.stringify({ chunk: options.chunk, results, ruler: exponent(ruler) }));
