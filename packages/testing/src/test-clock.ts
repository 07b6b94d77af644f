/** Something that is to happen at a time of a {@link TestClock}. */
export interface Appointment {
  readonly at: number;
  /** Takes it off the clock; does nothing once it has happened. */
  cancel(): void;
}

interface Entry extends Appointment {
  readonly order: number;
  readonly action: () => void;
  readonly background: boolean;
  cancelled: boolean;
}

/**
 * A clock that stands still until it is told to move. What is due happens in the order of time, and at the same time in
 * the order in which it was arranged, so that a run is the same run every time.
 *
 * @example
 * ```ts
 * import { TestClock } from '@xmpp-wire/testing';
 *
 * const clock = new TestClock();
 * clock.after(30_000, () => console.log('half a minute later'));
 * clock.advanceTo(30_000); // half a minute later
 * clock.now; // 30000
 * ```
 */
export class TestClock {
  readonly #entries: Entry[] = [];
  #now = 0;
  #order = 0;
  #busy = 0;

  /** Milliseconds since the clock was made. */
  get now(): number {
    return this.#now;
  }

  /** Whether something is arranged that is not a background appointment. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** Arranges something at a time; one that has passed means: next. */
  at(time: number, action: () => void, options: { readonly background?: boolean } = {}): Appointment {
    const background = options.background ?? false;
    const entry: Entry = {
      at: Math.max(time, this.#now),
      order: this.#order++,
      action,
      background,
      cancelled: false,
      cancel: () => {
        if (entry.cancelled) return;
        entry.cancelled = true;
        if (!background) this.#busy -= 1;
      },
    };
    if (!background) this.#busy += 1;
    this.#insert(entry);
    return entry;
  }

  /** Arranges something in so many milliseconds. A background appointment does not keep {@link runUntilIdle} going. */
  after(duration: number, action: () => void, options: { readonly background?: boolean } = {}): Appointment {
    return this.at(this.#now + duration, action, options);
  }

  /** Moves to a time; everything due until then happens, what that arranges included. */
  advanceTo(time: number): void {
    for (let entry = this.#due(time); entry !== undefined; entry = this.#due(time)) this.#happen(entry);
    if (time > this.#now) this.#now = time;
  }

  /** Moves on by so many milliseconds. */
  advanceBy(duration: number): void {
    this.advanceTo(this.#now + duration);
  }

  /**
   * Moves on until only background appointments are left. These happen too when their time comes on the way.
   *
   * @throws Error after `limit` steps: something goes round in circles.
   */
  runUntilIdle(limit: number = 1_000_000): void {
    for (let step = 0; this.#busy > 0; step++) {
      if (step >= limit) throw new Error(`${limit} things happened by ${this.#now} ms and there is no end of it`);
      const entry = this.#due(Number.POSITIVE_INFINITY);
      if (entry === undefined) return;
      this.#happen(entry);
    }
  }

  #happen(entry: Entry): void {
    this.#now = entry.at;
    entry.cancel();
    entry.action();
  }

  #due(time: number): Entry | undefined {
    for (let first = this.#entries[0]; first !== undefined && first.at <= time; first = this.#entries[0]) {
      this.#entries.shift();
      if (!first.cancelled) return first;
    }
    return undefined;
  }

  // Most of what is arranged comes behind everything else, so the search begins at the end.
  #insert(entry: Entry): void {
    let at = this.#entries.length;
    for (
      let before = this.#entries[at - 1];
      before !== undefined && before.at > entry.at;
      before = this.#entries[at - 1]
    )
      at -= 1;
    this.#entries.splice(at, 0, entry);
  }
}
