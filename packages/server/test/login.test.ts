import { describe, expect, it } from 'vitest';
import { jid } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import type { AccountStore } from '../src/index.ts';
import { accounts, counter, World, type Client } from './support/world.ts';

/** The accounts of the house, as a store of one's own has them. */
const keys: AccountStore = {
  iterations: 4096,
  credentials: (account, hash) => accounts.credentials(account, hash),
  exists: (account) => accounts.exists(account),
};

describe('hosts', () => {
  it('refuses a stream for a host that is not served with host-unknown and a name of its own', async () => {
    const world = new World();
    const client = world.connect('juliet', { to: 'example.net' });
    await world.settle();
    expect(client.streamError).toBe('host-unknown');
    expect(client.heard).toContain("from='im.example.com'");
    expect(world.server.streams).toBe(0);
  });

  it('refuses a stream for a host that was served once with host-gone', async () => {
    const world = new World({ goneDomains: ['example.net'] });
    const client = world.connect('juliet', { to: 'example.net' });
    await world.settle();
    expect(client.streamError).toBe('host-gone');
  });

  it('takes a header without `to` for its only host, and for none of several', async () => {
    const header =
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
    for (const [domains, expected] of [
      [['im.example.com'], '<stream:features'],
      [['im.example.com', 'example.org'], '<host-unknown'],
    ] as const) {
      const client = new World({ domains }).connect();
      client.receiving.receive(new TextEncoder().encode(header), 0);
      client.entity.close();
      await client.step();
      expect(client.heard).toContain(expected);
    }
  });

  it('serves several hosts, each with its own accounts', async () => {
    const world = new World({ domains: ['im.example.com', 'example.org'] });
    const paris = await world.login('paris', 'horse', { to: 'example.org' });
    const stranger = await world.login('paris', 'horse');
    expect(paris.jid).toBe('paris@example.org/horse');
    expect(stranger.cause).toMatchObject({ code: 'negotiation-failed', at: 'sasl', condition: 'not-authorized' });
  });

  it.each([
    ['no domain at all', { domains: [] }, "'domains' is empty; expected names such as ['im.example.com']"],
    ['nothing about domains', { domains: undefined as never }, "'domains' is missing; expected names"],
    ['one domain outside of a list', { domains: 'im.example.com' as never }, "'domains' is no list, but string"],
    ['a number for a domain', { domains: [5222 as never] }, 'a domain is a text, not number'],
    ['something that is no domain', { domains: ['a b'] }, '"a b" is no domain'],
    ['an account for a domain', { domains: ['juliet@im.example.com'] }, 'leave out what is before "@"'],
    ['a limit of none', { limits: { streams: 0 } }, 'limits.streams is a whole number'],
  ])('cannot be made with %s', (_, options, message) => {
    expect(() => new World(options)).toThrow(message);
  });
});

describe('authentication', () => {
  it.each([
    'SCRAM-SHA-512-PLUS',
    'SCRAM-SHA-256-PLUS',
    'SCRAM-SHA-1-PLUS',
    'SCRAM-SHA-512',
    'SCRAM-SHA-256',
    'SCRAM-SHA-1',
    'PLAIN',
  ])('by %s, which is offered over TLS', async (mechanism) => {
    const world = new World({ offerChannelBinding: 'always' });
    const client = await world.login('juliet', 'balcony', { mechanisms: [mechanism] });
    expect(client.jid).toBe('juliet@im.example.com/balcony');
    expect(client.serverEvents.find((event) => event.type === 'authenticated')).toMatchObject({
      identity: { mechanism },
    });
  });

  it('[S6] offers nothing but STARTTLS before TLS, then everything', async () => {
    const world = new World();
    const clear = { kind: 'clear' } as const;
    const client = world.connect('juliet', { security: clear, receiving: { security: clear } });
    await world.settle();
    const [before, after] = client.heard.split('<proceed');
    expect(before).toContain('<starttls');
    expect(before).not.toContain('<mechanism>');
    expect(after).toContain('<mechanism>PLAIN</mechanism>');
    expect(client.jid).toMatch(/^juliet@im\.example\.com\/.{20}$/);
  });

  it.each(['SCRAM-SHA-256-PLUS', 'PLAIN'])('fails with a wrong password by %s', async (mechanism) => {
    const world = new World({ offerChannelBinding: 'always' });
    const client = await world.login('juliet', 'balcony', { password: 'wrong', mechanisms: [mechanism] });
    expect(client.cause).toMatchObject({ condition: 'not-authorized' });
  });

  it('[S21] goes the same way for an unknown account, to the proof, with the same salt each time', async () => {
    const world = new World();
    const salts = [];
    for (const name of ['mercutio', 'mercutio', 'juliet']) {
      const client = await world.login(name, undefined, { password: 'wrong', mechanisms: ['SCRAM-SHA-1'] });
      expect(client.cause).toMatchObject({ condition: 'not-authorized' });
      const [, challenge = ''] = /<challenge[^>]*>([^<]*)</.exec(client.heard) ?? [];
      salts.push(/s=([^,]*),i=(\d+)/.exec(Buffer.from(challenge, 'base64').toString())?.slice(1));
    }
    expect(salts[0]).toEqual(salts[1]);
    expect(salts[0]?.[1]).toBe('4096');
    expect(salts[0]?.map((part) => part.length)).toEqual(salts[2]?.map((part) => part.length));
  });

  it('[S21] shows an unknown account with the same salt after a restart where the accounts have a key for it', async () => {
    const saltsAfterRestart = async (decoySecret: Uint8Array | undefined) => {
      const store = { ...keys, decoySecret };
      const salts = [];
      for (const seed of [1, 2]) {
        const world = new World({ accounts: store, random: counter(seed) });
        const client = await world.login('mercutio', undefined, { mechanisms: ['SCRAM-SHA-1'] });
        const [, challenge = ''] = /<challenge[^>]*>([^<]*)</.exec(client.heard) ?? [];
        salts.push(/s=([^,]*)/.exec(Buffer.from(challenge, 'base64').toString())?.[1]);
      }
      return salts;
    };
    const [first, second] = await saltsAfterRestart(new Uint8Array(16).fill(5));
    expect(first).toHaveLength(24);
    expect(second).toBe(first);
    const [without, other] = await saltsAfterRestart(undefined);
    expect(other).not.toBe(without);
  });

  it('fails for a name that is no localpart as for an unknown account', async () => {
    const client = await new World().login('a b', undefined, { mechanisms: ['SCRAM-SHA-256'] });
    expect(client.cause).toMatchObject({ condition: 'not-authorized' });
  });

  it('lets nobody act as somebody else unless the hook says so', async () => {
    const authzid = 'nurse@im.example.com';
    const refused = await new World().login('juliet', 'balcony', { authzid });
    expect(refused.cause).toMatchObject({ condition: 'invalid-authzid' });

    const asked: unknown[] = [];
    const world = new World({
      hooks: {
        authorize(request) {
          asked.push(request);
          return { authcid: 'juliet', authzid: request.authzid };
        },
      },
    });
    const allowed = await world.login('juliet', 'balcony', { authzid });
    expect(allowed.jid).toBe('nurse@im.example.com/balcony');
    expect(asked).toMatchObject([
      {
        mechanism: 'PLAIN',
        authcid: 'juliet',
        authzid: 'nurse@im.example.com',
        trace: undefined,
        domain: 'im.example.com',
        security: { kind: 'tls' },
      },
    ]);
  });

  it('asks to try again later when the store or the hook fails', async () => {
    const failing = {
      iterations: 4096,
      exists: () => true,
      credentials: () => Promise.reject(new Error('the disk is full')),
    };
    const world = new World({ accounts: failing });
    const client = await world.login();
    expect(client.cause).toMatchObject({ condition: 'temporary-auth-failure' });
    expect(world.errors).toEqual([new Error('the disk is full')]);

    const throwing = new World({ hooks: { authorize: () => Promise.reject(new Error('no idea')) } });
    const authzid = 'nurse@im.example.com';
    const other = await throwing.login('juliet', 'balcony', { authzid });
    expect(other.cause).toMatchObject({ condition: 'temporary-auth-failure' });
    expect(throwing.errors).toEqual([new Error('no idea')]);
  });
});

describe('resources', () => {
  it('[F-bind-gen] [R7.5-1] [R7.6-1] are what the client asks for, or made up and never the same', async () => {
    const world = new World();
    const [asked, first, second] = [await world.login('juliet', 'balcony'), await world.login(), await world.login()];
    expect(asked.jid).toBe('juliet@im.example.com/balcony');
    expect(first.jid).toMatch(/^juliet@im\.example\.com\/[0-9a-f]{20}$/);
    expect(second.jid).not.toBe(first.jid);
    expect(world.server.sessionsOf(jid('juliet@im.example.com')).map((session) => session.jid.toString())).toEqual([
      asked.jid,
      first.jid,
      second.jid,
    ]);
  });

  it('[R7.7.2.2-1] [R7.1-3] by default another one is assigned when two clients want the same', async () => {
    const world = new World();
    const first = await world.login('juliet', 'balcony');
    const second = await world.login('juliet', 'balcony');
    expect(second.jid).toMatch(/^juliet@im\.example\.com\/balcony-[0-9a-f]{20}$/);
    expect(first.cause).toBeUndefined();
  });

  it('an assigned one that would be too long is made up altogether', async () => {
    const world = new World();
    const long = 'b'.repeat(1020);
    await world.login('juliet', long);
    const second = await world.login('juliet', long);
    expect(second.jid).toMatch(/^juliet@im\.example\.com\/[0-9a-f]{20}$/);
  });

  it('[R7.7.2.2-1] with `refuse` the second client is told conflict', async () => {
    const world = new World({ resourceConflict: 'refuse' });
    const first = await world.login('juliet', 'balcony');
    const second = await world.login('juliet', 'balcony');
    expect(second.heard).toContain('<conflict');
    expect(second.jid).not.toBe(first.jid);
    expect(first.cause).toBeUndefined();
  });

  it('[R7.7.2.2-1] with `replace` the first client ends with the stream error conflict', async () => {
    const world = new World({ resourceConflict: 'replace', limits: { resourcesPerAccount: 1 } });
    const first = await world.login('juliet', 'balcony');
    const second = await world.login('juliet', 'balcony');
    await world.settle();
    expect(first.streamError).toBe('conflict');
    expect(second.jid).toBe('juliet@im.example.com/balcony');
    expect(world.server.sessions).toHaveLength(1);
    expect(world.server.streams).toBe(1);
  });

  it('[R7.1-4] [R13.12-6] [R13.12-7] more of them than allowed are refused with resource-constraint', async () => {
    const world = new World({ limits: { resourcesPerAccount: 2 } });
    await world.login('juliet', 'a');
    await world.login('juliet', 'b');
    const third = await world.login('juliet', 'c');
    const other = await world.login('romeo', 'c');
    expect(third.heard).toContain('<resource-constraint');
    expect(third.jid).toBe('');
    expect(other.jid).toBe('romeo@im.example.com/c');
  });

  it('a resource is free again when its session has ended', async () => {
    const world = new World({ limits: { resourcesPerAccount: 1 } });
    const first = await world.login('juliet', 'balcony');
    first.entity.close();
    await world.settle();
    expect(first.cause).toMatchObject({ code: 'closed-locally' });
    expect((await world.login('juliet', 'balcony')).jid).toBe('juliet@im.example.com/balcony');
  });

  it('a client may be kept out when it binds', async () => {
    const asked: unknown[] = [];
    const world = new World({
      hooks: {
        admit(request) {
          asked.push(request);
          if (request.requestedResource === 'oops') throw new Error('oops');
          return request.requestedResource === 'balcony' ? 'admit' : { refuse: 'not-allowed' };
        },
      },
    });
    const refused = await world.login('juliet', 'orchard', { remote: '192.0.2.7:1' });
    expect(refused.heard).toContain('<not-allowed');
    expect((await world.login('juliet', 'balcony')).jid).toBe('juliet@im.example.com/balcony');
    expect((await world.login('juliet', 'oops')).heard).toContain('<internal-server-error');
    expect(world.errors).toEqual([new Error('oops')]);
    expect(asked[0]).toEqual({
      account: jid('juliet@im.example.com'),
      requestedResource: 'orchard',
      remote: '192.0.2.7:1',
    });
  });

  it('nobody gets one whose connection ended while the hook was thinking', async () => {
    const world = new World({
      hooks: {
        admit: async () => {
          client.stream.ended();
          return 'admit' as const;
        },
      },
    });
    const client = world.connect('juliet', { mechanisms: ['PLAIN'], resource: 'balcony' });
    await world.settle();
    expect(client.jid).toBe('');
    expect(world.server.sessions).toEqual([]);
  });

  it('one that was promised and taken by another before its client heard of it ends with conflict', async () => {
    const world = new World({ resourceConflict: 'replace' });
    const slow = world.connect('juliet', { mechanisms: ['PLAIN'], resource: 'balcony' });
    const original = slow.stream.established.bind(slow.stream);
    let begin = (): unknown => undefined;
    slow.stream.established = (channel) => {
      begin = () => original(channel);
      return undefined;
    };
    await world.settle();
    const quick = await world.login('juliet', 'balcony');
    begin();
    await world.settle();
    expect(slow.streamError).toBe('conflict');
    expect(quick.cause).toBeUndefined();
    expect(world.server.sessions).toHaveLength(1);
  });
});

describe('limits of streams', () => {
  it('one too many is refused with resource-constraint, and there is room again later', async () => {
    const world = new World({ limits: { streams: 1 } });
    const first = await world.login('juliet', 'balcony');
    const second = await world.login('romeo', 'orchard');
    expect(second.streamError).toBe('resource-constraint');
    first.cut();
    await world.settle();
    expect(world.server.streams).toBe(0);
    expect((await world.login('romeo', 'orchard')).jid).toBe('romeo@im.example.com/orchard');
  });

  it('a stream that was accepted stays so after TLS, when others have come meanwhile', async () => {
    const world = new World({ limits: { streams: 1 } });
    const clear = { kind: 'clear' } as const;
    const first = world.connect('juliet', { security: clear, receiving: { security: clear } });
    const second = world.connect('romeo');
    await world.settle();
    expect(first.jid).not.toBe('');
    expect(second.streamError).toBe('resource-constraint');
  });
});

describe('shutting down', () => {
  it('ends every session with system-shutdown and closing tags, and tells nobody else', async () => {
    const ended: string[] = [];
    const world = new World({ hooks: { sessionEnded: (session) => ended.push(session.jid.toString()) } });
    const juliet = await world.available('juliet', 'balcony');
    const chamber = await world.available('juliet', 'chamber');
    juliet.forget();
    world.server.shutDown();
    await world.settle();
    for (const client of [juliet, chamber]) {
      expect(client.streamError).toBe('system-shutdown');
      expect(client.heard).toMatch(/<\/stream:stream>$/);
      expect(client.presences).toEqual([]);
    }
    expect(ended).toEqual(['juliet@im.example.com/balcony', 'juliet@im.example.com/chamber']);
    expect(world.server.streams).toBe(0);
  });

  it('refuses new streams, and those that were about to be established', async () => {
    const world = new World({
      hooks: {
        admit() {
          world.server.shutDown();
          return 'admit';
        },
      },
    });
    const late = await world.login('juliet', 'balcony');
    const later = await world.login('juliet', 'balcony');
    expect(late.streamError).toBe('system-shutdown');
    expect(later.streamError).toBe('system-shutdown');
    expect(world.server.sessions).toEqual([]);
  });
});

describe('sessions, as the embedding program sees them', () => {
  it.each<[string, (client: Client, world: World) => unknown, object]>([
    ['a client that logs out', (client) => client.entity.close(), { code: 'closed-by-peer' }],
    ['a connection that is cut', (client) => client.cut(), { code: 'unexpected-eof' }],
    [
      'a client that ends the stream with an error',
      (client) => client.entity.close({ condition: 'reset' }),
      { code: 'stream-error-received', error: { condition: 'reset' } },
    ],
    [
      'a client that breaks a rule',
      (client) => client.sendXml('iq', '<!-- -->'),
      { code: 'peer-misbehaved', violation: 'comment' },
    ],
    ['this side', (_, world) => world.server.sessions[0]?.close(), { code: 'closed-locally', reason: undefined }],
    [
      'a shutdown',
      (_, world) => world.server.shutDown(),
      { code: 'closed-locally', reason: { condition: 'system-shutdown' } },
    ],
    [
      'a transport that ends without a word',
      (client) => client.stream.ended(),
      { code: 'unexpected-eof', detail: 'the connection is over' },
    ],
  ])('their end is told with its cause, once: %s', async (_, end, cause) => {
    const ended: unknown[] = [];
    const world = new World({
      hooks: { sessionEnded: (session, why) => ended.push([session.jid.toString(), why]) },
    });
    const client = await world.available('juliet', 'balcony');
    end(client, world);
    await world.settle();
    expect(ended).toMatchObject([['juliet@im.example.com/balcony', cause]]);
  });

  it('can be sent to and closed', async () => {
    const started: string[] = [];
    const world = new World({ hooks: { sessionStarted: (session) => started.push(session.jid.toString()) } });
    const juliet = await world.available('juliet', 'balcony', 7);
    const [session] = world.server.sessions;
    expect(started).toEqual(['juliet@im.example.com/balcony']);
    expect(session).toMatchObject({ remote: '192.0.2.1:50000', priority: 7 });
    juliet.sendXml('message', '<body>last words</body>', "to='juliet@im.example.com/balcony'");
    session?.close();
    session?.close({ condition: 'reset' });
    await world.settle();
    expect(juliet.cause).toMatchObject({ code: 'closed-by-peer' });
    expect(session?.priority).toBeUndefined();
    expect(await session?.send({ ...juliet.messages[0] } as never)).toBe(false);
  });

  it('[rule 10] what a client still says after a plain close is routed, after an error it is not', async () => {
    for (const [reason, heard] of [
      [undefined, ['wait!']],
      [{ condition: 'policy-violation' }, []],
    ] as const) {
      const world = new World();
      const romeo = await world.available('romeo', 'orchard');
      const juliet = await world.login('juliet', 'balcony');
      world.server.sessionsOf(jid('juliet@im.example.com'))[0]?.close(reason);
      juliet.sendXml('message', '<body>wait!</body>', "to='romeo@im.example.com' type='chat'");
      await world.settle();
      expect(romeo.bodies).toEqual(heard);
    }
  });

  it('a hook that throws is reported and does no harm', async () => {
    const oops = () => {
      throw new Error('oops');
    };
    const world = new World({ hooks: { sessionStarted: oops, sessionEnded: oops } });
    const juliet = await world.login('juliet', 'balcony');
    juliet.entity.close();
    await world.settle();
    expect(world.errors).toEqual([new Error('oops'), new Error('oops')]);
    expect(world.server.streams).toBe(0);
  });

  it('errors are for nobody when nobody wants them', async () => {
    const world = new World({
      onError: undefined,
      hooks: { unknownIq: () => Promise.reject(new Error('oops')) },
    } as never);
    const juliet = await world.login('juliet', 'balcony');
    juliet.request('get', xml('query', { xmlns: 'urn:example:x' }));
    await world.settle();
    expect(juliet.iqs[0]?.element.toString()).toContain('<internal-server-error');
  });
});
