// `deno test -A --no-check tools/adapter-suite/native/deno.mjs`: the suite of Deno's own sockets by Deno's own test runner.
import { deno } from '../adapters/deno.mjs';
import { knownLack } from '../known.mjs';
import { runtimeName } from '../lib/runtime.mjs';
import { adapterCases } from '../suite.mjs';

const { Deno } = /** @type {{ Deno: { test(name: string, run: () => Promise<void>): void } }} */ (
  /** @type {unknown} */ (globalThis)
);

for (const { way, feature, name, run } of adapterCases(deno, { connections: 50 })) {
  if (knownLack(runtimeName(), 'deno', way, feature) === undefined) Deno.test(name, run);
}
