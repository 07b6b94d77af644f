import process from 'node:process';

/** The runtime that this is, with its version. */
export function runtimeName() {
  const { Deno, Bun } = /** @type {{ Deno?: { version: { deno: string } }, Bun?: { version: string } }} */ (globalThis);
  if (Deno !== undefined) return `Deno ${Deno.version.deno}`;
  if (Bun !== undefined) return `Bun ${Bun.version}`;
  return `Node ${process.versions.node}`;
}
