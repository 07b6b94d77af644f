/** The longest delay that timers take, almost 25 days; with more they go off at once. */
const MAX_DELAY = 2 ** 31 - 1;

/** A delay as timers take it: whole milliseconds, none that is past, and what is too long as long as can be. */
export function timerDelay(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), MAX_DELAY);
}

/** The clock of all entities here: milliseconds, never going back. */
export function now(): number {
  return performance.now();
}

/**
 * One timer for a deadline that mostly moves away: it is not touched then but left to go off early, and whoever it calls
 * looks again when the deadline is.
 */
export class DeadlineTimer {
  readonly #onTime: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #at = Infinity;

  /** @param onTime called when the deadline may be there; it arms the timer again. */
  constructor(onTime: () => void) {
    this.#onTime = onTime;
  }

  /** Calls at that time on the clock of {@link now}, or before. */
  arm(at: number | undefined): void {
    if (at === undefined || at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(
      () => {
        this.#at = Infinity;
        this.#onTime();
      },
      timerDelay(at - now()),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#at = Infinity;
  }
}
