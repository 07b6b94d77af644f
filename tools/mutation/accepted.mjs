// Why a change goes unnoticed where that is all right. The first rule that fits gives the reason.

/** @import { Numbered } from './mutants.mjs' */
/** @typedef {{ path?: RegExp, original?: RegExp, replacement?: RegExp, reason: string }} Rule */

/** @type {readonly Rule[]} */
const RULES = [];

/** @param {Numbered} mutant @returns {string | undefined} */
export const reasonFor = (mutant) =>
  RULES.find(
    ({ path = /./, original = /^/, replacement = /^/ }) =>
      path.test(mutant.path) && original.test(mutant.original) && replacement.test(mutant.replacement),
  )?.reason;
