// The benchmarks: `npm run bench -- <suite> [options]`. They are apart from the tests; only ratios inside one run mean anything.
import process from 'node:process';

const suites = {
  xml: { about: 'bytes to elements and back, against the parsers of other libraries', file: './xml.mjs' },
  size: { about: 'what a browser loads, against other clients', file: './size.mjs' },
};

const [name, ...options] = process.argv.slice(2);
const suite = Object.hasOwn(suites, name ?? '') ? suites[name] : undefined;
if (suite === undefined) {
  console.log('usage: npm run bench -- <suite> [options]');
  for (const [each, { about }] of Object.entries(suites)) console.log(`  ${each.padEnd(8)} ${about}`);
  process.exitCode = name === undefined ? 0 : 1;
} else {
  const { run } = await import(suite.file);
  process.exitCode = await run(options);
}
