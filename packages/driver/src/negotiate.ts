import { InitiatingEntity, type Security, type StartTlsAsk } from '@xmpp-wire/core';
import type { ClientSettings } from './client-options.ts';
import type { ConnectStep } from './connect-error.ts';
import { Connection, type XmppConnection } from './connection.ts';
import { Driver } from './drive.ts';
import type { DriverHooks, SecuredLink } from './driven.ts';
import { explainClose, type EarlyEnd } from './explain-close.ts';
import type { ByteLink, Link } from './link.ts';

/** The stream ended before it was established; the message says why, `end` what is behind it. */
export class NegotiationEnded extends Error {
  readonly end: EarlyEnd;

  constructor(end: EarlyEnd) {
    super(end.cause.code);
    this.end = end;
  }
}

/** Does STARTTLS on a link that was released; `signal` says that the stream ended meanwhile. */
export type StartTls = (ask: StartTlsAsk, link: ByteLink, signal: AbortSignal) => Promise<SecuredLink>;

/**
 * Negotiates a client's stream on a link that is connected (RFC 6120 §4.3). Resolves once stanzas may be sent.
 *
 * @param settings with the redirections that led here, if any.
 * @param security what protects the link before the stream begins; `clear` needs `startTls`.
 * @throws {@link NegotiationEnded}, of which {@link explained} makes an error for users; the signal's reason when it is aborted.
 */
export async function negotiate(
  link: Link,
  security: Security,
  settings: ClientSettings & { readonly redirectsFollowed?: number },
  startTls?: StartTls,
): Promise<XmppConnection> {
  const { domain, signal } = settings;
  const entity = new InitiatingEntity({ ...settings.entity, security, transport: link.carries });
  const handshake = new AbortController();
  let isProtected = security.kind !== 'clear';
  let isAuthenticated = false;
  let step: ConnectStep = 'stream';
  let tls = security.kind === 'tls' ? security.tls : undefined;
  let connection: Connection | undefined;
  return new Promise((resolve, reject) => {
    const hooks: DriverHooks = {
      isBehind: () => connection?.isBehind ?? false,
      onDrain: () => connection?.drained(),
      onPhase: settings.onPhase && (() => settings.onPhase?.(entity.phase)),
      async startTls(ask, raw) {
        if (startTls === undefined) throw new Error('this transport has no STARTTLS');
        return startTls(ask, raw, handshake.signal);
      },
      onAsk(ask) {
        // The one other ask that an initiating entity has.
        if (ask.ask !== 'derive-salted-password') return;
        settings.deriveSaltedPassword(ask).then(
          (salted) => driver.answer(ask, salted),
          (error: unknown) => driver.abort(error instanceof Error ? error : new Error(String(error))),
        );
      },
      onEvent(event) {
        switch (event.type) {
          case 'features':
            step = isAuthenticated ? 'bind' : isProtected ? 'sasl' : 'tls';
            break;
          case 'secured':
            isProtected = true;
            tls = event.tls;
            step = 'stream';
            break;
          case 'authenticated':
            isAuthenticated = true;
            step = 'bind';
            break;
          case 'established':
            signal.removeEventListener('abort', aborted);
            connection = new Connection(driver, {
              jid: event.jid,
              tls,
              redirectsFollowed: settings.redirectsFollowed ?? 0,
              random: settings.entity.random,
              requestTimeout: settings.requestTimeout,
              maxQueuedEvents: settings.maxQueuedEvents,
            });
            resolve(connection);
            break;
          default:
            connection?.deliver(event);
        }
      },
      onStreamClosed(end) {
        signal.removeEventListener('abort', aborted);
        handshake.abort(new Error('the stream ended'));
        connection?.streamClosed();
        reject(new NegotiationEnded({ ...end, step, domain }));
      },
      onEnd: (end) => connection?.end(end),
    };
    const driver = new Driver(entity, link, hooks, settings);
    const aborted = (): void => {
      reject(signal.reason);
      driver.abort(new Error('the connection was given up'));
    };
    signal.addEventListener('abort', aborted, { once: true });
    entity.open();
    driver.start();
    if (signal.aborted) aborted();
  });
}

/** What a failed negotiation comes to for the caller: an error that says what to do; another error stays as it is. */
export function explained(error: unknown): unknown {
  return error instanceof NegotiationEnded ? explainClose(error.end) : error;
}
