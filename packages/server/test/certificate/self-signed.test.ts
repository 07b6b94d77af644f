import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { makeSelfSignedCertificate } from '../../src/index.ts';

const made = await makeSelfSignedCertificate(['im.example.com', 'bücher.example', '192.0.2.1', '[2001:db8::1]']);
const [leaf, authority] = made.cert
  .split(/(?<=-----END CERTIFICATE-----\n)/)
  .map((pem) => new X509Certificate(pem)) as [X509Certificate, X509Certificate];

describe('a certificate that nobody vouches for', () => {
  it('is for the domains and for loopback', () => {
    expect(leaf.subject).toBe('CN=im.example.com');
    expect(leaf.subjectAltName?.split(', ')).toEqual([
      'DNS:im.example.com',
      'DNS:xn--bcher-kva.example',
      'IP Address:192.0.2.1',
      'IP Address:2001:DB8:0:0:0:0:0:1',
      'DNS:localhost',
      'IP Address:127.0.0.1',
      'IP Address:0:0:0:0:0:0:0:1',
    ]);
  });

  it('is no authority, and its issuer is one', () => {
    expect(leaf.ca).toBe(false);
    expect(authority.ca).toBe(true);
    expect(authority.toString()).toBe(made.ca);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(authority.verify(authority.publicKey)).toBe(true);
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('goes with its key and its fingerprint', async () => {
    const { createPrivateKey } = await import('node:crypto');
    expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
    expect(made.fingerprint).toBe(leaf.fingerprint256);
  });

  it('is valid now, and no longer than clients take', () => {
    const [from, to] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
    expect(to - from).toBeLessThanOrEqual(398 * 86_400_000);
    expect(from).toBeLessThan(to);
  });

  it('is another each time, without a domain too', async () => {
    const other = await makeSelfSignedCertificate([]);
    expect(other.ca).not.toBe(made.ca);
    expect(new X509Certificate(other.cert).subject).toBe('CN=localhost');
    expect(new X509Certificate(other.cert).serialNumber).not.toBe(leaf.serialNumber);
  });
});
