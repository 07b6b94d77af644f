// What switches mutants on and off in the process that runs the tests, and watches where the tests come by.

/** The largest number of mutants that a run can have. */
const ROOM = 1 << 16;
/** Turns of loops that any test may take on top of twenty times its own. */
const SPARE_TURNS = 200_000;

/** A mutant kept a loop going. */
export class EndlessLoop extends Error {}

export class Control {
  /** Numbers of mutants begin at these, by the path of their file. @type {Record<string, number>} */
  offsets;
  active = 0;
  #stamp = 1;
  #seen = new Uint32Array(ROOM);
  /** @type {number[]} */
  #covered = [];
  #turns = 0;
  #mostTurns = Infinity;

  /** @param {Record<string, number>} offsets */
  constructor(offsets) {
    this.offsets = offsets;
  }

  /** For the instrumented code: tells whether a mutant of this file is switched on. @param {string} path */
  switchesOf(path) {
    const offset = this.offsets[path] ?? ROOM - 1;
    return (/** @type {number} */ id) => {
      const number = offset + id;
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

  /** For the instrumented code: one turn of a loop. */
  tick = () => {
    this.#turns += 1;
    if (this.#turns > this.#mostTurns) throw new EndlessLoop('a loop that does not end');
  };

  /** Runs something without any mutant; says which mutants it came by, and how many turns its loops took. @param {() => unknown} body */
  async watch(body) {
    this.#stamp += 1;
    this.#covered = [];
    this.#turns = 0;
    this.#mostTurns = Infinity;
    const begun = performance.now();
    await body();
    return { covered: this.#covered, turns: this.#turns, time: performance.now() - begun };
  }

  /** Whether something fails with this mutant. @param {number} number @param {number} turns as many as it takes without @param {() => unknown} body */
  async kills(number, turns, body) {
    this.active = number;
    this.#turns = 0;
    this.#mostTurns = 20 * turns + SPARE_TURNS;
    try {
      await body();
      return false;
    } catch {
      return true;
    } finally {
      this.active = 0;
      this.#mostTurns = Infinity;
    }
  }

  /** Leaves a mutant switched on for good. @param {number} number */
  switchOn(number) {
    this.active = number;
    this.#mostTurns = 2_000_000_000;
  }
}
