/**
 * How the XML reader makes strings of bytes. Portable code uses {@link portableTextCodec}; a runtime with faster
 * methods (Node's Buffer) passes its own in the configuration. Keep to one codec in a process: it keeps call sites fast.
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

/** A {@link TextCodec} on TextDecoder, which every runtime has. */
export const portableTextCodec: TextCodec = {
  latin1(bytes: Uint8Array, start: number, end: number): string {
    // The label `latin1` means windows-1252 to a TextDecoder, so the bytes are read as UTF-8. No sequence of bytes makes
    // more characters than bytes: an equal length proves that each byte made one.
    const text = lenient.decode(bytes.subarray(start, end));
    return text.length === end - start ? text : text.slice(0, asciiPrefix(bytes, start, end));
  },
  utf8(bytes: Uint8Array, start: number, end: number): string | undefined {
    try {
      return strict.decode(bytes.subarray(start, end));
    } catch {
      return undefined;
    }
  },
};

function asciiPrefix(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] ?? 0x80) < 0x80) at++;
  return at - start;
}
