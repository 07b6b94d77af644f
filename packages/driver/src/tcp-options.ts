import { checkOptions, oneOf, OPTION_KINDS, PORT, type OptionKinds } from './check-options.ts';
import { CLIENT_OPTIONS, CLIENT_TIMEOUTS } from './client-options.ts';
import type { TcpClientOptions, TcpTimeouts } from './tcp-client.ts';

/** What the deadlines of every client over TCP have to be. */
const TCP_TIMEOUTS: OptionKinds<TcpTimeouts & { readonly discovery?: number; readonly websocket?: number }> = {
  dns: OPTION_KINDS.number,
  tcp: OPTION_KINDS.number,
  tls: OPTION_KINDS.number,
  ...CLIENT_TIMEOUTS,
  // Programs that connect over WebSocket as well have one set of deadlines for both.
  discovery: undefined,
  websocket: undefined,
};

/** What the options of every client over TCP have to be. */
export const TCP_OPTIONS: OptionKinds<TcpClientOptions> = {
  ...CLIENT_OPTIONS,
  // An IPv6 address has two colons or more.
  host: [
    "the name or the address of a host, without scheme and port, which is in 'port'",
    (value) => typeof value === 'string' && !/^$|[/\s@]/.test(value) && value.split(':').length !== 2,
  ],
  port: PORT,
  directTls: oneOf('auto', 'only', 'never'),
  maxRedirects: OPTION_KINDS.number,
};

/**
 * Refuses options that a client over TCP does not have, and values of another kind.
 *
 * @param whose for the message, such as `connect()`.
 * @param kinds TCP_OPTIONS, and what the adapter adds.
 * @throws TypeError that names the option.
 */
export function checkTcpOptions<Options extends TcpClientOptions>(
  whose: string,
  options: Options,
  kinds: OptionKinds<Options>,
): void {
  checkOptions(whose, options, kinds);
  if (options.timeouts !== undefined) checkOptions(`'timeouts' of ${whose}`, options.timeouts, TCP_TIMEOUTS);
}
