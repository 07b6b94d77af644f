import { connect, keepConnected, listen } from '@xmpp-wire/deno';
import { SCRAM } from '../adapter.mjs';
import { nodeTcp } from './node-tcp.mjs';

/** @import { ConnectOptions } from '@xmpp-wire/deno' */
/** @import { Adapter, ConnectRequest } from '../adapter.mjs' */

/** Deno's own sockets. They have no STARTTLS for servers: there the server is node-tcp's, in Deno too. @type {Adapter} */
export const deno = {
  name: 'deno',
  ways: ['starttls', 'direct'],
  carries: 'bytes',
  mechanisms: () => [...SCRAM, 'PLAIN'],
  pausesReading: true,
  async listen(request) {
    const { way, certificate, serving } = request;
    if (way === 'starttls') return nodeTcp.listen(request);
    return listen({ endpoints: [{ port: 0, host: '127.0.0.1', tls: 'direct' }], tls: certificate, ...serving });
  },
  connect: ({ client, ...request }) => connect({ ...client, ...whereIs(request) }),
  keepConnected: ({ client, ...request }) => keepConnected({ ...client, ...whereIs(request) }),
};

/** @param {Omit<ConnectRequest, 'client'>} request @returns {Partial<ConnectOptions>} */
function whereIs({ way, port, ca }) {
  return { host: '127.0.0.1', port, directTls: way === 'direct' ? 'only' : 'never', tls: { caCerts: [ca] } };
}
