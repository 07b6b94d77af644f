import type { Jid } from '../jid/index.ts';
import type { XmlElement } from '../xml/index.ts';

/** The three kinds of stanza (RFC 6120 §8). */
export type StanzaKind = 'message' | 'presence' | 'iq';

/** RFC 6121 §5.2.2. */
export type MessageType = 'normal' | 'chat' | 'groupchat' | 'headline' | 'error';

/** RFC 6121 §4.7.1; a presence that has none means: available. */
export type PresenceType =
  | 'error'
  | 'probe'
  | 'subscribe'
  | 'subscribed'
  | 'unavailable'
  | 'unsubscribe'
  | 'unsubscribed';

/** RFC 6120 §8.2.3. */
export type IqType = 'get' | 'set' | 'result' | 'error';

/**
 * What the three kinds have in common (RFC 6120 §8.1). A stanza is never changed: {@link stamp} and its kin make new
 * ones. `element` is the whole of it, the other members are what was read from there.
 */
interface StanzaBase {
  readonly element: XmlElement;
  /** For whom it is; absent: for the server or the account itself (RFC 6120 §8.1.1). */
  readonly to: Jid | undefined;
  /** Who sent it; absent on a client's stream: the user's own account (RFC 6120 §8.1.2.1). */
  readonly from: Jid | undefined;
  readonly id: string | undefined;
  /** Language of its texts: its own xml:lang, or the stream's (RFC 6120 §8.1.5). */
  readonly lang: string | undefined;
}

/** A push from one entity to another (RFC 6120 §8.2.1). */
export interface Message extends StanzaBase {
  readonly kind: 'message';
  /** A type that nobody defined, and none at all, read as `normal` (RFC 6121 §5.2.2). */
  readonly type: MessageType;
}

/** A broadcast of availability, or a step of a subscription (RFC 6120 §8.2.2). */
export interface Presence extends StanzaBase {
  readonly kind: 'presence';
  /** Absent: available. */
  readonly type: PresenceType | undefined;
}

/** A question or an order, to be answered by exactly one {@link IqResult} or {@link IqError} (RFC 6120 §8.2.3). */
export interface IqRequest extends StanzaBase {
  readonly kind: 'iq';
  readonly type: 'get' | 'set';
  readonly id: string;
  /** The one child element: what is asked. */
  readonly payload: XmlElement;
}

/** The answer to a request that succeeded (RFC 6120 §8.2.3). */
export interface IqResult extends StanzaBase {
  readonly kind: 'iq';
  readonly type: 'result';
  readonly id: string;
  /** The child element, if there is one. */
  readonly payload: XmlElement | undefined;
}

/** The answer to a request that failed (RFC 6120 §8.3); {@link readStanzaError} says why. */
export interface IqError extends StanzaBase {
  readonly kind: 'iq';
  readonly type: 'error';
  readonly id: string;
  /** The payload of the request, if the peer sent it back. */
  readonly payload: XmlElement | undefined;
}

export type Iq = IqRequest | IqResult | IqError;

/** A message, a presence or an iq that was read or built, and keeps the rules of RFC 6120 §8. */
export type Stanza = Message | Presence | Iq;
