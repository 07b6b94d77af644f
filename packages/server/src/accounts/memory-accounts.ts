import type { Jid, RandomSource } from '@xmpp-wire/core';
import { saltPassword, type SaltedPasswordRequest, type ScramCredentials, type ScramHash } from '@xmpp-wire/core/sasl';
import { webRandom } from '@xmpp-wire/driver';
import type { Awaitable } from '../awaitable.ts';
import type { AccountStore } from './account-store.ts';
import { checkIterations, DEFAULT_ITERATIONS, makeKeys, type KeyMaking, type ScramKeys } from './scram-keys.ts';

/** What {@link MemoryAccounts} is made with. */
export interface MemoryAccountsOptions {
  /** Fills exactly that many bytes from a cryptographic generator: the salts are made of it. Default: the runtime's. */
  readonly random?: RandomSource;
  /** Rounds of PBKDF2. Default 10 000; RFC 7677 §4 wants 4096 or more. */
  readonly iterations?: number;
  /** Runs PBKDF2. Default: core's, on the spot; a runtime's own is several times as fast and blocks nothing. */
  readonly deriveSaltedPassword?: (request: SaltedPasswordRequest) => Awaitable<Uint8Array>;
}

/**
 * Accounts that live as long as the process. Of a password nothing stays but the keys that SCRAM is checked with
 * (RFC 5802 §9), each hash with a salt of its own.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core';
 * import { MemoryAccounts } from '@xmpp-wire/server';
 *
 * const accounts = new MemoryAccounts();
 * await accounts.add(jid('juliet@im.example.com'), 'R0m30');
 * accounts.exists(jid('juliet@im.example.com')); // true
 * ```
 */
export class MemoryAccounts implements AccountStore {
  readonly iterations: number;
  readonly #making: KeyMaking;
  readonly #keys = new Map<string, ScramKeys>();

  /** @throws RangeError for fewer than 4096 iterations. */
  constructor(options: MemoryAccountsOptions = {}) {
    const {
      random = webRandom,
      iterations = DEFAULT_ITERATIONS,
      deriveSaltedPassword: derive = saltPassword,
    } = options;
    checkIterations(iterations);
    this.iterations = iterations;
    this.#making = { random, iterations, derive };
  }

  /**
   * Makes an account, or gives the one that is there another password.
   *
   * @throws ServerError `account-unusable` for an address that is no bare JID with a localpart, and for a password that
   * SASLprep (RFC 4013) refuses or empties.
   */
  async add(account: Jid, password: string): Promise<void> {
    this.#keys.set(account.toString(), await makeKeys(account, password, this.#making));
  }

  /** Takes an account away; false when there was none. Who is connected stays so. */
  remove(account: Jid): boolean {
    return this.#keys.delete(account.toString());
  }

  credentials(account: Jid, hash: ScramHash): ScramCredentials | 'unknown-account' {
    return this.#keys.get(account.toString())?.get(hash) ?? 'unknown-account';
  }

  exists(account: Jid): boolean {
    return this.#keys.has(account.toString());
  }
}
