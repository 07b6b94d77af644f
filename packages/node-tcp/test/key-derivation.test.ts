import { saltPassword } from '@xmpp-wire/core/sasl';
import { describe, expect, it } from 'vitest';
import { deriveSaltedPassword } from '../src/key-derivation.ts';

const password = new TextEncoder().encode('pencil');

describe('PBKDF2 on the thread pool', () => {
  // Salt and iterations of the examples in RFC 5802 §5 and RFC 7677 §3; the results follow from them.
  it.each([
    ['SHA-1', 'QSXCR+Q6sek8bf92', '1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d'],
    ['SHA-256', 'W22ZaJ0SNY7soEsUEjb6gQ==', 'c4a49510323ab4f952cac1fa99441939e78ea74d6be81ddf7096e87513dc615d'],
  ] as const)('salts the password of the example for %s', async (hash, salt, expected) => {
    const salted = await deriveSaltedPassword({ hash, password, salt: Buffer.from(salt, 'base64'), iterations: 4096 });
    expect(Buffer.from(salted).toString('hex')).toBe(expected);
  });

  it.each(['SHA-1', 'SHA-256', 'SHA-512'] as const)("equals core's own for %s", async (hash) => {
    const request = { hash, password, salt: Uint8Array.of(1, 2, 3, 4), iterations: 100 };
    expect(await deriveSaltedPassword(request)).toEqual(new Uint8Array(saltPassword(request)));
  });
});
