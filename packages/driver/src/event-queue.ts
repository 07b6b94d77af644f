/**
 * A queue between whoever produces events and one reader that takes them with `for await`. It tells its producer to wait
 * once it is full, so a slow reader slows the peer down instead of filling the memory.
 */
export class EventQueue<Event> implements AsyncIterableIterator<Event> {
  readonly #limit: number;
  readonly #onWanted: () => void;
  readonly #events: Event[] = [];
  #taken = 0;
  readonly #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  #ended = false;
  #readers = 0;

  /**
   * @param limit events that may wait before the queue counts as full.
   * @param onWanted called when a full queue has room again, when a reader waits for more, and when one leaves.
   */
  constructor(limit: number, onWanted: () => void) {
    this.#limit = limit;
    this.#onWanted = onWanted;
  }

  /** Events that wait for the reader. */
  get length(): number {
    return this.#events.length - this.#taken;
  }

  /** Whether the producer has to wait. */
  get isFull(): boolean {
    return this.length >= this.#limit;
  }

  /** Whether a reader has dealt with everything and waits for more. */
  get isAwaited(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether somebody reads, or has begun to. */
  get hasReader(): boolean {
    return this.#readers > 0;
  }

  push(event: Event): void {
    if (this.#ended) return;
    const reader = this.#waiting.shift();
    if (reader === undefined) this.#events.push(event);
    else reader({ done: false, value: event });
  }

  /** Nothing more comes; what waits can still be read. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#waiting.splice(0)) reader({ done: true, value: undefined });
  }

  async next(): Promise<IteratorResult<Event>> {
    if (this.length > 0) {
      const wasFull = this.isFull;
      // `length` says that there is one; an event may be undefined as far as the type goes.
      const value = this.#events[this.#taken] as Event;
      this.#taken++;
      // Cut off in one go what was read: shifting one by one would move the rest each time.
      if (this.#taken === this.#events.length || this.#taken > this.#limit) {
        this.#events.splice(0, this.#taken);
        this.#taken = 0;
      }
      if (wasFull) this.#onWanted();
      return { done: false, value };
    }
    if (this.#ended) return { done: true, value: undefined };
    const event = new Promise<IteratorResult<Event>>((resolve) => this.#waiting.push(resolve));
    this.#onWanted();
    return event;
  }

  /** The reader leaves; another may come. */
  async return(): Promise<IteratorResult<Event>> {
    this.#readers = Math.max(0, this.#readers - 1);
    this.#onWanted();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    this.#readers++;
    return this;
  }
}
