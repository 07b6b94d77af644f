import { Buffer } from 'node:buffer';
import { contextTag, DER, readDer, readInside } from './der.ts';

const FLAGS = contextTag(13, 'constructed');
const EXTENDED_MASTER_SECRET = 1;
/** What newer versions of Node put before a client's session, with the host name behind it: two bytes of length, then the name. */
const WRAPPER = Buffer.from('\0nodejs:tls:session:1\0', 'latin1');

/**
 * Tells whether a TLS 1.2 session was made with the extended master secret (RFC 7627). Node has no question for it, but
 * the session that OpenSSL serialises says so in its flags: [13] INTEGER, bit 0, left out while no flag is set.
 *
 * @param session what `getSession()` gave.
 * @returns undefined when it cannot be told; take that for a no.
 */
export function usesExtendedMasterSecret(session: Uint8Array | undefined): boolean | undefined {
  const fields = session === undefined ? [] : readInside(unwrapped(session), DER.sequence);
  // Version and protocol come first in every session of OpenSSL; another library's form stays unread.
  if (fields.length < 5 || fields[0]?.tag !== DER.integer || fields[1]?.tag !== DER.integer) return undefined;
  const wrapped = fields.find(({ tag }) => tag === FLAGS);
  if (wrapped === undefined) return false;
  const [flags] = readDer(wrapped.content) ?? [];
  if (flags?.tag !== DER.integer) return undefined;
  return ((flags.content.at(-1) ?? 0) & EXTENDED_MASTER_SECRET) !== 0;
}

function unwrapped(session: Uint8Array): Uint8Array {
  if (!WRAPPER.equals(session.subarray(0, WRAPPER.length))) return session;
  const [high = 0, low = 0] = session.subarray(WRAPPER.length);
  return session.subarray(WRAPPER.length + 2 + high * 256 + low);
}
