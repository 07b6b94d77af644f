// A server of one domain with the account juliet, on the adapter's transport, and what is told of its connections.
import { scramCredentials } from '@xmpp-wire/core/sasl';
import { makeSelfSignedCertificate } from '@xmpp-wire/server';
import { SCRAM, SCRAM_PLUS } from '../adapter.mjs';
import { startProxy } from './proxy.mjs';

/** @import { ScramHash, ScramCredentials } from '@xmpp-wire/core/sasl' */
/** @import { FailedConnection, XmppConnection, XmppSession } from '@xmpp-wire/driver' */
/** @import { Adapter, Client, Serving, Way } from '../adapter.mjs' */

export const DOMAIN = 'im.example.com';
export const PASSWORD = 'R0m30';
const ITERATIONS = 4096;

/** @type {ReturnType<typeof makeSelfSignedCertificate> | undefined} */
let certificate;
/** @type {Map<ScramHash, ScramCredentials>} */
const stored = new Map();

/** @param {ScramHash} hash */
function credentialsOf(hash) {
  const salt = new Uint8Array(16).fill(3);
  const known = stored.get(hash) ?? scramCredentials({ hash, password: PASSWORD, salt, iterations: ITERATIONS });
  stored.set(hash, known);
  return known;
}

/**
 * @typedef {object} World
 * @property {number} port
 * @property {() => number} size
 * @property {readonly XmppConnection[]} served connections in the order in which they were established
 * @property {readonly FailedConnection[]} failures
 * @property {readonly unknown[]} errors
 * @property {() => void} forget keeps none of the connections so far
 * @property {() => Promise<XmppConnection>} nextServed the next connection that is established at the server
 * @property {(more?: Client, port?: number) => Promise<XmppConnection>} connect
 * @property {(more?: Client, port?: number) => Promise<{ client: XmppConnection, server: XmppConnection }>} pair
 * @property {() => XmppSession} keepConnected a session that comes back without delay
 * @property {() => ReturnType<typeof startProxy>} proxy a proxy in front of it; it ends with the world
 * @property {(timeout?: number) => Promise<void>} close
 */

/** @param {Adapter} adapter @param {Way} way @param {Partial<Serving>} [serving] @returns {Promise<World>} */
export async function startWorld(adapter, way, serving = {}) {
  certificate ??= makeSelfSignedCertificate([DOMAIN]);
  const { cert, key, ca } = await certificate;
  /** @type {XmppConnection[]} */
  const served = [];
  /** @type {FailedConnection[]} */
  const failures = [];
  /** @type {unknown[]} */
  const errors = [];
  /** @type {((connection: XmppConnection) => void)[]} */
  let waiting = [];
  /** @type {Awaited<ReturnType<typeof startProxy>>[]} */
  const proxies = [];
  const listener = await adapter.listen({
    way,
    certificate: { cert, key },
    serving: {
      onFailure: (failed) => failures.push(failed),
      onError: (error) => errors.push(error),
      ...serving,
      asks: {
        'accept-stream': ({ to }) =>
          to === undefined || to === DOMAIN
            ? {
                domain: DOMAIN,
                mechanisms: [...SCRAM_PLUS, ...SCRAM, 'PLAIN', 'ANONYMOUS'],
                plain: { check: 'scram-keys', hash: 'SHA-256' },
                decoySecret: new Uint8Array(32).fill(7),
                decoyIterations: ITERATIONS,
              }
            : { refuse: { condition: 'host-unknown' }, domain: DOMAIN },
        'look-up-credentials': ({ authcid, hash }) => (authcid === 'juliet' ? credentialsOf(hash) : 'unknown-account'),
        authorize: ({ mechanism }) =>
          mechanism === 'ANONYMOUS' ? { authcid: 'guest', authzid: undefined } : 'not-authorized',
        ...serving.asks,
      },
      onConnection(connection, peer) {
        served.push(connection);
        const told = waiting;
        waiting = [];
        for (const tell of told) tell(connection);
        return serving.onConnection?.(connection, peer);
      },
    },
  });
  /** @type {World} */
  const world = {
    port: listener.port,
    size: () => listener.size,
    served,
    failures,
    errors,
    forget: () => void served.splice(0),
    nextServed: () => new Promise((resolve) => waiting.push(resolve)),
    connect: (more = {}, port = listener.port) => {
      const account = more.domain === undefined ? { jid: `juliet@${DOMAIN}`, password: PASSWORD } : {};
      return adapter.connect({ way, port, ca, client: { ...account, ...more } });
    },
    keepConnected() {
      const reconnect = { first: { min: 0, max: 0 }, longest: 20, lateFrom: 0 };
      const client = { jid: `juliet@${DOMAIN}`, password: PASSWORD, reconnect };
      return adapter.keepConnected({ way, port: listener.port, ca, client });
    },
    async pair(more, port) {
      const arriving = world.nextServed();
      const client = await world.connect(more, port);
      return { client, server: await arriving };
    },
    async proxy() {
      const proxy = await startProxy(listener.port);
      proxies.push(proxy);
      return proxy;
    },
    async close(timeout = 500) {
      await listener.close(timeout);
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
  return world;
}
