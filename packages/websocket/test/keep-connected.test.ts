import { jid, LocalProtocolError, message, resultOf, type StreamErrorFields } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it } from 'vitest';
import {
  keepConnected,
  type KeepConnectedOptions,
  type SessionEvent,
  type XmppConnection,
  type XmppSession,
} from '../src/index.ts';
import { DOMAIN, PASSWORD } from './support/accounts.ts';
import { fakeServer, type FakeServer } from './support/fake-server.ts';

const URL = 'wss://im.example.com/xmpp-websocket';
const OTHER = 'wss://other.example.net/ws';
const seeOther = (uri: string): string => `<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='${uri}'/>`;
const line = message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' });

/** A session that comes back without delay, and a way to wait for what it reports. */
interface Kept {
  readonly session: XmppSession;
  readonly next: <Type extends SessionEvent['type']>(
    type: Type,
  ) => Promise<Extract<SessionEvent, { readonly type: Type }>>;
}

function keep(server: FakeServer, more: Partial<KeepConnectedOptions> = {}): Kept {
  const session = keepConnected({
    jid: `juliet@${DOMAIN}`,
    password: PASSWORD,
    url: URL,
    WebSocket: server.WebSocket,
    reconnect: { first: { min: 0, max: 0 }, longest: 1, lateFrom: 0 },
    liveness: false,
    ...more,
  });
  const reader = session[Symbol.asyncIterator]();
  return {
    session,
    async next(type) {
      for (;;) {
        const { done, value } = await reader.next();
        if (done === true) throw new Error(`the session ended before ${type}`);
        // The type of an event says which one it is.
        if (value.type === type) return value as Extract<SessionEvent, { readonly type: typeof type }>;
      }
    },
  };
}

function last<T>(list: readonly T[]): T {
  const item = list.at(-1);
  if (item === undefined) throw new Error('there is none');
  return item;
}

/** The server sends the client of the last connection elsewhere. */
function redirect(server: FakeServer, uri: string): void {
  last(server.pairs).client.tell('message', { data: seeOther(uri) });
}

describe('a session over WebSocket', () => {
  it('[F-stream-reconnect] outlives a connection that is gone, and what is sent goes on the new one', async () => {
    const server = fakeServer();
    const { session, next } = keep(server);
    await next('connected');
    last(server.pairs).client.die(1006, 'gone');
    const { end, advice } = await next('disconnected');
    expect(end.cause.code).toBe('unexpected-eof');
    expect(advice).toMatchObject({ action: 'reconnect', cause: 'unexpected-eof' });
    const { jid: own, attempts } = await next('connected');
    expect(attempts).toBe(1);
    expect(await session.send(line)).toBe(true);
    for await (const stanza of last(server.served).stanzas()) {
      expect(stanza.element.childText('body')).toBe('Art thou not Romeo?');
      break;
    }
    expect(session.describe()?.jid).toBe(own.toString());
    expect(await session.stop()).toEqual({ by: 'stop' });
    expect((await last(server.served).closed).cause.code).toBe('closed-by-peer');
    expect(server.urls).toEqual([URL, URL]);
  });

  it('comes back to a server that shut down, once it is there again', async () => {
    const first = fakeServer();
    const second = fakeServer();
    let isUp = false;
    const server = fakeServer({
      meet: (pair) => {
        if (isUp) second.acceptor.accept(pair.server);
        else if (first.acceptor.hasRoomFor({ address: undefined, port: undefined })) first.acceptor.accept(pair.server);
        else pair.client.die(1006, 'refused');
      },
    });
    const { session, next } = keep(server);
    await next('connected');
    await first.acceptor.close(100);
    expect((await next('disconnected')).advice.cause).toBe('stream-error/system-shutdown');
    expect((await next('attempt-failed')).advice).toMatchObject({ action: 'reconnect', cause: 'websocket-failed' });
    isUp = true;
    await next('connected');
    expect(second.served).toHaveLength(1);
    await session.stop();
  });

  it.each<[string, StreamErrorFields, string]>([
    ['a conflict', { condition: 'conflict' }, 'stream-error/conflict'],
    ['being thrown out', { condition: 'not-authorized' }, 'stream-error/not-authorized'],
  ])('does not come back after %s', async (_, reason, cause) => {
    const server = fakeServer();
    const { session, next } = keep(server);
    await next('connected');
    await last(server.served).close(reason);
    expect((await next('gave-up')).advice.cause).toBe(cause);
    expect(await session.ended).toMatchObject({ by: 'gave-up', advice: { cause } });
    expect(server.urls).toHaveLength(1);
  });

  it('does not try a password again that was refused', async () => {
    const { session } = keep(fakeServer(), { password: 'wrong' });
    await expect(session.untilConnected()).rejects.toMatchObject({ code: 'sasl-refused' });
  });

  it('gives up where there is no XMPP, and tries again where nothing could be opened', async () => {
    const deaf = fakeServer({ meet: ({ client }) => void (client.protocol = '') });
    expect(await keep(deaf).session.ended).toMatchObject({ advice: { cause: 'websocket-subprotocol' } });
    const gone = fakeServer({ meet: ({ client }) => client.die(1006) });
    const { session, next } = keep(gone);
    for (let attempt = 0; attempt < 3; attempt++) expect((await next('attempt-failed')).next).toBeDefined();
    await session.stop();
  });

  it('[R4.9.3.3-1] asks for no resource again after a conflict, where it is told to come back', async () => {
    const server = fakeServer();
    const { session, next } = keep(server, {
      jid: `juliet@${DOMAIN}/balcony`,
      reconnect: { first: { min: 0, max: 0 }, longest: 1, rules: { 'stream-error/conflict': 'soon' } },
    });
    expect((await next('connected')).jid.resourcepart).toBe('balcony');
    await last(server.served).close({ condition: 'conflict' });
    expect((await next('connected')).jid.resourcepart).not.toBe('balcony');
    await session.stop();
  });

  it('finds a server dead that does not answer a ping', async () => {
    const { session, next } = keep(fakeServer(), { liveness: { after: 1, timeout: 20 } });
    await next('connected');
    expect((await next('disconnected')).end.cause).toEqual({ code: 'timed-out', timer: 'idle' });
    await session.stop();
  });

  it('asks a server that answers, and stays', async () => {
    let enough = (): void => {};
    const three = new Promise<void>((resolve) => (enough = resolve));
    let pings = 0;
    const server = fakeServer({
      async onConnection(connection: XmppConnection) {
        for await (const stanza of connection.stanzas()) {
          if (stanza.kind !== 'iq' || stanza.type !== 'get') continue;
          await connection.send(resultOf(stanza));
          if (++pings === 3) enough();
        }
      },
    });
    const { session, next } = keep(server, { liveness: { after: 1, timeout: 10_000 } });
    await next('connected');
    await three;
    expect(session.state.name).toBe('connected');
    expect(server.urls).toHaveLength(1);
    await session.stop();
  });

  it('rejects the requests that were open when the connection broke', async () => {
    const server = fakeServer();
    const { session, next } = keep(server);
    await next('connected');
    const asked = session.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) });
    last(server.pairs).client.die(1006);
    await expect(asked).rejects.toMatchObject({ code: 'request-closed' });
    await session.stop();
  });

  it('refuses options that make no sense at once', () => {
    const server = fakeServer();
    expect(() => keep(server, { url: 'http://im.example.com' })).toThrow(TypeError);
    expect(() => keep(server, { url: 'ws://im.example.com' })).toThrow(/nothing protects/);
    expect(() => keep(server, { jid: '@' })).toThrow(LocalProtocolError);
    expect(() => keep(server, { reconnect: { factor: 0 } })).toThrow(/reconnect\.factor/);
    expect(server.urls).toEqual([]);
  });
});

describe('see-other-uri on an established stream (RFC 7395 §3.6.1)', () => {
  it('is followed at once, with the same options, and only this once', async () => {
    const server = fakeServer();
    const { session, next } = keep(server);
    await next('connected');
    redirect(server, OTHER);
    expect((await next('disconnected')).advice).toMatchObject({
      cause: 'closed-by-peer/see-other-uri',
      delay: { min: 0, max: 0 },
      changes: { seeOtherUri: OTHER },
    });
    expect((await next('connected')).jid.bare.toString()).toBe(`juliet@${DOMAIN}`);
    last(server.pairs).client.die(1006);
    await next('connected');
    expect(server.urls).toEqual([URL, OTHER, URL]);
    await session.stop();
  });

  it.each(['ws://other.example.net/ws', 'http://other.example.net/bosh', 'https://other.example.net/bosh', 'nonsense'])(
    'is not followed to %s, which is less protected or no WebSocket',
    async (uri) => {
      const server = fakeServer();
      // Also not where the user allows connections that nothing protects: this one was protected.
      const { session, next } = keep(server, { allowPlaintext: true });
      await next('connected');
      redirect(server, uri);
      await next('connected');
      expect(server.urls).toEqual([URL, URL]);
      await session.stop();
    },
  );

  it('is never followed down from the WebSocket that it led up to', async () => {
    const server = fakeServer();
    const plain = 'ws://localhost/xmpp-websocket';
    const { session, next } = keep(server, { url: plain, allowPlaintext: true });
    await next('connected');
    redirect(server, 'ws://localhost/other');
    await next('connected');
    redirect(server, OTHER);
    await next('connected');
    redirect(server, 'ws://localhost/again');
    expect((await next('attempt-failed')).error).toMatchObject({
      code: 'stream-redirected',
      message: expect.stringContaining(OTHER),
    });
    await next('connected');
    expect(server.urls).toEqual([plain, 'ws://localhost/other', OTHER, plain]);
    await session.stop();
  });

  it('is followed no more than maxRedirects times in a row', async () => {
    const server = fakeServer();
    const { session, next } = keep(server, { maxRedirects: 2 });
    await next('connected');
    for (let hop = 0; hop < 3; hop++) {
      redirect(server, `wss://host${hop}.example.net/`);
      await next('connected');
    }
    expect(server.urls).toEqual([URL, 'wss://host0.example.net/', 'wss://host1.example.net/', URL]);
    await session.stop();
  });

  it('counts with those that were followed while logging in', async () => {
    const opening = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='a' from='im.example.com' version='1.0'/>";
    const server: FakeServer = fakeServer({
      meet(pair, url) {
        if (url === URL) {
          pair.server.addEventListener('message', () => {
            if (pair.server.sent.length > 0) return;
            pair.server.send(opening);
            pair.server.send(seeOther(OTHER));
          });
        } else server.acceptor.accept(pair.server);
      },
    });
    const { session, next } = keep(server, { maxRedirects: 2 });
    await next('connected');
    redirect(server, 'wss://host0.example.net/');
    await next('connected');
    redirect(server, 'wss://host1.example.net/');
    await next('connected');
    expect(server.urls).toEqual([URL, OTHER, 'wss://host0.example.net/', URL, OTHER]);
    await session.stop();
  });

  it('is handed to a connect of the user', async () => {
    const server = fakeServer();
    const asked: unknown[] = [];
    const { session, next } = keep(server, {
      connect: async (options, seeOtherUri) => {
        asked.push(seeOtherUri);
        return server.connect({ ...options, ...(seeOtherUri === undefined ? {} : { url: seeOtherUri }) });
      },
    });
    await next('connected');
    redirect(server, OTHER);
    await next('connected');
    expect(asked).toEqual([undefined, OTHER]);
    await session.stop();
  });
});
