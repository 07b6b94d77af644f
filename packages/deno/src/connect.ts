import { InitiatingEntity, type Security } from '@xmpp-wire/core';
import {
  asciiDomain,
  completeClientOptions,
  drawFrom,
  explained,
  findTargets,
  messageOf,
  negotiate,
  NegotiationEnded,
  parseRedirect,
  XmppConnectError,
  type ClientOptions,
  type ClientSettings,
  type ClientTimeouts,
  type DirectTls,
  type Redirect,
  type SrvLookup,
  type Target,
  type XmppConnection,
} from '@xmpp-wire/driver';
import { deno, errorName, type DenoConn } from './deno-api.ts';
import { DenoLink } from './deno-link.ts';
import { FACTS, secureClient, type ClientTlsOptions } from './tls.ts';

/** Deadlines of a client's connection, in milliseconds. */
export interface ConnectTimeouts extends ClientTimeouts {
  /** Looking up one name. Default 10 000. */
  readonly dns?: number;
  /** Connecting to one target. Default 10 000. */
  readonly tcp?: number;
  /** The handshake of direct TLS; that of STARTTLS is part of `negotiation`. Default 15 000. */
  readonly tls?: number;
}

/** What to connect to, as whom, and how. */
export interface ConnectOptions extends Omit<ClientOptions, 'authenticateBy' | 'timeouts'> {
  /** `none`: ANONYMOUS. Default: by password. Deno's own sockets present no certificate here: `certificate` is refused. */
  readonly authenticateBy?: NonNullable<ClientOptions['authenticateBy']>;
  /** Connect here instead of where SRV records say. It has no say in whom the certificate has to name. */
  readonly host?: string;
  /** With `host`, or with the domain as the host. Default 5222; 5223 where `directTls` is `only`. */
  readonly port?: number;
  /** `auto`: as the SRV records say (XEP-0368); STARTTLS with `host` or `port`. */
  readonly directTls?: DirectTls;
  readonly tls?: ClientTlsOptions;
  /** Asks for SRV records. Default: `Deno.resolveDns`. */
  readonly lookUpSrv?: SrvLookup;
  /** Redirections by see-other-host that are followed (RFC 6120 §4.9.3.19). Default 3. */
  readonly maxRedirects?: number;
  readonly timeouts?: ConnectTimeouts;
}

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
  refuseWhatDenoLacks(options);
  deno();
  const settings = completeClientOptions(options);
  const { signal, domain } = settings;
  signal.throwIfAborted();
  // The caller's mistakes show before anything goes over the wire.
  new InitiatingEntity(settings.entity).close();
  const { maxRedirects = 3, tls = {} } = options;
  let redirect: Redirect | undefined;
  for (let followed = 0; ; followed++) {
    const { conn, security } = await reach(await targetsOf(settings, options, redirect), settings, options);
    try {
      return await negotiate(new DenoLink(conn), security, settings, async (_ask, link) => {
        // It is the one that was made above.
        const raw = link as DenoLink;
        await raw.flushed();
        // Rule S7: the domain that the user asked for.
        const secured = await secureClient(raw.conn, asciiDomain(domain), tls, false);
        return { link: new DenoLink(secured), facts: FACTS };
      });
    } catch (error) {
      const to = redirectOf(error);
      if (to === undefined) throw explained(error);
      redirect = parseRedirect(to);
      if (redirect !== undefined && followed < maxRedirects) continue;
      throw new XmppConnectError(
        'stream-redirected',
        redirect === undefined
          ? `${domain} redirects to ${JSON.stringify(to)}, which is no host and port: its operator has to correct that`
          : `${domain} redirects to ${to}, the ${followed + 1}th redirection: raise maxRedirects if that is meant to be`,
        error instanceof NegotiationEnded ? error.end.cause : error,
      );
    }
  }
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

async function targetsOf(
  settings: ClientSettings,
  options: ConnectOptions,
  redirect: Redirect | undefined,
): Promise<readonly Target[]> {
  const { domain, signal, entity } = settings;
  const where = redirect ?? { host: options.host, port: options.port };
  // RFC 6120 §4.9.3.19: a redirection without a port is resolved like a domain, and is still no reference identity.
  const query =
    redirect !== undefined && redirect.port === undefined
      ? { domain: redirect.host, host: undefined, port: undefined }
      : { domain, ...where };
  const limit = options.timeouts?.dns ?? 10_000;
  return timed(
    findTargets(
      { ...query, directTls: options.directTls ?? 'auto', service: 'client' },
      options.lookUpSrv ?? lookUpSrv,
      drawFrom(entity.random),
    ),
    limit,
    signal,
    () =>
      new XmppConnectError(
        'dns-timed-out',
        `the name servers did not say within ${limit} ms where ${domain} is: check the network, or give host and port`,
      ),
  );
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

/** A protected or clear connection on which the stream can begin. */
interface Reached {
  readonly conn: DenoConn;
  readonly security: Security;
}

// RFC 6120 §3.2.1 rules 6 and 7: the next target when one cannot be connected to.
async function reach(targets: readonly Target[], settings: ClientSettings, options: ConnectOptions): Promise<Reached> {
  const failures: unknown[] = [];
  for (const target of targets) {
    try {
      return await reachTarget(target, settings, options);
    } catch (error) {
      // Rule S15: a certificate that is wrong ends it. Another target might have a better one, and hide what is wrong.
      const isFinal = error instanceof XmppConnectError && error.code.startsWith('tls-certificate');
      if (settings.signal.aborted || isFinal) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (failures.length === 1 || !(first instanceof XmppConnectError)) throw first;
  throw new XmppConnectError(
    first.code,
    `none of the ${failures.length} targets of ${settings.domain} could be connected to. ${failures.map(messageOf).join('. ')}`,
    new AggregateError(failures),
  );
}

async function reachTarget(
  target: Target,
  { signal, domain }: ClientSettings,
  options: ConnectOptions,
): Promise<Reached> {
  const { tcp = 10_000, tls = 15_000 } = options.timeouts ?? {};
  const where = `${target.host} port ${target.port}`;
  const conn = await timed(
    dial(target, where),
    tcp,
    signal,
    () =>
      new XmppConnectError('tcp-timed-out', `${where} did not answer within ${tcp} ms: check the host and the port`),
    (late) => late.close(),
  );
  if (target.tls === 'starttls') return { conn, security: { kind: 'clear' } };
  try {
    const secured = await timed(
      secureClient(conn, asciiDomain(domain), options.tls ?? {}, true),
      tls,
      signal,
      () =>
        new XmppConnectError(
          'tls-timed-out',
          `${where} did not finish the TLS handshake within ${tls} ms: check the port, and whether it wants STARTTLS instead`,
        ),
      (late) => late.close(),
    );
    return { conn: secured, security: { kind: 'tls', tls: FACTS } };
  } catch (error) {
    closeQuietly(conn);
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

/** The outcome of a promise, within a time and as long as nobody gives up; `tooLate` gets what comes afterwards. */
async function timed<T>(
  promise: Promise<T>,
  limit: number,
  signal: AbortSignal,
  late: () => Error,
  tooLate: (value: T) => void = () => {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => {};
  let isLate = true;
  try {
    const ended = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(late()), limit);
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
    const value = await Promise.race([promise, ended]);
    isLate = false;
    return value;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    if (isLate) {
      promise.then(tooLate, () => {});
    }
  }
}

function closeQuietly(conn: DenoConn): void {
  try {
    conn.close();
  } catch {
    // TLS took it over.
  }
}

function redirectOf(error: unknown): string | undefined {
  if (!(error instanceof NegotiationEnded)) return undefined;
  const { cause } = error.end;
  if (cause.code !== 'stream-error-received' || cause.error.condition !== 'see-other-host') return undefined;
  return cause.error.host ?? '';
}
