/** The three parts of a JID (RFC 7622 §3.1). */
export type JidPart = 'localpart' | 'domainpart' | 'resourcepart';

/**
 * The rule that a part of a JID breaks.
 *
 * - `empty`, `too-long`: 1 to 1023 bytes of UTF-8 are allowed (RFC 7622 §3.1).
 * - `character`: a code point that this part may never hold.
 * - `context`: a code point that is allowed only beside certain others (RFC 5892, Appendix A).
 * - `bidi`: right-to-left and left-to-right text are mixed in a way that RFC 5893 §2 forbids.
 * - `label-empty`, `label-too-long`, `label-hyphen`, `label-mark`: a label of a domain name is empty, is longer than 63
 *   bytes, has its hyphens where they may not be, or begins with a combining mark (RFC 5890 §2.3, RFC 5891 §4.2.3).
 * - `a-label`: a label with the prefix `xn--` that is no A-label (RFC 5890 §2.3.2.1).
 * - `ip-literal`: square brackets that hold no IPv6 address.
 * - `needs-preparation`: nothing is known to be wrong, but only a preparation that knows Unicode can tell.
 */
export type JidRule =
  | 'empty'
  | 'too-long'
  | 'character'
  | 'context'
  | 'bidi'
  | 'label-empty'
  | 'label-too-long'
  | 'label-hyphen'
  | 'label-mark'
  | 'a-label'
  | 'ip-literal'
  | 'needs-preparation';

/** Why a preparation refuses a part. */
export interface PartProblem {
  readonly rule: JidRule;
  /** The code point at fault, where one is. */
  readonly codePoint?: number;
  /** For people: what was expected, what came, what to do. */
  readonly message: string;
}

/** Why a text is not a JID. */
export interface JidError extends PartProblem {
  readonly part: JidPart;
}

/**
 * Prepares and enforces the parts of a JID (RFC 7622 §3.2 to §3.4): each function answers the canonical form of a
 * part, or what is wrong with it. Two JIDs are the same exactly when the canonical forms of their parts are.
 *
 * The functions are pure, never throw, and leave alone what they answered themselves. They are called after the text
 * was cut at its separators, the final dot of the domainpart was removed and IP literals were dealt with; lengths are
 * checked on what they answer.
 */
export interface JidPreparation {
  localpart(text: string): string | PartProblem;
  domainpart(text: string): string | PartProblem;
  resourcepart(text: string): string | PartProblem;
}

/** Writes a code point the way that people look it up: `U+0040`. */
export function formatCodePoint(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A {@link PartProblem} about one code point. */
export function codePointProblem(rule: JidRule, codePoint: number, sentence: string): PartProblem {
  return { rule, codePoint, message: `${formatCodePoint(codePoint)} ${sentence}` };
}
