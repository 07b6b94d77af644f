import { isUtf8 } from 'node:buffer';
import { bufferTextCodec, type BufferMethods, type TextCodec } from '@xmpp-wire/core/adapter';

interface NodeBufferMethods extends BufferMethods {
  utf8Slice(this: Uint8Array, start: number, end: number): string;
}

// Node's types leave these methods out; `buffer.toString(encoding, start, end)` is made of them, at two to three times the cost.
const methods = Buffer.prototype as unknown as NodeBufferMethods;
const forShort: TextCodec = bufferTextCodec(methods);
/** Bytes up to which checking in JavaScript costs less than two calls into the runtime (measured: they are even at 40). */
const SHORT = 32;

/**
 * How bytes become text, by the methods of Node's Buffer: for the short pieces that XML is made of, several times as
 * fast as TextDecoder. UTF-8 is checked first, because Buffer puts U+FFFD in place of what it cannot read.
 */
export const nodeTextCodec: TextCodec = {
  latin1: forShort.latin1.bind(forShort),
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start <= SHORT) return forShort.utf8(bytes, start, end);
    return isUtf8(bytes.subarray(start, end)) ? methods.utf8Slice.call(bytes, start, end) : undefined;
  },
};
