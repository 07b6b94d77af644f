import { Reception, type Endpoint, type ServeOptions, type XmppConnection } from '@xmpp-wire/driver';
import { SUBPROTOCOL, TRY_AGAIN_LATER, type WebSocketLike } from './web-socket.ts';
import { WebSocketLink } from './web-socket-link.ts';

/** Both ends of a connection, as far as the server's runtime says. */
export interface SocketEnds {
  readonly local?: Endpoint;
  readonly remote?: Endpoint;
}

/** The server's side of XMPP over WebSocket, whatever accepts the sockets. */
export interface Acceptor {
  /** The established connections. */
  readonly connections: ReadonlySet<XmppConnection>;
  /** All connections, those being negotiated included. */
  readonly size: number;
  /** Whether one more may come from this address: ask before the upgrade, and answer with 503 if not. */
  hasRoomFor(remote: Endpoint): boolean;
  /** Takes over a WebSocket that was accepted with the subprotocol `xmpp`, and that is open. */
  accept(socket: WebSocketLike, ends?: SocketEnds): void;
  /**
   * Takes no more connections, closes all streams with system-shutdown (RFC 6120 §4.9.3.20), waits, and then cuts what is
   * left.
   *
   * @param timeout milliseconds to wait; default 5000.
   */
  close(timeout?: number): Promise<void>;
}

/**
 * Makes the server's side of XMPP over WebSocket (RFC 7395) for sockets that something else accepts: the upgrade of Deno
 * or of Bun, or a web server that is there already. Whoever accepts them vouches for TLS: behind it the streams count as
 * protected.
 *
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense.
 *
 * @example
 * ```ts
 * import { createAcceptor } from '@xmpp-wire/websocket';
 *
 * const acceptor = createAcceptor({
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * acceptor.size; // 0
 * await acceptor.close();
 * ```
 */
export function createAcceptor(options: ServeOptions): Acceptor {
  const reception = new Reception(options, 'messages');
  return {
    get connections() {
      return reception.connections;
    },
    get size() {
      return reception.size;
    },
    hasRoomFor: (remote) => reception.hasRoomFor(remote),
    accept(socket, { local = UNKNOWN, remote = UNKNOWN } = {}) {
      const link = new WebSocketLink(socket, { local, remote });
      // Deno does not say on the server's side which subprotocol it agreed to.
      const isXmpp = socket.protocol === SUBPROTOCOL || socket.protocol === '';
      const admission = isXmpp ? reception.admit(local, remote, () => link.abort()) : undefined;
      if (admission === undefined) socket.close(TRY_AGAIN_LATER);
      else admission.serve(link, { kind: 'trusted' });
    },
    close: async (timeout) => reception.close(timeout),
  };
}

const UNKNOWN: Endpoint = { address: undefined, port: undefined };
