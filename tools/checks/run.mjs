// `node tools/checks/run.mjs <check>`: source (purity, layers, house rules), api, size, errors, examples.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { repositoryFiles } from './files.mjs';

/** @import { Finding } from './files.mjs' */

/** @type {Record<string, (args: string[]) => Promise<Finding[]>>} */
const checks = {
  async source() {
    const [{ purity }, { layers }, { house }] = await Promise.all([
      import('./purity.mjs'),
      import('./layers.mjs'),
      import('./house.mjs'),
    ]);
    const files = repositoryFiles();
    const longFiles = JSON.parse(readFileSync(new URL('long-files.json', import.meta.url), 'utf8'));
    return [...purity(files), ...layers(files), ...house(files, longFiles)];
  },
  api: async (args) => (await import('./api.mjs')).checkApi({ update: args.includes('--update') }),
  size: async () => (await import('./size.mjs')).checkSize(),
  async errors(args) {
    const [{ checkErrorPages }, { VIOLATIONS }, { RECONNECT_RULES }] = await Promise.all([
      import('./error-pages.mjs'),
      import('@xmpp-wire/core'),
      import('@xmpp-wire/node-tcp'),
    ]);
    const tables = { rules: RECONNECT_RULES, violations: VIOLATIONS };
    return checkErrorPages(repositoryFiles(), tables, { update: args.includes('--update') });
  },
  examples: async () => (await import('./examples.mjs')).checkExamples(repositoryFiles(), console.log),
};

const [name = '', ...args] = process.argv.slice(2);
const check = checks[name];
if (check === undefined) throw new Error(`a check is one of ${Object.keys(checks).join(', ')}, not ${name}`);
const findings = await check(args);
for (const { path, line, message } of findings) console.error(`${path}:${line}: ${message}`);
if (findings.length > 0) process.exitCode = 1;
