import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connect,
  type ConnectOptions,
  type DnsResolver,
  type FailedConnection,
  type HostAddress,
  type SrvRecord,
  systemResolver,
} from '../../src/index.ts';
import { dnsNames } from '../support/certificates.ts';
import { rawServer } from '../support/sockets.ts';
import { DOMAIN, makeWorld, PASSWORD, type World } from '../support/world.ts';

let world: World;
/** A port on loopback on which nothing listens. */
let deaf: number;
beforeAll(async () => {
  world = await makeWorld();
  const gone = await rawServer(() => {});
  deaf = gone.port;
  await gone.close();
});
afterAll(async () => world.close());

const LOOPBACK: HostAddress = { address: '127.0.0.1', family: 4 };

/** A resolver of one zone: SRV records by name, and addresses by host. */
function resolverOf(
  srv: Record<string, readonly SrvRecord[]>,
  hosts: Record<string, readonly HostAddress[]>,
): DnsResolver {
  return {
    async srv(name) {
      const found = srv[name];
      if (found === undefined) throw Object.assign(new Error(`ENODATA ${name}`), { code: 'ENODATA' });
      return found;
    },
    addresses: async (host) => hosts[host] ?? [],
  };
}

const record = (name: string, port: number, priority = 0): SrvRecord => ({ name, port, priority, weight: 0 });

const reach = async (resolver: DnsResolver, more: Partial<ConnectOptions> = {}) =>
  connect({ jid: `juliet@${DOMAIN}`, password: PASSWORD, resolver, ...more, tls: { ca: world.authority.cert } });

const CLIENT = `_xmpp-client._tcp.${DOMAIN}`;
const DIRECT = `_xmpps-client._tcp.${DOMAIN}`;

describe('finding the server by DNS', () => {
  it('goes to the next address of a host when the first refuses', async () => {
    const addresses: HostAddress[] = [{ address: '::1', family: 6 }, { address: '127.9.9.9', family: 4 }, LOOPBACK];
    const connection = await reach(
      resolverOf({ [CLIENT]: [record('one.example.net', world.ports.starttls)] }, { 'one.example.net': addresses }),
    );
    expect(connection.remote.address).toBe('127.0.0.1');
    await connection.close();
  });

  it('[F-stream-fqdn-resolution] [R3.1-1] [R13.9.2-1] goes to the next target when the first cannot be connected to', async () => {
    const zone = { [CLIENT]: [record('one.example.net', deaf, 1), record('two.example.net', world.ports.starttls, 2)] };
    const connection = await reach(resolverOf(zone, { 'one.example.net': [LOOPBACK], 'two.example.net': [LOOPBACK] }));
    expect(connection.remote.port).toBe(world.ports.starttls);
    await connection.close();
  });

  it('goes to the next target when direct TLS does not work at the first (XEP-0368)', async () => {
    // A port that takes connections and speaks no TLS, as one behind a proxy that knows nothing of XMPP.
    const zone = {
      [DIRECT]: [record('one.example.net', world.ports.starttls, 1)],
      [CLIENT]: [record('one.example.net', world.ports.starttls, 2)],
    };
    const connection = await reach(resolverOf(zone, { 'one.example.net': [LOOPBACK] }));
    expect(connection.tls?.version).toBe('TLSv1.3');
    await connection.close();
  });

  it('takes direct TLS where its record comes first', async () => {
    const zone = {
      [DIRECT]: [record('one.example.net', world.ports.direct, 1)],
      [CLIENT]: [record('one.example.net', world.ports.starttls, 2)],
    };
    const connection = await reach(resolverOf(zone, { 'one.example.net': [LOOPBACK] }));
    expect(connection.remote.port).toBe(world.ports.direct);
    await connection.close();
  });

  it('[S7] verifies the domain, not the target, and tries no other target after a wrong certificate', async () => {
    const certificate = await world.authority.issue(dnsNames('one.example.net'));
    const impostor = await makeWorld({ authority: world.authority, certificate });
    const zone = {
      [DIRECT]: [record('one.example.net', impostor.ports.direct, 1)],
      [CLIENT]: [record('one.example.net', world.ports.starttls, 2)],
    };
    await expect(reach(resolverOf(zone, { 'one.example.net': [LOOPBACK] }))).rejects.toMatchObject({
      code: 'tls-certificate-name',
    });
    await impostor.close();
  });

  it('[R3.2.1-2] does not fall back to the domain itself when there are records (RFC 6120 §3.2.1 rule 8)', async () => {
    const zone = { [CLIENT]: [record('one.example.net', deaf, 1), record('two.example.net', deaf, 2)] };
    const hosts = { 'one.example.net': [LOOPBACK], 'two.example.net': [LOOPBACK], [DOMAIN]: [LOOPBACK] };
    const error = await reach(resolverOf(zone, hosts)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'tcp-refused', step: 'tcp', cause: { errors: [{}, {}] } });
    expect(String(error)).toMatch(/none of the 2 targets.*one\.example\.net.*two\.example\.net/);
  });

  it('draws by lot between targets of one priority', async () => {
    const zone = {
      [CLIENT]: [record('one.example.net', world.ports.starttls), record('two.example.net', world.ports.starttls)],
    };
    const hosts = { 'one.example.net': [LOOPBACK], 'two.example.net': [LOOPBACK] };
    const connection = await reach(resolverOf(zone, hosts));
    expect(connection.remote.port).toBe(world.ports.starttls);
    await connection.close();
  });

  it('finds hosts by the system', async () => {
    expect(await systemResolver().addresses('localhost')).toContainEqual(LOOPBACK);
  });

  it('gives up on a target in time', async () => {
    const addresses: HostAddress[] = [{ address: '192.0.2.1', family: 4 }];
    const never = resolverOf({ [CLIENT]: [record('one.example.net', 5222)] }, { 'one.example.net': addresses });
    const error = await reach(never, { timeouts: { tcp: 30 } }).catch((reason: unknown) => reason);
    // Without a route to the documentation network it is unreachable at once.
    expect(error).toMatchObject({
      step: 'tcp',
      code: expect.stringMatching(/tcp-(timed-out|unreachable|refused|failed)/),
    });
  });
});

describe('a server with several domains', () => {
  it('[R5.4.3.1-5] [C5.3.6] [R5.4.3.1-3] presents the certificate of the domain that was asked for', async () => {
    const names = ['one.example', 'two.example'];
    const certificates = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await world.authority.issue(dnsNames(name))] as const)),
    );
    const other = await makeWorld({
      authority: world.authority,
      tls: { certificates },
      asks: {
        'accept-stream': ({ to = '' }) => ({
          domain: to,
          mechanisms: ['SCRAM-SHA-1'],
          decoySecret: new Uint8Array(16),
        }),
      },
    });
    for (const name of names) {
      for (const way of ['starttls', 'direct'] as const) {
        const connection = await other.connect(way, { jid: `juliet@${name}` });
        expect(connection.jid.domainpart).toBe(name);
        await connection.close();
      }
    }
    await other.close();
  });

  it('presents the certificate of the stream\u2019s domain to a client that sends no SNI', async () => {
    const literal = await world.authority.issue({ names: [Buffer.from([0x87, 4, 127, 0, 0, 1])] });
    const other = await makeWorld({
      authority: world.authority,
      tls: { certificates: { [DOMAIN]: world.certificate, '127.0.0.1': literal } },
      asks: {
        'accept-stream': ({ to = '' }) => ({
          domain: to,
          mechanisms: ['SCRAM-SHA-1'],
          decoySecret: new Uint8Array(16),
        }),
      },
    });
    // An address is no server name (RFC 6066 §3), so nothing but the stream header says whom the client wants.
    const connection = await other.connect('starttls', { jid: 'juliet@127.0.0.1' });
    expect(connection.jid.domainpart).toBe('127.0.0.1');
    await connection.close();
    await other.close();
  });

  it.each(['starttls', 'direct'] as const)(
    'cuts a client for whom it has no certificate that can be used: %s',
    async (way) => {
      const failures: FailedConnection[] = [];
      const broken = { cert: 'no certificate', key: 'no key' };
      for (const certificates of [() => broken, () => undefined]) {
        const other = await makeWorld({
          authority: world.authority,
          tls: { certificates },
          onFailure: (failed) => void failures.push(failed),
        });
        await expect(other.connect(way)).rejects.toMatchObject({ code: 'tls-cut' });
        await other.close();
      }
      expect(failures.map(({ error }) => error?.message)).toEqual([
        expect.stringMatching(/PEM/i),
        expect.stringMatching(/no certificate for/),
      ]);
    },
  );

  it('takes a new certificate without a restart', async () => {
    const [old, renewed] = [world.certificate, await world.authority.issue(dnsNames(DOMAIN))];
    let present = old;
    const other = await makeWorld({ authority: world.authority, tls: { certificates: () => present } });
    for (const expected of [old, renewed]) {
      present = expected;
      const connection = await other.connect('direct');
      expect(connection.tls?.peerCertificate?.der).toEqual(expected.der);
      await connection.close();
    }
    await other.close();
  });
});
