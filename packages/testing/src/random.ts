/**
 * Randomness that is none: bytes that count up from `start`, the same at every run. For the `random` of an entity in a
 * test: stream IDs, nonces and ids stay what they are, so expected bytes can be written down.
 *
 * @example
 * ```ts
 * import { counter } from '@xmpp-wire/testing';
 *
 * const random = counter(7);
 * console.log(random(3)); // Uint8Array [ 7, 8, 9 ]
 * console.log(random(1)); // Uint8Array [ 10 ]
 * ```
 */
export function counter(start: number = 0): (length: number) => Uint8Array {
  let next = start;
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
}

/**
 * A small generator of numbers that look random and follow from the seed alone. It decides where bytes are cut and how
 * long things take; it is no source for keys.
 */
export class Prng {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0;
  }

  /** The next number, from 0 to 2^32 - 1. */
  next(): number {
    // A Weyl sequence whose terms are mixed well: each seed gives all 2^32 numbers before it repeats.
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A whole number from 0 to `bound - 1`; 0 when the bound is 0. */
  below(bound: number): number {
    return bound <= 0 ? 0 : Math.floor((this.next() / 0x1_0000_0000) * bound);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }
}
