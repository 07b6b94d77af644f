import {
  checkOptions,
  needOptions,
  OPTION_KINDS,
  Reception,
  SERVE_OPTIONS,
  timerDelay,
  type Endpoint,
  type OptionKinds,
  type ServeOptions,
  type XmppConnection,
} from '@xmpp-wire/driver';
import { closeQuietly, deno, type DenoTlsConn, type DenoTlsListener } from './deno-api.ts';
import { DenoLink, endpointOf } from './deno-link.ts';
import { ALPN, FACTS } from './tls.ts';

/** Where to listen. */
export interface ListenEndpoint {
  /** 0: any free one. Usual is 5223. */
  readonly port: number;
  /** An address of this machine; default: all of them. */
  readonly host?: string;
  /** Deno's own sockets have no STARTTLS for servers: anything but `direct` is refused. */
  readonly tls: 'direct' | 'starttls';
}

/** What to listen on and how to serve. */
export interface ListenOptions extends ServeOptions {
  readonly endpoints: readonly ListenEndpoint[];
  /** The certificate with its chain, and its private key, in PEM. */
  readonly tls: { readonly cert: string; readonly key: string };
  /** Milliseconds for the TLS handshake. Default 15 000. */
  readonly handshakeTimeout?: number;
}

const LISTEN_OPTIONS: OptionKinds<ListenOptions> = {
  endpoints: ['an array with what to listen on', Array.isArray],
  tls: OPTION_KINDS.object,
  handshakeTimeout: OPTION_KINDS.number,
  ...SERVE_OPTIONS,
};

/** A server's listening sockets and its connections. */
export interface Listener {
  /** Where it listens, in the order of the options. */
  readonly endpoints: readonly Endpoint[];
  /** The port of the first endpoint. */
  readonly port: number;
  /** The established connections. */
  readonly connections: ReadonlySet<XmppConnection>;
  /** All connections, those being negotiated included. */
  readonly size: number;
  /**
   * Takes no more connections, closes all streams with system-shutdown (RFC 6120 §4.9.3.20), waits, and then cuts what is
   * left.
   *
   * @param timeout milliseconds to wait; default 5000.
   */
  close(timeout?: number): Promise<void>;
}

/**
 * Listens for clients on Deno's own sockets, with direct TLS (XEP-0368).
 *
 * @throws the error of Deno when an endpoint cannot be listened on; nothing listens then.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense.
 *
 * @example
 * ```ts no-run: it needs Deno and a certificate
 * import { listen } from '@xmpp-wire/deno';
 *
 * declare const cert: string;
 * declare const key: string;
 * const listener = listen({
 *   endpoints: [{ port: 5223, tls: 'direct' }],
 *   tls: { cert, key },
 *   asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
 *   onConnection: () => {},
 * });
 * await listener.close();
 * ```
 */
export function listen(options: ListenOptions): Listener {
  checkOptions('listen()', options, LISTEN_OPTIONS);
  needOptions('listen()', options, ['endpoints', 'tls']);
  if (options.endpoints.some(({ tls }) => tls !== 'direct')) {
    throw new TypeError(
      "Deno's own sockets have no STARTTLS for servers: listen with tls 'direct', or take @xmpp-wire/node-tcp, which runs in Deno too and has it",
    );
  }
  const reception = new Reception(options, 'bytes');
  const listeners: DenoTlsListener[] = [];
  try {
    for (const { port, host } of options.endpoints) {
      const address = host === undefined ? { port } : { port, hostname: host };
      listeners.push(deno().listenTls({ ...address, ...options.tls, alpnProtocols: [ALPN] }));
    }
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }
  for (const listener of listeners) void acceptAll(listener, reception, options);
  const endpoints = listeners.map(({ addr }) => endpointOf(addr));
  let closing: Promise<void> | undefined;
  return {
    endpoints,
    port: endpoints[0]?.port ?? 0,
    connections: reception.connections,
    get size() {
      return reception.size;
    },
    async close(timeout) {
      if (closing === undefined) {
        for (const listener of listeners) listener.close();
        closing = reception.close(timeout);
      }
      return closing;
    },
  };
}

/** Milliseconds until the next attempt after one failed accept; twice as many after each further one, up to the limit. */
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 1000;

async function acceptAll(listener: DenoTlsListener, reception: Reception, options: ListenOptions): Promise<void> {
  let pause = FIRST_PAUSE;
  for (;;) {
    let conn: DenoTlsConn;
    try {
      conn = await listener.accept();
    } catch (error) {
      // Closed, by `close`.
      if (error instanceof Error && (error.name === 'BadResource' || error.name === 'Interrupted')) return;
      reception.report(error);
      // Without file descriptors every attempt fails at once, until a connection ends.
      const delay = pause;
      await new Promise((resolve) => setTimeout(resolve, delay));
      pause = Math.min(2 * pause, LONGEST_PAUSE);
      continue;
    }
    pause = FIRST_PAUSE;
    void secure(conn, reception, options.handshakeTimeout ?? 15_000);
  }
}

async function secure(conn: DenoTlsConn, reception: Reception, timeout: number): Promise<void> {
  const cut = (): void => closeQuietly(conn);
  const admission = reception.admit(endpointOf(conn.localAddr), endpointOf(conn.remoteAddr), cut);
  if (admission === undefined) {
    cut();
    return;
  }
  const deadline = setTimeout(cut, timerDelay(timeout));
  try {
    await conn.handshake();
    clearTimeout(deadline);
    admission.serve(new DenoLink(conn), { kind: 'tls', tls: FACTS });
  } catch (error) {
    clearTimeout(deadline);
    cut();
    admission.failed(error);
  }
}
