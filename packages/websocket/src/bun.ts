import type { Acceptor } from './accept.ts';
import { BunSocket, type BunServerWebSocket } from './bun-socket.ts';
import { pathOf, refuseUpgrade, type UpgradePolicy } from './upgrade.ts';
import { SUBPROTOCOL } from './web-socket.ts';

export type { BunServerWebSocket } from './bun-socket.ts';

/** What is used of the server that `Bun.serve` passes to `fetch`. */
export interface BunServer {
  requestIP(request: Request): { readonly address: string; readonly port: number } | null;
  upgrade(request: Request, options: { headers: Record<string, string>; data: SocketData }): boolean;
}

/** What Bun keeps for each of our WebSockets. */
export interface SocketData {
  readonly remote: { readonly address: string | undefined; readonly port: number | undefined };
  socket?: BunSocket;
}

/** The part of `Bun.serve`'s options that serves XMPP. */
export interface BunHandlers {
  fetch(request: Request, server: BunServer): Response | undefined;
  readonly websocket: {
    readonly idleTimeout: number;
    readonly backpressureLimit: number;
    open(socket: BunServerWebSocket<SocketData>): void;
    message(socket: BunServerWebSocket<SocketData>, message: string | Uint8Array): void;
    close(socket: BunServerWebSocket<SocketData>, code: number, reason: string): void;
  };
}

/**
 * Options for `Bun.serve` that hand WebSockets to an acceptor: `Bun.serve({ port, tls, ...bunHandlers(acceptor) })`.
 *
 * @example
 * ```ts
 * import { createAcceptor } from '@xmpp-wire/websocket';
 * import { bunHandlers } from '@xmpp-wire/websocket/bun';
 *
 * const acceptor = createAcceptor({
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * typeof bunHandlers(acceptor).fetch; // 'function'
 * ```
 */
export function bunHandlers(acceptor: Acceptor, policy: UpgradePolicy = {}): BunHandlers {
  return {
    fetch(request, server) {
      const { headers } = request;
      if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return new Response(undefined, { status: 404 });
      const remote = server.requestIP(request) ?? { address: undefined, port: undefined };
      const refusal = refuseUpgrade(
        {
          path: pathOf(request.url),
          origin: headers.get('origin') ?? undefined,
          host: headers.get('host') ?? undefined,
          protocols: headers.get('sec-websocket-protocol') ?? undefined,
        },
        policy,
      );
      if (refusal !== undefined) return new Response(refusal.reason, { status: refusal.status });
      if (!acceptor.hasRoomFor(remote)) return new Response(undefined, { status: 503 });
      const accepted = server.upgrade(request, {
        headers: { 'sec-websocket-protocol': SUBPROTOCOL },
        data: { remote: { address: remote.address, port: remote.port } },
      });
      return accepted ? undefined : new Response(undefined, { status: 400 });
    },
    websocket: {
      // The engine has deadlines of its own.
      idleTimeout: 0,
      // So has the driver: a peer that does not read is its to judge.
      backpressureLimit: 0x7fff_ffff,
      open(socket) {
        const wrapped = new BunSocket(socket);
        socket.data.socket = wrapped;
        acceptor.accept(wrapped, { remote: socket.data.remote });
      },
      message: ({ data }, message) => data.socket?.received(message),
      close: ({ data }, code, reason) => data.socket?.closed(code, reason),
    },
  };
}
