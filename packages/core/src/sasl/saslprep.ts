import { SASLPREP_RUNS } from './saslprep-table.ts';

/**
 * How a string is to be prepared (RFC 3454 §7): a `stored` one must not have code points that Unicode 3.2 does not
 * assign, in a `query` they pass unchanged.
 */
export type PreparationUse = 'query' | 'stored';

/** Prepares a name or a password; undefined where it cannot be used. {@link saslPrep} is the one that SASL asks for. */
export type Preparation = (text: string, use: PreparationUse) => string | undefined;

/**
 * SASLprep (RFC 4013): the form in which names and passwords are compared and hashed. The result may be empty (a text of
 * soft hyphens, say): refuse that where a name or password is needed.
 *
 * RFC 5802 §2.2 asks for `stored` where a password is hashed, RFC 4616 §2 and RFC 5802 §5.1 for `query` where a name or
 * password was presented. Unicode 3.2 is spoken whatever the runtime knows: what later versions made of a code point
 * that 3.2 does not assign plays no part.
 *
 * @returns undefined when the text has prohibited characters, mixes directions as RFC 3454 §6 forbids, or is not Unicode
 * @example
 * ```ts
 * import { saslPrep } from '@xmpp-wire/core/sasl';
 * saslPrep('I\u00ADX', 'query'); // 'IX'
 * saslPrep('\u0007', 'query'); // undefined
 * ```
 */
export function saslPrep(text: string, use: PreparationUse): string | undefined {
  if (/^[ -~]*$/.test(text)) return text;
  // RFC 4013 §2.1. U+200B is in both tables; the space wins, as in every implementation that peers run.
  const output = normalize(text.replace(NON_ASCII_SPACES, ' ').replace(MAPPED_TO_NOTHING, ''));
  if (PROHIBITED.test(output)) return undefined;
  const classes = Array.from(output, (char) => classOf(char.codePointAt(0) ?? 0));
  if (use === 'stored' && classes.includes(UNASSIGNED)) return undefined;
  return isBidirectionallySound(classes) ? output : undefined;
}

// RFC 3454, table C.1.2.
const NON_ASCII_SPACES = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/g;

// RFC 3454, table B.1. Alternatives and not one class: two of them combine with what stands before them.
const MAPPED_TO_NOTHING = /\u00ad|\u034f|\u1806|[\u180b-\u180d]|[\u200c\u200d]|\u2060|[\ufe00-\ufe0f]|\ufeff/g;

// RFC 4013 §2.3: tables C.1.2, C.2.1, C.2.2, C.3 to C.9. The three properties can never change (Unicode stability policy).
const PROHIBITED =
  /[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u00a0\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2063\u206a-\u206f\u2ff0-\u2ffb\u3000\ufeff\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]|\u0340|\u0341/u;

// Classes of the generated table.
const UNASSIGNED = 0;
const LEFT_TO_RIGHT = 2;
const RIGHT_TO_LEFT = 3;

// RFC 3454 §6: a text with a right-to-left character has no left-to-right one, and begins and ends right-to-left.
function isBidirectionallySound(classes: readonly number[]): boolean {
  if (!classes.includes(RIGHT_TO_LEFT)) return true;
  return !classes.includes(LEFT_TO_RIGHT) && classes[0] === RIGHT_TO_LEFT && classes.at(-1) === RIGHT_TO_LEFT;
}

// RFC 4013 §2.2: NFKC of Unicode 3.2. To that version an unassigned code point is a starter that neither decomposes nor
// composes, so the pieces between them are normalized apart, and the runtime's newer data never sees one.
function normalize(text: string): string {
  let output = '';
  let piece = '';
  for (const char of text) {
    if (classOf(char.codePointAt(0) ?? 0) === UNASSIGNED) {
      output += piece.normalize('NFKC') + char;
      piece = '';
    } else {
      piece += FIRST_DECOMPOSITIONS.get(char) ?? char;
    }
  }
  return output + piece.normalize('NFKC');
}

// Unicode 4.0 corrected the decompositions of five compatibility ideographs (Corrigendum 4); 3.2 had these.
const FIRST_DECOMPOSITIONS: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['\u{2f868}', '\u{2136a}'],
  ['\u{2f874}', '\u5f33'],
  ['\u{2f91f}', '\u43ab'],
  ['\u{2f95f}', '\u7aae'],
  ['\u{2f9bf}', '\u4d57'],
]);

interface Runs {
  /** The first code point of each run, rising. */
  readonly starts: Uint32Array;
  readonly classes: Uint8Array;
}

let decoded: Runs | undefined;

function classOf(codePoint: number): number {
  const { starts, classes } = (decoded ??= readRuns(SASLPREP_RUNS));
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= codePoint) low = middle;
    else high = middle - 1;
  }
  return classes[low] ?? UNASSIGNED;
}

// How the runs are written is told in the generator: numbers to the base 26, the least digit first, a small letter ends one.
function readRuns(written: string): Runs {
  const starts: number[] = [];
  const classes: number[] = [];
  let start = 0;
  let kind = -1;
  for (const [number] of written.matchAll(/[A-Z]*[a-z]/g)) {
    const value = Array.from(number.toLowerCase()).reduceRight((sum, char) => sum * 26 + char.charCodeAt(0) - 0x61, 0);
    kind = (kind + 1 + (value % 3)) % 4;
    starts.push(start);
    classes.push(kind);
    start += 1 + Math.floor(value / 3);
  }
  return { starts: Uint32Array.from(starts), classes: Uint8Array.from(classes) };
}
