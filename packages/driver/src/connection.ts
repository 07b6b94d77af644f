import type {
  ElementReceived,
  EntityDescription,
  IqError,
  IqResult,
  Jid,
  PeerClosing,
  RequestFields,
  Stanza,
  StanzaReceived,
  StanzaRefused,
  StreamErrorFields,
  TlsFacts,
} from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import type { Driver } from './drive.ts';
import type { ConnectionEnd, DrivenEvent } from './driven.ts';
import { EventQueue } from './event-queue.ts';
import type { Endpoint } from './link.ts';
import { Requests, type RequestOptions } from './requests.ts';

/** What arrives on an established stream. */
export type ConnectionEvent = StanzaReceived | StanzaRefused | ElementReceived | PeerClosing;

/** A snapshot of a connection for logs; holds no secret. */
export interface ConnectionDescription {
  readonly jid: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly entity: EntityDescription;
  /** Events that nobody has read yet. */
  readonly queuedEvents: number;
  readonly openRequests: number;
  /** Bytes that the peer has not taken yet. */
  readonly bufferedOutput: number;
}

/**
 * An established stream, of either role, over any transport.
 *
 * Read it with `for await`: each event comes once, to one reader. Who does not read holds the peer up: once the queue
 * is full nothing more is read, and answers to requests do not come through either. What is sent while
 * the event `peer-closing` is dealt with still goes out; the stream is closed when the reader comes back for more.
 *
 * @example
 * ```ts no-run: it needs a connection
 * import type { XmppConnection } from '@xmpp-wire/driver';
 *
 * declare const connection: XmppConnection;
 * for await (const event of connection) {
 *   if (event.type === 'stanza') console.log(event.stanza.element.toString());
 * }
 * console.log((await connection.closed).cause.code);
 * ```
 */
export interface XmppConnection extends AsyncIterable<ConnectionEvent> {
  /** The address that this stream acts for: on a client's side its own full JID, on a server's the client's. */
  readonly jid: Jid;
  /** What is known of TLS (RFC 7590 §3.6); nothing where the transport keeps it to itself, as browsers do. */
  readonly tls: TlsFacts | undefined;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** How many redirections were followed while connecting (RFC 6120 §4.9.3.19); 0 on a server's side. */
  readonly redirectsFollowed: number;
  /** How it ended, once the connection is gone. It never rejects. */
  readonly closed: Promise<ConnectionEnd>;
  /** Only the stanzas; for the rest of the events read the connection itself. */
  stanzas(): AsyncIterable<Stanza>;
  /**
   * Sends a stanza (RFC 6120 §8). Await it before sending the next: it resolves once there is room for more, so a peer
   * that does not read holds the sender up. False: the stream is closing or closed and nothing was sent, or it closed
   * while waiting.
   *
   * @throws LocalProtocolError `stanza-invalid`.
   */
  send(stanza: Stanza): Promise<boolean>;
  /**
   * Sends a first-level element of a registered extension, as `send` does.
   *
   * @throws LocalProtocolError `element-not-allowed`.
   */
  sendElement(element: XmlElement): Promise<boolean>;
  /**
   * Sends an iq request and waits for its answer (RFC 6120 §8.2.3); an answer that says no is an `IqError`.
   *
   * @throws {@link XmppRequestError} `request-timed-out`, `request-closed`, `request-answer-malformed`.
   */
  request(fields: RequestFields, options?: RequestOptions): Promise<IqResult | IqError>;
  /** Closes the stream and the connection in order (RFC 6120 §4.4); resolves once the connection is gone. */
  close(reason?: StreamErrorFields): Promise<ConnectionEnd>;
  /** Cuts the connection at once: nothing is said to the peer, and what was not read yet may be lost. */
  abort(): void;
  describe(): ConnectionDescription;
}

/** What a connection is made with. */
export interface ConnectionSettings {
  readonly jid: Jid;
  readonly tls: TlsFacts | undefined;
  readonly redirectsFollowed: number;
  readonly random: (length: number) => Uint8Array;
  readonly requestTimeout: number | undefined;
  readonly maxQueuedEvents: number;
}

export class Connection implements XmppConnection {
  readonly jid: Jid;
  readonly tls: TlsFacts | undefined;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly redirectsFollowed: number;
  readonly closed: Promise<ConnectionEnd>;
  readonly #driver: Driver;
  readonly #queue: EventQueue<ConnectionEvent>;
  readonly #requests: Requests;
  #closeAsked = false;
  #peerIsClosing = false;
  #ended: (end: ConnectionEnd) => void = () => {};
  #drained: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(driver: Driver, settings: ConnectionSettings) {
    this.#driver = driver;
    this.jid = settings.jid;
    this.tls = settings.tls;
    this.local = driver.link.local;
    this.remote = driver.link.remote;
    this.redirectsFollowed = settings.redirectsFollowed;
    this.#queue = new EventQueue(settings.maxQueuedEvents, () => driver.pump());
    this.#requests = new Requests(settings.jid, settings.random, settings.requestTimeout);
    this.closed = new Promise((resolve) => (this.#ended = resolve));
  }

  async *stanzas(): AsyncGenerator<Stanza, void, void> {
    for await (const event of this) if (event.type === 'stanza') yield event.stanza;
  }

  [Symbol.asyncIterator](): AsyncIterator<ConnectionEvent> {
    return this.#queue[Symbol.asyncIterator]();
  }

  async send(stanza: Stanza): Promise<boolean> {
    return this.#driver.send(stanza) && this.#room();
  }

  async sendElement(element: XmlElement): Promise<boolean> {
    return this.#driver.sendElement(element) && this.#room();
  }

  async request(fields: RequestFields, options?: RequestOptions): Promise<IqResult | IqError> {
    return this.#requests.request(fields, (request) => this.#driver.send(request), options);
  }

  async close(reason?: StreamErrorFields): Promise<ConnectionEnd> {
    this.#closeAsked = true;
    this.#driver.close(reason);
    return this.closed;
  }

  abort(): void {
    this.#driver.abort(new Error('abort() was called'));
  }

  describe(): ConnectionDescription {
    return {
      jid: this.jid.toString(),
      local: this.local,
      remote: this.remote,
      entity: this.#driver.entity.describe(),
      queuedEvents: this.#queue.length,
      openRequests: this.#requests.size,
      bufferedOutput: this.#driver.bufferedOutput,
    };
  }

  /** For the driver: whether the reader of events is behind. */
  get isBehind(): boolean {
    // RFC 6120 §4.4: the peer has closed its stream; whoever reads may still send before the entity closes ours.
    const isAnswering = this.#peerIsClosing && this.#queue.hasReader && !this.#queue.isAwaited;
    if (isAnswering && !this.#driver.isCut) return true;
    return this.#queue.isFull && !this.#isAbandoned;
  }

  /** For the driver: an event of the established stream. */
  deliver(event: DrivenEvent): void {
    switch (event.type) {
      case 'stanza':
        if (this.#requests.receive(event.stanza)) return;
        break;
      case 'stanza-refused':
        if (this.#requests.receive(event.problem)) return;
        break;
      case 'element':
        break;
      case 'peer-closing':
        this.#peerIsClosing = true;
        break;
      default:
        return;
    }
    if (!this.#queue.isFull) this.#queue.push(event);
  }

  /** For the driver: the link has room again, or is gone. */
  drained(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** For the driver: no event comes any more. */
  streamClosed(): void {
    this.#queue.end();
    this.#requests.close(undefined);
  }

  /** For the driver: the link is gone. */
  end(end: ConnectionEnd): void {
    this.drained();
    this.#ended(end);
  }

  // Who closes, or is closed on, and reads nothing does not want the rest: it is dropped, or the end would never be seen.
  get #isAbandoned(): boolean {
    return !this.#queue.hasReader && (this.#closeAsked || this.#driver.isCut);
  }

  async #room(): Promise<boolean> {
    if (!this.#driver.isCongested) return true;
    let drained = this.#drained;
    if (drained === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((done) => (resolve = done));
      drained = { promise, resolve };
      this.#drained = drained;
    }
    await drained.promise;
    return !this.#driver.isCut;
  }
}
