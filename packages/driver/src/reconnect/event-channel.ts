/**
 * From the session to whoever reads it: a queue that never refuses, and that says when there is room for more. Holding
 * back is for the one who fills it.
 */
export class EventChannel<Event> implements AsyncIterableIterator<Event> {
  readonly #limit: number;
  readonly #events: Event[] = [];
  readonly #waiting: ((result: IteratorResult<Event>) => void)[] = [];
  #watchers: { readonly holds: () => boolean; readonly tell: () => void }[] = [];
  #ended = false;
  #readers = 0;

  /** @param limit events that may wait before it counts as full. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#events.length >= this.#limit;
  }

  /** Whether there is a reader that has not come back for more since it took the last event. */
  get isBeingDealtWith(): boolean {
    return this.#readers > 0 && this.#waiting.length === 0;
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

  /** Resolves once that holds; it is looked at whenever the reader does something, and on `recheck`. */
  async until(holds: () => boolean): Promise<void> {
    if (!holds()) await new Promise<void>((tell) => this.#watchers.push({ holds, tell }));
  }

  recheck(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) {
      if (watcher.holds()) watcher.tell();
      else this.#watchers.push(watcher);
    }
  }

  async next(): Promise<IteratorResult<Event>> {
    if (this.#events.length > 0) {
      const event = this.#events.shift();
      this.recheck();
      // The length said that there is one; an event may be undefined as far as the type goes.
      return { done: false, value: event as Event };
    }
    if (this.#ended) return { done: true, value: undefined };
    const next = new Promise<IteratorResult<Event>>((resolve) => this.#waiting.push(resolve));
    this.recheck();
    return next;
  }

  /** The reader leaves; another may come. */
  async return(): Promise<IteratorResult<Event>> {
    this.#readers = Math.max(0, this.#readers - 1);
    this.recheck();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    this.#readers++;
    return this;
  }
}
