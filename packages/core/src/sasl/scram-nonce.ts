import { base64Encode } from '../bytes/base64.ts';
import { LocalProtocolError } from '../errors.ts';

/** How many random bytes a nonce is made of. */
export const SCRAM_NONCE_BYTES = 24;

/**
 * Makes a nonce of random bytes (RFC 5802 §5.1): 32 characters, printable and without comma. Make a new one for every exchange.
 *
 * @throws LocalProtocolError `random-too-short` for another number of bytes than {@link SCRAM_NONCE_BYTES} (rule S9)
 * @example
 * ```ts
 * import { SCRAM_NONCE_BYTES, scramNonce } from '@xmpp-wire/core/sasl';
 * scramNonce(crypto.getRandomValues(new Uint8Array(SCRAM_NONCE_BYTES))).length; // 32
 * ```
 */
export function scramNonce(random: Uint8Array): string {
  if (random.length !== SCRAM_NONCE_BYTES) {
    throw new LocalProtocolError(
      'random-too-short',
      `a nonce is made of ${SCRAM_NONCE_BYTES} random bytes; got ${random.length}`,
    );
  }
  return base64Encode(random);
}
