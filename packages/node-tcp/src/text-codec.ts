import { isUtf8 } from 'node:buffer';
import type { TextCodec } from '@xmpp-wire/core/adapter';

/**
 * How bytes become text, on Node's Buffer: for short pieces, which is what XML is made of, several times as fast as
 * TextDecoder. UTF-8 is checked before it is decoded, because Buffer puts U+FFFD in place of what it cannot read.
 */
export const nodeTextCodec: TextCodec = {
  latin1(bytes: Uint8Array, start: number, end: number): string {
    return view(bytes).toString('latin1', start, end);
  },
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
    return isUtf8(bytes.subarray(start, end)) ? view(bytes).toString('utf8', start, end) : undefined;
  },
};

/** The same memory as a Buffer. */
function view(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
