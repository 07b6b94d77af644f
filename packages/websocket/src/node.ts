import { once } from 'node:events';
import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { createAcceptor, type Acceptor } from './accept.ts';
import {
  checkOptions,
  needOptions,
  OPTION_KINDS,
  PORT,
  SERVE_OPTIONS,
  type Endpoint,
  type OptionKinds,
  type ServeOptions,
  type XmppConnection,
} from '@xmpp-wire/driver';
import { DEFAULT_PATH, pathOf, refuseUpgrade, type UpgradePolicy } from './upgrade.ts';
import type { WebSocketLike } from './web-socket.ts';

/** What is used of the class `WebSocketServer` of the package `ws`. */
export type WebSocketServerConstructor = new (options: {
  readonly noServer: true;
  readonly maxPayload: number;
  readonly perMessageDeflate: false;
  readonly handleProtocols: (offered: Set<string>) => string | false;
}) => {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    done: (socket: WebSocketLike & { on(event: 'error', listener: (error: Error) => void): unknown }) => void,
  ): void;
};

/** A certificate with its chain, and its private key, in PEM. */
export interface ServerCertificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/**
 * What protects the connections: a certificate of ours, or one for each name that clients ask for (asked anew for every
 * handshake, so that it may be renewed), a proxy that does TLS, or nothing, which is for one machine.
 */
export type Protection =
  | ServerCertificate
  | { readonly certificates: (name: string | undefined) => ServerCertificate | undefined }
  | 'proxy'
  | 'none';

/** What to listen on, and how to serve. */
export interface ListenOptions extends ServeOptions, UpgradePolicy {
  /** That of the package `ws`. */
  readonly WebSocketServer: WebSocketServerConstructor;
  /** 0: any free one. */
  readonly port: number;
  /** Default: `127.0.0.1`. */
  readonly host?: string;
  readonly protection: Protection;
  /** Answers the requests that are not for a WebSocket. Default: 404. */
  readonly onRequest?: Parameters<typeof createHttpServer>[1];
}

/** A listening WebSocket and its connections. */
export interface Listener extends Omit<Acceptor, 'accept' | 'hasRoomFor'> {
  readonly address: string;
  readonly port: number;
  /** The address for clients on this machine. */
  readonly url: string;
  readonly connections: ReadonlySet<XmppConnection>;
}

/** RFC 6120 §13.12 does not say how large a message may be; the limits of the XML come on top. */
const MAX_PAYLOAD = 262_144;

const LISTEN_OPTIONS: OptionKinds<ListenOptions> = {
  WebSocketServer: OPTION_KINDS.function,
  port: PORT,
  host: OPTION_KINDS.text,
  protection: [
    "a certificate, or 'proxy' or 'none'",
    (value) => value === 'proxy' || value === 'none' || OPTION_KINDS.object[1](value),
  ],
  onRequest: OPTION_KINDS.function,
  path: OPTION_KINDS.text,
  origins: [
    "'same-host', 'any' or an array of origins",
    (value) => value === 'same-host' || value === 'any' || Array.isArray(value),
  ],
  ...SERVE_OPTIONS,
};

/**
 * Listens for clients over WebSocket on Node.
 *
 * @throws the error of the system when the port cannot be listened on.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense.
 *
 * @example
 * ```ts no-run: it needs the package ws
 * import { listen } from '@xmpp-wire/websocket/node';
 * import type { WebSocketServerConstructor } from '@xmpp-wire/websocket/node';
 *
 * declare const WebSocketServer: WebSocketServerConstructor; // import { WebSocketServer } from 'ws';
 * const listener = await listen({
 *   WebSocketServer,
 *   port: 5280,
 *   protection: 'proxy',
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * await listener.close();
 * ```
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  checkOptions('listen()', options, LISTEN_OPTIONS);
  needOptions('listen()', options, ['WebSocketServer', 'port', 'protection']);
  const { host = '127.0.0.1', protection, onRequest = notFound, onError = console.error } = options;
  if (protection === 'none' && !/^(127\.|::1$|localhost$)/.test(host)) {
    throw new TypeError(`nothing protects connections to ${host}: give a certificate, or say 'proxy' if one does TLS`);
  }
  const acceptor = createAcceptor(options);
  const server = typeof protection === 'string' ? createHttpServer() : createHttpsServer(tlsOptionsOf(protection));
  // RFC 6120 §5.3.5: whoever does not renegotiate cuts who tries. TLS 1.3 has no such thing; here it is for TLS 1.2.
  server.on('secureConnection', (secured: TLSSocket) => secured.disableRenegotiation());
  server.on('request', onRequest);
  answerUpgrades(server, acceptor, options);
  server.listen(options.port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    await acceptor.close(0);
    throw error;
  }
  // Where the system has no file descriptor left for a connection, the server goes on.
  server.on('error', onError);
  // A server that listens on a port has an AddressInfo.
  const { address, port } = server.address() as AddressInfo;
  const scheme = typeof protection === 'string' ? 'ws' : 'wss';
  return {
    address,
    port,
    url: `${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}${options.path ?? DEFAULT_PATH}`,
    connections: acceptor.connections,
    get size() {
      return acceptor.size;
    },
    async close(timeout) {
      const closed = new Promise((resolve) => server.close(resolve));
      await acceptor.close(timeout);
      server.closeAllConnections();
      await closed;
    },
  };
}

// RFC 7590 §3.1: nothing older than TLS 1.2.
function tlsOptionsOf(protection: Exclude<Protection, string>): ServerOptions {
  if (!('certificates' in protection)) return { ...protection, minVersion: 'TLSv1.2' };
  const { certificates } = protection;
  return {
    minVersion: 'TLSv1.2',
    ...certificates(undefined),
    SNICallback(name, done) {
      try {
        const found = certificates(name) ?? certificates(undefined);
        done(null, found === undefined ? undefined : createSecureContext(found));
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  };
}

function answerUpgrades(server: Server, acceptor: Acceptor, options: ListenOptions): void {
  const { limits, unauthenticatedLimits } = options;
  const sockets = new options.WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: Math.max(limits?.stanzaBytes ?? MAX_PAYLOAD, unauthenticatedLimits?.stanzaBytes ?? 0),
    handleProtocols: () => 'xmpp',
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Of an upgrade of HTTP/1.1 it is a socket.
    const socket = stream as Socket;
    socket.on('error', () => {});
    const remote: Endpoint = { address: socket.remoteAddress, port: socket.remotePort };
    const { origin, host } = request.headers;
    const path = pathOf(request.url ?? '');
    const protocols = request.headers['sec-websocket-protocol'];
    const refusal =
      refuseUpgrade({ path, origin, host, protocols }, options) ??
      (acceptor.hasRoomFor(remote) ? undefined : { status: 503, reason: STATUS_CODES[503] ?? '' });
    if (refusal !== undefined) {
      // No timeout of the HTTP server counts here any more: a client that keeps its half open would keep the socket.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal.status} ${refusal.reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (accepted) => {
      accepted.on('error', () => {});
      acceptor.accept(accepted, { remote, local: { address: socket.localAddress, port: socket.localPort } });
    });
  });
}

const notFound: NonNullable<ListenOptions['onRequest']> = (_, response) => {
  response.writeHead(404).end();
};
