import { beforeAll, describe, expect, it } from 'vitest';
import { certificateIsFor, describeNames } from '../../src/tls/identity.ts';
import { makeAuthority, type Authority } from '../support/certificates.ts';
import { generalName } from '../support/der-writer.ts';

const { dns, ip, srv, xmpp, uri } = generalName;
let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});

const certificate = async (names: readonly Buffer[] | undefined, commonName?: string) =>
  (await authority.issue({ ...(names && { names }), ...(commonName && { commonName }) })).der;

const V6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

describe('[C13.7.2.1] [S7] whom a certificate is for (RFC 6120 §13.7.2.1, RFC 6125 §6)', () => {
  it.each<[string, Buffer[], string]>([
    ['[R13.7.1.2.1-2] DNS-ID', [dns('im.example.com')], 'im.example.com'],
    ['DNS-ID in another case', [dns('IM.Example.Com')], 'im.example.com'],
    ['a domain in another case', [dns('im.example.com')], 'Im.Example.COM'],
    ['one DNS-ID of several', [dns('a.example'), dns('im.example.com')], 'im.example.com'],
    ['a wildcard', [dns('*.example.com')], 'im.example.com'],
    ['a wildcard before an A-label', [dns('*.example.com')], 'bücher.example.com'],
    ['DNS-ID as an A-label', [dns('xn--bcher-kva.example')], 'bücher.example'],
    ['[R13.7.1.2.1-5] SRV-ID', [srv('_xmpp-client.im.example.com')], 'im.example.com'],
    ['SRV-ID in another case', [srv('_XMPP-Client.IM.example.com')], 'im.example.com'],
    ['[R13.7.1.4-1] XmppAddr', [xmpp('im.example.com')], 'im.example.com'],
    ['XmppAddr beyond ASCII', [xmpp('bücher.example')], 'bücher.example'],
    ['an IPv4 address', [ip(192, 0, 2, 1)], '192.0.2.1'],
    ['an IPv6 address', [ip(...V6)], '[2001:DB8::1]'],
    [
      'a name behind kinds that are not looked at',
      [uri('xmpp:im.example.com'), dns('im.example.com')],
      'im.example.com',
    ],
  ])('accepts %s', async (_, names, domain) => {
    expect(certificateIsFor(await certificate(names), domain, 'client')).toBe(true);
  });

  it.each<[string, Buffer[] | undefined, string]>([
    ['another domain', [dns('example.com')], 'im.example.com'],
    ['a domain above', [dns('im.example.com')], 'example.com'],
    ['a wildcard for the domain itself', [dns('*.example.com')], 'example.com'],
    ['a wildcard over two labels', [dns('*.example.com')], 'a.im.example.com'],
    ['a wildcard in a label', [dns('i*.example.com')], 'im.example.com'],
    ['a wildcard that is not left-most', [dns('im.*.com')], 'im.example.com'],
    ['two wildcards', [dns('*.*.com')], 'im.example.com'],
    ['a wildcard for a top-level domain', [dns('*.com')], 'example.com'],
    ['a bare wildcard', [dns('*')], 'localhost'],
    ['SRV-ID of the service for servers', [srv('_xmpp-server.im.example.com')], 'im.example.com'],
    ['SRV-ID of another service', [srv('_imap.im.example.com')], 'im.example.com'],
    ['SRV-ID without service', [srv('im.example.com')], 'im.example.com'],
    ['SRV-ID with a wildcard', [srv('_xmpp-client.*.example.com')], 'im.example.com'],
    ['XmppAddr of an account', [xmpp('juliet@im.example.com')], 'im.example.com'],
    ['XmppAddr with a wildcard', [xmpp('*.example.com')], 'im.example.com'],
    ['a name in the common name only', undefined, 'im.example.com'],
    ['no name at all', [], 'im.example.com'],
    ['a URI', [uri('xmpp:im.example.com')], 'im.example.com'],
    ['a name with a NUL behind it', [dns('im.example.com\0.evil.example')], 'im.example.com'],
    ['a name with a NUL at its end', [dns('im.example.com\0')], 'im.example.com'],
    ['an address as DNS-ID', [dns('192.0.2.1')], '192.0.2.1'],
    ['another address', [ip(192, 0, 2, 2)], '192.0.2.1'],
    ['an address of no length', [ip(192, 0, 2)], '192.0.2.1'],
    ['an address for a name', [ip(192, 0, 2, 1)], 'im.example.com'],
    ['an empty domain', [dns('')], ''],
  ])('refuses %s', async (_, names, domain) => {
    expect(certificateIsFor(await certificate(names, 'im.example.com'), domain, 'client')).toBe(false);
  });

  it('accepts the SRV-ID of the service for servers between servers', async () => {
    const der = await certificate([srv('_xmpp-server.im.example.com')]);
    expect(certificateIsFor(der, 'im.example.com', 'server')).toBe(true);
  });

  it('refuses bytes that are no certificate', () => {
    expect(certificateIsFor(new Uint8Array(), 'im.example.com', 'client')).toBe(false);
    expect(certificateIsFor(Uint8Array.of(0x30, 0x82, 0xff, 0xff), 'im.example.com', 'client')).toBe(false);
  });

  it('never throws, wherever the certificate is cut or changed', async () => {
    const whole = await certificate([srv('_xmpp-client.im.example.com'), dns('im.example.com')]);
    for (let at = 0; at < whole.length; at++) {
      expect(certificateIsFor(whole.subarray(0, at), 'im.example.com', 'client')).toBe(false);
      const changed = Uint8Array.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      expect(certificateIsFor(changed, 'im.example.com', 'client')).toBeTypeOf('boolean');
    }
  });

  it('says for messages whom it is for', async () => {
    expect(describeNames(await certificate([dns('a.example'), ip(192, 0, 2, 1), srv('_xmpp-client.b.example')]))).toBe(
      'a.example, _xmpp-client.b.example, 192.0.2.1',
    );
    expect(describeNames(await certificate(undefined, 'im.example.com'))).toBe('no name at all');
  });
});
