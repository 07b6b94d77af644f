/**
 * The scanner: bytes to events. The one long file of this layer, because the state of a scanner is one thing and because one
 * concrete class keeps its call sites monomorphic (docs/adr/0005).
 *
 * `as number` after an index stands here without a comment of its own: each index is below a bound checked just before, and a
 * test for undefined on every byte is not free.
 *
 * How it works. A chunk is scanned in place, token by token; a token is a tag, a run of character data, a CDATA section, or the XML
 * declaration. A token that the chunk cuts is copied into the carry, and from then on only new bytes are looked at until its end
 * is there: the cost is linear however the input is cut. What ends a token ({@link Carry.findEnd}) depends on its
 * bytes alone, and a violation inside of a token counts once that end has arrived: so the cuts change nothing.
 */
import { ReceiveBuffer } from '../bytes/receive-buffer.ts';
import type { TextCodec } from '../bytes/text-codec.ts';
import type { XmlLimits } from '../limits.ts';
import { STREAM_NS } from '../namespaces.ts';
import { NO_DECLARATIONS as NONE_DECLARED } from './attributes.ts';
import * as classes from './byte-classes.ts';
import * as carries from './carry.ts';
import { describeCharacter } from './chars.ts';
import { ChildStack, NO_CHILDREN as NONE } from './child-stack.ts';
import { XmlElement } from './element.ts';
import * as nameKinds from './name-table.ts';
import type { NameRecord } from './name-table.ts';
import { NamespaceScope } from './namespace-scope.ts';
import { ReaderNames } from './reader-names.ts';
import { resolveReferences, type XmlProblem } from './references.ts';
import type { XmlStreamEvent } from './stream-reader.ts';
import { TagAttributes, TagDeclarations } from './tag-attributes.ts';
import { TextWindow } from './text-window.ts';
import { checkXmlDeclaration } from './xml-declaration.ts';

// Constants of this module, which the optimising compiler folds; imported bindings it would load again and again.
const { AMPERSAND, FATAL, GREATER, HIGH, LAST_PLANE, LESS, NORMALISED, STOP } = classes;
const { NAME, SECTION, TEXT, VALUE } = classes;
const {
  CDATA_START,
  CHARACTER,
  CUT,
  INSTRUCTION_START,
  isFatal,
  isSpace,
  MARKUP,
  NO_VIEW,
  NOTHING,
  START_TAG,
  TEXT_RUN,
  ZERO,
} = carries;
const { DEFAULT_DECLARATION, PLAIN } = nameKinds;
const NO_CHILDREN = NONE;
const NO_DECLARATIONS = NONE_DECLARED;

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const EQUALS = 0x3d;
const APOSTROPHE = 0x27;
const QUOTE = 0x22;
const BRACKET = 0x5d;

/** Where in the document the scanner is. */
const AT_START = 0;
const IN_PROLOG = 1;
const AT_FIRST_LEVEL = 2;
const IN_ELEMENT = 3;
const AT_END = 4;
const FAILED = 5;
/** The header was an event, and is the closing tag too. */
const SELF_CLOSED = 6;

/*
 * Four bytes are looked at together, as one number with the first byte lowest. In such a word `byte - n` sets the highest bit of an ASCII
 * byte that is below `n`, and `(byte ^ c) - 1` that of the byte `c`; a borrow only ever goes from a byte that was found to those after
 * it, so the first one found is right. These expressions stand where they are used: a call would cost what the words gain.
 */

/** The highest bit of each byte of a word. */
const HIGHEST = 0x8080_8080 | 0;
/** All bits of each byte but the lowest two. */
const BY_FOUR = 0xfcfc_fcfc | 0;

/** Instead of a position, beside CUT: the token breaks a rule, which `problem` names. */
const BAD = -2;

const EMPTY = new Uint8Array(0);
const CLOSING_TAG: XmlStreamEvent = { type: 'closing-tag' };

/** So near to the end of a chunk it is looked first whether a tag is complete. */
const TAIL = 192;
/** A chunk of at most this size is copied while it is scanned. */
const SMALL = 64;
/** A chunk of at least this size gets a view. */
const VIEWED = 256;

/** An element whose end tag has not come. */
class OpenElement {
  element: XmlElement;
  record: NameRecord;
  /** Where its children begin on the stack of children. */
  firstChild: number;
  /** It declares namespaces. What to go back to at its end is only kept then. */
  declares: boolean;
  outerDefault: string;
  outerBindings: number;
  outerDeclared: number;

  constructor(element: XmlElement, record: NameRecord, firstChild: number) {
    this.element = element;
    this.record = record;
    this.firstChild = firstChild;
    this.declares = false;
    this.outerDefault = '';
    this.outerBindings = 0;
    this.outerDeclared = 0;
  }
}

export class XmlScanner {
  private limits: XmlLimits;
  private readonly codec: TextCodec;
  private readonly document: boolean;

  // The input: the chunk being scanned, and what was received after it.
  private chunk: Uint8Array = EMPTY;
  /** The same for reading words, unless that is not worth it. */
  private view: DataView = NO_VIEW;
  private position = 0;
  private chunkEnd = 0;
  private waiting: ReceiveBuffer | undefined;

  private readonly carry: carries.Carry = new carries.Carry();

  // The document.
  private stage: number = AT_START;
  private rootName: NameRecord | undefined;
  private rootNamespace = '';
  private readonly scope: NamespaceScope = new NamespaceScope();
  private defaultNamespace = '';
  /** Namespace declarations in force. */
  private declared = 0;
  private open: OpenElement[] = [];
  private depth = 0;
  private readonly children: ChildStack = new ChildStack();
  /** Elements in the first-level element being read. */
  private elements = 0;
  /** Bytes of complete tokens in the first-level element, or header, being read. */
  private counted = 0;
  private lastEventBytes = 0;

  // What helps to read it.
  private readonly window: TextWindow;
  private readonly names: ReaderNames;
  private readonly attributes: TagAttributes = new TagAttributes();
  private readonly declarations: TagDeclarations = new TagDeclarations();

  // The outcome.
  private event: XmlStreamEvent | undefined;
  /** A start tag is bad that was read up to its end. */
  private tagComplete = false;
  private problem: XmlProblem = { violation: 'malformed-tag', detail: '' };

  constructor(limits: XmlLimits, codec: TextCodec, document: boolean) {
    this.limits = limits;
    this.codec = codec;
    this.document = document;
    this.window = new TextWindow(codec);
    this.names = new ReaderNames(codec);
  }

  get bufferedInput(): number {
    return this.chunkEnd - this.position + (this.waiting?.length ?? 0);
  }

  get eventBytes(): number {
    return this.lastEventBytes;
  }

  useLimits(limits: XmlLimits): void {
    this.limits = limits;
    this.names.forget();
  }

  receive(chunk: Uint8Array): void {
    if (this.stage === FAILED) return;
    if (this.position === this.chunkEnd) {
      this.turnTo(chunk);
    } else {
      this.waiting ??= new ReceiveBuffer();
      this.waiting.push(chunk);
    }
  }

  takeRest(): Uint8Array {
    this.waiting ??= new ReceiveBuffer();
    const { bytes, length } = this.carry;
    const rest = this.chunk.subarray(this.position, this.chunkEnd);
    const before = new Uint8Array(length + rest.length);
    before.set(bytes.subarray(0, length));
    before.set(rest, length);
    this.turnTo(EMPTY);
    this.carry.drop();
    if (this.stage !== FAILED) this.stage = AT_END;
    return this.waiting.takeAll(before);
  }

  endInput(): XmlStreamEvent | undefined {
    if (this.stage === FAILED) return this.event;
    if (!this.document) return undefined;
    const { bytes, length } = this.carry;
    if (length > 0 && this.codec.utf8(bytes, 0, length) === undefined) return this.fail(NOT_UTF8);
    if (this.stage !== AT_END) {
      return this.fail({ violation: 'incomplete-document', detail: 'the document ended before its root element did' });
    }
    if (this.carry.kind === NOTHING) return undefined;
    return this.fail({ violation: 'content-after-root', detail: 'markup after the root element' });
  }

  next(): XmlStreamEvent | undefined {
    if (this.stage >= AT_END) {
      if (this.stage === FAILED) return this.event;
      if (this.stage === SELF_CLOSED) {
        // The root was an empty-element tag: it is its own end tag.
        this.stage = AT_END;
        this.lastEventBytes = 0;
        return CLOSING_TAG;
      }
      if (!this.document) return undefined;
    }
    this.event = undefined;
    if (this.chunkEnd - this.position === 1 && this.waiting === undefined && this.takesByte()) return undefined;
    for (;;) {
      if (this.position === this.chunkEnd) {
        const chunk = this.waiting?.shift();
        if (chunk === undefined) break;
        this.turnTo(chunk);
      }
      if (this.carry.kind === NOTHING) this.scanChunk();
      else this.completeCarried();
      if (this.event !== undefined) return this.event;
    }
    this.turnTo(EMPTY);
    if (this.depth === 0 && this.carry.kind === NOTHING) this.becomeIdle();
    return undefined;
  }

  /** A chunk of one byte that only makes a cut token longer: what most calls are where bytes come one by one. */
  private takesByte(): boolean {
    if (this.counted + this.carry.length >= this.limits.stanzaBytes) return false;
    if (!this.carry.takes(this.chunk[this.position] as number)) return false;
    this.chunk = EMPTY;
    this.position = 0;
    this.chunkEnd = 0;
    return true;
  }

  private turnTo(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.position = 0;
    this.chunkEnd = chunk.length;
    this.view = chunk.length < VIEWED ? NO_VIEW : new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.window.turnTo(chunk.length);
  }

  // ---- chunks and tokens ------------------------------------------------------------------------------------------

  /** Scans the chunk until there is an event, the chunk is used up, or the rest of it is in the carry. */
  private scanChunk(): void {
    const { chunk: bytes, chunkEnd: end } = this;
    let at = this.position;
    while (at < end) {
      if (this.stage !== IN_ELEMENT && bytes[at] !== LT) {
        at = this.outside(bytes, at, end);
        if (this.event !== undefined || this.carry.kind !== NOTHING) return;
        continue;
      }
      if (end - at < TAIL && bytes[at] === LT && this.isCut(bytes, at, end)) return;
      const after = this.token(bytes, at, end);
      if (after < 0) {
        if (after === CUT && bytes[at] !== LT) this.cutText(bytes, at, end, this.carry.flags);
        else this.cutOrBad(bytes, at, end);
        return;
      }
      this.counted += after - at;
      at = after;
      if (this.counted > this.limits.stanzaBytes) {
        this.position = at;
        this.tooLarge();
        return;
      }
      if (this.event !== undefined) {
        this.position = at;
        this.finishEvent();
        return;
      }
    }
    this.position = at;
  }

  /** Reads one token; answers the position after it, CUT or BAD. */
  private token(bytes: Uint8Array, start: number, end: number): number {
    if (bytes[start] !== LT) return this.text(bytes, start, end);
    if (start + 1 === end) return CUT;
    const second = bytes[start + 1];
    if (second === SLASH) return this.endTag(bytes, start, end);
    if (second === BANG) return this.exclamation(bytes, start, end);
    if (second === QUESTION) return this.instruction(bytes, start, end);
    return this.startTag(bytes, start, end);
  }

  /** Tells whether the chunk cuts the markup at `start`; if so, what there is of it is in the carry. */
  private isCut(bytes: Uint8Array, start: number, end: number): boolean {
    const { carry } = this;
    carry.begin(MARKUP);
    if (start + 1 < end && carry.findEnd(bytes, start + 1, end, 1, this.stage === AT_START) !== CUT) {
      carry.end();
      return false;
    }
    this.cut(bytes, start, end);
    return true;
  }

  /** Puts the rest of the chunk into the carry. */
  private cut(bytes: Uint8Array, start: number, end: number): void {
    this.position = end;
    if (this.counted + end - start > this.limits.stanzaBytes) this.tooLarge();
    else this.carry.append(bytes, start, end);
  }

  private cutText(bytes: Uint8Array, start: number, end: number, flags: number): void {
    this.carry.begin(TEXT_RUN);
    this.carry.flags = flags;
    this.cut(bytes, start, end);
  }

  /**
   * A token was cut, or is bad. Which of the two it is, and which violation it is, depends on where it ends: it is read again
   * as if the chunk had cut it after its first byte.
   */
  private cutOrBad(bytes: Uint8Array, start: number, end: number): void {
    const { carry } = this;
    if (bytes[start] !== LT) {
      carry.begin(TEXT_RUN);
      this.position = start;
      this.continueText();
      return;
    }
    carry.begin(MARKUP);
    if (this.tagComplete) {
      // Its names did not resolve, or a count went over a limit. That is not to be done twice.
      this.position = carry.findEnd(bytes, start + 1, end, 1, false);
      if (this.counted + this.position - start > this.limits.stanzaBytes) this.tooLarge();
      else this.fail(this.problem);
      return;
    }
    carry.append(bytes, start, start + 1);
    this.position = start + 1;
    this.completeCarried();
  }

  /** Adds what belongs to the cut token; reads the token when that completes it. */
  private completeCarried(): void {
    const { carry, chunk, position, chunkEnd } = this;
    if (carry.kind === TEXT_RUN) {
      this.continueText();
      return;
    }
    const small = chunkEnd - position <= SMALL && carry.kind === START_TAG;
    const tokenEnd = small
      ? carry.absorb(chunk, position, chunkEnd)
      : carry.findEnd(chunk, position, chunkEnd, carry.length, this.stage === AT_START);
    const after = tokenEnd === CUT ? chunkEnd : tokenEnd;
    this.position = after;
    const length = carry.length + after - position;
    if (this.counted + length > this.limits.stanzaBytes) {
      this.tooLarge();
      return;
    }
    if (small) carry.length = length;
    else carry.append(chunk, position, after);
    if (tokenEnd === CUT) return;
    const { bytes } = carry;
    carry.end();
    this.window.turnTo(length);
    const { view } = this;
    this.view = carry.view;
    const outcome = bytes[0] === LT ? this.token(bytes, 0, length) : this.outsider(bytes, length);
    this.view = view;
    this.window.turnTo(this.chunkEnd);
    if (outcome === length) {
      this.counted += length;
      if (this.event !== undefined) this.finishEvent();
    } else if (!this.isUtf8(bytes, length)) {
      // RFC 6120 §4.9.3.22: bytes that are not UTF-8 come first, whatever else is wrong with the token.
      this.fail(NOT_UTF8);
    } else if (outcome === BAD) {
      this.fail(this.problem);
    } else {
      this.fail({ violation: 'malformed-tag', detail: 'the markup ends too soon' });
    }
  }

  /** Tells whether a bad token is UTF-8. The character that its last byte begins may go on behind it. */
  private isUtf8(bytes: Uint8Array, length: number): boolean {
    const end = isLead(bytes[length - 1] as number) ? length - 1 : length;
    return this.codec.utf8(bytes, 0, end) !== undefined;
  }

  private finishEvent(): void {
    this.lastEventBytes = this.counted;
    this.counted = 0;
    this.elements = 0;
  }

  /** Between stanzas nothing is kept that the next one can make again. */
  private becomeIdle(): void {
    this.carry.drop();
    this.window.drop();
    this.names.drop();
    this.children.drop();
    this.attributes.drop();
    this.declarations.drop();
    if (this.open.length > 0) this.open = [];
  }

  private tooLarge(): void {
    // A header that came in one piece was read before it was counted.
    const isHeader = !this.document && (this.stage <= IN_PROLOG || this.event?.type === 'header');
    const what = isHeader ? 'stream header' : 'first-level element';
    const detail = `a ${what} of more than ${this.limits.stanzaBytes} bytes`;
    this.fail({ violation: 'stanza-too-large', detail });
  }

  /** RFC 6120 §4.9.1.1: stream errors are unrecoverable. Nothing after the first violation is looked at. */
  private fail({ violation, detail }: XmlProblem): XmlStreamEvent {
    const event: XmlStreamEvent = { type: 'violation', violation, detail };
    this.event = event;
    this.stage = FAILED;
    this.waiting = undefined;
    this.turnTo(EMPTY);
    this.becomeIdle();
    return event;
  }

  private bad(violation: XmlProblem['violation'], detail: string): number {
    this.problem = { violation, detail };
    return BAD;
  }

  private refuse(problem: XmlProblem): false {
    this.problem = problem;
    return false;
  }

  // ---- outside of first-level elements ----------------------------------------------------------------------------

  /** White space, or a violation: nothing else can stand outside of markup here. */
  private outside(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isSpace(bytes[at] as number)) at++;
    if (at === start) {
      const byte = bytes[at] as number;
      this.position = at + 1;
      const high = isLead(byte);
      if (high || (this.stage === AT_START && byte === 0)) {
        this.carry.begin(high ? CHARACTER : ZERO);
        this.carry.append(bytes, at, at + 1);
        if (this.position < end) this.completeCarried();
      } else {
        this.fail(this.problemOutside(byte));
      }
      return at;
    }
    this.position = at;
    if (this.stage === AT_FIRST_LEVEL) {
      this.event = { type: 'whitespace', bytes: at - start };
      this.lastEventBytes = at - start;
    } else if (this.stage !== AT_END) {
      this.stage = IN_PROLOG;
      this.counted += at - start;
      if (this.counted > this.limits.stanzaBytes) this.tooLarge();
    }
    return at;
  }

  /** What a byte is that cannot stand where it does. */
  private problemOutside(byte: number): XmlProblem {
    // FE and FF are how a byte order mark of UTF-16 and UTF-32 begins.
    if (this.stage === AT_START && byte >= 0xfe) {
      return { violation: 'wrong-encoding', detail: 'the stream begins like UTF-16' };
    }
    if (isFatal(byte) || (byte >= 0x80 && !isLead(byte))) return fatalByte(byte);
    // RFC 6120 §11.6: U+FEFF is a character like any other here, so it is text too.
    if (this.stage === AT_FIRST_LEVEL) {
      return { violation: 'text-at-first-level', detail: 'character data between first-level elements' };
    }
    if (this.stage === AT_END)
      return { violation: 'content-after-root', detail: 'character data after the root element' };
    return { violation: 'text-outside-root', detail: 'character data before the root element' };
  }

  /** What stands outside of markup and took more than a byte to tell: a character, or a NUL that the stream begins with. */
  private outsider(bytes: Uint8Array, length: number): number {
    if (bytes[0] !== 0) {
      // The caller looks whether it is UTF-8.
      if (this.string(bytes, 0, length, HIGH | LAST_PLANE) !== undefined)
        this.refuse(this.problemOutside(bytes[0] as number));
      return BAD;
    }
    if (bytes[1] === 0 || (bytes[1] === LT && length > 2 && bytes[2] === 0)) {
      return this.bad('wrong-encoding', 'the stream begins like UTF-16 or UTF-32');
    }
    return this.bad('invalid-character', 'XML 1.0 allows no U+0000');
  }

  // ---- markup that is not a tag -----------------------------------------------------------------------------------

  private exclamation(bytes: Uint8Array, start: number, end: number): number {
    for (let count = 2; count < CDATA_START.length; count++) {
      if (start + count === end) return CUT;
      const byte = bytes[start + count] as number;
      if (byte === CDATA_START[count]) continue;
      // RFC 6120 §11.1: no comments, no DTD.
      if (count === 2 && byte === 0x2d) {
        if (start + 3 === end) return CUT;
        if (bytes[start + 3] === 0x2d) return this.bad('comment', 'a comment');
      } else if (count === 2 && (byte === 0x44 || byte === 0x45 || byte === 0x41 || byte === 0x4e)) {
        // The first letters of <!DOCTYPE, <!ELEMENT and <!ENTITY, <!ATTLIST, <!NOTATION: anything else is no XML at all.
        return this.bad('doctype', 'a markup declaration');
      }
      if (count === 3 && byte === 0x49) return this.bad('doctype', 'a conditional section');
      return this.bad('malformed-markup', 'expected <![CDATA[ after <!');
    }
    return this.section(bytes, start, end);
  }

  private section(bytes: Uint8Array, start: number, end: number): number {
    const from = start + CDATA_START.length;
    let flags = 0;
    for (let at = from; at < end; at++) {
      const kind = SECTION[bytes[at] as number] as number;
      if (kind === 0) continue;
      flags |= kind;
      if (kind !== GREATER || at - from < 2 || bytes[at - 1] !== BRACKET || bytes[at - 2] !== BRACKET) continue;
      if (this.stage === AT_FIRST_LEVEL)
        return this.bad('text-at-first-level', 'a CDATA section between first-level elements');
      if (this.stage === AT_END) return this.bad('content-after-root', 'a CDATA section after the root element');
      if (this.stage !== IN_ELEMENT) return this.bad('text-outside-root', 'a CDATA section before the root element');
      if (at - 2 === from) return at + 1;
      const text = this.string(bytes, from, at - 2, flags);
      if (text === undefined) return BAD;
      this.addText((flags & NORMALISED) === 0 ? text : normaliseNewlines(text));
      return at + 1;
    }
    if ((flags & FATAL) !== 0) {
      const text = this.string(bytes, from, end, flags);
      return text === undefined ? BAD : CUT;
    }
    return CUT;
  }

  private instruction(bytes: Uint8Array, start: number, end: number): number {
    let count = 2;
    for (; count < INSTRUCTION_START.length; count++) {
      if (start + count === end) return CUT;
      // RFC 6120 §11.1: no processing instructions.
      if (bytes[start + count] !== INSTRUCTION_START[count])
        return this.bad('processing-instruction', 'a processing instruction');
    }
    if (start + count === end) return CUT;
    const next = bytes[start + count] as number;
    if (!isSpace(next) && next !== QUESTION) return this.bad('processing-instruction', 'a processing instruction');
    // XML 1.0 production [22]: the declaration stands before everything else, white space included.
    if (this.stage !== AT_START)
      return this.bad('misplaced-xml-declaration', 'an XML declaration that is not at the very start');
    let at = start + count;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte === GT || byte === LT || isFatal(byte)) break;
    }
    if (at === end) return CUT;
    const text = this.codec.utf8(bytes, start, at + 1);
    if (text === undefined) return this.bad('invalid-utf8', 'the XML declaration is not UTF-8');
    const problem = checkXmlDeclaration(text);
    if (problem !== undefined) return this.bad(problem.violation, problem.detail);
    this.stage = IN_PROLOG;
    return at + 1;
  }

  // ---- character data and strings ---------------------------------------------------------------------------------

  /** A run of character data inside an element, up to the next `<`. */
  private text(bytes: Uint8Array, start: number, end: number): number {
    const { view } = this;
    const lastWord = view === NO_VIEW ? -1 : end - 4;
    let flags = 0;
    let at = start;
    for (;;) {
      // `<`, `>`, `&`, what is below U+0020, and what is not ASCII, in eight bytes, then in four.
      while (at + 4 <= lastWord) {
        const word = view.getInt32(at, true);
        const next = view.getInt32(at + 4, true);
        const stops =
          (word - 0x2020_2020) |
          ((word ^ 0x2626_2626) - 0x0101_0101) |
          (((word | 0x0202_0202) ^ 0x3e3e_3e3e) - 0x0101_0101) |
          word |
          (next - 0x2020_2020) |
          ((next ^ 0x2626_2626) - 0x0101_0101) |
          (((next | 0x0202_0202) ^ 0x3e3e_3e3e) - 0x0101_0101) |
          next;
        if ((stops & HIGHEST) !== 0) break;
        at += 8;
      }
      while (at <= lastWord) {
        const word = view.getInt32(at, true);
        const stops =
          ((word - 0x2020_2020) |
            ((word ^ 0x2626_2626) - 0x0101_0101) |
            (((word | 0x0202_0202) ^ 0x3e3e_3e3e) - 0x0101_0101) |
            word) &
          HIGHEST;
        if (stops !== 0) {
          at += (31 - Math.clz32(stops & -stops)) >> 3;
          break;
        }
        at += 4;
      }
      if (at === end) break;
      const kind = TEXT[bytes[at] as number] as number;
      if ((kind & STOP) !== 0) break;
      flags |= kind;
      at++;
      if ((kind & HIGH) !== 0) {
        // Characters outside of ASCII seldom come alone.
        while (at < end) {
          const next = TEXT[bytes[at] as number] as number;
          if ((next & STOP) !== 0) break;
          flags |= next;
          at++;
        }
        break;
      }
    }
    if (at === end && (flags & FATAL) === 0) {
      this.carry.flags = flags;
      return CUT;
    }
    return this.endText(bytes, start, at, flags) ? at : BAD;
  }

  /** The run of character data goes on after a cut. */
  private continueText(): void {
    const { carry, chunk: bytes, position: start, chunkEnd: end } = this;
    let { flags } = carry;
    let at = start;
    while (at + 4 <= end) {
      const kinds =
        (TEXT[bytes[at] as number] as number) |
        (TEXT[bytes[at + 1] as number] as number) |
        (TEXT[bytes[at + 2] as number] as number) |
        (TEXT[bytes[at + 3] as number] as number);
      if ((kinds & (STOP | FATAL)) !== 0) break;
      flags |= kinds;
      at += 4;
    }
    let complete = false;
    for (; at < end; at++) {
      const kind = TEXT[bytes[at] as number] as number;
      complete = (kind & (STOP | FATAL)) !== 0;
      if (kind === STOP) break;
      flags |= kind;
      if (complete) {
        at++;
        break;
      }
    }
    this.position = at;
    const length = carry.length + at - start;
    if (this.counted + length > this.limits.stanzaBytes) {
      this.tooLarge();
      return;
    }
    carry.append(bytes, start, at);
    carry.flags = flags;
    if (!complete) return;
    carry.end();
    this.window.turnTo(length);
    if (this.endText(carry.bytes, 0, length, flags)) this.counted += length;
    else this.fail(this.problem);
    this.window.turnTo(this.chunkEnd);
  }

  /** A run of character data is there from `start` to `end`. */
  private endText(bytes: Uint8Array, start: number, end: number, flags: number): boolean {
    let text = this.string(bytes, start, end, flags);
    if (text === undefined) return false;
    if ((flags & (AMPERSAND | NORMALISED | GREATER)) !== 0) {
      // XML 1.0 production [14]: character data does not contain the end of a CDATA section.
      if ((flags & GREATER) !== 0 && text.includes(']]>')) {
        return this.refuse({ violation: 'section-end-in-text', detail: ']]> in character data' });
      }
      if ((flags & NORMALISED) !== 0) text = normaliseNewlines(text);
      if ((flags & AMPERSAND) !== 0) {
        const resolved = resolveReferences(text);
        if (typeof resolved !== 'string') return this.refuse(resolved);
        text = resolved;
      }
    }
    this.addText(text);
    return true;
  }

  private addText(text: string): void {
    this.children.addText(text, this.open[this.depth - 1]?.firstChild ?? 0);
  }

  /** The characters of `bytes[start, end)`, checked but not yet normalised; undefined when there is a problem. */
  private string(bytes: Uint8Array, start: number, end: number, flags: number): string | undefined {
    if ((flags & (HIGH | FATAL)) === 0) {
      return this.window.ascii(bytes, start, end);
    }
    // S1: the bytes are valid UTF-8 before any string made of them is seen.
    const text = this.codec.utf8(bytes, start, end);
    if (text === undefined) {
      this.refuse(NOT_UTF8);
    } else if ((flags & FATAL) !== 0) {
      this.refuse(fatalByte(bytes.subarray(start, end).find(isFatal) ?? 0));
    } else if ((flags & LAST_PLANE) !== 0 && /[\uFFFE\uFFFF]/.test(text)) {
      this.bad('invalid-character', 'XML 1.0 allows no U+FFFE and no U+FFFF');
    } else {
      return text;
    }
    return undefined;
  }

  // ---- tags -------------------------------------------------------------------------------------------------------

  private startTag(bytes: Uint8Array, start: number, end: number): number {
    const { attributes, view, names } = this;
    const { usualNamespaces } = names;
    const lastWord = view === NO_VIEW ? -1 : end - 4;
    let at = start + 1;
    let low = 0;
    let high = 0;
    let record = at <= lastWord ? this.knownName(view, at, end) : undefined;
    if (record === undefined) {
      for (; at < end; at++) {
        const each = bytes[at] as number;
        if (NAME[each] === 0) break;
        high = (high << 8) | (low >>> 24);
        low = (low << 8) | each;
      }
      if (at === end) return CUT;
      if (at === start + 1) return this.badNameStart(bytes, start, at);
      record = this.name(bytes, start + 1, at, low, high);
      if (record === undefined) return BAD;
    } else {
      at += record.length;
    }

    let count = 0;
    let qualified = 0;
    let seen = 0;
    let mayRepeat = false;
    let declaredHere = 0;
    let selfClosing = false;
    for (;;) {
      let byte = bytes[at] as number;
      if (byte === GT) {
        at++;
        break;
      }
      const spaced = isSpace(byte);
      while (isSpace(byte)) {
        if (++at === end) return CUT;
        byte = bytes[at] as number;
      }
      if (byte === GT) {
        at++;
        break;
      }
      if (byte === SLASH) {
        if (at + 1 === end) return CUT;
        if (bytes[at + 1] !== GT) return this.bad('malformed-tag', 'expected > after / in a start tag');
        at += 2;
        selfClosing = true;
        break;
      }
      const nameStart = at;
      let name = at <= lastWord && spaced ? this.knownName(view, at, end) : undefined;
      if (name !== undefined) {
        at += name.length;
        byte = bytes[at] as number;
      } else {
        low = 0;
        high = 0;
        for (; at < end; at++) {
          const each = bytes[at] as number;
          if (NAME[each] === 0) break;
          high = (high << 8) | (low >>> 24);
          low = (low << 8) | each;
        }
        if (at === end) return CUT;
        if (at === nameStart) return this.badInTag(byte);
        if (!spaced) return this.bad('malformed-tag', 'expected white space before an attribute');
        name = this.name(bytes, nameStart, at, low, high);
        if (name === undefined) return BAD;
        byte = bytes[at] as number;
      }
      while (isSpace(byte)) {
        if (++at === end) return CUT;
        byte = bytes[at] as number;
      }
      if (byte !== EQUALS) return this.bad('malformed-tag', `expected = after the attribute name ${name.text}`);
      if (++at === end) return CUT;
      byte = bytes[at] as number;
      while (isSpace(byte)) {
        if (++at === end) return CUT;
        byte = bytes[at] as number;
      }
      if (byte !== APOSTROPHE && byte !== QUOTE)
        return this.bad('malformed-tag', `expected a quote after ${name.text}=`);
      const quote = byte;
      const valueStart = ++at;
      if (name.kind === DEFAULT_DECLARATION) {
        const usual = usualNamespaces[record.place];
        if (
          usual !== undefined &&
          at + usual.length + 1 < end &&
          bytes[at + usual.length] === quote &&
          (at <= lastWord ? usual.stands(view, at) : usual.matches(bytes, at))
        ) {
          // Declared before, so it is legal; only the number and the repetition of declarations are left to look at.
          if (declaredHere > 0 || this.declared === this.limits.namespaceDeclarations) {
            if (!this.declaration(name, usual, usual.text, declaredHere)) return BAD;
          } else {
            this.declarations.putFirst(usual);
          }
          declaredHere++;
          at += usual.length + 1;
          continue;
        }
      }
      let flags = 0;
      for (;;) {
        // `<`, all that comes before `(` (`&`, the quotes and white space among it), and what is not ASCII.
        while (at <= lastWord) {
          const word = view.getInt32(at, true);
          const stops = ((word - 0x2828_2828) | ((word ^ 0x3c3c_3c3c) - 0x0101_0101) | word) & HIGHEST;
          if (stops !== 0) {
            at += (31 - Math.clz32(stops & -stops)) >> 3;
            break;
          }
          at += 4;
        }
        if (at === end) break;
        byte = bytes[at] as number;
        if (byte === quote) break;
        flags |= VALUE[byte] as number;
        at++;
        if ((flags & HIGH) !== 0) {
          for (; at < end; at++) {
            byte = bytes[at] as number;
            if (byte === quote) break;
            flags |= VALUE[byte] as number;
          }
          break;
        }
      }
      if (flags !== 0) {
        // The other quote means nothing here.
        flags &= ~STOP;
        if ((flags & LESS) !== 0) return this.bad('less-than-in-attribute', `< in the value of ${name.text}`);
      }
      if (at === end && (flags & FATAL) === 0) return CUT;
      if (at - valueStart > this.limits.attributeValueBytes) {
        return this.bad('attribute-value-too-long', `a value of more than ${this.limits.attributeValueBytes} bytes`);
      }
      if (name.kind >= DEFAULT_DECLARATION) {
        const known = flags === 0 && at > valueStart ? this.names.findNamespace(bytes, valueStart, at) : undefined;
        const namespace = known === undefined ? this.value(bytes, valueStart, at, flags) : known.text;
        if (namespace === undefined || !this.declaration(name, known, namespace, declaredHere)) return BAD;
        if (name.kind === DEFAULT_DECLARATION) usualNamespaces[record.place] = known;
        declaredHere++;
      } else {
        const value = flags === 0 ? this.string(bytes, valueStart, at, 0) : this.value(bytes, valueStart, at, flags);
        if (value === undefined) return BAD;
        if (count === this.limits.attributes * 2) {
          return this.bad('too-many-attributes', `more than ${this.limits.attributes} attributes`);
        }
        if (name.kind !== PLAIN) qualified++;
        // Two names of one tag that share a bit are rare; only then are the names themselves compared.
        if ((seen & name.bit) !== 0) mayRepeat = true;
        seen |= name.bit;
        attributes.put(count, name.attribute, value);
        count += 2;
      }
      if (++at === end) return CUT;
    }
    if (this.opened(record, count, qualified, mayRepeat || qualified > 1, declaredHere, selfClosing)) return at;
    this.tagComplete = true;
    return BAD;
  }

  /** A start tag is complete: resolves its names, then makes the element or leaves it open. */
  private opened(
    record: NameRecord,
    count: number,
    qualified: number,
    mayRepeat: boolean,
    declaredHere: number,
    selfClosing: boolean,
  ): boolean {
    const declarations = declaredHere === 0 ? NO_DECLARATIONS : this.declarations.taken(declaredHere);
    const isRoot = this.stage <= IN_PROLOG && !this.document;
    if (!isRoot) {
      if (this.stage === AT_END) {
        return this.refuse({ violation: 'content-after-root', detail: 'an element after the root element' });
      }
      const { depth, elements } = this.limits;
      if (this.depth >= depth) {
        return this.refuse({ violation: 'too-deep', detail: `elements nested more than ${depth} deep` });
      }
      if (++this.elements > elements) {
        const detail = `more than ${elements} elements in one first-level element`;
        return this.refuse({ violation: 'too-many-elements', detail });
      }
    }
    const outerDefault = this.defaultNamespace;
    const outerBindings = this.scope.count;
    let inner = outerDefault;
    if (declaredHere > 0) {
      for (let at = 0; at < declarations.length; at += 2) {
        const prefix = declarations[at] ?? '';
        const namespace = declarations[at + 1] ?? '';
        if (prefix === '') inner = namespace;
        else this.scope.bind(prefix, namespace);
      }
    }
    let namespace: string | undefined = inner;
    if (record.prefix !== '') {
      namespace = this.scope.lookUp(record.prefix);
      if (namespace === undefined) {
        return this.refuse({ violation: 'unbound-prefix', detail: `the prefix of <${record.text}> is not bound` });
      }
    }
    const problem =
      (qualified > 0 ? this.attributes.resolve(count, this.scope) : undefined) ??
      (mayRepeat ? this.attributes.repetition(count) : undefined);
    if (problem !== undefined) return this.refuse(problem);
    const attributes = this.attributes.copied(count);

    if (isRoot) {
      this.rootName = record;
      this.rootNamespace = namespace;
      this.declared = declaredHere;
      this.defaultNamespace = inner;
      // A header lives as long as its stream; it does not keep its neighbourhood alive.
      const element = new XmlElement(record.local, namespace, record.prefix, attributes, declarations, NO_CHILDREN);
      this.event = { type: 'header', element: element.detached() };
      this.stage = selfClosing ? SELF_CLOSED : AT_FIRST_LEVEL;
      return true;
    }
    if (this.depth === 0) {
      // RFC 6120 §4.2: one stream has one header. A second one would open an element that never ends.
      if (namespace === STREAM_NS && this.rootNamespace === STREAM_NS && record.local === this.rootName?.local) {
        return this.refuse({ violation: 'second-header', detail: 'a second stream header' });
      }
      this.stage = IN_ELEMENT;
    }
    const element = new XmlElement(record.local, namespace, record.prefix, attributes, declarations, NO_CHILDREN);
    if (selfClosing) {
      if (declaredHere > 0) this.scope.truncate(outerBindings);
      this.closed(element);
      return true;
    }
    let slot = this.open[this.depth];
    if (slot === undefined) {
      slot = new OpenElement(element, record, this.children.count);
      this.open[this.depth] = slot;
    } else {
      slot.element = element;
      slot.record = record;
      slot.firstChild = this.children.count;
      slot.declares = false;
    }
    this.depth++;
    if (declaredHere > 0) {
      slot.declares = true;
      slot.outerDefault = outerDefault;
      slot.outerBindings = outerBindings;
      slot.outerDeclared = this.declared;
      this.defaultNamespace = inner;
      this.declared += declaredHere;
    }
    return true;
  }

  private endTag(bytes: Uint8Array, start: number, end: number): number {
    const open = this.depth === 0 ? undefined : this.open[this.depth - 1];
    const record = open === undefined ? this.rootName : open.record;
    if (record === undefined || this.stage === AT_END) {
      return this.stage === AT_END
        ? this.bad('content-after-root', 'an end tag after the root element')
        : this.bad('tag-mismatch', 'an end tag without a start tag');
    }
    let at = start + 2;
    const { view } = this;
    const lastWord = view === NO_VIEW ? -1 : end - 4;
    // The name is compared with the bytes of the open element's: no table is asked.
    if (at + record.length <= end && (at <= lastWord ? record.stands(view, at) : record.matches(bytes, at))) {
      at += record.length;
    } else {
      while (at < end && NAME[bytes[at] as number] !== 0) at++;
      return at === end ? CUT : this.bad('tag-mismatch', `expected </${record.text}>`);
    }
    if (at === end) return CUT;
    let byte = bytes[at] as number;
    if (NAME[byte] !== 0) return this.bad('tag-mismatch', `expected </${record.text}>`);
    while (isSpace(byte)) {
      if (++at === end) return CUT;
      byte = bytes[at] as number;
    }
    if (byte !== GT) return this.badInTag(byte);
    if (open === undefined) {
      this.stage = AT_END;
      this.event = CLOSING_TAG;
      return at + 1;
    }
    this.depth--;
    if (open.declares) {
      this.defaultNamespace = open.outerDefault;
      this.declared = open.outerDeclared;
      this.scope.truncate(open.outerBindings);
    }
    const { element } = open;
    if (this.children.count > open.firstChild) element.complete(this.children.take(open.firstChild));
    this.closed(element);
    return at + 1;
  }

  /** An element is complete: it is an event, or a child of the open one. */
  private closed(element: XmlElement): void {
    if (this.depth > 0) {
      this.children.add(element);
      return;
    }
    this.stage = this.document ? AT_END : AT_FIRST_LEVEL;
    this.event = { type: 'element', element };
  }

  /** The record of the name at `start`, unless it takes a closer look. */
  private knownName(view: DataView, start: number, end: number): NameRecord | undefined {
    const word = view.getInt32(start, true);
    // What comes before `(`, `/`, and the four around `=`: none of them is part of a name.
    const stops =
      ((word - 0x2828_2828) | (((word & BY_FOUR) ^ 0x3c3c_3c3c) - 0x0101_0101) | ((word ^ 0x2f2f_2f2f) - 0x0101_0101)) &
      ~word &
      HIGHEST;
    const head = stops === 0 ? word : word & (((stops & -stops) >>> 7) - 1);
    const name = this.names.at(view, start, head, end);
    return name !== undefined && name.length <= this.limits.nameBytes ? name : undefined;
  }

  // ---- names and attributes ---------------------------------------------------------------------------------------

  private name(bytes: Uint8Array, start: number, end: number, low: number, high: number): NameRecord | undefined {
    const length = end - start;
    if (length > this.limits.nameBytes) {
      this.bad('name-too-long', `a name of more than ${this.limits.nameBytes} bytes`);
      return undefined;
    }
    const name = this.names.find(bytes, start, length, low, high);
    if (typeof name === 'object') return name;
    this.bad(name, name === 'invalid-utf8' ? 'a name that is not UTF-8' : 'a name that is no qualified name');
    return undefined;
  }

  /** A declaration of a namespace, the `index`th of its tag. */
  private declaration(name: NameRecord, record: NameRecord | undefined, namespace: string, index: number): boolean {
    const most = this.limits.namespaceDeclarations;
    if (this.declared + index + 1 > most) {
      const detail = `more than ${most} namespace declarations in force`;
      return this.refuse({ violation: 'too-many-namespace-declarations', detail });
    }
    const problem = this.declarations.add(name, record, namespace, index);
    return problem === undefined ? true : this.refuse(problem);
  }

  /** An attribute value that is not plain ASCII without anything to replace. */
  private value(bytes: Uint8Array, start: number, end: number, flags: number): string | undefined {
    let text = start === end ? '' : this.string(bytes, start, end, flags);
    if (text === undefined) return undefined;
    // XML 1.0 §3.3.3: white space as written becomes a space, a character reference to white space does not.
    if ((flags & NORMALISED) !== 0) text = text.replaceAll(/\r\n|[\t\n\r]/g, ' ');
    if ((flags & AMPERSAND) === 0) return text;
    const resolved = resolveReferences(text);
    if (typeof resolved === 'string') return resolved;
    this.refuse(resolved);
    return undefined;
  }

  private badNameStart(bytes: Uint8Array, start: number, at: number): number {
    const byte = bytes[at] as number;
    if (byte === 0 && this.stage === AT_START && start === 0) {
      return this.bad('wrong-encoding', 'the stream begins like UTF-16');
    }
    return this.badInTag(byte);
  }

  private badInTag(byte: number): number {
    if (isFatal(byte)) {
      this.problem = fatalByte(byte);
      return BAD;
    }
    return this.bad('malformed-tag', `${JSON.stringify(String.fromCharCode(byte))} in a tag, where it cannot stand`);
  }
}

const NOT_UTF8: XmlProblem = { violation: 'invalid-utf8', detail: 'bytes that are not UTF-8' };

/** Tells whether a byte begins a character that takes more than one. */
function isLead(byte: number): boolean {
  return byte >= 0xc2 && byte < 0xf5;
}

function fatalByte(byte: number): XmlProblem {
  return byte >= 0x80
    ? { violation: 'invalid-utf8', detail: `the byte ${byte.toString(16)}, which cannot stand there` }
    : { violation: 'invalid-character', detail: `XML 1.0 allows no ${describeCharacter(byte)}` };
}

/** XML 1.0 §2.11. */
function normaliseNewlines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}
