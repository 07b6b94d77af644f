/* oxlint-disable no-continue -- a scanner's loops */
/**
 * The scanner: bytes to events. The one long file of this layer, because the state of a scanner is one thing and because one
 * concrete class keeps its call sites monomorphic (docs/adr/0005).
 *
 * `as number` after an index stands here without a comment of its own: each index is below a bound checked just before, and a
 * test for undefined on every byte would cost a third of the speed.
 *
 * How it works. A chunk is scanned in place, token by token; a token is a tag, a run of character data, a CDATA section, or the XML
 * declaration. A token that the chunk cuts is copied into the carry, and from then on only new bytes are looked at until its end
 * is there: the cost is linear however the input is cut. What ends a token ({@link XmlScanner.findEnd}) depends on its
 * bytes alone, and a violation inside of a token counts once that end has arrived: so the cuts change nothing.
 */
import { ReceiveBuffer } from '../bytes/receive-buffer.ts';
import type { TextCodec } from '../bytes/text-codec.ts';
import type { XmlLimits } from '../limits.ts';
import { STREAM_NS, XML_NS, XMLNS_NS } from '../namespaces.ts';
import {
  type AttributePairs,
  type DeclarationPairs,
  NO_ATTRIBUTES,
  NO_DECLARATIONS,
  XmlAttributeName,
} from './attributes.ts';
import * as classes from './byte-classes.ts';
import { describeCharacter } from './chars.ts';
import { type XmlChild, XmlElement } from './element.ts';
import {
  DEFAULT_DECLARATION,
  KNOWN_NAMES as IMPORTED_NAMES,
  KNOWN_NAMESPACES as IMPORTED_NAMESPACES,
  NAME_IDS,
  type NameRecord,
  NameTable,
  PLAIN,
  readName,
} from './name-table.ts';
import { NamespaceScope } from './namespace-scope.ts';
import { resolveReferences } from './references.ts';
import type { XmlStreamEvent } from './stream-reader.ts';
import type { XmlViolation } from './violations.ts';
import { checkXmlDeclaration } from './xml-declaration.ts';

// Constants of this module, which the optimising compiler folds; imported bindings it would load again and again.
const { AMPERSAND, FATAL, GREATER, HIGH, LAST_PLANE, LESS, NORMALISED, STOP } = classes;
const { NAME, SECTION, TEXT, VALUE } = classes;
const MARKUP_CLASSES = classes.MARKUP;
const KNOWN_NAMES = IMPORTED_NAMES;
const KNOWN_NAMESPACES = IMPORTED_NAMESPACES;

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

/** What the carry holds the beginning of. */
const NOTHING = 0;
const TEXT_RUN = 1;
/** `<` and nothing more. */
const MARKUP = 2;
const START_TAG = 3;
const END_TAG = 4;
/** `<!` */
const EXCLAMATION = 5;
const CDATA = 6;
/** `<?` */
const INSTRUCTION = 7;
const XML_DECLARATION = 8;
/** A NUL at the very start: perhaps UTF-16 or UTF-32. */
const ZERO = 9;

/** Instead of a position: the token is cut; the token breaks a rule (see `problem`). */
const CUT = -1;
const BAD = -2;

const CDATA_START = [LT, BANG, 0x5b, 0x43, 0x44, 0x41, 0x54, 0x41, 0x5b];
const INSTRUCTION_START = [LT, QUESTION, 0x78, 0x6d, 0x6c];

const EMPTY = new Uint8Array(0);
const NO_CHILDREN: readonly XmlChild[] = [];
const CLOSING_TAG: XmlStreamEvent = { type: 'closing-tag' };

/** Strings are cut out of a piece of the chunk of this size that was decoded at once. Each keeps its piece alive. */
const WINDOW_BYTES = 3840;
const MIN_WINDOW_BYTES = 256;
/** A string of more than this is decoded by itself. */
const WINDOW_STRING = 512;
const FIRST_CARRY = 256;
/** A carry of at most this size is kept between stanzas. */
const KEPT_CARRY = 256;
/** So near to the end of a chunk it is looked first whether a tag is complete. */
const TAIL = 192;
/** So few bytes are copied one by one. */
const SMALL = 64;
/** So many attributes are compared pair by pair, more with a set. */
const PAIRWISE = 8;
const OVERLAY_NAMES = 64;

/** An element whose end tag has not come. */
class OpenElement {
  record: NameRecord;
  namespace: string;
  attributes: AttributePairs;
  declarations: DeclarationPairs;
  /** Where its children begin on the stack of children. */
  firstChild: number;
  /** What to go back to. */
  outerDefault: string;
  outerBindings: number;
  outerDeclared: number;

  constructor(
    record: NameRecord,
    namespace: string,
    attributes: AttributePairs,
    declarations: DeclarationPairs,
    firstChild: number,
    outerDefault: string,
    outerBindings: number,
    outerDeclared: number,
  ) {
    this.record = record;
    this.namespace = namespace;
    this.attributes = attributes;
    this.declarations = declarations;
    this.firstChild = firstChild;
    this.outerDefault = outerDefault;
    this.outerBindings = outerBindings;
    this.outerDeclared = outerDeclared;
  }
}

export class XmlScanner {
  private limits: XmlLimits;
  private readonly codec: TextCodec;
  private readonly document: boolean;

  // The input: the chunk being scanned, and what was received after it.
  private chunk: Uint8Array = EMPTY;
  private position = 0;
  private chunkEnd = 0;
  private waiting: ReceiveBuffer | undefined;

  // The token that a chunk has cut.
  private carry: Uint8Array = EMPTY;
  private carried = 0;
  private carries = NOTHING;
  /** The quote that a cut start tag is inside of, or how many `]` a cut section ends in. */
  private within = 0;
  /** The classes of the bytes in a run of character data that was cut. */
  private flags = 0;

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
  /** The children of all open elements, one after the other. */
  private children: XmlChild[] = [];
  private childCount = 0;
  /** Elements in the first-level element being read. */
  private elements = 0;
  /** Bytes of complete tokens in the first-level element, or header, being read. */
  private counted = 0;
  private lastEventBytes = 0;

  // Names and strings.
  private names: NameTable | undefined;
  private namespaces: NameTable | undefined;
  private window = '';
  private windowStart = 0;
  private windowEnd = 0;
  private windowBytes: number = WINDOW_BYTES;
  /** The attributes of the tag being read. */
  private pairs: (XmlAttributeName | string)[] = [];
  /** Its namespace declarations, prefix by namespace. */
  private bindings: string[] = [];
  /** The record of the one namespace that it declares, as the default; undefined when it is not so simple. */
  private onlyNamespace: NameRecord | undefined;
  /** The prefixes that it declares, once they are too many to compare. */
  private manyPrefixes: Set<string> | undefined;

  /** For each {@link NameRecord.id} of an element or attribute, the attribute that came after it last time. */
  private successors: (NameRecord | undefined)[] = noNames();
  /** For each {@link NameRecord.id} of an element the default namespace that it declared last time. */
  private usualNamespaces: (NameRecord | undefined)[] = noNames();

  // The outcome.
  private event: XmlStreamEvent | undefined;
  /** A start tag is bad that was read up to its end. */
  private tagComplete = false;
  private violation: XmlViolation = 'malformed-tag';
  private detail = '';

  constructor(limits: XmlLimits, codec: TextCodec, document: boolean) {
    this.limits = limits;
    this.codec = codec;
    this.document = document;
  }

  get bufferedInput(): number {
    return this.chunkEnd - this.position + (this.waiting?.length ?? 0);
  }

  get eventBytes(): number {
    return this.lastEventBytes;
  }

  useLimits(limits: XmlLimits): void {
    this.limits = limits;
    this.successors = noNames();
  }

  receive(chunk: Uint8Array): void {
    if (this.position === this.chunkEnd) {
      this.chunk = chunk;
      this.position = 0;
      this.chunkEnd = chunk.length;
      this.windowEnd = 0;
    } else {
      this.waiting ??= new ReceiveBuffer();
      this.waiting.push(chunk);
    }
  }

  takeRest(): Uint8Array {
    this.waiting ??= new ReceiveBuffer();
    const rest = this.chunk.subarray(this.position, this.chunkEnd);
    const before = new Uint8Array(this.carried + rest.length);
    before.set(this.carry.subarray(0, this.carried));
    before.set(rest, this.carried);
    this.releaseChunk();
    this.dropCarry();
    if (this.stage !== FAILED) this.stage = AT_END;
    return this.waiting.takeAll(before);
  }

  endInput(): XmlStreamEvent | undefined {
    if (this.stage === FAILED) return this.event;
    if (!this.document) return undefined;
    if (this.carries !== NOTHING && this.stage === AT_END)
      return this.fail('content-after-root', 'markup after the root element');
    if (this.stage === AT_END) return undefined;
    return this.fail('incomplete-document', 'the document ended before its root element did');
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
        this.chunk = chunk;
        this.position = 0;
        this.chunkEnd = chunk.length;
        this.windowEnd = 0;
      }
      if (this.carries === NOTHING) this.scanChunk();
      else this.completeCarried();
      if (this.event !== undefined) return this.event;
    }
    this.releaseChunk();
    if (this.depth === 0 && this.carries === NOTHING) this.becomeIdle();
    return undefined;
  }

  /** A chunk of one byte that only makes a cut token longer: what most calls are where bytes come one by one. */
  private takesByte(): boolean {
    const { carry, carried } = this;
    if (carried === 0 || carried === carry.length || this.counted + carried >= this.limits.stanzaBytes) return false;
    const byte = this.chunk[this.position] as number;
    if (this.carries === TEXT_RUN) {
      const kind = TEXT[byte] as number;
      if ((kind & (STOP | FATAL)) !== 0) return false;
      this.flags |= kind;
    } else if (this.carries !== START_TAG || MARKUP_CLASSES[byte] !== 0) {
      return false;
    }
    carry[carried] = byte;
    this.carried = carried + 1;
    this.chunk = EMPTY;
    this.position = 0;
    this.chunkEnd = 0;
    return true;
  }

  // ---- chunks and tokens ------------------------------------------------------------------------------------------

  /** Scans the chunk until there is an event, the chunk is used up, or the rest of it is in the carry. */
  private scanChunk(): void {
    const { chunk: bytes, chunkEnd: end } = this;
    let at = this.position;
    while (at < end) {
      if (this.stage !== IN_ELEMENT && bytes[at] !== LT) {
        at = this.outside(bytes, at, end);
        if (this.event !== undefined || this.carries !== NOTHING) return;
        continue;
      }
      if (end - at < TAIL && bytes[at] === LT && this.isCut(bytes, at, end)) return;
      const after = this.token(bytes, at, end);
      if (after < 0) {
        if (after === CUT && bytes[at] !== LT) this.cutText(bytes, at, end);
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
    this.carries = MARKUP;
    this.within = 0;
    this.carried = 0;
    if (start + 1 < end && this.findEnd(bytes, start + 1, end, 1) !== CUT) {
      this.carries = NOTHING;
      return false;
    }
    this.position = end;
    if (this.counted + end - start > this.limits.stanzaBytes) this.tooLarge();
    else this.append(bytes, start, end);
    return true;
  }

  private cutText(bytes: Uint8Array, start: number, end: number): void {
    this.carries = TEXT_RUN;
    this.carried = 0;
    this.position = end;
    if (this.counted + end - start > this.limits.stanzaBytes) this.tooLarge();
    else this.append(bytes, start, end);
  }

  /**
   * A token was cut, or is bad. Which of the two it is, and which violation it is, depends on where it ends: it is read again
   * as if the chunk had cut it after its first byte.
   */
  private cutOrBad(bytes: Uint8Array, start: number, end: number): void {
    this.within = 0;
    this.carried = 0;
    if (bytes[start] !== LT) {
      this.carries = TEXT_RUN;
      this.flags = 0;
      this.position = start;
      this.continueText();
      return;
    }
    this.carries = MARKUP;
    if (this.tagComplete) {
      // Its names did not resolve, or a count went over a limit. That is not to be done twice.
      const after = this.findEnd(bytes, start + 1, end, 1);
      this.position = after;
      if (this.counted + after - start > this.limits.stanzaBytes) this.tooLarge();
      else this.fail(this.violation, this.detail);
      return;
    }
    this.append(bytes, start, start + 1);
    this.position = start + 1;
    this.completeCarried();
  }

  /** Adds what belongs to the cut token; reads the token when that completes it. */
  private completeCarried(): void {
    if (this.carries === TEXT_RUN) {
      this.continueText();
      return;
    }
    const { chunk: bytes, position, chunkEnd: end } = this;
    const small = end - position <= SMALL && this.carries === START_TAG;
    const tokenEnd = small ? this.absorb(bytes, position, end) : this.findEnd(bytes, position, end, this.carried);
    const after = tokenEnd === CUT ? end : tokenEnd;
    this.position = after;
    const length = this.carried + after - position;
    if (this.counted + length > this.limits.stanzaBytes) {
      this.tooLarge();
      return;
    }
    if (small) this.carried = length;
    else this.append(bytes, position, after);
    if (tokenEnd === CUT) return;
    const { carry, carried } = this;
    this.carries = NOTHING;
    this.carried = 0;
    this.windowEnd = 0;
    const outcome = carry[0] === 0 ? this.zero(carry, carried) : this.token(carry, 0, carried);
    this.windowEnd = 0;
    if (outcome === BAD) {
      this.fail(this.violation, this.detail);
    } else if (outcome !== carried) {
      this.fail('malformed-tag', 'the markup ends too soon');
    } else {
      this.counted += carried;
      if (this.event !== undefined) this.finishEvent();
    }
  }

  /**
   * Finds where the token ends that the carry, or `bytes` from before `at` on, has the beginning of: the position after its last byte,
   * or CUT. `length` bytes of it came before `at`. It ends early at a byte that makes it bad for certain.
   */
  private findEnd(bytes: Uint8Array, from: number, end: number, length: number): number {
    let at = from;
    let count = length;
    for (; at < end; at++, count++) {
      const byte = bytes[at] as number;
      switch (this.carries) {
        case TEXT_RUN: {
          for (; at < end; at++) {
            const kind = TEXT[bytes[at] as number] as number;
            if ((kind & (STOP | FATAL)) !== 0) return kind === STOP ? at : at + 1;
          }
          return CUT;
        }
        case MARKUP:
          if (byte === SLASH) this.carries = END_TAG;
          else if (byte === BANG) this.carries = EXCLAMATION;
          else if (byte === QUESTION) this.carries = INSTRUCTION;
          else {
            this.carries = START_TAG;
            at--;
            count--;
          }
          break;
        case START_TAG: {
          let quote = this.within;
          for (; at < end; at++) {
            const each = bytes[at] as number;
            const kind = MARKUP_CLASSES[each] as number;
            if (kind === 0) continue;
            if (kind === STOP || (each === GT && quote === 0)) return at + 1;
            if (each === quote) quote = 0;
            else if (quote === 0 && each !== GT) quote = each;
          }
          this.within = quote;
          return CUT;
        }
        case END_TAG:
        case XML_DECLARATION:
          if (byte === GT || byte === LT || ((TEXT[byte] as number) & FATAL) !== 0) return at + 1;
          break;
        case EXCLAMATION:
          // `<!-` waits for one byte more, to tell a comment from rubbish.
          if (count === 2 && byte === 0x2d) break;
          if (byte !== CDATA_START[count]) return at + 1;
          if (count === CDATA_START.length - 1) this.carries = CDATA;
          break;
        case CDATA:
          if (byte === BRACKET) this.within = Math.min(this.within + 1, 2);
          else if (byte === GT && this.within === 2) return at + 1;
          else if (((SECTION[byte] as number) & FATAL) !== 0) return at + 1;
          else this.within = 0;
          break;
        case INSTRUCTION:
          if (count < INSTRUCTION_START.length) {
            if (byte !== INSTRUCTION_START[count]) return at + 1;
          } else if (this.stage === AT_START && (isSpace(byte) || byte === QUESTION)) {
            this.carries = XML_DECLARATION;
          } else {
            return at + 1;
          }
          break;
        default:
          // ZERO: `00 3C` needs one byte more.
          if (count !== 1 || byte !== LT) return at + 1;
      }
    }
    return CUT;
  }

  /** What {@link XmlScanner.findEnd} does in a start tag, for a few bytes; copies on the way. */
  private absorb(bytes: Uint8Array, start: number, end: number): number {
    if (this.carried + end - start > this.carry.length) this.growCarry(this.carried + end - start);
    const { carry } = this;
    let to = this.carried;
    let quote = this.within;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      carry[to++] = byte;
      const kind = MARKUP_CLASSES[byte] as number;
      if (kind === 0) continue;
      if (kind === STOP || (byte === GT && quote === 0)) return at + 1;
      if (byte === quote) quote = 0;
      else if (quote === 0 && byte !== GT) quote = byte;
    }
    this.within = quote;
    return CUT;
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.carried + end - start;
    if (length > this.carry.length) this.growCarry(length);
    const { carry } = this;
    let to = this.carried;
    if (end - start > SMALL) carry.set(bytes.subarray(start, end), to);
    else for (let at = start; at < end; at++) carry[to++] = bytes[at] as number;
    this.carried = length;
  }

  private growCarry(length: number): void {
    const grown = new Uint8Array(Math.max(length, this.carry.length * 2, FIRST_CARRY));
    grown.set(this.carry.subarray(0, this.carried));
    this.carry = grown;
  }

  private finishEvent(): void {
    this.lastEventBytes = this.counted;
    this.counted = 0;
    this.elements = 0;
  }

  private releaseChunk(): void {
    this.chunk = EMPTY;
    this.position = 0;
    this.chunkEnd = 0;
    this.windowEnd = 0;
  }

  /** Between stanzas nothing is kept that the next one can make again. */
  private becomeIdle(): void {
    this.dropCarry();
    this.window = '';
    if (this.names !== undefined || this.namespaces !== undefined) {
      this.names = undefined;
      this.namespaces = undefined;
      this.successors = noNames();
      this.usualNamespaces = noNames();
    }
    if (this.open.length > 0) this.open = [];
    if (this.children.length > 0) this.children = [];
    if (this.pairs.length > 0) this.pairs = [];
    if (this.bindings.length > 0) this.bindings = [];
  }

  private dropCarry(): void {
    this.carries = NOTHING;
    this.carried = 0;
    if (this.carry.length > KEPT_CARRY) this.carry = EMPTY;
  }

  private tooLarge(): void {
    const what = this.depth > 0 || this.stage === AT_FIRST_LEVEL ? 'first-level element' : 'stream header';
    this.fail('stanza-too-large', `a ${what} of more than ${this.limits.stanzaBytes} bytes`);
  }

  private fail(violation: XmlViolation, detail: string): XmlStreamEvent {
    this.event = { type: 'violation', violation, detail };
    this.stage = FAILED;
    this.dropCarry();
    this.becomeIdle();
    return this.event;
  }

  private bad(violation: XmlViolation, detail: string): number {
    this.violation = violation;
    this.detail = detail;
    return BAD;
  }

  // ---- outside of first-level elements ----------------------------------------------------------------------------

  /** White space, or a violation: nothing else can stand outside of markup here. */
  private outside(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && isSpace(bytes[at] as number)) at++;
    if (at === start) {
      if (this.stage === AT_START && bytes[at] === 0) this.cutOrBadZero(bytes, at, end);
      else {
        this.position = at + 1;
        this.failOutside(bytes[at] as number);
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

  private failOutside(byte: number): void {
    // FE and FF are how a byte order mark of UTF-16 and UTF-32 begins.
    if (this.stage === AT_START && byte >= 0xfe) this.fail('wrong-encoding', 'the stream begins like UTF-16');
    else if (byte >= 0x80 && (((TEXT[byte] as number) & FATAL) !== 0 || byte < 0xc2)) {
      this.fail('invalid-utf8', `the byte ${byte.toString(16)} cannot begin a character`);
    } else if (((TEXT[byte] as number) & FATAL) !== 0)
      this.fail('invalid-character', `XML 1.0 allows no ${describeCharacter(byte)}`);
    // RFC 6120 §11.6: U+FEFF is a character like any other here, so it is text too.
    else if (this.stage === AT_FIRST_LEVEL)
      this.fail('text-at-first-level', 'character data between first-level elements');
    else if (this.stage === AT_END) this.fail('content-after-root', 'character data after the root element');
    else this.fail('text-outside-root', 'character data before the root element');
  }

  private cutOrBadZero(bytes: Uint8Array, start: number, end: number): void {
    this.carries = ZERO;
    this.carried = 0;
    const tokenEnd = this.findEnd(bytes, start + 1, end, 1);
    const after = tokenEnd === CUT ? end : tokenEnd;
    this.position = after;
    this.append(bytes, start, after);
    if (tokenEnd === CUT) return;
    this.zero(this.carry, this.carried);
    this.fail(this.violation, this.detail);
  }

  /** The stream begins with a NUL. */
  private zero(bytes: Uint8Array, length: number): number {
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
      } else if (count === 2 && ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a))) {
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
      if (byte === GT || byte === LT || ((TEXT[byte] as number) & FATAL) !== 0) break;
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
    let flags = 0;
    let at = start;
    while (at + 4 <= end) {
      const kinds =
        (TEXT[bytes[at] as number] as number) |
        (TEXT[bytes[at + 1] as number] as number) |
        (TEXT[bytes[at + 2] as number] as number) |
        (TEXT[bytes[at + 3] as number] as number);
      if ((kinds & STOP) !== 0) break;
      flags |= kinds;
      at += 4;
    }
    for (; at < end; at++) {
      const kind = TEXT[bytes[at] as number] as number;
      if ((kind & STOP) !== 0) break;
      flags |= kind;
    }
    if (at === end && (flags & FATAL) === 0) {
      this.flags = flags;
      return CUT;
    }
    return this.endText(bytes, start, at, flags) ? at : BAD;
  }

  /** The run of character data goes on after a cut. */
  private continueText(): void {
    const { chunk: bytes, position: start, chunkEnd: end } = this;
    let { flags } = this;
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
    const length = this.carried + at - start;
    if (this.counted + length > this.limits.stanzaBytes) {
      this.tooLarge();
      return;
    }
    this.append(bytes, start, at);
    this.flags = flags;
    if (!complete) return;
    this.carries = NOTHING;
    this.carried = 0;
    this.windowEnd = 0;
    if (this.endText(this.carry, 0, length, flags)) this.counted += length;
    else this.fail(this.violation, this.detail);
    this.windowEnd = 0;
  }

  /** A run of character data is there from `start` to `end`. */
  private endText(bytes: Uint8Array, start: number, end: number, flags: number): boolean {
    let text = this.string(bytes, start, end, flags);
    if (text === undefined) return false;
    if ((flags & (AMPERSAND | NORMALISED | GREATER)) !== 0) {
      // XML 1.0 production [14]: character data does not contain the end of a CDATA section.
      if ((flags & GREATER) !== 0 && text.includes(']]>')) {
        return this.refuse('section-end-in-text', ']]> in character data');
      }
      if ((flags & NORMALISED) !== 0) text = normaliseNewlines(text);
      if ((flags & AMPERSAND) !== 0) {
        const resolved = resolveReferences(text);
        if (typeof resolved !== 'string') return this.refuse(resolved.violation, resolved.detail);
        text = resolved;
      }
    }
    this.addText(text);
    return true;
  }

  private addText(text: string): void {
    const top = this.childCount - 1;
    const owner = this.open[this.depth - 1];
    const last = owner !== undefined && top >= owner.firstChild ? this.children[top] : undefined;
    if (typeof last === 'string') this.children[top] = last + text;
    else this.children[this.childCount++] = text;
  }

  /** The characters of `bytes[start, end)`, checked but not yet normalised; undefined when there is a violation. */
  private string(bytes: Uint8Array, start: number, end: number, flags: number): string | undefined {
    if ((flags & (HIGH | FATAL)) === 0) {
      const from = start - this.windowStart;
      if (from >= 0 && end <= this.windowEnd) return this.window.slice(from, end - this.windowStart);
      return this.stringOutsideWindow(bytes, start, end);
    }
    // S1: the bytes are valid UTF-8 before any string made of them is seen.
    const text = this.codec.utf8(bytes, start, end);
    if (text === undefined) {
      this.bad('invalid-utf8', 'bytes that are not UTF-8');
      return undefined;
    }
    if ((flags & FATAL) !== 0) {
      for (let at = start; at < end; at++) {
        const byte = bytes[at] as number;
        if (((TEXT[byte] as number) & FATAL) !== 0)
          this.bad('invalid-character', `XML 1.0 allows no ${describeCharacter(byte)}`);
      }
      return undefined;
    }
    if ((flags & LAST_PLANE) !== 0 && /[\uFFFE\uFFFF]/.test(text)) {
      this.bad('invalid-character', 'XML 1.0 allows no U+FFFE and no U+FFFF');
      return undefined;
    }
    return text;
  }

  private stringOutsideWindow(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start;
    if (length > WINDOW_STRING) return this.codec.latin1(bytes, start, end);
    // A small chunk, or the carry, is one window.
    const wanted = start + Math.max(this.windowBytes, length);
    const windowEnd = Math.min(wanted, bytes === this.chunk ? this.chunkEnd : end);
    this.window = this.codec.latin1(bytes, start, windowEnd);
    // A codec that stops at the first byte outside of ASCII is asked for less where such bytes are many.
    if (this.window.length < windowEnd - start) this.windowBytes = Math.max(MIN_WINDOW_BYTES, this.window.length);
    else if (this.windowBytes < WINDOW_BYTES) this.windowBytes = Math.min(this.windowBytes * 2, WINDOW_BYTES);
    this.windowStart = start;
    this.windowEnd = start + this.window.length;
    return this.window.slice(0, length);
  }

  // ---- tags -------------------------------------------------------------------------------------------------------

  private startTag(bytes: Uint8Array, start: number, end: number): number {
    let at = start + 1;
    let low = 0;
    let high = 0;
    for (; at < end; at++) {
      const each = bytes[at] as number;
      if (NAME[each] === 0) break;
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | each;
    }
    if (at === end) return CUT;
    if (at === start + 1) return this.badNameStart(bytes, start, at);
    const record = this.name(bytes, start + 1, at, low, high);
    if (record === undefined) return BAD;

    const { pairs, successors } = this;
    let previous = record;
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
      let name = successors[previous.id];
      // Stanzas of one kind have the same attributes in the same order: what followed last time is tried first.
      if (
        name !== undefined &&
        spaced &&
        at + name.length < end &&
        bytes[at + name.length] === EQUALS &&
        name.matches(bytes, at)
      ) {
        at += name.length;
        byte = EQUALS;
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
        successors[previous.id] = name;

        byte = bytes[at] as number;
        while (isSpace(byte)) {
          if (++at === end) return CUT;
          byte = bytes[at] as number;
        }
        if (byte !== EQUALS) return this.bad('malformed-tag', `expected = after the attribute name ${name.text}`);
      }
      previous = name;
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
        const usual = this.usualNamespaces[record.id];
        if (
          usual !== undefined &&
          at + usual.length + 1 < end &&
          bytes[at + usual.length] === quote &&
          usual.matches(bytes, at)
        ) {
          if (!this.declaration(name, usual, usual.text, declaredHere)) return BAD;
          declaredHere++;
          at += usual.length + 1;
          continue;
        }
      }
      let flags = 0;
      for (;;) {
        // Four bytes at a time as long as none of them can be the end.
        while (at + 4 <= end) {
          const kinds =
            (VALUE[bytes[at] as number] as number) |
            (VALUE[bytes[at + 1] as number] as number) |
            (VALUE[bytes[at + 2] as number] as number) |
            (VALUE[bytes[at + 3] as number] as number);
          if ((kinds & STOP) !== 0) break;
          flags |= kinds;
          at += 4;
        }
        let kind = 0;
        for (; at < end; at++) {
          kind = VALUE[bytes[at] as number] as number;
          if (kind === STOP) break;
          flags |= kind;
        }
        if (at === end || bytes[at] === quote) break;
        at++;
      }
      if ((flags & LESS) !== 0) return this.bad('less-than-in-attribute', `< in the value of ${name.text}`);
      if (at === end && (flags & FATAL) === 0) return CUT;
      if (at - valueStart > this.limits.attributeValueBytes) {
        return this.bad('attribute-value-too-long', `a value of more than ${this.limits.attributeValueBytes} bytes`);
      }
      if (name.kind >= DEFAULT_DECLARATION) {
        const known = flags === 0 && at > valueStart ? this.namespaceName(bytes, valueStart, at) : undefined;
        const namespace = known === undefined ? this.value(bytes, valueStart, at, flags) : known.text;
        if (namespace === undefined || !this.declaration(name, known, namespace, declaredHere)) return BAD;
        if (name.kind === DEFAULT_DECLARATION) this.usualNamespaces[record.id] = known;
        declaredHere++;
      } else {
        const value = flags === 0 ? this.string(bytes, valueStart, at, 0) : this.value(bytes, valueStart, at, flags);
        if (value === undefined) return BAD;
        if (count === this.limits.attributes * 2) {
          return this.bad('too-many-attributes', `more than ${this.limits.attributes} attributes`);
        }
        if (name.kind !== PLAIN) qualified++;
        // Two names of one tag that share an id are rare; only then are the names themselves compared.
        const bit = 1 << name.id;
        if ((seen & bit) !== 0) mayRepeat = true;
        seen |= bit;
        pairs[count] = name.attribute;
        pairs[count + 1] = value;
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
    const declarations = declaredHere === 0 ? NO_DECLARATIONS : this.takeDeclarations(declaredHere);
    const isRoot = !this.document && (this.stage === AT_START || this.stage === IN_PROLOG);
    if (!isRoot) {
      if (this.stage === AT_END) return this.refuse('content-after-root', 'an element after the root element');
      if (this.depth >= this.limits.depth)
        return this.refuse('too-deep', `elements nested more than ${this.limits.depth} deep`);
      if (++this.elements > this.limits.elements) {
        return this.refuse(
          'too-many-elements',
          `more than ${this.limits.elements} elements in one first-level element`,
        );
      }
    }
    const outerDefault = this.defaultNamespace;
    const outerBindings = this.scope.count;
    let inner = outerDefault;
    if (declarations.length > 0) {
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
      if (namespace === undefined) return this.refuse('unbound-prefix', `the prefix of <${record.text}> is not bound`);
    }
    if (qualified > 0 && !this.resolveAttributes(count)) return false;
    if (mayRepeat && !this.attributesDiffer(count)) return false;
    const attributes = count === 0 ? NO_ATTRIBUTES : copied(this.pairs, count);

    if (isRoot) {
      this.rootName = record;
      this.rootNamespace = namespace;
      this.declared = declaredHere;
      this.defaultNamespace = inner;
      this.event = {
        type: 'header',
        element: new XmlElement(record.local, namespace, record.prefix, attributes, declarations, NO_CHILDREN),
      };
      this.stage = selfClosing ? SELF_CLOSED : AT_FIRST_LEVEL;
      return true;
    }
    if (this.depth === 0) {
      // RFC 6120 §4.2: one stream has one header. A second one would open an element that never ends.
      if (namespace === STREAM_NS && this.rootNamespace === STREAM_NS && record.local === this.rootName?.local) {
        return this.refuse('second-header', 'a second stream header');
      }
      this.stage = IN_ELEMENT;
    }
    if (selfClosing) {
      if (declarations.length > 0) this.scope.truncate(outerBindings);
      this.closed(new XmlElement(record.local, namespace, record.prefix, attributes, declarations, NO_CHILDREN));
      return true;
    }
    const slot = this.open[this.depth];
    if (slot === undefined) {
      this.open[this.depth] = new OpenElement(
        record,
        namespace,
        attributes,
        declarations,
        this.childCount,
        outerDefault,
        outerBindings,
        this.declared,
      );
    } else {
      slot.record = record;
      slot.namespace = namespace;
      slot.attributes = attributes;
      slot.declarations = declarations;
      slot.firstChild = this.childCount;
      slot.outerDefault = outerDefault;
      slot.outerBindings = outerBindings;
      slot.outerDeclared = this.declared;
    }
    this.depth++;
    this.defaultNamespace = inner;
    this.declared += declaredHere;
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
    // The name is compared with the bytes of the open element's: no table is asked.
    if (at + record.length <= end && record.matches(bytes, at)) {
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
    this.defaultNamespace = open.outerDefault;
    this.declared = open.outerDeclared;
    if (this.scope.count > open.outerBindings) this.scope.truncate(open.outerBindings);
    const children = this.takeChildren(open.firstChild);
    this.closed(
      new XmlElement(record.local, open.namespace, record.prefix, open.attributes, open.declarations, children),
    );
    return at + 1;
  }

  /** An element is complete: it is an event, or a child of the open one. */
  private closed(element: XmlElement): void {
    if (this.depth > 0) {
      this.children[this.childCount++] = element;
      return;
    }
    this.stage = this.document ? AT_END : AT_FIRST_LEVEL;
    this.event = { type: 'element', element };
  }

  private takeChildren(first: number): readonly XmlChild[] {
    const { children, childCount } = this;
    this.childCount = first;
    switch (childCount - first) {
      case 0:
        return NO_CHILDREN;
      case 1: {
        const only = children[first] as XmlChild;
        children[first] = '';
        return [only];
      }
      case 2: {
        const both = [children[first] as XmlChild, children[first + 1] as XmlChild];
        children[first] = '';
        children[first + 1] = '';
        return both;
      }
      case 3: {
        const three = [children[first] as XmlChild, children[first + 1] as XmlChild, children[first + 2] as XmlChild];
        children[first] = '';
        children[first + 1] = '';
        children[first + 2] = '';
        return three;
      }
      default: {
        const all = children.slice(first, childCount);
        for (let at = first; at < childCount; at++) children[at] = '';
        return all;
      }
    }
  }

  // ---- names and attributes ---------------------------------------------------------------------------------------

  private name(bytes: Uint8Array, start: number, end: number, low: number, high: number): NameRecord | undefined {
    const length = end - start;
    if (length > this.limits.nameBytes) {
      this.bad('name-too-long', `a name of more than ${this.limits.nameBytes} bytes`);
      return undefined;
    }
    return KNOWN_NAMES.find(bytes, start, length, low, high) ?? this.ownName(bytes, start, length, low, high);
  }

  private ownName(bytes: Uint8Array, start: number, length: number, low: number, high: number): NameRecord | undefined {
    const own = this.names?.find(bytes, start, length, low, high);
    if (own !== undefined) return own;
    const name = readName(this.codec, bytes, start, start + length);
    if (name === 'invalid-utf8') {
      this.bad('invalid-utf8', 'a name that is not UTF-8');
      return undefined;
    }
    if (name === 'invalid-name') {
      this.bad('invalid-name', 'a name that is no qualified name');
      return undefined;
    }
    this.names ??= new NameTable(OVERLAY_NAMES, 512);
    return this.names.add(bytes, start, length, low, high, name.text);
  }

  /** A declaration of a namespace, the `index`th of its tag. */
  private declaration(name: NameRecord, record: NameRecord | undefined, namespace: string, index: number): boolean {
    const isDefault = name.kind === DEFAULT_DECLARATION;
    const prefix = isDefault ? '' : name.local;
    if (!isLegalBinding(prefix, namespace)) {
      return this.refuse(
        'illegal-namespace-declaration',
        `${name.text} cannot be bound to ${JSON.stringify(namespace.slice(0, 80))}`,
      );
    }
    if (this.declared + index + 1 > this.limits.namespaceDeclarations) {
      const most = this.limits.namespaceDeclarations;
      return this.refuse('too-many-namespace-declarations', `more than ${most} namespace declarations in force`);
    }
    const { bindings } = this;
    if (index === PAIRWISE) {
      this.manyPrefixes = new Set();
      for (let at = 0; at < index; at++) this.manyPrefixes.add(bindings[at * 2] ?? '');
    }
    let again = false;
    if (index >= PAIRWISE && this.manyPrefixes !== undefined) {
      again = this.manyPrefixes.has(prefix);
      this.manyPrefixes.add(prefix);
    } else {
      for (let at = 0; at < index; at++) if (bindings[at * 2] === prefix) again = true;
    }
    if (again) return this.refuse('duplicate-attribute', `${name.text} twice in one tag`);
    this.onlyNamespace = index === 0 && isDefault ? record : undefined;
    bindings[index * 2] = prefix;
    bindings[index * 2 + 1] = namespace;
    return true;
  }

  private namespaceName(bytes: Uint8Array, start: number, end: number): NameRecord {
    const length = end - start;
    let low = 0;
    let high = 0;
    for (let at = Math.max(start, end - 8); at < end; at++) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | (bytes[at] as number);
    }
    const found =
      KNOWN_NAMESPACES.find(bytes, start, length, low, high) ?? this.namespaces?.find(bytes, start, length, low, high);
    if (found !== undefined) return found;
    this.namespaces ??= new NameTable(OVERLAY_NAMES, 1024);
    return this.namespaces.add(bytes, start, length, low, high, this.codec.latin1(bytes, start, end));
  }

  private takeDeclarations(count: number): DeclarationPairs {
    this.manyPrefixes = undefined;
    return this.onlyNamespace?.declaration ?? this.bindings.slice(0, count * 2);
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
    this.bad(resolved.violation, resolved.detail);
    return undefined;
  }

  /** Gives the prefixed attributes of a tag their namespaces. */
  private resolveAttributes(count: number): boolean {
    const { pairs } = this;
    for (let at = 0; at < count; at += 2) {
      const name = pairs[at];
      // Namespaces in XML 1.0 §6.2: an attribute without a prefix is in no namespace.
      if (typeof name !== 'object' || name.prefix === '' || name.namespace !== '') continue;
      const namespace = this.scope.lookUp(name.prefix);
      if (namespace === undefined) {
        return this.refuse('unbound-prefix', `the prefix of the attribute ${name.prefix}:${name.name} is not bound`);
      }
      pairs[at] = new XmlAttributeName(name.name, namespace, name.prefix);
    }
    return true;
  }

  /** Namespaces in XML 1.0 §6.3: no two attributes of a tag have the same expanded name. */
  private attributesDiffer(count: number): boolean {
    const { pairs } = this;
    if (count <= PAIRWISE * 2) {
      for (let at = 2; at < count; at += 2) {
        const name = pairs[at] as XmlAttributeName;
        for (let before = 0; before < at; before += 2) {
          const other = pairs[before] as XmlAttributeName;
          if (name.name !== other.name || name.namespace !== other.namespace) continue;
          return this.refuse('duplicate-attribute', `the attribute ${name.name} twice in one tag`);
        }
      }
      return true;
    }
    const seen = new Set<string>();
    for (let at = 0; at < count; at += 2) {
      const name = pairs[at] as XmlAttributeName;
      // A local name holds no space: no two expanded names make one key.
      const key = `${name.name} ${name.namespace}`;
      if (seen.has(key)) return this.refuse('duplicate-attribute', `the attribute ${name.name} twice in one tag`);
      seen.add(key);
    }
    return true;
  }

  private refuse(violation: XmlViolation, detail: string): false {
    this.bad(violation, detail);
    return false;
  }

  private badNameStart(bytes: Uint8Array, start: number, at: number): number {
    const byte = bytes[at] as number;
    if (byte === 0 && this.stage === AT_START && start === 0) {
      return this.bad('wrong-encoding', 'the stream begins like UTF-16');
    }
    return this.badInTag(byte);
  }

  private badInTag(byte: number): number {
    if (((TEXT[byte] as number) & FATAL) !== 0) {
      return byte >= 0x80
        ? this.bad('invalid-utf8', `the byte ${byte.toString(16)}`)
        : this.bad('invalid-character', `XML 1.0 allows no ${describeCharacter(byte)}`);
    }
    return this.bad('malformed-tag', `${JSON.stringify(String.fromCharCode(byte))} in a tag, where it cannot stand`);
  }
}

const NO_NAMES: readonly (NameRecord | undefined)[] = Array.from({ length: NAME_IDS }, () => undefined);

function noNames(): (NameRecord | undefined)[] {
  return NO_NAMES.slice();
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x09 || byte === 0x0d;
}

/** XML 1.0 §2.11. */
function normaliseNewlines(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n');
}

/** Namespaces in XML 1.0 §3: what may be bound to what. */
function isLegalBinding(prefix: string, namespace: string): boolean {
  if (namespace === XMLNS_NS || prefix === 'xmlns') return false;
  if (prefix === '') return namespace !== XML_NS;
  return namespace !== '' && (prefix === 'xml') === (namespace === XML_NS);
}

type Part = XmlAttributeName | string;

/** The first `count` of a reused array, in one of the exact size. */
function copied(pairs: readonly (XmlAttributeName | string)[], count: number): AttributePairs {
  // `as`: there are `count` of them.
  const p = pairs as readonly [Part, Part, Part, Part, Part, Part, Part, Part];
  switch (count) {
    case 2:
      return [p[0], p[1]];
    case 4:
      return [p[0], p[1], p[2], p[3]];
    case 6:
      return [p[0], p[1], p[2], p[3], p[4], p[5]];
    case 8:
      return [p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]];
    default:
      return pairs.slice(0, count);
  }
}
