import type { Security } from '@xmpp-wire/core';
import type { ClientOptions, ClientSettings, ClientTimeouts } from './client-options.ts';
import { messageOf, XmppConnectError } from './connect-error.ts';
import type { XmppConnection } from './connection.ts';
import type { ByteLink } from './link.ts';
import { explained, negotiate, NegotiationEnded, type StartTls } from './negotiate.ts';
import { drawFrom } from './random.ts';
import { parseRedirect, redirectLimit, tooManyRedirects, type Redirect } from './redirect.ts';
import { findTargets, type DirectTls, type SrvLookup, type Target } from './targets.ts';
import { timed } from './timed.ts';

/** Deadlines of a client's connection over TCP, in milliseconds. */
export interface TcpTimeouts extends ClientTimeouts {
  /** Looking up one name. Default 10 000. */
  readonly dns?: number;
  /** Connecting to one target over TCP, all its addresses together. Default 10 000. */
  readonly tcp?: number;
  /** The handshake of direct TLS; that of STARTTLS is part of `negotiation`. Default 15 000. */
  readonly tls?: number;
}

/** What every client over TCP can be told; an adapter adds what its TLS can do. */
export interface TcpClientOptions extends ClientOptions {
  /** Connect here instead of where SRV records say. It has no say in whom the certificate has to name. */
  readonly host?: string;
  /** With `host`, or with the domain as the host. Default 5222; 5223 where `directTls` is `only`. */
  readonly port?: number;
  /** `auto`: as the SRV records say (XEP-0368); STARTTLS with `host` or `port`. */
  readonly directTls?: DirectTls;
  /** Redirections by see-other-host that are followed (RFC 6120 §4.9.3.19). Default 3. */
  readonly maxRedirects?: number;
  readonly timeouts?: TcpTimeouts;
}

/** A protected or clear connection on which the stream can begin. */
export interface Reached {
  readonly link: ByteLink;
  readonly security: Security;
}

/** What a runtime has to do itself. */
export interface TcpTransport {
  readonly lookUpSrv: SrvLookup;
  /**
   * Connects to one target, with TLS where that comes first.
   *
   * @throws {@link XmppConnectError}; the signal's reason.
   */
  reach(target: Target, timeouts: Required<Pick<TcpTimeouts, 'dns' | 'tcp' | 'tls'>>): Promise<Reached>;
  readonly startTls: StartTls;
}

/**
 * Connects a client over TCP: finds where (RFC 6120 §3.2, XEP-0368), tries one target after the other, negotiates, and
 * follows redirections.
 *
 * @param from the host that an established stream was redirected to, where there is one.
 * @throws {@link XmppConnectError}; the reason of the settings' signal.
 */
export async function connectOverTcp(
  settings: ClientSettings,
  options: TcpClientOptions,
  transport: TcpTransport,
  from?: Redirect,
): Promise<XmppConnection> {
  const { domain } = settings;
  const maxRedirects = redirectLimit(options.maxRedirects);
  let redirect = from;
  for (let followed = 0; ; followed++) {
    const targets = await targetsOf(settings, options, transport.lookUpSrv, redirect);
    const { link, security } = await reach(targets, settings, options, transport);
    try {
      return await negotiate(link, security, { ...settings, redirectsFollowed: followed }, transport.startTls);
    } catch (error) {
      const to = redirectOf(error);
      if (to === undefined) throw explained(error);
      redirect = parseRedirect(to);
      if (redirect !== undefined && followed < maxRedirects) continue;
      throw new XmppConnectError(
        'stream-redirected',
        redirect === undefined
          ? `${domain} redirects to ${JSON.stringify(to)}, which is no host and port: its operator has to correct that`
          : tooManyRedirects(domain, to, followed),
        error instanceof NegotiationEnded ? error.end.cause : error,
      );
    }
  }
}

async function targetsOf(
  { domain, signal, entity }: ClientSettings,
  { host, port, directTls = 'auto', timeouts }: TcpClientOptions,
  lookUpSrv: SrvLookup,
  redirect: Redirect | undefined,
): Promise<readonly Target[]> {
  // RFC 6120 §4.9.3.19: a redirection without a port is resolved like a domain, and is still no reference identity.
  const query =
    redirect !== undefined && redirect.port === undefined
      ? { domain: redirect.host, host: undefined, port: undefined }
      : { domain, ...(redirect ?? { host, port }) };
  const limit = timeouts?.dns ?? DEFAULT_TIMEOUTS.dns;
  // RFC 6120 §3.2.1 rule 9: a query that is not answered in time fails by itself, so that something can still be tried.
  const lookUp: SrvLookup = async (name) =>
    timed(
      lookUpSrv(name),
      limit,
      signal,
      () =>
        new XmppConnectError(
          'dns-timed-out',
          `the name servers did not say within ${limit} ms where ${domain} is: check the network, or give host and port`,
        ),
    );
  try {
    return await findTargets({ ...query, directTls, service: 'client' }, lookUp, drawFrom(entity.random));
  } finally {
    // To whoever gives up it says why, and not what became of the queries.
    signal.throwIfAborted();
  }
}

// RFC 6120 §3.2.1 rules 6 and 7: the next target when one cannot be connected to.
async function reach(
  targets: readonly Target[],
  settings: ClientSettings,
  { timeouts }: TcpClientOptions,
  transport: TcpTransport,
): Promise<Reached> {
  const {
    dns = DEFAULT_TIMEOUTS.dns,
    tcp = DEFAULT_TIMEOUTS.tcp,
    tls = DEFAULT_TIMEOUTS.tls,
  } = timeouts ?? DEFAULT_TIMEOUTS;
  const failures: unknown[] = [];
  for (const target of targets) {
    try {
      return await transport.reach(target, { dns, tcp, tls });
    } catch (error) {
      // Rule S15: a certificate that is wrong ends it. Another target might have a better one, and hide what is wrong.
      const isFinal = error instanceof XmppConnectError && error.code.startsWith('tls-certificate-');
      if (settings.signal.aborted || isFinal) throw error;
      failures.push(error);
    }
  }
  throw joined(failures, `targets of ${settings.domain} could be connected to`);
}

const DEFAULT_TIMEOUTS = { dns: 10_000, tcp: 10_000, tls: 15_000 } as const;

/** Why none of several places could be reached, as one error with the code of the first. */
export function joined(failures: readonly unknown[], what: string): unknown {
  const [first] = failures;
  if (failures.length === 1 || !(first instanceof XmppConnectError)) return first;
  return new XmppConnectError(
    first.code,
    `none of the ${failures.length} ${what}. ${failures.map(messageOf).join('. ')}`,
    new AggregateError(failures),
  );
}

function redirectOf(error: unknown): string | undefined {
  if (!(error instanceof NegotiationEnded)) return undefined;
  const { cause } = error.end;
  if (cause.code !== 'stream-error-received' || cause.error.condition !== 'see-other-host') return undefined;
  return cause.error.host ?? '';
}
