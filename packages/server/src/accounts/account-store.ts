import type { Jid } from '@xmpp-wire/core';
import type { AccountState, ScramCredentials, ScramHash } from '@xmpp-wire/core/sasl';
import type { Awaitable } from '../awaitable.ts';

/**
 * Where a server finds its accounts. It keeps keys that SCRAM is checked with, never passwords; PLAIN is checked against
 * the keys of SHA-256.
 *
 * Every answer may be a promise. A promise that rejects ends the login with temporary-auth-failure (RFC 6120 §6.5.11).
 */
export interface AccountStore {
  /** Iterations that its credentials have: unknown accounts claim the same (rule S21). */
  readonly iterations: number;
  /**
   * The keys of an account for one hash. `unknown-account` also where the account has none for this hash: the exchange
   * then runs to its end like any other and fails there.
   */
  credentials(account: Jid, hash: ScramHash): Awaitable<ScramCredentials | 'unknown-account' | AccountState>;
  /** Whether there is such an account; it decides what becomes of stanzas for it (RFC 6120 §10.5.3). */
  exists(account: Jid): Awaitable<boolean>;
}
