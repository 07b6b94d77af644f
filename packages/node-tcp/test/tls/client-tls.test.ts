import { describe, expect, it } from 'vitest';
import { checkTlsOptions } from '../../src/tls/client-tls.ts';

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

  it('are PEM, as text or as bytes', () => {
    expect(() => checkTlsOptions()).not.toThrow();
    expect(() => checkTlsOptions({ ca: [PEM, new TextEncoder().encode(PEM)], crl: PEM })).not.toThrow();
    expect(() => checkTlsOptions({ ca: [] })).not.toThrow();
  });
});
