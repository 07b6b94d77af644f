import { bug, LocalProtocolError, unreachable } from '../errors.ts';
import { ENDED, NEED_INPUT, PAUSED, type CloseCause, type Closed, type Milliseconds } from '../events.ts';
import type { XmlLimits } from '../limits.ts';
import { STREAM_NS } from '../namespaces.ts';
import { checkAnswerShape } from '../negotiation/answer-shapes.ts';
import type { Ask, AskName } from '../negotiation/asks.ts';
import type { Move } from '../negotiation/move.ts';
import type { Framing, FramingEvent } from '../stream/framing.ts';
import { readStreamError, streamErrorElement, type StreamErrorFields } from '../stream/stream-error.ts';
import { streamHeaderElement, type OwnStreamHeader } from '../stream/stream-header.ts';
import { VIOLATIONS, type Violation } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';
import { AskDesk, resumeWith } from './ask-desk.ts';
import type { EntityDescription } from './description.ts';
import type { Phase } from './phases.ts';
import type { EngineEvent, EngineSettings, EngineTimer, Role } from './role.ts';
import { Timers } from './timers.ts';
import { Tracer } from './tracer.ts';

/** The life of a stream beside its negotiation. */
type Life =
  | { readonly is: 'open' }
  /** Our closing tag is sent, theirs is awaited (RFC 6120 §4.4); then the stream is closed for this cause. */
  | { readonly is: 'closing'; readonly cause: CloseCause }
  /** Their closing tag came first; ours goes out with the next `nextEvent`. */
  | { readonly is: 'answering-close'; readonly seeOtherUri: string | undefined }
  | { readonly is: 'closed' };

/** As much as one read of a transport may bring on top of what was welcome. */
const ONE_READ = 262_144;

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
  readonly #tracer: Tracer | undefined;
  #events: EngineEvent[] = [];
  readonly #asks = new AskDesk();
  #role: Role | undefined;
  #life: Life = { is: 'open' };
  #headerWritten = false;
  #eof = false;
  #now: Milliseconds | undefined;

  constructor(settings: EngineSettings) {
    this.#settings = settings;
    this.framing = settings.framing;
    this.#tracer = settings.onTrace && new Tracer(settings.onTrace, settings.framing.transport);
  }

  /** Called once, by the role's constructor. */
  attach(role: Role): void {
    this.#role = role;
  }

  get role(): Role {
    if (this.#role === undefined) throw bug('an engine without a role');
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

  /** Whether what we write still goes out: until our closing tag, so also behind the peer's (RFC 6120 §4.4). */
  get mayWrite(): boolean {
    return this.#life.is === 'open' || this.#life.is === 'answering-close';
  }

  get wantsInput(): boolean {
    if (this.#life.is === 'closed' || this.#asks.silence !== undefined) return false;
    return this.framing.bufferedInput < this.role.inputBudget;
  }

  // --- inputs from the world

  receive(bytes: Uint8Array, now: Milliseconds): void {
    this.#tick(now);
    if (this.#life.is === 'closed') return;
    this.timers.refresh('idle', now);
    this.timers.refresh('keepalive', now);
    // Rule 7, RFC 6120 §5.4.3.1: between <proceed/> and the end of the TLS negotiation no byte belongs to XMPP.
    if (this.#asks.silence !== undefined) {
      return this.violate(
        'bytes-during-tls-negotiation',
        `${bytes.length} bytes arrived in clear while the transport was being handed to TLS`,
      );
    }
    // Rule 2: stored also when it is not wanted, up to a hard bound.
    const bound = this.role.inputBudget + ONE_READ;
    if (this.framing.bufferedInput + bytes.length > bound) {
      return this.violate(
        'input-overrun',
        `more than ${bound} bytes of input wait; stop reading while wantsInput is false`,
      );
    }
    this.framing.receive(bytes);
  }

  receiveEof(now: Milliseconds): void {
    this.#tick(now);
    this.#eof = true;
    // Rule 6: the end of the connection does not wait for an answer.
    if (this.#asks.isOpen) this.#endOfInput();
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
    if (this.#asks.silence !== undefined) return this.finish(cause, 'abort');
    const { phase } = this.role;
    const nothingBegan =
      phase === 'unopened' || (phase === 'awaiting-header' && !this.#headerWritten && error === undefined);
    if (nothingBegan) return this.finish(cause, 'end');
    this.#closeInOrder(cause, error);
  }

  answer<A>(ask: Ask<AskName, A>, answer: A): boolean {
    const open = this.#asks.find(ask);
    if (open === undefined) return false;
    // Both throw for an answer that cannot be, with the ask still open.
    checkAnswerShape(this.role.answers, ask.ask, answer);
    const move = resumeWith(open, answer);
    this.#asks.settle();
    this.perform(move);
    return true;
  }

  // --- drains

  nextEvent(): EngineEvent {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#life.is === 'closed') return ENDED;
      if (this.#asks.isOpen) return PAUSED;
      if (this.#life.is === 'answering-close') {
        // RFC 6120 §4.4: what the application had to say is said, now our closing tag.
        const { seeOtherUri } = this.#life;
        this.#closeOutput(undefined);
        this.finish({ code: 'closed-by-peer', seeOtherUri }, 'end');
        continue;
      }
      const incoming = this.framing.next();
      if (incoming !== undefined) this.#handle(incoming);
      else if (this.#eof) this.#endOfInput();
      else return NEED_INPUT;
    }
  }

  takeOutput(): Uint8Array | undefined {
    const output = this.framing.takeOutput();
    if (typeof output === 'string') throw bug('a message where bytes go');
    return output;
  }

  takeMessage(): string | undefined {
    const output = this.framing.takeOutput();
    if (typeof output === 'object') throw bug('bytes where a message goes');
    return output;
  }

  nextTimeout(now: Milliseconds): Milliseconds | undefined {
    this.#tick(now);
    return this.timers.next(now);
  }

  describe(): EntityDescription {
    return {
      phase: this.phase,
      openAsk: this.#asks.openName,
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

  /**
   * Randomness of exactly this length (rule S9). There is no fallback, and a connection that lost its generator in the
   * middle of something cannot go on: it is cut.
   *
   * @throws LocalProtocolError `random-too-short`.
   */
  random(length: number): Uint8Array {
    const bytes = this.#settings.random(length);
    if (bytes instanceof Uint8Array && bytes.length === length) return bytes;
    this.finish({ code: 'closed-locally', reason: undefined }, 'abort');
    throw new LocalProtocolError(
      'random-too-short',
      `expected ${length} bytes of the configured 'random', came ${bytes?.length}; the connection is cut`,
    );
  }

  writeHeader(header: OwnStreamHeader): void {
    const bytes = this.framing.writeHeader(header);
    this.#headerWritten = true;
    this.#tracer?.element('out', 'header', this.phase, bytes, streamHeaderElement(header));
  }

  /** Whether our header of the present stream is out. */
  get headerWritten(): boolean {
    return this.#headerWritten;
  }

  /** Writes a first-level element; false when our closing tag is out, and nothing was written. */
  write(element: XmlElement): boolean {
    if (!this.mayWrite) return false;
    const bytes = this.framing.writeElement(element);
    this.#tracer?.element('out', 'element', this.phase, bytes, element);
    return true;
  }

  /** RFC 6120 §4.3.3: the streams are replaced; no closing tag, no byte lost. */
  restart(limits: XmlLimits): void {
    this.framing.restart(limits);
    this.#headerWritten = false;
  }

  /** Does what a negotiation decided. */
  perform(move: Move): void {
    const { next } = move;
    const silence = next.type === 'ask' ? next.silence : undefined;
    if (silence !== undefined) {
      if (this.#settings.toleratesWhitespace) this.framing.dropWhitespace();
      // Rules 7 and S5: bytes behind the switch are fatal before anything is written because of them.
      if (this.framing.bufferedInput > 0) {
        return this.violate(
          silence,
          `${this.framing.bufferedInput} bytes in clear came behind the element that ends the clear-text stream`,
        );
      }
    }
    for (const element of move.send) this.write(element);
    for (const event of move.events) this.emit(event);
    switch (next.type) {
      case 'ask':
        this.role.onMove(next);
        this.#asks.open(next);
        return this.emit(next.ask);
      case 'await':
      case 'done':
      case 'rejected':
        return this.role.onMove(next);
      case 'violated':
        return this.violate(next.violation, next.detail);
      case 'gave-up':
        if (next.cut) return this.finish(next.cause, 'abort');
        if (next.error !== undefined) return this.fail(next.error, next.cause);
        return this.#closeInOrder(next.cause, undefined);
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
    // RFC 6120 §4.2: of an initiating entity that has not opened its stream there is none to say it on.
    if (this.mayWrite && this.role.phase !== 'unopened') this.#closeOutput(streamErrorElement(error, this.role.lang));
    this.finish(cause, 'end');
  }

  /** Ends everything; `closed` is the last event. */
  finish(cause: CloseCause, transport: Closed['transport']): void {
    if (this.#life.is === 'closed') return;
    this.#lapseAsk();
    this.#life = { is: 'closed' };
    this.timers.clear();
    this.framing.discardInput();
    if (transport === 'abort') this.framing.discardOutput();
    this.emit({ type: 'closed', cause, transport });
  }

  // --- inside

  #handle(incoming: FramingEvent): void {
    this.#tracer?.incoming(incoming, this.phase, this.framing.eventBytes);
    switch (incoming.type) {
      case 'header':
        return this.#headerReceived(incoming.element);
      case 'element':
        return this.#elementReceived(incoming.element);
      case 'closing-tag':
        return this.#closingTagReceived(incoming.seeOtherUri);
      case 'whitespace':
        return;
      case 'violation':
        // After our own closing tag nothing can be said any more; what came so far is all there will be.
        if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
        return this.violate(incoming.violation, incoming.detail);
      default:
        return unreachable(incoming, 'handle');
    }
  }

  #headerReceived(element: XmlElement): void {
    if (this.#life.is !== 'open') return;
    if (this.role.legal[this.phase]?.includes('header') === true) return this.role.onHeader(element);
    // On a byte stream the parser refuses it; a message can hold one at any time.
    this.violate('second-header', `a stream header came in phase ${this.phase}`);
  }

  #elementReceived(element: XmlElement): void {
    if (element.is('error', STREAM_NS)) return this.#streamErrorReceived(element);
    const { role, isOpen } = this;
    const found = isOpen ? role.pendingViolation : undefined;
    const kind = found ?? role.classify(element);
    // RFC 6120 §4.4: behind our closing tag only what an established stream delivers still counts.
    if (typeof kind === 'object') return isOpen ? this.violate(kind.violation, kind.detail) : undefined;
    if (role.legal[this.phase]?.includes(kind) === true) return role.onElement(element, kind);
    if (!isOpen) return;
    // RFC 6120 §4.3.5: stanzas are not accepted before the negotiation is complete.
    const violation = kind === 'stanza' ? 'stanza-before-completion' : 'element-out-of-order';
    this.violate(violation, `<${element.name}/> in ${element.namespace} came in phase ${this.phase}`);
  }

  // RFC 6120 §4.9.1.1: whoever receives a stream error closes the stream.
  #streamErrorReceived(element: XmlElement): void {
    const error = readStreamError(element);
    const cause: CloseCause =
      this.#life.is === 'closing' && this.#life.cause.code !== 'closed-locally'
        ? this.#life.cause
        : { code: 'stream-error-received', error };
    if (this.#life.is === 'open') this.#closeOutput(undefined);
    this.finish(cause, 'end');
  }

  #closingTagReceived(seeOtherUri: string | undefined): void {
    if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
    this.#life = { is: 'answering-close', seeOtherUri };
    this.timers.clear();
    this.emit({ type: 'peer-closing' });
  }

  #endOfInput(): void {
    if (this.#life.is === 'closing') return this.finish(this.#life.cause, 'end');
    const silent = this.#asks.silence !== undefined;
    const detail = `the connection ended without a closing tag in phase ${this.phase}`;
    this.finish({ code: 'unexpected-eof', detail }, silent ? 'abort' : 'end');
  }

  #timedOut(name: EngineTimer, now: Milliseconds): void {
    switch (name) {
      case 'keepalive':
        // RFC 6120 §4.6.1: only on an established stream; the timer is armed nowhere else.
        this.framing.writeWhitespace();
        this.#tracer?.whitespace('out', this.phase, 1);
        return this.timers.refresh('keepalive', now);
      case 'closing': {
        // Why we wanted to close says more than that the peer did not answer, unless there was no other reason.
        const reason = this.#life.is === 'closing' ? this.#life.cause : undefined;
        const cause: CloseCause =
          reason === undefined || reason.code === 'closed-locally' ? { code: 'timed-out', timer: 'closing' } : reason;
        return this.finish(cause, 'abort');
      }
      case 'idle':
        // RFC 6120 §4.6.3: nothing says that the peer is gone, only that it has been silent for longer than we allow.
        return this.fail({ condition: 'policy-violation' }, { code: 'timed-out', timer: 'idle' });
      case 'negotiation': {
        const cause: CloseCause = { code: 'timed-out', timer: 'negotiation' };
        if (this.#asks.silence !== undefined) return this.finish(cause, 'abort');
        const found = this.role.pendingViolation;
        if (found !== undefined) return this.violate(found.violation, found.detail);
        // RFC 6120 §4.9.3.4, §4.9.3.8: either the peer has not answered what we sent, or our own side has not answered an ask.
        return this.fail({ condition: this.#asks.isOpen ? 'internal-server-error' : 'connection-timeout' }, cause);
      }
      default:
        return unreachable(name, 'timedOut');
    }
  }

  // RFC 6120 §4.4: our closing tag, then theirs, within a time.
  #closeInOrder(cause: CloseCause, error: XmlElement | undefined): void {
    this.#lapseAsk();
    this.#closeOutput(error);
    if (this.#life.is === 'answering-close') return this.finish(cause, 'end');
    this.#life = { is: 'closing', cause };
    this.timers.clear();
    this.timers.arm('closing', this.#settings.closingTimeout);
  }

  #closeOutput(error: XmlElement | undefined): void {
    this.role.writeMissingHeader();
    if (error !== undefined) this.write(error);
    const bytes = this.framing.writeClosingTag();
    this.#tracer?.closingTag('out', this.phase, bytes);
  }

  #lapseAsk(): void {
    const lapsed = this.#asks.lapse();
    this.#events = this.#events.filter((event) => event !== lapsed);
  }

  #tick(now: Milliseconds): void {
    if (!Number.isFinite(now) || (this.#now !== undefined && now < this.#now)) {
      throw new LocalProtocolError(
        'clock-went-backwards',
        `expected a monotonic time${this.#now === undefined ? '' : ` of at least ${this.#now} ms`}, came ${now}; use a clock that never goes back`,
      );
    }
    this.#now = now;
  }
}
