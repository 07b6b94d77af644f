import type { PartProblem } from '../preparation.ts';
import { KINDS, RUNS } from './precis-table.ts';

/** Where each run of the table begins, and the kind that its code points are of. */
interface Runs {
  readonly starts: readonly number[];
  readonly kinds: readonly string[];
}

let decoded: Runs | undefined;

/** What the table knows of a code point: five letters, explained there. */
export function kindOf(codePoint: number): string {
  const { starts, kinds } = (decoded ??= decodeRuns());
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= codePoint) low = middle;
    else high = middle;
  }
  return kinds[low] ?? '-----';
}

/** The code points of a text; a surrogate without its other half is one of its own. */
export function codePointsOf(text: string): readonly number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Unicode's toLowerCase for each code point by itself: what stands beside it, as with the final sigma, plays no part. */
export function lowerCased(text: string): string {
  return Array.from(text, (character) => character.toLowerCase()).join('');
}

/** Maps fullwidth and halfwidth code points to the ordinary ones (RFC 8264 §5.2.1, RFC 5895 §2). */
export function widthMapped(text: string): string {
  // These have a decomposition of the type <wide> or <narrow>, and NFKC goes no further than that. It would with the halfwidth
  // jamo and U+FFE3: what those decompose to is valid nowhere, so they may stay.
  return text.replace(/[\u3000\uff01-\uff9f\uffe0-\uffe2\uffe4-\uffee]/g, (character) => character.normalize('NFKC'));
}

/**
 * Prepares a text that may not be ASCII. What the mappings make of it has to keep the rules as well, or the JID would
 * be none for the next reader (RFC 8264 §7).
 */
export function enforced(text: string, enforce: (text: string) => string | PartProblem): string | PartProblem {
  if (text.length > MAX_UNPREPARED) {
    return { rule: 'too-long', message: `it has ${text.length} characters: no part of a JID can come of so many` };
  }
  const result = enforce(text);
  return typeof result !== 'string' || result === text ? result : enforce(result);
}

// Mappings make at most four code units into one; whatever is longer than this is too long afterwards too.
const MAX_UNPREPARED = 4 * 1023;

function decodeRuns(): Runs {
  const starts: number[] = [];
  const kinds: string[] = [];
  let start = 0;
  for (const [, letter = 'A', length = ''] of RUNS.matchAll(/([A-Za-z])(\d*)/g)) {
    starts.push(start);
    // Capitals stand for the first 26 kinds, small letters for those behind.
    kinds.push(KINDS[letter.charCodeAt(0) - (letter < 'a' ? 0x41 : 0x61 - 26)] ?? '-----');
    start += length === '' ? 1 : Number(length);
  }
  return { starts, kinds };
}
