// The assertions of examples, see claims.mjs.
import assert from 'node:assert';

/** @param {unknown} actual @param {unknown} expected @param {number} line */
export function equals(actual, expected, line) {
  // Instances of classes may be written as plain objects, so prototypes do not count below the first level.
  const compare = typeof expected === 'object' && expected !== null ? assert.deepEqual : assert.strictEqual;
  try {
    compare(actual, expected);
  } catch (error) {
    throw new Error(`line ${line}: the value is not the one in the comment`, { cause: error });
  }
}

/** @param {() => Promise<unknown>} work @param {string} name of the error or its code @param {number} line */
export async function throws(work, name, line) {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error && (error.name === name || error.constructor.name === name)) return;
    throw new Error(`line ${line}: another error than ${name} was thrown`, { cause: error });
  }
  throw new Error(`line ${line}: nothing was thrown`);
}
