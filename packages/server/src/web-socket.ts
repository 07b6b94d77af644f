import type { CertificateLookup } from '@xmpp-wire/node-tcp';
import { listen, type Listener, type ListenOptions } from '@xmpp-wire/websocket/node';
import type { OriginPolicy } from '@xmpp-wire/websocket';
import { WebSocketServer } from 'ws';

/** How a server serves web pages and other clients over WebSocket (RFC 7395). */
export interface WebSocketOptions {
  /** 0: any free one. */
  readonly port: number;
  /** The address to listen at. Default: that of the server. */
  readonly host?: string;
  /**
   * What protects the connections. `certificate`: the server's own, and clients use `wss`. `proxy`: one in front of this
   * server does TLS; nobody else may reach the port. `none`: nothing, which is for this machine alone.
   */
  readonly protection: 'certificate' | 'proxy' | 'none';
  /** Default `/xmpp-websocket`. */
  readonly path?: string;
  /** Which web pages may connect; clients that are none always may. Default `same-host`: those of the host that they connect to. */
  readonly origins?: OriginPolicy;
  /** Answers the requests for anything else. Default: 404. */
  readonly onRequest?: ListenOptions['onRequest'];
}

/** A place where WebSockets are accepted. */
export interface WebSocketEndpoint {
  readonly address: string;
  readonly port: number;
  /** For clients on this machine. */
  readonly url: string;
}

/** Listens for WebSockets with the `ws` package. */
export async function listenForWebSockets(
  { protection, ...options }: WebSocketOptions,
  serving: Omit<ListenOptions, 'WebSocketServer' | 'protection' | 'port' | keyof WebSocketOptions>,
  host: string,
  certificates: CertificateLookup,
): Promise<Listener> {
  return listen({
    host,
    ...serving,
    ...options,
    WebSocketServer,
    protection: protection === 'certificate' ? { certificates } : protection,
  });
}
