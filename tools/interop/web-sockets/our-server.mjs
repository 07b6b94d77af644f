import { randomBytes } from 'node:crypto';
import { jid, message } from '@xmpp-wire/core';
import { createServer, MemoryAccounts } from '@xmpp-wire/server';
import { connect } from '@xmpp-wire/websocket';
import { WebSocket } from 'ws';

export const PASSWORD = 'secret';

/**
 * A server to try clients at.
 * @typedef {object} Place
 * @property {string} url of its WebSocket
 * @property {string} domain
 * @property {string} friend who answers what is written to it
 * @property {() => Promise<void>} stop
 */

/** Our server with the account `alice`, and `bob`, who answers. @returns {Promise<Place>} */
export async function startOurServer() {
  const domain = 'localhost';
  const accounts = new MemoryAccounts({ random: (length) => new Uint8Array(randomBytes(length)) });
  for (const name of ['alice', 'bob']) await accounts.add(jid(`${name}@${domain}`), PASSWORD);
  const server = createServer({
    domains: [domain],
    accounts,
    ports: { starttls: 0, directTls: false },
    webSocket: { port: 0, protection: 'none' },
  });
  await server.start();
  // Node 20 has no WebSocket of its own, and the libraries want one.
  Object.assign(globalThis, { WebSocket });
  const url = server.webSocket?.url ?? '';
  const bob = await connect({ jid: `bob@${domain}`, password: PASSWORD, url, WebSocket, allowPlaintext: true });
  void (async () => {
    for await (const stanza of bob.stanzas()) {
      const body = stanza.kind === 'message' ? stanza.element.childText('body') : undefined;
      if (body !== undefined && stanza.from !== undefined) {
        await bob.send(message({ to: stanza.from, type: 'chat', body: `heard: ${body}` }));
      }
    }
  })();
  return { url, domain, friend: bob.jid.toString(), stop: async () => server.stop(500) };
}

/** Rejects when something does not come in time. @template T @param {string} what @param {Promise<T>} promise @returns {Promise<T>} */
export function within(what, promise) {
  return Promise.race([
    promise,
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`${what} did not come within 10 s`)), 10_000).unref();
    }),
  ]);
}
