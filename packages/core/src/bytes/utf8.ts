/**
 * Strings to and from UTF-8 (RFC 3629), strictly: nothing is replaced and nothing is skipped.
 */

const encoder = new TextEncoder();
// `ignoreBOM: true` keeps a leading U+FEFF. RFC 6120 §11.6: it is a zero width no-break space wherever it stands.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Encodes a string as UTF-8. A lone surrogate has no encoding and becomes U+FFFD, as everywhere on the Web platform.
 *
 * @example
 * ```ts
 * import { utf8Encode } from '@xmpp-wire/core/adapter';
 * utf8Encode('é').length; // 2
 * ```
 */
export function utf8Encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/**
 * Decodes UTF-8, or returns undefined when the bytes are not UTF-8 by the letter: an overlong form, a surrogate,
 * anything above U+10FFFF, a sequence cut short.
 *
 * @example
 * ```ts
 * import { utf8Decode } from '@xmpp-wire/core/adapter';
 * console.log(utf8Decode(Uint8Array.of(0xc3, 0xa9))); // é
 * console.log(utf8Decode(Uint8Array.of(0xc0, 0xaf))); // undefined
 * ```
 */
export function utf8Decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
