import { CONGESTED, type Endpoint, type LinkHandlers, type MessageLink } from '@xmpp-wire/driver';
import { CLOSED, errorOfEvent, NORMAL_CLOSURE, OPEN, UNSUPPORTED_DATA, type WebSocketLike } from './web-socket.ts';

const UNKNOWN: Endpoint = { address: undefined, port: undefined };

/** Milliseconds between two looks at what still waits: from the first, doubled, to the last. */
const FIRST_LOOK = 1;
const LAST_LOOK = 64;

/** Characters that are held for an application that is behind, and what each message counts beside its own. */
const MAX_HELD = 16_777_216;
const PER_MESSAGE = 64;

/**
 * An open WebSocket as a link. It only moves messages.
 *
 * WebSockets outside of `ws` cannot stop reading: what arrives while the application is behind is held here, and a peer
 * that goes on and on is cut. None says when what was sent is gone either: who waits for that looks again and again, ever
 * less often.
 */
export class WebSocketLink implements MessageLink {
  readonly carries = 'messages';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #socket: WebSocketLike;
  #handlers: LinkHandlers | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;
  #isClosed = false;
  /** Nothing is passed on before the driver is there: a server may be faster than the promise of the open socket. */
  #isPaused = true;
  #isPassing = false;
  /** What came while nothing was passed on; of that, what has been passed on since; and how much is left. */
  #held: string[] = [];
  #taken = 0;
  #heldLength = 0;
  /** Cuts the connection, and says why: for a driver that is not there yet. */
  #cut: ((handlers: LinkHandlers) => void) | undefined;
  constructor(socket: WebSocketLike, ends: { readonly local?: Endpoint; readonly remote?: Endpoint } = {}) {
    this.#socket = socket;
    this.local = ends.local ?? UNKNOWN;
    this.remote = ends.remote ?? UNKNOWN;
    socket.addEventListener('message', ({ data }) => this.#received(data));
    socket.addEventListener('error', (event) => this.#handlers?.onError(errorOfEvent(event)));
    socket.addEventListener('close', ({ code, reason }) => this.#ended(code, reason));
  }

  get bufferedOutput(): number {
    // WHATWG WebSockets: the amount does not fall when the connection closes, though nobody will ever take it.
    return this.#isOver || this.#isClosed ? 0 : this.#socket.bufferedAmount;
  }

  attach(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    queueMicrotask(() => {
      if (!this.#isOver) this.#cut?.(handlers);
      this.#isClosed ||= this.#socket.readyState === CLOSED;
      this.#isPaused = false;
      this.#passOn();
    });
  }

  write(message: string): void {
    // RFC 6455 §7.1.6: what is sent on a socket that is closing is lost, and some of them throw.
    if (this.#isOver || this.#socket.readyState !== OPEN) return;
    this.#socket.send(message);
    if (this.#socket.bufferedAmount >= CONGESTED) this.#watchOutput(FIRST_LOOK);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause?.();
  }

  resume(): void {
    this.#isPaused = false;
    this.#socket.resume?.();
    this.#passOn();
  }

  // RFC 7395 §3.6: when the stream is closed, the closing handshake of RFC 6455 §7.1.2.
  end(): void {
    this.#socket.close(NORMAL_CLOSURE);
    this.resume();
  }

  abort(): void {
    if (this.#socket.terminate === undefined) this.#socket.close();
    else this.#socket.terminate();
    // Without `terminate` a socket waits for the peer, for minutes: nobody listens to it any more.
    queueMicrotask(() => this.#over());
  }

  #received(data: unknown): void {
    if (this.#isOver || this.#cut !== undefined) return;
    if (typeof data !== 'string') {
      // RFC 7395 §3.2: data are text and nothing else. It does not wait for its turn: it may be large.
      this.#refuse('the peer sent a binary message: XMPP over WebSocket is text (RFC 7395 §3.2)', () => {
        this.#socket.close(this.#socket.terminate === undefined ? undefined : UNSUPPORTED_DATA);
        this.#over();
      });
      return;
    }
    this.#held.push(data);
    this.#heldLength += data.length + PER_MESSAGE;
    this.#passOn();
    if (this.#heldLength <= MAX_HELD) return;
    this.#refuse(
      `nobody reads: more than ${MAX_HELD} characters of input wait, and this WebSocket cannot stop reading`,
      () => this.abort(),
    );
  }

  /** Takes nothing more from the peer, and forgets what is held. */
  #refuse(why: string, cut: () => void): void {
    this.#forget();
    this.#cut = (handlers) => {
      handlers.onError(new Error(why));
      cut();
    };
    if (this.#handlers !== undefined) this.#cut(this.#handlers);
  }

  #forget(): void {
    this.#held = [];
    this.#taken = 0;
    this.#heldLength = 0;
  }

  /** Passes on what is held, as long as it is wanted, and the end behind it. */
  #passOn(): void {
    if (this.#isPassing) return;
    this.#isPassing = true;
    while (!this.#isPaused && !this.#isOver) {
      const message = this.#held[this.#taken];
      if (message === undefined) break;
      this.#taken++;
      this.#heldLength -= message.length + PER_MESSAGE;
      this.#handlers?.onInput(message);
    }
    this.#isPassing = false;
    // Cut off in one go what was passed on: one by one would move the rest each time.
    if (this.#taken * 2 >= this.#held.length) {
      this.#held.splice(0, this.#taken);
      this.#taken = 0;
    }
    if (this.#isClosed && this.#held.length === 0) this.#over();
  }

  #ended(code: number, reason: string): void {
    if (code !== NORMAL_CLOSURE && !this.#isOver) {
      const said = reason === '' ? '' : `: ${reason}`;
      this.#handlers?.onError(new Error(`the WebSocket was closed with code ${code}${said}`));
    }
    this.#isClosed = true;
    if (this.#watch !== undefined) this.#drained();
    this.#passOn();
  }

  #over(): void {
    if (this.#isOver || this.#handlers === undefined) return;
    this.#isOver = true;
    this.#forget();
    clearTimeout(this.#watch);
    this.#handlers.onClose();
  }

  #drained(): void {
    clearTimeout(this.#watch);
    this.#watch = undefined;
    this.#handlers?.onDrain();
  }

  #watchOutput(delay: number): void {
    if (this.#watch !== undefined) return;
    this.#watch = setTimeout(() => {
      this.#watch = undefined;
      if (this.#isOver) return;
      if (this.bufferedOutput < CONGESTED) this.#drained();
      else this.#watchOutput(Math.min(delay * 2, LAST_LOOK));
    }, delay);
  }
}
