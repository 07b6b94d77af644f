// What switches mutants on and off in the process that runs the tests, and watches where the tests come by.
import process from 'node:process';

/** The largest number of mutants that a run can have. */
const ROOM = 1 << 16;
/** Steps that any test may take on top of twenty times its own. */
const SPARE_STEPS = 200_000;

/** A mutant kept a loop going, in the code or in what calls it. */
export class EndlessLoop extends Error {}

export class Control {
  /** Numbers of mutants begin at these, by the path of their file. @type {Record<string, number>} */
  offsets;
  active = 0;
  #stamp = 1;
  #seen = new Uint32Array(ROOM);
  /** @type {number[]} */
  #covered = [];
  #steps = 0;
  #mostSteps = Infinity;

  /** @param {Record<string, number>} offsets */
  constructor(offsets) {
    this.offsets = offsets;
  }

  /** For the instrumented code: tells whether a mutant of this file is switched on. @param {string} path */
  switchesOf(path) {
    const offset = this.offsets[path] ?? ROOM - 1;
    return (/** @type {number} */ id) => {
      const number = offset + id;
      this.tick();
      if (number === this.active) return true;
      if (this.#seen[number] !== this.#stamp) {
        this.#seen[number] = this.#stamp;
        this.#covered.push(number);
      }
      return false;
    };
  }

  /** Numbers that were come by at any time: also while modules were loaded, and what is computed once and kept. */
  get everSeen() {
    return [...this.#seen.keys()].filter((number) => this.#seen[number] !== 0);
  }

  /** One step: a turn of a loop, or a place where a mutant could be. */
  tick = () => {
    this.#steps += 1;
    if (this.#steps > this.#mostSteps) throw new EndlessLoop('a loop that does not end');
  };

  /** Runs something without any mutant; says which mutants it came by, and how many steps it took, and the time of the processor in milliseconds. @param {() => unknown} body */
  async watch(body) {
    this.#stamp += 1;
    this.#covered = [];
    this.#steps = 0;
    this.#mostSteps = Infinity;
    const begun = process.cpuUsage();
    await body();
    const { user, system } = process.cpuUsage(begun);
    return { covered: this.#covered, steps: this.#steps, time: (user + system) / 1000 };
  }

  /** Whether something fails with this mutant. @param {number} number @param {number} steps as many as it takes without @param {() => unknown} body */
  async kills(number, steps, body) {
    this.active = number;
    this.#steps = 0;
    this.#mostSteps = 20 * steps + SPARE_STEPS;
    try {
      await body();
      return false;
    } catch {
      return true;
    } finally {
      this.active = 0;
      this.#mostSteps = Infinity;
    }
  }

  /** Leaves a mutant switched on for good. @param {number} number */
  switchOn(number) {
    this.active = number;
    this.#mostSteps = 300_000_000;
  }
}
