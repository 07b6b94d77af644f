import * as fc from 'fast-check';

// `npm test` tries the same values every time, so a red run is red again. `npm run check` comes with another seed and
// more runs; XW_SEED and XW_RUNS repeat what it found.
// Browsers have no `process`.
const env = typeof process === 'undefined' ? {} : process.env;
fc.configureGlobal({
  seed: Number(env['XW_SEED'] ?? 6120),
  numRuns: Number(env['XW_RUNS'] ?? 100),
});
