/** How many events of a kind are taken within a minute; they may come all at once. */
export interface Rate {
  readonly perMinute: number;
}

/**
 * A rate for each key, such as an address: a bucket with `perMinute` tokens that fills up evenly. A bucket that is full is
 * forgotten, so memory goes by the keys that were busy within the last minute.
 */
export class TokenBuckets {
  readonly #perMinute: number;
  readonly #buckets = new Map<string, Bucket>();
  #nextSweep = FIRST_SWEEP;

  constructor({ perMinute }: Rate) {
    this.#perMinute = perMinute;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token. False: there is none, and none is taken. */
  take(key: string, now: number): boolean {
    const tokens = this.#tokens(key, now);
    if (tokens < 1) return false;
    this.#sweep(now);
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
    return true;
  }

  /** Whether there is no token left. */
  isEmpty(key: string, now: number): boolean {
    return this.#tokens(key, now) < 1;
  }

  #tokens(key: string, now: number): number {
    const bucket = this.#buckets.get(key);
    return bucket === undefined ? this.#perMinute : this.#filled(bucket, now);
  }

  #filled({ tokens, at }: Bucket, now: number): number {
    return Math.min(this.#perMinute, tokens + ((now - at) * this.#perMinute) / MINUTE);
  }

  /** Looks at all buckets each time their number has doubled: a constant cost for each token. */
  #sweep(now: number): void {
    if (this.#buckets.size < this.#nextSweep) return;
    for (const [key, bucket] of this.#buckets) {
      if (this.#filled(bucket, now) >= this.#perMinute) this.#buckets.delete(key);
    }
    this.#nextSweep = Math.max(FIRST_SWEEP, 2 * this.#buckets.size);
  }
}

interface Bucket {
  readonly tokens: number;
  /** When it had so many. */
  readonly at: number;
}

const MINUTE = 60_000;
const FIRST_SWEEP = 1024;
