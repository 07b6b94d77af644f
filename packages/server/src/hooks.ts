import type { BindRefusal, IqRequest, Jid, Security, Stanza, StanzaErrorFields } from '@xmpp-wire/core';
import type { AuthorizationRequest, AuthorizedIdentity } from '@xmpp-wire/core/sasl';
import type { XmlElement } from '@xmpp-wire/core/xml';
import type { Awaitable } from './awaitable.ts';
import type { Session } from './session.ts';

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
  /** Another stanza goes in its place. */
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
   * May this identity act as that one (RFC 6120 §6.3.8)? Asked for an authzid that is not the account's own, and for
   * mechanisms that name no account. Default: no.
   */
  readonly authorize?: (request: ActAsRequest) => Awaitable<AuthorizedIdentity | 'not-authorized' | 'invalid-authzid'>;
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
  /** A client has bound a resource. */
  readonly sessionStarted?: (session: Session) => void;
  /** A session is over, however it came. */
  readonly sessionEnded?: (session: Session) => void;
}
