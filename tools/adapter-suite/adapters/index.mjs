/** @import { Adapter } from '../adapter.mjs' */

/** All adapters by name; each is loaded when it is wanted, for not every runtime can load all. @type {Readonly<Record<string, () => Promise<Adapter>>>} */
export const ADAPTERS = {
  deno: async () => (await import('./deno.mjs')).deno,
  'node-tcp': async () => (await import('./node-tcp.mjs')).nodeTcp,
  websocket: async () => (await import('./websocket.mjs')).webSocketOfWs,
};
