// What a run reached that none had reached before.

const ROOM = 1 << 16;
const BUCKETS = 9;

/** The counters of all instrumented modules of this process. */
export class Coverage {
  #counts = new Uint32Array(ROOM);
  /** Of each counter and bucket: the length of the shortest input that got there, and 1. */
  #shortest = new Uint16Array(ROOM * BUCKETS);
  #used = 0;

  /** For the instrumented code. @param {number} count */
  take(count) {
    this.#used += count;
    if (this.#used > ROOM) throw new Error('there is no room for so many counters');
    return this.#counts.subarray(this.#used - count, this.#used);
  }

  /** How many places there are, and how many were reached. */
  get extent() {
    const places = Array.from({ length: this.#used }, (_, at) =>
      this.#shortest.subarray(at * BUCKETS, (at + 1) * BUCKETS),
    );
    return { all: this.#used, reached: places.filter((each) => each.some((length) => length > 0)).length };
  }

  begin() {
    this.#counts.fill(0, 0, this.#used);
  }

  /** Whether the run since `begin` went where none had gone, or another number of times, or with much less. @param {number} length of the input */
  end(length) {
    let isNew = false;
    for (let at = 0; at < this.#used; at++) {
      const count = this.#counts[at] ?? 0;
      if (count === 0) continue;
      // 1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more.
      const bucket = count < 4 ? count : count < 128 ? Math.min(7, 33 - Math.clz32(count)) : 8;
      const place = at * BUCKETS + bucket;
      const known = this.#shortest[place] ?? 0;
      if (known > 0 && length + 1 > known * 0.75) continue;
      this.#shortest[place] = length + 1;
      isNew = true;
    }
    return isNew;
  }
}

/** For the instrumented code. */
export function endless() {
  throw new Error('a loop that does not end');
}
