import type { CloseCause, Jid, ReceivingEvent } from '@xmpp-wire/core';
import type { FailedLogin } from './hooks.ts';
import { Gatekeeper } from './limits/gatekeeper.ts';
import { Router } from './routing/router.ts';
import { SessionTable } from './session-table.ts';
import type { ClientSession, Session, SessionOwner } from './session.ts';
import type { ServerState } from './stream/accept-stream.ts';
import { ClientStream, type StreamHost } from './stream/client-stream.ts';
import { completeOptions, type ServerSettings, type XmppServerOptions } from './xmpp-server-options.ts';

/**
 * A small XMPP server without its connections: hosts, accounts, sessions, routing between local users. It opens no
 * socket and reads no clock; call `accept` for each connection and tie the stream to a receiving entity of core, or use
 * `createServer`, which does that over TCP.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core';
 * import { MemoryAccounts, XmppServer } from '@xmpp-wire/server';
 *
 * const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
 * const server = new XmppServer({ domains: ['im.example.com'], accounts: new MemoryAccounts({ random }), random });
 * server.sessionsOf(jid('juliet@im.example.com')).length; // 0
 * ```
 */
export class XmppServer {
  readonly #settings: ServerSettings;
  readonly #table = new SessionTable();
  readonly #streams = new Set<ClientStream>();
  readonly #router: Router;
  readonly #host: StreamHost;
  readonly #gatekeeper: Gatekeeper;
  #isStopping = false;

  /** @throws TypeError, RangeError for options that make no sense. */
  constructor(options: XmppServerOptions) {
    this.#settings = completeOptions(options);
    const owner: SessionOwner = {
      endSession: (session, heard, cause) => this.#endSession(session, heard, cause),
      report: (error) => this.#settings.onError(error),
    };
    this.#router = new Router(this.#table, this.#settings, owner);
    const { connectionsPerMinute, failedLoginsPerMinute } = this.#settings.limits;
    this.#gatekeeper = new Gatekeeper({
      connectionsPerMinute,
      failedLoginsPerMinute,
      now: this.#settings.now,
      onShutOut: (address, because) => this.#notify(() => this.#settings.hooks.shutOut?.(address, because)),
    });
    this.#host = this.#hostFor(owner, this.#settings.random(DECOY_SECRET_BYTES));
  }

  /** Connections that have not ended. */
  get streams(): number {
    return this.#streams.size;
  }

  /** All sessions. */
  get sessions(): readonly Session[] {
    return this.#table.all();
  }

  /**
   * Whether one more connection may come from an address, by how many came within the last minute (RFC 6120 §13.12). Ask
   * once for each, before anything is spent on it, and cut it when the answer is false.
   */
  admits(address: string): boolean {
    return this.#gatekeeper.admits(address);
  }

  /**
   * A connection came: this is the server's side of it.
   *
   * @param remote whom it comes from, for people to read.
   * @param address the same without a port: failed logins are counted by it. Default: `remote`.
   */
  accept(remote: string, address: string = remote): ClientStream {
    const isSurplus = this.#streams.size >= this.#settings.limits.streams;
    const stream = new ClientStream(this.#host, { remote, address, isSurplus });
    this.#streams.add(stream);
    return stream;
  }

  /** The sessions of one account. */
  sessionsOf(account: Jid): readonly Session[] {
    return this.#table.of(account.bare);
  }

  /** Ends every session with system-shutdown (RFC 6120 §4.9.3.20) and refuses every stream from now on. */
  shutDown(): void {
    this.#isStopping = true;
    for (const session of this.#table.all()) session.close({ condition: 'system-shutdown' });
  }

  #hostFor(owner: SessionOwner, decoySecret: Uint8Array): StreamHost {
    const state: ServerState = {
      decoySecret,
      isStopping: () => this.#isStopping,
    };
    return {
      settings: this.#settings,
      table: this.#table,
      state,
      owner,
      gatekeeper: this.#gatekeeper,
      loginFailed: (login: FailedLogin) => this.#notify(() => this.#settings.hooks.loginFailed?.(login)),
      forget: (stream) => this.#streams.delete(stream),
      started: (session) => this.#notify(() => this.#settings.hooks.sessionStarted?.(session)),
      receive: async (event, session) => this.#receive(event, session),
    };
  }

  async #receive(event: ReceivingEvent, session: ClientSession): Promise<void> {
    switch (event.type) {
      case 'stanza':
        return this.#router.receive(event.stanza, session);
      case 'peer-closing':
        // RFC 6120 §4.4: our closing tag is next; from here on nothing could be delivered any more.
        return this.#endSession(session, false, { code: 'closed-by-peer', seeOtherUri: undefined });
      default:
    }
  }

  #endSession(session: ClientSession, heard: boolean, cause: CloseCause): void {
    const wasLive = session.isLive;
    const wasAvailable = session.presence !== undefined;
    session.end(heard);
    // A session that gave way to another is no longer there, and all was said about it.
    if (!this.#table.remove(session) || !wasLive) return;
    // A server that goes down tells each client once: with the error that ends its stream.
    if (!this.#isStopping) this.#router.presences.ended(session, wasAvailable);
    this.#notify(() => this.#settings.hooks.sessionEnded?.(session, cause));
  }

  #notify(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#settings.onError(error);
    }
  }
}

const DECOY_SECRET_BYTES = 32;
