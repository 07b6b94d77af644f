import type { CommonEvent, FeaturesReceived, Milliseconds, TimerName } from '../events.ts';
import type { AnswerShapes } from '../negotiation/answer-shapes.ts';
import type { InitiatingAsk, ReceivingAsk } from '../negotiation/asks.ts';
import type { Move } from '../negotiation/move.ts';
import type { Framing } from '../stream/framing.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { TraceHook } from '../trace.ts';
import type { XmlElement } from '../xml/index.ts';
import type { ElementKind, Incoming, Phase } from './phases.ts';

/** What one role adds to the engine. It decides; the engine reads, writes, asks, times and closes. */
export interface Role {
  /** Where the role is while the stream is open. */
  readonly phase: Phase;
  /** What may arrive in which phase; everything else is a violation. */
  readonly legal: Readonly<Partial<Record<Phase, readonly Incoming[]>>>;
  /** What answers this role's asks. */
  readonly answers: AnswerShapes;
  /** The language our texts are in. */
  readonly lang: string;
  /** Bytes of unparsed input that are welcome now. */
  readonly inputBudget: number;
  /** What is wrong with the peer's header, while a stream error may still explain it. */
  readonly pendingViolation: ViolationFound | undefined;
  /** What a first-level element is that is no stream error. */
  classify(element: XmlElement): ElementKind | ViolationFound;
  onHeader(element: XmlElement): void;
  onElement(element: XmlElement, kind: ElementKind): void;
  /** A negotiation goes on or has come to a result. */
  onMove(move: Extract<Move['next'], { readonly type: 'await' | 'done' | 'rejected' | 'ask' }>): void;
  /** Something has to be said: make sure that our header stands before it (RFC 6120 §4.9.1.2). */
  writeMissingHeader(): void;
}

/** What an engine is made with. */
export interface EngineSettings {
  readonly framing: Framing;
  readonly closingTimeout: Milliseconds | undefined;
  readonly onTrace: TraceHook | undefined;
  readonly random: (length: number) => Uint8Array;
  /** White space behind `<starttls/>` counts as part of the old stream. */
  readonly toleratesWhitespace: boolean;
}

export type EngineTimer = TimerName | 'keepalive';

/** What an engine reports: the events of both roles. */
export type EngineEvent = CommonEvent | FeaturesReceived | InitiatingAsk | ReceivingAsk;
