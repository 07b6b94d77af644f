import { describe, expect, it } from 'vitest';
import { jid, type Security } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import type { AccountState, ScramHash } from '@xmpp-wire/core/sasl';
import type { AccountStore, FailedLogin, HostPolicy, ServerHooks } from '../src/index.ts';
import { makeClientCertificate } from './support/client-certificate.ts';
import { accounts, World, type Client } from './support/world.ts';

const tls = (version: 'TLSv1.2' | 'TLSv1.3', certificate?: Uint8Array): Security => ({
  kind: 'tls',
  tls: {
    version,
    channelBindings: new Map([['tls-exporter', new Uint8Array(32).fill(7)]]),
    extendedMasterSecret: true,
    ...(certificate === undefined ? {} : { peerCertificate: { der: certificate, trusted: true } }),
  },
});

/** The mechanisms that the server offered last. */
function offered(client: Client): readonly string[] {
  const features = client.heard.split('<stream:features').find((part) => part.includes('<mechanism>')) ?? '';
  return [...features.matchAll(/<mechanism>([^<]*)</g)].map(([, name = '']) => name);
}

/** The accounts of the house, as a store of one's own has them. */
const keys: AccountStore = {
  iterations: 4096,
  credentials: (account, hash) => accounts.credentials(account, hash),
  exists: (account) => accounts.exists(account),
};

async function offer(options: ConstructorParameters<typeof World>[0], security: Security): Promise<readonly string[]> {
  const world = new World(options);
  return offered(await world.login('juliet', 'balcony', { security, receiving: { security } }));
}

describe('channel binding', () => {
  it.each([
    [undefined, 'TLSv1.2', true],
    [undefined, 'TLSv1.3', false],
    ['unless-tls-1.3', 'TLSv1.3', false],
    ['always', 'TLSv1.2', true],
    ['always', 'TLSv1.3', true],
    ['never', 'TLSv1.2', false],
  ] as const)('with offerChannelBinding %s and %s: %s', async (offerChannelBinding, version, expected) => {
    const names = await offer(offerChannelBinding === undefined ? {} : { offerChannelBinding }, tls(version));
    expect(names.some((name) => name.endsWith('-PLUS'))).toBe(expected);
    expect(names).toContain('SCRAM-SHA-256');
  });

  it('is offered where there would be nothing else', async () => {
    const world = new World({ mechanisms: ['SCRAM-SHA-256-PLUS'] });
    const client = await world.login('juliet', 'balcony', { mechanisms: ['SCRAM-SHA-256-PLUS'] });
    expect(client.jid).toBe('juliet@im.example.com/balcony');
  });

  it('is used by a client that knows it where it is offered, and is not missed elsewhere', async () => {
    for (const [offerChannelBinding, mechanism] of [
      ['always', 'SCRAM-SHA-256-PLUS'],
      ['never', 'SCRAM-SHA-256'],
    ] as const) {
      const world = new World({ offerChannelBinding });
      // It says `y` where it finds no -PLUS, which a server that offers it has to refuse (rule S10).
      const client = await world.login('juliet', 'balcony', { mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] });
      expect(client.serverEvents.find((event) => event.type === 'authenticated')).toMatchObject({
        identity: { mechanism },
      });
    }
  });
});

describe('the terms of a host', () => {
  it('are its own where it has some', async () => {
    const world = new World({
      domains: ['im.example.com', 'example.org'],
      mechanisms: ['SCRAM-SHA-256', 'PLAIN'],
      hosts: { 'example.org': { mechanisms: ['PLAIN'], features: [xml('sm', { xmlns: 'urn:xmpp:sm:3' })] } },
    });
    const juliet = await world.login('juliet');
    const paris = await world.login('paris', undefined, { to: 'example.org' });
    expect([offered(juliet), offered(paris)]).toEqual([['SCRAM-SHA-256', 'PLAIN'], ['PLAIN']]);
    expect([juliet.heard, paris.heard].map((heard) => heard.includes('urn:xmpp:sm:3'))).toEqual([false, true]);
  });

  it('are what the hook says, before and after TLS', async () => {
    const asked: unknown[] = [];
    const world = new World({
      hooks: {
        acceptStream(request) {
          asked.push([request.domain, request.security.kind, request.remote]);
          return { mechanisms: ['SCRAM-SHA-1'], offerChannelBinding: 'never', authenticationRetries: 2 };
        },
      },
    });
    const clear = { kind: 'clear' } as const;
    const client = await world.login('juliet', 'balcony', {
      mechanisms: ['SCRAM-SHA-1'],
      security: clear,
      receiving: { security: clear },
    });
    expect(client.jid).toBe('juliet@im.example.com/balcony');
    expect(offered(client)).toEqual(['SCRAM-SHA-1']);
    expect(asked).toEqual(['clear', 'tls'].map((security) => ['im.example.com', security, '192.0.2.1:50000']));
  });

  it.each<[string, NonNullable<ServerHooks['acceptStream']>, string, unknown]>([
    ['refuses', () => ({ refuse: { condition: 'not-authorized' } }), 'not-authorized', []],
    ['throws', () => Promise.reject(new Error('no idea')), 'internal-server-error', [new Error('no idea')]],
    [
      'says what cannot be',
      () => ({ authenticationRetries: 9 }),
      'internal-server-error',
      [new RangeError('authenticationRetries is 2 to 5, not 9')],
    ],
  ])('a hook that %s ends the stream', async (_, acceptStream, condition, errors) => {
    const world = new World({ hooks: { acceptStream } });
    const client = await world.login();
    expect(client.streamError).toBe(condition);
    expect(world.errors).toEqual(errors);
  });

  it.each<[string, Readonly<Record<string, HostPolicy>>, string]>([
    ['an unknown domain', { 'example.net': {} }, 'none of'],
    ['no mechanism', { 'im.example.com': { mechanisms: [] } }, "'mechanisms' is empty"],
    ['a strange mechanism', { 'im.example.com': { mechanisms: ['EXTERNALS'] } }, '"EXTERNALS" is no mechanism'],
    ['too many retries', { 'im.example.com': { authenticationRetries: 6 } }, 'authenticationRetries is 2 to 5'],
    ['a wrong word', { 'im.example.com': { offerChannelBinding: 'maybe' as never } }, 'offerChannelBinding is always'],
  ])('of %s are refused at once', (_, hosts, message) => {
    expect(() => new World({ hosts })).toThrow(message);
  });

  it('let a wrong password be tried five times more', async () => {
    const world = new World();
    const client = world.connect('juliet', { mechanisms: ['PLAIN'], password: 'secret' });
    const wrong = `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from('\0juliet\0wrong').toString('base64')}</auth>`;
    const header =
      "<stream:stream to='im.example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    client.receiving.receive(new TextEncoder().encode(header + wrong.repeat(6)), 0);
    // What the client itself would say is left out.
    client.entity.takeOutput();
    await world.settle();
    expect(client.heard.match(/<failure /g)).toHaveLength(6);
    expect(client.heard).toMatch(/<stream:error><policy-violation .*<\/stream:stream>$/);
  });
});

describe('accounts with keys for some hashes', () => {
  it.each<[readonly ScramHash[], readonly string[]]>([
    [['SHA-256'], ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN']],
    [
      ['SHA-1', 'SHA-512'],
      ['SCRAM-SHA-512-PLUS', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-512', 'SCRAM-SHA-1', 'PLAIN'],
    ],
  ])('%j: those are offered, and the right password is taken by each', async (hashes, mechanisms) => {
    const world = new World({ accounts: { ...keys, hashes }, offerChannelBinding: 'always' });
    expect(offered(await world.login())).toEqual(mechanisms);
    for (const mechanism of mechanisms) {
      const client = await world.login('juliet', 'balcony', { mechanisms: [mechanism] });
      expect([mechanism, client.jid]).toEqual([mechanism, expect.stringContaining('juliet@im.example.com/balcony')]);
    }
  });

  it('a client with no mechanisms of its own logs in', async () => {
    const world = new World({ accounts: { ...keys, hashes: ['SHA-256'] } });
    const client = world.connect('juliet');
    await world.settle();
    expect(client.jid).toMatch(/^juliet@im\.example\.com\//);
  });

  it('`mechanisms` goes before them', async () => {
    const world = new World({ accounts: { ...keys, hashes: ['SHA-256'] }, mechanisms: ['SCRAM-SHA-256'] });
    expect(offered(await world.login('juliet', 'balcony', { mechanisms: ['SCRAM-SHA-256'] }))).toEqual([
      'SCRAM-SHA-256',
    ]);
  });
});

describe('an account store that is none', () => {
  it.each<[string, unknown, string]>([
    ['missing', undefined, "'accounts' is missing"],
    ['a text', 'accounts.jsonl', "'accounts' is missing"],
    ['without exists', { checkPassword: () => 'accepted' }, "needs a function 'exists'"],
    ['with a password for a function', { ...keys, checkPassword: 'R0m30' }, "'checkPassword' of the account store"],
    ['with no hashes', { ...keys, hashes: [] }, "'hashes' of the account store is a list of SHA-1, SHA-256, SHA-512"],
    ['with a mechanism for a hash', { ...keys, hashes: ['SCRAM-SHA-256'] }, 'got ["SCRAM-SHA-256"]'],
    ['with a short key for decoys', { ...keys, decoySecret: new Uint8Array(15) }, "'decoySecret' of the account store"],
    ['with a text for a key', { ...keys, decoySecret: 'a secret of 16 bytes' }, "'decoySecret' of the account store"],
    ['with one hash outside of a list', { ...keys, hashes: 'SHA-256' }, 'got "SHA-256"'],
  ])('(%s) is refused by name', (_, store, message) => {
    // Whatever a program in JavaScript may say.
    const make = () => new World({ accounts: store as AccountStore });
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

describe('PLAIN against a directory', () => {
  const directory: AccountStore = {
    checkPassword: (account, password) =>
      account.toString() === 'juliet@im.example.com' && password === 'R0m30' ? 'accepted' : 'not-authorized',
    exists: (account) => account.localpart === 'juliet',
  };

  it('offers PLAIN and nothing else, and asks the directory', async () => {
    const world = new World({ accounts: directory });
    const right = await world.login('juliet', 'balcony', { password: 'R0m30' });
    expect(right.jid).toBe('juliet@im.example.com/balcony');
    expect(offered(right)).toEqual(['PLAIN']);
    const wrong = await world.login('juliet', 'balcony', { password: 'secret' });
    expect(wrong.cause).toMatchObject({ condition: 'not-authorized' });
    const odd = await world.login('a b', undefined, { password: 'R0m30' });
    expect(odd.cause).toMatchObject({ condition: 'not-authorized' });
  });

  it('fails for the time being when the directory fails', async () => {
    const broken = { ...directory, checkPassword: () => Promise.reject(new Error('the directory is down')) };
    const world = new World({ accounts: broken });
    expect((await world.login()).cause).toMatchObject({ condition: 'temporary-auth-failure' });
    expect(world.errors).toEqual([new Error('the directory is down')]);
  });

  it.each<[string, Partial<AccountStore>, string]>([
    ['SCRAM-SHA-256', directory, "the account store has no 'credentials'"],
    ['PLAIN', { exists: () => true }, "neither 'credentials' nor 'checkPassword'"],
    ['SCRAM-SHA-512-PLUS', { ...keys, hashes: ['SHA-1', 'SHA-256'] }, "keys for SHA-1, SHA-256 only, by its 'hashes'"],
  ])('a server does not offer %s that its store cannot check', (mechanism, store, message) => {
    // Not all of a store, so that something is missing.
    expect(() => new World({ accounts: store as AccountStore, mechanisms: [mechanism] })).toThrow(message);
  });

  it('a server does not start when nobody could log in', () => {
    expect(() => new World({ accounts: { exists: () => true } })).toThrow("neither 'credentials' nor 'checkPassword'");
  });
});

describe('accounts in another state', () => {
  it.each<AccountState>(['account-disabled', 'credentials-expired', 'temporary-auth-failure'])(
    '%s is told to who knows the password, by every mechanism',
    async (accountState) => {
      const store: AccountStore = {
        iterations: accounts.iterations,
        credentials: (account, hash) => {
          const keys = accounts.credentials(account, hash);
          return typeof keys === 'string' ? keys : { ...keys, accountState };
        },
        exists: () => true,
      };
      for (const mechanism of ['SCRAM-SHA-256', 'PLAIN']) {
        const world = new World({ accounts: store });
        const known = await world.login('juliet', undefined, { mechanisms: [mechanism] });
        expect(known.cause).toMatchObject({ condition: accountState });
        const stranger = await world.login('juliet', undefined, { mechanisms: [mechanism], password: 'guess' });
        expect(stranger.cause).toMatchObject({ condition: 'not-authorized' });
      }
    },
  );
});

describe('ANONYMOUS', () => {
  it('gets an address that nobody guesses, and is reached there', async () => {
    const world = new World({ mechanisms: ['ANONYMOUS', 'PLAIN'] });
    const guest = await world.login('nobody', 'web', {
      credentials: undefined,
      authenticateBy: 'none',
      mechanisms: ['ANONYMOUS'],
    } as never);
    expect(guest.jid).toMatch(/^[0-9a-f]{32}@im\.example\.com\/web$/);
    const juliet = await world.available('juliet', 'balcony');
    juliet.sendXml('message', '<body>Who art thou?</body>', `to='${guest.jid}'`);
    await world.settle();
    expect(guest.bodies).toEqual(['Who art thou?']);
  });

  it('is offered only where it is named', async () => {
    expect(await offer({}, tls('TLSv1.3'))).not.toContain('ANONYMOUS');
  });
});

describe('EXTERNAL', async () => {
  const one = await makeClientCertificate(['juliet@im.example.com']);
  const two = await makeClientCertificate(['juliet@im.example.com', 'nurse@im.example.com', 'romeo@example.net']);
  const stranger = await makeClientCertificate(['mercutio@im.example.com']);
  const mechanisms = ['EXTERNAL', 'PLAIN'];

  async function present(
    certificate: Uint8Array | undefined,
    client: Record<string, unknown> = {},
    options: ConstructorParameters<typeof World>[0] = {},
  ): Promise<Client> {
    const security = tls('TLSv1.3', certificate);
    const world = new World({ mechanisms, ...options });
    return world.login('nobody', 'balcony', {
      credentials: undefined,
      authenticateBy: 'certificate',
      mechanisms: ['EXTERNAL'],
      receiving: { security },
      ...client,
    } as never);
  }

  it('[R13.7.2.2.1-1] [R13.7.2.2.1-2] gives the account that the certificate names', async () => {
    expect((await present(one.der)).jid).toBe('juliet@im.example.com/balcony');
  });

  it('[R13.7.2.2.1-3] of several gives the one that is asked for, or that the header named', async () => {
    expect((await present(two.der, { authzid: 'nurse@im.example.com' })).jid).toBe('nurse@im.example.com/balcony');
    expect((await present(two.der, { from: 'juliet@im.example.com' })).jid).toBe('juliet@im.example.com/balcony');
    expect((await present(two.der)).cause).toMatchObject({ condition: 'not-authorized' });
  });

  it('[R13.7.2.2.1-4] gives nothing that the certificate does not name, and no account that is not there', async () => {
    expect((await present(one.der, { authzid: 'nurse@im.example.com' })).cause).toMatchObject({
      condition: 'invalid-authzid',
    });
    expect((await present(two.der, { authzid: 'romeo@example.net' })).cause).toMatchObject({
      condition: 'invalid-authzid',
    });
    expect((await present(stranger.der)).cause).toMatchObject({ condition: 'not-authorized' });
  });

  it('[R13.7.2.2.2-1] [R13.7.2.2.3-1] is not offered without a certificate that is trusted', async () => {
    expect(offered(await present(undefined))).toEqual(['PLAIN']);
  });

  it('is refused to an account that may not be used', async () => {
    const store: AccountStore = { ...storeOf(), stateOf: () => 'account-disabled' };
    expect((await present(one.der, {}, { accounts: store })).cause).toMatchObject({ condition: 'account-disabled' });
  });

  it('asks the hook first', async () => {
    const hooks: ServerHooks = {
      authorize: ({ mechanism }) =>
        mechanism === 'EXTERNAL' ? { authcid: 'nurse', authzid: undefined } : 'not-authorized',
    };
    expect((await present(one.der, {}, { hooks })).jid).toBe('nurse@im.example.com/balcony');
  });

  function storeOf(): AccountStore {
    return {
      iterations: accounts.iterations,
      credentials: (account, hash) => accounts.credentials(account, hash),
      exists: (account) => accounts.exists(account),
    };
  }
});

describe('failed logins', () => {
  it('[R13.9.4-5] are told of, and beyond the limit the address is not heard while others are', async () => {
    let now = 0;
    const failed: FailedLogin[] = [];
    const shutOut: unknown[] = [];
    const world = new World({
      now: () => now,
      limits: { failedLoginsPerMinute: 3 },
      hooks: {
        loginFailed: (login) => failed.push(login),
        shutOut: (...told) => shutOut.push(told),
      },
    });
    const from = (remote: string, password: string): Promise<Client> =>
      world.login('juliet', undefined, { remote, password });
    for (let attempt = 0; attempt < 3; attempt++) await from('192.0.2.7', 'guess');
    expect(failed).toHaveLength(3);
    expect(failed[0]).toEqual({ name: 'juliet', domain: 'im.example.com', remote: '192.0.2.7' });
    const refused = [await from('192.0.2.7', 'secret'), await from('192.0.2.7', 'secret')];
    expect(refused.map((client) => client.streamError)).toEqual(['policy-violation', 'policy-violation']);
    expect(shutOut).toEqual([['192.0.2.7', 'failed-logins']]);
    expect((await from('192.0.2.8', 'secret')).jid).toContain(jid('juliet@im.example.com').toString());
    now += 20_000;
    expect((await from('192.0.2.7', 'secret')).jid).not.toBe('');
    expect(world.server.sessions).toHaveLength(2);
  });

  it('on one stream are not heard either once the limit is reached', async () => {
    const world = new World({ limits: { failedLoginsPerMinute: 1 }, now: () => 0 });
    const client = world.connect('juliet', { mechanisms: ['PLAIN'], password: 'wrong' });
    await world.settle();
    expect(client.cause).toMatchObject({ condition: 'not-authorized' });
    expect((await world.login('romeo')).streamError).toBe('policy-violation');
  });

  it('do not count what succeeds', async () => {
    const world = new World({ limits: { failedLoginsPerMinute: 1 }, now: () => 0 });
    for (let attempt = 0; attempt < 4; attempt++) expect((await world.login('juliet')).jid).not.toBe('');
  });
});
