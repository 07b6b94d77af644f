/**
 * A SASL mechanism is a conversation that knows nothing of XML: octets in, octets or a question out (RFC 6120 §6, RFC 4422).
 * Whoever drives it wraps the octets into `<auth/>`, `<challenge/>`, `<response/>`, `<success/>` and `<failure/>`.
 */

/** The hash functions that SCRAM is spoken with here (RFC 5802, RFC 7677, and SHA-512 by the same rules). */
export type ScramHash = 'SHA-1' | 'SHA-256' | 'SHA-512';

/** Channel-binding types by their registered names (RFC 5929, RFC 9266). */
export type ChannelBindingType = 'tls-exporter' | 'tls-server-end-point' | 'tls-unique';

/** The channel-binding data that the TLS layer of this connection gave, by type. */
export type ChannelBindings = ReadonlyMap<ChannelBindingType, Uint8Array>;

/** The defined conditions of a SASL failure (RFC 6120 §6.5). */
export type SaslErrorCondition =
  | 'aborted'
  | 'account-disabled'
  | 'credentials-expired'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'mechanism-too-weak'
  | 'not-authorized'
  | 'temporary-auth-failure';

/** States of an account that end an authentication with the condition of the same name. */
export type AccountState = 'account-disabled' | 'credentials-expired' | 'temporary-auth-failure';

/** What PBKDF2 is to be run on (RFC 5802 §2.2, `Hi`); the answer is as long as the hash's output. */
export interface SaltedPasswordRequest {
  readonly hash: ScramHash;
  /** The prepared password in UTF-8. */
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** Whose SCRAM credentials are wanted. */
export interface CredentialsRequest {
  /** The mechanism that asks, such as `SCRAM-SHA-256-PLUS` or `PLAIN`. */
  readonly mechanism: string;
  readonly hash: ScramHash;
  /** Prepared with SASLprep. */
  readonly authcid: string;
}

/** What a server keeps of a password (RFC 5802 §2.2, §9): it cannot be turned back into the password. */
export interface ScramCredentials {
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly storedKey: Uint8Array;
  readonly serverKey: Uint8Array;
  /**
   * Why the account cannot be used although the password may be right. Answered here, it is told only to a peer that proved to know
   * the password; answered in place of the credentials, it is told to anyone who names the account.
   */
  readonly accountState?: AccountState;
}

/** A password in clear, to be checked by a directory; everything is prepared with SASLprep. */
export interface PasswordCheckRequest {
  readonly authcid: string;
  readonly password: string;
  /** As the peer sent it; undefined when it asked for none. Whether it may be acted for is asked apart, by `authorize`. */
  readonly authzid: string | undefined;
}

/** Who asks to be whom: EXTERNAL, ANONYMOUS, and every mechanism when the authzid is not the account's own. */
export interface AuthorizationRequest {
  readonly mechanism: string;
  /** The identity that was authenticated; undefined where the mechanism itself authenticates none (EXTERNAL, ANONYMOUS). */
  readonly authcid: string | undefined;
  /** The identity that is asked for; undefined when the peer leaves it to us. */
  readonly authzid: string | undefined;
  /** What an ANONYMOUS peer said about itself (RFC 4505); undefined elsewhere. Never trust it. */
  readonly trace: string | undefined;
}

/** The identity that an authentication ends with. */
export interface AuthorizedIdentity {
  /** The account: its localpart for a client, its domain for a server. */
  readonly authcid: string;
  /** The other identity that the account acts as; undefined when it acts as itself. */
  readonly authzid: string | undefined;
}

/** What a conversation may ask of the outside world: name → [request, answer]. */
export interface SaslQuestions {
  'derive-salted-password': [request: SaltedPasswordRequest, answer: Uint8Array];
  'look-up-credentials': [request: CredentialsRequest, answer: ScramCredentials | 'unknown-account' | AccountState];
  'check-password': [request: PasswordCheckRequest, answer: 'accepted' | 'not-authorized' | AccountState];
  authorize: [
    request: AuthorizationRequest,
    answer: AuthorizedIdentity | 'not-authorized' | 'invalid-authzid' | AccountState,
  ];
}

export type SaslQuestionName = keyof SaslQuestions;

/** One kind of question. */
export interface NamedQuestion<Name extends SaslQuestionName, Step> {
  readonly type: 'question';
  readonly name: Name;
  readonly request: SaslQuestions[Name][0];
  /** @throws LocalProtocolError `answer-invalid` for keys of a wrong length and the like; `ask-already-answered` the second time. */
  resume(answer: SaslQuestions[Name][1]): Step;
}

/**
 * A question of a conversation. Answer it once, by `resume`, and act on the step that this returns; until then the
 * conversation takes nothing else. A question that is never answered costs nothing.
 */
export type Question<Step> =
  | NamedQuestion<'derive-salted-password', Step>
  | NamedQuestion<'look-up-credentials', Step>
  | NamedQuestion<'check-password', Step>
  | NamedQuestion<'authorize', Step>;

/** Why a client gave the authentication up. */
export type ClientSaslFailure =
  /** The peer's message is not one that the mechanism knows at this moment. */
  | 'malformed-challenge'
  /** The peer's nonce does not begin with ours, or adds nothing to it. */
  | 'nonce-mismatch'
  /** The peer wants fewer iterations than the floor. */
  | 'iterations-too-low'
  /** The peer wants more iterations than the ceiling. */
  | 'iterations-too-high'
  /** A mandatory extension that nobody has defined. */
  | 'unknown-extension'
  /** What the peer says it offered is not what arrived: somebody in between changed the list (XEP-0474). */
  | 'downgrade-detected'
  /** The peer reported an error inside the mechanism (SCRAM `e=`): see `serverError`. */
  | 'server-error'
  /** The peer does not know our password: it may be an impostor. */
  | 'server-not-verified'
  /** `<success/>` before the mechanism was through, or with data where there must be none. */
  | 'unexpected-success'
  /** A challenge where the mechanism has no more to say. */
  | 'unexpected-challenge';

export interface ClientFailed {
  readonly type: 'failed';
  readonly reason: ClientSaslFailure;
  /** For people. */
  readonly detail: string;
  /** The value of SCRAM's `e=`; undefined unless the reason is `server-error`. */
  readonly serverError: string | undefined;
}

/** What the initiating entity does next. Octets of length 0 are octets: `<auth>=</auth>`, `<response/>` (RFC 6120 §6.4.2). */
export type ClientStep =
  | { readonly type: 'response'; readonly data: Uint8Array }
  | NamedQuestion<'derive-salted-password', ClientStep>
  | { readonly type: 'verified' }
  | ClientFailed;

/**
 * The initiating entity's half. Call `start` once, `receive` for each challenge and `succeed` for the success; whatever
 * the peer sends, none of them throws. After `failed` every further call is `failed` with the same reason.
 */
export interface ClientConversation {
  readonly mechanism: string;
  /** The initial response; every mechanism here speaks first (RFC 4422 §5). */
  start(): ClientStep;
  receive(challenge: Uint8Array): ClientStep;
  /**
   * The peer says success. `verified` only if the mechanism itself has verified what it can; anything else is `failed`,
   * and then the stream must not be used (`question` cannot come).
   */
  succeed(additionalData: Uint8Array | undefined): ClientStep;
}

/** What the receiving entity does next. */
export type ServerStep =
  | { readonly type: 'challenge'; readonly data: Uint8Array }
  | NamedQuestion<'derive-salted-password', ServerStep>
  | NamedQuestion<'look-up-credentials', ServerStep>
  | NamedQuestion<'check-password', ServerStep>
  | NamedQuestion<'authorize', ServerStep>
  | {
      readonly type: 'success';
      /** The account that authenticated. */
      readonly authcid: string;
      /** The identity it acts as; undefined when that is the account itself. */
      readonly authzid: string | undefined;
      /** To be sent within `<success/>`; undefined for none. */
      readonly additionalData: Uint8Array | undefined;
      /** The channel-binding type that both sides verified; undefined for none. */
      readonly channelBinding: ChannelBindingType | undefined;
    }
  | {
      readonly type: 'failure';
      readonly condition: SaslErrorCondition;
      /** For the log, never for the peer. */ readonly detail: string;
    };

/**
 * The receiving entity's half. Call `receive` for the initial response and each response; whatever the peer sends, it
 * does not throw. After `success` or `failure` every further call is `failure`: make a new conversation for a new try.
 */
export interface ServerConversation {
  readonly mechanism: string;
  /** Undefined stands for an `<auth/>` without initial response, octets of length 0 for `=` and for an empty response. */
  receive(response: Uint8Array | undefined): ServerStep;
}
