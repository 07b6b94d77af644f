import { utf8Encode } from '@xmpp-wire/core/adapter';
import type { Fault, Outcome } from './faults.ts';

interface Waiting {
  readonly fault: Fault;
  /** For a fault behind a text: its bytes, and how many of them the last bytes written match. */
  readonly text: Uint8Array | undefined;
  matched: number;
}

/** Leads the bytes of one direction past the faults that wait for them. */
export class FaultLine {
  #waiting: readonly Waiting[];
  #passed = 0;
  #dropping = 0;
  #corrupting: Extract<Fault, { readonly fault: 'corrupt' }> | undefined;
  #ended = false;

  constructor(faults: readonly Fault[]) {
    this.#waiting = faults.map((fault) => ({
      fault,
      text: typeof fault.at === 'string' ? utf8Encode(fault.at) : undefined,
      matched: 0,
    }));
  }

  /** What becomes of the next bytes. After an end nothing comes of any. */
  pass(bytes: Uint8Array): readonly Outcome[] {
    if (this.#ended) return [];
    if (this.#waiting.length === 0 && this.#dropping === 0 && this.#corrupting === undefined) {
      return bytes.length === 0 ? [] : [{ type: 'bytes', bytes }];
    }
    const outcomes: Outcome[] = [];
    const run: number[] = [];
    const flush = (): void => {
      if (run.length > 0) outcomes.push({ type: 'bytes', bytes: Uint8Array.from(run.splice(0)) });
    };
    for (const byte of bytes) {
      this.#strike(this.#dueBefore(), run, flush, outcomes);
      if (this.#ended) break;
      if (this.#dropping > 0) this.#dropping -= 1;
      else run.push(this.#corrupted(byte));
      this.#passed += 1;
      this.#strike(this.#dueBehind(byte), run, flush, outcomes);
      if (this.#ended) break;
    }
    flush();
    return outcomes;
  }

  /** Faults whose place is before the byte that comes now. */
  #dueBefore(): readonly Waiting[] {
    return this.#waiting.filter(({ fault }) => fault.at === this.#passed);
  }

  /** Faults whose text ends with the byte that has just gone. */
  #dueBehind(byte: number): readonly Waiting[] {
    return this.#waiting.filter((waiting) => {
      const { text } = waiting;
      if (text === undefined) return false;
      waiting.matched = advance(text, waiting.matched, byte);
      return waiting.matched === text.length;
    });
  }

  #strike(due: readonly Waiting[], run: number[], flush: () => void, outcomes: Outcome[]): void {
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !due.includes(waiting));
    for (const { fault } of due) {
      switch (fault.fault) {
        case 'cut':
        case 'half-close':
          flush();
          outcomes.push({ type: 'end', both: fault.fault === 'cut' });
          this.#ended = true;
          return;
        case 'stall':
          flush();
          outcomes.push({ type: 'pause', for: fault.for ?? Number.POSITIVE_INFINITY });
          break;
        case 'drop':
          this.#dropping += fault.bytes;
          break;
        case 'corrupt':
          this.#corrupting = fault;
          break;
        case 'inject':
          if (fault.apart === true) flush();
          run.push(...(typeof fault.bytes === 'string' ? utf8Encode(fault.bytes) : fault.bytes));
          if (fault.apart === true) flush();
          break;
      }
    }
  }

  #corrupted(byte: number): number {
    const fault = this.#corrupting;
    if (fault === undefined) return byte;
    this.#corrupting = undefined;
    return fault.to ?? byte ^ 1;
  }
}

/** How many bytes of `text` match once `byte` has come behind `matched` of them. */
function advance(text: Uint8Array, matched: number, byte: number): number {
  for (let length = matched; length >= 0; length--) {
    if (text[length] !== byte) continue;
    // The longest shorter match that goes on: its beginning is the end of what was matched.
    if (text.subarray(0, length).every((each, at) => each === text[matched - length + at])) return length + 1;
  }
  return 0;
}
