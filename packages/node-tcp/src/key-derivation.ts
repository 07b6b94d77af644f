import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import type { SaltedPasswordRequest } from '@xmpp-wire/core/sasl';

const derive = promisify(pbkdf2);

const DIGESTS = {
  'SHA-1': { name: 'sha1', bytes: 20 },
  'SHA-256': { name: 'sha256', bytes: 32 },
  'SHA-512': { name: 'sha512', bytes: 64 },
} as const;

/**
 * Answers a `derive-salted-password` ask: PBKDF2 (RFC 5802 §2.2, `Hi`) on Node's thread pool, so that the thousands of
 * rounds hold nothing else up.
 *
 * @example
 * ```ts
 * import { deriveSaltedPassword } from '@xmpp-wire/node-tcp';
 *
 * const salted = await deriveSaltedPassword({
 *   hash: 'SHA-1',
 *   password: new TextEncoder().encode('pencil'),
 *   salt: Buffer.from('QSXCR+Q6sek8bf92', 'base64'),
 *   iterations: 4096,
 * });
 * salted.length; // 20
 * ```
 */
export async function deriveSaltedPassword(request: SaltedPasswordRequest): Promise<Uint8Array> {
  const { name, bytes } = DIGESTS[request.hash];
  return new Uint8Array(await derive(request.password, request.salt, request.iterations, bytes, name));
}
