// All the ways in which a connection ends.
import assert from 'node:assert/strict';
import { message } from '@xmpp-wire/core';
import { rejection, until, within } from '../lib/wait.mjs';
import { DOMAIN, startWorld } from '../lib/world.mjs';

/** @import { Adapter, Case, Way } from '../adapter.mjs' */

/** @param {Adapter} adapter @param {Way} way @returns {Omit<Case, 'way'>[]} */
export function ending(adapter, way) {
  const over = `${adapter.name}, ${way}`;
  return [
    {
      feature: 'cut at any moment',
      name: `${over}: cut behind any byte, connecting fails and the server forgets the connection`,
      async run() {
        const world = await startWorld(adapter, way, { timeouts: { negotiation: 2000 } });
        try {
          const length = await measure(world);
          for (const direction of /** @type {const} */ (['toServer', 'toClient'])) {
            for (const bytes of positions(length[direction])) {
              const proxy = await world.proxy();
              proxy.cutAfter(direction, bytes);
              const error = await rejection(
                world.connect({ timeouts: patience() }, proxy.port).then(async (client) => {
                  // A login may do without its last bytes, or be a little shorter than the one that was measured.
                  setTimeout(() => client.abort(), 100);
                  const end = await client.closed;
                  throw Object.assign(new Error('cut'), { code: end.cause.code });
                }),
              );
              assert.ok(
                error instanceof Error && 'code' in error,
                `cut ${direction} behind ${bytes}: ${String(error)}`,
              );
            }
          }
          await until('no connection is left', () => world.size() === 0);
          assert.deepEqual(world.errors, []);
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'cut when established',
      name: `${over}: cut when established, both ends say unexpected-eof, and a send says false`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const proxy = await world.proxy();
          const { client, server } = await within('connecting', world.pair({}, proxy.port));
          await proxy.close();
          assert.equal((await within('the end', client.closed)).cause.code, 'unexpected-eof');
          assert.equal((await within('the other end', server.closed)).cause.code, 'unexpected-eof');
          assert.equal(await client.send(message({ body: 'too late' })), false);
          await until('no connection is left', () => world.size() === 0);
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'abort',
      name: `${over}: abort() cuts at once, on either side`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          for (const side of /** @type {const} */ (['client', 'server'])) {
            const pair = await within('connecting', world.pair());
            pair[side].abort();
            assert.match((await within('the end', pair[side].closed)).error?.message ?? '', /abort/);
            const other = side === 'client' ? pair.server : pair.client;
            assert.equal((await within('the other end', other.closed)).cause.code, 'unexpected-eof');
          }
          await until('no connection is left', () => world.size() === 0);
        } finally {
          await world.close();
        }
      },
    },
    ...(adapter.carries === 'bytes' && way !== 'direct'
      ? [
          {
            feature: 'half-close',
            name: `${over}: a client that ends its half still gets what the server has said`,
            async run() {
              const world = await startWorld(adapter, way);
              try {
                const proxy = await world.proxy();
                const { client, server } = await within('connecting', world.pair({}, proxy.port));
                proxy.stall('toClient');
                for (let sent = 0; sent < 5; sent++) {
                  await server.send(message({ to: client.jid, id: `${sent}`, body: 'x'.repeat(8000) }));
                }
                proxy.endClient();
                // The stream is over before anybody has taken what was said.
                await until('the server notices', () => server.describe().entity.phase === 'closed');
                proxy.flow();
                let heard = 0;
                for await (const stanza of client.stanzas()) assert.equal(stanza.id, `${heard++}`);
                assert.equal(heard, 5);
                assert.equal((await within('the end', server.closed)).cause.code, 'unexpected-eof');
                assert.equal((await within('the other end', client.closed)).cause.code, 'unexpected-eof');
              } finally {
                await world.close();
              }
            },
          },
        ]
      : []),
    {
      feature: 'server shutdown',
      name: `${over}: a server that shuts down tells its clients, takes no more, and leaves nothing behind`,
      async run() {
        const world = await startWorld(adapter, way);
        const clients = await within('connecting', Promise.all([1, 2, 3].map(() => world.connect())));
        await within('the shutdown', world.close(2000));
        for (const client of clients) {
          const { cause } = await within('the end', client.closed);
          assert.equal(cause.code, 'stream-error-received');
          assert.equal(cause.code === 'stream-error-received' && cause.error.condition, 'system-shutdown');
        }
        assert.equal(world.size(), 0);
        await rejection(world.connect({ timeouts: patience() }));
      },
    },
    {
      feature: 'server shutdown',
      name: `${over}: a client that does not go is cut when the time is over`,
      async run() {
        const world = await startWorld(adapter, way);
        const proxy = await world.proxy();
        const { client, server } = await within('connecting', world.pair({}, proxy.port));
        proxy.stall('toClient');
        await within('the shutdown', world.close(50));
        await within('the end', server.closed);
        assert.equal(world.size(), 0);
        client.abort();
      },
    },
    {
      feature: 'other domains',
      name: `${over}: a server that does not serve the domain says so`,
      async run() {
        const world = await startWorld(adapter, way, {
          asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' }, domain: DOMAIN }) },
        });
        try {
          const error = await rejection(world.connect());
          assert.ok(error instanceof Error && 'code' in error);
          assert.equal(error.code, 'stream-error');
        } finally {
          await world.close();
        }
      },
    },
  ];
}

// The last two have no place in the options that all adapters share; an adapter takes those that it knows.
const patience = () => /** @type {object} */ ({ negotiation: 1000, tls: 1000, websocket: 1000 });

/** How many bytes a login is, each way. @param {Awaited<ReturnType<typeof startWorld>>} world */
async function measure(world) {
  const proxy = await world.proxy();
  const { client } = await within('connecting', world.pair({}, proxy.port));
  const passed = { ...proxy.passed };
  client.abort();
  return passed;
}

/** Some of the bytes of a login, ever less densely. @param {number} length */
function positions(length) {
  /** @type {number[]} */
  const found = [0];
  for (let at = 1; at < length; at = Math.ceil(at * 1.7)) found.push(at);
  return [...found, length - 1];
}
