import type { Jid } from './jid/index.ts';
import type { InitiatingAsk, ReceivingAsk } from './negotiation/asks.ts';
import type {
  Authenticated,
  AuthenticationFailed,
  NegotiationFailed,
  PeerIncompatible,
  Secured,
} from './negotiation/outcome.ts';
import type { IqError, Message, Presence, Stanza, StanzaProblem } from './stanza/index.ts';
import type { StreamError, StreamErrorFields } from './stream/stream-error.ts';
import type { StreamHeader } from './stream/stream-header.ts';
import type { Violation } from './stream/violations.ts';
import type { XmlElement } from './xml/index.ts';

/** A point in time or a length of time, in milliseconds of a clock that never goes back. */
export type Milliseconds = number;

/** Nothing more can be made of the input so far: write all of the output, then wait for input or for the timeout. */
export interface NeedInput {
  readonly type: 'need-input';
}

/** A blocking ask is open: write all of the output, then answer it. */
export interface Paused {
  readonly type: 'paused';
}

/** Everything was said: `closed` has been returned before. */
export interface Ended {
  readonly type: 'ended';
}

/** The peer's stream header arrived and was accepted (RFC 6120 §4.2); again after each restart. */
export interface StreamOpened {
  readonly type: 'stream-opened';
  readonly header: StreamHeader;
}

/** Initiating entity: the receiving entity's features (RFC 6120 §4.3.2), as they are. */
export interface FeaturesReceived {
  readonly type: 'features';
  readonly features: XmlElement;
}

/** Negotiation is complete (RFC 6120 §4.3.5): stanzas may be sent. */
export interface Established {
  readonly type: 'established';
  /** How the stream came to its address: a resource was bound (RFC 6120 §7), or authentication alone was enough. */
  readonly by: 'bound' | 'authenticated';
  /** The address this stream acts for: a full JID once bound. */
  readonly jid: Jid;
}

/** A stanza (RFC 6120 §8). On a receiving entity `from` is already the sender's own address (rule S24). */
export interface StanzaReceived {
  readonly type: 'stanza';
  readonly stanza: Stanza;
  /** Whose word this is (rule S18): trust a roster push or a carbon only from `server` or `account`. */
  readonly origin: StanzaOrigin;
}

/**
 * - `server`: the domain of the peer itself.
 * - `account`: the bare JID this stream is bound to; also a stanza without `from` (RFC 6120 §8.1.2.1).
 * - `self`: the full JID of this very stream.
 * - `other`: everybody else.
 */
export type StanzaOrigin = 'server' | 'account' | 'self' | 'other';

/** A first-level message, presence or iq that breaks a rule of RFC 6120 §8 but not the stream. */
export interface StanzaRefused {
  readonly type: 'stanza-refused';
  readonly problem: StanzaProblem;
  /** What has to be answered; `undefined` for what must not be. */
  readonly reply: Message | Presence | IqError | undefined;
  /**
   * Whether the engine has sent the reply. If not, the stream that the stanza came on carries stanzas one way, or is closing:
   * route the reply. Or no resource is bound yet, and a client answers nobody (RFC 6120 §4.3.5): drop it.
   */
  readonly sent: boolean;
}

/** A first-level element of a registered extension (see `extensions` in the configuration). */
export interface ElementReceived {
  readonly type: 'element';
  readonly element: XmlElement;
}

/** The peer sent its closing tag first (RFC 6120 §4.4): what is sent now still goes out before ours. */
export interface PeerClosing {
  readonly type: 'peer-closing';
}

/** Which deadline passed. */
export type TimerName = 'negotiation' | 'closing' | 'idle';

/** Why a stream ended. Loses nothing of what is known. */
export type CloseCause =
  | { readonly code: 'peer-misbehaved'; readonly violation: Violation; readonly detail: string }
  | PeerIncompatible
  | NegotiationFailed
  | { readonly code: 'stream-error-received'; readonly error: StreamError }
  | { readonly code: 'timed-out'; readonly timer: TimerName }
  | { readonly code: 'unexpected-eof'; readonly detail: string }
  /** `seeOtherUri`: a WebSocket to reconnect to, which must be as secure as this one (RFC 7395 §3.6.1). */
  | { readonly code: 'closed-by-peer'; readonly seeOtherUri: string | undefined }
  | { readonly code: 'closed-locally'; readonly reason: StreamErrorFields | undefined };

/** The stream is over; returned exactly once. Write the output that is left, then end the transport as it says. */
export interface Closed {
  readonly type: 'closed';
  readonly cause: CloseCause;
  /**
   * `end`: write the output, then end our side (TLS close_notify, FIN), and go on reading and discarding until the peer ends
   * its side or a short time has passed: a connection that is closed with unread input loses what was written last.
   * `abort`: cut; nothing may be written.
   */
  readonly transport: 'end' | 'abort';
}

/** What both roles report. */
export type CommonEvent =
  | NeedInput
  | Paused
  | Ended
  | StreamOpened
  | Secured
  | Authenticated
  | AuthenticationFailed
  | Established
  | StanzaReceived
  | StanzaRefused
  | ElementReceived
  | PeerClosing
  | Closed;

/** What `InitiatingEntity.nextEvent()` returns. */
export type InitiatingEvent = CommonEvent | FeaturesReceived | InitiatingAsk;

/** What `ReceivingEntity.nextEvent()` returns. */
export type ReceivingEvent = CommonEvent | ReceivingAsk;

export type { Authenticated, AuthenticationFailed, NegotiationFailed, PeerIncompatible, Secured };

export const NEED_INPUT: NeedInput = Object.freeze({ type: 'need-input' });
export const PAUSED: Paused = Object.freeze({ type: 'paused' });
export const ENDED: Ended = Object.freeze({ type: 'ended' });
