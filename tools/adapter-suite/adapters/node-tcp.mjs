import { connect, keepConnected, listen } from '@xmpp-wire/node-tcp';
import { SCRAM, SCRAM_PLUS } from '../adapter.mjs';
import { DOMAIN } from '../lib/world.mjs';

/** @import { ConnectOptions } from '@xmpp-wire/node-tcp' */
/** @import { Adapter, ConnectRequest } from '../adapter.mjs' */

/** @type {Adapter} */
export const nodeTcp = {
  name: 'node-tcp',
  ways: ['starttls', 'direct'],
  carries: 'bytes',
  mechanisms: () => [...SCRAM_PLUS, ...SCRAM, 'PLAIN'],
  pausesReading: true,
  async listen({ way, certificate, serving }) {
    return listen({
      endpoints: [{ port: 0, host: '127.0.0.1', tls: way === 'direct' ? 'direct' : 'starttls' }],
      tls: { certificates: { [DOMAIN]: certificate } },
      ...serving,
    });
  },
  connect: ({ client, ...request }) => connect({ ...client, ...whereIs(request) }),
  keepConnected: ({ client, ...request }) => keepConnected({ ...client, ...whereIs(request) }),
};

/** @param {Omit<ConnectRequest, 'client'>} request @returns {Partial<ConnectOptions>} */
function whereIs({ way, port, ca }) {
  return { host: '127.0.0.1', port, directTls: way === 'direct' ? 'only' : 'never', tls: { ca } };
}
