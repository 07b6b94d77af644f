import { jidFromParts } from '@xmpp-wire/core/jid';
import { afterEach, describe, expect, it } from 'vitest';
import type { AskHandlers, Peer } from '../../src/index.ts';
import { dnsNames, makeAuthority } from '../support/certificates.ts';
import { generalName } from '../support/der-writer.ts';
import { DOMAIN, makeWorld, PASSWORD, policyOf, type World } from '../support/world.ts';

const WAYS = ['starttls', 'direct'] as const;
let world: World;
afterEach(async () => world.close());

const handlers = (more: Partial<AskHandlers>, mechanisms: readonly string[]): AskHandlers => ({
  'accept-stream': () => policyOf({ mechanisms }),
  ...more,
});

describe.each(WAYS)('authentication without SCRAM, by %s', (way) => {
  it('[R5.4.3.1-4] [R5.4.3.1-7] EXTERNAL, by a certificate of the client', async () => {
    const authority = await makeAuthority();
    const own = await authority.issue({ names: [generalName.xmpp(`juliet@${DOMAIN}`)] });
    const seen: unknown[] = [];
    world = await makeWorld({
      authority,
      tls: {
        certificates: { [DOMAIN]: await authority.issue(dnsNames(DOMAIN)) },
        requestCertificate: true,
        ca: authority.cert,
      },
      asks: handlers(
        {
          authorize(ask) {
            const { security, mechanism } = ask;
            seen.push(mechanism, security.kind === 'tls' && security.tls.peerCertificate);
            return { authcid: 'juliet', authzid: undefined };
          },
        },
        ['EXTERNAL'],
      ),
    });
    const { password: _password, ...options } = world.options(way);
    const arrived = world.nextServed();
    const connection = await world.connect(way, {
      ...options,
      password: undefined as never,
      authenticateBy: 'certificate',
      tls: { ca: authority.cert, certificate: own },
    });
    expect(connection.jid.bare.toString()).toBe(`juliet@${DOMAIN}`);
    expect(seen).toEqual(['EXTERNAL', { der: own.der, trusted: true }]);
    expect((await arrived).tls?.peerCertificate?.trusted).toBe(true);
    await connection.close();
  });

  it('[R5.4.3.1-7] [R13.7.2-1] EXTERNAL is not offered for a certificate that is not trusted', async () => {
    const authority = await makeAuthority();
    const stranger = await makeAuthority('Stranger');
    const own = await stranger.issue({ names: [generalName.xmpp(`juliet@${DOMAIN}`)] });
    world = await makeWorld({
      authority,
      tls: {
        certificates: { [DOMAIN]: await authority.issue(dnsNames(DOMAIN)) },
        requestCertificate: true,
        ca: authority.cert,
      },
      asks: handlers({ authorize: () => ({ authcid: 'juliet', authzid: undefined }) }, ['EXTERNAL', 'SCRAM-SHA-1']),
    });
    await expect(
      world.connect(way, {
        password: undefined as never,
        authenticateBy: 'certificate',
        tls: { ca: authority.cert, certificate: own },
      }),
    ).rejects.toMatchObject({ code: 'sasl-no-mechanism' });
  });

  it('ANONYMOUS, with a name that the server makes up', async () => {
    world = await makeWorld({
      asks: handlers({ authorize: () => ({ authcid: 'guest-1', authzid: undefined }) }, ['ANONYMOUS']),
    });
    const { jid: _jid, password: _password, ...options } = world.options(way);
    const { connect } = await import('../../src/index.ts');
    const connection = await connect({ ...options, domain: DOMAIN, authenticateBy: 'none' });
    expect(connection.jid.bare.toString()).toBe(`guest-1@${DOMAIN}`);
    await connection.close();
  });

  it('PLAIN against a directory', async () => {
    const asked: unknown[] = [];
    world = await makeWorld({
      asks: {
        'accept-stream': () => policyOf({ mechanisms: ['PLAIN'], plain: { check: 'application' } }),
        'check-password': async ({ authcid, password }) => {
          asked.push([authcid, password]);
          return password === PASSWORD ? 'accepted' : 'not-authorized';
        },
      },
    });
    await (await world.connect(way)).close();
    await expect(world.connect(way, { password: 'wrong' })).rejects.toMatchObject({ code: 'sasl-refused' });
    expect(asked).toEqual([
      ['juliet', PASSWORD],
      ['juliet', 'wrong'],
    ]);
  });
});

describe('what a listener does by itself', () => {
  it.each<[string, Partial<AskHandlers>, object]>([
    ['no credentials without a handler', { 'look-up-credentials': undefined as never }, { code: 'sasl-refused' }],
    [
      'a handler that throws',
      {
        'look-up-credentials': () => {
          throw new Error('the database is down');
        },
      },
      { code: 'sasl-refused', message: expect.stringMatching(/temporary-auth-failure.*try again later/) },
    ],
    [
      'a handler whose answer is none',
      { 'bind-resource': () => jidFromParts({ localpart: 'romeo', domainpart: DOMAIN, resourcepart: 'x' }) },
      { step: 'bind' },
    ],
    [
      'a handler that rejects',
      { 'accept-stream': async () => Promise.reject(new Error('no idea')) },
      { code: 'stream-error', message: expect.stringMatching(/internal-server-error/) },
    ],
  ])('%s', async (_, asks, expected) => {
    const errors: unknown[] = [];
    world = await makeWorld({ onError: (error) => void errors.push(error), asks: asks as AskHandlers });
    await expect(world.connect('starttls')).rejects.toMatchObject(expected);
    expect(errors).toHaveLength('look-up-credentials' in asks && asks['look-up-credentials'] === undefined ? 0 : 1);
  });

  it('[R13.12-4] [R13.12-5] tells the handlers whom they deal with', async () => {
    const peers: Peer[] = [];
    world = await makeWorld({
      asks: {
        'accept-stream': (_ask, peer) => {
          peers.push(peer);
          return policyOf();
        },
      },
    });
    const connection = await world.connect('direct');
    expect(peers).toMatchObject([
      { id: 1, remote: { address: '127.0.0.1', port: connection.local.port }, local: { port: world.ports.direct } },
    ]);
    await connection.close();
  });

  it('closes a connection whose own handler fails', async () => {
    const errors: unknown[] = [];
    world = await makeWorld({
      onError: (error) => void errors.push(error),
      onConnection: async () => Promise.reject(new Error('no room')),
    });
    const connection = await world.connect('starttls');
    expect((await connection.closed).cause).toMatchObject({ error: { condition: 'internal-server-error' } });
    expect(errors).toEqual([new Error('no room')]);
  });
});
