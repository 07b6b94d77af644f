import { connect, keepConnected } from '@xmpp-wire/websocket';
import { webSocketOfWs } from './websocket.mjs';
import { webSocketServerOfBun, webSocketServerOfDeno } from './native-web-socket-server.mjs';

/** @import { Adapter } from '../adapter.mjs' */

/** Whether this runtime has a WebSocket of its own. */
export const hasWebSocket = 'WebSocket' in globalThis;

/**
 * The runtime's own WebSocket as the client; the server is the runtime's own where it has one, else that of `ws`. Without TLS,
 * because most of them cannot be told which authority to trust.
 * @type {Adapter}
 */
export const nativeWebSocket = {
  ...webSocketOfWs,
  name: 'websocket (native)',
  ways: ['clear'],
  pausesReading: !('Deno' in globalThis) && !('Bun' in globalThis),
  async listen(request) {
    if ('Deno' in globalThis) return webSocketServerOfDeno(request.serving);
    if ('Bun' in globalThis) return webSocketServerOfBun(request.serving);
    return webSocketOfWs.listen(request);
  },
  connect: ({ port, client }) => connect({ ...client, ...whereIs(port) }),
  keepConnected: ({ port, client }) => keepConnected({ ...client, ...whereIs(port) }),
};

/** @param {number} port */
const whereIs = (port) => ({ url: `ws://127.0.0.1:${port}/xmpp-websocket`, allowPlaintext: true });
