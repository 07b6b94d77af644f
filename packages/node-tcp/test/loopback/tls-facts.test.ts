import { constants } from 'node:crypto';
import { connect as tlsConnect, type TLSSocket } from 'node:tls';
import type { TlsFacts } from '@xmpp-wire/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { serverEndPoint } from '../../src/tls/end-point-hash.ts';
import { usesExtendedMasterSecret } from '../../src/tls/extended-master-secret.ts';
import { peerCertificateOf, tlsFacts } from '../../src/tls/facts.ts';
import { ServerTls } from '../../src/tls/server-tls.ts';
import { dnsNames, makeAuthority, type Authority, type Issued } from '../support/certificates.ts';
import { der } from '../support/der-writer.ts';
import { socketPair } from '../support/sockets.ts';

const DOMAIN = 'im.example.com';
let authority: Authority;
let leaf: Issued;
beforeAll(async () => {
  authority = await makeAuthority();
  leaf = await authority.issue(dnsNames(DOMAIN));
});

interface Handshake {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly withoutExtendedMasterSecret?: boolean;
  readonly session?: Buffer | undefined;
}

/** Both ends of a handshake on loopback. */
async function shakeHands(tls: ServerTls, { version, withoutExtendedMasterSecret = false, session }: Handshake) {
  const pair = await socketPair();
  const client = tlsConnect({
    socket: pair.client,
    servername: DOMAIN,
    ca: authority.cert,
    minVersion: version,
    maxVersion: version,
    // SSL_OP_NO_EXTENDED_MASTER_SECRET, which Node has no name for.
    ...(withoutExtendedMasterSecret ? { secureOptions: constants.SSL_OP_NO_TICKET | 1 } : {}),
    ...(session === undefined ? {} : { session }),
  });
  const connected = new Promise((resolve, reject) => client.once('secureConnect', resolve).once('error', reject));
  const server = await tls.secure(pair.server, undefined);
  await connected;
  return { client, server, close: pair.close };
}

/** The facts of both ends. */
async function factsOfBoth(handshake: Handshake, tls = new ServerTls({ certificates: { [DOMAIN]: leaf } }, 'client')) {
  const { client, server, close } = await shakeHands(tls, handshake);
  const facts = {
    client: tlsFacts(client, 'client'),
    server: tlsFacts(server, 'server'),
    session: client.getSession(),
  };
  await close();
  return facts;
}

const bindings = (facts: TlsFacts | undefined) =>
  Object.fromEntries(
    [...(facts?.channelBindings ?? [])].map(([type, data]) => [type, Buffer.from(data).toString('hex')]),
  );

describe('facts of a TLS connection, as both ends see them', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('%s: both compute the same channel bindings', async (version) => {
    const { client, server } = await factsOfBoth({ version });
    expect(client?.version).toBe(version);
    expect(server?.version).toBe(version);
    expect(bindings(client)).toEqual(bindings(server));
    expect(client?.cipher).toBe(server?.cipher);
  });

  it('TLS 1.3 has tls-exporter and no tls-unique (RFC 9266 §2, RFC 8446 §C.5)', async () => {
    const { client } = await factsOfBoth({ version: 'TLSv1.3' });
    expect(Object.keys(bindings(client)).sort()).toEqual(['tls-exporter', 'tls-server-end-point']);
    expect(client?.channelBindings.get('tls-exporter')).toHaveLength(32);
    expect(client?.extendedMasterSecret).toBeUndefined();
  });

  it('TLS 1.2 with the extended master secret has all three', async () => {
    const { client, server } = await factsOfBoth({ version: 'TLSv1.2' });
    expect(Object.keys(bindings(client)).sort()).toEqual(['tls-exporter', 'tls-server-end-point', 'tls-unique']);
    expect(client?.channelBindings.get('tls-unique')).toHaveLength(12);
    expect(client?.extendedMasterSecret).toBe(true);
    expect(server?.extendedMasterSecret).toBe(true);
  });

  it('TLS 1.2 without the extended master secret has tls-server-end-point only (RFC 9266 §3, RFC 7627 §1)', async () => {
    const { client, server } = await factsOfBoth({ version: 'TLSv1.2', withoutExtendedMasterSecret: true });
    expect(client?.extendedMasterSecret).toBe(false);
    expect(server?.extendedMasterSecret).toBe(false);
    expect(Object.keys(bindings(client))).toEqual(['tls-server-end-point']);
    expect(bindings(client)).toEqual(bindings(server));
  });

  it('TLS 1.2 resumed: tls-unique is the server\u2019s Finished then, and both ends agree (RFC 5929 §3.1)', async () => {
    const tls = new ServerTls({ certificates: { [DOMAIN]: leaf } }, 'client');
    const { session } = await factsOfBoth({ version: 'TLSv1.2' }, tls);
    const { client, server, close } = await shakeHands(tls, { version: 'TLSv1.2', session });
    expect([client.isSessionReused(), server.isSessionReused()]).toEqual([true, true]);
    const unique = tlsFacts(client, 'client')?.channelBindings.get('tls-unique');
    expect(unique).toEqual(tlsFacts(server, 'server')?.channelBindings.get('tls-unique'));
    expect(unique).toEqual(new Uint8Array(server.getFinished() ?? []));
    await close();
  });

  it('the end point is the server\u2019s certificate on both ends, also the one that SNI chose', async () => {
    const other = await authority.issue(dnsNames('other.example'));
    const tls = new ServerTls({ certificates: { 'other.example': other, [DOMAIN]: leaf } }, 'client');
    const { client, server } = await factsOfBoth({ version: 'TLSv1.3' }, tls);
    expect(client?.channelBindings.get('tls-server-end-point')).toEqual(serverEndPoint(leaf.der));
    expect(bindings(client)).toEqual(bindings(server));
  });

  it('the certificate of a peer is its own each time it is asked for, also with a chain behind it', async () => {
    const chained = { ...leaf, cert: leaf.cert + authority.cert };
    const tls = new ServerTls({ certificates: { [DOMAIN]: chained } }, 'client');
    const { client, close } = await shakeHands(tls, { version: 'TLSv1.3' });
    for (const _ of [1, 2, 3]) expect(peerCertificateOf(client)).toEqual(leaf.der);
    await close();
  });

  it('the client knows the certificate of its peer, the server of a client without one does not', async () => {
    const { client, server } = await factsOfBoth({ version: 'TLSv1.3' });
    expect(client?.peerCertificate).toEqual({ der: leaf.der, trusted: true });
    expect(server?.peerCertificate).toBeUndefined();
  });
});

describe('whether a session has the extended master secret', () => {
  // The five fields that every session has, and the flags.
  const session = (...flags: Buffer[]) => der(0x30, der(2, [1]), der(2, [3, 3]), der(4), der(4), der(4), ...flags);
  const flags = (value: number) => der(0xad, der(2, [value]));
  // As newer versions of Node hand it out on a client.
  const wrapped = (inner: Buffer) =>
    Buffer.concat([Buffer.from('\0nodejs:tls:session:1\0\0\u0009localhost', 'latin1'), inner]);

  it.each([
    ['its flag', session(flags(1)), true],
    ['its flag among others', session(flags(0x11)), true],
    ['other flags', session(flags(0x10)), false],
    ['no flags', session(), false],
  ])('is told by %s, however the session is wrapped', (_, bytes, expected) => {
    expect(usesExtendedMasterSecret(bytes)).toBe(expected);
    expect(usesExtendedMasterSecret(wrapped(bytes))).toBe(expected);
  });

  it('cannot be told from what is no session of OpenSSL', () => {
    expect(usesExtendedMasterSecret(undefined)).toBeUndefined();
    expect(usesExtendedMasterSecret(new Uint8Array())).toBeUndefined();
    expect(usesExtendedMasterSecret(der(0x30))).toBeUndefined();
    expect(usesExtendedMasterSecret(der(0x30, der(4), der(4), der(4), der(4), der(4)))).toBeUndefined();
    expect(usesExtendedMasterSecret(session(der(0xad, der(4, [1]))))).toBeUndefined();
    expect(usesExtendedMasterSecret(Buffer.from('\0nodejs:tls:session:1\0', 'latin1'))).toBeUndefined();
  });
});

describe('[S15] an old version', () => {
  it.each([undefined, null, 'TLSv1', 'TLSv1.1', 'SSLv3'])('%s has no facts', (version) => {
    // All that tlsFacts asks before it gives up.
    const socket = { getProtocol: () => version } as unknown as TLSSocket;
    expect(tlsFacts(socket, 'client')).toBeUndefined();
  });
});
