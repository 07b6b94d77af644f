import { describe, expect, it } from 'vitest';
import { srvLookupBy, type DnsResolver } from '../../src/dns/resolver.ts';

const resolver = (srv: DnsResolver['srv']): DnsResolver => ({ srv, addresses: async () => [] });
const failing = (code: string) =>
  resolver(async (name) => Promise.reject(Object.assign(new Error(`querySrv ${code} ${name}`), { code })));

describe('asking a resolver for SRV records', () => {
  it('passes on what it found', async () => {
    const record = { name: 'a.example.net', port: 5222, priority: 1, weight: 2 };
    const asked: string[] = [];
    const lookUp = srvLookupBy(
      resolver(async (name) => {
        asked.push(name);
        return [record];
      }),
    );
    expect(await lookUp('_xmpp-client._tcp.im.example.com')).toEqual([record]);
    expect(asked).toEqual(['_xmpp-client._tcp.im.example.com']);
  });

  it.each(['ENODATA', 'ENOTFOUND'])('takes %s for: there are none', async (code) => {
    expect(await srvLookupBy(failing(code))('x')).toEqual([]);
  });

  it.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])('[R3.2.1-3] says that nothing is known after %s', async (code) => {
    await expect(srvLookupBy(failing(code))('x')).rejects.toMatchObject({ code });
  });
});
