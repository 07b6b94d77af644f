import { describe, expect, it } from 'vitest';
import { jid } from '@xmpp-wire/core';
import { scramCredentials } from '@xmpp-wire/core/sasl';
import { MemoryAccounts } from '../../src/index.ts';
import { counter, derive } from '../support/world.ts';

const JULIET = jid('juliet@im.example.com');

describe('accounts in memory', () => {
  it('keep keys for three hashes, each with a salt of its own, and nothing else', async () => {
    const accounts = new MemoryAccounts({ random: counter(), iterations: 4096, deriveSaltedPassword: derive });
    await accounts.add(JULIET, 'R0m30');
    const salts = (['SHA-1', 'SHA-256', 'SHA-512'] as const).map((hash) => {
      const kept = accounts.credentials(JULIET, hash);
      if (kept === 'unknown-account') throw new Error('there is an account');
      const { salt, iterations } = kept;
      expect(kept).toEqual(scramCredentials({ hash, password: 'R0m30', salt, iterations }));
      expect(Object.keys(kept).toSorted()).toEqual(['iterations', 'salt', 'serverKey', 'storedKey']);
      return Buffer.from(salt).toString('hex');
    });
    expect(new Set(salts).size).toBe(3);
    expect(salts.every((salt) => salt.length === 32)).toBe(true);
  });

  it('are there until they are removed, by their bare JID', async () => {
    const accounts = new MemoryAccounts({ random: counter(), iterations: 4096 });
    expect(accounts.exists(JULIET)).toBe(false);
    expect(accounts.credentials(JULIET, 'SHA-1')).toBe('unknown-account');
    await accounts.add(JULIET, 'R0m30');
    expect(accounts.exists(jid('JULIET@im.example.com'))).toBe(true);
    expect(accounts.exists(jid('juliet@example.org'))).toBe(false);
    expect(accounts.remove(JULIET)).toBe(true);
    expect(accounts.remove(JULIET)).toBe(false);
    expect(accounts.exists(JULIET)).toBe(false);
  });

  it('take a new password in place of the old one', async () => {
    const accounts = new MemoryAccounts({ random: counter(), iterations: 4096, deriveSaltedPassword: derive });
    await accounts.add(JULIET, 'old');
    const before = accounts.credentials(JULIET, 'SHA-256');
    await accounts.add(JULIET, 'new');
    expect(accounts.credentials(JULIET, 'SHA-256')).not.toEqual(before);
  });

  it.each([
    ['a domain', 'im.example.com', 'x', 'an account is localpart@domainpart'],
    ['a full JID', 'juliet@im.example.com/balcony', 'x', 'an account is localpart@domainpart'],
    ['a password of control characters', 'juliet@im.example.com', '\u0007', 'SASLprep'],
    ['a password of nothing', 'juliet@im.example.com', '\u00ad', 'SASLprep'],
  ])('refuse %s', async (_, address, password, message) => {
    const accounts = new MemoryAccounts({ random: counter() });
    await expect(accounts.add(jid(address), password)).rejects.toThrow(message);
    expect(accounts.iterations).toBe(10_000);
  });

  it('refuse an address that is a text', async () => {
    await expect(new MemoryAccounts().add('juliet@im.example.com' as never, 'x')).rejects.toThrow(
      'an account is a Jid, not a string: write jid("juliet@im.example.com")',
    );
  });

  it.each([4095, 4096.5, NaN])('refuse %d iterations', (iterations) => {
    expect(() => new MemoryAccounts({ random: counter(), iterations })).toThrow(RangeError);
  });
});
