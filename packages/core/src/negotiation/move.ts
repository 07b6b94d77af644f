import type { StreamErrorFields } from '../stream/stream-error.ts';
import type { Violation, ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Ask, AskName, InitiatingAsk, ReceivingAsk } from './asks.ts';
import type { Standing } from './facts.ts';
import type { Authenticated, AuthenticationFailed, NegotiationFailed, PeerIncompatible, Secured } from './outcome.ts';

/** A question on its way to the application. */
export interface AskMove {
  readonly type: 'ask';
  readonly ask: InitiatingAsk | ReceivingAsk;
  /**
   * Set when the transport changes hands while the ask is open (rule 7): from here on nothing is written and no byte
   * may arrive. Bytes that are there already are this violation.
   */
  readonly silence: Violation | undefined;
  /** Checks the answer first and throws `answer-invalid` with nothing changed; called with the type that the ask names. */
  resume(answer: never): Move;
}

/** What comes next in a negotiation. */
export type NextMove =
  /** Wait for the peer's next element. */
  | { readonly type: 'await' }
  | AskMove
  /** The feature is negotiated. */
  | { readonly type: 'done'; readonly standing: Standing; readonly restart: boolean }
  /** This try failed and the peer may begin another. */
  | { readonly type: 'rejected' }
  /** The peer broke a rule. */
  | ({ readonly type: 'violated' } & ViolationFound)
  /** It cannot succeed: close the stream in order, or cut the transport where nothing may be written. */
  | {
      readonly type: 'gave-up';
      readonly cause: PeerIncompatible | NegotiationFailed;
      readonly error: StreamErrorFields | undefined;
      readonly cut: boolean;
    };

/** What a negotiation reports to the application. */
export type NegotiationEvent = Secured | Authenticated | AuthenticationFailed;

/** One step of negotiating a feature: what to send, what to report, then what comes next. */
export interface Move {
  readonly send: readonly XmlElement[];
  readonly events: readonly NegotiationEvent[];
  readonly next: NextMove;
}

/** What goes with any move. */
export interface MoveExtras {
  readonly send?: readonly XmlElement[];
  readonly events?: readonly NegotiationEvent[];
}

/** Sends elements and waits for the peer. */
export function sendAndAwait(...send: readonly XmlElement[]): Move {
  return move({ type: 'await' }, { send });
}

/** Asks the application; `resume` gets the answer that the ask's type names. */
export function askFor<A>(
  ask: (InitiatingAsk | ReceivingAsk) & Ask<AskName, A>,
  resume: (answer: A) => Move,
  extras: MoveExtras & { readonly silence?: Violation } = {},
): Move {
  return move({ type: 'ask', ask, silence: extras.silence, resume }, extras);
}

/** The feature is negotiated. */
export function done(standing: Standing, extras: MoveExtras & { readonly restart: boolean }): Move {
  return move({ type: 'done', standing, restart: extras.restart }, extras);
}

/** The try failed; `send` tells the peer. */
export function rejected(extras: MoveExtras): Move {
  return move({ type: 'rejected' }, extras);
}

/** The peer broke a rule; `send` goes out before the stream error. */
export function violated(violation: Violation, detail: string, extras: MoveExtras = {}): Move {
  return move({ type: 'violated', violation, detail }, extras);
}

/** It cannot succeed: `send` goes out, then the stream error if one is given, then the closing tag; with `cut` nothing at all. */
export function gaveUp(
  cause: PeerIncompatible | NegotiationFailed,
  extras: MoveExtras & { readonly error?: StreamErrorFields; readonly cut?: boolean } = {},
): Move {
  return move({ type: 'gave-up', cause, error: extras.error, cut: extras.cut === true }, extras);
}

function move(next: NextMove, { send = [], events = [] }: MoveExtras): Move {
  return { send, events, next };
}
