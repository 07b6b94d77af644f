import type { TextCodec } from '../bytes/text-codec.ts';

/** Strings are cut out of a piece of the chunk of this size that was decoded at once. Each keeps its piece alive. */
const MOST = 3840;
const LEAST = 256;
/** A string of more than this is decoded by itself. */
const LONG = 512;

/** Makes ASCII strings of bytes. A call of the codec costs what ten slices cost, so it decodes more than was asked for. */
export class TextWindow {
  private readonly codec: TextCodec;
  private text = '';
  /** The characters of `text` are those of `bytes[start, end)` of the array that was asked last. */
  private start = 0;
  private end = 0;
  private size: number = MOST;
  /** Up to where the array may be read. */
  private limit = 0;

  constructor(codec: TextCodec) {
    this.codec = codec;
  }

  /** From now on it is about another array of bytes, which may be read up to `limit`. */
  turnTo(limit: number): void {
    this.end = 0;
    this.limit = limit;
  }

  /** Gives the memory back. */
  drop(): void {
    this.end = 0;
    this.text = '';
  }

  /** The string of `bytes[start, end)`, all of which are ASCII. */
  ascii(bytes: Uint8Array, start: number, end: number): string {
    const from = start - this.start;
    if (from >= 0 && end <= this.end) return this.text.slice(from, end - this.start);
    return this.decoded(bytes, start, end);
  }

  private decoded(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > LONG) return this.codec.latin1(bytes, start, end);
    const wanted = Math.min(start + Math.max(this.size, length), this.limit);
    this.text = this.codec.latin1(bytes, start, wanted);
    // A codec that stops at the first byte outside of ASCII is asked for less where such bytes are many.
    if (this.text.length < wanted - start) this.size = Math.max(LEAST, this.text.length);
    else if (this.size < MOST) this.size = Math.min(this.size * 2, MOST);
    this.start = start;
    this.end = start + this.text.length;
    return this.text.slice(0, length);
  }
}
