// Stanzas: many, large, and more than the other side takes.
import assert from 'node:assert/strict';
import { jid, message } from '@xmpp-wire/core';
import { until, untilStill, within } from '../lib/wait.mjs';
import { startWorld } from '../lib/world.mjs';
import { nextBody } from './connecting.mjs';

/** @import { XmppConnection } from '@xmpp-wire/driver' */
/** @import { Adapter, Case, Way } from '../adapter.mjs' */

const ROMEO = jid('romeo@example.net');
const LINE = 'x'.repeat(8000);
/** More lines than all buffers between two ends hold. */
const MANY = 4000;
/** Lines that make two ends wait for each other if they can: 12 MB. */
const BULK = 1500;
/** What may wait at a sender that waits itself: what made it wait, and a line or two on top. */
const HELD = 65_536 + 3 * 8200;

/** @param {Adapter} adapter @param {Way} way @returns {Omit<Case, 'way'>[]} */
export function flowing(adapter, way) {
  const over = `${adapter.name}, ${way}`;
  return [
    {
      feature: 'many stanzas',
      name: `${over}: carries a thousand stanzas each way at once, in order`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const { client, server } = await within('connecting', world.pair());
          await within(
            'a thousand stanzas each way',
            Promise.all([
              sendMany(client, 1000),
              sendMany(server, 1000),
              readMany(client, 1000),
              readMany(server, 1000),
            ]),
          );
          await client.close();
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'bulk both ways at once',
      name: `${over}: carries more than all buffers hold each way at once, while both ends read and wait with sending`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const { client, server } = await within('connecting', world.pair());
          await within(
            'bulk each way',
            Promise.all([sendBulk(client), sendBulk(server), readMany(client, BULK), readMany(server, BULK)]),
          );
          await client.close();
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'big stanzas',
      name: `${over}: carries a stanza of 250 000 bytes each way; one beyond the limit ends the stream`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const { client, server } = await within('connecting', world.pair());
          const big = 'ä'.repeat(125_000);
          await client.send(message({ to: ROMEO, body: big }));
          assert.equal(await nextBody(server), big);
          await server.send(message({ to: client.jid, body: big }));
          assert.equal(await nextBody(client), big);
          await client.send(message({ to: ROMEO, body: 'x'.repeat(300_000) }));
          const end = await within('the end', server.closed);
          assert.ok(['peer-misbehaved', 'unexpected-eof'].includes(end.cause.code), end.cause.code);
          await within('the other end', client.closed);
        } finally {
          await world.close();
        }
      },
    },
    ...[/** @type {const} */ ('toClient'), /** @type {const} */ ('toServer')].map((direction) => ({
      feature: `back-pressure: ${direction === 'toClient' ? 'a client' : 'a server'} that the network keeps from reading`,
      name: `${over}: ${direction === 'toClient' ? 'a server' : 'a client'} waits for a network that takes nothing, with little in memory, and loses nothing`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const proxy = await world.proxy();
          const { client, server } = await within('connecting', world.pair({}, proxy.port));
          const [writer, reader] = direction === 'toClient' ? [server, client] : [client, server];
          proxy.stall(direction);
          let sent = 0;
          const sending = (async () => {
            for (; sent < MANY; sent++) await writer.send(line(sent));
          })();
          await untilStill(() => sent);
          assert.ok(sent < MANY, `${sent} stanzas were taken although nobody reads`);
          assert.ok(writer.describe().bufferedOutput < HELD, `${writer.describe().bufferedOutput} bytes wait`);
          proxy.flow();
          await within('the rest', Promise.all([sending, readMany(reader, MANY)]));
          await client.close();
        } finally {
          await world.close();
        }
      },
    })),
    ...(adapter.pausesReading
      ? [
          {
            feature: 'back-pressure: an application that does not read',
            name: `${over}: whoever does not read makes the client wait, with little in memory, and loses nothing`,
            async run() {
              const world = await startWorld(adapter, way);
              try {
                const { client, server } = await within('connecting', world.pair());
                let sent = 0;
                const sending = (async () => {
                  for (; sent < MANY; sent++) await client.send(line(sent));
                })();
                await untilStill(() => sent);
                assert.ok(sent < MANY, `${sent} stanzas were taken although nobody reads`);
                assert.ok(server.describe().queuedEvents <= 32);
                assert.ok(server.describe().entity.bufferedInput < 1_048_576 + 262_144);
                await within('the rest', Promise.all([sending, readMany(server, MANY)]));
                await client.close();
              } finally {
                await world.close();
              }
            },
          },
        ]
      : []),
    {
      feature: 'back-pressure: a sender that does not wait',
      name: `${over}: a peer that does not read is cut when more waits for it than may wait`,
      async run() {
        const world = await startWorld(adapter, way, { maxBufferedOutput: 1_000_000 });
        try {
          const proxy = await world.proxy();
          const { server } = await within('connecting', world.pair({}, proxy.port));
          proxy.stall('toClient');
          /** @type {Promise<boolean>[]} */
          const sends = [];
          for (let sent = 0; sent < MANY; sent++) {
            sends.push(server.send(line(sent)));
            if (sent % 10 === 0) await Promise.resolve();
          }
          const end = await within('the cut', server.closed);
          assert.match(end.error?.message ?? '', /does not read.*maxBufferedOutput is 1000000/);
          assert.equal(await sends.at(-1), false);
          await until('no connection is left', () => world.size() === 0);
        } finally {
          await world.close();
        }
      },
    },
  ];
}

/** @param {number} index */
const line = (index) => message({ to: ROMEO, id: `${index}`, body: LINE });

/** @param {XmppConnection} from @param {number} count */
async function sendMany(from, count) {
  for (let sent = 0; sent < count; sent++) await from.send(message({ to: ROMEO, id: `${sent}`, body: 'Hist!' }));
}

/** @param {XmppConnection} from */
async function sendBulk(from) {
  for (let sent = 0; sent < BULK; sent++) assert.ok(await from.send(line(sent)));
}

/** @param {XmppConnection} connection @param {number} count */
async function readMany(connection, count) {
  let received = 0;
  for await (const stanza of connection.stanzas()) {
    assert.equal(stanza.id, `${received}`);
    received++;
    if (received === count) return;
  }
  assert.fail(`the stream ended after ${received} of ${count} stanzas`);
}
