import { utf8Encode } from '../bytes/utf8.ts';
import type { ScramCredentials, ScramHash } from './mechanism.ts';
import { hashLength, hmacOf } from './scram-keys.ts';

/** What an unknown account looks like from outside (rule S21): the same as a known one, at every try. */
export interface DecoyPolicy {
  /** Secret, the same for all connections and over restarts: it decides the salts. */
  readonly secret: Uint8Array;
  /** What the real accounts have. */
  readonly iterations: number;
  /** Bytes of salt that the real accounts have. Default 16. */
  readonly saltBytes?: number | undefined;
}

/** Makes what an account that is not there has in place of credentials. */
export type MakeDecoy = (hash: ScramHash, authcid: string) => ScramCredentials;

/**
 * Credentials that look real and fit no password that anybody knows. Whoever uses them fails the exchange at its end, whatever the proof.
 *
 * @param account - in one spelling, with its domain: else names that are one account, or accounts of two hosts, would show it by their salts
 */
export function decoyCredentials(policy: DecoyPolicy, hash: ScramHash, account: string): ScramCredentials {
  // One HMAC gives at most 64 bytes; no salt in use is longer.
  const salt = hmacOf('SHA-512', policy.secret, utf8Encode(`salt\0${hash}\0${account}`)).slice(
    0,
    policy.saltBytes ?? 16,
  );
  const key = hmacOf('SHA-512', policy.secret, utf8Encode(`key\0${hash}\0${account}`)).slice(0, hashLength(hash));
  return { salt, iterations: policy.iterations, storedKey: key, serverKey: key };
}
