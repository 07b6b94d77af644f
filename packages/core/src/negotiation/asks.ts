import type { Jid } from '../jid/index.ts';
import type {
  AuthorizationRequest,
  CredentialsRequest,
  PasswordCheckRequest,
  SaltedPasswordRequest,
  SaslQuestions,
} from '../sasl/index.ts';
import type { StanzaErrorCondition } from '../stanza/index.ts';
import type { StreamErrorFields } from '../stream/stream-error.ts';
import type { Security, TlsFacts } from './facts.ts';
import type { StreamPolicy } from './policy.ts';

/** Never present at run time; it ties an ask to the type of its answer, in both directions of variance. */
declare const answerType: unique symbol;

/** The questions an entity can put to the outside world. */
export type AskName =
  | 'accept-stream'
  | 'start-tls'
  | 'derive-salted-password'
  | 'look-up-credentials'
  | 'check-password'
  | 'authorize'
  | 'bind-resource';

/**
 * A question to the outside world, as an event. Answer it with `entity.answer(event, value)`; until then parsing
 * pauses. `A` is the type of the answer; another type, an ask of the other role or a union that was not narrowed
 * does not compile.
 */
export interface Ask<Name extends AskName, A> {
  readonly type: 'ask';
  /** Which question; narrow on it. */
  readonly ask: Name;
  readonly [answerType]?: (answer: A) => A;
}

/**
 * RFC 6120 §5.4.3: hand the connection to TLS now. Stop reading **before** the output is written, write it, do the
 * handshake, then answer. Answer `failed` when the handshake or the certificate check failed: nothing more is written.
 */
export interface StartTlsAsk extends Ask<'start-tls', TlsFacts | 'failed'> {
  /** Initiating: the reference identity to verify, always the domain the user asked for. Receiving: the domain to present a certificate for. */
  readonly domain: string;
}

/** SCRAM and PLAIN: PBKDF2 of the password. Takes milliseconds: do it off the main thread, or with `saltPassword` from `@xmpp-wire/core/sasl`. */
export interface DeriveSaltedPasswordAsk
  extends Ask<'derive-salted-password', SaslQuestions['derive-salted-password'][1]>, SaltedPasswordRequest {}

/** The stored SCRAM keys of an account, or why there are none. */
export interface LookUpCredentialsAsk
  extends Ask<'look-up-credentials', SaslQuestions['look-up-credentials'][1]>, CredentialsRequest {}

/** PLAIN against a directory: is this the password? */
export interface CheckPasswordAsk
  extends Ask<'check-password', SaslQuestions['check-password'][1]>, PasswordCheckRequest {}

/** May this authentication identity act as that authorization identity (RFC 6120 §6.3.8)? Also EXTERNAL and ANONYMOUS. */
export interface AuthorizeAsk extends Ask<'authorize', SaslQuestions['authorize'][1]>, AuthorizationRequest {
  /** What is below the stream, with the certificate the peer presented. */
  readonly security: Security;
  /** The bare address in the peer's protected header: XEP-0178 decides by it where there is no authzid. */
  readonly claimed: Jid | undefined;
}

/** A stream header arrived: which host is it for, and on what terms? Asked before and again after TLS. */
export interface AcceptStreamAsk extends Ask<'accept-stream', StreamPolicy | StreamRefusal> {
  /** As the header said; absent when the peer left it out (RFC 6120 §4.9.1.3). */
  readonly to: string | undefined;
  /** As the header said; nothing has verified it. */
  readonly from: string | undefined;
  readonly lang: string | undefined;
  readonly contentNamespace: string;
  readonly security: Security;
}

/** The answer that refuses a stream: the response header goes out, this error, and the closing tag (RFC 6120 §4.9.1.2). */
export interface StreamRefusal {
  readonly refuse: StreamErrorFields;
  /** `from` of the response header: an authoritative name of ours, or nothing (RFC 6120 §4.9.1.3). */
  readonly domain?: string;
}

/** RFC 6120 §7: which resource does this client get? Answer with a full JID of the account, or refuse. */
export interface BindResourceAsk extends Ask<'bind-resource', Jid | BindRefusal> {
  /** The bare JID that was authenticated. */
  readonly account: Jid;
  /** What the client would like, prepared; absent, also when that cannot be a resource: generate one (RFC 6120 §7.6, §7.7.2.1). */
  readonly requested: string | undefined;
}

/** RFC 6120 §7.6.2, §7.7.2: the binding fails with this stanza error, and the client may try again. */
export interface BindRefusal {
  readonly refuse: Extract<
    StanzaErrorCondition,
    'resource-constraint' | 'not-allowed' | 'bad-request' | 'conflict' | 'internal-server-error'
  >;
  readonly text?: string;
  /** Language of the text; left out, the stream's own language goes with it. */
  readonly lang?: string;
}

/** What an initiating entity can ask. */
export type InitiatingAsk = StartTlsAsk | DeriveSaltedPasswordAsk;

/** What a receiving entity can ask. */
export type ReceivingAsk =
  | AcceptStreamAsk
  | StartTlsAsk
  | LookUpCredentialsAsk
  | DeriveSaltedPasswordAsk
  | CheckPasswordAsk
  | AuthorizeAsk
  | BindResourceAsk;
