import { jid, message } from '@xmpp-wire/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type ConnectionEvent, type ConnectOptions, type XmppConnection } from '../../src/index.ts';
import { rawServer, readAll } from '../support/sockets.ts';
import { makeWorld, nextStanza, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(async () => world.close());

const WAYS = ['starttls', 'direct'] as const;
const line = (body: string) => message({ to: jid('romeo@example.net'), body });

async function pair(way: 'starttls' | 'direct'): Promise<{ client: XmppConnection; server: XmppConnection }> {
  const arrived = world.nextServed();
  const client = await world.connect(way);
  return { client, server: await arrived };
}

async function eventsOf(connection: XmppConnection): Promise<ConnectionEvent[]> {
  const events: ConnectionEvent[] = [];
  for await (const event of connection) events.push(event);
  return events;
}

describe.each(WAYS)('the end of a connection by %s', (way) => {
  it('[R4.4-2] [R5.4.3.1-8] closed by one side, both know, and nothing that was sent before is lost', async () => {
    const { client, server } = await pair(way);
    const events = eventsOf(server);
    for (let index = 0; index < 20; index++) await client.send(line(`${index}`));
    const [own, theirs] = await Promise.all([client.close(), server.closed]);
    expect(own).toEqual({ cause: { code: 'closed-locally', reason: undefined }, error: undefined });
    expect(theirs).toMatchObject({ cause: { code: 'closed-by-peer' }, error: undefined });
    expect((await events).map(({ type }) => type)).toEqual([
      ...Array.from({ length: 20 }, () => 'stanza'),
      'peer-closing',
    ]);
    expect(world.listener.size).toBe(0);
    expect(world.listener.connections.size).toBe(0);
  });

  it('half-closed: what the peer sends after our closing tag still arrives (RFC 6120 §4.4)', async () => {
    const { client, server } = await pair(way);
    const ended = client.close();
    for await (const event of server) {
      if (event.type === 'peer-closing') await server.send(line('one thing more'));
    }
    expect((await nextStanza(client)).element.childText('body')).toBe('one thing more');
    expect((await ended).cause.code).toBe('closed-locally');
  });

  it('with a stream error, which the peer sees whole', async () => {
    const { client, server } = await pair(way);
    await server.close({ condition: 'conflict', text: 'somebody else is you' });
    expect((await client.closed).cause).toMatchObject({
      code: 'stream-error-received',
      error: { condition: 'conflict', text: 'somebody else is you' },
    });
  });

  it('aborted: the peer sees the connection end', async () => {
    const { client, server } = await pair(way);
    client.abort();
    expect((await client.closed).error?.message).toMatch(/abort/);
    expect((await server.closed).cause.code).toBe('unexpected-eof');
  });

  it('after it nothing is sent, and saying so is no error', async () => {
    const { client } = await pair(way);
    await client.close();
    expect(await client.send(line('too late'))).toBe(false);
    expect(await eventsOf(client)).toEqual([]);
    expect((await client.close()).cause.code).toBe('closed-locally');
  });

  it('closed by both sides at once', async () => {
    const { client, server } = await pair(way);
    const ends = await Promise.all([client.close(), server.close()]);
    for (const { cause, error } of ends) {
      expect(['closed-locally', 'closed-by-peer']).toContain(cause.code);
      expect(error).toBeUndefined();
    }
  });
});

describe('a server that shuts down', () => {
  it('says so to everybody, and waits until they are gone', async () => {
    const connections = await Promise.all(WAYS.flatMap((way) => [world.connect(way), world.connect(way)]));
    expect(world.listener.connections.size).toBe(4);
    await world.listener.close();
    expect(world.listener.size).toBe(0);
    for (const { closed } of connections) {
      expect((await closed).cause).toMatchObject({
        code: 'stream-error-received',
        error: { condition: 'system-shutdown' },
      });
    }
    await expect(world.connect('starttls')).rejects.toMatchObject({ code: 'tcp-refused' });
  });

  it('cuts those who do not go', async () => {
    const { client, server } = await pair('starttls');
    // A full queue keeps the client from seeing the end.
    const sends: Promise<boolean>[] = [];
    for (let index = 0; index < 64; index++) sends.push(server.send(line('x')));
    const reader = client[Symbol.asyncIterator]();
    await reader.next();
    await world.listener.close(20);
    expect(world.listener.size).toBe(0);
    await Promise.all(sends);
    client.abort();
  });

  it('does so only once', async () => {
    await Promise.all([world.listener.close(), world.listener.close()]);
    await world.listener.close();
    expect(world.listener.size).toBe(0);
  });
});

/** A resolver that never answers. */
const pending = async (): Promise<never> => new Promise(() => {});
const resolver = { srv: pending, addresses: pending };

describe('giving up', () => {
  it.each<[string, Partial<ConnectOptions>]>([
    ['in the lookup of the domain', { resolver }],
    ['in the lookup of a host', { resolver, host: 'apps.example.com' }],
  ])('%s', async (_, more) => {
    const { host: _host, port: _port, ...options } = world.options('starttls');
    const abort = new AbortController();
    const connecting = connect({ ...options, ...more, signal: abort.signal });
    const reason = new Error('changed my mind');
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
  });

  it.each(WAYS)('while a server that was reached by %s says nothing', async (way) => {
    let reach = (): void => {};
    const reached = new Promise<void>((resolve) => (reach = resolve));
    const silent = await rawServer((socket) => socket.once('data', reach).resume());
    const abort = new AbortController();
    const connecting = connect({ ...world.options(way), port: silent.port, signal: abort.signal });
    await reached;
    const reason = new Error('changed my mind');
    const gone = Promise.all(silent.sockets.map(readAll));
    abort.abort(reason);
    await expect(connecting).rejects.toBe(reason);
    // The connection does not outlive the attempt.
    await gone;
    await silent.close();
  });

  it('before it began', async () => {
    const reason = new Error('never mind');
    await expect(connect({ ...world.options('starttls'), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('means nothing once connected', async () => {
    const abort = new AbortController();
    const client = await world.connect('starttls', { signal: abort.signal });
    abort.abort();
    expect(await client.send(line('still here'))).toBe(true);
    await client.close();
  });
});
