// What the process that starts the tests tells the one that runs them, and hears back: two JSON files.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {object} Plan
 * @property {'tests' | 'ids' | 'static'} mode `tests`: each test tries the mutants that it comes by. `ids`: only tests
 * that carry an id try, and only the mutants of that id's row. `static`: one mutant is on from the beginning.
 * @property {Record<string, number>} offsets
 * @property {number[]} alive numbers of the mutants to try
 * @property {number[]} unexplained those of them that nothing explains: they are tried for longer
 * @property {number} files how many test files there are
 * @property {Record<string, number[]>} tags by id: the mutants of its row
 * @property {number} on the mutant of the mode `static`
 */

/**
 * @typedef {object} Outcome
 * @property {Record<string, string>} killed by number: the test that failed
 * @property {number[]} covered numbers that any test came by when it ran a second time
 * @property {number[]} seen numbers that were come by at all
 * @property {Record<string, { number: number, test: string, isCrude: boolean }>} shown by id: a mutant that its test killed; `isCrude`: a plain login notices it too
 * @property {string[]} unrepeatable tests that fail when they run a second time
 * @property {boolean} isComplete
 */

/** @param {string} file @returns {Plan} */
export const readPlan = (file) => JSON.parse(readFileSync(file, 'utf8'));
/** @param {string} file @returns {Outcome} */
export const readOutcome = (file) => JSON.parse(readFileSync(file, 'utf8'));
/** @param {string} file @param {Plan | Outcome} value */
export const write = (file, value) => writeFileSync(file, JSON.stringify(value));
