// Waiting for what happens, and failing when it does not.
import assert from 'node:assert/strict';

const PATIENCE = 10_000;

/** Resolves once it is so; fails after a while. @param {string} what @param {() => boolean} isSo */
export async function until(what, isSo) {
  const deadline = performance.now() + PATIENCE;
  while (!isSo()) {
    if (performance.now() > deadline) assert.fail(`it did not come to this: ${what}`);
    await turn(5);
  }
}

/** The outcome of a promise that has to come; fails after a while. @template T @param {string} what @param {Promise<T>} promise @returns {Promise<T>} */
export async function within(what, promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `this took too long: ${what}` })), PATIENCE);
  });
  try {
    // What is raced with never resolves.
    return /** @type {T} */ (await Promise.race([promise, late]));
  } finally {
    clearTimeout(timer);
  }
}

/** What a promise is rejected with; fails if it is not. @param {Promise<unknown>} promise @returns {Promise<unknown>} */
export function rejection(promise) {
  return within(
    'a rejection',
    promise.then(
      () => assert.fail('it resolved'),
      (error) => error,
    ),
  );
}

/** @param {number} milliseconds */
export const turn = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Resolves when a number has not changed for a while. @param {() => number} value */
export async function untilStill(value) {
  let before = value();
  for (let still = 0; still < 15;) {
    await turn(10);
    const after = value();
    still = after === before ? still + 1 : 0;
    before = after;
  }
}
