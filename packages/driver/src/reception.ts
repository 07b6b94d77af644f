import { ReceivingEntity, type ReceivingConfig, type Security, type StreamErrorFields } from '@xmpp-wire/core';
import { answerAsk } from './answer-ask.ts';
import { DEFAULT_LINGERING, DEFAULT_MAX_BUFFERED_OUTPUT, DEFAULT_MAX_QUEUED_EVENTS } from './client-options.ts';
import { Connection, type XmppConnection } from './connection.ts';
import { timerDelay } from './deadline-timer.ts';
import { Driver } from './drive.ts';
import type { DriverHooks } from './driven.ts';
import { deriveSaltedPassword } from './key-derivation.ts';
import type { Endpoint, Link } from './link.ts';
import type { StartTls } from './negotiate.ts';
import { keysOf, pick } from './pick.ts';
import { soon, type Platform } from './platform.ts';
import { webRandom } from './random.ts';
import {
  checkServeOptions,
  ENTITY_OPTIONS,
  type FailedConnection,
  type Peer,
  type ServeOptions,
} from './server-options.ts';

/** A place that was taken for a connection before its link was ready. */
export interface Admission {
  readonly peer: Peer;
  /** The link is ready: the stream begins. */
  serve(link: Link, security: Security, startTls?: StartTls): void;
  /** It came to nothing, and was cut by whoever admitted it. */
  failed(error: unknown): void;
}

/**
 * All connections of a server, whatever listens for them: counts and refuses, serves each with a receiving entity, and
 * ends them together.
 */
export class Reception {
  readonly #options: ServeOptions;
  readonly #platform: Platform;
  readonly #entity: Omit<ReceivingConfig, 'security'>;
  /** Each admission with the driver of its stream, or how to cut what is not yet a stream. */
  readonly #admitted = new Map<Peer, Driver | (() => void)>();
  readonly #perAddress = new Map<string, number>();
  readonly #established = new Set<XmppConnection>();
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #emptied: () => void = () => {};

  /** @throws TypeError, LocalProtocolError, a zod error: the options make no sense. */
  constructor(options: ServeOptions, carries: 'bytes' | 'messages', platform: Platform = {}) {
    checkServeOptions(options);
    this.#options = options;
    this.#platform = platform;
    this.#entity = {
      random: options.random ?? platform.random ?? webRandom,
      transport: carries,
      ...pick(platform, ['textCodec']),
      ...pick(options, keysOf(ENTITY_OPTIONS)),
    };
    // The caller's mistakes show now, and not with the first connection.
    new ReceivingEntity({ ...this.#entity, security: { kind: 'trusted' } }).close();
  }

  /** The established connections. */
  get connections(): ReadonlySet<XmppConnection> {
    return this.#established;
  }

  /** All connections, those being negotiated included. */
  get size(): number {
    return this.#admitted.size;
  }

  /** Whether one more may come from this address. */
  hasRoomFor(remote: Endpoint): boolean {
    const { maxConnections = 10_000, maxConnectionsPerAddress = Infinity } = this.#options;
    if (this.#closing !== undefined || this.#admitted.size >= maxConnections) return false;
    return (this.#perAddress.get(remote.address ?? '') ?? 0) < maxConnectionsPerAddress;
  }

  #admits(remote: Endpoint): boolean {
    try {
      return this.#options.admit?.(remote) ?? true;
    } catch (error) {
      this.report(error);
      return false;
    }
  }

  /**
   * Takes a connection in; undefined when there is no room: cut it then.
   *
   * @param cut cuts it as long as its link has not been served.
   */
  admit(local: Endpoint, remote: Endpoint, cut: () => void): Admission | undefined {
    if (!this.hasRoomFor(remote) || !this.#admits(remote)) return undefined;
    const address = remote.address ?? '';
    this.#perAddress.set(address, (this.#perAddress.get(address) ?? 0) + 1);
    const peer: Peer = { id: ++this.#lastId, local, remote };
    this.#admitted.set(peer, cut);
    return {
      peer,
      serve: (link, security, startTls) => {
        if (!this.#admitted.has(peer)) link.abort();
        else this.#serve(peer, link, security, startTls);
      },
      failed: (error) => {
        if (!this.#forget(peer)) return;
        const failure = error instanceof Error ? error : new Error(String(error));
        this.#onFailure({ peer, cause: undefined, error: failure });
      },
    };
  }

  /**
   * Takes no more connections, closes all streams with system-shutdown (RFC 6120 §4.9.3.20), waits, and then cuts what
   * is left.
   *
   * @param timeout milliseconds to wait, for some 25 days at most; default 5000.
   */
  async close(timeout = 5000): Promise<void> {
    this.#closing ??= this.#shutDown(timeout);
    return this.#closing;
  }

  /** For the log. */
  report(error: unknown): void {
    const { onError } = this.#options;
    if (onError !== undefined) onError(error);
    else console.error(error);
  }

  #serve(peer: Peer, link: Link, security: Security, startTls: StartTls | undefined): void {
    const options = this.#options;
    const { onTrace } = options;
    const entity = new ReceivingEntity({
      ...this.#entity,
      security,
      ...(onTrace === undefined ? {} : { onTrace: (entry) => onTrace(entry, peer) }),
    });
    const handshake = new AbortController();
    let facts = security.kind === 'tls' ? security.tls : undefined;
    let connection: Connection | undefined;
    const hooks: DriverHooks = {
      isBehind: () => connection?.isBehind ?? false,
      onDrain: () => connection?.drained(),
      async startTls(ask, raw) {
        if (startTls === undefined) throw new Error('this transport has no STARTTLS');
        return startTls(ask, raw, handshake.signal);
      },
      onAsk: (ask) =>
        void answerAsk(ask, driver, {
          handlers: options.asks,
          peer,
          random: this.#entity.random,
          deriveSaltedPassword: this.#platform.deriveSaltedPassword ?? deriveSaltedPassword,
          onError: (error) => this.report(error),
        }),
      onEvent: (event) => {
        if (event.type === 'secured') facts = event.tls;
        if (event.type !== 'established') {
          connection?.deliver(event);
          return;
        }
        connection = new Connection(driver, {
          jid: event.jid,
          tls: facts,
          redirectsFollowed: 0,
          random: this.#entity.random,
          requestTimeout: options.requestTimeout,
          maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
        });
        this.#onEstablished(connection, peer);
      },
      onStreamClosed() {
        handshake.abort(new Error('the stream ended'));
        connection?.streamClosed();
      },
      onEnd: (end) => {
        connection?.end(end);
        if (connection !== undefined) this.#established.delete(connection);
        this.#forget(peer);
        if (connection === undefined) this.#onFailure({ peer, ...end });
      },
    };
    const driver = new Driver(entity, link, hooks, {
      maxBufferedOutput: options.maxBufferedOutput ?? DEFAULT_MAX_BUFFERED_OUTPUT,
      lingering: options.lingering ?? DEFAULT_LINGERING,
      defer: this.#platform.defer ?? soon,
    });
    this.#admitted.set(peer, driver);
    driver.start();
  }

  // It is called where a connection ends: what it throws would be nobody's there, and end the program.
  #onFailure(failed: FailedConnection): void {
    try {
      this.#options.onFailure?.(failed);
    } catch (error) {
      this.report(error);
    }
  }

  #onEstablished(connection: Connection, peer: Peer): void {
    this.#established.add(connection);
    void (async () => {
      try {
        await this.#options.onConnection(connection, peer);
      } catch (error) {
        this.report(error);
        await connection.close({ condition: 'internal-server-error' });
      }
    })();
  }

  #forget(peer: Peer): boolean {
    if (!this.#admitted.delete(peer)) return false;
    const address = peer.remote.address ?? '';
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
    if (this.#admitted.size === 0) this.#emptied();
    return true;
  }

  async #shutDown(timeout: number): Promise<void> {
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (this.#admitted.size === 0) resolve();
    });
    const reason: StreamErrorFields = { condition: 'system-shutdown' };
    for (const served of this.#admitted.values()) {
      if (typeof served === 'function') served();
      else served.close(reason);
    }
    const deadline = setTimeout(() => {
      for (const served of this.#admitted.values()) {
        if (typeof served === 'function') served();
        else served.abort(new Error('the server shuts down'));
      }
    }, timerDelay(timeout));
    await emptied;
    clearTimeout(deadline);
  }
}
