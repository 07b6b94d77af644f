/** What the sender of the stanza can do about the error (RFC 6120 §8.3.2). */
export type StanzaErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

/** The types that there are, for checking. */
export const STANZA_ERROR_TYPES: ReadonlySet<string> = new Set<StanzaErrorType>([
  'auth',
  'cancel',
  'continue',
  'modify',
  'wait',
]);

/**
 * The defined conditions (RFC 6120 §8.3.3), each with the error type that goes with it unless there is reason for
 * another. RFC 6120 gives a choice for `feature-not-implemented` (cancel or modify) and `policy-violation` (modify or
 * wait) and none for `undefined-condition`; the first, and `cancel`, stand here.
 */
export const STANZA_ERROR_CONDITIONS = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  gone: 'cancel',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'recipient-unavailable': 'wait',
  redirect: 'modify',
  'registration-required': 'auth',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'subscription-required': 'auth',
  'undefined-condition': 'cancel',
  'unexpected-request': 'wait',
} as const;

/** One of the 22 defined conditions of RFC 6120 §8.3.3. */
export type StanzaErrorCondition = keyof typeof STANZA_ERROR_CONDITIONS;

/** Tells whether a name is one of the defined conditions. */
export function isStanzaErrorCondition(name: string): name is StanzaErrorCondition {
  return Object.hasOwn(STANZA_ERROR_CONDITIONS, name);
}

/** Tells whether a text is one of the five error types. */
export function isStanzaErrorType(text: string | undefined): text is StanzaErrorType {
  return text !== undefined && STANZA_ERROR_TYPES.has(text);
}
