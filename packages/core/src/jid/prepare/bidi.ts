import { kindOf } from './code-points.ts';

/** Whether there is a code point that is written from right to left (RFC 5893 §2: R, AL or AN). */
export function hasRightToLeft(codePoints: readonly number[]): boolean {
  return codePoints.some((codePoint) => /[RA]/.test(directionOf(codePoint)));
}

/** The six conditions of the Bidi rule (RFC 5893 §2), of a text that is not empty. */
export function keepsBidiRule(codePoints: readonly number[]): boolean {
  const directions = codePoints.map(directionOf).join('');
  // 1: the first one says which way it goes. 2 and 5: what else may be in it. 3 and 6: how it may end, marks apart.
  if (directions.startsWith('L')) return /^[LEOM]*[LE]M*$/.test(directions);
  if (!directions.startsWith('R')) return false;
  // 4: European or Arabic numbers, not both.
  return /^[RAEOM]*[REA]M*$/.test(directions) && !(directions.includes('E') && directions.includes('A'));
}

/** One letter, as the table has it. */
function directionOf(codePoint: number): string {
  return kindOf(codePoint).charAt(1);
}
