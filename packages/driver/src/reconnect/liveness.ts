import { xml } from '@xmpp-wire/core/xml';
import type { XmppConnection } from '../connection.ts';
import { XmppRequestError } from '../requests.ts';
import type { Scheduler } from './scheduler.ts';

/** How a connection is found dead that nobody ended, in milliseconds. */
export interface LivenessOptions {
  /** After so long without anything from the server it is asked for a sign of life. */
  readonly after: number;
  /** How long it may take to answer. */
  readonly timeout: number;
}

/** Who looks after a connection. */
export interface LivenessHooks {
  /** Whether the reader holds the server up: then silence says nothing. */
  isBehind(): boolean;
  onDead(error: Error): void;
}

/**
 * Asks a server that has been silent for a sign of life (XEP-0199; any answer is one), since TCP may take many minutes
 * to notice that the other end is gone (RFC 6120 §3.4, §4.6.1).
 */
export class Liveness {
  readonly #connection: XmppConnection;
  readonly #options: LivenessOptions;
  readonly #scheduler: Scheduler;
  readonly #hooks: LivenessHooks;
  #heardAt: number;
  #cancel: () => void = () => {};
  #stopped = false;

  constructor(connection: XmppConnection, options: LivenessOptions, scheduler: Scheduler, hooks: LivenessHooks) {
    this.#connection = connection;
    this.#options = options;
    this.#scheduler = scheduler;
    this.#hooks = hooks;
    this.#heardAt = scheduler.now();
    this.#arm();
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAt = this.#scheduler.now();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #arm(): void {
    if (this.#stopped) return;
    const due = this.#heardAt + this.#options.after - this.#scheduler.now();
    this.#cancel = this.#scheduler.after(Math.max(due, 0), () => void this.#look());
  }

  async #look(): Promise<void> {
    const silence = this.#scheduler.now() - this.#heardAt;
    if (this.#hooks.isBehind()) this.heard();
    else if (silence >= this.#options.after) await this.#ask();
    this.#arm();
  }

  async #ask(): Promise<void> {
    const { timeout } = this.#options;
    const before = this.#heardAt;
    try {
      // Without 'to' the own server answers (RFC 6120 §10.3.3).
      await this.#connection.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) }, { timeout });
      this.heard();
    } catch (error) {
      if (this.#stopped) return;
      const isSilent = error instanceof XmppRequestError && error.code === 'request-timed-out';
      if (!isSilent || this.#heardAt !== before || this.#hooks.isBehind()) {
        this.heard();
        return;
      }
      this.stop();
      this.#hooks.onDead(
        new Error(`the server was silent for ${this.#options.after} ms and did not answer a ping within ${timeout} ms`),
      );
    }
  }
}
