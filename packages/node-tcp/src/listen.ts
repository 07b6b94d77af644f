import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ReceivingEntity, type ReceivingConfig, type Security } from '@xmpp-wire/core';
import type { Connection, XmppConnection } from './connection.ts';
import type { ListenEndpoint, ListenOptions, Peer } from './listen-options.ts';
import { entityConfigOf, serve, type Served } from './serve.ts';
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
   * Takes no more connections, closes all streams with system-shutdown (RFC 6120 §4.9.3.21), waits, and then cuts what is left.
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
 * @throws LocalProtocolError, a zod error: the options make no sense.
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
  const listener = new TcpListener(options);
  await listener.open();
  return listener;
}

class TcpListener implements Listener {
  readonly #options: ListenOptions;
  readonly #entity: ReceivingConfig;
  readonly #tls: ServerTls;
  readonly #servers: Server[] = [];
  readonly #sockets = new Map<Socket, Served | undefined>();
  readonly #perAddress = new Map<string, number>();
  readonly #established = new Set<XmppConnection>();
  #endpoints: readonly BoundEndpoint[] = [];
  #lastId = 0;
  #closing: Promise<void> | undefined;
  #emptied: () => void = () => {};

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#entity = entityConfigOf(options);
    this.#tls = new ServerTls(options.tls, 'client');
    // The caller's mistakes show now, and not with the first connection.
    new ReceivingEntity(this.#entity).close();
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
    return this.#established;
  }

  get size(): number {
    return this.#sockets.size;
  }

  async open(): Promise<void> {
    try {
      this.#endpoints = await Promise.all(this.#options.endpoints.map((endpoint) => this.#listenOn(endpoint)));
    } catch (error) {
      await this.close(0);
      throw error;
    }
  }

  async close(timeout = 5000): Promise<void> {
    this.#closing ??= this.#shutDown(timeout);
    return this.#closing;
  }

  async #listenOn(endpoint: ListenEndpoint): Promise<BoundEndpoint> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true });
    this.#servers.push(server);
    server.on('connection', (socket) => void this.#accept(socket, endpoint));
    server.listen({ port: endpoint.port, ...(endpoint.host === undefined ? {} : { host: endpoint.host }) });
    await once(server, 'listening');
    server.on('error', (error) => this.#report(error));
    // A server that listens on a port has an AddressInfo; the other forms are those of pipes and of closed servers.
    const { address, port } = server.address() as AddressInfo;
    return { address, port, tls: endpoint.tls };
  }

  async #accept(socket: Socket, { tls }: ListenEndpoint): Promise<void> {
    const { maxConnections = 10_000, maxConnectionsPerAddress = Infinity } = this.#options;
    const remote = socket.remoteAddress ?? '';
    const sameAddress = (this.#perAddress.get(remote) ?? 0) + 1;
    // Nobody else listens for errors until the driver does.
    socket.on('error', () => {});
    const isFull = this.#sockets.size >= maxConnections || sameAddress > maxConnectionsPerAddress;
    if (this.#closing !== undefined || isFull || !this.#admits(socket)) {
      socket.destroy();
      return;
    }
    this.#perAddress.set(remote, sameAddress);
    this.#sockets.set(socket, undefined);
    const peer: Peer = {
      id: ++this.#lastId,
      local: { address: socket.localAddress, port: socket.localPort },
      remote: { address: socket.remoteAddress, port: socket.remotePort },
    };
    if (tls === 'starttls') {
      this.#serve(socket, socket, peer, { kind: 'clear' });
      return;
    }
    const deadline = setTimeout(() => socket.destroy(), this.#options.handshakeTimeout ?? 15_000);
    try {
      const secured = await this.#tls.secure(socket, undefined);
      this.#serve(socket, secured, peer, { kind: 'tls', tls: factsOf(secured, 'server', 'the client') });
    } catch (error) {
      this.#forget(socket, remote);
      this.#options.onFailure?.({
        peer,
        cause: undefined,
        error: error instanceof Error ? error : new Error(String(error)),
      });
    } finally {
      clearTimeout(deadline);
    }
  }

  #admits(socket: Socket): boolean {
    try {
      return this.#options.admit?.({ address: socket.remoteAddress, port: socket.remotePort }) ?? true;
    } catch (error) {
      this.#report(error);
      return false;
    }
  }

  #serve(key: Socket, socket: Socket, peer: Peer, security: Security): void {
    const served = serve(socket, {
      options: this.#options,
      entity: this.#entity,
      tls: this.#tls,
      peer,
      security,
      onError: (error) => this.#report(error),
      onEstablished: (connection) => this.#onEstablished(connection, peer),
      onEnd: (connection) => {
        if (connection !== undefined) this.#established.delete(connection);
        this.#forget(key, peer.remote.address ?? '');
      },
    });
    if (this.#sockets.has(key)) this.#sockets.set(key, served);
  }

  #onEstablished(connection: Connection, peer: Peer): void {
    this.#established.add(connection);
    void (async () => {
      try {
        await this.#options.onConnection(connection, peer);
      } catch (error) {
        this.#report(error);
        await connection.close({ condition: 'internal-server-error' });
      }
    })();
  }

  #forget(socket: Socket, remote: string): void {
    if (!this.#sockets.delete(socket)) return;
    const left = (this.#perAddress.get(remote) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(remote, left);
    else this.#perAddress.delete(remote);
    if (this.#sockets.size === 0) this.#emptied();
  }

  async #shutDown(timeout: number): Promise<void> {
    const closed = this.#servers.map(async (server) => new Promise((resolve) => server.close(resolve)));
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
      if (this.#sockets.size === 0) resolve();
    });
    for (const [socket, served] of this.#sockets) {
      if (served === undefined) socket.destroy();
      else served.close({ condition: 'system-shutdown' });
    }
    const deadline = setTimeout(() => {
      for (const [socket, served] of this.#sockets) {
        if (served === undefined) socket.destroy();
        else served.abort(new Error('the server shuts down'));
      }
    }, timeout);
    await emptied;
    clearTimeout(deadline);
    await Promise.all(closed);
  }

  #report(error: unknown): void {
    const { onError } = this.#options;
    if (onError !== undefined) onError(error);
    else process.emitWarning(error instanceof Error ? error : String(error));
  }
}
