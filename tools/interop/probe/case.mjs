/**
 * @typedef {object} ProbeCase
 * @property {string} title unique
 * @property {string} clause of RFC 6120 where no other document is named
 * @property {(entity: import('./entity.mjs').Entity) => Promise<unknown>} run
 */

/**
 * @param {string} clause @param {string} title @param {ProbeCase['run']} run
 * @returns {ProbeCase}
 */
export const probe = (clause, title, run) => ({ clause, title, run });
