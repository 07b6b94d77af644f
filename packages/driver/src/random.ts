/** The cryptographic generator that every runtime has. */
export function webRandom(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** A number from 0 (included) to 1 (excluded), out of random bytes. */
export function drawFrom(random: (length: number) => Uint8Array): () => number {
  return () => {
    const bytes = random(4);
    return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
  };
}
