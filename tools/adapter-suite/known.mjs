// What a runtime lacks, so that an adapter cannot do a thing on it: the reason stands in docs/runtimes.md in place of a run.
// A case that is listed here and works all the same is reported, so that the list does not outlive its reasons.

/** @typedef {{ runtime: RegExp, adapter: RegExp, way: RegExp, feature: RegExp, reason: string }} Lack */

const NO_PAUSE =
  'node:tls of Deno goes on reading after pause(): who is not read from is cut when its stanzas exceed the bound';

/** @type {readonly Lack[]} */
const LACKS = [
  {
    runtime: /^Deno /,
    adapter: /^(node-tcp|websocket)$/,
    way: /^(starttls|direct)$/,
    feature: /^back-pressure: (a client|a server|an application) that/,
    reason: NO_PAUSE,
  },
  {
    runtime: /^Deno /,
    adapter: /^node-tcp$/,
    way: /^(starttls|direct)$/,
    feature: /^bulk both ways/,
    reason: NO_PAUSE,
  },
  {
    // The server of this pair is node-tcp's: Deno's own sockets have no STARTTLS for servers.
    runtime: /^Deno /,
    adapter: /^deno$/,
    way: /^starttls$/,
    feature: /^(back-pressure: (a server|an application) that|bulk both ways)/,
    reason: `the server's side is that of node-tcp: ${NO_PAUSE}`,
  },
];

/**
 * Why a case cannot work; undefined when it has to.
 * @param {string} runtime @param {string} adapter @param {string} way @param {string} feature
 */
export function knownLack(runtime, adapter, way, feature) {
  return LACKS.find(
    (lack) =>
      lack.runtime.test(runtime) && lack.adapter.test(adapter) && lack.way.test(way) && lack.feature.test(feature),
  )?.reason;
}
