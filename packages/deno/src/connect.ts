import { InitiatingEntity } from '@xmpp-wire/core';
import {
  asciiDomain,
  checkTcpOptions,
  completeClientOptions,
  connectOverTcp,
  messageOf,
  OPTION_KINDS,
  TCP_OPTIONS,
  timed,
  XmppConnectError,
  type ClientOptions,
  type ClientSettings,
  type OptionKinds,
  type Reached,
  type Redirect,
  type SrvLookup,
  type Target,
  type TcpClientOptions,
  type TcpTimeouts,
  type XmppConnection,
} from '@xmpp-wire/driver';
import { deno, errorName, type DenoConn } from './deno-api.ts';
import { DenoLink } from './deno-link.ts';
import { FACTS, secureClient, type ClientTlsOptions } from './tls.ts';

/** Deadlines of a client's connection, in milliseconds. */
export interface ConnectTimeouts extends TcpTimeouts {}

/** What to connect to, as whom, and how. */
export interface ConnectOptions extends TcpClientOptions {
  /** `none`: ANONYMOUS. Default: by password. Deno's own sockets present no certificate here: `certificate` is refused. */
  readonly authenticateBy?: NonNullable<ClientOptions['authenticateBy']>;
  readonly tls?: ClientTlsOptions;
  /** Asks for SRV records. Default: `Deno.resolveDns`. */
  readonly lookUpSrv?: SrvLookup;
  readonly timeouts?: ConnectTimeouts;
}

/** What the options have to be. */
export const CONNECT_OPTIONS: OptionKinds<ConnectOptions> = {
  ...TCP_OPTIONS,
  tls: OPTION_KINDS.object,
  lookUpSrv: OPTION_KINDS.function,
};

/**
 * Connects to an XMPP server as a client over Deno's own sockets: finds it (RFC 6120 §3, XEP-0368), protects the connection
 * (§5), authenticates (§6) and binds a resource (§7). Resolves once stanzas may be sent.
 *
 * Deno shows neither the certificate nor keying material of its own sockets, so there is no channel binding.
 *
 * @throws {@link XmppConnectError} whose code begins with the step that failed: dns, tcp, tls, stream, sasl or bind.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs Deno and a server
 * import { jid, message } from '@xmpp-wire/core';
 * import { connect } from '@xmpp-wire/deno';
 *
 * const connection = await connect({ jid: 'juliet@im.example.com', password: 'R0m30' });
 * await connection.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo, and a Montague?' }));
 * await connection.close();
 * ```
 */
export async function connect(options: ConnectOptions): Promise<XmppConnection> {
  checkTcpOptions('connect()', options, CONNECT_OPTIONS);
  return connectTo(options, undefined);
}

/** As {@link connect}, but at the host that an established stream was redirected to, where there is one. */
export async function connectTo(options: ConnectOptions, from: Redirect | undefined): Promise<XmppConnection> {
  const settings = checkOptions(options);
  const { domain } = settings;
  settings.signal.throwIfAborted();
  return connectOverTcp(
    settings,
    options,
    {
      lookUpSrv: options.lookUpSrv ?? lookUpSrv,
      reach: async (target, timeouts) => reach(target, timeouts, settings, options),
      async startTls(_ask, link, stopped) {
        // It is the one that was made below.
        const raw = link as DenoLink;
        await raw.flushed();
        // Rule S7: the domain that the user asked for.
        const purpose = { domain: asciiDomain(domain), direct: false };
        const secured = await secureClient(raw.conn, purpose, options.tls ?? {}, stopped);
        return { link: new DenoLink(secured), facts: FACTS };
      },
    },
    from,
  );
}

/**
 * The options with their defaults. The caller's mistakes show here, before anything goes over the wire.
 *
 * @throws TypeError, LocalProtocolError, a zod error.
 */
export function checkOptions(options: ConnectOptions): ClientSettings {
  refuseWhatDenoLacks(options);
  deno();
  const settings = completeClientOptions(options);
  new InitiatingEntity(settings.entity).close();
  return settings;
}

/** @throws TypeError that says what to take instead. */
function refuseWhatDenoLacks({ authenticateBy, mechanisms }: ConnectOptions): void {
  const instead = '@xmpp-wire/node-tcp runs in Deno too and has it';
  if (authenticateBy === 'certificate') {
    throw new TypeError(
      `Deno's own sockets present no certificate of a client after STARTTLS, nor to a host that is not the domain: ${instead}`,
    );
  }
  if (mechanisms?.every((name) => name.endsWith('-PLUS')) === true) {
    throw new TypeError(
      `Deno's own sockets do not show what channel binding binds to, and only ${mechanisms.join(', ')} is allowed: ${instead}`,
    );
  }
}

async function lookUpSrv(name: string): ReturnType<SrvLookup> {
  try {
    const records = await deno().resolveDns(name, 'SRV');
    return records.map(({ priority, weight, port, target }) => ({ priority, weight, port, name: target }));
  } catch (error) {
    if (errorName(error) === 'NotFound') return [];
    throw error;
  }
}

async function reach(
  target: Target,
  timeouts: { readonly tcp: number; readonly tls: number },
  { signal, domain }: ClientSettings,
  options: ConnectOptions,
): Promise<Reached> {
  const { tcp, tls } = timeouts;
  const where = `${target.host} port ${target.port}`;
  const conn = await timed(
    dial(target, where),
    tcp,
    signal,
    () =>
      new XmppConnectError('tcp-timed-out', `${where} did not answer within ${tcp} ms: check the host and the port`),
    (late) => late.close(),
  );
  if (target.tls === 'starttls') return { link: new DenoLink(conn), security: { kind: 'clear' } };
  const givenUp = new AbortController();
  try {
    const secured = await timed(
      secureClient(conn, { domain: asciiDomain(domain), direct: true }, options.tls ?? {}, givenUp.signal),
      tls,
      signal,
      () =>
        new XmppConnectError(
          'tls-timed-out',
          `${where} did not finish the TLS handshake within ${tls} ms: check the port, and whether it wants STARTTLS instead`,
        ),
    );
    return { link: new DenoLink(secured), security: { kind: 'tls', tls: FACTS } };
  } catch (error) {
    givenUp.abort(error);
    throw error;
  }
}

async function dial({ host, port }: Target, where: string): Promise<DenoConn> {
  try {
    const conn = await deno().connect({ hostname: host, port });
    // Before TLS takes it over.
    conn.setNoDelay?.(true);
    return conn;
  } catch (error) {
    const refused = errorName(error) === 'ConnectionRefused';
    throw new XmppConnectError(
      refused ? 'tcp-refused' : 'tcp-failed',
      `${where} ${refused ? 'refused the connection: check the port, and that the server runs' : `could not be connected to (${messageOf(error)})`}`,
      error,
    );
  }
}
