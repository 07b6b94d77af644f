import { request } from 'node:http';
import { connect as connectSocket, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { jid, message } from '@xmpp-wire/core';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { connect, keepConnected, type FailedConnection } from '../../src/index.ts';
import { listen, type Listener, type ListenOptions } from '../../src/node.ts';
import { asksOf, DOMAIN, PASSWORD } from '../support/accounts.ts';

let listener: Listener | undefined;
afterEach(async () => listener?.close(100));

async function start(more: Partial<ListenOptions> = {}): Promise<Listener> {
  listener = await listen({
    WebSocketServer,
    port: 0,
    protection: 'none',
    asks: asksOf(),
    onConnection: () => {},
    ...more,
  });
  return listener;
}

const options = (url: string) => ({
  jid: `juliet@${DOMAIN}`,
  password: PASSWORD,
  url,
  WebSocket,
  allowPlaintext: true,
});

/** The status of an upgrade that is asked for by hand. */
async function statusOf(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    asking.on('upgrade', (response, socket: Duplex) => {
      socket.destroy();
      resolve(response.statusCode);
    });
    asking.on('response', (response) => resolve(response.statusCode)).on('error', reject);
    asking.end();
  });
}

/** The first line of the answer to an upgrade whose target no client of HTTP would send. */
async function answerTo(port: number, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1');
    socket.on('error', reject).once('data', (data) => {
      socket.destroy();
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    const lines = [`GET ${target} HTTP/1.1`, 'Host: im.example.com', 'Connection: Upgrade', 'Upgrade: websocket'];
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    socket.write([...lines, ...key, 'Sec-WebSocket-Protocol: xmpp', '', ''].join('\r\n'));
  });
}

describe('a session over ws', () => {
  it('[F-stream-reconnect] outlives a connection that is cut, and a server that is started again', async () => {
    const { url, port, connections } = await start();
    const session = keepConnected({ ...options(url), reconnect: { first: { min: 0, max: 0 }, longest: 50 } });
    const own = await session.untilConnected();
    const types: string[] = [];
    const reading = (async () => {
      for await (const { type } of session) {
        types.push(type);
        if (type === 'connected' && types.filter((each) => each === type).length === 3) break;
      }
    })();
    await expect.poll(() => connections.size).toBe(1);
    for (const connection of connections) connection.abort();
    await expect.poll(() => [...types]).toEqual(['connected', 'disconnected', 'connected']);
    await listener?.close(1000);
    await expect.poll(() => types).toContain('attempt-failed');
    await start({ port });
    await reading;
    expect((await session.untilConnected()).bare.toString()).toBe(own.bare.toString());
    expect(await session.stop()).toEqual({ by: 'stop' });
  });
});

describe('listening with ws on Node', () => {
  it('serves clients, and gives stanzas to whoever reads', async () => {
    const bodies: (string | undefined)[] = [];
    const { url } = await start({
      async onConnection(connection) {
        for await (const stanza of connection.stanzas()) {
          bodies.push(stanza.element.childText('body'));
          await connection.send(message({ to: connection.jid, body: 'heard' }));
        }
      },
    });
    const connection = await connect(options(url));
    await connection.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' }));
    for await (const stanza of connection.stanzas()) {
      expect(stanza.element.childText('body')).toBe('heard');
      break;
    }
    expect(bodies).toEqual(['Art thou not Romeo?']);
    expect((await connection.close()).cause.code).toBe('closed-locally');
  });

  it('refuses what is not for it, as HTTP says it', async () => {
    const { port } = await start({ maxConnections: 1 });
    const xmpp = { 'sec-websocket-protocol': 'xmpp' };
    const path = '/xmpp-websocket';
    expect(await statusOf(port, '/other', xmpp)).toBe(404);
    expect(await statusOf(port, path, {})).toBe(400);
    expect(await statusOf(port, path, { ...xmpp, origin: 'https://evil.example.net' })).toBe(403);
    expect(await statusOf(port, path, { ...xmpp, origin: `http://127.0.0.1:${port}` })).toBe(101);
    expect(await statusOf(port, `${path}?x=1`, xmpp)).toBe(101);
    const connection = await connect(options(`ws://127.0.0.1:${port}${path}`));
    expect(await statusOf(port, path, xmpp)).toBe(503);
    await connection.close();
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.status).toBe(404);
  });

  it.each([
    ['//', '404 Not Found'],
    ['//[', '404 Not Found'],
    ['*', '404 Not Found'],
    ['http://[/', '404 Not Found'],
    ['/xmpp-websocket?//[', '101 Switching Protocols'],
    ['http://im.example.com/xmpp-websocket', '101 Switching Protocols'],
  ])('answers an upgrade of the target %s', async (target, status) => {
    const { port } = await start();
    expect(await answerTo(port, target)).toBe(`HTTP/1.1 ${status}`);
  });

  it('keeps no socket of who is refused, whatever that client does', async () => {
    const { port, close } = await start({ maxConnections: 1 });
    // It never ends its half.
    const socket = connectSocket({ port, host: '127.0.0.1', allowHalfOpen: true });
    const answered = new Promise((resolve) => socket.once('end', resolve));
    socket.on('error', () => {}).resume();
    socket.write('GET /other HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await answered;
    // It waits for every socket of the server.
    const closed = close(0).then(() => 'closed');
    const later = new Promise((resolve) => setTimeout(resolve, 2000, 'not closed'));
    const outcome = await Promise.race([closed, later]);
    socket.destroy();
    expect(outcome).toBe('closed');
  });

  it('serves nobody in clear but this machine', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toThrow(/nothing protects/);
  });

  it('says that a port is taken', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('outlives what the system says about a connection that it cannot accept', async () => {
    const errors: unknown[] = [];
    let server: Server | undefined;
    const { url } = await start({
      onError: (error) => errors.push(error),
      onRequest(asked, response) {
        // What Node sets and its types leave out.
        ({ server } = asked.socket as Socket & { server?: Server });
        response.end();
      },
    });
    await (await fetch(url.replace('ws:', 'http:'))).text();
    const refused = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
    server?.emit('error', refused);
    expect(errors).toEqual([refused]);
    const connection = await connect(options(url));
    await connection.close();
  });

  it('is cut by a message that is larger than any stanza may be', async () => {
    const failures: FailedConnection[] = [];
    const { url } = await start({ onFailure: (failed) => failures.push(failed) });
    const socket = new WebSocket(url, ['xmpp']);
    const code = await new Promise((resolve) => {
      socket.on('open', () => socket.send('x'.repeat(300_000)));
      socket.on('close', resolve);
      socket.on('error', () => {});
    });
    expect(code).toBe(1009);
    await expect.poll(() => failures.length).toBe(1);
    expect(failures[0]?.cause).toMatchObject({ code: 'unexpected-eof' });
  });

  it('stops reading from a client whose stanzas nobody takes, and goes on when somebody does', async () => {
    let taken: (() => void) | undefined;
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    let received = 0;
    const { url, connections } = await start({
      async onConnection(connection) {
        await isTaken;
        for await (const _ of connection.stanzas()) received++;
      },
    });
    const connection = await connect(options(url));
    const line = message({ to: jid('romeo@example.net'), body: 'x'.repeat(8000) });
    // More than the buffers of both sockets and all queues hold.
    let sent = 0;
    const sending = (async () => {
      for (; sent < 4000; sent++) await connection.send(line);
    })();
    await expect
      .poll(
        async () => {
          const before = sent;
          await new Promise((resolve) => setTimeout(resolve, 100));
          return sent - before;
        },
        { timeout: 10_000 },
      )
      .toBe(0);
    expect(sent).toBeLessThan(4000);
    const [served] = connections;
    expect(served?.describe().entity.bufferedInput).toBeLessThan(300_000);
    taken?.();
    await sending;
    await expect.poll(() => received, { timeout: 10_000 }).toBe(4000);
    await connection.close();
  });
});
