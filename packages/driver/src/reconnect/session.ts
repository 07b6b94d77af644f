import type { CloseCause, IqError, IqResult, Jid, RequestFields, Stanza, StreamErrorFields } from '@xmpp-wire/core';
import { streamErrorElement } from '@xmpp-wire/core/adapter';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { XmppConnectError } from '../connect-error.ts';
import type { ConnectionDescription, XmppConnection } from '../connection.ts';
import type { ConnectionEnd } from '../driven.ts';
import type { Redirect } from '../redirect.ts';
import { XmppRequestError, type RequestOptions } from '../requests.ts';
import type { ReconnectAdvice, ReconnectChanges, ReconnectHistory } from './advice.ts';
import { EventChannel } from './event-channel.ts';
import { Liveness, type LivenessOptions } from './liveness.ts';
import type { ReconnectPolicy } from './policy.ts';
import type { Scheduler } from './scheduler.ts';
import type { NextAttempt, SessionEnd, SessionEvent, SessionState } from './session-events.ts';

/**
 * One handle over many connections: it connects, and connects again when the connection is lost, as its policy says. It
 * begins by itself and ends by `stop()` or by giving up; then make another.
 *
 * Read it with `for await`, like a connection: who does not read holds the server up once `maxQueuedEvents` wait. Nothing
 * is kept for later while there is no connection: `send` answers false then, and `request` rejects. What was handed to a
 * connection shortly before it broke may not have arrived (RFC 6120 §3.4).
 */
export interface XmppSession extends AsyncIterable<SessionEvent> {
  readonly state: SessionState;
  /** How the session ended. It never rejects. */
  readonly ended: Promise<SessionEnd>;
  /** Only the stanzas of all connections. */
  stanzas(): AsyncIterable<Stanza>;
  /**
   * Sends on the connection that there is, as {@link XmppConnection.send} does. False: there is none, or it is closing,
   * and nothing was sent.
   */
  send(stanza: Stanza): Promise<boolean>;
  sendElement(element: XmlElement): Promise<boolean>;
  /**
   * Asks on the connection that there is, as {@link XmppConnection.request} does.
   *
   * @throws {@link XmppRequestError} `request-closed` when there is none, or it ends before the answer.
   */
  request(fields: RequestFields, options?: RequestOptions): Promise<IqResult | IqError>;
  /**
   * Resolves to the own address once there is a connection, at once if there is one.
   *
   * @throws XmppConnectError when the session ends first: the one it gave up on, or `stream-closed`.
   */
  untilConnected(): Promise<Jid>;
  /** Ends the wait for the next attempt. False: there is nothing to hurry, or the session is over. */
  reconnectNow(): boolean;
  /**
   * Closes the connection in order, or gives the attempt up; nothing is tried after that. Calling it again changes nothing.
   *
   * @throws LocalProtocolError when the reason cannot be written; nothing was done.
   */
  stop(reason?: StreamErrorFields): Promise<SessionEnd>;
  /** A snapshot of the connection that there is, for logs. */
  describe(): ConnectionDescription | undefined;
}

/** How to connect this time. */
export interface AttemptTerms {
  readonly signal: AbortSignal;
  readonly resourceDropped: boolean;
  readonly redirect: Redirect | undefined;
  readonly seeOtherUri: string | undefined;
  readonly redirectsLeft: number;
}

/** What a session is made with. */
export interface SessionSettings {
  readonly connect: (terms: AttemptTerms) => Promise<XmppConnection>;
  readonly advise: (trouble: CloseCause | Error, history: ReconnectHistory, policy: ReconnectPolicy) => ReconnectAdvice;
  readonly policy: ReconnectPolicy;
  readonly maxRedirects: number;
  readonly maxQueuedEvents: number;
  readonly liveness: LivenessOptions | undefined;
  readonly scheduler: Scheduler;
  /** A number from 0 to 1 that nobody can predict. */
  readonly draw: () => number;
}

type Phase =
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'connected'; readonly connection: XmppConnection }
  | { readonly name: 'waiting'; readonly next: NextAttempt; readonly wake: () => void }
  | { readonly name: 'ended'; readonly end: SessionEnd };

/** How an attempt went: `end` when it led to a connection. */
type Outcome =
  | { readonly end: ConnectionEnd; readonly lasted: number; readonly followed: number }
  | { readonly end: undefined; readonly error: Error };

export class Session implements XmppSession {
  readonly ended: Promise<SessionEnd>;
  readonly #settings: SessionSettings;
  readonly #channel: EventChannel<SessionEvent>;
  readonly #stopping = new AbortController();
  #reason: StreamErrorFields | undefined;
  #phase: Phase = { name: 'connecting', attempt: 1 };
  #waiters: { readonly resolve: (jid: Jid) => void; readonly reject: (error: XmppConnectError) => void }[] = [];

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#channel = new EventChannel(settings.maxQueuedEvents);
    // One loop does everything that changes the phase; all else only wakes it.
    this.ended = this.#run()
      .catch((error: unknown): SessionEnd => this.#gaveUpOnProgram(error))
      .then((end) => this.#end(end));
  }

  get state(): SessionState {
    const phase = this.#phase;
    switch (phase.name) {
      case 'connecting':
      case 'ended':
        return phase;
      case 'connected':
        return { name: 'connected', jid: phase.connection.jid, tls: phase.connection.tls };
      case 'waiting':
        return { name: 'waiting', next: phase.next };
    }
  }

  [Symbol.asyncIterator](): AsyncIterator<SessionEvent> {
    return this.#channel[Symbol.asyncIterator]();
  }

  async *stanzas(): AsyncGenerator<Stanza, void, void> {
    for await (const event of this) if (event.type === 'stanza') yield event.stanza;
  }

  async send(stanza: Stanza): Promise<boolean> {
    return this.#connection?.send(stanza) ?? false;
  }

  async sendElement(element: XmlElement): Promise<boolean> {
    return this.#connection?.sendElement(element) ?? false;
  }

  async request(fields: RequestFields, options?: RequestOptions): Promise<IqResult | IqError> {
    const connection = this.#connection;
    if (connection === undefined) {
      throw new XmppRequestError(
        'request-closed',
        'there is no connection at the moment: the request was not sent; wait for untilConnected()',
      );
    }
    return connection.request(fields, options);
  }

  async untilConnected(): Promise<Jid> {
    const phase = this.#phase;
    if (phase.name === 'connected') return phase.connection.jid;
    if (phase.name === 'ended') throw errorOf(phase.end);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  reconnectNow(): boolean {
    if (this.#phase.name !== 'waiting' || this.#stopping.signal.aborted) return false;
    this.#phase.wake();
    return true;
  }

  async stop(reason?: StreamErrorFields): Promise<SessionEnd> {
    if (!this.#stopping.signal.aborted) {
      // It throws when the reason cannot be written: now, while nothing was done, and not once the connection is to be closed.
      if (reason !== undefined) streamErrorElement(reason, 'en');
      this.#reason = reason;
      this.#stopping.abort(new Error('the session was stopped'));
      if (this.#phase.name === 'waiting') this.#phase.wake();
      if (this.#phase.name === 'connected') void this.#phase.connection.close(reason);
    }
    return this.ended;
  }

  describe(): ConnectionDescription | undefined {
    return this.#connection?.describe();
  }

  get #connection(): XmppConnection | undefined {
    return this.#phase.name === 'connected' ? this.#phase.connection : undefined;
  }

  async #run(): Promise<SessionEnd> {
    const { policy, maxRedirects, scheduler, draw, advise } = this.#settings;
    let changes: ReconnectChanges = {};
    let failures = 0;
    let redirectsLeft = maxRedirects;
    let resourceDropped = false;
    let attempt = 1;
    for (;;) {
      const { redirect, seeOtherUri } = changes;
      const outcome = await this.#attempt({ resourceDropped, redirect, seeOtherUri, redirectsLeft }, attempt);
      if (outcome === 'stopped') return { by: 'stop' };
      if (outcome.end !== undefined) {
        attempt = 0;
        redirectsLeft -= outcome.followed;
        if (outcome.lasted >= policy.stableAfter) {
          failures = 0;
          redirectsLeft = maxRedirects;
        }
      }
      const trouble = outcome.end === undefined ? outcome.error : outcome.end.cause;
      const advice = advise(trouble, { failures, redirectsLeft, resourceDropped }, policy);
      if (this.#stopping.signal.aborted || advice.action === 'give-up') {
        this.#report(outcome, advice, undefined);
        if (this.#stopping.signal.aborted) return { by: 'stop' };
        this.#channel.push({ type: 'gave-up', trouble, advice });
        return { by: 'gave-up', trouble, advice };
      }
      attempt++;
      ({ changes } = advice);
      resourceDropped ||= changes.resource === 'drop';
      // RFC 6120 §4.9.3.19: only so many redirections in a row. One that is followed is no failure; whoever begins at the
      // domain again, after the delay of a failure, begins a new row.
      if (changes.redirect === undefined && changes.seeOtherUri === undefined) {
        failures++;
        redirectsLeft = maxRedirects;
      } else redirectsLeft--;
      const { min, max } = advice.delay;
      const delay = Math.round(min + draw() * (max - min));
      const next = { attempt, delay, at: scheduler.now() + delay };
      // The phase comes first: who is told may want to hurry the next attempt.
      const waited = this.#wait(next);
      this.#report(outcome, advice, next);
      await waited;
      if (this.#stopping.signal.aborted) return { by: 'stop' };
    }
  }

  async #attempt(terms: Omit<AttemptTerms, 'signal'>, attempt: number): Promise<Outcome | 'stopped'> {
    const { signal } = this.#stopping;
    this.#phase = { name: 'connecting', attempt };
    let connection: XmppConnection;
    try {
      connection = await this.#settings.connect({ ...terms, signal });
    } catch (error) {
      if (signal.aborted) return 'stopped';
      return { end: undefined, error: error instanceof Error ? error : new Error(String(error)) };
    }
    if (signal.aborted) {
      await connection.close(this.#reason);
      return 'stopped';
    }
    const since = this.#settings.scheduler.now();
    this.#phase = { name: 'connected', connection };
    const { jid, tls, remote } = connection;
    this.#channel.push({ type: 'connected', jid, tls, remote, attempts: attempt });
    for (const { resolve } of this.#waiters.splice(0)) resolve(jid);
    const end = await this.#pass(connection);
    return { end, lasted: this.#settings.scheduler.now() - since, followed: connection.redirectsFollowed };
  }

  /** Passes on what arrives, no faster than it is read, until the connection has ended. */
  async #pass(connection: XmppConnection): Promise<ConnectionEnd> {
    const channel = this.#channel;
    let isClosed = false;
    let dead: Error | undefined;
    const noteEnd = async (): Promise<void> => {
      await connection.closed;
      isClosed = true;
      channel.recheck();
    };
    void noteEnd();
    const { liveness: options, scheduler } = this.#settings;
    const hooks = {
      isBehind: () => channel.isFull,
      onDead(error: Error): void {
        dead = error;
        connection.abort();
      },
    };
    const liveness = options === undefined ? undefined : new Liveness(connection, options, scheduler, hooks);
    for await (const event of connection) {
      liveness?.heard();
      channel.push(event);
      // RFC 6120 §4.4: whoever reads may still send before our closing tag, which waits for this loop.
      if (event.type === 'peer-closing') await channel.until(() => isClosed || !channel.isBeingDealtWith);
      await channel.until(() => isClosed || !channel.isFull);
    }
    liveness?.stop();
    const end = await connection.closed;
    return dead === undefined ? end : { cause: { code: 'timed-out', timer: 'idle' }, error: dead };
  }

  async #wait(next: NextAttempt): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#settings.scheduler.after(next.delay, resolve);
      const wake = (): void => {
        cancel();
        resolve();
      };
      this.#phase = { name: 'waiting', next, wake };
    });
  }

  #report(outcome: Outcome, advice: ReconnectAdvice, next: NextAttempt | undefined): void {
    this.#channel.push(
      outcome.end === undefined
        ? { type: 'attempt-failed', error: outcome.error, advice, next }
        : { type: 'disconnected', end: outcome.end, advice, next },
    );
  }

  #gaveUpOnProgram(thrown: unknown): SessionEnd {
    const trouble = thrown instanceof Error ? thrown : new Error(String(thrown));
    const because = `the program threw: ${trouble.message}`;
    const advice: ReconnectAdvice = { action: 'give-up', cause: 'program-error', because, changes: {} };
    this.#channel.push({ type: 'gave-up', trouble, advice });
    return { by: 'gave-up', trouble, advice };
  }

  #end(end: SessionEnd): SessionEnd {
    this.#phase = { name: 'ended', end };
    this.#channel.end();
    for (const { reject } of this.#waiters.splice(0)) reject(errorOf(end));
    return end;
  }
}

function errorOf(end: SessionEnd): XmppConnectError {
  if (end.by === 'stop') return new XmppConnectError('stream-closed', 'the session was stopped: make another');
  const { trouble, advice } = end;
  if (trouble instanceof XmppConnectError) return trouble;
  return new XmppConnectError('stream-closed', `the session gave up (${advice.cause}): ${advice.because}`, trouble);
}
