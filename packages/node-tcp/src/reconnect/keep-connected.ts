import { InitiatingEntity, jid as parseOwnJid } from '@xmpp-wire/core';
import { connectTo } from '../connect.ts';
import { completeConnectOptions, type ConnectOptions } from '../connect-options.ts';
import { DEFAULT_MAX_QUEUED_EVENTS, type XmppConnection } from '../connection.ts';
import { drawFrom, nodeRandom } from '../random.ts';
import type { Redirect } from '../redirect.ts';
import { reconnectAdvice } from './advice.ts';
import type { LivenessOptions } from './liveness.ts';
import { completePolicy, type ReconnectPolicy, type ReconnectPreset } from './policy.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';
import { Session, type XmppSession } from './session.ts';

/** What to connect to, and what to do when the connection is lost. */
export interface KeepConnectedOptions extends Omit<ConnectOptions, 'signal'> {
  /** The policy, or the name of a preset; parts override the preset `rfc6120`, which is the default. */
  readonly reconnect?: ReconnectPreset | Partial<ReconnectPolicy>;
  /** In place of the table: `reconnectAdvice` or a function that asks it first. It must not throw. */
  readonly advise?: typeof reconnectAdvice;
  /** When a silent server is asked for a sign of life. Default: after 300 000 ms, for 30 000 ms; `false`: never. */
  readonly liveness?: LivenessOptions | false;
  /** Ends the session, as `stop()` does. */
  readonly signal?: AbortSignal;
  /** In place of `connect`: it has to honour `signal`, and to go to `redirect` where there is one. */
  readonly connect?: (options: ConnectOptions, redirect: Redirect | undefined) => Promise<XmppConnection>;
  /** In place of Node's clock and timers. */
  readonly scheduler?: Scheduler;
}

/** RFC 6120 §4.9.3.19: no more than five redirections in a row. */
const MAX_REDIRECTS = 5;
const DEFAULT_MAX_REDIRECTS = 3;
// RFC 6120 §4.6.4: not more often than every five minutes.
const DEFAULT_LIVENESS: LivenessOptions = { after: 300_000, timeout: 30_000 };

/**
 * Connects, and connects again whenever the connection is lost, until it is stopped or the trouble is of a kind that does
 * not pass by itself (RFC 6120 §3.3). Read the session with `for await`.
 *
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs a server
 * import { presence } from '@xmpp-wire/core';
 * import { keepConnected } from '@xmpp-wire/node-tcp';
 *
 * const session = keepConnected({ jid: 'juliet@im.example.com', password: 'R0m30', reconnect: 'interactive' });
 * for await (const event of session) {
 *   if (event.type === 'connected') await session.send(presence());
 *   if (event.type === 'stanza') console.log(event.stanza.element.toString());
 *   if (event.type === 'disconnected') console.log(`${event.advice.because}; again in ${event.next?.delay} ms`);
 * }
 * console.log((await session.ended).by);
 * ```
 */
export function keepConnected(options: KeepConnectedOptions): XmppSession {
  const {
    reconnect,
    advise = reconnectAdvice,
    liveness = DEFAULT_LIVENESS,
    signal,
    scheduler,
    connect,
    ...rest
  } = options;
  // The caller's mistakes show here, before anything goes over the wire.
  new InitiatingEntity(completeConnectOptions(rest).entity).close();
  const dial = connect ?? connectTo;
  const session = new Session({
    connect: async ({ signal: stopping, resourceDropped, redirect, redirectsLeft }) =>
      dial(
        { ...(resourceDropped ? withoutResource(rest) : rest), signal: stopping, maxRedirects: redirectsLeft },
        redirect,
      ),
    advise,
    policy: completePolicy(reconnect),
    maxRedirects: Math.min(options.maxRedirects ?? DEFAULT_MAX_REDIRECTS, MAX_REDIRECTS),
    maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
    liveness: liveness === false ? undefined : liveness,
    scheduler: scheduler ?? systemScheduler,
    draw: drawFrom(options.random ?? nodeRandom),
  });
  stopOn(signal, session);
  return session;
}

// RFC 6120 §4.9.3.3: after a conflict, another resource than before; the server makes it.
function withoutResource(options: ConnectOptions): ConnectOptions {
  if (options.jid === undefined) return options;
  return { ...options, jid: parseOwnJid(options.jid, options.jidPreparation).bare.toString() };
}

function stopOn(signal: AbortSignal | undefined, session: XmppSession): void {
  if (signal === undefined) return;
  const stop = (): void => void session.stop();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  void session.ended.then(() => signal.removeEventListener('abort', stop));
}
