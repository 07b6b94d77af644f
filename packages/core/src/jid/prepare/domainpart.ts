import { emptyLabel, hyphenAtEdge, hyphensInside, longLabel, MAX_LABEL_BYTES } from '../ascii.ts';
import { codePointProblem, type PartProblem } from '../preparation.ts';
import { hasRightToLeft, keepsBidiRule } from './bidi.ts';
import { codePointsOf, enforced, kindOf, lowerCased, widthMapped } from './code-points.ts';
import { contextProblem, outOfContext } from './context.ts';
import { decodePunycode, encodePunycode } from './punycode.ts';

/**
 * A domainpart (RFC 7622 §3.2): a domain name whose labels are U-labels or NR-LDH labels of IDNA2008 (RFC 5890 §2.3). An
 * A-label becomes the U-label it stands for.
 */
export function prepareDomainpart(text: string): string | PartProblem {
  return enforced(text, enforceDomainName);
}

function enforceDomainName(text: string): string | PartProblem {
  // RFC 5895 §2: case, width, normalization. Only the full stop of ASCII parts labels, so its fullwidth form stays as it
  // is, and is refused: RFC 7622 §3.1 wants separators found before anything is mapped.
  const mapped = lowerCased(text.split('\uff0e').map(widthMapped).join('\uff0e'));
  const labels: string[] = [];
  for (const label of mapped.normalize('NFC').split('.')) {
    const unicode = isAscii(label) ? asciiLabel(label) : checkULabel(label);
    if (typeof unicode !== 'string') return unicode;
    labels.push(unicode);
  }
  const name = labels.join('.');
  // RFC 5893 §2: one label from right to left puts all labels of the name under the rule.
  if (!hasRightToLeft(codePointsOf(name))) return name;
  const unruly = labels.find((label) => !keepsBidiRule(codePointsOf(label)));
  if (unruly === undefined) return name;
  return {
    rule: 'bidi',
    message: `the label ${JSON.stringify(unruly)} breaks the Bidi rule, which is for all labels where one has text from right to left (RFC 5893 §2)`,
  };
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- ASCII begins with control characters.
  return /^[\0-\x7f]*$/.test(text);
}

/** An NR-LDH label as it is, an A-label as its U-label (RFC 7622 §3.2.1). */
function asciiLabel(label: string): string | PartProblem {
  if (label === '') return emptyLabel();
  if (label.length > MAX_LABEL_BYTES) return longLabel(label.length);
  const foreign = /[^a-z0-9-]/.exec(label)?.[0];
  if (foreign !== undefined) {
    return codePointProblem('character', foreign.charCodeAt(0), 'may not be in a domainpart (RFC 7622 §3.2)');
  }
  if (label.startsWith('xn--')) return decodeALabel(label);
  return checkHyphens(label) ?? label;
}

// RFC 5890 §2.3.2.1: an A-label is what its own U-label is encoded to.
function decodeALabel(label: string): string | PartProblem {
  const decoded = decodePunycode(label.slice(4));
  if (decoded === undefined || isAscii(decoded)) return notALabel(label);
  // RFC 5891 §4.1: a U-label is in normalization form C.
  if (decoded.normalize('NFC') !== decoded) return notALabel(label);
  const unicode = checkULabel(decoded);
  return typeof unicode === 'string' && aLabelOf(unicode) !== label ? notALabel(label) : unicode;
}

// RFC 5891 §4.2: what is checked of a label before it is registered.
function checkULabel(label: string): string | PartProblem {
  if (label.startsWith('xn--')) return notALabel(label);
  const hyphens = checkHyphens(label);
  if (hyphens !== undefined) return hyphens;
  const codePoints = codePointsOf(label);
  // Each code point is a byte of the A-label at least: what is long is not looked at closer.
  if (codePoints.length > MAX_LABEL_BYTES) return longLabel(codePoints.length);
  const [first = 0] = codePoints;
  if (kindOf(first).endsWith('M')) {
    return codePointProblem('label-mark', first, 'is a combining mark: no label begins with one (RFC 5891 §4.2.3.2)');
  }
  const foreign = codePoints.find((codePoint) => !/^[CD]/.test(kindOf(codePoint)));
  if (foreign !== undefined) return codePointProblem('character', foreign, 'may not be in a label (RFC 5892)');
  const alone = outOfContext(codePoints);
  if (alone !== undefined) return contextProblem(alone);
  const bytes = aLabelOf(label).length;
  return bytes > MAX_LABEL_BYTES ? longLabel(bytes) : label;
}

// RFC 5890 §2.3.1, RFC 5891 §4.2.3.1.
function checkHyphens(label: string): PartProblem | undefined {
  if (label.startsWith('-') || label.endsWith('-')) return hyphenAtEdge();
  // Third and fourth are counted in code points: a letter of two code units is one character.
  return /^..--/u.test(label) ? hyphensInside() : undefined;
}

function aLabelOf(label: string): string {
  return `xn--${encodePunycode(codePointsOf(label))}`;
}

function notALabel(label: string): PartProblem {
  return {
    rule: 'a-label',
    message: `${JSON.stringify(label)} begins as an A-label does and is none (RFC 5890 §2.3.2.1)`,
  };
}
