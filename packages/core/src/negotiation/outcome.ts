import type { SaslErrorCondition } from '../sasl/index.ts';
import type { StanzaErrorCondition } from '../stanza/index.ts';
import type { StreamErrorCondition } from '../stream/stream-error.ts';
import type { Identity, TlsFacts } from './facts.ts';

/** STARTTLS is done; the stream restarts (RFC 6120 §5.4.3.3). */
export interface Secured {
  readonly type: 'secured';
  readonly tls: TlsFacts;
}

/** SASL is done (RFC 6120 §6.4.6). */
export interface Authenticated {
  readonly type: 'authenticated';
  readonly identity: Identity;
}

/** A try at authentication failed. Receiving entity: the peer may try again. Initiating entity: another mechanism is tried (RFC 6120 §6.4.5). */
export interface AuthenticationFailed {
  readonly type: 'authentication-failed';
  readonly mechanism: string;
  readonly condition: SaslErrorCondition;
  /** For the log only. */
  readonly detail: string;
}

/** The peer does not offer, or does not do, what we insist on. */
export interface PeerIncompatible {
  readonly code: 'peer-incompatible';
  /** What is missing: `starttls`, `mechanism`, `bind`, `version`, or the namespace of a feature the peer requires. */
  readonly missing: string;
  readonly detail: string;
}

/** A negotiation took place and failed. */
export interface NegotiationFailed {
  readonly code: 'negotiation-failed';
  readonly at: 'accept' | 'tls' | 'sasl' | 'bind';
  readonly condition: SaslErrorCondition | StanzaErrorCondition | StreamErrorCondition | undefined;
  /** What the peer wrote for people, if it did. */
  readonly text: string | undefined;
  readonly detail: string;
}
