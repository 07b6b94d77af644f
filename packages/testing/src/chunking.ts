import { Prng } from './random.ts';

/** How many bytes {@link cuts} cuts at every place; longer inputs are cut at seeded places. */
export const EVERY_CUT_BYTES = 4096;

const SEEDED_RUNS = 64;

/** How bytes are cut on their way: in one piece, one by one, or at places that follow from a seed. */
export type Chunking = 'whole' | 'bytes' | 'random';

/**
 * The ways to cut an input that find most faults of stream parsers: whole, byte by byte, at every place in two up to 4 KiB and
 * 64 seeded ways above. The pieces are views on `bytes`.
 *
 * @example
 * ```ts
 * import { cuts } from '@xmpp-wire/testing';
 *
 * [...cuts(new Uint8Array(3))].length; // 4
 * ```
 */
export function* cuts(bytes: Uint8Array, seed: number = 1): Generator<readonly Uint8Array[]> {
  yield [bytes];
  yield chunk(bytes, 'bytes');
  if (bytes.length <= EVERY_CUT_BYTES) yield* everyTwoWayCut(bytes);
  else yield* seededCuts(bytes, SEEDED_RUNS, seed);
}

/** Every way to cut an input in two pieces that are not empty. */
export function* everyTwoWayCut(bytes: Uint8Array): Generator<readonly Uint8Array[]> {
  for (let at = 1; at < bytes.length; at++) yield cutAt(bytes, [at]);
}

/** So many ways to cut an input, each into a few pieces or many; the same seed cuts the same way. */
export function* seededCuts(bytes: Uint8Array, runs: number, seed: number = 1): Generator<readonly Uint8Array[]> {
  const prng = new Prng(seed);
  for (let run = 0; run < runs; run++) yield chunk(bytes, 'random', prng);
}

/** Cuts an input at these places; places outside and repeated ones make no piece. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let from = 0;
  for (const place of [...places].toSorted((left, right) => left - right)) {
    if (place <= from || place >= bytes.length) continue;
    pieces.push(bytes.subarray(from, place));
    from = place;
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from));
  return pieces;
}

/** Cuts one input. For `random` the generator decides first how fine it gets, then each length. */
export function chunk(bytes: Uint8Array, how: Chunking, prng: Prng = new Prng(1)): readonly Uint8Array[] {
  switch (how) {
    case 'whole':
      return bytes.length === 0 ? [] : [bytes];
    case 'bytes':
      return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    case 'random': {
      // Pieces of 1 to 1, 4, 16, 64 … bytes on average: trickle and gulps both occur.
      const longest = 4 ** prng.below(6);
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < bytes.length;) {
        const to = Math.min(bytes.length, from + prng.between(1, longest));
        pieces.push(bytes.subarray(from, to));
        from = to;
      }
      return pieces;
    }
  }
}
