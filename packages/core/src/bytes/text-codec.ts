import { utf8ToUnits } from './utf8-units.ts';

/**
 * How the XML reader makes strings of bytes. Portable code uses {@link portableTextCodec}; where there is a Buffer,
 * {@link bufferTextCodec} makes a faster one, which goes into the configuration. Keep to one codec in a process: it keeps call
 * sites fast.
 */
export interface TextCodec {
  /**
   * Reads `bytes[start, end)` one character a byte. It may stop early at a byte of 0x80 or more: the reader asks only
   * for ASCII from the result and looks at its length first.
   */
  latin1(bytes: Uint8Array, start: number, end: number): string;
  /**
   * Reads `bytes[start, end)` as UTF-8; undefined when they are not. Overlong forms, surrogates and anything above
   * U+10FFFF are not UTF-8. U+FEFF is kept, also at the start.
   */
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined;
}

// `ignoreBOM` on both: without it each decoded piece would lose a leading U+FEFF.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** Up to so many bytes a list of code units becomes a string faster than a TextDecoder makes one. */
const SHORT = 1024;
/** Overwritten by each call that uses it, and never read by the next. */
const scratch = new Uint16Array(SHORT);
const scratchBytes = new Uint8Array(scratch.buffer);
const LOW_BYTE_FIRST = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** A {@link TextCodec} on TextDecoder, which every runtime has. */
export const portableTextCodec: TextCodec = {
  latin1(bytes: Uint8Array, start: number, end: number): string {
    // The label `latin1` means windows-1252 to a TextDecoder, so the bytes are read as UTF-8. No sequence of bytes makes
    // more characters than bytes: an equal length proves that each byte made one.
    const text = lenient.decode(bytes.subarray(start, end));
    return text.length === end - start ? text : text.slice(0, asciiPrefix(bytes, start, end));
  },
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (end - start <= SHORT) {
      const count = utf8ToUnits(bytes, start, end, scratch);
      if (count < 0) return undefined;
      return stringOf(scratch, count);
    }
    try {
      return strict.decode(bytes.subarray(start, end));
    } catch {
      return undefined;
    }
  },
};

/** The methods of Node's `Buffer.prototype` that a codec needs; they work on any Uint8Array. */
export interface BufferMethods {
  readonly latin1Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly ucs2Slice: (this: Uint8Array, start: number, end: number) => string;
}

/**
 * A {@link TextCodec} made of Buffer's methods, for runtimes that have one. Core knows no runtime, so they are passed in.
 *
 * @example
 * ```ts
 * import { bufferTextCodec, type BufferMethods } from '@xmpp-wire/core/adapter';
 * const codec = bufferTextCodec(Buffer.prototype as unknown as BufferMethods);
 * console.log(codec.utf8(Uint8Array.of(0xc3, 0xa9), 0, 2)); // é
 * ```
 */
export function bufferTextCodec({ latin1Slice, ucs2Slice }: BufferMethods): TextCodec {
  return {
    latin1(bytes: Uint8Array, start: number, end: number): string {
      return latin1Slice.call(bytes, start, end);
    },
    utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
      const units = end - start <= SHORT ? scratch : new Uint16Array(end - start);
      const count = utf8ToUnits(bytes, start, end, units);
      if (count < 0) return undefined;
      const unitBytes = units === scratch ? scratchBytes : new Uint8Array(units.buffer);
      let all = 0;
      for (let at = 0; at < count; at++) all |= units[at] ?? 0;
      if (all > 0xff) {
        // Buffer reads the low byte first, whatever the machine does.
        return LOW_BYTE_FIRST ? ucs2Slice.call(unitBytes, 0, count * 2) : strict.decode(bytes.subarray(start, end));
      }
      // Text of western Europe fits one byte a character, also in memory.
      for (let at = 0; at < count; at++) unitBytes[at] = units[at] ?? 0;
      return latin1Slice.call(unitBytes, 0, count);
    },
  };
}

function stringOf(units: Uint16Array, count: number): string {
  const list: number[] = [];
  for (let at = 0; at < count; at++) list.push(units[at] ?? 0);
  return String.fromCharCode.apply(undefined, list);
}

function asciiPrefix(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0x80) < 0x80) at++;
  return at - start;
}
