import { describe, expect, it } from 'vitest';
import type { SrvRecord } from '../src/srv-order.ts';
import { asciiDomain, findTargets, literalOf, type SrvLookup, type TargetQuery } from '../src/targets.ts';

type Zone = Readonly<Record<string, readonly SrvRecord[] | string>>;

/** A look-up in a table; a string is what a query fails with. */
function resolverOf(zone: Zone, asked: string[] = []): SrvLookup {
  return async (name) => {
    asked.push(name);
    const found = zone[name] ?? [];
    if (typeof found !== 'string') return found;
    if (found === 'ENOTFOUND' || found === 'ENODATA') return [];
    throw new Error(`querySrv ${found} ${name}`);
  };
}

const record = (name: string, port: number, priority = 0, weight = 0): SrvRecord => ({ name, port, priority, weight });

const find = (zone: Zone, query: Partial<TargetQuery> = {}, asked: string[] = []) =>
  findTargets(
    { domain: 'im.example.com', directTls: 'auto', service: 'client', ...query },
    resolverOf(zone, asked),
    () => 0.5,
  );

const CLIENT = '_xmpp-client._tcp.im.example.com';
const DIRECT = '_xmpps-client._tcp.im.example.com';

describe('where to connect for a domain (RFC 6120 §3.2, XEP-0368)', () => {
  it('[F-stream-fqdn-resolution] asks for both kinds of records', async () => {
    const asked: string[] = [];
    await find({}, {}, asked);
    expect(asked.sort()).toEqual([CLIENT, DIRECT]);
  });

  it('mixes both kinds by priority', async () => {
    const zone = {
      [CLIENT]: [record('a.example.net', 5222, 10), record('c.example.net', 5222, 30)],
      [DIRECT]: [record('b.example.net', 443, 20)],
    };
    expect(await find(zone)).toEqual([
      { host: 'a.example.net', port: 5222, tls: 'starttls' },
      { host: 'b.example.net', port: 443, tls: 'direct' },
      { host: 'c.example.net', port: 5222, tls: 'starttls' },
    ]);
  });

  it('mixes both kinds by weight', async () => {
    const zone = { [CLIENT]: [record('a.example.net', 5222, 1, 10)], [DIRECT]: [record('b.example.net', 443, 1, 90)] };
    expect((await find(zone)).map(({ tls }) => tls)).toEqual(['direct', 'starttls']);
  });

  it.each(['ENODATA', 'ENOTFOUND'])(
    '[R3.2.2-1] falls back to the domain itself when there are no records: %s',
    async (code) => {
      expect(await find({ [CLIENT]: code, [DIRECT]: code })).toEqual([
        { host: 'im.example.com', port: 5222, tls: 'starttls' },
      ]);
    },
  );

  it.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])(
    '[R3.2.1-3] falls back as well when the query gets no answer: %s',
    async (code) => {
      expect(await find({ [CLIENT]: code, [DIRECT]: code })).toEqual([
        { host: 'im.example.com', port: 5222, tls: 'starttls' },
      ]);
    },
  );

  it('uses the records of one kind when the query for the other fails', async () => {
    const expected = [{ host: 'a.example.net', port: 443, tls: 'direct' }];
    expect(await find({ [CLIENT]: 'ESERVFAIL', [DIRECT]: [record('a.example.net', 443)] })).toEqual(expected);
  });

  it.each(['.', ''])('[R3.2.1-1] takes the target %j for: the service is decidedly not here', async (root) => {
    await expect(find({ [CLIENT]: [record(root, 0)] })).rejects.toMatchObject({
      code: 'dns-service-unavailable',
      step: 'dns',
      message: expect.stringContaining('im.example.com'),
    });
  });

  it('goes on with STARTTLS when only direct TLS is decidedly not here', async () => {
    const zone = { [CLIENT]: [record('a.example.net', 5222)], [DIRECT]: [record('.', 0)] };
    expect(await find(zone)).toEqual([{ host: 'a.example.net', port: 5222, tls: 'starttls' }]);
  });

  it('does not fall back when direct TLS is decidedly not here and STARTTLS has no records', async () => {
    await expect(find({ [DIRECT]: [record('.', 0)] })).rejects.toMatchObject({ code: 'dns-service-unavailable' });
  });

  it('leaves direct TLS alone when told so', async () => {
    const asked: string[] = [];
    const zone = { [CLIENT]: [record('a.example.net', 5222)], [DIRECT]: [record('b.example.net', 443)] };
    expect(await find(zone, { directTls: 'never' }, asked)).toEqual([
      { host: 'a.example.net', port: 5222, tls: 'starttls' },
    ]);
    expect(asked).toEqual([CLIENT]);
  });

  it('uses nothing but direct TLS when told so', async () => {
    const asked: string[] = [];
    const zone = { [CLIENT]: [record('a.example.net', 5222)], [DIRECT]: [record('b.example.net', 443)] };
    expect(await find(zone, { directTls: 'only' }, asked)).toEqual([
      { host: 'b.example.net', port: 443, tls: 'direct' },
    ]);
    expect(asked).toEqual([DIRECT]);
  });

  it.each([
    ['ENODATA', 'dns-no-direct-tls'],
    // The name servers may be back in a moment: nothing to give up on.
    ['ESERVFAIL', 'dns-no-address'],
  ])('says that it needs a port when direct TLS is wanted and nothing says where it is: %s', async (failure, code) => {
    await expect(find({ [DIRECT]: failure }, { directTls: 'only' })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/give host and port/),
    });
  });

  it('asks for the records of servers', async () => {
    const asked: string[] = [];
    expect(await find({}, { service: 'server' }, asked)).toEqual([
      { host: 'im.example.com', port: 5269, tls: 'starttls' },
    ]);
    expect(asked.sort()).toEqual(['_xmpp-server._tcp.im.example.com', '_xmpps-server._tcp.im.example.com']);
  });

  it('asks by A-labels', async () => {
    const asked: string[] = [];
    await find({}, { domain: 'bücher.example' }, asked);
    expect(asked.sort()[0]).toBe('_xmpp-client._tcp.xn--bcher-kva.example');
  });

  it('takes the final dot off a target', async () => {
    expect(await find({ [CLIENT]: [record('a.example.net.', 5222)] })).toMatchObject([{ host: 'a.example.net' }]);
  });
});

describe('[C3.2.3] when there is nothing to look up (RFC 6120 §3.2.3)', () => {
  it.each<[string, Partial<TargetQuery>, object]>([
    ['a host', { host: 'apps.example.com' }, { host: 'apps.example.com', port: 5222, tls: 'starttls' }],
    [
      'a host for direct TLS',
      { host: 'apps.example.com', directTls: 'only' },
      { host: 'apps.example.com', port: 5223, tls: 'direct' },
    ],
    ['a host and a port', { host: '127.0.0.1', port: 15_222 }, { host: '127.0.0.1', port: 15_222, tls: 'starttls' }],
    ['a port', { port: 443, directTls: 'only' }, { host: 'im.example.com', port: 443, tls: 'direct' }],
    ['an IPv6 host in brackets', { host: '[::1]', port: 1 }, { host: '::1', port: 1, tls: 'starttls' }],
    ['an IPv4 domain', { domain: '192.0.2.7' }, { host: '192.0.2.7', port: 5222, tls: 'starttls' }],
    ['an IPv6 domain', { domain: '[2001:db8::7]' }, { host: '2001:db8::7', port: 5222, tls: 'starttls' }],
  ])('%s', async (_, query, expected) => {
    const asked: string[] = [];
    expect(await find({}, query, asked)).toEqual([expected]);
    expect(asked).toEqual([]);
  });
});

describe('the forms of a domain', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['192.0.2.1', '192.0.2.1'],
    // Names that DNS has no form for stay what they are: nothing is cut off to make them one.
    ['a/b.example', 'a/b.example'],
    ['romeo@b.example', 'romeo@b.example'],
    ['b.example:80', 'b.example:80'],
    ['b.example?c', 'b.example?c'],
    ['a b', 'a b'],
  ])('%s is %s to DNS', (domain, ascii) => expect(asciiDomain(domain)).toBe(ascii));

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['192.0.2.1.example', undefined],
    ['example.com', undefined],
    ['[example]', undefined],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['999.0.2.1', undefined],
    ['192.0.2.01', undefined],
    ['192.0.2.1.', undefined],
    ['::g', undefined],
    ['1:2', undefined],
  ])('%s is the literal %s', (domain, literal) => expect(literalOf(domain)).toBe(literal));
});
