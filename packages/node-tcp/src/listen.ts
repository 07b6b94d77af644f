import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Reception, timerDelay, type StartTls, type XmppConnection } from '@xmpp-wire/driver';
import { checkListenOptions, type ListenEndpoint, type ListenOptions } from './listen-options.ts';
import { nodePlatform } from './platform.ts';
import { endsOf, SocketLink } from './tcp/socket-link.ts';
import { closeOnExpiry } from './tls/expiry.ts';
import { factsOf } from './tls/facts.ts';
import { ServerTls } from './tls/server-tls.ts';

/** Where a listener really listens. */
export interface BoundEndpoint {
  readonly address: string;
  readonly port: number;
  readonly tls: 'starttls' | 'direct';
}

/** A server's listening sockets and its connections. */
export interface Listener {
  /** Where it listens, in the order of the options. */
  readonly endpoints: readonly BoundEndpoint[];
  /** The port of the first endpoint. */
  readonly port: number;
  /** The address of the first endpoint. */
  readonly address: string;
  /** The established connections. */
  readonly connections: ReadonlySet<XmppConnection>;
  /** All connections, those being negotiated included. */
  readonly size: number;
  /**
   * Takes no more connections, closes all streams with system-shutdown (RFC 6120 §4.9.3.20), waits, and then cuts what is left.
   *
   * @param timeout milliseconds to wait; default 5000.
   */
  close(timeout?: number): Promise<void>;
}

/**
 * Listens for clients. The embedding server decides, by the handlers of its asks, which domains it serves, who may
 * authenticate, and which resource a client gets; TLS and key derivation are done here.
 *
 * @throws the error of the system when an endpoint cannot be listened on; nothing listens then.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense.
 *
 * @example
 * ```ts
 * import { listen } from '@xmpp-wire/node-tcp';
 *
 * const listener = await listen({
 *   endpoints: [{ port: 0, host: '127.0.0.1', tls: 'starttls' }],
 *   tls: { certificates: () => undefined },
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * listener.port > 0; // true
 * await listener.close();
 * ```
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  checkListenOptions(options);
  const listener = new TcpListener(options);
  await listener.open();
  return listener;
}

class TcpListener implements Listener {
  readonly #options: ListenOptions;
  readonly #tls: ServerTls;
  readonly #reception: Reception;
  readonly #servers: Server[] = [];
  #endpoints: readonly BoundEndpoint[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#tls = new ServerTls(options.tls, 'client');
    this.#reception = new Reception(
      {
        ...options,
        onError: options.onError ?? warn,
        async onConnection(connection, peer) {
          if (connection.tls?.peerCertificate?.trusted === true) closeOnExpiry(connection);
          await options.onConnection(connection, peer);
        },
      },
      'bytes',
      nodePlatform,
    );
  }

  get endpoints(): readonly BoundEndpoint[] {
    return this.#endpoints;
  }

  get port(): number {
    return this.#endpoints[0]?.port ?? 0;
  }

  get address(): string {
    return this.#endpoints[0]?.address ?? '';
  }

  get connections(): ReadonlySet<XmppConnection> {
    return this.#reception.connections;
  }

  get size(): number {
    return this.#reception.size;
  }

  async open(): Promise<void> {
    try {
      this.#endpoints = await Promise.all(this.#options.endpoints.map((endpoint) => this.#listenOn(endpoint)));
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  async close(timeout?: number): Promise<void> {
    this.#closing ??= this.#shutDown(timeout);
    return this.#closing;
  }

  async #listenOn(endpoint: ListenEndpoint): Promise<BoundEndpoint> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#servers.push(server);
    server.on('connection', (socket) => void this.#accept(socket, endpoint));
    server.listen({ port: endpoint.port, ...(endpoint.host === undefined ? {} : { host: endpoint.host }) });
    await once(server, 'listening');
    server.on('error', (error) => this.#reception.report(error));
    // A server that listens on a port has an AddressInfo; the other forms are those of pipes and of closed servers.
    const { address, port } = server.address() as AddressInfo;
    return { address, port, tls: endpoint.tls };
  }

  async #accept(socket: Socket, { tls }: ListenEndpoint): Promise<void> {
    // Nobody else listens for errors until the link does, nor during a handshake.
    socket.on('error', () => {});
    const { local, remote } = endsOf(socket);
    const admission = this.#reception.admit(local, remote, () => socket.destroy());
    if (admission === undefined) {
      socket.destroy();
      return;
    }
    if (tls === 'starttls') {
      admission.serve(new SocketLink(socket), { kind: 'clear' }, this.#startTls);
      return;
    }
    const deadline = setTimeout(() => socket.destroy(), timerDelay(this.#options.handshakeTimeout ?? 15_000));
    try {
      const secured = await this.#tls.secure(socket, undefined);
      admission.serve(new SocketLink(secured), { kind: 'tls', tls: factsOf(secured, 'server', 'the client') });
    } catch (error) {
      admission.failed(error);
    } finally {
      clearTimeout(deadline);
    }
  }

  readonly #startTls: StartTls = async ({ domain }, link) => {
    // It is the one that was made above.
    const { socket } = link as SocketLink;
    const secured = await this.#tls.secure(socket, domain);
    return { link: new SocketLink(secured), facts: factsOf(secured, 'server', domain) };
  };

  async #shutDown(timeout: number | undefined): Promise<void> {
    const closed = this.#servers.map(async (server) => new Promise((resolve) => server.close(resolve)));
    await this.#reception.close(timeout);
    await Promise.all(closed);
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
