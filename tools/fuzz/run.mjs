// Fuzzes what was built: `npm run fuzz` all targets in turn, `npm run fuzz -- xml receiving` these.
//   --seconds 60   for each target
//   --seed 6120    the same seed tries the same inputs in the same order
// An input that breaks a promise is made small, printed as a test and written to node_modules/.cache/fuzz.
import { mkdirSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Coverage, endless } from './coverage.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string', default: '6120' } },
});
const coverage = new Coverage();
Object.assign(globalThis, { xwFuzz: { take: (/** @type {number} */ count) => coverage.take(count), endless } });
register('./hook.mjs', import.meta.url);
// What is imported from here on has counters in it.
const { fuzz, testCase } = await import('./loop.mjs');
const { target, targets } = await import('./targets.mjs');
const { Prng } = await import('@xmpp-wire/testing');

const folder = new URL('../../node_modules/.cache/fuzz/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const each of positionals.length === 0 ? targets : positionals.map(target)) {
  const end = performance.now() + 1000 * Number(values.seconds);
  const { runs, corpus, failures } = await fuzz(each, {
    prng: new Prng(Number(values.seed)),
    coverage,
    goesOn: () => performance.now() < end,
    onFailure(failure) {
      const test = `// npm run fuzz -- ${each.name} --seed ${values.seed}\n${testCase(each.name, failure)}`;
      const file = new URL(
        `${each.name}-${values.seed}-${Buffer.from(failure.problem).reduce((hash, byte) => (hash * 31 + byte) >>> 0, 7)}.txt`,
        folder,
      );
      writeFileSync(file, `${test}\n${failure.problem}\n`);
      console.log(`${failure.problem}\n${test}`);
      process.exitCode = 1;
    },
  });
  const { all, reached } = coverage.extent;
  console.log(
    `fuzz: ${each.name.padEnd(12)} ${runs} inputs, ${corpus} kept, ${failures.length} failures; ${reached} of ${all} places reached so far`,
  );
}
