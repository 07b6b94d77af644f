import { codePointProblem, type PartProblem } from '../preparation.ts';
import { hasRightToLeft, keepsBidiRule } from './bidi.ts';
import { codePointsOf, enforced, kindOf, lowerCased, widthMapped } from './code-points.ts';
import { contextProblem, outOfContext } from './context.ts';

/** A localpart (RFC 7622 §3.3): UsernameCaseMapped, without eight characters more. */
export function prepareLocalpart(text: string): string | PartProblem {
  const username = prepareUsername(text);
  if (typeof username !== 'string') return username;
  // RFC 7622 §3.3.1. Fullwidth forms have become the ordinary ones by now.
  const excluded = /["&'/:<>@]/.exec(username)?.[0];
  if (excluded === undefined) return username;
  return codePointProblem('character', excluded.codePointAt(0) ?? 0, 'may not be in a localpart (RFC 7622 §3.3.1)');
}

/** The profile UsernameCaseMapped of PRECIS (RFC 8265 §3.3). */
export function prepareUsername(text: string): string | PartProblem {
  return enforced(text, enforceUsername);
}

function enforceUsername(text: string): string | PartProblem {
  // RFC 8265 §3.3.2: width first, then the code points of the IdentifierClass.
  const mapped = widthMapped(text);
  const codePoints = codePointsOf(mapped);
  const foreign = codePoints.find((codePoint) => /[-F]/.test(kindOf(codePoint).charAt(0)));
  if (foreign !== undefined) {
    return codePointProblem('character', foreign, 'is not in the IdentifierClass (RFC 8264 §4.2)');
  }
  // RFC 8265 §3.3.3: case, normalization, direction, in this order.
  const result = lowerCased(mapped).normalize('NFC');
  const prepared = codePointsOf(result);
  if (hasRightToLeft(prepared) && !keepsBidiRule(prepared)) {
    return { rule: 'bidi', message: 'text from right to left breaks the Bidi rule (RFC 5893 §2)' };
  }
  // RFC 8264 §7: what stands beside a code point is looked at last, so that L·L is l·l.
  const alone = outOfContext(prepared);
  return alone === undefined ? result : contextProblem(alone);
}
