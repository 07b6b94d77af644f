import { codePointProblem, type PartProblem } from '../preparation.ts';
import { codePointsOf, enforced, kindOf } from './code-points.ts';
import { contextProblem, outOfContext } from './context.ts';

/** A resourcepart (RFC 7622 §3.4): the profile OpaqueString of PRECIS (RFC 8265 §4.2). */
export function prepareResourcepart(text: string): string | PartProblem {
  return enforced(text, enforceOpaqueString);
}

function enforceOpaqueString(text: string): string | PartProblem {
  // RFC 8265 §4.2.1: the code points of the FreeformClass.
  const codePoints = codePointsOf(text);
  const foreign = codePoints.find((codePoint) => kindOf(codePoint).startsWith('-'));
  if (foreign !== undefined)
    return codePointProblem('character', foreign, 'is not in the FreeformClass (RFC 8264 §4.3)');
  // RFC 8265 §4.2.2: every space that is not ASCII's becomes that one, then normalization.
  const result = text.replace(/[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/g, ' ').normalize('NFC');
  // RFC 8264 §7: what stands beside a code point is looked at last, when marks are in their order.
  const alone = outOfContext(codePointsOf(result));
  return alone === undefined ? result : contextProblem(alone);
}
