import { describe, expect, it } from 'vitest';
import { usableChannelBindings, type ChannelBindings, type ScramHash } from '../../src/sasl/index.ts';
import { answerAuthorization, answerCredentials, answerSaltedPassword } from '../../src/sasl/questions.ts';

const INVALID = expect.objectContaining({ code: 'answer-invalid' });

describe('answers of the application', () => {
  it.each([
    ['SHA-1', 20],
    ['SHA-256', 32],
    ['SHA-512', 64],
  ] as const)('a salted password for %s has %i bytes', (hash: ScramHash, length) => {
    expect(answerSaltedPassword(new Uint8Array(length), hash)).toHaveLength(length);
    for (const wrong of [length - 1, length + 1, 0]) {
      expect(() => answerSaltedPassword(new Uint8Array(wrong), hash)).toThrow(INVALID);
    }
    // An array of numbers is what the types forbid.
    const numbers = Array.from({ length }, () => 0) as unknown as Uint8Array;
    expect(() => answerSaltedPassword(numbers, hash)).toThrow(INVALID);
  });

  const KEYS = {
    salt: new Uint8Array(1),
    iterations: 1,
    storedKey: new Uint8Array(32),
    serverKey: new Uint8Array(32),
  };

  it('credentials have both keys, a salt and iterations, or are a word', () => {
    expect(answerCredentials(KEYS, 'SHA-256')).toBe(KEYS);
    expect(answerCredentials('unknown-account', 'SHA-256')).toBe('unknown-account');
  });

  it.each([
    ['storedKey', new Uint8Array(31)],
    ['serverKey', new Uint8Array(33)],
    ['salt', new Uint8Array()],
    ['iterations', 0],
    ['iterations', 1.5],
    ['iterations', Infinity],
  ])('credentials with a wrong %s are none: %o', (name, value) => {
    expect(() => answerCredentials({ ...KEYS, [name]: value }, 'SHA-256')).toThrow(INVALID);
  });

  it('[S11] an identity has a name, and an authzid that says something or none', () => {
    expect(answerAuthorization({ authcid: 'juliet', authzid: undefined })).toMatchObject({ authcid: 'juliet' });
    expect(answerAuthorization('invalid-authzid')).toBe('invalid-authzid');
    expect(() => answerAuthorization({ authcid: '', authzid: 'juliet@im.example.com' })).toThrow(INVALID);
    expect(() => answerAuthorization({ authcid: 'juliet', authzid: '' })).toThrow(INVALID);
  });
});

describe('which channel bindings a connection has', () => {
  const all = (exporter: number, unique: number, endPoint: number): ChannelBindings =>
    new Map([
      ['tls-exporter', new Uint8Array(exporter)],
      ['tls-unique', new Uint8Array(unique)],
      ['tls-server-end-point', new Uint8Array(endPoint)],
    ]);
  const EXPORTER = 'tls-exporter';
  const UNIQUE = 'tls-unique';
  const END_POINT = 'tls-server-end-point';

  it.each([
    ['TLSv1.3', false, all(32, 12, 32), [EXPORTER, END_POINT]],
    ['TLSv1.2', true, all(32, 12, 32), [EXPORTER, UNIQUE, END_POINT]],
    ['TLSv1.2', true, all(32, 36, 48), [EXPORTER, UNIQUE, END_POINT]],
    ['TLSv1.2', false, all(32, 12, 32), [UNIQUE, END_POINT]],
    ['TLSv1.3', true, all(31, 12, 0), []],
    ['TLSv1.2', true, all(33, 11, 1), [END_POINT]],
    ['TLSv1.2', true, all(0, 0, 0), []],
  ] as const)('[S10] %s, extended master secret %s, %o: %o', (version, secret, bindings, usable) => {
    expect([...usableChannelBindings(version, secret, bindings).keys()]).toEqual(usable);
  });
});
