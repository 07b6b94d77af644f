import type { Jid, RandomSource } from '@xmpp-wire/core';
import {
  saltPassword,
  saslPrep,
  scramCredentials,
  type SaltedPasswordRequest,
  type ScramCredentials,
  type ScramHash,
} from '@xmpp-wire/core/sasl';
import type { Awaitable } from '../awaitable.ts';
import type { AccountStore } from './account-store.ts';

/** What {@link MemoryAccounts} is made with. */
export interface MemoryAccountsOptions {
  /** Fills exactly that many bytes from a cryptographic generator: the salts are made of it. */
  readonly random: RandomSource;
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
 * const accounts = new MemoryAccounts({
 *   random: (length) => crypto.getRandomValues(new Uint8Array(length)),
 *   iterations: 4096,
 * });
 * await accounts.add(jid('juliet@im.example.com'), 'R0m30');
 * accounts.exists(jid('juliet@im.example.com')); // true
 * ```
 */
export class MemoryAccounts implements AccountStore {
  readonly iterations: number;
  readonly #random: RandomSource;
  readonly #derive: (request: SaltedPasswordRequest) => Awaitable<Uint8Array>;
  readonly #keys = new Map<string, ReadonlyMap<ScramHash, ScramCredentials>>();

  /** @throws RangeError for fewer than 4096 iterations. */
  constructor({ random, iterations = 10_000, deriveSaltedPassword = saltPassword }: MemoryAccountsOptions) {
    if (!Number.isSafeInteger(iterations) || iterations < MIN_ITERATIONS) {
      throw new RangeError(`accounts need ${MIN_ITERATIONS} iterations or more, not ${iterations} (RFC 7677 §4)`);
    }
    this.iterations = iterations;
    this.#random = random;
    this.#derive = deriveSaltedPassword;
  }

  /**
   * Makes an account, or gives the one that is there another password.
   *
   * @throws TypeError for an address that is no bare JID with a localpart, and for a password that SASLprep (RFC 4013)
   * refuses or empties.
   */
  async add(account: Jid, password: string): Promise<void> {
    if (account.localpart === undefined || !account.isBare) {
      throw new TypeError(`an account is localpart@domainpart, not ${account.toString()}`);
    }
    const prepared = saslPrep(password, 'stored');
    if (!prepared) {
      throw new TypeError(
        `the password for ${account.toString()} cannot be used: SASLprep refuses it or leaves nothing of it`,
      );
    }
    const bytes = new TextEncoder().encode(prepared);
    const entries = await Promise.all(
      HASHES.map(async (hash) => [hash, await this.#credentialsOf(bytes, hash)] as const),
    );
    this.#keys.set(account.toString(), new Map(entries));
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

  async #credentialsOf(password: Uint8Array, hash: ScramHash): Promise<ScramCredentials> {
    const salt = this.#random(SALT_BYTES);
    const { iterations } = this;
    const saltedPassword = await this.#derive({ hash, password, salt, iterations });
    return scramCredentials({ hash, salt, iterations, saltedPassword });
  }
}

const HASHES: readonly ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];
/** As long as the decoy salts that core makes, or they would tell who has an account (rule S21). */
const SALT_BYTES = 16;
const MIN_ITERATIONS = 4096;
