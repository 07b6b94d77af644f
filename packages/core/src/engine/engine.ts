import { LocalProtocolError, unreachable } from '../errors.ts';
import {
  ENDED,
  NEED_INPUT,
  PAUSED,
  type CloseCause,
  type Closed,
  type CommonEvent,
  type Milliseconds,
  type TimerName,
} from '../events.ts';
import { STREAM_NS } from '../namespaces.ts';
import type { Ask, AskName, InitiatingAsk, ReceivingAsk } from '../negotiation/asks.ts';
import type { AskMove, Move } from '../negotiation/move.ts';
import type { Framing } from '../stream/framing.ts';
import { readStreamError, streamErrorElement, type StreamErrorFields } from '../stream/stream-error.ts';
import { streamHeaderElement, type OwnStreamHeader } from '../stream/stream-header.ts';
import { VIOLATIONS, type Violation } from '../stream/violations.ts';
import type { TraceEntry, TraceHook } from '../trace.ts';
import type { XmlElement, XmlStreamEvent } from '../xml/index.ts';
import type { EntityDescription } from './description.ts';
import type { Phase } from './phases.ts';
import { redact } from './redact.ts';
import { Timers } from './timers.ts';

/** What one role adds to the engine. It decides; the engine reads, writes, asks, times and closes. */
export interface Role {
  /** Where the role is while the stream is open. */
  readonly phase: Phase;
  /** The language our texts are in. */
  readonly lang: string;
  /** Bytes of unparsed input that are welcome now. */
  readonly inputBudget: number;
  onHeader(element: XmlElement): void;
  /** A first-level element that is no stream error. */
  onElement(element: XmlElement): void;
  /** A feature's negotiation has come to a result. */
  onMove(move: Extract<Move['next'], { readonly type: 'await' | 'done' | 'rejected' | 'ask' }>): void;
  /** A stream error has to be sent: make sure that our header stands before it (RFC 6120 §4.9.1.2). */
  writeMissingHeader(): void;
}

/** The life of a stream beside its negotiation. */
type Life =
  | { readonly is: 'open' }
  /** Our closing tag is sent, theirs is awaited (RFC 6120 §4.4). */
  | { readonly is: 'closing'; readonly cause: CloseCause }
  /** Their closing tag came first; ours goes out with the next `nextEvent`. */
  | { readonly is: 'answering-close' }
  | { readonly is: 'closed' };

/** An ask that waits for its answer. */
interface OpenAsk {
  readonly event: InitiatingAsk | ReceivingAsk;
  readonly move: AskMove;
}

export interface EngineSettings {
  readonly framing: Framing;
  readonly maxBufferedInput: number;
  readonly closingTimeout: Milliseconds | undefined;
  readonly onTrace: TraceHook | undefined;
}

export type EngineTimer = TimerName | 'keepalive';
/** What an engine reports: the events of both roles. */
export type EngineEvent =
  | CommonEvent
  | InitiatingAsk
  | ReceivingAsk
  | { readonly type: 'features'; readonly features: XmlElement };

/**
 * The half of an entity that both roles share: input and output, events, asks, timers, closing. One engine is one
 * connection; it lives across stream restarts and is never used again.
 *
 * Over 300 lines because the contract's eleven rules meet here and nowhere else; each is marked where it is kept.
 */
export class Engine {
  readonly framing: Framing;
  readonly timers: Timers<EngineTimer> = new Timers<EngineTimer>();
  readonly #settings: EngineSettings;
  readonly #events: EngineEvent[] = [];
  /** Asks that were handed out and are no longer open. */
  readonly #pastAsks = new WeakMap<object, 'answered' | 'lapsed'>();
  #role: Role | undefined;
  #life: Life = { is: 'open' };
  #openAsk: OpenAsk | undefined;
  #eof = false;
  #now: Milliseconds | undefined;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.framing = settings.framing;
  }

  /** Called once, by the role's constructor. */
  attach(role: Role): void {
    this.#role = role;
  }

  get role(): Role {
    if (this.#role === undefined) throw new Error('xmpp-wire has a bug: an engine without a role');
    return this.#role;
  }

  get phase(): Phase {
    switch (this.#life.is) {
      case 'open':
        return this.role.phase;
      case 'closing':
      case 'answering-close':
        return 'closing';
      case 'closed':
        return 'closed';
      default:
        return unreachable(this.#life, 'phase');
    }
  }

  get isOpen(): boolean {
    return this.#life.is === 'open';
  }

  /** Whether stanzas still go out: also between the peer's closing tag and ours (RFC 6120 §4.4). */
  get takesStanzas(): boolean {
    return this.#life.is === 'open' || this.#life.is === 'answering-close';
  }

  get wantsInput(): boolean {
    if (this.#life.is === 'closed' || this.#openAsk?.move.silence !== undefined) return false;
    return this.framing.bufferedInput < this.role.inputBudget;
  }

  // --- inputs from the world

  receive(bytes: Uint8Array, now: Milliseconds): void {
    this.#tick(now);
    if (bytes.length === 0 || this.#life.is === 'closed') return;
    this.timers.refresh('idle', now);
    this.timers.refresh('keepalive', now);
    // Rule 7, RFC 6120 §5.4.3.1: between <proceed/> and the end of the TLS negotiation no byte belongs to XMPP.
    if (this.#openAsk?.move.silence !== undefined) {
      this.violate(
        'bytes-during-tls-negotiation',
        `${bytes.length} bytes arrived in clear while the transport was being handed to TLS`,
      );
      return;
    }
    // Rule 2: stored always, up to a hard bound.
    if (this.framing.bufferedInput + bytes.length > 2 * this.#settings.maxBufferedInput) {
      this.violate(
        'input-overrun',
        `more than ${2 * this.#settings.maxBufferedInput} bytes of input wait; stop reading while wantsInput is false`,
      );
      return;
    }
    this.framing.receive(bytes);
  }

  receiveEof(now: Milliseconds): void {
    this.#tick(now);
    if (this.#life.is === 'closed' || this.#eof) return;
    this.#eof = true;
    // Rule 6: the end of the connection does not wait for an answer.
    if (this.#openAsk !== undefined) this.#endOfInput();
  }

  handleTimeout(now: Milliseconds): void {
    this.#tick(now);
    for (const name of this.timers.expired(now)) {
      if (this.#life.is === 'closed') return;
      this.#timedOut(name, now);
    }
  }

  // --- commands

  close(reason: StreamErrorFields | undefined): void {
    if (this.#life.is === 'closing' || this.#life.is === 'closed') return;
    // First of all, because it throws when the reason cannot be written.
    const error = reason === undefined ? undefined : streamErrorElement(reason, this.role.lang);
    const cause: CloseCause = { code: 'closed-locally', reason };
    // Rule 7: inside the TLS negotiation there is no stream to close.
    if (this.#openAsk?.move.silence !== undefined) return this.finish(cause, 'abort');
    const { phase } = this.role;
    const nothingBegan =
      phase === 'unopened' || (phase === 'awaiting-header' && !this.#headerWritten && error === undefined);
    if (nothingBegan) return this.finish(cause, 'end');
    this.#lapseAsk();
    this.#closeOutput(error);
    if (this.#life.is === 'answering-close') return this.finish(cause, 'end');
    this.#life = { is: 'closing', cause };
    this.timers.clear();
    this.timers.arm('closing', this.#settings.closingTimeout);
    if (this.#eof) this.#endOfInput();
  }

  answer<A>(ask: Ask<AskName, A>, answer: A): boolean {
    const open = this.#openAsk;
    const sameAsk: object | undefined = open?.event;
    if (open === undefined || sameAsk !== ask) {
      // Rule 5: too late is an ordinary race; twice, or somebody else's, is a mistake.
      const past = this.#pastAsks.get(ask);
      if (past === 'lapsed') return false;
      if (past === 'answered')
        throw new LocalProtocolError(
          'ask-already-answered',
          `this ${ask.ask} ask was answered before; answer each ask once`,
        );
      throw new LocalProtocolError(
        'ask-foreign',
        `this ${ask.ask} ask is not from this entity; answer the event that nextEvent() returned`,
      );
    }
    // The resume of an ask takes the type that the ask's own type names: Ask<…, A> and askFor() tie the two together.
    const move = open.move.resume(answer as never);
    this.#openAsk = undefined;
    this.#pastAsks.set(ask, 'answered');
    this.perform(move);
    return true;
  }

  // --- drains

  nextEvent(): EngineEvent {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#life.is === 'closed') return ENDED;
      if (this.#openAsk !== undefined) return PAUSED;
      if (this.#life.is === 'answering-close') {
        // RFC 6120 §4.4: what the application had to say is said, now our closing tag.
        this.#closeOutput(undefined);
        this.finish({ code: 'closed-by-peer' }, 'end');
        continue;
      }
      const incoming = this.framing.next();
      if (incoming !== undefined) this.#handle(incoming);
      else if (this.#eof) this.#endOfInput();
      else return NEED_INPUT;
    }
  }

  takeOutput(): Uint8Array | undefined {
    return this.framing.takeOutput();
  }

  nextTimeout(now: Milliseconds): Milliseconds | undefined {
    this.#tick(now);
    return this.timers.next(now);
  }

  describe(): EntityDescription {
    return {
      phase: this.phase,
      openAsk: this.#openAsk?.event.ask,
      timers: this.timers.entries(),
      bufferedInput: this.framing.bufferedInput,
      bufferedOutput: this.framing.bufferedOutput,
      wantsInput: this.wantsInput,
    };
  }

  // --- for roles

  emit(event: EngineEvent): void {
    this.#events.push(event);
  }

  #headerWritten = false;

  writeHeader(header: OwnStreamHeader): void {
    const bytes = this.framing.writeHeader(header);
    this.#headerWritten = true;
    if (this.#settings.onTrace !== undefined) this.#trace('out', 'header', bytes, streamHeaderElement(header));
  }

  /** Whether our header of the present stream is out. */
  get headerWritten(): boolean {
    return this.#headerWritten;
  }

  /** Writes a first-level element, unless our closing tag is out. */
  write(element: XmlElement): void {
    if (!this.takesStanzas) return;
    const bytes = this.framing.writeElement(element);
    if (this.#settings.onTrace !== undefined) this.#trace('out', 'element', bytes, element);
  }

  /** RFC 6120 §4.3.3: the streams are replaced; no closing tag, no byte lost. */
  restarted(): void {
    this.#headerWritten = false;
  }

  /** Does what a negotiation decided. */
  perform(move: Move): void {
    const { next } = move;
    // Rules 7 and S5: bytes behind the switch are fatal before anything is written because of them.
    if (next.type === 'ask' && next.silence !== undefined && this.framing.bufferedInput > 0) {
      return this.violate(
        next.silence,
        `${this.framing.bufferedInput} bytes in clear came behind the element that ends the clear-text stream`,
      );
    }
    for (const element of move.send) this.write(element);
    for (const event of move.events) this.emit(event);
    switch (next.type) {
      case 'ask':
        this.role.onMove(next);
        this.#openAsk = { event: next.ask, move: next };
        this.emit(next.ask);
        return;
      case 'await':
      case 'done':
      case 'rejected':
        return this.role.onMove(next);
      case 'violated':
        return this.violate(next.violation, next.detail);
      case 'gave-up':
        if (next.cut) return this.finish(next.cause, 'abort');
        this.#closeOutput(next.error === undefined ? undefined : streamErrorElement(next.error, this.role.lang));
        return this.finish(next.cause, 'end');
      default:
        return unreachable(next, 'perform');
    }
  }

  /** The peer broke a rule: the table says what it hears. */
  violate(violation: Violation, detail: string): void {
    const { condition } = VIOLATIONS[violation];
    const cause: CloseCause = { code: 'peer-misbehaved', violation, detail };
    if (condition === undefined) return this.finish(cause, 'abort');
    this.fail({ condition }, cause);
  }

  /** RFC 6120 §4.9.1.1: a stream error, the closing tag, and that is all. */
  fail(error: StreamErrorFields, cause: CloseCause): void {
    if (this.takesStanzas) this.#closeOutput(streamErrorElement(error, this.role.lang));
    this.finish(cause, 'end');
  }

  /** Ends everything; `closed` is the last event. */
  finish(cause: CloseCause, transport: Closed['transport']): void {
    if (this.#life.is === 'closed') return;
    this.#lapseAsk();
    this.#life = { is: 'closed' };
    this.timers.clear();
    if (transport === 'abort') this.framing.discardOutput();
    this.emit({ type: 'closed', cause, transport });
  }

  // --- inside

  #handle(incoming: XmlStreamEvent): void {
    if (this.#settings.onTrace !== undefined) this.#traceIncoming(incoming);
    switch (incoming.type) {
      case 'header':
        return this.#life.is === 'closing' ? undefined : this.role.onHeader(incoming.element);
      case 'element':
        if (incoming.element.is('error', STREAM_NS)) return this.#streamErrorReceived(incoming.element);
        return this.role.onElement(incoming.element);
      case 'closing-tag':
        return this.#closingTagReceived();
      case 'whitespace':
        return;
      case 'violation':
        // After our own closing tag nothing can be sent any more; what is there is all there will be.
        if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
        return this.violate(incoming.violation, incoming.detail);
      default:
        return unreachable(incoming, 'handle');
    }
  }

  // RFC 6120 §4.9.1.1: whoever receives a stream error closes the stream.
  #streamErrorReceived(element: XmlElement): void {
    if (this.#life.is === 'open') this.#closeOutput(undefined);
    this.finish({ code: 'stream-error-received', error: readStreamError(element) }, 'end');
  }

  #closingTagReceived(): void {
    if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
    this.#life = { is: 'answering-close' };
    this.timers.clear();
    this.emit({ type: 'peer-closing' });
  }

  #endOfInput(): void {
    if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
    const silent = this.#openAsk?.move.silence !== undefined;
    const detail = `the connection ended without a closing tag in phase ${this.phase}`;
    this.finish({ code: 'unexpected-eof', detail }, silent ? 'abort' : 'end');
  }

  #timedOut(name: EngineTimer, now: Milliseconds): void {
    switch (name) {
      case 'keepalive':
        // RFC 6120 §4.6.1: only on an established stream; the timer is armed nowhere else.
        this.framing.writeWhitespace();
        if (this.#settings.onTrace !== undefined) this.#traceText('out', 'whitespace', 1, ' ');
        this.timers.refresh('keepalive', now);
        return;
      case 'closing':
        return this.finish({ code: 'timed-out', timer: 'closing' }, 'abort');
      case 'negotiation':
      case 'idle': {
        const cause: CloseCause = { code: 'timed-out', timer: name };
        if (this.#openAsk?.move.silence !== undefined) return this.finish(cause, 'abort');
        // RFC 6120 §4.6.2, §4.9.3.4.
        return this.fail({ condition: 'connection-timeout' }, cause);
      }
      default:
        return unreachable(name, 'timedOut');
    }
  }

  #closeOutput(error: XmlElement | undefined): void {
    this.role.writeMissingHeader();
    if (error !== undefined) this.write(error);
    const bytes = this.framing.writeClosingTag();
    if (this.#settings.onTrace !== undefined) this.#traceText('out', 'closing-tag', bytes, '</stream:stream>');
  }

  #lapseAsk(): void {
    const open = this.#openAsk;
    if (open === undefined) return;
    this.#openAsk = undefined;
    this.#pastAsks.set(open.event, 'lapsed');
    const queued = this.#events.indexOf(open.event);
    if (queued >= 0) this.#events.splice(queued, 1);
  }

  #tick(now: Milliseconds): void {
    if (this.#now !== undefined && !(now >= this.#now)) {
      throw new LocalProtocolError(
        'clock-went-backwards',
        `expected a monotonic time of at least ${this.#now} ms, came ${now}; use performance.now() or its like`,
      );
    }
    this.#now = now;
  }

  #traceIncoming(incoming: XmlStreamEvent): void {
    const bytes = this.framing.eventBytes;
    if (incoming.type === 'header' || incoming.type === 'element')
      this.#trace('in', incoming.type, bytes, incoming.element);
    else if (incoming.type === 'closing-tag') this.#traceText('in', 'closing-tag', bytes, '</stream:stream>');
    else if (incoming.type === 'whitespace') this.#traceText('in', 'whitespace', bytes, ' ');
  }

  #trace(direction: TraceEntry['direction'], kind: 'header' | 'element', bytes: number, element: XmlElement): void {
    const text = redact(element).toString();
    this.#traceText(direction, kind, bytes, kind === 'header' ? text.replace(/\/>$/, '>') : text);
  }

  #traceText(direction: TraceEntry['direction'], kind: TraceEntry['kind'], bytes: number, text: string): void {
    this.#settings.onTrace?.({ direction, phase: this.phase, kind, bytes, xml: text });
  }
}
