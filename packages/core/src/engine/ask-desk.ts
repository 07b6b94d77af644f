import { bug, LocalProtocolError } from '../errors.ts';
import type { AskName, InitiatingAsk, ReceivingAsk } from '../negotiation/asks.ts';
import type { AskMove, Move } from '../negotiation/move.ts';
import type { Violation } from '../stream/violations.ts';

/** Keeps the ask that waits for its answer, and remembers those that waited (rule 5 of the contract). */
export class AskDesk {
  #open: AskMove | undefined;
  readonly #past = new WeakMap<object, 'answered' | 'lapsed'>();

  /** The name of the open ask. */
  get openName(): AskName | undefined {
    return this.#open?.ask.ask;
  }

  /** What bytes that arrive now are, while the transport changes hands (rule 7). */
  get silence(): Violation | undefined {
    return this.#open?.silence;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  open(move: AskMove): void {
    if (this.#open !== undefined) throw bug('two blocking asks at once');
    this.#open = move;
  }

  /**
   * The open ask, if this is it; `undefined` when it has lapsed.
   *
   * @throws LocalProtocolError `ask-already-answered`, `ask-foreign`.
   */
  find(ask: { readonly ask: AskName }): AskMove | undefined {
    const asked: object = ask;
    if (this.#open?.ask === asked) return this.#open;
    // Too late is an ordinary race; twice, or somebody else's, is a mistake.
    const past = this.#past.get(asked);
    if (past === 'lapsed') return undefined;
    if (past === 'answered') {
      throw new LocalProtocolError(
        'ask-already-answered',
        `this ${ask.ask} ask was answered before; answer each ask once`,
      );
    }
    throw new LocalProtocolError(
      'ask-foreign',
      `this ${ask.ask} ask is not from this entity; answer the event that nextEvent() returned`,
    );
  }

  /** The open ask has its answer. */
  settle(): void {
    if (this.#open !== undefined) this.#past.set(this.#open.ask, 'answered');
    this.#open = undefined;
  }

  /** The open ask needs no answer any more. */
  lapse(): InitiatingAsk | ReceivingAsk | undefined {
    const ask = this.#open?.ask;
    if (ask !== undefined) this.#past.set(ask, 'lapsed');
    this.#open = undefined;
    return ask;
  }
}

/**
 * What the negotiation makes of an answer.
 *
 * @throws LocalProtocolError `answer-invalid` for whatever is wrong with what the answer is made of; `random-too-short`,
 * which has nothing to do with it.
 */
export function resumeWith(open: AskMove, answer: unknown): Move {
  try {
    // askFor() tied the type of `resume` to that of the ask, and the shape of the answer was checked.
    return open.resume(answer as never);
  } catch (error) {
    if (!(error instanceof LocalProtocolError) || error.code === 'random-too-short') throw error;
    throw new LocalProtocolError('answer-invalid', `the answer to ${open.ask.ask}: ${error.message}`);
  }
}
