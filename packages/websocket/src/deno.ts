import type { Endpoint } from '@xmpp-wire/driver';
import type { Acceptor } from './accept.ts';
import { pathOf, refuseUpgrade, type UpgradePolicy } from './upgrade.ts';
import { OPEN, SUBPROTOCOL, type WebSocketLike } from './web-socket.ts';

/** What is used of the global `Deno`. */
interface DenoUpgrade {
  upgradeWebSocket(
    request: Request,
    options: { protocol: string; idleTimeout: number },
  ): {
    readonly socket: WebSocketLike;
    readonly response: Response;
  };
}

/** What `Deno.serve` says of a connection. */
export interface ServeInfo {
  readonly remoteAddr: object;
}

/**
 * A handler for `Deno.serve` that hands WebSockets to an acceptor. `Deno.serve({ cert, key }, handler)` does TLS, or a
 * proxy in front of it.
 *
 * @example
 * ```ts no-run: it needs Deno
 * import { createAcceptor } from '@xmpp-wire/websocket';
 * import { denoHandler } from '@xmpp-wire/websocket/deno';
 *
 * const acceptor = createAcceptor({
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * const handler = denoHandler(acceptor, { origins: 'any' });
 * // Deno.serve({ port: 5281, cert, key }, handler);
 * ```
 */
export function denoHandler(
  acceptor: Acceptor,
  policy: UpgradePolicy = {},
): (request: Request, info: ServeInfo) => Response {
  return (request, info) => {
    const { headers } = request;
    if (headers.get('upgrade')?.toLowerCase() !== 'websocket') return new Response(undefined, { status: 404 });
    const remote = endpointOf(info.remoteAddr);
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
    // The global of the one runtime that this is for.
    const { Deno } = globalThis as unknown as { Deno: DenoUpgrade };
    const { socket, response } = Deno.upgradeWebSocket(request, { protocol: SUBPROTOCOL, idleTimeout: 0 });
    if (socket.readyState === OPEN) acceptor.accept(socket, { remote });
    else socket.addEventListener('open', () => acceptor.accept(socket, { remote }));
    return response;
  };
}

function endpointOf(address: object): Endpoint {
  return {
    address: 'hostname' in address && typeof address.hostname === 'string' ? address.hostname : undefined,
    port: 'port' in address && typeof address.port === 'number' ? address.port : undefined,
  };
}
