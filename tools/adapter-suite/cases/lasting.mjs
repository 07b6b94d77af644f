// Connections that last, and many of them after one another.
import assert from 'node:assert/strict';
import { jid, message, resultOf } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { until, within } from '../lib/wait.mjs';
import { startWorld } from '../lib/world.mjs';

/** @import { Adapter, Case, Way } from '../adapter.mjs' */

/** @param {Adapter} adapter @param {Way} way @param {number} connections @returns {Omit<Case, 'way'>[]} */
export function lasting(adapter, way, connections) {
  const over = `${adapter.name}, ${way}`;
  return [
    {
      feature: 'keepalive',
      name: `${over}: ${adapter.carries === 'bytes' ? 'sends white space when nothing happens' : 'never sends white space'}`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const proxy = await world.proxy();
          const { client, server } = await within(
            'connecting',
            world.pair({ timeouts: { keepalive: 20 } }, proxy.port),
          );
          const before = proxy.passed.toServer;
          if (adapter.carries === 'bytes') {
            await until('two keepalives went by', () => proxy.passed.toServer >= before + 2);
          } else assert.equal(client.describe().entity.timers.has('keepalive'), false);
          // They are nothing to the other side.
          assert.equal(server.describe().queuedEvents, 0);
          assert.equal(server.describe().entity.phase, 'established');
          await client.close();
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'idle',
      name: `${over}: a connection on which nothing arrives is noticed`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const proxy = await world.proxy();
          const client = await within(
            'connecting',
            world.connect({ timeouts: { idle: 80, closing: 50, lingering: 50 } }, proxy.port),
          );
          proxy.stall('toClient');
          const end = await within('the end', client.closed);
          assert.deepEqual(end.cause, { code: 'timed-out', timer: 'idle' });
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'session',
      name: `${over}: a session outlives connections that are cut, and ends when it is stopped`,
      async run() {
        const world = await startWorld(adapter, way);
        try {
          const arriving = world.nextServed();
          const session = world.keepConnected();
          /** @type {string[]} */
          const seen = [];
          const reading = (async () => {
            for await (const { type } of session) seen.push(type);
          })();
          let server = await within('the first connection', arriving);
          for (const end of ['cut', 'closed', 'cut']) {
            await until('the session is connected', () => session.state.name === 'connected');
            const next = world.nextServed();
            if (end === 'cut') server.abort();
            else void server.close({ condition: 'reset' });
            server = await within('the next connection', next);
          }
          await within('the last connection', session.untilConnected());
          assert.equal(await session.send(message({ to: jid('romeo@example.net'), body: 'Hist!' })), true);
          for await (const stanza of server.stanzas()) {
            assert.equal(stanza.element.childText('body'), 'Hist!');
            break;
          }
          assert.deepEqual(await within('the end', session.stop()), { by: 'stop' });
          await within('the end of the events', reading);
          assert.equal(seen.filter((type) => type === 'connected').length, 4);
          assert.equal(seen.filter((type) => type === 'disconnected').length, 4);
          await until('the server forgot', () => world.size() === 0);
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'requests',
      name: `${over}: a request gets its answer, and one without an answer ends with the connection`,
      async run() {
        const world = await startWorld(adapter, way, {
          async onConnection(connection) {
            for await (const stanza of connection.stanzas()) {
              if (stanza.kind !== 'iq' || stanza.type !== 'get') continue;
              if (stanza.element.child('ping', 'urn:xmpp:ping') === undefined) await connection.close();
              else await connection.send(resultOf(stanza));
            }
          },
        });
        try {
          const client = await within('connecting', world.connect());
          const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
          const answer = await within('the answer', client.request({ type: 'get', payload: ping }));
          assert.equal(answer.type, 'result');
          await assert.rejects(client.request({ type: 'get', payload: xml('query', { xmlns: 'urn:example' }) }), {
            code: 'request-closed',
          });
        } finally {
          await world.close();
        }
      },
    },
    {
      feature: 'connections in turn',
      name: `${over}: makes ${connections} connections in turn and keeps nothing of them`,
      async run() {
        const world = await startWorld(adapter, way, {
          async onConnection(connection) {
            for await (const _ of connection);
          },
        });
        try {
          const once = async () => {
            const client = await within('connecting', world.connect({ mechanisms: ['SCRAM-SHA-1'] }));
            await client.send(message({ to: jid('romeo@example.net'), body: 'Hist!' }));
            await within('closing', client.close());
            world.forget();
          };
          // What is made once and kept is made by then.
          const half = connections / 2;
          for (let made = 0; made < half; made++) await once();
          // A connection that was kept would be some 15 KB; without a way to collect garbage nothing can be said. What leaks does so
          // every time, and a collector that has not come to it yet is asked again.
          const most = canCollect() ? 1_000_000 + connections * 1000 : Infinity;
          let grown = Infinity;
          for (let batch = 0; batch < 3 && grown >= most; batch++) {
            const before = used();
            for (let made = 0; made < half; made++) await once();
            await until('no connection is left', () => world.size() === 0);
            grown = used() - before;
          }
          assert.ok(grown < most, `${grown} bytes more are in use after ${connections} connections`);
        } finally {
          await world.close();
        }
      },
    },
  ];
}

/** Whether this process can be told to throw away what is not needed. */
const canCollect = () => 'gc' in globalThis || 'Bun' in globalThis;

/** Bytes that are in use after everything that is not needed was thrown away, where the runtime can do that. */
function used() {
  const { gc, Bun } = /** @type {{ gc?: () => void, Bun?: { gc(force: boolean): void } }} */ (globalThis);
  gc?.();
  Bun?.gc(true);
  return process.memoryUsage().heapUsed;
}
