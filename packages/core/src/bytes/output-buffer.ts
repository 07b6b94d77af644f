/**
 * The buffer that output is written into.
 *
 * `as number` after an index: each index is below a bound checked just before.
 */

const EMPTY = new Uint8Array(0);
/** Memory is had in pieces of this size; a larger piece is given up with the bytes in it. */
const PIECE = 8192;
/** A piece with less room than this is not worth keeping. */
const WORTH_KEEPING = 128;
/** A string of so many characters is encoded faster by the platform than one by one. */
const ENCODED_AT_ONCE = 64;
/** A string of at most so many characters fits the scratch array, whatever they are. */
const SCRATCHED = 340;

const encoder = new TextEncoder();
/** Looked up once: strings have so many shapes inside of an engine that the look-up would cost more than the character. */
// eslint-disable-next-line typescript/unbound-method -- called with its string
const { charCodeAt } = String.prototype;
/** Overwritten by each call that uses it, and never read by the next. Encoding into a part of an array costs a view of it. */
const scratch = new Uint8Array(SCRATCHED * 3 + 4);

/** A byte buffer that grows. Bytes are appended at the end and taken all at once. */
export class OutputBuffer {
  private bytes: Uint8Array<ArrayBuffer> = EMPTY;
  /** What was written and not yet taken is `bytes[start, end)`. */
  private start = 0;
  private end = 0;
  /** Bytes handed over last time: there may be as many again. */
  private last = 0;

  /** Bytes written and not yet taken. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Hands over everything written so far, in an array that the caller owns; undefined when there is nothing. The memory around it
   * (`array.buffer`) may be in use: do not transfer it.
   */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const { bytes, start, end } = this;
    this.start = end;
    this.last = end - start;
    // Nothing to take is what an idle stream has: it keeps no memory.
    if (end === start || bytes.length > PIECE || bytes.length - end < WORTH_KEEPING) {
      this.bytes = EMPTY;
      this.start = 0;
      this.end = 0;
    }
    return end === start ? undefined : bytes.subarray(start, end);
  }

  /** Takes back what was written after `length`. */
  truncate(length: number): void {
    if (length < this.length) this.end = this.start + length;
  }

  /** Appends bytes; they are copied. */
  append(bytes: Uint8Array): void {
    const { length } = bytes;
    if (this.end + length > this.bytes.length) this.reserve(length);
    if (length > 64) {
      this.bytes.set(bytes, this.end);
    } else {
      const target = this.bytes;
      let to = this.end;
      for (let at = 0; at < length; at++) target[to++] = bytes[at] as number;
    }
    this.end += length;
  }

  /** Appends one byte. */
  appendByte(byte: number): void {
    if (this.end === this.bytes.length) this.reserve(1);
    this.bytes[this.end++] = byte;
  }

  /** Appends two bytes. */
  appendTwo(first: number, second: number): void {
    if (this.end + 2 > this.bytes.length) this.reserve(2);
    this.bytes[this.end++] = first;
    this.bytes[this.end++] = second;
  }

  /** Appends an end tag; its name stands between two lengths that this buffer had before. */
  appendEndTag(from: number, to: number): void {
    const count = to - from;
    if (this.end + count + 3 > this.bytes.length) this.reserve(count + 3);
    const { bytes } = this;
    let source = this.start + from;
    let target = this.end;
    bytes[target++] = 0x3c;
    bytes[target++] = 0x2f;
    for (const stop = target + count; target < stop;) bytes[target++] = bytes[source++] as number;
    bytes[target++] = 0x3e;
    this.end = target;
  }

  /**
   * Appends a string as UTF-8 and tells whether it is ASCII. A lone surrogate becomes U+FFFD: look for it in the string when the
   * answer is false.
   */
  appendText(text: string): boolean {
    const { length } = text;
    if (this.end + length > this.bytes.length) this.reserve(length);
    const first = encoder.encodeInto(text, this.bytes.subarray(this.end));
    let { written } = first;
    if (first.read < length) {
      // Outside of ASCII a character takes up to three bytes.
      this.reserve(length * 3);
      ({ written } = encoder.encodeInto(text, this.bytes.subarray(this.end)));
    }
    this.end += written;
    return written === length;
  }

  /**
   * Appends a string of up to 340 characters as UTF-8, then `tail` if it is not 0, and answers with the classes of the string's bytes,
   * ORed: `classes` has one for each value of a byte.
   */
  appendClassified(text: string, classes: Uint8Array, tail: number): number {
    const { length } = text;
    if (this.end + length >= this.bytes.length) this.reserve(length + 1);
    let { bytes } = this;
    let to = this.end;
    let found = 0;
    if (length < ENCODED_AT_ONCE) {
      let at = 0;
      for (; at < length; at++) {
        const code = charCodeAt.call(text, at);
        if (code >= 0x80) break;
        bytes[to++] = code;
        found |= classes[code] as number;
      }
      if (at === length) {
        if (tail !== 0) bytes[to++] = tail;
        this.end = to;
        return found;
      }
      to = this.end;
      found = 0;
    }
    if (charCodeAt.call(text, length >> 1) >= 0x800) return this.appendWide(text, classes, tail);
    const { written } = encoder.encodeInto(text, scratch);
    if (to + written >= bytes.length) {
      this.reserve(written + 1);
      ({ bytes } = this);
      to = this.end;
    }
    for (let at = 0; at < written; at++) {
      const byte = scratch[at] as number;
      bytes[to++] = byte;
      found |= classes[byte] as number;
    }
    if (tail !== 0) bytes[to++] = tail;
    this.end = to;
    return found;
  }

  /** The same for text that is mostly not Latin: one by one is faster than encoding and copying three bytes a character. */
  private appendWide(text: string, classes: Uint8Array, tail: number): number {
    const { length } = text;
    if (this.end + length * 3 >= this.bytes.length) this.reserve(length * 3 + 1);
    const { bytes } = this;
    let to = this.end;
    let found = 0;
    for (let at = 0; at < length; at++) {
      const code = charCodeAt.call(text, at);
      if (code < 0x80) {
        bytes[to++] = code;
        found |= classes[code] as number;
      } else if (code < 0x800) {
        bytes[to++] = 0xc0 | (code >> 6);
        bytes[to++] = 0x80 | (code & 0x3f);
      } else if (code >= 0xd800 && code < 0xe000) {
        const next = charCodeAt.call(text, at + 1);
        const paired = code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
        // Like the platform's encoder; the class of EF says that there is something to look for.
        const point = paired ? ((code & 0x3ff) << 10) + (next & 0x3ff) + 0x10000 : 0xfffd;
        if (paired) {
          at++;
          bytes[to++] = 0xf0 | (point >> 18);
          bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
        } else {
          found |= classes[0xef] as number;
          bytes[to++] = 0xe0 | (point >> 12);
        }
        bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
        bytes[to++] = 0x80 | (point & 0x3f);
      } else {
        const lead = 0xe0 | (code >> 12);
        if (code >= 0xfffe) found |= classes[lead] as number;
        bytes[to++] = lead;
        bytes[to++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[to++] = 0x80 | (code & 0x3f);
      }
    }
    if (tail !== 0) bytes[to++] = tail;
    this.end = to;
    return found;
  }

  /**
   * Appends a byte, a string of which each character is ASCII and has an entry in `allowed`, and, when `quoted` is set, `='`. Appends nothing
   * and answers false when there is another character in it.
   */
  appendName(lead: number, name: string, allowed: Uint8Array, quoted: boolean): boolean {
    const { length } = name;
    if (this.end + length + 3 > this.bytes.length) this.reserve(length + 3);
    const { bytes } = this;
    let to = this.end;
    bytes[to++] = lead;
    for (let at = 0; at < length; at++) {
      const code = name.charCodeAt(at);
      if (code >= 0x80 || allowed[code] === 0) return false;
      bytes[to++] = code;
    }
    if (quoted) {
      bytes[to++] = 0x3d;
      bytes[to++] = 0x27;
    }
    this.end = to;
    return true;
  }

  /** Tells whether there is a byte below 0x20 among those written after `length`, all of which are ASCII. */
  hasControlSince(length: number): boolean {
    const { bytes, end } = this;
    let at = this.start + length;
    for (; (at & 3) !== 0 && at < end; at++) if ((bytes[at] as number) < 0x20) return true;
    const words = new Int32Array(bytes.buffer);
    // Sixteen bytes at a time: from 0x20 on an ASCII byte has its sixth or its seventh bit set.
    let all = -1;
    for (; at + 16 <= end; at += 16) {
      const word = at >> 2;
      const first = words[word] as number;
      const second = words[word + 1] as number;
      const third = words[word + 2] as number;
      const fourth = words[word + 3] as number;
      all &= (first | (first << 1)) & (second | (second << 1)) & (third | (third << 1)) & (fourth | (fourth << 1));
    }
    if ((all & 0x40404040) !== 0x40404040) return true;
    for (; at < end; at++) if ((bytes[at] as number) < 0x20) return true;
    return false;
  }

  private reserve(more: number): void {
    const pending = this.end - this.start;
    if (this.end + more <= this.bytes.length) return;
    const needed = pending + more;
    // Room for more to come: growing by a factor keeps the copying linear.
    const expected = Math.max(needed, this.last);
    const capacity = expected <= PIECE ? PIECE : Math.max(expected + PIECE, pending * 3) & ~3;
    const grown = new Uint8Array(capacity);
    grown.set(this.bytes.subarray(this.start, this.end));
    this.bytes = grown;
    this.start = 0;
    this.end = pending;
  }
}
