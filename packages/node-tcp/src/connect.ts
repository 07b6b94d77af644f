import { InitiatingEntity } from '@xmpp-wire/core';
import {
  checkTcpOptions,
  connectOverTcp,
  XmppConnectError,
  type ClientSettings,
  type Reached,
  type Redirect,
  type Target,
  type XmppConnection,
  timerDelay,
} from '@xmpp-wire/driver';
import { completeConnectOptions, CONNECT_OPTIONS, type ConnectOptions } from './connect-options.ts';
import { srvLookupBy, systemResolver, type DnsResolver } from './dns/resolver.ts';
import { dialTarget } from './tcp/dial.ts';
import { SocketLink } from './tcp/socket-link.ts';
import { secureClient } from './tls/client-tls.ts';
import { closeOnExpiry } from './tls/expiry.ts';
import { factsOf } from './tls/facts.ts';

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
  checkTcpOptions('connect()', options, CONNECT_OPTIONS);
  return connectTo(options, undefined);
}

/** As {@link connect}, but at the host that an established stream was redirected to, where there is one. */
export async function connectTo(options: ConnectOptions, from: Redirect | undefined): Promise<XmppConnection> {
  const settings = completeConnectOptions(options);
  const { signal, domain } = settings;
  signal.throwIfAborted();
  // The caller's mistakes show before anything goes over the wire.
  new InitiatingEntity(settings.entity).close();
  const { resolver = systemResolver(), tls = {} } = options;
  const connection = await connectOverTcp(
    settings,
    options,
    {
      lookUpSrv: srvLookupBy(resolver),
      reach: async (target, timeouts) => reach(target, timeouts, { settings, options, resolver }),
      async startTls(_ask, link, stopped) {
        // It is the one that was made below.
        const { socket } = link as SocketLink;
        // Rule S7: the domain that the user asked for.
        const secured = await secureClient(socket, { domain, service: 'client', direct: false }, tls, stopped);
        return { link: new SocketLink(secured), facts: factsOf(secured, 'client', domain) };
      },
    },
    from,
  );
  // A key that is trusted by itself is trusted without a date.
  if (tls.trustedKeys === undefined) closeOnExpiry(connection);
  return connection;
}

interface ReachContext {
  readonly settings: ClientSettings;
  readonly options: ConnectOptions;
  readonly resolver: DnsResolver;
}

async function reach(
  target: Target,
  timeouts: { readonly dns: number; readonly tcp: number; readonly tls: number },
  { settings, options, resolver }: ReachContext,
): Promise<Reached> {
  const { domain, signal } = settings;
  const socket = await dialTarget(target, resolver, timeouts, signal);
  if (target.tls === 'starttls') return { link: new SocketLink(socket), security: { kind: 'clear' } };
  const deadline = AbortSignal.timeout(timerDelay(timeouts.tls));
  try {
    const secured = await secureClient(
      socket,
      { domain, service: 'client', direct: true },
      options.tls ?? {},
      AbortSignal.any([signal, deadline]),
    );
    return { link: new SocketLink(secured), security: { kind: 'tls', tls: factsOf(secured, 'client', domain) } };
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw new XmppConnectError(
      'tls-timed-out',
      `${target.host} port ${target.port} did not finish the TLS handshake within ${timeouts.tls} ms: check the port, and whether it wants STARTTLS instead`,
      error,
    );
  }
}
