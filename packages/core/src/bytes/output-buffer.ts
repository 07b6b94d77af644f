import { utf8Encode } from './utf8.ts';

const EMPTY = new Uint8Array(0);
const FIRST_CAPACITY = 512;
/** A buffer of at most this size is kept between writes; a larger one goes with its bytes or is dropped. */
const KEPT_CAPACITY = 1024;

/** A byte buffer that grows. Bytes are appended at the end and taken all at once. */
export class OutputBuffer {
  #bytes: Uint8Array<ArrayBuffer> = EMPTY;
  #length = 0;

  /** Bytes written and not yet taken. */
  get length(): number {
    return this.#length;
  }

  /** Hands over everything written so far, in an array that the caller owns; undefined when there is nothing. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const length = this.#length;
    if (length === 0) return undefined;
    const bytes = this.#bytes;
    this.#length = 0;
    if (bytes.length > KEPT_CAPACITY) {
      this.#bytes = EMPTY;
      // A buffer that is mostly unused would stay alive with the few bytes in it.
      if (length * 2 >= bytes.length) return bytes.subarray(0, length);
    }
    return bytes.slice(0, length);
  }

  /** Takes back what was written after `length`. */
  truncate(length: number): void {
    if (length < this.#length) this.#length = length;
  }

  /** Appends bytes; they are copied. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length).set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Appends a string as UTF-8. */
  appendText(text: string): void {
    this.append(utf8Encode(text));
  }

  /**
   * Makes room for `more` bytes at the end and lends the buffer itself. Write from {@link OutputBuffer.length} on, then
   * {@link OutputBuffer.advance}. The loan ends with the next call of any method but `length` and `advance`.
   */
  reserve(more: number): Uint8Array<ArrayBuffer> {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2, FIRST_CAPACITY));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return this.#bytes;
  }

  /** Says where the bytes written into a lent buffer end. */
  advance(end: number): void {
    this.#length = end;
  }
}
