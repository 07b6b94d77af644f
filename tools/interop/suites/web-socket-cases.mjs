// Our client against the WebSocket of a real server.
import { message } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { connect } from '@xmpp-wire/websocket';
import { WebSocket } from 'ws';
import { Wire } from '../lib/client.mjs';
import { CaseFailure } from '../lib/runner.mjs';
import { within } from '../lib/wait.mjs';
import { PASSWORD, WRONG_PASSWORD } from '../lib/world.mjs';

/**
 * @typedef {{ url: string, domain: string }} WebSocketPlace
 * @typedef {Awaited<ReturnType<typeof connect>>} Connection
 */

const PATIENCE = 8000;
const BODY = `Ünïcode & <markup> "]]>": ä€😀 ${'x'.repeat(20_000)}`;

/** @param {() => WebSocketPlace} place @returns {import('../lib/runner.mjs').Suite['cases']} */
export function webSocketCases(place) {
  /** @param {string} title @param {(logIn: (password?: string) => Promise<Connection>) => Promise<string>} work */
  const using = (title, work) => ({
    title: `client ${title} over WebSocket`,
    run: async () => {
      const wire = new Wire();
      /** @type {Connection[]} */
      const open = [];
      try {
        return await work(async (password = PASSWORD) => {
          const { url, domain } = place();
          const options = { jid: `alice@${domain}`, password, url, WebSocket, allowPlaintext: true };
          const connection = await within('the login', PATIENCE, connect({ ...options, onTrace: wire.onTrace }));
          open.push(connection);
          return connection;
        });
      } catch (error) {
        throw new CaseFailure(error instanceof Error ? error.message : String(error), wire.toString());
      } finally {
        for (const connection of open) connection.abort();
      }
    },
  });

  return [
    using('logs in', async (logIn) => (await logIn()).jid.toString()),
    using('gets its roster', async (logIn) => {
      const connection = await logIn();
      const payload = xml('query', { xmlns: 'jabber:iq:roster' });
      const answer = await within('the roster', PATIENCE, connection.request({ type: 'get', payload }));
      if (answer.type !== 'result') throw new Error(`the answer is of type ${answer.type}`);
      return `result with ${answer.payload?.name}`;
    }),
    using('gets a message of 20 000 characters to its own full JID', async (logIn) => {
      const connection = await logIn();
      await connection.send(message({ to: connection.jid, type: 'chat', body: BODY }));
      await within('the message', PATIENCE, arrives(connection, BODY));
      return `${BODY.length} characters`;
    }),
    using('is told not-authorized for a wrong password', async (logIn) => {
      const failure = await logIn(WRONG_PASSWORD).then(
        () => 'it logged in',
        (/** @type {Error} */ error) => error.message,
      );
      if (!failure.includes('not-authorized')) throw new Error(failure);
      return failure;
    }),
    using('closes the stream cleanly', async (logIn) => {
      const connection = await logIn();
      const { cause, error } = await within('the end', PATIENCE, connection.close());
      if (cause.code !== 'closed-locally' || error !== undefined) throw new Error(`${cause.code} ${error?.message}`);
      return cause.code;
    }),
  ];
}

/** @param {Connection} connection @param {string} body */
async function arrives(connection, body) {
  for await (const stanza of connection.stanzas()) if (stanza.element.childText('body') === body) return;
  throw new Error('the stream ended before the message came');
}
