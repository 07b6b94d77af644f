import { jid, message, type InitiatingPhase } from '@xmpp-wire/core';
import { describe, expect, it } from 'vitest';
import { connect, XmppConnectError, type ConnectOptions, type WebSocketLike } from '../src/index.ts';
import { DOMAIN, PASSWORD } from './support/accounts.ts';
import { fakeServer, type FakeServer } from './support/fake-server.ts';

const OPEN = `<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='${DOMAIN}' id='x' version='1.0'/>`;
const seeOther = (uri: string): string => `<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='${uri}'/>`;

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => error,
  );
}

describe('connecting over WebSocket', () => {
  it('asks for the subprotocol xmpp, logs in, and sends one element a message', async () => {
    const server = fakeServer();
    const phases: InitiatingPhase[] = [];
    const connection = await server.connect({
      jid: `juliet@${DOMAIN}/balcony`,
      onPhase: (phase) => phases.push(phase),
    });
    expect(connection.jid.toString()).toBe(`juliet@${DOMAIN}/balcony`);
    const [pair] = server.pairs;
    expect(pair?.client.protocol).toBe('xmpp');
    await connection.send(message({ to: jid('romeo@example.net'), body: 'Hist!' }));
    const [served] = server.served;
    for await (const stanza of served?.stanzas() ?? []) {
      expect(stanza.element.childText('body')).toBe('Hist!');
      break;
    }
    for (const sent of [...(pair?.client.sent ?? []), ...(pair?.server.sent ?? [])])
      expect(sent).toMatch(/^<[^?].*>$/s);
    expect(phases[0]).toBe('awaiting-header');
    expect(phases.at(-1)).toBe('established');
    expect((await connection.close()).cause.code).toBe('closed-locally');
    expect((await served?.closed)?.cause.code).toBe('closed-by-peer');
    expect(pair?.client.closedWith).toEqual([1000]);
    expect(phases.at(-1)).toBe('closed');
  });

  it('never sends white space, however long nothing happens', async () => {
    const server = fakeServer();
    const connection = await server.connect({ timeouts: { keepalive: 1 } });
    expect(connection.describe().entity.timers.has('keepalive')).toBe(false);
    await connection.close();
  });

  it.each([
    ['nothing', undefined],
    ['another one', 'mqtt'],
  ])('refuses a socket whose server chose %s as the subprotocol', async (_, protocol) => {
    const server = fakeServer({ meet: ({ client }) => (client.protocol = protocol ?? '') });
    const error = await failure(server.connect());
    expect(error).toMatchObject({ code: 'websocket-subprotocol', step: 'websocket' });
    expect(server.pairs[0]?.client.closedWith.length).toBeGreaterThan(0);
  });

  it('says that a socket could not be opened', async () => {
    const server = fakeServer({
      meet: ({ client }) => {
        client.tell('error', { message: 'connection refused' });
        client.die(1006);
      },
    });
    expect(await failure(server.connect())).toMatchObject({
      code: 'websocket-failed',
      message: expect.stringContaining('connection refused'),
    });
  });

  it('says that a runtime takes an address that the server named for none', async () => {
    const { WebSocket } = fakeServer();
    // As the runtimes do with a fragment (RFC 6455 §3), and with what the policy of a page forbids.
    const refusing = function open(url: string, protocols: string[]): WebSocketLike {
      if (url.includes('#')) throw new DOMException('it has a fragment', 'SyntaxError');
      return new WebSocket(url, protocols);
    } as unknown as ConnectOptions['WebSocket'];
    const named = (...hrefs: string[]): ConnectOptions => ({
      jid: `juliet@${DOMAIN}`,
      password: PASSWORD,
      ...(refusing === undefined ? {} : { WebSocket: refusing }),
      fetch: async () => {
        const links = hrefs.map((href) => ({ rel: 'urn:xmpp:alt-connections:websocket', href }));
        return Response.json({ links });
      },
    });
    expect(await failure(connect(named('wss://im.example.com/#a')))).toMatchObject({
      code: 'websocket-failed',
      message: expect.stringContaining('it has a fragment'),
    });
    const connection = await connect(named('wss://im.example.com/#a', 'wss://im.example.com/ws'));
    await connection.close();
  });

  it('leaves it a mistake of the program when what makes the WebSockets is no class', async () => {
    // As a program without types may say it.
    const WebSocket = (() => undefined) as unknown as NonNullable<ConnectOptions['WebSocket']>;
    expect(await failure(fakeServer().connect({ WebSocket }))).toBeInstanceOf(TypeError);
  });

  it('gives up a socket that does not open in time', async () => {
    const server = fakeServer({ meet: ({ client }) => void (client.readyState = 0) });
    expect(await failure(server.connect({ timeouts: { websocket: 5 } }))).toMatchObject({
      code: 'websocket-timed-out',
    });
    expect(server.pairs[0]?.client.closedWith.length).toBeGreaterThan(0);
  });

  it('waits for ever where it is told to, for the address as for the socket', async () => {
    const later = async (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 20));
    const server: FakeServer = fakeServer({
      async meet({ client, server: accepted }) {
        client.readyState = 0;
        await later();
        client.readyState = 1;
        server.acceptor.accept(accepted);
        client.tell('open');
      },
    });
    const connection = await connect({
      jid: `juliet@${DOMAIN}`,
      password: PASSWORD,
      WebSocket: server.WebSocket,
      timeouts: { discovery: Infinity, websocket: Infinity },
      async fetch(_, { signal }) {
        await later();
        signal?.throwIfAborted();
        return Response.json({ links: [{ rel: 'urn:xmpp:alt-connections:websocket', href: 'wss://web.example/ws' }] });
      },
    });
    expect(server.urls).toEqual(['wss://web.example/ws']);
    await connection.close();
  });

  it('is given up with the reason of its signal, wherever it is', async () => {
    for (const meet of [undefined, ({ client }: { client: { readyState: number } }) => void (client.readyState = 0)]) {
      const server = fakeServer(meet === undefined ? {} : { meet });
      const abort = new AbortController();
      const connecting = failure(server.connect({ signal: abort.signal }));
      await Promise.resolve();
      abort.abort(new Error('enough'));
      expect(await connecting).toMatchObject({ message: 'enough' });
    }
    expect(await failure(fakeServer().connect({ signal: AbortSignal.abort(new Error('before')) }))).toMatchObject({
      message: 'before',
    });
  });

  it('explains a password that is wrong', async () => {
    const error = await failure(fakeServer().connect({ password: 'wrong' }));
    expect(error).toBeInstanceOf(XmppConnectError);
    expect(error).toMatchObject({ code: 'sasl-refused' });
  });

  it.each<[Partial<ConnectOptions>, RegExp]>([
    [{ url: 'ws://im.example.com/ws' }, /nothing protects/],
    [{ url: 'https://im.example.com/ws' }, /begins with wss/],
    [{ url: 'wss://im.example.com/ws#here' }, /no fragment/],
    [{ url: 'wss://im.example.com/ws#' }, /no fragment/],
    [{ url: 'not an address' }, /Invalid URL/],
    [{ domain: DOMAIN }, /'jid', or 'domain'/],
  ])('refuses the options %j before anything is done', async (more, why) => {
    const server = fakeServer();
    expect(await failure(server.connect(more))).toMatchObject({ message: expect.stringMatching(why) });
    expect(server.urls).toEqual([]);
  });

  it('says what to do where the runtime has no WebSocket', async () => {
    const { WebSocket } = globalThis;
    // Node 20 has none; elsewhere it is taken away for the moment.
    Reflect.deleteProperty(globalThis, 'WebSocket');
    try {
      const options = { jid: `juliet@${DOMAIN}`, password: 'x', url: 'wss://im.example.com/ws' };
      expect(await failure(connect(options))).toMatchObject({ message: expect.stringContaining("package 'ws'") });
    } finally {
      if (WebSocket !== undefined) globalThis.WebSocket = WebSocket;
    }
  });

  it.each([
    'ws://localhost/xmpp-websocket',
    'WS://localhost/xmpp-websocket',
    ' ws://localhost/xmpp-websocket',
    'w\ns://localhost/xmpp-websocket',
  ])('sends no password over a connection that nothing protects, unless told to: %j', async (url) => {
    const plainOnly = {
      'accept-stream': () => ({ domain: DOMAIN, mechanisms: ['PLAIN'], decoySecret: new Uint8Array(32) }),
    };
    const server = fakeServer({ asks: plainOnly });
    const options = { url, allowPlaintext: true };
    expect(await failure(server.connect(options))).toMatchObject({ code: 'sasl-no-mechanism' });
    expect(server.urls).toEqual(['ws://localhost/xmpp-websocket']);
    const [pair] = server.pairs;
    expect(pair?.client.sent.join('')).not.toContain('<auth');
    const told = await failure(server.connect({ ...options, mechanisms: ['PLAIN'] }));
    expect(told).toMatchObject({ code: 'sasl-refused' });
  });
});

describe('see-other-uri (RFC 7395 §3.6.1)', () => {
  const redirecting = (to: string, times = 1) => {
    let left = times;
    const server = fakeServer({
      meet: (pair) => {
        if (left-- <= 0) {
          server.acceptor.accept(pair.server);
          return;
        }
        pair.server.addEventListener('message', () => {
          if (pair.server.sent.length > 0) return;
          pair.server.send(OPEN);
          pair.server.send(seeOther(to));
        });
      },
    });
    return server;
  };

  it('is followed', async () => {
    const server = redirecting('wss://other.example.net/ws');
    const connection = await server.connect();
    expect(server.urls).toEqual(['wss://im.example.com/xmpp-websocket', 'wss://other.example.net/ws']);
    expect(connection.redirectsFollowed).toBe(1);
    await connection.close();
  });

  it.each(['ws://other.example.net/ws', 'http://other.example.net/bosh', 'https://other.example.net/bosh', 'nonsense'])(
    'is not followed to %s',
    async (to) => {
      const server = redirecting(to);
      expect(await failure(server.connect())).toMatchObject({ code: 'stream-redirected' });
      expect(server.urls).toHaveLength(1);
    },
  );

  it('is not followed for ever', async () => {
    const server = redirecting('wss://other.example.net/ws', 9);
    const error = await failure(server.connect({ maxRedirects: 2 }));
    expect(error).toMatchObject({ code: 'stream-redirected', message: expect.stringMatching(/raise maxRedirects/) });
    expect(server.urls).toHaveLength(3);
  });

  it('is followed five times at most, whatever maxRedirects says', async () => {
    const server = redirecting('wss://other.example.net/ws', 9);
    const error = await failure(server.connect({ maxRedirects: 100 }));
    expect(error).toMatchObject({ code: 'stream-redirected', message: expect.stringMatching(/no more than 5/) });
    expect(server.urls).toHaveLength(6);
  });

  it('is what an established stream ends with', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    server.pairs[0]?.client.tell('message', { data: seeOther('wss://other.example.net/ws') });
    expect((await connection.closed).cause).toEqual({
      code: 'closed-by-peer',
      seeOtherUri: 'wss://other.example.net/ws',
    });
  });
});

describe('messages', () => {
  it('are text: a binary one ends the connection', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    server.pairs[0]?.client.tell('message', { data: new Uint8Array(3) });
    const end = await connection.closed;
    expect(end.cause.code).toBe('unexpected-eof');
    expect(end.error?.message).toMatch(/binary/);
  });

  it('that a peer does not take hold the sender up, and go on when it does', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    const [pair] = server.pairs;
    if (pair === undefined) throw new Error('there is a pair');
    pair.client.isFlowing = false;
    const big = message({ to: jid('romeo@example.net'), body: 'x'.repeat(40_000) });
    // The third finds the socket full.
    for (let sent = 0; sent < 2; sent++) expect(await connection.send(big)).toBe(true);
    let isHeld = true;
    const held = connection.send(big).then((sent) => {
      isHeld = false;
      return sent;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isHeld).toBe(true);
    expect(connection.describe().bufferedOutput).toBeGreaterThan(80_000);
    pair.client.isFlowing = true;
    pair.client.flow();
    expect(await held).toBe(true);
    await connection.close();
  });

  it('that pile up beyond the bound cut the connection', async () => {
    const server = fakeServer();
    const connection = await server.connect({ maxBufferedOutput: 100_000 });
    const [pair] = server.pairs;
    if (pair === undefined) throw new Error('there is a pair');
    pair.client.isFlowing = false;
    for (let sent = 0; sent < 9; sent++) {
      void connection.send(message({ to: jid('romeo@example.net'), body: 'x'.repeat(40_000) }));
    }
    expect((await connection.closed).error?.message).toMatch(/does not read/);
  });

  it('that nobody reads for a while are kept, in order', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    const [served] = server.served;
    for (let sent = 0; sent < 80; sent++) {
      await served?.send(message({ to: connection.jid, id: `${sent}`, body: 'x'.repeat(60_000) }));
    }
    expect(connection.describe().queuedEvents).toBe(32);
    expect(connection.describe().entity.bufferedInput).toBeLessThan(200_000);
    void served?.close();
    let read = 0;
    for await (const stanza of connection.stanzas()) expect(stanza.id).toBe(`${read++}`);
    expect(read).toBe(80);
    expect((await connection.closed).cause.code).toBe('closed-by-peer');
  });

  it('that nobody reads for ever end the connection', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    const [served] = server.served;
    const line = message({ to: connection.jid, body: 'x'.repeat(200_000) });
    for (let sent = 0; sent < 130; sent++) await served?.send(line);
    expect((await served?.closed)?.cause.code).toBe('unexpected-eof');
    for await (const _ of connection);
    expect((await connection.closed).error?.message).toMatch(/nobody reads/);
  });
});

describe('the end', () => {
  it('without a closing handshake is an unexpected one, and says the code', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    server.pairs[0]?.client.die(1006, 'gone');
    const end = await connection.closed;
    expect(end.cause.code).toBe('unexpected-eof');
    expect(end.error?.message).toMatch(/1006: gone/);
    expect(await connection.send(message({ body: 'too late' }))).toBe(false);
  });

  it('by abort() does not wait for the peer', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    const [pair] = server.pairs;
    if (pair !== undefined) pair.client.peer = undefined;
    connection.abort();
    expect((await connection.closed).error?.message).toMatch(/abort/);
  });

  it('of the server comes with system-shutdown, and later ones are turned away', async () => {
    const server = fakeServer();
    const connection = await server.connect();
    await server.acceptor.close(1000);
    expect((await connection.closed).cause).toMatchObject({
      code: 'stream-error-received',
      error: { condition: 'system-shutdown' },
    });
    expect(await failure(server.connect())).toMatchObject({ code: 'stream-cut' });
    expect(server.acceptor.size).toBe(0);
  });
});
