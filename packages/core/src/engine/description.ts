import type { Milliseconds } from '../events.ts';
import type { AskName } from '../negotiation/asks.ts';
import type { Phase } from './phases.ts';

/** A snapshot of an entity for logs and debuggers; holds no secret. */
export interface EntityDescription {
  readonly phase: Phase;
  /** The ask that waits for an answer, if one does. */
  readonly openAsk: AskName | undefined;
  /** Armed timers and their deadlines; `undefined` until the first `nextTimeout(now)` after arming. */
  readonly timers: ReadonlyMap<string, Milliseconds | undefined>;
  readonly bufferedInput: number;
  readonly bufferedOutput: number;
  readonly wantsInput: boolean;
}
