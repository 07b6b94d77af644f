/**
 * The codes of {@link LocalProtocolError}: each names one mistake that only the calling program can make.
 */
export type LocalErrorCode =
  | 'already-closed'
  | 'already-opened'
  | 'answer-invalid'
  | 'ask-foreign'
  | 'ask-already-answered'
  | 'clock-went-backwards'
  | 'configuration-invalid'
  | 'element-not-allowed'
  | 'jid-invalid'
  | 'lang-invalid'
  | 'mechanism-unusable'
  | 'not-established'
  | 'random-too-short'
  | 'request-id-taken'
  | 'stanza-invalid'
  | 'wrong-transport'
  | 'xml-attribute-duplicate'
  | 'xml-character-forbidden'
  | 'xml-name-invalid'
  | 'xml-namespace-invalid';

/**
 * The caller's mistake. The object it was thrown from is as it was before the call; correct the call and go on.
 *
 * What the peer does wrong never throws: it arrives as an event.
 */
export class LocalProtocolError extends Error {
  override readonly name = 'LocalProtocolError';
  /** Stable, for programs; the message is for people. */
  readonly code: LocalErrorCode;

  constructor(code: LocalErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Our own bug, to be thrown so that it is seen, never handled. */
export function bug(what: string): Error {
  return new Error(`xmpp-wire has a bug: ${what}; please report it`);
}

/** Our own bug: a state that cannot be. */
export function unreachable(what: never, where: string): never {
  throw bug(`${where} met ${JSON.stringify(what)}`);
}
