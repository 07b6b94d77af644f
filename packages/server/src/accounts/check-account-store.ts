import type { ScramHash } from '@xmpp-wire/core/sasl';
import type { AccountStore } from './account-store.ts';
import { HASHES } from './scram-keys.ts';

/**
 * Checks the shape of an account store, which programs in JavaScript may have got wrong.
 *
 * @throws TypeError which names the member.
 */
export function checkAccountStore(accounts: unknown): asserts accounts is AccountStore {
  if (typeof accounts !== 'object' || accounts === null) {
    throw new TypeError(
      "a server needs accounts: 'accounts' is missing; expected an account store, such as a FileAccounts, a MemoryAccounts or one of your own",
    );
  }
  const store: { readonly [Member in keyof AccountStore]?: unknown } = accounts;
  const { exists, credentials, checkPassword, stateOf, hashes, decoySecret } = store;
  if (typeof exists !== 'function') {
    throw new TypeError(`the account store needs a function 'exists', not ${typeof exists}`);
  }
  for (const [name, member] of Object.entries({ credentials, checkPassword, stateOf })) {
    if (member !== undefined && typeof member !== 'function') {
      throw new TypeError(`'${name}' of the account store is a function, not ${typeof member}`);
    }
  }
  if (decoySecret !== undefined && !(decoySecret instanceof Uint8Array && decoySecret.length >= 16)) {
    throw new TypeError("'decoySecret' of the account store is a Uint8Array of 16 random bytes or more");
  }
  if (hashes === undefined) return;
  const known: readonly unknown[] = HASHES;
  if (!Array.isArray(hashes) || hashes.length === 0 || !hashes.every((hash) => known.includes(hash))) {
    throw new TypeError(
      `'hashes' of the account store is a list of ${HASHES.join(', ')}, at least one of them; got ${JSON.stringify(hashes)}`,
    );
  }
}

/** The hashes that a store has keys for. */
export function hashesOf(accounts: AccountStore): readonly ScramHash[] {
  return accounts.hashes ?? HASHES;
}

/** The hash whose keys PLAIN is checked with, where the store does not check passwords itself. */
export function plainHashOf(accounts: AccountStore): ScramHash {
  const hashes = hashesOf(accounts);
  return hashes.includes('SHA-256') ? 'SHA-256' : (hashes[0] ?? 'SHA-256');
}
