import type {
  Ask,
  AskName,
  Ended,
  InitiatingAsk,
  InitiatingEntity,
  InitiatingEvent,
  NeedInput,
  Paused,
  ReceivingAsk,
  ReceivingEntity,
  ReceivingEvent,
  Stanza,
  StreamErrorFields,
  TlsFacts,
} from '@xmpp-wire/core';
import { utf8Decode } from '@xmpp-wire/core/adapter';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { UNANSWERED } from './answers.ts';
import type { RoleName } from './faults.ts';
import type { Recording } from './recording.ts';
import type { TestClock } from './test-clock.ts';
import { describeValue } from './values.ts';
import type { Arrival } from './wire.ts';

/** What belongs to each role. */
export interface RoleTypes {
  readonly initiating: {
    readonly entity: InitiatingEntity;
    readonly event: InitiatingEvent;
    readonly ask: InitiatingAsk;
  };
  readonly receiving: { readonly entity: ReceivingEntity; readonly event: ReceivingEvent; readonly ask: ReceivingAsk };
}

/** The events of a role that tell something; the ones that say how to go on are not kept. */
export type ReportedEvent<R extends RoleName> = Exclude<RoleTypes[R]['event'], NeedInput | Paused | Ended>;

/** What one end of a pair did, for comparing runs. */
export interface EndTrace {
  /** Everything it wrote. */
  readonly output: string;
  /** Its events with all they carry, each as JSON. */
  readonly events: readonly string[];
}

export interface PairEndSettings<R extends RoleName> {
  readonly role: R;
  readonly entity: RoleTypes[R]['entity'];
  readonly clock: TestClock;
  /** TLS is up before the stream begins. */
  readonly protectedFromStart: boolean;
  readonly answer: (ask: InitiatingAsk | ReceivingAsk) => unknown;
  readonly answerDelay: () => number;
  readonly handshakeTime: () => number;
  readonly write: (bytes: Uint8Array, layer: 'clear' | 'tls') => void;
  readonly end: () => void;
  readonly onEvent: ((event: ReportedEvent<R>) => void) | undefined;
  readonly recording: Recording | undefined;
}

/** Where the transport of an end is. `handshaking`: the connection belongs to TLS, until the ask is answered. */
type Transport =
  | { readonly is: 'clear' | 'protected' | 'closed' }
  | {
      readonly is: 'handshaking';
      readonly ask: AnyAsk;
      readonly facts: TlsFacts | undefined;
      readonly arranged: boolean;
    };

/** What an end needs of the other. */
interface Peer {
  /** Whether it has come as far as TLS. */
  readonly speaksTls: boolean;
  shakeHands(): void;
}

type AnyAsk = InitiatingAsk | ReceivingAsk;
type AnyEvent = InitiatingEvent | ReceivingEvent;

/**
 * One end of a pair: an entity with the adapter that a test needs. It pumps as adapters have to: events and output until
 * there are no more, reading stopped before anything is written at a `start-tls` ask, one timer.
 *
 * Over 300 lines because the whole contract of an adapter is kept here, in one loop that can be read from end to end.
 */
export class PairEnd<R extends RoleName> {
  readonly role: R;
  readonly entity: RoleTypes[R]['entity'];
  /** Everything the entity reported, in order. */
  readonly events: readonly ReportedEvent<R>[];
  /** Every call of the entity, when the pair was made with `record: true`. */
  readonly recording: Recording | undefined;
  readonly #settings: PairEndSettings<R>;
  readonly #events: ReportedEvent<R>[] = [];
  readonly #written: Uint8Array[] = [];
  readonly #inbox: Arrival[] = [];
  #peer: Peer | undefined;
  #transport: Transport;
  #pumping = false;
  #wasProtected = false;
  #alarm = Number.POSITIVE_INFINITY;

  constructor(settings: PairEndSettings<R>) {
    this.role = settings.role;
    this.entity = settings.entity;
    this.events = this.#events;
    this.recording = settings.recording;
    this.#settings = settings;
    this.#transport = { is: settings.protectedFromStart ? 'protected' : 'clear' };
  }

  /** @internal Called once by the pair. */
  join(peer: Peer): void {
    this.#peer = peer;
  }

  /** Whether TLS is up, being negotiated, or the connection is over. */
  get transport(): 'clear' | 'handshaking' | 'protected' | 'closed' {
    return this.#transport.is;
  }

  /** Everything the entity wrote, over all its streams. */
  get written(): Uint8Array {
    const all = new Uint8Array(this.#written.reduce((sum, each) => sum + each.length, 0));
    let at = 0;
    for (const each of this.#written) {
      all.set(each, at);
      at += each.length;
    }
    return all;
  }

  /** The last event that told something. */
  last(): ReportedEvent<R> | undefined {
    return this.#events.at(-1);
  }

  /**
   * The last event of this type.
   *
   * @throws Error that says what happened instead when there is none.
   */
  event<T extends ReportedEvent<R>['type']>(type: T): Extract<ReportedEvent<R>, { readonly type: T }> {
    const found = this.#events.findLast((event) => event.type === type);
    // Its type was compared in the line above; an array does not narrow by that.
    if (found !== undefined) return found as Extract<ReportedEvent<R>, { readonly type: T }>;
    const happened = this.#events.map((event) => event.type).join(', ') || 'nothing';
    throw new Error(
      `the ${this.role} entity is in phase ${this.entity.phase} and has reported no ${type}, but ${happened}; last: ${describeValue(this.last())}`,
    );
  }

  /**
   * The last ask of this name, answered or not.
   *
   * @throws Error when it was never asked.
   */
  ask<N extends RoleTypes[R]['ask']['ask']>(name: N): Extract<RoleTypes[R]['ask'], { readonly ask: N }> {
    const found = this.#events.findLast((event) => event.type === 'ask' && event.ask === name);
    if (found === undefined)
      throw new Error(`the ${this.role} entity has not asked ${name}; it is in phase ${this.entity.phase}`);
    // Its name was compared above.
    return found as unknown as Extract<RoleTypes[R]['ask'], { readonly ask: N }>;
  }

  /** Sends a stanza; false when it is too late. */
  send(stanza: Stanza): boolean {
    return this.command(() => this.entity.send(stanza));
  }

  /** Sends a first-level element of an extension; false when it is too late. */
  sendElement(element: XmlElement): boolean {
    return this.command(() => this.entity.sendElement(element));
  }

  /** Closes the stream, with a stream error if one is given. */
  close(reason?: StreamErrorFields): void {
    this.command(() => this.entity.close(reason));
  }

  /** Answers an ask that the pair left open; false when it has lapsed. */
  answer<A>(ask: RoleTypes[R]['ask'] & Ask<AskName, A>, answer: NoInfer<A>): boolean {
    const accepted = this.#resolve(ask, answer);
    this.pump();
    return accepted;
  }

  /** Does something with the entity and then all that follows from it: any call that this object has no member for. */
  command<Result>(call: () => Result): Result {
    const result = call();
    this.pump();
    return result;
  }

  /** What this end did, for comparing it with another run. */
  trace(): EndTrace {
    // Entities write UTF-8 and nothing else.
    return { output: utf8Decode(this.written) ?? '', events: this.#events.map(describeValue) };
  }

  /** @internal */
  get speaksTls(): boolean {
    return this.#wasProtected || (this.#transport.is === 'handshaking' && this.#transport.facts !== undefined);
  }

  /** @internal TLS needs both ends; each is through after a time of its own. */
  shakeHands(): void {
    const transport = this.#transport;
    if (transport.is !== 'handshaking' || transport.facts === undefined || transport.arranged) return;
    if (this.#peer?.speaksTls !== true) return;
    const { ask, facts } = transport;
    const arranged: Transport = { ...transport, arranged: true };
    this.#transport = arranged;
    this.#settings.clock.after(this.#settings.handshakeTime() + this.#settings.answerDelay(), () => {
      // It may have failed at either end, or have been closed, while it was under way.
      if (this.#transport !== arranged || this.#peer?.speaksTls !== true) return;
      this.#resolve(ask, facts);
      this.pump();
    });
  }

  /** Something comes out of the wire: what the other end sent, or what a test wants to arrive at this moment. */
  arrive(arrival: Arrival): void {
    this.#inbox.push(arrival);
    this.#read();
  }

  /** Events and output, until there is nothing left to say. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        const event: AnyEvent = this.entity.nextEvent();
        // Stop reading before anything is written: what comes now is TLS.
        if (event.type === 'ask' && event.ask === 'start-tls')
          this.#transport = { is: 'handshaking', ask: event, facts: undefined, arranged: false };
        this.#write();
        if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
        this.#act(event);
      }
    } finally {
      this.#pumping = false;
    }
    this.#arm();
    this.#read();
  }

  #write(): void {
    const output = this.entity.takeOutput();
    if (output === undefined) return;
    this.#written.push(output);
    this.#settings.write(output, this.#transport.is === 'protected' ? 'tls' : 'clear');
  }

  #act(event: Exclude<AnyEvent, NeedInput | Paused | Ended>): void {
    // An entity of role R emits the events of role R.
    const reported = event as ReportedEvent<R>;
    this.#events.push(reported);
    if (event.type === 'closed') {
      this.#transport = { is: 'closed' };
      this.#settings.end();
    }
    this.#settings.onEvent?.(reported);
    if (event.type === 'ask') this.#ask(event);
  }

  #ask(ask: AnyAsk): void {
    const value = this.#settings.answer(ask);
    if (value === UNANSWERED) return;
    if (ask.ask === 'start-tls' && value !== 'failed') {
      // The answers of a pair are typed by their asks, and this one is no 'failed'.
      this.#transport = { is: 'handshaking', ask, facts: value as TlsFacts, arranged: false };
      this.shakeHands();
      this.#peer?.shakeHands();
      return;
    }
    this.#answerIn(this.#settings.answerDelay(), ask, value);
  }

  #answerIn(delay: number, ask: AnyAsk, value: unknown): void {
    if (delay === 0 && this.#pumping) {
      this.#resolve(ask, value);
      return;
    }
    this.#settings.clock.after(delay, () => {
      this.#resolve(ask, value);
      this.pump();
    });
  }

  #resolve(ask: AnyAsk, value: unknown): boolean {
    // Whoever calls ties the value to the ask: the map of answers by its type, answer() by its own.
    const answer = this.entity.answer.bind(this.entity) as (ask: AnyAsk, value: unknown) => boolean;
    if (this.#transport.is !== 'handshaking') return answer(ask, value);
    // The ask that is open is the one for TLS.
    const before = this.#transport;
    this.#transport = { is: value === 'failed' ? 'closed' : 'protected' };
    try {
      const taken = answer(ask, value);
      this.#wasProtected = value !== 'failed';
      return taken;
    } catch (error) {
      this.#transport = before;
      throw error;
    } finally {
      this.#peer?.shakeHands();
    }
  }

  /** Gives the entity what has arrived, as far as it wants any. */
  #read(): void {
    if (this.#pumping) return;
    for (let arrival = this.#inbox[0]; arrival !== undefined; arrival = this.#inbox[0]) {
      if (!this.#take(arrival)) return;
    }
  }

  /** False when it has to wait. */
  #take(arrival: Arrival): boolean {
    const { now } = this.#settings.clock;
    const transport = this.#transport;
    if (transport.is === 'closed') {
      this.#inbox.length = 0;
      return true;
    }
    if (arrival.type === 'bytes' && transport.is === 'handshaking' && arrival.layer === 'tls') return false;
    if (transport.is === 'handshaking' && transport.facts !== undefined) {
      // Clear bytes, or nothing more, where TLS expects its peer: the handshake fails.
      this.#inbox.shift();
      this.#resolve(transport.ask, 'failed');
    } else if (arrival.type === 'eof' || (arrival.layer === 'clear') !== (transport.is !== 'protected')) {
      // Bytes that are not TLS break TLS, and with it the connection.
      this.#inbox.shift();
      this.entity.receiveEof(now);
    } else {
      if (transport.is !== 'handshaking' && !this.entity.wantsInput) return false;
      this.#inbox.shift();
      this.entity.receive(arrival.bytes, now);
    }
    this.pump();
    return true;
  }

  /** One timer. It is set anew only where the deadline comes nearer; when it rings too early, it is set again. */
  #arm(): void {
    const { clock } = this.#settings;
    const deadline = this.entity.nextTimeout(clock.now);
    if (deadline === undefined || deadline >= this.#alarm) return;
    this.#alarm = deadline;
    const ring = (): void => {
      if (this.#alarm !== deadline) return;
      this.#alarm = Number.POSITIVE_INFINITY;
      const due = this.entity.nextTimeout(clock.now);
      if (due !== undefined && due <= clock.now) this.command(() => this.entity.handleTimeout(clock.now));
      else this.#arm();
    };
    clock.at(deadline, ring, { background: true });
  }
}
