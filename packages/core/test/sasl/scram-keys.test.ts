import { pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../src/bytes/utf8.ts';
import { saltPassword, scramCredentials, scramKeys, type ScramHash } from '../../src/sasl/index.ts';

const salt = Uint8Array.of(1, 2, 3);
const hashes: [ScramHash, number][] = [
  ['SHA-1', 20],
  ['SHA-256', 32],
  ['SHA-512', 64],
];

describe.each(hashes)('keys of SCRAM with %s', (hash, length) => {
  it('start from the PBKDF2 of the platform', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, fc.integer({ min: 1, max: 20 }), (password, salted, iterations) => {
        const expected = pbkdf2Sync(password, salted, iterations, length, hash.replace('-', ''));
        expect(saltPassword({ hash, password, salt: salted, iterations })).toEqual(new Uint8Array(expected));
      }),
      { numRuns: 30 },
    );
  });

  it('are the same whether they are made of the password or of the salted password', () => {
    const saltedPassword = saltPassword({ hash, password: utf8Encode('IX'), salt, iterations: 2 });
    const made = scramCredentials({ hash, password: '\u2168', salt, iterations: 2 });
    expect(made).toEqual(scramCredentials({ hash, saltedPassword, salt, iterations: 2 }));
    const { storedKey, serverKey, clientKey } = scramKeys(saltedPassword, hash);
    expect(made).toEqual({ salt, iterations: 2, storedKey, serverKey });
    expect(clientKey).toHaveLength(length);
  });

  it('throw for what cannot be', () => {
    const invalid = expect.objectContaining({ name: 'LocalProtocolError', code: 'configuration-invalid' });
    const password = 'pencil';
    expect(() => scramCredentials({ hash, password, salt: new Uint8Array(), iterations: 1 })).toThrow(invalid);
    for (const iterations of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => scramCredentials({ hash, password, salt, iterations })).toThrow(invalid);
      expect(() => saltPassword({ hash, password: utf8Encode(password), salt, iterations })).toThrow(invalid);
    }
    for (const wrong of ['', '\u00ad', '\u0007', '\u{1f600}', '\ud800']) {
      expect(() => scramCredentials({ hash, password: wrong, salt, iterations: 1 })).toThrow(invalid);
    }
    expect(() => scramCredentials({ hash, saltedPassword: new Uint8Array(length - 1), salt, iterations: 1 })).toThrow(
      invalid,
    );
    expect(() => scramCredentials({ hash, saltedPassword: new Uint8Array(length), salt, iterations: 0 })).toThrow(
      invalid,
    );
  });
});
