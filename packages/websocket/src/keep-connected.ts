import {
  checkOptions as checkKinds,
  OPTION_KINDS,
  SESSION_OPTIONS,
  startSession,
  type OptionKinds,
  type SessionOptions,
  type XmppConnection,
  type XmppSession,
} from '@xmpp-wire/driver';
import { checkOptions, CONNECT_OPTIONS, connectTo, type ConnectOptions } from './connect.ts';

/** What to connect to, and what to do when the connection is lost. */
export interface KeepConnectedOptions extends Omit<ConnectOptions, 'signal'>, SessionOptions {
  /** In place of `connect`: it has to honour `signal`, and to open `seeOtherUri` where there is one. */
  readonly connect?: (options: ConnectOptions, seeOtherUri: string | undefined) => Promise<XmppConnection>;
}

const KEEP_CONNECTED_OPTIONS: OptionKinds<KeepConnectedOptions> = {
  ...CONNECT_OPTIONS,
  ...SESSION_OPTIONS,
  connect: OPTION_KINDS.function,
};

/**
 * Connects over WebSocket, and connects again whenever the connection is lost, until it is stopped or the trouble is of a
 * kind that does not pass by itself (RFC 6120 §3.3). Read the session with `for await`. A see-other-uri is followed as in
 * the negotiation: never to a WebSocket that is less protected than the one that names it (RFC 7395 §3.6.1).
 *
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs a server
 * import { presence } from '@xmpp-wire/core';
 * import { keepConnected } from '@xmpp-wire/websocket';
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
  checkKinds('keepConnected()', options, KEEP_CONNECTED_OPTIONS);
  const { connect: own, ...rest } = options;
  checkOptions(rest);
  /** The address of the last WebSocket on which a stream was established: what a redirection may not fall below. */
  let from = '';
  return startSession(rest, async (attempt, { seeOtherUri: uri }) => {
    if (own !== undefined) return own(attempt, uri);
    const { connection, url } = await connectTo(attempt, uri === undefined ? undefined : { uri, from });
    from = url;
    return connection;
  });
}
