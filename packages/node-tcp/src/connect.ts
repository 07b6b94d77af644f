import type { Socket } from 'node:net';
import { InitiatingEntity, type Security } from '@xmpp-wire/core';
import { messageOf, XmppConnectError } from './connect-error.ts';
import { completeConnectOptions, type ConnectOptions, type ConnectSettings } from './connect-options.ts';
import type { XmppConnection } from './connection.ts';
import { findTargets, type Target } from './dns/targets.ts';
import { explained, negotiate, NegotiationEnded } from './negotiate.ts';
import { drawFrom } from './random.ts';
import { parseRedirect, type Redirect } from './redirect.ts';
import { abortable, dialTarget } from './tcp/dial.ts';
import { secureClient } from './tls/client-tls.ts';
import { factsOf } from './tls/facts.ts';
import { isCertificateFailure } from './tls/tls-failure.ts';

/**
 * Connects to an XMPP server as a client: finds it (RFC 6120 §3, XEP-0368), protects the connection (§5), authenticates
 * (§6) and binds a resource (§7). Resolves once stanzas may be sent.
 *
 * @throws {@link XmppConnectError} whose code begins with the step that failed: dns, tcp, tls, stream, sasl or bind.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs a server
 * import { jid, message } from '@xmpp-wire/core';
 * import { connect } from '@xmpp-wire/node-tcp';
 *
 * const connection = await connect({ jid: 'juliet@im.example.com', password: 'R0m30' });
 * await connection.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo, and a Montague?' }));
 * await connection.close();
 * ```
 */
export async function connect(options: ConnectOptions): Promise<XmppConnection> {
  return connectTo(options, undefined);
}

/** As {@link connect}, but at the host that an established stream was redirected to, where there is one. */
export async function connectTo(options: ConnectOptions, from: Redirect | undefined): Promise<XmppConnection> {
  const settings = completeConnectOptions(options);
  const { signal } = settings;
  signal.throwIfAborted();
  // The caller's mistakes show before anything goes over the wire.
  new InitiatingEntity(settings.entity).close();
  const maxRedirects = options.maxRedirects ?? 3;
  let redirect = from;
  for (let followed = 0; ; followed++) {
    const { socket, security } = await reach(await targetsOf(settings, redirect), settings);
    try {
      return await negotiate(socket, security, settings);
    } catch (error) {
      const to = redirectOf(error);
      if (to === undefined) throw explained(error);
      redirect = parseRedirect(to);
      if (redirect === undefined || followed >= maxRedirects) {
        throw new XmppConnectError(
          'stream-redirected',
          redirect === undefined
            ? `${settings.domain} redirects to ${JSON.stringify(to)}, which is no host and port: its operator has to correct that`
            : `${settings.domain} redirects to ${to}, the ${followed + 1}th redirection: raise maxRedirects if that is meant to be`,
          error instanceof NegotiationEnded ? error.end.cause : error,
        );
      }
    }
  }
}

/** A protected or clear connection on which the stream can begin. */
interface Reached {
  readonly socket: Socket;
  readonly security: Security;
}

async function targetsOf(settings: ConnectSettings, redirect: Redirect | undefined): Promise<readonly Target[]> {
  const { options, domain, resolver, timeouts, signal, entity } = settings;
  const deadline = AbortSignal.timeout(timeouts.dns);
  const where = redirect ?? { host: options.host, port: options.port };
  try {
    // RFC 6120 §4.9.3.19: a redirection without a port is resolved like a domain, and is still no reference identity.
    const query =
      redirect !== undefined && redirect.port === undefined
        ? { domain: redirect.host, host: undefined, port: undefined }
        : { domain, ...where };
    return await abortable(
      findTargets(
        { ...query, directTls: options.directTls ?? 'auto', service: 'client' },
        resolver,
        drawFrom(entity.random),
      ),
      AbortSignal.any([signal, deadline]),
    );
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw new XmppConnectError(
      'dns-timed-out',
      `the name servers did not say within ${timeouts.dns} ms where ${domain} is: check the network, or give host and port`,
      error,
    );
  }
}

// RFC 6120 §3.2.1 rules 6 and 7: the next target when one cannot be connected to.
async function reach(targets: readonly Target[], settings: ConnectSettings): Promise<Reached> {
  const failures: unknown[] = [];
  for (const target of targets) {
    try {
      return await reachTarget(target, settings);
    } catch (error) {
      // Rule S15: a certificate that is wrong ends it. Another target might have a better one, and hide what is wrong.
      if (settings.signal.aborted || isCertificateFailure(error)) throw error;
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

async function reachTarget(target: Target, settings: ConnectSettings): Promise<Reached> {
  const { options, domain, resolver, timeouts, signal } = settings;
  const socket = await dialTarget(target, resolver, timeouts, signal);
  if (target.tls === 'starttls') return { socket, security: { kind: 'clear' } };
  const deadline = AbortSignal.timeout(timeouts.tls);
  try {
    const secured = await secureClient(
      socket,
      { domain, service: 'client', direct: true },
      options.tls ?? {},
      AbortSignal.any([signal, deadline]),
    );
    return { socket: secured, security: { kind: 'tls', tls: factsOf(secured, 'client', domain) } };
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw new XmppConnectError(
      'tls-timed-out',
      `${target.host} port ${target.port} did not finish the TLS handshake within ${timeouts.tls} ms: check the port, and whether it wants STARTTLS instead`,
      error,
    );
  }
}

function redirectOf(error: unknown): string | undefined {
  if (!(error instanceof NegotiationEnded)) return undefined;
  const { cause } = error.end;
  if (cause.code !== 'stream-error-received' || cause.error.condition !== 'see-other-host') return undefined;
  return cause.error.host ?? '';
}
