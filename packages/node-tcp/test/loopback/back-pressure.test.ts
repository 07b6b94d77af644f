import { jid, message, type Message } from '@xmpp-wire/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { XmppConnection } from '../../src/index.ts';
import { makeWorld, type World } from '../support/world.ts';

const ROMEO = jid('romeo@example.net');
const LINE = 'x'.repeat(8_000);
/** More than the socket buffers of both ends and all queues hold. */
const MANY = 4_000;

let world: World;
let client: XmppConnection;
let server: XmppConnection;
beforeEach(async () => {
  world = await makeWorld();
  const arrived = world.nextServed();
  client = await world.connect('starttls');
  server = await arrived;
});
afterEach(async () => world.close());

const line = (index: number): Message => message({ to: ROMEO, id: `${index}`, body: LINE });

/** Sends until the other side holds it up; how many went, and the send that waits. */
async function sendUntilHeldUp(from: XmppConnection): Promise<{ sent: number; held: Promise<boolean> }> {
  for (let sent = 1; sent <= MANY; sent++) {
    const sending = from.send(line(sent));
    const outcome = await Promise.race([sending, untilQuiet(from)]);
    if (outcome === 'quiet') return { sent, held: sending };
  }
  throw new Error('nothing held the sender up');
}

/** Resolves once many turns of the loop have passed in which no byte left. */
async function untilQuiet(connection: XmppConnection): Promise<'quiet'> {
  let quiet = 0;
  let before = connection.describe().bufferedOutput;
  while (quiet < 200) {
    await new Promise((resolve) => setImmediate(resolve));
    const after = connection.describe().bufferedOutput;
    quiet = after === before ? quiet + 1 : 0;
    before = after;
  }
  return 'quiet';
}

describe.each([
  ['a server', 'a client', () => [server, client] as const],
  ['a client', 'a server', () => [client, server] as const],
])('%s that does not read', (_, other, ends) => {
  it(`holds ${other} up, with little in memory at either end, and loses nothing`, async () => {
    const [reader, writer] = ends();
    const { sent, held } = await sendUntilHeldUp(writer);
    const [reading, writing] = [reader.describe(), writer.describe()];
    // The reader stopped: its queue is full, its buffer is not.
    expect(reading.queuedEvents).toBe(32);
    expect(reading.entity.bufferedInput).toBeLessThan(200_000);
    // The writer waits with little more than what made it wait.
    expect(writing.bufferedOutput).toBeLessThan(65_536 + 2 * 10_000);
    let received = 0;
    for await (const stanza of reader.stanzas()) {
      received++;
      expect(stanza.id).toBe(`${received}`);
      if (received === sent) break;
    }
    expect(await held).toBe(true);
  });
});

describe('a peer that does not read at all', () => {
  it('is cut when more waits for it than may wait', async () => {
    await world.close();
    world = await makeWorld({ maxBufferedOutput: 1_000_000 });
    const arrived = world.nextServed();
    client = await world.connect('direct');
    server = await arrived;
    // Whoever does not wait for send() is stopped here.
    const sends: Promise<boolean>[] = [];
    for (let index = 1; index <= MANY; index++) sends.push(server.send(line(index)));
    expect(await sends.at(-1)).toBe(false);
    const end = await server.closed;
    expect(end.error?.message).toMatch(/does not read.*maxBufferedOutput is 1000000/);
    expect(end.cause.code).toBe('unexpected-eof');
  });
});

describe('a connection whose reader does not keep up', () => {
  it('ends when it is closed by somebody who does not read, whatever still comes', async () => {
    const { held } = await sendUntilHeldUp(server);
    expect((await client.close()).cause).toMatchObject({ code: 'closed-locally' });
    await held;
  });

  it('ends when the peer is gone, once what had come was read', async () => {
    await sendUntilHeldUp(server);
    server.abort();
    let received = 0;
    for await (const stanza of client.stanzas()) if (stanza.kind === 'message') received++;
    expect(received).toBeGreaterThan(32);
    expect((await client.closed).cause.code).toBe('unexpected-eof');
  });
});
