import { connect } from '@xmpp-wire/websocket';
import { listen } from '@xmpp-wire/websocket/node';
import { WebSocket, WebSocketServer } from 'ws';
import { SCRAM } from '../adapter.mjs';

/** @import { Adapter } from '../adapter.mjs' */

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
  connect: ({ way, port, ca, client }) =>
    connect({
      ...client,
      url: `${way === 'direct' ? 'wss' : 'ws'}://127.0.0.1:${port}/xmpp-websocket`,
      allowPlaintext: way === 'clear',
      WebSocket: class extends WebSocket {
        /** @param {string} url @param {string[]} protocols */
        constructor(url, protocols) {
          super(url, protocols, { ca });
        }
      },
    }),
};
