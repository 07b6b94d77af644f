import * as fc from 'fast-check';

// `npm test` tries the same values every time, so a red run is red again. `npm run check` comes with another seed and
// more runs; XW_SEED and XW_RUNS repeat what it found.
fc.configureGlobal({
  seed: Number(process.env['XW_SEED'] ?? 6120),
  numRuns: Number(process.env['XW_RUNS'] ?? 100),
});
