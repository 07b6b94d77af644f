import {
  checkTcpOptions,
  OPTION_KINDS,
  SESSION_OPTIONS,
  startSession,
  type OptionKinds,
  type Redirect,
  type SessionOptions,
  type XmppConnection,
  type XmppSession,
} from '@xmpp-wire/driver';
import { checkOptions, CONNECT_OPTIONS, connectTo, type ConnectOptions } from './connect.ts';

/** What to connect to, and what to do when the connection is lost. */
export interface KeepConnectedOptions extends Omit<ConnectOptions, 'signal'>, SessionOptions {
  /** In place of `connect`: it has to honour `signal`, and to go to `redirect` where there is one. */
  readonly connect?: (options: ConnectOptions, redirect: Redirect | undefined) => Promise<XmppConnection>;
}

const KEEP_CONNECTED_OPTIONS: OptionKinds<KeepConnectedOptions> = {
  ...CONNECT_OPTIONS,
  ...SESSION_OPTIONS,
  connect: OPTION_KINDS.function,
};

/**
 * Connects, and connects again whenever the connection is lost, until it is stopped or the trouble is of a kind that does
 * not pass by itself (RFC 6120 §3.3). Read the session with `for await`.
 *
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs Deno and a server
 * import { presence } from '@xmpp-wire/core';
 * import { keepConnected } from '@xmpp-wire/deno';
 *
 * const session = keepConnected({ jid: 'juliet@im.example.com', password: 'R0m30', reconnect: 'interactive' });
 * for await (const event of session) {
 *   if (event.type === 'connected') await session.send(presence());
 *   if (event.type === 'stanza') console.log(event.stanza.element.toString());
 * }
 * console.log((await session.ended).by);
 * ```
 */
export function keepConnected(options: KeepConnectedOptions): XmppSession {
  checkTcpOptions('keepConnected()', options, KEEP_CONNECTED_OPTIONS);
  const { connect = connectTo, ...rest } = options;
  checkOptions(rest);
  return startSession(rest, async (attempt, { redirect }) => connect(attempt, redirect));
}
