import type { Jid } from '../jid/index.ts';
import type { StanzaErrorCondition, StanzaErrorType } from '../stanza/index.ts';

/**
 * What a server does with a stanza (RFC 6120 §10). Carry them out in the order they come.
 *
 * - `deliver`: write it, with its 'to' as it is, to the streams of these full JIDs (RFC 6121 §8.5.2.1.1 forbids to
 *   rewrite 'to').
 * - `bounce`: answer with `errorOf(stanza, decision)`. It is decided only for what may be answered.
 * - `ignore`: do nothing, and say nothing.
 * - `forward`: hand it to the stream to this remote domain, or to the local service that serves it (§10.4, §10.5).
 * - `handle`: the server itself is meant, or acts for an account: for its own user (`sender`: rosters, broadcast of
 *   presence, the outbound half of a subscription) or for the addressed one (`recipient`).
 * - `store`: keep the message until the account is available again.
 */
export type Decision =
  | { readonly action: 'deliver'; readonly to: readonly Jid[] }
  | { readonly action: 'bounce'; readonly condition: StanzaErrorCondition; readonly type: StanzaErrorType }
  | { readonly action: 'ignore'; readonly because: IgnoreReason }
  | { readonly action: 'forward'; readonly to: 'remote-domain' | 'local-service'; readonly domain: string }
  | { readonly action: 'handle'; readonly as: 'server' }
  | {
      readonly action: 'handle';
      readonly as: 'account';
      readonly account: Jid;
      readonly role: 'sender' | 'recipient';
    }
  | { readonly action: 'store'; readonly account: Jid };

/**
 * Why nothing is done: it may not be answered (RFC 6120 §8.3.1), nobody is there to take it (RFC 6121 §8.5), or the
 * sender and the addressee are both elsewhere and this server is no relay (RFC 6120 §10.4).
 */
export type IgnoreReason = 'not-answerable' | 'nobody-there' | 'no-relay';

/** One connected resource of an account. */
export interface ConnectedResource {
  /** Its full JID. */
  readonly jid: Jid;
  /** Priority of its last available presence (RFC 6121 §4.7.2.3); undefined: connected, but not available. */
  readonly priority: number | undefined;
}

/** What a server knows that its decisions depend on. Everything is looked up, nothing is changed. */
export interface RoutingContext {
  /** Who sent the stanza, as established by its stream; the stanza's own 'from' is not looked at. */
  readonly sender: Jid;
  /** Who serves a domainpart: this server itself, a service connected to it such as a component, or somebody else. */
  serviceOf(domainpart: string): 'server' | 'local-service' | 'remote';
  /** Whether there is an account of this bare JID. */
  accountExists(account: Jid): boolean;
  /** The connected resources of an account of this server. */
  resourcesOf(account: Jid): readonly ConnectedResource[];
  /**
   * Whether the account shares its presence with this bare or full JID: by a subscription `from` or `both`, or by
   * directed presence (RFC 6121 §8.5.3.1). It is not asked about the account itself.
   */
  sharesPresence(account: Jid, other: Jid): boolean;
  /** Whether messages are kept for accounts that are not available (XEP-0160). */
  readonly storesOffline: boolean;
}
