import type { Jid, RandomSource } from '@xmpp-wire/core';
import {
  saslPrep,
  scramCredentials,
  type SaltedPasswordRequest,
  type ScramCredentials,
  type ScramHash,
} from '@xmpp-wire/core/sasl';
import type { Awaitable } from '../awaitable.ts';
import { ServerError } from '../server-error.ts';

/** What SCRAM is checked with, for each hash (RFC 5802 §9). */
export type ScramKeys = ReadonlyMap<ScramHash, ScramCredentials>;

/** How keys are made of a password. */
export interface KeyMaking {
  /** Fills exactly that many bytes from a cryptographic generator: the salts are made of it. */
  readonly random: RandomSource;
  readonly iterations: number;
  readonly derive: (request: SaltedPasswordRequest) => Awaitable<Uint8Array>;
}

export const HASHES: readonly ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];
/** RFC 7677 §4: no fewer. */
export const MIN_ITERATIONS = 4096;
export const DEFAULT_ITERATIONS = 10_000;

/** @throws RangeError for fewer iterations than there have to be. */
export function checkIterations(iterations: number): void {
  if (Number.isSafeInteger(iterations) && iterations >= MIN_ITERATIONS) return;
  throw new RangeError(`accounts need ${MIN_ITERATIONS} iterations or more, not ${iterations} (RFC 7677 §4)`);
}

/**
 * Makes the keys of an account, each hash with a salt of its own.
 *
 * @throws ServerError `account-unusable` for an address that is no bare JID with a localpart, and for a password that
 * SASLprep (RFC 4013) refuses or empties.
 */
export async function makeKeys(
  account: Jid,
  password: string,
  { random, iterations, derive }: KeyMaking,
): Promise<ScramKeys> {
  if (account.localpart === undefined || !account.isBare) {
    // Programs in JavaScript come this far with a text.
    const what =
      typeof account === 'string'
        ? `a Jid, not a string: write jid(${JSON.stringify(account)})`
        : `localpart@domainpart, not ${account.toString()}`;
    throw new ServerError('account-unusable', `an account is ${what}`);
  }
  const prepared = saslPrep(password, 'stored');
  if (!prepared) {
    const what = `the password for ${account.toString()} cannot be used: SASLprep refuses it or leaves nothing of it`;
    throw new ServerError('account-unusable', what);
  }
  const bytes = new TextEncoder().encode(prepared);
  const entries = HASHES.map(async (hash) => {
    const salt = random(SALT_BYTES);
    const saltedPassword = await derive({ hash, password: bytes, salt, iterations });
    return [hash, scramCredentials({ hash, salt, iterations, saltedPassword })] as const;
  });
  return new Map(await Promise.all(entries));
}

/** As long as the decoy salts that core makes, or they would tell who has an account (rule S21). */
const SALT_BYTES = 16;
