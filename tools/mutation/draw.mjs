// Drawing by lot, the same for the same seed.

/** @template T @param {readonly T[]} list @param {number} count @param {number} seed @returns {T[]} `count` of them, in their own order */
export function drawn(list, count, seed) {
  const next = generator(seed);
  const marked = list.map((item, index) => ({ item, index, lot: next() }));
  return marked
    .toSorted((one, other) => one.lot - other.lot)
    .slice(0, count)
    .toSorted((one, other) => one.index - other.index)
    .map(({ item }) => item);
}

/** Mulberry32. @param {number} seed */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
