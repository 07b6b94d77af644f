import type { IqError, IqResult, RequestFields, StanzaProblem } from '@xmpp-wire/core';
import { RequestTracker, type IqRequest, type Jid, type Stanza } from '@xmpp-wire/core';
import { now, timerDelay } from './deadline-timer.ts';

/** Why a request has no answer. */
export type RequestErrorCode = 'request-timed-out' | 'request-closed' | 'request-answer-malformed';

/** A request that got no answer it could return. An answer that says no is an answer: an `IqError`. */
export class XmppRequestError extends Error {
  override readonly name = 'XmppRequestError';
  readonly code: RequestErrorCode;

  constructor(code: RequestErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** How one request waits. */
export interface RequestOptions {
  /** Milliseconds; default: the connection's `timeouts.request`. */
  readonly timeout?: number;
  /** Stops waiting: the request rejects with the signal's reason. It was sent all the same. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly resolve: (response: IqResult | IqError) => void;
  readonly reject: (error: unknown) => void;
}

/** The iq requests of one connection: core's tracker, with promises and one timer. */
export class Requests {
  readonly #tracker: RequestTracker;
  readonly #waiting = new Map<string, Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed: XmppRequestError | undefined;

  constructor(self: Jid, random: (length: number) => Uint8Array, timeout: number | undefined) {
    this.#tracker = new RequestTracker({ self, random, timeout });
  }

  /** Requests without an answer so far. */
  get size(): number {
    return this.#tracker.size;
  }

  /** @throws LocalProtocolError `stanza-invalid`; {@link XmppRequestError}; the signal's reason. */
  async request(
    fields: RequestFields,
    send: (request: IqRequest) => boolean,
    { timeout, signal }: RequestOptions = {},
  ): Promise<IqResult | IqError> {
    signal?.throwIfAborted();
    if (this.#closed !== undefined) throw this.#closed;
    const request = this.#tracker.request(fields, { now: now(), timeout });
    let stop: (() => void) | undefined;
    try {
      // Whoever waits is known before anything is sent: sending may cut the connection, and with it end all requests.
      return await new Promise((resolve, reject) => {
        this.#waiting.set(request.id, { resolve, reject });
        stop = () => reject(signal?.reason);
        signal?.addEventListener('abort', stop, { once: true });
        if (send(request)) this.#armTimer();
        else {
          reject(
            new XmppRequestError('request-closed', 'the stream is closing: the request was not sent; connect again'),
          );
        }
      });
    } finally {
      this.#tracker.cancel(request.id);
      this.#waiting.delete(request.id);
      if (stop !== undefined) signal?.removeEventListener('abort', stop);
    }
  }

  /** Looks whether this answers a request; if so it is nobody else's. */
  receive(arrived: Stanza | StanzaProblem): boolean {
    const match = this.#tracker.receive(arrived);
    if (!match.matched) return false;
    const waiting = this.#waiting.get(match.request.id);
    if ('problem' in match.response) {
      waiting?.reject(
        new XmppRequestError(
          'request-answer-malformed',
          `the answer breaks a rule of RFC 6120 §8 (${match.response.problem}): nothing can be made of it`,
          match.response,
        ),
      );
    } else waiting?.resolve(match.response);
    return true;
  }

  /** The stream is over: no answer will come. */
  close(cause: unknown): void {
    clearTimeout(this.#timer);
    this.#closed = new XmppRequestError(
      'request-closed',
      'the stream ended before the answer came: connect again',
      cause,
    );
    for (const { id } of this.#tracker.cancelAll()) this.#waiting.get(id)?.reject(this.#closed);
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    const at = this.#tracker.nextTimeout();
    if (at === undefined) return;
    this.#timer = setTimeout(
      () => {
        for (const { id, to } of this.#tracker.handleTimeout(now())) {
          const whom = to === undefined ? 'the server' : to.toString();
          this.#waiting
            .get(id)
            ?.reject(
              new XmppRequestError('request-timed-out', `${whom} did not answer in time: ask again, or wait longer`),
            );
        }
        this.#armTimer();
      },
      timerDelay(at - now()),
    );
    keepNoProcessAlive(this.#timer);
  }
}

// A request alone keeps no process alive; its connection does. Only timers of Node and Bun know of such a thing.
function keepNoProcessAlive(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer)) return;
  if (typeof timer.unref === 'function') timer.unref();
}
