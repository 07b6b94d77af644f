// Runs the suite with the adapters that are named, on whatever runtime this is, and prints what came of it.
// `node|deno run -A|bun tools/adapter-suite/run.mjs [--json] [--connections=1000] [adapter …]`
import { writeSync } from 'node:fs';
import process from 'node:process';
import { ADAPTERS, whyNot } from './adapters/index.mjs';
import { knownLack } from './known.mjs';
import { adapterCases } from './suite.mjs';
import { runtimeName } from './lib/runtime.mjs';

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const connections = Number(args.find((each) => each.startsWith('--connections='))?.split('=')[1] ?? 1000);
const wanted = args.filter((each) => !each.startsWith('--'));

/** @typedef {{ adapter: string, way: string, feature: string, name: string, error: string | undefined, lack: string | undefined }} Outcome */
/** @type {Outcome[]} */
const outcomes = [];
process.on('unhandledRejection', (error) => note(`unhandled: ${String(error)}`));

const names = wanted.length > 0 ? wanted : Object.keys(ADAPTERS);
for (const name of names) {
  const load = ADAPTERS[name];
  if (load === undefined) throw new Error(`an adapter is one of ${Object.keys(ADAPTERS).join(', ')}, not ${name}`);
  const reason = whyNot(name);
  if (reason !== undefined) {
    note(`not tried: ${name}, because ${reason}`);
    outcomes.push({ adapter: name, way: '', feature: '', name, error: undefined, lack: reason });
    continue;
  }
  const adapter = await load();
  for (const { way, feature, name: title, run } of adapterCases(adapter, { connections })) {
    /** @type {string | undefined} */
    let error;
    try {
      await run();
    } catch (thrown) {
      error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    }
    const lack = knownLack(runtimeName(), name, way, feature);
    if (lack !== undefined && error === undefined) note(`works, although it is listed as lacking: ${title}`);
    outcomes.push({ adapter: name, way, feature, name: title, error, lack });
    note(
      `${error === undefined ? 'ok    ' : lack === undefined ? 'FAILED' : 'lacks '} ${title}${error === undefined ? '' : `\n       ${error}`}`,
    );
  }
}
const failed = outcomes.filter(({ error, lack }) => error !== undefined && lack === undefined).length;
note(`${runtimeName()}: ${outcomes.length} cases, ${failed} failed`);
if (isJson) writeSync(1, `${JSON.stringify({ runtime: runtimeName(), outcomes })}\n`);
process.exit(failed === 0 ? 0 : 1);

/** @param {string} text */
function note(text) {
  writeSync(isJson ? 2 : 1, `${text}\n`);
}
