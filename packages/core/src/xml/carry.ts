/**
 * The token that a chunk has cut: what there is of it, and where it will end.
 *
 * `as number` after an index: see scanner.ts.
 */
import * as classes from './byte-classes.ts';

// Constants of this module: see scanner.ts.
const { FATAL, MARKUP: MARKUP_CLASSES, SECTION, STOP, TEXT } = classes;

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const BRACKET = 0x5d;

/** What the carry has the beginning of. */
export const NOTHING = 0;
export const TEXT_RUN = 1;
/** `<` and nothing more. */
export const MARKUP = 2;
export const START_TAG = 3;
const END_TAG = 4;
/** `<!` */
const EXCLAMATION = 5;
const CDATA = 6;
/** `<?` */
const INSTRUCTION = 7;
const XML_DECLARATION = 8;
/** A NUL at the very start: perhaps UTF-16 or UTF-32. */
export const ZERO = 9;
/** The first byte of a character outside of markup that takes more than one. */
export const CHARACTER = 10;

/** Instead of a position: the token goes on after the chunk. */
export const CUT = -1;

/** `<![CDATA[` */
export const CDATA_START: readonly number[] = [LT, BANG, 0x5b, 0x43, 0x44, 0x41, 0x54, 0x41, 0x5b];
/** `<?xml` */
export const INSTRUCTION_START: readonly number[] = [LT, QUESTION, 0x78, 0x6d, 0x6c];

const EMPTY = new Uint8Array(0);
/** There is nothing to read, or it is not worth it. */
export const NO_VIEW: DataView = new DataView(EMPTY.buffer);
const FIRST_CAPACITY = 256;
/** So few bytes are copied one by one. */
const COPIED_ONE_BY_ONE = 64;

/** The beginning of a token, copied out of the chunks it came in. */
export class Carry {
  bytes: Uint8Array = EMPTY;
  /** The same for reading words. */
  view: DataView = NO_VIEW;
  length = 0;
  /** What it is the beginning of; this gets more exact as bytes come. */
  kind: number = NOTHING;
  /** The classes of the bytes in a run of character data. */
  flags = 0;
  /** The quote that a start tag is inside of, or how many `]` a section ends in. */
  private within = 0;

  /** A token begins of which nothing is stored yet. */
  begin(kind: number): void {
    this.kind = kind;
    this.length = 0;
    this.flags = 0;
    this.within = 0;
  }

  /** The token is complete: the next one may be written over it once it was read. */
  end(): void {
    this.kind = NOTHING;
    this.length = 0;
  }

  /** Gives the memory back. */
  drop(): void {
    this.end();
    this.bytes = EMPTY;
    this.view = NO_VIEW;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start;
    if (length > this.bytes.length) this.grow(length);
    const target = this.bytes;
    let to = this.length;
    if (end - start > COPIED_ONE_BY_ONE) target.set(bytes.subarray(start, end), to);
    else for (let at = start; at < end; at++) target[to++] = bytes[at] as number;
    this.length = length;
  }

  /** Takes one byte if it only makes a run of character data, or a start tag, longer. */
  takes(byte: number): boolean {
    const { length } = this;
    if (length === 0 || length === this.bytes.length) return false;
    if (this.kind === TEXT_RUN) {
      const kind = TEXT[byte] as number;
      if ((kind & (STOP | FATAL)) !== 0) return false;
      this.flags |= kind;
    } else if (this.kind !== START_TAG || MARKUP_CLASSES[byte] !== 0) {
      return false;
    }
    this.bytes[length] = byte;
    this.length = length + 1;
    return true;
  }

  /** What {@link Carry.findEnd} does in a start tag, for a few bytes; stores them on the way, but does not count them yet. */
  absorb(bytes: Uint8Array, start: number, end: number): number {
    if (this.length + end - start > this.bytes.length) this.grow(this.length + end - start);
    const target = this.bytes;
    let to = this.length;
    let quote = this.within;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      target[to++] = byte;
      const kind = MARKUP_CLASSES[byte] as number;
      if (kind === 0) continue;
      if (kind === STOP || (byte === GT && quote === 0)) return at + 1;
      if (byte === quote) quote = 0;
      else if (quote === 0 && byte !== GT) quote = byte;
    }
    this.within = quote;
    return CUT;
  }

  /**
   * Finds where the token ends: the position after its last byte, or CUT. `count` bytes of it came before `from`. It ends early at a
   * byte that makes it bad for certain. `atStart` says that an XML declaration may stand here.
   */
  findEnd(bytes: Uint8Array, from: number, end: number, count: number, atStart: boolean): number {
    let at = from;
    let place = count;
    for (; at < end; at++, place++) {
      const byte = bytes[at] as number;
      switch (this.kind) {
        case MARKUP:
          if (byte === SLASH) this.kind = END_TAG;
          else if (byte === BANG) this.kind = EXCLAMATION;
          else if (byte === QUESTION) this.kind = INSTRUCTION;
          else {
            this.kind = START_TAG;
            return this.findTagEnd(bytes, at, end);
          }
          break;
        case START_TAG:
          return this.findTagEnd(bytes, at, end);
        case END_TAG:
        case XML_DECLARATION:
          if (byte === GT || byte === LT || isFatal(byte)) return at + 1;
          break;
        case EXCLAMATION:
          // `<!-` waits for one byte more, to tell a comment from rubbish.
          if (place === 2 && byte === 0x2d) break;
          if (byte !== CDATA_START[place]) return at + 1;
          if (place === CDATA_START.length - 1) this.kind = CDATA;
          break;
        case CDATA:
          if (byte === BRACKET) this.within = Math.min(this.within + 1, 2);
          else if ((byte === GT && this.within === 2) || ((SECTION[byte] as number) & FATAL) !== 0) return at + 1;
          else this.within = 0;
          break;
        case INSTRUCTION:
          if (place < INSTRUCTION_START.length) {
            if (byte !== INSTRUCTION_START[place]) return at + 1;
          } else if (atStart && (byte === QUESTION || isSpace(byte))) {
            this.kind = XML_DECLARATION;
          } else {
            return at + 1;
          }
          break;
        case CHARACTER:
          // The first byte says how many there are; one that is not of them is where the character breaks off.
          if ((byte & 0xc0) !== 0x80 || place === lastPlaceOf(this.bytes[0] as number)) return at + 1;
          break;
        default:
          // ZERO: `00 3C` needs one byte more.
          if (place !== 1 || byte !== LT) return at + 1;
      }
    }
    return CUT;
  }

  private findTagEnd(bytes: Uint8Array, from: number, end: number): number {
    let quote = this.within;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] as number;
      const kind = MARKUP_CLASSES[byte] as number;
      if (kind === 0) continue;
      if (kind === STOP || (byte === GT && quote === 0)) return at + 1;
      if (byte === quote) quote = 0;
      else if (quote === 0 && byte !== GT) quote = byte;
    }
    this.within = quote;
    return CUT;
  }

  private grow(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.bytes.length * 2, FIRST_CAPACITY));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/** How many bytes follow the first one of a character. */
function lastPlaceOf(first: number): number {
  return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}

/** XML 1.0 production [3] S. */
export function isSpace(byte: number): boolean {
  return byte <= 0x20 && (byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d);
}

/** Tells whether nothing good can follow a byte: a control character, or one that UTF-8 never uses. */
export function isFatal(byte: number): boolean {
  return ((TEXT[byte] as number) & FATAL) !== 0;
}
