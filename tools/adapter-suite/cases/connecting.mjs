// Coming to a stream: TLS, each mechanism, and what is said when it does not come to one.
import assert from 'node:assert/strict';
import { jid, message } from '@xmpp-wire/core';
import { startSilence, stayMute } from '../lib/proxy.mjs';
import { rejection, until, within } from '../lib/wait.mjs';
import { DOMAIN, startWorld } from '../lib/world.mjs';

/** @import { XmppConnection } from '@xmpp-wire/driver' */
/** @import { Adapter, Case, Way } from '../adapter.mjs' */

/** @param {Adapter} adapter @param {Way} way @returns {Omit<Case, 'way'>[]} */
export function connecting(adapter, way) {
  const over = `${adapter.name}, ${way}`;
  return [
    {
      feature: way,
      name: `${over}: connects, says who it is, exchanges stanzas both ways and closes in order`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const { client, server } = await within('connecting', world.pair({ jid: `juliet@${DOMAIN}/balcony` }));
          assert.equal(client.jid.toString(), `juliet@${DOMAIN}/balcony`);
          assert.ok(server.jid.equals(client.jid));
          await client.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' }));
          assert.equal(await nextBody(server), 'Art thou not Romeo?');
          await server.send(message({ to: client.jid, body: 'Neither, fair saint.' }));
          assert.equal(await nextBody(client), 'Neither, fair saint.');
          assert.equal((await within('closing', client.close())).cause.code, 'closed-locally');
          assert.equal((await within('the other end', server.closed)).cause.code, 'closed-by-peer');
          await until('no connection is left', () => world.size() === 0);
          assert.deepEqual(world.errors, []);
        } finally {
          await world.close();
        }
      },
    },
    ...adapter.mechanisms(way).map((mechanism) => ({
      feature: mechanism,
      name: `${over}: logs in with ${mechanism}`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          /** @type {string[]} */
          const sent = [];
          const client = await within(
            'connecting',
            world.connect({
              mechanisms: [mechanism],
              onTrace: ({ direction, xml }) => void (direction === 'out' && sent.push(xml)),
            }),
          );
          assert.ok(sent.some((xml) => xml.startsWith('<auth') && xml.includes(`mechanism='${mechanism}'`)));
          await client.close();
        } finally {
          await world.close();
        }
      },
    })),
    {
      feature: 'ANONYMOUS',
      name: `${over}: is let in without a name`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const client = await within('connecting', world.connect({ domain: DOMAIN, authenticateBy: 'none' }));
          assert.equal(client.jid.bare.toString(), `guest@${DOMAIN}`);
          await client.close();
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'errors',
      name: `${over}: a wrong password is an error with a code, and the server is told`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const error = await rejection(world.connect({ password: 'wrong' }));
          assert.ok(error instanceof Error && 'code' in error);
          assert.equal(error.code, 'sasl-refused');
          await until('the server has said so', () => world.failures.length === 1);
          await until('no connection is left', () => world.size() === 0);
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'timeouts',
      name: `${over}: a server that says nothing is given up, in time and by a signal`,
      async run() {
        const silence = await startSilence();
        const world = await startWorld(adapter, way);
        try {
          const error = await rejection(world.connect({ timeouts: { negotiation: 60, ...shortTls() } }, silence.port));
          assert.ok(error instanceof Error && 'code' in error);
          assert.match(String(error.code), /-timed-out$/);
          const abort = new AbortController();
          const given = rejection(world.connect({ signal: abort.signal }, silence.port));
          setTimeout(() => abort.abort(new Error('enough')), 30);
          const reason = await given;
          assert.equal(reason instanceof Error ? reason.message : reason, 'enough');
        } finally {
          await world.close();
          await silence.close();
        }
      },
    },
    {
      feature: 'timeouts',
      name: `${over}: a client that says nothing is cut`,
      async run() {
        const world = await startWorld(adapter, way, { timeouts: { negotiation: 60 } });
        try {
          // Who does TLS, or an upgrade, before the stream has deadlines of its own for them; here it is the stream's.
          if (way !== 'direct' && adapter.carries === 'bytes') await within('the cut', stayMute(world.port));
          else assert.equal(world.size(), 0);
        } finally {
          await world.close();
        }
      },
    },
  ];
}

// These have no place in the options that all adapters share; an adapter takes those that it knows.
const shortTls = () => /** @type {object} */ ({ tls: 60, websocket: 60 });

/** The body of the next message; fails when the stream ends before. @param {XmppConnection} connection */
export async function nextBody(connection) {
  return within(
    'a message',
    (async () => {
      for await (const stanza of connection.stanzas()) return stanza.element.childText('body');
      assert.fail('the stream ended');
    })(),
  );
}
