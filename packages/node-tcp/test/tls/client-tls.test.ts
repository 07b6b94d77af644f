import { describe, expect, it } from 'vitest';
import { connect, keepConnected } from '../../src/index.ts';
import { checkTlsOptions } from '../../src/tls/client-tls.ts';
import { dnsNames, makeAuthority, makeSelfSigned } from '../support/certificates.ts';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

describe('certificates of a client', () => {
  it.each([
    [{ ca: '/etc/ssl/ca.pem' }, "'tls.ca' is the text of a PEM file"],
    [{ ca: [PEM, 'ca.pem'] }, 'readFileSync(path), not "ca.pem"'],
    [{ crl: new TextEncoder().encode('crl.pem') }, "'tls.crl' is the text"],
    [{ certificate: { cert: 'cert.pem', key: PEM } }, "'tls.certificate.cert' is the text"],
  ])('are no paths', (options, words) => {
    expect(() => checkTlsOptions(options)).toThrow(words);
    expect(() => checkTlsOptions(options)).toThrow(TypeError);
  });

  it('are not switched off by an option that there is not', () => {
    expect(() => checkTlsOptions({ rejectUnauthorized: false } as object)).toThrow(
      "'tls' has no option 'rejectUnauthorized'; there are ca, crl, certificate, trustedKeys,",
    );
  });

  it('are PEM, as text or as bytes', async () => {
    const authority = await makeAuthority();
    const [ca, crl] = [authority.cert, await authority.revoke()];
    expect(() => checkTlsOptions()).not.toThrow();
    expect(() => checkTlsOptions({ ca: [ca, new TextEncoder().encode(ca)], crl })).not.toThrow();
    expect(() => checkTlsOptions({ ca: [] })).not.toThrow();
  });
});

describe('what TLS cannot be done with is a mistake of the caller, before anything is sent', async () => {
  const [own, other] = await Promise.all([
    makeSelfSigned(dnsNames('a.example')),
    makeSelfSigned(dnsNames('b.example')),
  ]);

  it.each([
    ['ciphers', { ciphers: 'NONSENSE' }, /no cipher match/],
    ['a path', { certificate: { cert: own.cert, key: 'key.pem' } }, /certificate\.key/],
    ['the key of another certificate', { certificate: { cert: own.cert, key: other.key } }, /key values mismatch/],
    ['a list that is none', { crl: PEM }, /crl/],
    ['versions', { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' } as const, /no version is left/],
  ])('%s', async (_, tls, words) => {
    const asked: string[] = [];
    const ask = async (name: string): Promise<[]> => {
      asked.push(name);
      return [];
    };
    const options = { jid: 'juliet@im.example.com', password: 'x', resolver: { srv: ask, addresses: ask }, tls };
    const error = await connect(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: expect.stringMatching(words) });
    expect(() => keepConnected(options)).toThrow(TypeError);
    expect(asked).toEqual([]);
  });
});
