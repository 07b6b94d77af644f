import type { Phase } from './engine/phases.ts';

/** One thing that crossed the wire, for people: secrets are already taken out. */
export interface TraceEntry {
  readonly direction: 'in' | 'out';
  /** The phase it belongs to. */
  readonly phase: Phase;
  readonly kind: 'header' | 'element' | 'closing-tag' | 'whitespace' | 'violation';
  /** Its bytes on the wire. */
  readonly bytes: number;
  /** The XML, with the content of SASL elements and other secrets replaced by dots; of a violation, what it is. */
  readonly xml: string;
}

/** Called for each thing that crosses the wire; must not throw and must not call the entity. */
export type TraceHook = (entry: TraceEntry) => void;
