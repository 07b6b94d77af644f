import { hmac } from '@noble/hashes/hmac.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { utf8Encode } from '../bytes/utf8.ts';
import { LocalProtocolError } from '../errors.ts';
import type { SaltedPasswordRequest, ScramCredentials, ScramHash } from './mechanism.ts';
import { saslPrep } from './saslprep.ts';

/** The keys that SCRAM makes of a salted password (RFC 5802 §3). */
export interface ScramKeys {
  readonly clientKey: Uint8Array;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
}

/** Where SCRAM credentials come from: a password in clear, or the result of PBKDF2 that a runtime computed. */
export type ScramSecret =
  | { readonly password: string; readonly saltedPassword?: undefined }
  | { readonly saltedPassword: Uint8Array; readonly password?: undefined };

/**
 * Runs PBKDF2 on the spot: the answer to the question `derive-salted-password` where the runtime has nothing faster. It
 * blocks for milliseconds; on Node and in browsers the platform is about five times as fast and does not block.
 *
 * @throws LocalProtocolError `configuration-invalid` for fewer than one iteration or no salt
 * @example
 * ```ts
 * import { saltPassword } from '@xmpp-wire/core/sasl';
 * const password = new TextEncoder().encode('pencil');
 * const salted = saltPassword({ hash: 'SHA-256', password, salt: Uint8Array.of(1, 2, 3), iterations: 4096 });
 * salted.length; // 32
 * ```
 */
export function saltPassword(request: SaltedPasswordRequest): Uint8Array {
  const { hash, password, salt, iterations } = request;
  checkParameters(salt, iterations);
  // RFC 5802 §2.2: Hi() is PBKDF2 with HMAC and an output as long as the hash's.
  return pbkdf2(FUNCTIONS[hash], password, salt, { c: iterations, dkLen: hashLength(hash) });
}

/**
 * Makes the keys of a salted password (RFC 5802 §3).
 *
 * @example
 * ```ts
 * import { scramKeys } from '@xmpp-wire/core/sasl';
 * scramKeys(new Uint8Array(20), 'SHA-1').storedKey.length; // 20
 * ```
 */
export function scramKeys(saltedPassword: Uint8Array, hash: ScramHash): ScramKeys {
  const clientKey = hmacOf(hash, saltedPassword, utf8Encode('Client Key'));
  return {
    clientKey,
    storedKey: digestOf(hash, clientKey),
    serverKey: hmacOf(hash, saltedPassword, utf8Encode('Server Key')),
  };
}

/**
 * Makes what a server keeps of a password. Use a new random salt of 16 bytes or more for each account and hash, and at
 * least 4096 iterations (RFC 5802 §9, RFC 7677 §4).
 *
 * @throws LocalProtocolError `configuration-invalid` for a password that SASLprep refuses or empties, for fewer than one
 * iteration, no salt, or a salted password that is not as long as the hash
 * @example
 * ```ts
 * import { scramCredentials } from '@xmpp-wire/core/sasl';
 * const salt = crypto.getRandomValues(new Uint8Array(16));
 * const stored = scramCredentials({ hash: 'SHA-256', password: 'pencil', salt, iterations: 4096 });
 * stored.storedKey.length; // 32
 * ```
 */
export function scramCredentials(
  source: { readonly hash: ScramHash; readonly salt: Uint8Array; readonly iterations: number } & ScramSecret,
): ScramCredentials {
  const { hash, salt, iterations } = source;
  checkParameters(salt, iterations);
  const saltedPassword =
    source.saltedPassword ?? saltPassword({ hash, password: preparedPassword(source.password), salt, iterations });
  if (saltedPassword.length !== hashLength(hash)) {
    throw new LocalProtocolError(
      'configuration-invalid',
      `a salted password of ${hash} has ${hashLength(hash)} bytes; this one has ${saltedPassword.length}`,
    );
  }
  const { storedKey, serverKey } = scramKeys(saltedPassword, hash);
  return { salt, iterations, storedKey, serverKey };
}

/** The length of a hash's output in bytes. */
export function hashLength(hash: ScramHash): number {
  return FUNCTIONS[hash].outputLen;
}

/** `H` of RFC 5802 §2.2. */
export function digestOf(hash: ScramHash, data: Uint8Array): Uint8Array {
  return FUNCTIONS[hash](data);
}

/** `HMAC` of RFC 5802 §2.2. */
export function hmacOf(hash: ScramHash, key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(FUNCTIONS[hash], key, data);
}

/** `XOR` of RFC 5802 §2.2: both are equally long. */
export function exclusiveOr(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((byte, at) => byte ^ (right[at] ?? 0));
}

const FUNCTIONS = { 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-512': sha512 } as const;

function checkParameters(salt: Uint8Array, iterations: number): void {
  if (salt.length > 0 && Number.isSafeInteger(iterations) && iterations > 0) return;
  throw new LocalProtocolError(
    'configuration-invalid',
    `PBKDF2 takes a salt and one iteration or more; got ${salt.length} bytes of salt and ${iterations} iterations`,
  );
}

// RFC 5802 §2.2: the password is prepared as a stored string.
function preparedPassword(password: string): Uint8Array {
  const prepared = saslPrep(password, 'stored');
  if (!prepared) {
    throw new LocalProtocolError(
      'configuration-invalid',
      'SASLprep (RFC 4013) refuses this password or leaves nothing of it; use one without control characters, ' +
        'characters newer than Unicode 3.2 and mixed directions',
    );
  }
  return utf8Encode(prepared);
}
