import { saltPassword, type SaltedPasswordRequest } from '@xmpp-wire/core/sasl';

const BITS = { 'SHA-1': 160, 'SHA-256': 256, 'SHA-512': 512 } as const;

/**
 * Answers a `derive-salted-password` ask: PBKDF2 (RFC 5802 §2.2, `Hi`) by WebCrypto, off the main thread. Where there is
 * no WebCrypto, as on web pages that did not come over https, it is computed here and now.
 *
 * @example
 * ```ts
 * import { deriveSaltedPassword } from '@xmpp-wire/driver';
 *
 * const salted = await deriveSaltedPassword({
 *   hash: 'SHA-1',
 *   password: new TextEncoder().encode('pencil'),
 *   salt: Uint8Array.of(0x41, 0x25, 0xc2, 0x47, 0xe4, 0x3a, 0xb1, 0xe9, 0x3c, 0x6d, 0xff, 0x76),
 *   iterations: 4096,
 * });
 * salted.length; // 20
 * ```
 */
export async function deriveSaltedPassword(request: SaltedPasswordRequest): Promise<Uint8Array> {
  // Web pages without https have no `subtle`; the types of the platform do not say so.
  const { subtle }: { readonly subtle?: typeof crypto.subtle } = crypto;
  if (subtle === undefined) return saltPassword(request);
  const { hash, password, salt, iterations } = request;
  const key = await subtle.importKey('raw', new Uint8Array(password), 'PBKDF2', false, ['deriveBits']);
  const parameters = { name: 'PBKDF2', hash, salt: new Uint8Array(salt), iterations };
  return new Uint8Array(await subtle.deriveBits(parameters, key, BITS[hash]));
}
