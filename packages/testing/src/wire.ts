import { chunk, type Chunking } from './chunking.ts';
import { FaultLine } from './fault-line.ts';
import type { Fault } from './faults.ts';
import type { Prng } from './random.ts';
import type { TestClock } from './test-clock.ts';

/** A length of time: always the same, or drawn anew each time from a range with both ends included. */
export type Duration = number | readonly [least: number, most: number];

/** One arrival at the end of a wire. `layer` says whether the sender had TLS up when it wrote. */
export type Arrival =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly layer: 'clear' | 'tls' }
  | { readonly type: 'eof' };

export interface WireSettings {
  readonly clock: TestClock;
  readonly prng: Prng;
  readonly latency: Duration;
  readonly chunking: Chunking;
  readonly faults: readonly Fault[];
  readonly deliver: (arrival: Arrival) => void;
  /** The connection was cut on the way: the other direction ends too. */
  readonly onCut: () => void;
}

/** One direction of a connection: bytes arrive in order, in pieces, late, and not always unharmed. */
export class Wire {
  readonly #settings: WireSettings;
  readonly #faultLine: FaultLine;
  #lastArrival = 0;
  #ended = false;

  constructor(settings: WireSettings) {
    this.#settings = settings;
    this.#faultLine = new FaultLine(settings.faults);
  }

  write(bytes: Uint8Array, layer: 'clear' | 'tls'): void {
    if (this.#ended) return;
    const { chunking, prng } = this.#settings;
    for (const outcome of this.#faultLine.pass(bytes)) {
      switch (outcome.type) {
        case 'bytes':
          for (const piece of chunk(outcome.bytes, chunking, prng))
            this.#arrive({ type: 'bytes', bytes: piece, layer });
          break;
        case 'pause':
          this.#lastArrival = Math.max(this.#lastArrival, this.#settings.clock.now) + outcome.for;
          break;
        case 'end':
          this.end();
          if (outcome.both) this.#settings.onCut();
          break;
      }
    }
  }

  /** Nothing more comes from the sender. What is on its way arrives before that does. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#arrive({ type: 'eof' });
  }

  #arrive(arrival: Arrival): void {
    const { clock, deliver, latency, prng } = this.#settings;
    const at = Math.max(this.#lastArrival, clock.now + draw(latency, prng));
    this.#lastArrival = at;
    // After a stall without an end.
    if (at === Number.POSITIVE_INFINITY) return;
    clock.at(at, () => deliver(arrival));
  }
}

/** A time within a duration. */
export function draw(duration: Duration, prng: Prng): number {
  return typeof duration === 'number' ? duration : prng.between(duration[0], duration[1]);
}
