import { codePointProblem, type PartProblem } from '../preparation.ts';
import { kindOf } from './code-points.ts';

/**
 * Finds the first code point that is valid in certain company only and not in such company: RFC 5892, Appendix A, which
 * RFC 8264 §9 takes over. What RFC 5892 calls a label is the whole of a localpart or resourcepart.
 */
export function outOfContext(codePoints: readonly number[]): number | undefined {
  // What is asked of the whole text is asked once: the time it takes grows with its length, not with the square of it.
  let japanese: boolean | undefined;
  let digits: boolean | undefined;
  return codePoints.find((codePoint, index) => {
    switch (codePoint) {
      case 0x200c:
        // A.1: the non-joiner, behind a virama or between letters that join.
        return (
          !isVirama(codePoints[index - 1]) && !(joins(codePoints, index, -1, 'L') && joins(codePoints, index, 1, 'R'))
        );
      case 0x200d:
        // A.2: the joiner, behind a virama.
        return !isVirama(codePoints[index - 1]);
      case 0xb7:
        // A.3: the middle dot, between two l.
        return codePoints[index - 1] !== 0x6c || codePoints[index + 1] !== 0x6c;
      case 0x375:
        // A.4: the Greek keraia, before Greek.
        return scriptOf(codePoints[index + 1]) !== 'G';
      case 0x5f3:
      case 0x5f4:
        // A.5, A.6: geresh and gershayim, behind Hebrew.
        return scriptOf(codePoints[index - 1]) !== 'H';
      case 0x30fb:
        // A.7: the Katakana middle dot, where there is some Japanese or Chinese.
        japanese ??= codePoints.some((other) => scriptOf(other) === 'J');
        return !japanese;
      default:
        // A.8, A.9: the two sets of Arabic-Indic digits, never both.
        if (!isArabicIndic(codePoint) && !isExtendedArabicIndic(codePoint)) return false;
        digits ??= codePoints.some(isArabicIndic) && codePoints.some(isExtendedArabicIndic);
        return digits;
    }
  });
}

/** The problem of such a code point. */
export function contextProblem(codePoint: number): PartProblem {
  return codePointProblem('context', codePoint, 'may be there beside certain others only (RFC 5892, Appendix A)');
}

function isArabicIndic(codePoint: number): boolean {
  return codePoint >= 0x660 && codePoint <= 0x669;
}

function isExtendedArabicIndic(codePoint: number): boolean {
  return codePoint >= 0x6f0 && codePoint <= 0x6f9;
}

function isVirama(codePoint: number | undefined): boolean {
  return codePoint !== undefined && /[VW]/.test(kindOf(codePoint).charAt(2));
}

function scriptOf(codePoint: number | undefined): string {
  return codePoint === undefined ? '-' : kindOf(codePoint).charAt(3);
}

/** A.1: over transparent ones, the next code point that way joins, on both sides or on the one that counts. */
function joins(codePoints: readonly number[], index: number, step: 1 | -1, side: 'L' | 'R'): boolean {
  for (let at = index + step; ; at += step) {
    const codePoint = codePoints[at];
    if (codePoint === undefined) return false;
    const joining = kindOf(codePoint).charAt(2);
    if (joining !== 'T' && joining !== 'V') return joining === 'D' || joining === side;
  }
}
