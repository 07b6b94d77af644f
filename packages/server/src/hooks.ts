import type {
  BindRefusal,
  CloseCause,
  IqRequest,
  Jid,
  Message,
  Security,
  Stanza,
  StanzaErrorFields,
  StreamRefusal,
} from '@xmpp-wire/core';
import type { AccountState, AuthorizationRequest, AuthorizedIdentity } from '@xmpp-wire/core/sasl';
import type { XmlElement } from '@xmpp-wire/core/xml';
import type { Awaitable } from './awaitable.ts';
import type { HostPolicy } from './host-policy.ts';
import type { Session } from './session.ts';

/** A stream header arrived for one of the server's hosts. */
export interface StreamRequest {
  /** The host that it is for. */
  readonly domain: string;
  /** As the header said; nothing has verified it. */
  readonly from: string | undefined;
  readonly lang: string | undefined;
  /** What is below the stream: `tls.version` tells what channel bindings there can be. */
  readonly security: Security;
  /** Whom the connection comes from, as the transport says it. */
  readonly remote: string;
}

/** Somebody tried to log in and failed. */
export interface FailedLogin {
  /** The user name that was tried, or the mechanism's for want of one; it comes from a stranger. */
  readonly name: string;
  readonly domain: string;
  readonly remote: string;
}

/** Why an address is not heard for a while. */
export type Nuisance = 'connection-rate' | 'failed-logins';

/** Somebody wants to be somebody else, or has no account of their own. */
export interface ActAsRequest extends AuthorizationRequest {
  /** The host that the stream is for. */
  readonly domain: string;
  /** The bare address that the stream header named; proved by nothing. */
  readonly claimed: Jid | undefined;
  /** What is below the stream: with EXTERNAL the certificate in it is what decides. */
  readonly security: Security;
}

/** Somebody has authenticated and wants a resource. */
export interface AdmissionRequest {
  /** The bare JID that was authenticated. */
  readonly account: Jid;
  readonly requestedResource: string | undefined;
  /** Whom the connection comes from, as the transport says it. */
  readonly remote: string;
}

/** What becomes of a stanza before it is routed. */
export type Verdict =
  /** On its way, as if there were no hook. */
  | 'route'
  /** Nothing happens and nobody is told. */
  | 'drop'
  /** Another stanza goes in its place, from the same sender unless it has a `from` of its own. */
  | { readonly route: Stanza }
  /** The sender is told; errors and results are dropped instead (RFC 6120 §8.3.1). */
  | { readonly bounce: StanzaErrorFields };

/** For whom a request is: a host itself, or an account. */
export interface IqTarget {
  readonly is: 'server' | 'own-account' | 'other-account';
  /** The host, or the bare JID of the account. */
  readonly jid: Jid;
}

/** The one answer that a request gets. */
export type IqAnswer = { readonly result: XmlElement | undefined } | { readonly error: StanzaErrorFields };

/**
 * Where the program that embeds a server has its say. Every hook may be left out. What a hook throws is reported to
 * `onError`; the stanza or the login at hand then fails with an error, and the server goes on.
 */
export interface ServerHooks {
  /**
   * On what terms a stream for a host is accepted, or why not. Asked before and again after TLS. Undefined: on the terms of
   * the options.
   */
  readonly acceptStream?: (request: StreamRequest) => Awaitable<HostPolicy | StreamRefusal | undefined>;
  /**
   * May this identity act as that one (RFC 6120 §6.3.8)? Asked for an authzid that is not the account's own, and for
   * mechanisms that name no account. Undefined, and no hook: ANONYMOUS gets an address that nobody has, EXTERNAL gets the
   * account that its certificate names (XEP-0178), and nobody acts as anybody else.
   */
  readonly authorize?: (
    request: ActAsRequest,
  ) => Awaitable<AuthorizedIdentity | 'not-authorized' | 'invalid-authzid' | AccountState | undefined>;
  /** May this account have a session, from there? Default: yes. */
  readonly admit?: (request: AdmissionRequest) => Awaitable<'admit' | BindRefusal>;
  /**
   * Sees every stanza that a client sends, its `from` already stamped, before it is routed. The client's next stanza
   * waits for the answer (RFC 6120 §10.1). Default: route it.
   */
  readonly beforeRouting?: (stanza: Stanza, sender: Session) => Awaitable<Verdict>;
  /**
   * Answers requests that the server itself does not know. The client's next stanza waits for the answer. Undefined, and
   * no hook: service-unavailable (RFC 6120 §10.3.3). Treat an account that is not there like one that is: the hook is
   * asked for those that are.
   */
  readonly unknownIq?: (request: IqRequest, target: IqTarget, sender: Session) => Awaitable<IqAnswer | undefined>;
  /**
   * Whether an account shares its presence with another entity: then that one may send requests to its resources
   * (RFC 6121 §8.5.3.1) and probe it (§4.3.2). Default: no. Directed presence counts anyhow.
   */
  readonly sharesPresence?: (account: Jid, other: Jid) => boolean;
  /**
   * Keeps a message for an account that nobody is there for (RFC 6121 §8.5.2.2.1, XEP-0160). True: it is kept. False: the
   * sender is told service-unavailable, which tells that there is such an account, since for one that is not there the
   * hook is not asked and nothing is said (RFC 6120 §10.2). No hook: service-unavailable for both. Deliver what was kept by
   * `session.send` when the account comes.
   */
  readonly storeMessage?: (message: Message, account: Jid, sender: Session) => Awaitable<boolean>;
  /**
   * Takes a stanza for a domain that is not the server's (RFC 6120 §10.4): to other servers, to components. True: it is
   * taken. False, and no hook: the sender is told remote-server-not-found.
   */
  readonly forward?: (stanza: Stanza, domain: string, sender: Session) => Awaitable<boolean>;
  /** Somebody tried to log in and failed. */
  readonly loginFailed?: (login: FailedLogin) => void;
  /** An address has gone too far: it is not heard until it has been quiet for a while. Called once each time. */
  readonly shutOut?: (address: string, because: Nuisance) => void;
  /** A client has bound a resource. */
  readonly sessionStarted?: (session: Session) => void;
  /**
   * A session is over, and why: `closed-by-peer` is a client that logged out, `closed-locally` is this server with its
   * `reason`, `unexpected-eof` a connection that was cut.
   */
  readonly sessionEnded?: (session: Session, cause: CloseCause) => void;
}
