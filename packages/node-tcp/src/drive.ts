import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Ask, AskName, CloseCause, Stanza, StartTlsAsk, StreamErrorFields, TlsFacts } from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { DeadlineTimer, now } from './deadline-timer.ts';
import type { DrivenEntity, DriverHooks, DriverLimits } from './driven.ts';

/**
 * Ties one entity to one socket: receive, pump, write, re-arm the timer. All re-entrancy lives in here.
 *
 * Back-pressure, both ways: while the application is behind, or the peer does not read what is written, no event is
 * taken from the entity and nothing is read from the socket, so the peer's own sending comes to a halt.
 */
export class Driver {
  readonly entity: DrivenEntity;
  readonly #hooks: DriverHooks;
  readonly #limits: DriverLimits;
  #socket: Socket;
  /** Takes the driver's listeners off the socket. */
  #detach: () => void = () => {};
  #attached = false;
  #pumping = false;
  #pumpAgain = false;
  #flushPlanned = false;
  readonly #timer: DeadlineTimer;
  #lingering: NodeJS.Timeout | undefined;
  #cause: CloseCause | undefined;
  #error: Error | undefined;
  #aborted = false;
  #over = false;

  constructor(entity: DrivenEntity, socket: Socket, hooks: DriverHooks, limits: DriverLimits) {
    this.entity = entity;
    this.#socket = socket;
    this.#hooks = hooks;
    this.#limits = limits;
    this.#timer = new DeadlineTimer(() => {
      const time = now();
      if ((entity.nextTimeout(time) ?? Infinity) <= time) entity.handleTimeout(time);
      this.pump();
    });
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Bytes that wait for the peer to read. */
  get bufferedOutput(): number {
    return this.entity.bufferedOutput + this.#socket.writableLength;
  }

  /** Whether the peer does not keep up with what is sent; `onDrain` says when that is over. */
  get isCongested(): boolean {
    return this.#socket.writableLength >= CONGESTED;
  }

  /** Begins: call it once, after the first command to the entity. */
  start(): void {
    this.#attach(this.#socket);
    this.pump();
  }

  /** Sends a stanza; false once the stream is closing. What is sent in one turn of the loop leaves in one piece. */
  send(stanza: Stanza): boolean {
    return this.entity.send(stanza) && this.#sent();
  }

  /** Sends a first-level element of an extension, as `send` does. */
  sendElement(element: XmlElement): boolean {
    return this.entity.sendElement(element) && this.#sent();
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
    this.#socket.destroy();
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
        while (this.#mayTakeEvents() && this.#step());
        this.#flush();
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
    return !this.#hooks.isBehind() && !this.isCongested;
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
    const socket = this.#socket;
    socket.pause();
    this.#detach();
    this.#flush();
    if (socket.readableLength > 0) {
      const early: Uint8Array | null = socket.read();
      if (early !== null) this.entity.receive(early, now());
      return;
    }
    void this.#shakeHands(ask, socket);
  }

  async #shakeHands(ask: StartTlsAsk, socket: Socket): Promise<void> {
    let secured: { readonly socket: TLSSocket; readonly facts: TlsFacts };
    try {
      secured = await this.#hooks.startTls(ask, socket);
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error));
      this.answer(ask, 'failed');
      return;
    }
    // The stream may have ended meanwhile: its deadline goes on during the handshake.
    if (this.#cause !== undefined) {
      secured.socket.destroy();
      return;
    }
    this.#socket = secured.socket;
    this.#attach(secured.socket);
    this.answer(ask, secured.facts);
  }

  #attach(socket: Socket): void {
    const onData = (chunk: Buffer): void => {
      this.entity.receive(chunk, now());
      this.pump();
    };
    const onEnd = (): void => this.#eof();
    const onError = (error: Error): void => {
      this.#error ??= error;
      // Not every error of a TLS socket ends it: an attempt at renegotiation is reported, and then goes on (rule S15).
      socket.destroy();
    };
    const onDrain = (): void => {
      this.#hooks.onDrain();
      this.pump();
    };
    const onClose = (): void => {
      this.#eof();
      this.#finish();
    };
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('drain', onDrain).on('close', onClose);
    this.#attached = true;
    this.#detach = () => {
      this.#attached = false;
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('drain', onDrain).off('close', onClose);
      this.#detach = () => {};
    };
    if (socket.destroyed) onClose();
  }

  #eof(): void {
    if (this.#cause !== undefined) return;
    this.entity.receiveEof(now());
    this.pump();
  }

  #steerReading(): void {
    if (!this.#attached || this.#cause !== undefined) return;
    const socket = this.#socket;
    const wanted = this.entity.wantsInput && !this.isCongested && !this.#hooks.isBehind();
    if (wanted === socket.isPaused()) socket[wanted ? 'resume' : 'pause']();
  }

  #sent(): true {
    if (this.entity.bufferedOutput >= CONGESTED) this.#flush();
    else this.#planFlush();
    return true;
  }

  #planFlush(): void {
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    process.nextTick(() => {
      this.#flushPlanned = false;
      this.#flush();
      this.#armTimer();
    });
  }

  #flush(): void {
    const socket = this.#socket;
    for (let bytes = this.entity.takeOutput(); bytes !== undefined; bytes = this.entity.takeOutput()) {
      if (!socket.writable) return;
      socket.write(bytes);
    }
    if (socket.writableLength > this.#limits.maxBufferedOutput) {
      this.abort(
        new Error(
          `the peer does not read: ${socket.writableLength} bytes wait for it, maxBufferedOutput is ${this.#limits.maxBufferedOutput}`,
        ),
      );
    }
  }

  #armTimer(): void {
    if (this.#cause === undefined) this.#timer.arm(this.entity.nextTimeout(now()));
  }

  #endTransport(how: 'end' | 'abort'): void {
    this.#timer.stop();
    const socket = this.#socket;
    if (how === 'abort' || socket.destroyed) {
      socket.destroy();
      if (!this.#attached || socket.closed) this.#finish();
      return;
    }
    // close_notify and the end of our half; what the peer still sends is read and dropped, so that its end is seen.
    socket.end();
    socket.removeAllListeners('data');
    socket.resume();
    this.#lingering = setTimeout(() => socket.destroy(), this.#limits.lingering);
  }

  /** The socket is closed: says so once, and stops the timers. */
  #finish(): void {
    if (this.#over || this.#cause === undefined) return;
    this.#over = true;
    this.#timer.stop();
    clearTimeout(this.#lingering);
    this.#hooks.onDrain();
    this.#hooks.onEnd({ cause: this.#cause, error: this.#error });
  }
}

/** Bytes waiting for the peer from which on nothing more is taken on: four times what a socket reports as full. */
const CONGESTED = 65_536;
