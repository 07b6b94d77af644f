import { randomBytes } from 'node:crypto';

/** Node's cryptographic generator: the randomness of every connection unless another is passed. */
export function nodeRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

/** A number from 0 (included) to 1 (excluded), out of random bytes. */
export function drawFrom(random: (length: number) => Uint8Array): () => number {
  return () => {
    const bytes = random(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
  };
}
