import { jid, LocalProtocolError, message, resultOf, type StreamErrorFields } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it } from 'vitest';
import {
  keepConnected,
  type KeepConnectedOptions,
  type SessionEvent,
  type XmppConnection,
  type XmppSession,
} from '../../src/index.ts';
import { DOMAIN, makeWorld, nextStanza, type World, type WorldOptions } from '../support/world.ts';

/** A session that comes back without delay, and a way to wait for what it reports. */
interface Kept {
  readonly session: XmppSession;
  readonly next: <Type extends SessionEvent['type']>(
    type: Type,
  ) => Promise<Extract<SessionEvent, { readonly type: Type }>>;
}

function keep(world: World, more: Partial<KeepConnectedOptions> = {}): Kept {
  const { host, port, ...options } = world.options('starttls');
  const session = keepConnected({
    ...options,
    ...(host !== undefined && port !== undefined && more.resolver === undefined ? { host, port } : {}),
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

const line = message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' });

async function withWorld(options: WorldOptions, use: (world: World) => Promise<void>): Promise<void> {
  const world = await makeWorld(options);
  try {
    await use(world);
  } finally {
    await world.close();
  }
}

/** The connection at the server, whichever is first: it may be there already. */
async function served(world: World, count: number): Promise<XmppConnection> {
  for (;;) {
    const connection = world.served[count - 1];
    if (connection !== undefined) return connection;
    await world.nextServed();
  }
}

describe('a session that makes no sense', () => {
  it('is refused at once, before anything goes over the wire', () => {
    let dialled = 0;
    const connect = async (): Promise<never> => Promise.reject(new Error(`${++dialled}`));
    expect(() => keepConnected({ connect })).toThrow(TypeError);
    expect(() => keepConnected({ jid: '@', password: 'x', connect })).toThrow(LocalProtocolError);
    const account = { jid: 'a@b.example', password: 'x' };
    expect(() => keepConnected({ ...account, reconnect: { factor: 0 }, connect })).toThrow(/reconnect\.factor/);
    expect(dialled).toBe(0);
  });

  it('goes by the connect that it is given, to the host of a redirection', async () => {
    const to: unknown[] = [];
    const session = keepConnected({
      domain: DOMAIN,
      authenticateBy: 'none',
      advise: () => ({ action: 'give-up', cause: 'program-error', because: 'once is enough', changes: {} }),
      connect: async (options, redirect) => {
        to.push(options.domain, options.maxRedirects, redirect);
        throw new Error('no');
      },
    });
    await session.ended;
    expect(to).toEqual([DOMAIN, 3, undefined]);
  });
});

describe('a session over TCP and TLS', () => {
  it('[F-stream-reconnect] outlives a connection that is cut, and what is sent goes on the new one', async () =>
    withWorld({}, async (world) => {
      const { session, next } = keep(world);
      await next('connected');
      (await served(world, 1)).abort();
      const { end } = await next('disconnected');
      expect(end.cause.code).toBe('unexpected-eof');
      const { jid: own } = await next('connected');
      expect(await session.untilConnected()).toBe(own);
      expect(await session.send(line)).toBe(true);
      expect((await nextStanza(await served(world, 2))).element.childText('body')).toBe('Art thou not Romeo?');
      expect(session.describe()?.jid).toBe(own.toString());
      expect(await session.stop()).toEqual({ by: 'stop' });
      expect(session.describe()).toBeUndefined();
      expect((await (await served(world, 2)).closed).cause.code).toBe('closed-by-peer');
    }));

  it('outlives a server that goes away and comes back elsewhere: DNS is asked each time', async () => {
    const first = await makeWorld();
    let { starttls: port } = first.ports;
    const { session, next } = keep(first, {
      directTls: 'auto',
      resolver: {
        srv: async (name) =>
          name.startsWith('_xmpp-client.') ? [{ name: 'one.example.net', port, priority: 1, weight: 1 }] : [],
        addresses: async () => [{ address: '127.0.0.1', family: 4 }],
      },
    });
    await next('connected');
    await first.close();
    expect((await next('disconnected')).end.cause).toMatchObject({
      code: 'stream-error-received',
      error: { condition: 'system-shutdown' },
    });
    expect((await next('attempt-failed')).error).toMatchObject({ code: 'tcp-refused' });
    const second = await makeWorld({ authority: first.authority, certificate: first.certificate });
    port = second.ports.starttls;
    await next('connected');
    expect(session.state.name).toBe('connected');
    await session.stop();
    await second.close();
  });

  it('rejects the requests that were open when the connection broke', async () =>
    withWorld({}, async (world) => {
      const { session, next } = keep(world);
      await next('connected');
      const asked = session.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) });
      const server = await served(world, 1);
      await nextStanza(server);
      server.abort();
      await expect(asked).rejects.toMatchObject({ code: 'request-closed' });
      await next('connected');
      await session.stop();
    }));

  it.each<[string, StreamErrorFields, string]>([
    ['conflict', { condition: 'conflict' }, 'stream-error/conflict'],
    ['not-authorized', { condition: 'not-authorized' }, 'stream-error/not-authorized'],
  ])('does not come back after %s', async (_, reason, cause) =>
    withWorld({}, async (world) => {
      const { session, next } = keep(world);
      await next('connected');
      await (await served(world, 1)).close(reason);
      expect((await next('gave-up')).advice.cause).toBe(cause);
      expect(await session.ended).toMatchObject({ by: 'gave-up', advice: { cause } });
      expect(world.served).toHaveLength(1);
    }),
  );

  it('does not try a password again that was refused', async () =>
    withWorld({}, async (world) => {
      const { session } = keep(world, { password: 'wrong' });
      await expect(session.untilConnected()).rejects.toMatchObject({ code: 'sasl-refused' });
      expect(await session.ended).toMatchObject({ advice: { cause: 'sasl-refused/not-authorized' } });
    }));

  it('[R4.9.3.3-1] asks for no resource again after a conflict, where it is told to come back', async () =>
    withWorld({}, async (world) => {
      const { session, next } = keep(world, {
        jid: `juliet@${DOMAIN}/balcony`,
        reconnect: { first: { min: 0, max: 0 }, longest: 1, rules: { 'stream-error/conflict': 'soon' } },
      });
      expect((await next('connected')).jid.resourcepart).toBe('balcony');
      await (await served(world, 1)).close({ condition: 'conflict' });
      const { jid: own } = await next('connected');
      expect(own.resourcepart).not.toBe('balcony');
      await session.stop();
    }));

  it('[R4.9.3.19-5] [S7] follows see-other-host to another port, where the certificate has to be as good', async () => {
    const first = await makeWorld();
    const second = await makeWorld({ authority: first.authority });
    const stranger = await makeWorld();
    const { session, next } = keep(first);
    await next('connected');
    await (await served(first, 1)).close({ condition: 'see-other-host', host: `127.0.0.1:${second.ports.starttls}` });
    await next('connected');
    expect((await served(second, 1)).jid.bare.toString()).toBe(`juliet@${DOMAIN}`);
    await (
      await served(second, 1)
    ).close({ condition: 'see-other-host', host: `127.0.0.1:${stranger.ports.starttls}` });
    expect((await next('gave-up')).trouble).toMatchObject({ code: 'tls-certificate-untrusted' });
    await session.ended;
    expect(stranger.served).toEqual([]);
    await Promise.all([first.close(), second.close(), stranger.close()]);
  });

  it('finds a server dead that does not answer a ping', async () =>
    withWorld({}, async (world) => {
      const { session, next } = keep(world, { liveness: { after: 1, timeout: 20 } });
      await next('connected');
      const first = await next('disconnected');
      expect(first.end.cause).toEqual({ code: 'timed-out', timer: 'idle' });
      await session.stop();
    }));

  it('asks a server that answers, and stays', async () =>
    withWorld(
      {
        async onConnection(connection) {
          for await (const stanza of connection.stanzas()) {
            if (stanza.kind === 'iq' && stanza.type === 'get') await connection.send(resultOf(stanza));
          }
        },
      },
      async (world) => {
        const pings: string[] = [];
        let enough = (): void => {};
        const three = new Promise<void>((resolve) => (enough = resolve));
        const { session, next } = keep(world, {
          liveness: { after: 1, timeout: 10_000 },
          onTrace: ({ direction, xml: text }) => {
            if (direction === 'in' && text.includes("type='result'") && pings.push(text) === 4) enough();
          },
        });
        await next('connected');
        await three;
        expect(session.state.name).toBe('connected');
        expect(world.served).toHaveLength(1);
        await session.stop();
      },
    ));
});
