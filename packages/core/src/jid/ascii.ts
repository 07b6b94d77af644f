import { codePointProblem, type JidPreparation, type PartProblem } from './preparation.ts';

/**
 * The strict preparation for ASCII: what it accepts is canonical by every rule of RFC 7622, and what is not ASCII it
 * refuses with the rule `needs-preparation`, for it has no tables to judge that by. A domain label with the prefix
 * `xn--` is refused so as well: RFC 7622 §3.2.1 wants the U-label instead.
 *
 * Pass `unicodePreparation` of `@xmpp-wire/core/jid/unicode` where addresses beyond ASCII are wanted.
 *
 * @example
 * ```ts
 * import { asciiPreparation } from '@xmpp-wire/core/jid';
 *
 * asciiPreparation.localpart('Juliet'); // 'juliet'
 * ```
 */
export const asciiPreparation: JidPreparation = {
  localpart: asciiLocalpart,
  domainpart: asciiDomainpart,
  resourcepart: asciiResourcepart,
};

const OTHER = 0;
const PLAIN = 1;
const CAPITAL = 2;

// RFC 8264 §9.11, ASCII7: U+0021 to U+007E; RFC 7622 §3.3.1 takes eight away; RFC 8265 §3.3 maps case.
const LOCALPART = characterClasses((character) => /[!-~]/.test(character) && !/["&'/:<>@]/.test(character));
// RFC 5890 §2.3.1: letters, digits and the hyphen; the dot is between labels.
const DOMAINPART = characterClasses((character) => /[A-Za-z0-9.-]/.test(character));
// RFC 8264 §4.3: the FreeformClass has the space too.
const RESOURCEPART = characterClasses((character) => /[ -~]/.test(character));

function characterClasses(allowed: (character: string) => boolean): Uint8Array {
  return Uint8Array.from({ length: 128 }, (_, code) => {
    const character = String.fromCharCode(code);
    if (!allowed(character)) return OTHER;
    return /[A-Z]/.test(character) ? CAPITAL : PLAIN;
  });
}

function asciiLocalpart(text: string): string | PartProblem {
  let capitals = false;
  for (let index = 0; index < text.length; index++) {
    const kind = LOCALPART[text.charCodeAt(index)];
    if (kind === CAPITAL) capitals = true;
    else if (kind !== PLAIN) return refuseAt(text, index, 'may not be in a localpart (RFC 7622 §3.3)');
  }
  // RFC 8265 §3.3.2: Unicode's toLowerCase, not case folding; for ASCII they are the same.
  return capitals ? text.toLowerCase() : text;
}

function asciiResourcepart(text: string): string | PartProblem {
  for (let index = 0; index < text.length; index++) {
    const kind = RESOURCEPART[text.charCodeAt(index)];
    if (kind !== PLAIN && kind !== CAPITAL) {
      return refuseAt(text, index, 'may not be in a resourcepart (RFC 7622 §3.4)');
    }
  }
  return text;
}

function asciiDomainpart(text: string): string | PartProblem {
  let capitals = false;
  let labelStart = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === DOT) {
      const problem = checkLdhLabel(text, labelStart, index);
      if (problem !== undefined) return problem;
      labelStart = index + 1;
      continue;
    }
    const kind = DOMAINPART[code];
    if (kind === CAPITAL) capitals = true;
    else if (kind !== PLAIN) return refuseAt(text, index, 'may not be in a domainpart (RFC 7622 §3.2)');
  }
  return checkLdhLabel(text, labelStart, text.length) ?? (capitals ? text.toLowerCase() : text);
}

const DOT = 0x2e;
const HYPHEN = 0x2d;

/** Longest label of a domain name, in bytes of its ASCII form (RFC 1034 §3.1, RFC 5890 §2.3.1). */
export const MAX_LABEL_BYTES = 63;

/** Checks the label of letters, digits and hyphens between two places; the prefix `xn--` is not ASCII's to judge. */
function checkLdhLabel(text: string, start: number, end: number): PartProblem | undefined {
  if (start === end) return emptyLabel();
  if (end - start > MAX_LABEL_BYTES) return longLabel(end - start);
  // RFC 5890 §2.3.1: no hyphen first, none last, none both third and fourth except after "xn".
  if (text.charCodeAt(start) === HYPHEN || text.charCodeAt(end - 1) === HYPHEN) return hyphenAtEdge();
  if (text.charCodeAt(start + 2) !== HYPHEN || text.charCodeAt(start + 3) !== HYPHEN || end - start < 4)
    return undefined;
  if (text.slice(start, start + 2).toLowerCase() !== 'xn') return hyphensInside();
  return {
    rule: 'needs-preparation',
    message:
      'a label begins with "xn--", which RFC 7622 §3.2.1 turns into its Unicode form; ' +
      'pass unicodePreparation of @xmpp-wire/core/jid/unicode to have that done',
  };
}

/** The problem of a label without characters. */
export function emptyLabel(): PartProblem {
  return { rule: 'label-empty', message: 'a label of the domainpart is empty: remove the dot beside it' };
}

/** The problem of a label of so many bytes. */
export function longLabel(bytes: number): PartProblem {
  return {
    rule: 'label-too-long',
    message: `a label of the domainpart is ${bytes} bytes long in its ASCII form, ${MAX_LABEL_BYTES} are allowed (RFC 5890 §2.3.1)`,
  };
}

/** The problem of a label that begins or ends with a hyphen. */
export function hyphenAtEdge(): PartProblem {
  return { rule: 'label-hyphen', message: 'a label of the domainpart begins or ends with a hyphen (RFC 5890 §2.3.1)' };
}

/** The problem of a label with two hyphens where only A-labels have them. */
export function hyphensInside(): PartProblem {
  return {
    rule: 'label-hyphen',
    message: 'a label of the domainpart has hyphens as its third and fourth character (RFC 5891 §4.2.3.1)',
  };
}

function refuseAt(text: string, index: number, sentence: string): PartProblem {
  const codePoint = text.codePointAt(index) ?? 0;
  if (codePoint < 0x80) return codePointProblem('character', codePoint, sentence);
  return codePointProblem(
    'needs-preparation',
    codePoint,
    'is not ASCII and the ASCII preparation cannot judge it; pass unicodePreparation of @xmpp-wire/core/jid/unicode',
  );
}
