import type { Milliseconds } from '../events.ts';

interface Timer {
  readonly duration: Milliseconds;
  /** Not known before the first `next(now)` after arming: a deadline is never made from an old clock (rule 8). */
  deadline: Milliseconds | undefined;
}

/** Deadlines by name. Knows no clock: every method that needs the time is told it. */
export class Timers<Name extends string> {
  readonly #timers = new Map<Name, Timer>();

  /** Starts a timer at the next `next(now)`; without a duration it is off. */
  arm(name: Name, duration: Milliseconds | undefined): void {
    if (duration === undefined) this.#timers.delete(name);
    else this.#timers.set(name, { duration, deadline: undefined });
  }

  /** Measures an armed timer from `now` instead. */
  refresh(name: Name, now: Milliseconds): void {
    const timer = this.#timers.get(name);
    if (timer !== undefined) timer.deadline = now + timer.duration;
  }

  disarm(name: Name): void {
    this.#timers.delete(name);
  }

  clear(): void {
    this.#timers.clear();
  }

  /** The earliest deadline. The same question gets the same answer until a timer changes. */
  next(now: Milliseconds): Milliseconds | undefined {
    let earliest: Milliseconds | undefined;
    for (const timer of this.#timers.values()) {
      timer.deadline ??= now + timer.duration;
      if (earliest === undefined || timer.deadline < earliest) earliest = timer.deadline;
    }
    return earliest;
  }

  /** The names of the timers whose deadline has come, in the order they were armed. */
  expired(now: Milliseconds): readonly Name[] {
    const names: Name[] = [];
    for (const [name, timer] of this.#timers)
      if (timer.deadline !== undefined && timer.deadline <= now) names.push(name);
    return names;
  }

  /** Names and deadlines, for `describe()`. */
  entries(): ReadonlyMap<Name, Milliseconds | undefined> {
    return new Map([...this.#timers].map(([name, timer]) => [name, timer.deadline]));
  }
}
