import {
  InitiatingEntity,
  ReceivingEntity,
  type InitiatingAsk,
  type InitiatingConfig,
  type ReceivingAsk,
  type ReceivingConfig,
  type Security,
  type StreamPolicy,
} from '@xmpp-wire/core';
import { Accounts } from './accounts.ts';
import {
  initiatingAnswers,
  type AnswerSources,
  receivingAnswers,
  type InitiatingAnswers,
  type ReceivingAnswers,
} from './answers.ts';
import type { Chunking } from './chunking.ts';
import type { Fault, RoleName } from './faults.ts';
import {
  DEFAULT_DOMAIN,
  DEFAULT_PASSWORDS,
  initiatingConfig,
  receivingConfig,
  type Protection,
} from './default-config.ts';
import { PairEnd, type EndTrace, type PairEndSettings, type ReportedEvent } from './pair-end.ts';
import { Prng } from './random.ts';
import { record } from './record.ts';
import { TestClock } from './test-clock.ts';
import { draw, Wire, type Arrival, type Duration } from './wire.ts';

/** What a pair is like; everything has a default that works. */
export interface PairOptions {
  /** From which all latencies, cuts and delays follow. Default 1. */
  readonly seed?: number;
  /** From writing to arriving, for each write. Default 0. */
  readonly latency?: Duration;
  /** How bytes are cut on their way. Default `whole`. */
  readonly chunking?: Chunking;
  /** From an ask to its answer. Default 0. */
  readonly answerDelay?: Duration;
  /** TLS by STARTTLS (the default), before the stream, or below a connection that is trusted without it. */
  readonly tls?: Protection;
  /** The domain that is served. Default `im.example.com`. */
  readonly domain?: string;
  /** Default: one account, `juliet` with the password `R0m30`. */
  readonly accounts?: Accounts;
  /** Parts of the policy that the receiving entity hears. */
  readonly policy?: Partial<StreamPolicy>;
  /** Parts of the configurations. */
  readonly initiating?: Partial<InitiatingConfig>;
  readonly receiving?: Partial<ReceivingConfig>;
  /** Answers in place of the pair's own; `UNANSWERED` leaves an ask to the test. */
  readonly answers?: {
    readonly initiating?: Partial<InitiatingAnswers>;
    readonly receiving?: Partial<ReceivingAnswers>;
  };
  /** Called for each event when it was returned; may send, answer and close. */
  readonly onInitiatingEvent?: (event: ReportedEvent<'initiating'>, pair: Pair) => void;
  readonly onReceivingEvent?: (event: ReportedEvent<'receiving'>, pair: Pair) => void;
  /** What goes wrong on the way. */
  readonly faults?: readonly Fault[];
  /** Keep every call of both entities, see `recording` of each end. */
  readonly record?: boolean;
}

/**
 * Two entities joined in memory on a virtual clock. No time passes and nothing arrives but by {@link Pair.advanceTo},
 * {@link Pair.advanceBy} and {@link Pair.runUntilIdle}.
 */
export class Pair {
  readonly clock: TestClock = new TestClock();
  readonly initiating: InitiatingEnd;
  readonly receiving: PairEnd<'receiving'>;
  readonly #wires: Readonly<Record<RoleName, Wire>>;

  constructor(options: PairOptions) {
    const { latency = 0, chunking = 'whole', faults = [], seed = 1 } = options;
    const { clock } = this;
    const prng = new Prng(seed);
    const wire = (from: RoleName, end: () => { arrive(arrival: Arrival): void }): Wire =>
      new Wire({
        clock,
        prng,
        latency,
        chunking,
        faults: faults.filter((fault) => fault.from === from),
        deliver: (arrival) => end().arrive(arrival),
        onCut: () => this.cut(),
      });
    this.#wires = {
      initiating: wire('initiating', () => this.receiving),
      receiving: wire('receiving', () => this.initiating),
    };
    this.initiating = new InitiatingEnd(this.#initiatingEnd(options, prng));
    this.receiving = new PairEnd(this.#receivingEnd(options, prng));
    this.initiating.join(this.receiving);
    this.receiving.join(this.initiating);
    this.receiving.pump();
  }

  /** Milliseconds since the pair was made. */
  get now(): number {
    return this.clock.now;
  }

  /** Moves the clock; what is due until then happens, deadlines included. */
  advanceTo(time: number): void {
    this.#pump();
    this.clock.advanceTo(time);
  }

  /** Moves the clock by so many milliseconds. */
  advanceBy(duration: number): void {
    this.advanceTo(this.now + duration);
  }

  /** Moves the clock until nothing is on its way and no answer is due. Deadlines do not keep it going. */
  runUntilIdle(): void {
    this.#pump();
    this.clock.runUntilIdle();
  }

  /** Ends the connection in both directions; what is on its way still arrives. */
  cut(): void {
    this.#wires.initiating.end();
    this.#wires.receiving.end();
  }

  /** What both ends did, for comparing it with another run. */
  trace(): { readonly initiating: EndTrace; readonly receiving: EndTrace } {
    return { initiating: this.initiating.trace(), receiving: this.receiving.trace() };
  }

  // Calls that a test made on an entity itself have their consequences before time passes.
  #pump(): void {
    this.initiating.pump();
    this.receiving.pump();
  }

  #initiatingEnd(options: PairOptions, prng: Prng): PairEndSettings<'initiating'> {
    const { onInitiatingEvent } = options;
    const config = initiatingConfig(options.initiating, options.domain, options.tls);
    const answers: InitiatingAnswers = { ...initiatingAnswers(sourcesOf(options)), ...options.answers?.initiating };
    return {
      ...this.#common(options, prng, 'initiating', config.security),
      ...(options.record === true
        ? record('initiating', config)
        : { entity: new InitiatingEntity(config), recording: undefined }),
      // The map's type ties each answer to the ask of its name.
      answer: (ask) => (answers as UntypedAnswers)[ask.ask]?.(ask),
      onEvent: onInitiatingEvent && ((event) => onInitiatingEvent(event, this)),
    };
  }

  #receivingEnd(options: PairOptions, prng: Prng): PairEndSettings<'receiving'> {
    const { onReceivingEvent } = options;
    const config = receivingConfig(options.receiving, options.domain, options.tls);
    const answers: ReceivingAnswers = { ...receivingAnswers(sourcesOf(options)), ...options.answers?.receiving };
    return {
      ...this.#common(options, prng, 'receiving', config.security),
      ...(options.record === true
        ? record('receiving', config)
        : { entity: new ReceivingEntity(config), recording: undefined }),
      // The map's type ties each answer to the ask of its name.
      answer: (ask) => (answers as UntypedAnswers)[ask.ask]?.(ask),
      onEvent: onReceivingEvent && ((event) => onReceivingEvent(event, this)),
    };
  }

  #common<R extends RoleName>(
    options: PairOptions,
    prng: Prng,
    role: R,
    security: Security | undefined,
  ): CommonSettings<R> {
    const { answerDelay = 0, latency = 0 } = options;
    return {
      role,
      clock: this.clock,
      protectedFromStart: security?.kind === 'tls',
      answerDelay: () => draw(answerDelay, prng),
      // TLS takes a round trip.
      handshakeTime: () => draw(latency, prng) + draw(latency, prng),
      write: (bytes, layer) => this.#wires[role].write(bytes, layer),
      end: () => this.#wires[role].end(),
    };
  }
}

/** The end that begins. */
export class InitiatingEnd extends PairEnd<'initiating'> {
  /** Opens the stream. Its consequences need the clock to run. */
  open(): void {
    this.command(() => this.entity.open());
  }
}

/**
 * Joins an initiating and a receiving entity in memory. Without options they log in by STARTTLS and SCRAM, at once, with
 * the same bytes every time. Call `initiating.open()`, then let the clock run.
 *
 * @throws TypeError for an option that there is not.
 *
 * @example
 * ```ts
 * import { createPair } from '@xmpp-wire/testing';
 *
 * const pair = createPair({ latency: [5, 80], chunking: 'random', seed: 42 });
 * pair.initiating.open();
 * pair.runUntilIdle();
 * pair.initiating.event('established').jid.toString(); // 'juliet@im.example.com/balcony'
 * ```
 */
export function createPair(options: PairOptions = {}): Pair {
  refuseWhatIsNot(options);
  return new Pair(options);
}

// The compiler sees to it that this has all members and no other.
const OPTIONS: Readonly<Record<keyof PairOptions, true>> = {
  seed: true,
  latency: true,
  chunking: true,
  answerDelay: true,
  tls: true,
  domain: true,
  accounts: true,
  policy: true,
  initiating: true,
  receiving: true,
  answers: true,
  onInitiatingEvent: true,
  onReceivingEvent: true,
  faults: true,
  record: true,
};
const CHUNKINGS: readonly Chunking[] = ['whole', 'bytes', 'random'];
const PROTECTIONS: readonly Protection[] = ['starttls', 'direct', 'trusted'];

/** A test with a misspelled option would pass and show nothing. */
function refuseWhatIsNot(options: PairOptions): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(OPTIONS, name)) continue;
    throw new TypeError(`createPair() has no option '${name}'; there are ${Object.keys(OPTIONS).join(', ')}`);
  }
  const { chunking = 'whole', tls = 'starttls' } = options;
  if (!CHUNKINGS.includes(chunking)) {
    throw new TypeError(
      `'chunking' of createPair() is one of ${CHUNKINGS.join(', ')}, not ${JSON.stringify(chunking)}`,
    );
  }
  if (!PROTECTIONS.includes(tls)) {
    throw new TypeError(`'tls' of createPair() is one of ${PROTECTIONS.join(', ')}, not ${JSON.stringify(tls)}`);
  }
}

type CommonSettings<R extends RoleName> = Omit<PairEndSettings<R>, 'entity' | 'answer' | 'onEvent' | 'recording'>;
type UntypedAnswers = Readonly<Record<string, ((ask: InitiatingAsk | ReceivingAsk) => unknown) | undefined>>;

function sourcesOf({ accounts, domain, policy }: PairOptions): AnswerSources {
  return {
    accounts: accounts ?? new Accounts(DEFAULT_PASSWORDS),
    domain: domain ?? DEFAULT_DOMAIN,
    policy: policy ?? {},
  };
}
