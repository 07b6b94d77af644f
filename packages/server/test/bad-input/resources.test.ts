import { Socket } from 'node:net';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ReceivingEntity } from '@xmpp-wire/core';
import { ClientStream } from '../../src/stream/client-stream.ts';
import { closed, HEADER, heard, plain, STARTTLS, startTcpWorld, type TcpWorld } from '../support/tcp-world.ts';

setFlagsFromString('--expose-gc');
// What the flag has brought is there in contexts that are made from now on.
const collect = runInNewContext('gc') as () => void;

/** Sockets and timers of this process. */
function resources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCPSocket|TLS|Timeout/.test(kind)) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What there is for each connection, and the heap as a whole, once the garbage is gone. */
async function memory(): Promise<{ readonly objects: Readonly<Record<string, number>>; readonly heap: number }> {
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const count = (constructor: Parameters<typeof queryObjects>[0]): number =>
    queryObjects(constructor, { format: 'count' });
  return {
    objects: {
      entities: count(ReceivingEntity),
      streams: count(ClientStream),
      sockets: count(Socket),
      secured: count(TLSSocket),
    },
    heap: process.memoryUsage().heapUsed,
  };
}

/** One of each kind of trouble, all at once. */
async function trouble(world: TcpWorld, round: number): Promise<void> {
  const ends = async (socket: Awaited<ReturnType<TcpWorld['tcp']>>): Promise<void> => {
    socket.resume();
    socket.on('end', () => socket.end());
    await closed(socket);
  };
  const say = async (text: string, port?: number): Promise<void> => {
    const socket = await world.tcp(port);
    socket.write(text);
    await ends(socket);
  };
  const cutBehind = async (text: string, until: string): Promise<void> => {
    const socket = await world.tls();
    socket.write(text);
    await heard(socket, until);
    socket.destroy();
    await ends(socket);
  };
  const tlsToPlain = async (): Promise<void> => {
    const socket = connectTls({ host: '127.0.0.1', port: world.starttls });
    socket.on('error', () => {});
    await closed(socket);
  };
  await Promise.all([
    say('garbage'),
    say(HEADER.replace('im.example.com', 'example.net')),
    say(`${HEADER}${STARTTLS}`),
    say(HEADER),
    say(HEADER, world.directTls),
    say('', world.directTls),
    tlsToPlain(),
    cutBehind(HEADER, '</stream:features>'),
    cutBehind(`${HEADER}${plain(`nobody-${round}`, 'guess')}`, '<failure'),
    cutBehind(`${HEADER}${plain('romeo', 'secret')}`, '<success'),
  ]);
}

describe('after all kinds of trouble', () => {
  it('sockets, timers and memory are what they were', async () => {
    const world = await startTcpWorld({
      timeouts: { negotiation: 1500, handshake: 1500, closing: 100 },
      limits: { connectionsPerMinute: 1_000_000, connectionsPerAddress: 1000, failedLoginsPerMinute: 1_000_000 },
    });
    const juliet = await world.login();
    const rounds = async (count: number): Promise<void> => {
      await Promise.all(Array.from({ length: count }, async (_, round) => trouble(world, round)));
    };
    await memory();
    // The test runner has a timer or two of its own, and not always.
    const { Timeout: timers = 0, ...idle } = resources();
    const isIdle = async (): Promise<void> => {
      await expect.poll(() => ({ ...resources(), Timeout: 0 }), { timeout: 5000 }).toEqual({ ...idle, Timeout: 0 });
      await expect.poll(() => resources()['Timeout'] ?? 0, { timeout: 5000 }).toBeLessThanOrEqual(timers + 3);
    };
    // What is made once, such as the contexts of TLS, is there after the first rounds.
    await rounds(10);
    await world.failed(100);
    await isIdle();
    const before = await memory();
    await rounds(20);
    await world.failed(300);
    await isIdle();
    const after = await memory();
    expect(after.objects).toEqual(before.objects);
    // 200 connections: five kilobytes of each that stayed would be found; what is compiled meanwhile is less.
    expect(after.heap - before.heap).toBeLessThan(1_000_000);
    expect(world.server.sessions.map(({ jid }) => jid.localpart)).toEqual(['juliet']);
    expect(juliet.describe().entity.phase).toBe('established');
    expect(world.errors).toEqual([]);
    await world.server.stop(500);
  });
});
