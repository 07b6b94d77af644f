const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Writes bytes as base64 with padding and without line breaks (RFC 4648 §4).
 *
 * @example
 * ```ts
 * import { base64Encode } from '@xmpp-wire/core/adapter';
 * base64Encode(Uint8Array.of(0, 1)); // 'AAE='
 * ```
 */
export function base64Encode(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const rest = bytes.length - at;
    text += digit(first >> 2) + digit(((first & 3) << 4) | (second >> 4));
    text += rest > 1 ? digit(((second & 15) << 2) | (third >> 6)) : '=';
    text += rest > 2 ? digit(third & 63) : '=';
  }
  return text;
}

/**
 * Reads base64, or returns undefined for anything but the one canonical form: no whitespace, whole padding, padding bits
 * of zero (RFC 6120 §6.3.5 and §13.9.1, RFC 4648 §3.5). So two different texts never mean the same bytes.
 *
 * @example
 * ```ts
 * import { base64Decode } from '@xmpp-wire/core/adapter';
 * base64Decode('AAE=')?.length; // 2
 * base64Decode('AAF='); // undefined
 * ```
 */
export function base64Decode(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let pending = 0;
  let bits = 0;
  let size = 0;
  for (let at = 0; at < digits; at++) {
    const value = valueOf(text.charCodeAt(at));
    if (value < 0) return undefined;
    pending = ((pending & 63) << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[size++] = (pending >> bits) & 255;
    }
  }
  return (pending & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

function digit(value: number): string {
  return ALPHABET.charAt(value);
}

function valueOf(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code - 0x41;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 26;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 52;
  if (code === 0x2b) return 62;
  return code === 0x2f ? 63 : -1;
}
