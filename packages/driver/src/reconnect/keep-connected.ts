import { jid as parseOwnJid } from '@xmpp-wire/core';
import { checkOptions, checkValues, OPTION_KINDS, type OptionKinds } from '../check-options.ts';
import { DEFAULT_MAX_QUEUED_EVENTS, type ClientOptions } from '../client-options.ts';
import type { XmppConnection } from '../connection.ts';
import { drawFrom, webRandom } from '../random.ts';
import { redirectLimit } from '../redirect.ts';
import { reconnectAdvice } from './advice.ts';
import type { LivenessOptions } from './liveness.ts';
import { completePolicy, type ReconnectPolicy, type ReconnectPreset } from './policy.ts';
import { systemScheduler, type Scheduler } from './scheduler.ts';
import { Session, type AttemptTerms, type XmppSession } from './session.ts';

/** What to do when the connection is lost, whatever the transport. */
export interface SessionOptions {
  /** The policy, or the name of a preset; parts override the preset `rfc6120`, which is the default. */
  readonly reconnect?: ReconnectPreset | Partial<ReconnectPolicy>;
  /** In place of the table: `reconnectAdvice` or a function that asks it first. It must not throw. */
  readonly advise?: typeof reconnectAdvice;
  /** When a silent server is asked for a sign of life. Default: after 300 000 ms, for 30 000 ms; `false`: never. */
  readonly liveness?: LivenessOptions | false;
  /** Ends the session, as `stop()` does. */
  readonly signal?: AbortSignal;
  /** In place of the runtime's clock and timers. */
  readonly scheduler?: Scheduler;
}

/** What the options of every session have to be; of a policy it is told apart. */
export const SESSION_OPTIONS: OptionKinds<SessionOptions> = {
  reconnect: undefined,
  advise: OPTION_KINDS.function,
  liveness: ['{ after, timeout } or false', (value) => value === false || OPTION_KINDS.object[1](value)],
  signal: undefined,
  scheduler: OPTION_KINDS.object,
};

/** What a session looks at in the options of a connection. */
export interface SessionClientOptions extends Pick<
  ClientOptions,
  'jid' | 'jidPreparation' | 'maxQueuedEvents' | 'random'
> {
  /** Redirections in a row that are followed: five at most (RFC 6120 §4.9.3.19). Default 3. */
  readonly maxRedirects?: number;
}

/** What each attempt is told anew. */
export interface AttemptOptions {
  readonly signal: AbortSignal;
  readonly maxRedirects: number;
}

/** Where one attempt goes, if not where the options say. */
export type Elsewhere = Pick<AttemptTerms, 'redirect' | 'seeOtherUri'>;

/** Makes one attempt with the options for it; it heeds the signal, and goes elsewhere where that is said. */
export type Attempt<Options> = (
  options: Omit<Options, keyof SessionOptions> & AttemptOptions,
  elsewhere: Elsewhere,
) => Promise<XmppConnection>;

// RFC 6120 §4.6.4: not more often than every five minutes.
const DEFAULT_LIVENESS: LivenessOptions = { after: 300_000, timeout: 30_000 };

const LIVENESS: OptionKinds<LivenessOptions> = {
  after: OPTION_KINDS.number,
  timeout: OPTION_KINDS.number,
};

/**
 * Begins a session: an adapter's `keepConnected` is this with the adapter's way to connect. What is wrong with the options
 * of the connection the adapter has to say before.
 *
 * @throws TypeError when the policy or another option of the session makes no sense; nothing was done.
 */
export function startSession<Options extends SessionOptions & SessionClientOptions>(
  options: Options,
  attempt: Attempt<Options>,
): XmppSession {
  const {
    reconnect,
    advise = reconnectAdvice,
    liveness = DEFAULT_LIVENESS,
    signal,
    scheduler = systemScheduler,
    ...rest
  } = options;
  checkValues<SessionOptions>('keepConnected()', options, SESSION_OPTIONS);
  if (liveness !== false) checkOptions("'liveness'", liveness, LIVENESS);
  const session = new Session({
    connect: async ({ signal: stopping, resourceDropped, redirect, seeOtherUri, redirectsLeft }) =>
      attempt(
        {
          ...rest,
          ...(resourceDropped ? withoutResource(options) : {}),
          signal: stopping,
          maxRedirects: redirectsLeft,
        },
        { redirect, seeOtherUri },
      ),
    advise,
    policy: completePolicy(reconnect),
    maxRedirects: redirectLimit(options.maxRedirects),
    maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
    liveness: liveness === false ? undefined : liveness,
    scheduler,
    draw: drawFrom(options.random ?? webRandom),
  });
  stopOn(signal, session);
  return session;
}

// RFC 6120 §4.9.3.3: after a conflict, another resource than before; the server makes it.
function withoutResource({ jid, jidPreparation }: SessionClientOptions): { jid?: string } {
  return jid === undefined ? {} : { jid: parseOwnJid(jid, jidPreparation).bare.toString() };
}

function stopOn(signal: AbortSignal | undefined, session: XmppSession): void {
  if (signal === undefined) return;
  const stop = (): void => void session.stop();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  void session.ended.then(() => signal.removeEventListener('abort', stop));
}
