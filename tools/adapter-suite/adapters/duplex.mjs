import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { connectOver, DuplexServer, keepConnectedOver } from '@xmpp-wire/example-duplex-adapter';
import { SCRAM } from '../adapter.mjs';

/** @import { AddressInfo } from 'node:net' */
/** @import { Adapter } from '../adapter.mjs' */

/** The example of docs/writing-an-adapter.md, over sockets without TLS. @type {Adapter} */
export const duplex = {
  name: 'duplex (the example)',
  ways: ['clear'],
  carries: 'bytes',
  mechanisms: () => [...SCRAM, 'PLAIN'],
  pausesReading: true,
  async listen({ serving }) {
    const xmpp = new DuplexServer(serving);
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      xmpp.accept(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      // A listening TCP server has an AddressInfo.
      port: /** @type {AddressInfo} */ (server.address()).port,
      get size() {
        return xmpp.size;
      },
      async close(timeout) {
        const closed = new Promise((resolve) => server.close(resolve));
        await xmpp.close(timeout);
        await closed;
      },
    };
  },
  connect: async ({ port, client }) => connectOver(await dial(port), { ...client, isTrusted: true }),
  keepConnected: ({ port, client }) => keepConnectedOver({ ...client, isTrusted: true, open: () => dial(port) }),
};

/** @param {number} port */
async function dial(port) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  return socket;
}
