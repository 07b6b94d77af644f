import type { Ask, AskName, CloseCause, Stanza, StartTlsAsk, StreamErrorFields } from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { DeadlineTimer, now, timerDelay } from './deadline-timer.ts';
import type { DrivenEntity, DriverHooks, DriverSettings, SecuredLink } from './driven.ts';
import { CONGESTED, type ByteLink, type Link } from './link.ts';

/**
 * Ties one entity to one link: input, pump, output, re-arm the timer. All re-entrancy lives in here.
 *
 * Back-pressure, both ways: while the application is behind no event is taken from the entity and nothing is read from
 * the link, so the peer's own sending comes to a halt. What the application sends never stops the reading, since the
 * application waits itself until the peer has read; else two that send much to each other would wait for each other for
 * ever. What the entity says by itself, mostly to answer, does stop it: nobody else would wait.
 */
export class Driver {
  readonly entity: DrivenEntity;
  readonly #hooks: DriverHooks;
  readonly #settings: DriverSettings;
  readonly #timer: DeadlineTimer;
  #link: Link;
  /** Whether the link reports to us; it does not while TLS is negotiated on it. */
  #attached = false;
  #reading = false;
  #linkClosed = false;
  #pumping = false;
  #pumpAgain = false;
  #flushPlanned = false;
  /** Of the entity's output that was not flushed yet: what the application has sent. */
  #sentOutput = 0;
  /** Bytes that the entity has written by itself and that may still wait for the peer. */
  #ownOutput = 0;
  #phase = '';
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #cause: CloseCause | undefined;
  #error: Error | undefined;
  #aborted = false;
  #over = false;

  constructor(entity: DrivenEntity, link: Link, hooks: DriverHooks, settings: DriverSettings) {
    this.entity = entity;
    this.#link = link;
    this.#hooks = hooks;
    this.#settings = settings;
    this.#timer = new DeadlineTimer(() => {
      const time = now();
      if ((entity.nextTimeout(time) ?? Infinity) <= time) entity.handleTimeout(time);
      this.pump();
    });
  }

  get link(): Link {
    return this.#link;
  }

  /** Whether the link is gone, or was cut. */
  get isCut(): boolean {
    return this.#linkClosed || this.#aborted;
  }

  /** Bytes that wait for the peer to read. */
  get bufferedOutput(): number {
    return this.entity.bufferedOutput + this.#link.bufferedOutput;
  }

  /** Whether the peer does not keep up with what is sent; `onDrain` says when that is over. */
  get isCongested(): boolean {
    return !this.isCut && this.#link.bufferedOutput >= CONGESTED;
  }

  /** Begins: call it once, after the first command to the entity. */
  start(): void {
    this.#attach(this.#link);
    this.pump();
  }

  /** Sends a stanza; false once the stream is closing, or the link is gone. What is sent without waiting leaves in one piece. */
  send(stanza: Stanza): boolean {
    const before = this.entity.bufferedOutput;
    return this.entity.send(stanza) && this.#sent(before);
  }

  /** Sends a first-level element of an extension, as `send` does. */
  sendElement(element: XmlElement): boolean {
    const before = this.entity.bufferedOutput;
    return this.entity.sendElement(element) && this.#sent(before);
  }

  close(reason?: StreamErrorFields): void {
    this.entity.close(reason);
    this.pump();
  }

  answer<A>(ask: Ask<AskName, A>, answer: NoInfer<A>): void {
    this.entity.answer(ask, answer);
    this.pump();
  }

  /** Cuts the connection; `error` says why. It does not wait for whoever is behind. */
  abort(error: Error): void {
    if (this.#over) return;
    this.#aborted = true;
    this.#error ??= error;
    this.#link.abort();
    this.#eof();
  }

  /** Takes events from the entity, writes its output and re-arms the timer, until there is nothing to do. */
  pump(): void {
    this.#pumpAgain = true;
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#pumpAgain) {
        this.#pumpAgain = false;
        while (this.#mayTakeEvents() && this.#step()) this.#notePhase();
        this.#flush();
        this.#notePhase();
      }
    } finally {
      this.#pumping = false;
    }
    this.#steerReading();
    this.#armTimer();
  }

  // What the entity has still to say once it is closed is a handful of events: they always come out.
  #mayTakeEvents(): boolean {
    if (this.#cause !== undefined) return false;
    if (this.#aborted || this.entity.phase === 'closed') return true;
    return this.#mayTakeOn();
  }

  /** Whether there is room for more from the peer, and for what the entity says to it. */
  #mayTakeOn(): boolean {
    return !this.#hooks.isBehind() && this.#ownOutput < CONGESTED;
  }

  #notePhase(): void {
    const { onPhase } = this.#hooks;
    if (onPhase === undefined || this.entity.phase === this.#phase) return;
    this.#phase = this.entity.phase;
    onPhase();
  }

  /** One event; false when there is none to be had for now. */
  #step(): boolean {
    const event = this.entity.nextEvent();
    switch (event.type) {
      case 'need-input':
      case 'paused':
      case 'ended':
        return false;
      case 'closed':
        this.#flush();
        this.#cause = event.cause;
        this.#hooks.onStreamClosed({ cause: event.cause, error: this.#error });
        this.#endTransport(event.transport);
        return false;
      case 'ask':
        if (event.ask === 'start-tls') this.#startTls(event);
        else {
          this.#flush();
          this.#hooks.onAsk(event);
        }
        return true;
      default:
        this.#flush();
        this.#hooks.onEvent(event);
        return true;
    }
  }

  // RFC 6120 §5.4.3.1, rule S5: reading ends before the last clear-text byte is written, and a byte that came all the
  // same is the entity's to judge (it is fatal); TLS never sees it.
  #startTls(ask: StartTlsAsk): void {
    const link = this.#link;
    if (link.carries !== 'bytes' || link.release === undefined) {
      this.#error ??= new Error('this transport has no STARTTLS: say in `security` what protects it');
      this.entity.answer(ask, 'failed');
      return;
    }
    const early = link.release();
    this.#attached = false;
    this.#flush();
    if (early !== undefined) this.entity.receive(early, now());
    else void this.#shakeHands(ask, link);
  }

  async #shakeHands(ask: StartTlsAsk, link: ByteLink): Promise<void> {
    let secured: SecuredLink;
    try {
      secured = await this.#hooks.startTls(ask, link);
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
      this.answer(ask, 'failed');
      return;
    }
    // The stream may have ended meanwhile: its deadline goes on during the handshake.
    if (this.#cause !== undefined) {
      secured.link.abort();
      return;
    }
    this.#link = secured.link;
    this.#attach(secured.link);
    this.answer(ask, secured.facts);
  }

  #attach(link: Link): void {
    const isCurrent = (): boolean => this.#attached && this.#link === link;
    this.#attached = true;
    this.#reading = true;
    this.#ownOutput = 0;
    link.attach({
      onInput: (input) => {
        if (!isCurrent() || this.#cause !== undefined) return;
        if (link.carries === 'messages') this.entity.receiveMessage(input, now());
        // A link of bytes reports bytes.
        else this.entity.receive(input as Uint8Array, now());
        this.pump();
      },
      onEof: () => {
        if (isCurrent()) this.#eof();
      },
      onError: (error) => {
        // Once the stream is over, how the connection goes says nothing about why: peers reset it.
        if (this.#cause === undefined) this.#error ??= error;
      },
      onDrain: () => {
        this.#ownOutput = 0;
        this.#hooks.onDrain();
        this.pump();
      },
      onClose: () => {
        if (!isCurrent()) return;
        this.#linkClosed = true;
        // Whoever waits for room may be the one who reads events: without it the queue would stay full, and nothing end.
        this.#hooks.onDrain();
        this.#eof();
        this.#finish();
      },
    });
  }

  #eof(): void {
    if (this.#cause !== undefined) return;
    this.entity.receiveEof(now());
    this.pump();
  }

  #steerReading(): void {
    if (!this.#attached || this.#cause !== undefined || this.#linkClosed) return;
    const wanted = this.entity.wantsInput && this.#mayTakeOn();
    if (wanted === this.#reading) return;
    this.#reading = wanted;
    this.#link[wanted ? 'resume' : 'pause']();
  }

  #sent(before: number): boolean {
    this.#sentOutput += this.entity.bufferedOutput - before;
    if (this.isCut || this.entity.bufferedOutput >= CONGESTED) this.#flush();
    else this.#planFlush();
    return !this.isCut;
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    this.#settings.defer(() => {
      this.#flushPlanned = false;
      this.#flush();
      this.#armTimer();
    });
  }

  #flush(): void {
    const link = this.#link;
    const { entity } = this;
    // An entity that closes may have thrown away what it had to say.
    const own = Math.max(0, entity.bufferedOutput - this.#sentOutput);
    this.#sentOutput = 0;
    if (link.carries === 'bytes') {
      for (let bytes = entity.takeOutput(); bytes !== undefined; bytes = entity.takeOutput()) {
        if (!this.isCut) link.write(bytes);
      }
    } else {
      for (let message = entity.takeMessage(); message !== undefined; message = entity.takeMessage()) {
        if (!this.isCut) link.write(message);
      }
    }
    const waiting = link.bufferedOutput;
    this.#ownOutput = Math.min(this.#ownOutput + own, waiting);
    if (waiting <= this.#settings.maxBufferedOutput || this.isCut) return;
    this.abort(
      new Error(
        `the peer does not read: ${waiting} bytes wait for it, maxBufferedOutput is ${this.#settings.maxBufferedOutput}`,
      ),
    );
  }

  #armTimer(): void {
    if (this.#cause === undefined) this.#timer.arm(this.entity.nextTimeout(now()));
  }

  #endTransport(how: 'end' | 'abort'): void {
    this.#timer.stop();
    if (how === 'abort' || this.isCut) {
      this.#link.abort();
      if (!this.#attached || this.#linkClosed) this.#finish();
      return;
    }
    this.#link.end();
    this.#lingering = setTimeout(() => this.#link.abort(), timerDelay(this.#settings.lingering));
  }

  /** The link is gone: says so once, and stops the timers. */
  #finish(): void {
    if (this.#over || this.#cause === undefined) return;
    this.#over = true;
    this.#timer.stop();
    clearTimeout(this.#lingering);
    this.#hooks.onDrain();
    this.#hooks.onEnd({ cause: this.#cause, error: this.#error });
  }
}
