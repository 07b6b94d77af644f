import type { Jid, JidError } from '../jid/index.ts';
import type { XmlElement } from '../xml/index.ts';
import type { StanzaErrorCondition } from './conditions.ts';
import type { StanzaKind } from './stanza.ts';

/**
 * The rules of RFC 6120 §8 that a peer's stanza can break, with the condition to answer with.
 * `iq-without-id` is RFC 6120 §8.2.3 rule 1, `iq-type-invalid` rule 2, `iq-child-count` rules 5 and 6;
 * `presence-type-invalid` is RFC 6121 §4.7.1, the addresses are RFC 6120 §8.3.3.8.
 */
export const STANZA_PROBLEMS = {
  'to-malformed': 'jid-malformed',
  'from-malformed': 'jid-malformed',
  'iq-without-id': 'bad-request',
  'iq-type-invalid': 'bad-request',
  'iq-child-count': 'bad-request',
  'presence-type-invalid': 'bad-request',
} as const;

/** Which rule was broken. */
export type StanzaProblemName = keyof typeof STANZA_PROBLEMS;

/**
 * A stanza that breaks a rule, with all that is needed to answer it: `errorOf(problem)` builds the answer where there
 * may be one.
 */
export interface StanzaProblem {
  readonly problem: StanzaProblemName;
  /** The stanza error condition to answer with. */
  readonly condition: StanzaErrorCondition;
  /** Whether it may be answered: an error or a result never is (RFC 6120 §8.2.3, §8.3.1 rule 8). */
  readonly answerable: boolean;
  /** For people: what was expected, what came. */
  readonly message: string;
  readonly kind: StanzaKind;
  readonly element: XmlElement;
  /** The address when it is well-formed. */
  readonly to: Jid | undefined;
  /** The address when it is well-formed. */
  readonly from: Jid | undefined;
  readonly id: string | undefined;
  /** As it was written. */
  readonly type: string | undefined;
  readonly lang: string | undefined;
  /** What is wrong with the address, when that is the problem. */
  readonly jidError: JidError | undefined;
}
