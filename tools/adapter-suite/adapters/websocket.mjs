import { connect, keepConnected } from '@xmpp-wire/websocket';
import { listen } from '@xmpp-wire/websocket/node';
import { WebSocket, WebSocketServer } from 'ws';
import { SCRAM } from '../adapter.mjs';

/** @import { ConnectOptions } from '@xmpp-wire/websocket' */
/** @import { Adapter, ConnectRequest } from '../adapter.mjs' */

/** WebSockets of the package `ws`, on both sides. @type {Adapter} */
export const webSocketOfWs = {
  name: 'websocket (ws)',
  ways: ['clear', 'direct'],
  carries: 'messages',
  mechanisms: () => [...SCRAM, 'PLAIN'],
  pausesReading: true,
  async listen({ way, certificate, serving }) {
    return listen({ WebSocketServer, port: 0, protection: way === 'direct' ? certificate : 'none', ...serving });
  },
  connect: ({ client, ...request }) => connect({ ...client, ...whereIs(request) }),
  keepConnected: ({ client, ...request }) => keepConnected({ ...client, ...whereIs(request) }),
};

/** @param {Omit<ConnectRequest, 'client'>} request @returns {Partial<ConnectOptions>} */
function whereIs({ way, port, ca }) {
  return {
    url: `${way === 'direct' ? 'wss' : 'ws'}://127.0.0.1:${port}/xmpp-websocket`,
    allowPlaintext: way === 'clear',
    WebSocket: class extends WebSocket {
      /** @param {string} url @param {string[]} protocols */
      constructor(url, protocols) {
        super(url, protocols, { ca });
      }
    },
  };
}
