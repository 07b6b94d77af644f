import type { Socket } from 'node:net';
import { InitiatingEntity, type Security } from '@xmpp-wire/core';
import type { ConnectStep } from './connect-error.ts';
import { DEFAULT_MAX_BUFFERED_OUTPUT, type ConnectSettings } from './connect-options.ts';
import { Connection, DEFAULT_MAX_QUEUED_EVENTS } from './connection.ts';
import { Driver } from './drive.ts';
import type { DriverHooks } from './driven.ts';
import { explainClose, type EarlyEnd } from './explain-close.ts';
import { deriveSaltedPassword } from './key-derivation.ts';
import { secureClient } from './tls/client-tls.ts';
import { factsOf } from './tls/facts.ts';

/** The stream ended before it was established; the message says why, `end` what is behind it. */
export class NegotiationEnded extends Error {
  readonly end: EarlyEnd;

  constructor(end: EarlyEnd) {
    super(end.cause.code);
    this.end = end;
  }
}

/**
 * Negotiates the stream on a connected socket (RFC 6120 §4.3).
 *
 * @throws {@link NegotiationEnded}; the signal's reason when it is aborted.
 */
export async function negotiate(socket: Socket, security: Security, settings: ConnectSettings): Promise<Connection> {
  const { options, domain, signal } = settings;
  const entity = new InitiatingEntity({ ...settings.entity, security });
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
      async startTls(_ask, raw) {
        // Rule S7: the domain that the user asked for.
        const secured = await secureClient(
          raw,
          { domain, service: 'client', direct: false },
          options.tls ?? {},
          handshake.signal,
        );
        return { socket: secured, facts: factsOf(secured, 'client', domain) };
      },
      onAsk(ask) {
        // The one other ask that an initiating entity has.
        if (ask.ask !== 'derive-salted-password') return;
        deriveSaltedPassword(ask).then(
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
              random: settings.entity.random,
              requestTimeout: options.timeouts?.request,
              maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
              // A key that is trusted by itself is trusted without a date.
              watchCertificate: options.tls?.trustedKeys === undefined,
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
    const driver = new Driver(entity, socket, hooks, {
      maxBufferedOutput: options.maxBufferedOutput ?? DEFAULT_MAX_BUFFERED_OUTPUT,
      lingering: settings.timeouts.lingering,
    });
    const aborted = (): void => {
      reject(signal.reason);
      driver.abort(new Error('the connection was given up'));
    };
    signal.addEventListener('abort', aborted, { once: true });
    entity.open();
    driver.start();
  });
}

/** What a failed negotiation comes to for the caller: an error that says what to do; another error stays as it is. */
export function explained(error: unknown): unknown {
  return error instanceof NegotiationEnded ? explainClose(error.end) : error;
}
