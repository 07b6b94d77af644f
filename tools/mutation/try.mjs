// Tries mutants on a number of processes at once; what becomes of one does not depend on the others.
import { MutationTests } from './tests.mjs';

/** @import { Numbered } from './mutants.mjs' */
/** @typedef {{ offsets: Record<string, number>, codes: ReadonlyMap<string, string>, mutants: readonly Numbered[] }} Code */
/** @typedef {{ killed: ReadonlyMap<Numbered, string>, seen: ReadonlySet<number>, unrepeatable: readonly string[] }} Tried */
/** @typedef {{ number: number, test: string, isCrude: boolean }} Shown */

export class Trials {
  #offsets;
  #mutants;
  #wanted;
  #workers;

  /** @param {Code} code @param {number} width how many processes @param {RegExp} wanted which test files */
  constructor({ offsets, codes, mutants }, width, wanted) {
    this.#wanted = wanted;
    this.#offsets = offsets;
    this.#mutants = mutants;
    this.#workers = Array.from({ length: width }, () => new MutationTests(codes));
  }

  /**
   * @param {readonly Numbered[]} chosen
   * @param {(mutant: Numbered) => boolean} isExplained whether it may go unnoticed
   * @param {boolean} isPatient whether what is loaded or computed once is tried too: with a run of the tests for each
   * @returns {Promise<Tried>}
   */
  async tryMutants(chosen, isExplained, isPatient) {
    const lively = chosen.filter(({ isStatic }) => !isStatic);
    const outcomes = await Promise.all(
      this.#workers.map(async (worker, index) => {
        const part = lively.filter((_, place) => place % this.#workers.length === index);
        const unexplained = numbersOf(part.filter((mutant) => !isExplained(mutant)));
        return this.#runAlone(worker, { ...this.#plan('tests'), alive: numbersOf(part), unexplained });
      }),
    );
    const killedBy = new Map(outcomes.flatMap(({ killed }) => Object.entries(killed)));
    const covered = new Set(outcomes.flatMap((outcome) => outcome.covered));
    const seen = new Set(outcomes.flatMap((outcome) => outcome.seen));
    /** @type {Map<Numbered, string>} */
    const killed = new Map();
    for (const mutant of lively) {
      const by = killedBy.get(String(mutant.number));
      if (by !== undefined) killed.set(mutant, by);
    }
    // What is loaded or computed once has to be changed before anything runs.
    const once = chosen.filter(
      (mutant) =>
        isPatient &&
        !killed.has(mutant) &&
        (mutant.isStatic || (seen.has(mutant.number) && !covered.has(mutant.number))),
    );
    await Promise.all(
      this.#workers.map(async (worker) => {
        for (let mutant = once.shift(); mutant !== undefined; mutant = once.shift()) {
          const by = await this.#killerOf(mutant, worker);
          if (by !== undefined) killed.set(mutant, by);
        }
      }),
    );
    return { killed, seen, unrepeatable: [...new Set(outcomes.flatMap(({ unrepeatable }) => unrepeatable))] };
  }

  /**
   * For each id a change of what implements its row that a test with this id notices.
   * @param {Readonly<Record<string, number[]>>} tags by id: the mutants of its row
   * @returns {Promise<Record<string, Shown>>}
   */
  async tryIds(tags) {
    // A function that does nothing at all is noticed by anybody: something finer has to be.
    const alive = numbersOf(this.#mutants.filter(({ kind, isStatic }) => kind !== 'body' && !isStatic));
    const outcomes = await Promise.all(
      this.#workers.map((worker, index) => {
        const part = Object.entries(tags).filter((_, place) => place % this.#workers.length === index);
        return this.#runAlone(worker, { ...this.#plan('ids'), alive, tags: Object.fromEntries(part) });
      }),
    );
    return Object.assign({}, ...outcomes.map(({ shown }) => shown));
  }

  async close() {
    await Promise.all(this.#workers.map((worker) => worker.close()));
  }

  /** @param {MutationTests} worker @param {Parameters<MutationTests['run']>[0]} plan */
  async #runAlone(worker, plan) {
    const { outcome, failed } = await worker.run(plan, this.#wanted);
    // A test that fails with no mutant says nothing about any.
    if (failed.length > 0 || !outcome.isComplete)
      throw new Error(`the tests fail by themselves: ${failed.slice(0, 3).join('; ')}`);
    return outcome;
  }

  /** @template {'tests' | 'ids' | 'static'} T @param {T} mode */
  #plan(mode) {
    /** @type {{ alive: number[], unexplained: number[], tags: Record<string, number[]> }} */
    const nothing = { alive: [], unexplained: [], tags: {} };
    return { mode, offsets: this.#offsets, on: 0, ...nothing };
  }

  /**
   * What runs while modules are loaded is there from the beginning or not at all: one run of the tests for each such
   * mutant. The tests of its own folder notice most; then those that go through everything.
   * @param {Numbered} mutant @param {MutationTests} worker @returns {Promise<string | undefined>}
   */
  async #killerOf({ number, folder }, worker) {
    for (const wanted of [new RegExp(`/test/${folder}/`), /\/test\/(conformance|negotiation|stanza|routing)\//]) {
      const { failed } = await worker.run({ ...this.#plan('static'), on: number }, wanted);
      if (failed[0] !== undefined) return failed[0];
    }
    return undefined;
  }
}

/** @param {readonly Numbered[]} mutants */
const numbersOf = (mutants) => mutants.map(({ number }) => number);
