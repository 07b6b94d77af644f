const EMPTY = new Uint8Array(0);

/** A queue of received chunks. Nothing is copied; a chunk is referenced until it is taken. */
export class ReceiveBuffer {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  /** Puts a chunk at the end. It must not change until it was taken. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Takes the oldest chunk; undefined when there is none. */
  shift(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) this.#length -= chunk.length;
    return chunk;
  }

  /** Takes everything as one array that the caller owns, with `before` in front. */
  takeAll(before: Uint8Array = EMPTY): Uint8Array {
    const all = new Uint8Array(before.length + this.#length);
    all.set(before);
    let at = before.length;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks.length = 0;
    this.#length = 0;
    return all;
  }
}
