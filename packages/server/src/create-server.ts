import { randomBytes } from 'node:crypto';
import {
  ReceivingEntity,
  type CloseCause,
  type RandomSource,
  type ReceivingConfig,
  type ReceivingEvent,
  type Timeouts,
  type TraceEntry,
  type XmlLimits,
} from '@xmpp-wire/core';
import {
  listen,
  type AskHandlers,
  type BoundEndpoint,
  type Endpoint,
  type FailedConnection,
  type ListenEndpoint,
  type Listener,
  type Peer,
  type XmppConnection,
} from '@xmpp-wire/node-tcp';
import type { Listener as WebSocketListener } from '@xmpp-wire/websocket/node';
import { CertificateBook, type ServerCertificates } from './certificate/certificate-book.ts';
import { makeSelfSignedCertificate } from './certificate/self-signed.ts';
import { checkServerOptions } from './check-server-options.ts';
import { messageOf, ServerError, systemCodeOf } from './server-error.ts';
import type { Session } from './session.ts';
import type { ClientStream } from './stream/client-stream.ts';
import type { ServerLimits, XmppServerOptions } from './xmpp-server-options.ts';
import { listenForWebSockets, type WebSocketEndpoint, type WebSocketOptions } from './web-socket.ts';
import { XmppServer } from './xmpp-server.ts';

/** What clients may make a server over TCP spend. */
export interface TcpServerLimits extends ServerLimits {
  /** Connections at once from one address; one more is cut unheard (RFC 6120 §13.12). Default 100. */
  readonly connectionsPerAddress?: number;
  /** What the XML of a client may be like, after and before authentication; parts override core's defaults. */
  readonly xml?: Partial<XmlLimits>;
  readonly unauthenticatedXml?: Partial<XmlLimits>;
  /** Bytes that may wait for a client that does not read before it is cut off. Default 16 MiB. */
  readonly bufferedOutput?: number;
}

/** How long a server over TCP waits, in milliseconds. */
export interface ServerTimeouts extends Timeouts {
  /** For the handshake of direct TLS; that of STARTTLS is part of `negotiation`. Default 15 000. */
  readonly handshake?: number;
}

/** Where a server listens. A port of 0 is any free one, `false` switches it off. */
export interface ServerPorts {
  /** Default 5222. */
  readonly starttls?: number | false;
  /** Default 5223 (XEP-0368). */
  readonly directTls?: number | false;
}

/** What {@link createServer} is made with. */
export interface ServerOptions extends Omit<XmppServerOptions, 'random' | 'limits'> {
  /**
   * The certificate of all its domains, or one for each. Default: one that nobody vouches for is made at the start, see
   * {@link makeSelfSignedCertificate}.
   */
  readonly certificate?: ServerCertificates;
  /**
   * Ask clients for a certificate, which mechanism EXTERNAL needs (RFC 6120 §6.3.4). None, or one that is not trusted, does
   * not end the handshake: EXTERNAL is not offered then.
   */
  readonly clientCertificates?: {
    /** Authorities that they are checked against, in PEM. Default: those that Node brings. */
    readonly ca?: string | Buffer | (string | Buffer)[];
  };
  readonly ports?: ServerPorts;
  /** Also serves clients over WebSocket (RFC 7395). Default: no. */
  readonly webSocket?: WebSocketOptions;
  /** The address to listen at. Default `127.0.0.1`: only this machine can connect. */
  readonly host?: string;
  readonly limits?: TcpServerLimits;
  readonly timeouts?: ServerTimeouts;
  /**
   * Serve clients that send a line break right behind `<starttls/>`, against RFC 6120 §5.3.3: go-sendxmpp is one. False: they
   * are cut off, as for any other byte there (rule S5). Default true.
   */
  readonly whitespaceBehindStarttls?: boolean;
  /** Called for each thing that crosses the wire, secrets taken out; it must not throw. */
  readonly onTrace?: (entry: TraceEntry, peer: Peer) => void;
  /** For the log: a connection came to nothing. */
  readonly onFailure?: (failed: FailedConnection) => void;
  /** Default: Node's. */
  readonly random?: RandomSource;
}

/** A server over TCP and TLS. */
export interface Server {
  /**
   * Begins to listen. A server is started once.
   *
   * @throws ServerError `port-taken`, `port-forbidden`, `address-unavailable`: nothing listens then, and it may be tried
   * again. `certificate-unusable`.
   */
  start(): Promise<void>;
  /**
   * Ends every stream with system-shutdown (RFC 6120 §4.9.3.20), waits for the clients' closing tags, and cuts what is
   * left.
   *
   * @param timeout milliseconds to wait. Default 5000.
   */
  stop(timeout?: number): Promise<void>;
  /**
   * Presents another certificate from the next handshake on; connections go on as they are.
   *
   * @throws ServerError `certificate-unusable`; the one that there was stays.
   */
  useCertificate(certificate: ServerCertificates): void;
  /** Where it listens, STARTTLS first; empty while it does not. */
  readonly addresses: readonly BoundEndpoint[];
  /** The first of them. */
  readonly address: BoundEndpoint | undefined;
  /** Where it listens for WebSockets, if it does. */
  readonly webSocket: WebSocketEndpoint | undefined;
  readonly sessions: readonly Session[];
}

/**
 * Makes a small XMPP server for the users of some domains. It listens once `start` is called.
 *
 * @throws TypeError, RangeError, a zod error for options that make no sense.
 *
 * @example
 * ```ts
 * import { jid } from '@xmpp-wire/core';
 * import { createServer, makeSelfSignedCertificate, MemoryAccounts } from '@xmpp-wire/server';
 *
 * const accounts = new MemoryAccounts();
 * await accounts.add(jid('juliet@im.example.com'), 'R0m30');
 * const certificate = await makeSelfSignedCertificate(['im.example.com']);
 * const server = createServer({
 *   domains: ['im.example.com'],
 *   accounts,
 *   certificate,
 *   ports: { starttls: 0, directTls: 0 },
 * });
 * await server.start();
 * server.addresses.length; // 2
 * await server.stop();
 * ```
 */
export function createServer(options: ServerOptions): Server {
  checkServerOptions(options);
  return new TcpServer(options);
}

class TcpServer implements Server {
  readonly #options: ServerOptions;
  readonly #xmpp: XmppServer;
  /** The streams of the listeners' connections. */
  readonly #streams = new Map<Peer, ClientStream>();
  #certificates: CertificateBook | undefined;
  #listener: Promise<Listening> | undefined;
  #webSocket: WebSocketEndpoint | undefined;
  #addresses: readonly BoundEndpoint[] = [];
  #isStopped = false;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#xmpp = new XmppServer({
      ...options,
      random: options.random ?? nodeRandom,
      onError: (error) => this.#report(error),
    });
    // The caller's mistakes show now.
    endpointsOf(options);
    new ReceivingEntity({ random: nodeRandom, security: { kind: 'trusted' }, ...entityOptionsOf(options) }).close();
    if (options.certificate !== undefined) this.useCertificate(options.certificate);
  }

  get addresses(): readonly BoundEndpoint[] {
    return this.#addresses;
  }

  get address(): BoundEndpoint | undefined {
    return this.addresses[0];
  }

  get webSocket(): WebSocketEndpoint | undefined {
    return this.#webSocket;
  }

  get sessions(): readonly Session[] {
    return this.#xmpp.sessions;
  }

  async start(): Promise<void> {
    if (this.#listener !== undefined || this.#isStopped) {
      throw new Error('the server was started before: make another with createServer()');
    }
    this.#listener = this.#listen();
    try {
      const { tcp, webSocket } = await this.#listener;
      this.#addresses = tcp.endpoints;
      this.#webSocket = webSocket;
    } catch (error) {
      this.#listener = undefined;
      throw explainListening(error);
    }
  }

  async stop(timeout?: number): Promise<void> {
    this.#isStopped = true;
    this.#xmpp.shutDown();
    try {
      const listening = await this.#listener;
      await Promise.all([listening?.tcp.close(timeout), listening?.webSocket?.close(timeout)]);
    } finally {
      this.#addresses = [];
      this.#webSocket = undefined;
    }
  }

  useCertificate(certificate: ServerCertificates): void {
    if (this.#certificates === undefined) {
      this.#certificates = new CertificateBook(certificate, this.#options.domains[0] ?? '');
    } else this.#certificates.replace(certificate);
  }

  async #listen(): Promise<Listening> {
    this.#certificates ??= new CertificateBook(await makeSelfSignedCertificate(this.#options.domains), '');
    const certificates = this.#certificates.find;
    const { clientCertificates, host = LOOPBACK, webSocket } = this.#options;
    const {
      domains,
      limits = {},
      timeouts: { handshake } = {},
      whitespaceBehindStarttls = true,
      random,
      onTrace,
      onFailure,
    } = this.#options;
    const serving = {
      admit: ({ address }: Endpoint) => this.#xmpp.admits(address ?? ''),
      asks: this.#asks(),
      onConnection: async (connection: XmppConnection, peer: Peer) => this.#converse(connection, peer),
      onFailure: (failed: FailedConnection) => {
        this.#end(failed.peer, failed.cause);
        onFailure?.(failed);
      },
      onError: (error: unknown) => this.#report(error),
      // One more than the server takes is told so, and only beyond that connections are cut unheard.
      maxConnections: 2 * (limits.streams ?? DEFAULT_STREAMS),
      ...entityOptionsOf(this.#options),
      ...present({
        domain: domains[0],
        maxConnectionsPerAddress: limits.connectionsPerAddress ?? DEFAULT_CONNECTIONS_PER_ADDRESS,
        maxBufferedOutput: limits.bufferedOutput,
        random,
        onTrace,
      }),
    };
    const tcp = await listen({
      endpoints: endpointsOf(this.#options),
      tls: {
        certificates,
        ...(clientCertificates === undefined ? {} : { requestCertificate: true, ...clientCertificates }),
      },
      ...serving,
      ...present({ handshakeTimeout: handshake, whitespaceBehindStarttls }),
    });
    if (webSocket === undefined) return { tcp, webSocket: undefined };
    try {
      return { tcp, webSocket: await listenForWebSockets(webSocket, serving, host, certificates) };
    } catch (error) {
      await tcp.close(0);
      throw error;
    }
  }

  #asks(): AskHandlers {
    return {
      'accept-stream': async (ask, peer) => this.#streamOf(peer).acceptStream(ask),
      'look-up-credentials': async (ask, peer) => this.#streamOf(peer).lookUpCredentials(ask),
      'check-password': async (ask, peer) => this.#streamOf(peer).checkPassword(ask),
      authorize: async (ask, peer) => this.#streamOf(peer).authorize(ask),
      'bind-resource': async (ask, peer) => this.#streamOf(peer).bindResource(ask),
    };
  }

  async #converse(connection: XmppConnection, peer: Peer): Promise<void> {
    const stream = this.#streamOf(peer);
    // With that the adapter ends a stream whose conversation throws.
    let cause: CloseCause = { code: 'closed-locally', reason: { condition: 'internal-server-error' } };
    try {
      stream.established({
        send: async (stanza) => connection.send(stanza),
        close: (reason) => void connection.close(reason),
      });
      // RFC 6120 §10.1: one stanza after the other; who sends faster than they are worked off is read from no more.
      for await (const event of connection) await stream.receive(event satisfies ReceivingEvent);
      ({ cause } = await connection.closed);
    } finally {
      this.#end(peer, cause);
    }
  }

  #streamOf(peer: Peer): ClientStream {
    const known = this.#streams.get(peer);
    if (known !== undefined) return known;
    const { address = 'unknown', port = 0 } = peer.remote;
    const stream = this.#xmpp.accept(`${address}:${port}`, address);
    this.#streams.set(peer, stream);
    return stream;
  }

  #end(peer: Peer, cause: CloseCause | undefined): void {
    this.#streams.get(peer)?.ended(cause);
    this.#streams.delete(peer);
  }

  #report(error: unknown): void {
    if (this.#options.onError !== undefined) this.#options.onError(error);
    else process.emitWarning(error instanceof Error ? error : String(error));
  }
}

/** What listens for a server. */
interface Listening {
  readonly tcp: Listener;
  readonly webSocket: WebSocketListener | undefined;
}

const DEFAULT_STREAMS = 10_000;
const DEFAULT_CONNECTIONS_PER_ADDRESS = 100;
const LOOPBACK = '127.0.0.1';

function endpointsOf({ ports = {}, host = LOOPBACK }: ServerOptions): readonly ListenEndpoint[] {
  const { starttls = 5222, directTls = 5223 } = ports;
  const endpoints: ListenEndpoint[] = [];
  if (starttls !== false) endpoints.push({ port: starttls, host, tls: 'starttls' });
  if (directTls !== false) endpoints.push({ port: directTls, host, tls: 'direct' });
  if (endpoints.length === 0) throw new TypeError("a server needs a port: 'ports' switches both off");
  return endpoints;
}

/** What the entity of each connection is told as it is. */
function entityOptionsOf({ limits = {}, timeouts = {}, jidPreparation }: ServerOptions): Present<Told> {
  const { handshake: _, ...ofTheEntity } = timeouts;
  return present({
    limits: limits.xml,
    unauthenticatedLimits: limits.unauthenticatedXml,
    timeouts: ofTheEntity,
    jidPreparation,
  });
}

type Told = Pick<ReceivingConfig, 'limits' | 'unauthenticatedLimits' | 'timeouts' | 'jidPreparation'>;

/** Names what the system says. */
function explainListening(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const port = 'port' in error ? ` ${String(error.port)}` : '';
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return new ServerError(
        'port-taken',
        `port${port} is taken by another program: end it or use another port`,
        error,
      );
    case 'EACCES':
      return new ServerError('port-forbidden', `port${port} is not for this user: use one from 1024 on`, error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ServerError(
        'address-unavailable',
        `'host' is no address of this machine (${messageOf(error)}): give one that is, :: for all of them, or none for this machine alone`,
        error,
      );
    default:
      return error;
  }
}

function nodeRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}

type Present<Members> = { readonly [Key in keyof Members]?: Exclude<Members[Key], undefined> };

/** The members that are there; one that is undefined is not. */
function present<Members extends object>(members: Members): Present<Members> {
  // What is left of the members has their types, without undefined.
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Present<Members>;
}
