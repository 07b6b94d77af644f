/** @import { Adapter } from '../adapter.mjs' */

/** All adapters by name; each is loaded when it is wanted, for not every runtime can load all. @type {Readonly<Record<string, () => Promise<Adapter>>>} */
export const ADAPTERS = {
  'node-tcp': async () => (await import('./node-tcp.mjs')).nodeTcp,
  deno: async () => (await import('./deno.mjs')).deno,
  websocket: async () => (await import('./websocket.mjs')).webSocketOfWs,
  'websocket-native': async () => (await import('./native-websocket.mjs')).nativeWebSocket,
};

/** Why an adapter cannot be tried on this runtime; undefined when it can. @param {string} name */
export function whyNot(name) {
  if (name === 'deno' && !('Deno' in globalThis)) return 'it is made of Deno’s own sockets';
  if (name === 'websocket-native' && !('WebSocket' in globalThis))
    return 'the runtime has no WebSocket: `ws` is for that';
  return undefined;
}
