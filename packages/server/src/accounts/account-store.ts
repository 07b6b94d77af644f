import type { Jid } from '@xmpp-wire/core';
import type { AccountState, ScramCredentials, ScramHash } from '@xmpp-wire/core/sasl';
import type { Awaitable } from '../awaitable.ts';

/**
 * Where a server finds its accounts: one with keys that SCRAM is checked with has `credentials`, one that can only tell
 * whether a password is right has `checkPassword`. With both, PLAIN goes to `checkPassword`; with `credentials` alone it is
 * checked against the keys of SHA-256, or of the first of its `hashes` if SHA-256 is none of them.
 *
 * Every answer may be a promise. A promise that rejects ends the login with temporary-auth-failure (RFC 6120 §6.5.11).
 */
export interface AccountStore {
  /**
   * Key of the salts that unknown accounts show (rule S21): secret, 16 bytes or more, and kept as long as the accounts are.
   * Without one the server makes one when it starts: then an account that has the same salt after a restart is one that exists.
   */
  readonly decoySecret?: Uint8Array | undefined;
  /** Iterations that its credentials have: unknown accounts claim the same (rule S21). Default 4096. */
  readonly iterations?: number;
  /**
   * The hashes that its credentials are for, which decide the SCRAM mechanisms that are offered. Default: SHA-1, SHA-256 and
   * SHA-512. Name those that there are keys of: a client takes the strongest mechanism that it is offered, and without keys
   * for that one the right password is refused.
   */
  readonly hashes?: readonly ScramHash[];
  /**
   * The keys of an account for one hash. `unknown-account` also where the account has none for this hash: the exchange
   * then runs to its end like any other and fails there. `accountState` in the keys fails the login like the state alone
   * would, but only for who knows the password (RFC 6120 §6.5.1, §6.5.3).
   */
  credentials?(account: Jid, hash: ScramHash): Awaitable<ScramCredentials | 'unknown-account' | AccountState>;
  /** Whether this is the password of the account, which may be unknown; the password is prepared with SASLprep. */
  checkPassword?(account: Jid, password: string): Awaitable<'accepted' | 'not-authorized' | AccountState>;
  /** Whether there is such an account; it decides what becomes of stanzas for it (RFC 6120 §10.5.3). */
  exists(account: Jid): Awaitable<boolean>;
  /** What keeps an account from being used, for logins without a password (EXTERNAL). Default: nothing. */
  stateOf?(account: Jid): Awaitable<'active' | AccountState>;
}
