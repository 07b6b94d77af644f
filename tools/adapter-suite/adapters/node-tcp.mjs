import { connect, listen } from '@xmpp-wire/node-tcp';
import { SCRAM, SCRAM_PLUS } from '../adapter.mjs';
import { DOMAIN } from '../lib/world.mjs';

/** @import { Adapter } from '../adapter.mjs' */

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
  connect: ({ way, port, ca, client }) =>
    connect({ ...client, host: '127.0.0.1', port, directTls: way === 'direct' ? 'only' : 'never', tls: { ca } }),
};
