import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, XmppConnectError, type ConnectOptions } from '../../src/index.ts';
import {
  dnsNames,
  makeAuthority,
  makeSelfSigned,
  type Authority,
  type Issued,
  type LeafOptions,
} from '../support/certificates.ts';
import { rawServer } from '../support/sockets.ts';
import { DOMAIN, makeWorld, type World } from '../support/world.ts';

const WAYS = ['starttls', 'direct'] as const;
const DAY = 86_400_000;

let authority: Authority;
let world: World;
beforeAll(async () => {
  authority = await makeAuthority();
  world = await makeWorld({ authority });
});
afterAll(async () => world.close());

/** The error that connecting fails with. */
async function failureOf(connecting: Promise<unknown>): Promise<XmppConnectError> {
  const error = await connecting.then(
    () => new Error('it connected'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(XmppConnectError);
  // Asserted in the line above.
  return error as XmppConnectError;
}

describe.each(WAYS)('[S15] a certificate that is wrong, by %s', (way) => {
  const withLeaf = async (options: LeafOptions, more: Partial<ConnectOptions> = {}) =>
    withCertificate(await authority.issue({ ...dnsNames(DOMAIN), ...options }), more);

  const withCertificate = async (certificate: Issued, more: Partial<ConnectOptions> = {}) => {
    const other = await makeWorld({ authority, certificate });
    try {
      return await failureOf(other.connect(way, more));
    } finally {
      expect(other.served).toEqual([]);
      await other.close();
    }
  };

  it('[R13.7.2-2] [R5.4.3.1-6] expired', async () => {
    const error = await withLeaf({ notAfter: new Date(Date.now() - DAY / 2) });
    expect(error).toMatchObject({ code: 'tls-certificate-expired', step: 'tls' });
    expect(error.message).toMatch(/expired: check the clock/);
  });

  it('not valid yet', async () => {
    const error = await withLeaf({ notBefore: new Date(Date.now() + DAY / 2) });
    expect(error).toMatchObject({ code: 'tls-certificate-not-yet-valid', step: 'tls' });
  });

  it('self-signed', async () => {
    const error = await withCertificate(await makeSelfSigned(dnsNames(DOMAIN)));
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted', step: 'tls' });
    expect(error.message).toMatch(/self-signed.*tls\.ca/);
  });

  it('[R13.6-3] [R13.7.2-3] of an authority that is not trusted', async () => {
    const stranger = await makeAuthority('Stranger');
    const error = await withCertificate(await stranger.issue(dnsNames(DOMAIN)));
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted', step: 'tls' });
    expect(error.message).toMatch(/tls\.ca/);
  });

  it('revoked', async () => {
    const certificate = await authority.issue({ ...dnsNames(DOMAIN), serialNumber: '0badcafe' });
    const crl = await authority.revoke('0badcafe');
    const error = await withCertificate(certificate, { tls: { ca: authority.cert, crl } });
    expect(error).toMatchObject({ code: 'tls-certificate-revoked', step: 'tls' });
  });

  it('[R13.7.1.1-2] for an authority', async () => {
    const error = await withLeaf({ isAuthority: true });
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted' });
    expect(error.message).toMatch(/CA:TRUE/);
  });

  it('with what nobody understands, or with anything else that Node has no word for', async () => {
    const error = await withLeaf({ hasUnknownCritical: true });
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted', step: 'tls' });
    expect(error.message).toMatch(/critical extension.*tls\.trustedKeys/);
  });

  it('[F-tls-certs] [R13.9.5-2] [S7] for another name', async () => {
    const error = await withLeaf(dnsNames('other.example.com'));
    expect(error).toMatchObject({ code: 'tls-certificate-name', step: 'tls' });
    expect(error.message).toMatch(/im\.example\.com was asked for.*other\.example\.com/);
  });

  it('[S7] for the host that it was found at, which is not the domain that was asked for', async () => {
    const error = await withLeaf(dnsNames('localhost'), { host: 'localhost' });
    expect(error).toMatchObject({ code: 'tls-certificate-name' });
  });
});

describe.each(WAYS)('a check of the identity that throws, by %s', (way) => {
  it('[S7] refuses the certificate, and says why', async () => {
    const cause = new Error('no such name in the book');
    const checkIdentity = (): boolean => {
      throw cause;
    };
    const error = await failureOf(connect(world.options(way, { tls: { ca: authority.cert, checkIdentity } })));
    expect(error).toMatchObject({ code: 'tls-certificate-name', step: 'tls', cause });
    expect(error.message).toMatch(/no such name in the book.*tls\.checkIdentity/);
  });
});

describe.each(WAYS)('a certificate that is right for other reasons, by %s', (way) => {
  it('its key is trusted, whatever else it says', async () => {
    const certificate = await makeSelfSigned({
      ...dnsNames('elsewhere.example'),
      notAfter: new Date(Date.now() - DAY / 2),
    });
    const other = await makeWorld({ certificate });
    const connection = await connect(other.options(way, { tls: { trustedKeys: [certificate.keyFingerprint] } }));
    expect(connection.tls?.peerCertificate?.trusted).toBe(false);
    await connection.close();
    await other.close();
  });

  it('its key is not the trusted one, though its authority is', async () => {
    const error = await failureOf(connect(world.options(way, { tls: { trustedKeys: ['AAAA'] } })));
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted' });
    expect(error.message).toContain(world.certificate.keyFingerprint);
  });

  it('the application says so, or says no', async () => {
    const asked: string[] = [];
    const decide = (answer: boolean) => ({
      tls: {
        checkIdentity: (certificate: { subjectAltName: string | undefined }, domain: string) => {
          asked.push(`${certificate.subjectAltName} for ${domain}`);
          return answer;
        },
      },
    });
    const connection = await world.connect(way, decide(true));
    await connection.close();
    expect(await failureOf(world.connect(way, decide(false)))).toMatchObject({ code: 'tls-certificate-name' });
    expect(asked).toEqual(Array.from({ length: 2 }, () => `DNS:${DOMAIN} for ${DOMAIN}`));
  });

  it('the application is not even asked when the path is not valid', async () => {
    const other = await makeWorld({ certificate: await makeSelfSigned(dnsNames(DOMAIN)) });
    const error = await failureOf(other.connect(way, { tls: { checkIdentity: () => true } }));
    expect(error).toMatchObject({ code: 'tls-certificate-untrusted' });
    await other.close();
  });
});

describe('[S15] TLS older than 1.2', () => {
  it.each(['TLSv1', 'TLSv1.1'])('is no choice of a client, nor of a server: %s', async (version) => {
    // The types do not allow it; a program without them could.
    for (const tls of [{ minVersion: version }, { maxVersion: version }] as object[]) {
      await expect(world.connect('direct', { tls })).rejects.toThrow(
        /'(min|max)Version' of 'tls' is 'TLSv1\.2' or 'TLSv1\.3'/,
      );
      const certificates = { [DOMAIN]: world.certificate };
      await expect(makeWorld({ authority, tls: { certificates, ...tls } })).rejects.toThrow(TypeError);
    }
  });

  it('is all that a client has: a server refuses it, whatever the ciphers allow', async () => {
    // OpenSSL lets nobody speak it otherwise.
    const ciphers = 'ALL:@SECLEVEL=0';
    const certificates = { [DOMAIN]: world.certificate };
    const other = await makeWorld({ authority, tls: { certificates, ciphers }, onError: () => {} });
    const versions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const;
    const client = connectTls({
      port: other.ports.direct,
      host: '127.0.0.1',
      ...versions,
      ciphers,
      servername: DOMAIN,
    });
    await expect(once(client, 'secureConnect')).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    await other.close();
  });
});

describe.each(WAYS)('who may not, by %s', (way) => {
  it('a wrong password', async () => {
    const error = await failureOf(world.connect(way, { password: 'wrong' }));
    expect(error).toMatchObject({ code: 'sasl-refused', step: 'sasl' });
    expect(error.message).toMatch(/not-authorized.*check the name and the password/);
  });

  it('[S21] an account that does not exist, in the same words', async () => {
    const unknown = await failureOf(world.connect(way, { jid: `nobody@${DOMAIN}` }));
    const wrong = await failureOf(world.connect(way, { password: 'wrong' }));
    expect(unknown.message).toBe(wrong.message);
    expect(unknown.code).toBe(wrong.code);
  });

  it('no mechanism in common', async () => {
    const other = await makeWorld({ authority, policy: { mechanisms: ['PLAIN'] } });
    const error = await failureOf(other.connect(way, { mechanisms: ['SCRAM-SHA-256'] }));
    expect(error).toMatchObject({ code: 'sasl-no-mechanism', step: 'sasl' });
    await other.close();
  });

  it('[S10] a pinned mechanism that is gone', async () => {
    const other = await makeWorld({ authority, policy: { mechanisms: ['SCRAM-SHA-1', 'PLAIN'] } });
    const error = await failureOf(other.connect(way, { pinnedMechanism: 'SCRAM-SHA-256' }));
    expect(error).toMatchObject({ step: 'sasl' });
    await other.close();
  });

  it('a resource that is refused', async () => {
    const asks = { 'bind-resource': () => ({ refuse: 'conflict' as const }) };
    // The default for accept-stream is added by the test's own server.
    const other = await makeWorld({ authority, asks: asks as never });
    const error = await failureOf(other.connect(way));
    expect(error).toMatchObject({ code: 'bind-refused', step: 'bind' });
    expect(error.message).toMatch(/conflict.*ask for another/);
    await other.close();
  });

  it('a domain that is not served', async () => {
    const certificate = await authority.issue(dnsNames(DOMAIN, 'other.example.com'));
    const other = await makeWorld({ authority, certificate });
    const error = await failureOf(other.connect(way, { jid: 'juliet@other.example.com' }));
    expect(error).toMatchObject({ code: 'stream-error', step: 'stream' });
    expect(error.message).toMatch(/host-unknown.*check the domain/);
    await other.close();
  });
});

describe('nobody there', () => {
  it('nothing listens', async () => {
    const gone = await rawServer(() => {});
    await gone.close();
    const error = await failureOf(connect({ ...world.options('starttls'), port: gone.port }));
    expect(error).toMatchObject({ code: 'tcp-refused', step: 'tcp' });
    expect(error.message).toContain(`127.0.0.1 port ${gone.port}`);
    expect(error.message).toMatch(/nothing listens there/);
  });

  it.each<[string, Partial<ConnectOptions>, object]>([
    ['a silent server', { timeouts: { negotiation: 20 } }, { code: 'stream-timed-out', step: 'stream' }],
    [
      'a silent server, by direct TLS',
      { directTls: 'only', timeouts: { tls: 20 } },
      { code: 'tls-timed-out', step: 'tls' },
    ],
  ])('%s', async (_, more, expected) => {
    const silent = await rawServer((socket) => socket.resume());
    const error = await failureOf(connect({ ...world.options('starttls'), port: silent.port, ...more }));
    expect(error).toMatchObject(expected);
    expect(error.message).toMatch(/check the port/);
    await silent.close();
  });

  it('STARTTLS on the port for direct TLS, and the other way round', async () => {
    const mixed = { ...world.options('starttls'), port: world.ports.direct };
    expect(await failureOf(connect(mixed))).toMatchObject({ step: 'stream' });
    const other = await failureOf(connect({ ...world.options('direct'), port: world.ports.starttls }));
    expect(other).toMatchObject({ code: 'tls-handshake-failed' });
    expect(other.message).toMatch(/STARTTLS or direct TLS/);
  });

  it('names that nobody resolves, and a service that is decidedly not there', async () => {
    const { jid = '', password = '' } = world.options('starttls');
    const none = async (): Promise<never> => {
      throw Object.assign(new Error('queryA ENOTFOUND'), { code: 'ENOTFOUND' });
    };
    expect(await failureOf(connect({ jid, password, resolver: { srv: none, addresses: none } }))).toMatchObject({
      code: 'dns-no-address',
      step: 'dns',
    });
    const root = { name: '', port: 0, priority: 0, weight: 0 };
    expect(
      await failureOf(connect({ jid, password, resolver: { srv: async () => [root], addresses: none } })),
    ).toMatchObject({
      code: 'dns-service-unavailable',
    });
  });

  it('a name server that never answers', async () => {
    const { jid = '', password = '' } = world.options('starttls');
    const forever = async (): Promise<never> => new Promise(() => {});
    const timeouts = { dns: 20 };
    expect(
      await failureOf(connect({ jid, password, timeouts, resolver: { srv: forever, addresses: forever } })),
    ).toMatchObject({
      code: 'dns-timed-out',
    });
    expect(
      await failureOf(
        connect({ jid, password, timeouts, host: 'x.example', resolver: { srv: forever, addresses: forever } }),
      ),
    ).toMatchObject({ code: 'dns-timed-out' });
  });
});

describe('mistakes of the caller, before anything is sent', () => {
  it.each<[string, ConnectOptions]>([
    ['neither address nor domain', {}],
    ['both', { jid: 'juliet@im.example.com', domain: 'im.example.com', password: 'x' }],
    ['no address', { jid: 'ju liet@im.example.com', password: 'x' }],
    ['no password', { jid: 'juliet@im.example.com' }],
    ['a language that is none', { jid: 'juliet@im.example.com', password: 'x', lang: 'not a tag' }],
  ])('%s', async (_, options) => {
    const asked: string[] = [];
    const ask = async (name: string) => {
      asked.push(name);
      return [];
    };
    const error = await connect({ ...options, resolver: { srv: ask, addresses: ask } }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(XmppConnectError);
    expect(asked).toEqual([]);
  });
});
