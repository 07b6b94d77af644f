import {
  checkOptions,
  needOptions,
  oneOf,
  OPTION_KINDS,
  PORT,
  type OptionKind,
  type OptionKinds,
} from '@xmpp-wire/driver';
import type { ServerOptions, ServerPorts, ServerTimeouts, TcpServerLimits } from './create-server.ts';
import type { ServerHooks } from './hooks.ts';
import type { HostPolicy } from './host-policy.ts';
import type { WebSocketOptions } from './web-socket.ts';

const { flag, number, object, text, function: aFunction } = OPTION_KINDS;
const list: OptionKind = ['an array', Array.isArray];

const OPTIONS: OptionKinds<ServerOptions> = {
  // What these are is told where they are read.
  domains: undefined,
  accounts: undefined,
  host: text,
  ports: object,
  certificate: object,
  clientCertificates: object,
  webSocket: object,
  mechanisms: list,
  offerChannelBinding: undefined,
  authenticationRetries: undefined,
  hosts: object,
  goneDomains: list,
  resourceConflict: oneOf('assign', 'refuse', 'replace'),
  limits: object,
  timeouts: object,
  hooks: object,
  onError: aFunction,
  onFailure: aFunction,
  onTrace: aFunction,
  jidPreparation: object,
  legacySession: flag,
  whitespaceBehindStarttls: flag,
  random: aFunction,
  now: aFunction,
};

const portOrNone: OptionKind = ['a number from 0 to 65535, or false', (value) => value === false || PORT[1](value)];

const PORTS: OptionKinds<ServerPorts> = { starttls: portOrNone, directTls: portOrNone };

const CLIENT_CERTIFICATES: OptionKinds<NonNullable<ServerOptions['clientCertificates']>> = { ca: undefined };

const WEB_SOCKET: OptionKinds<WebSocketOptions> = {
  port: PORT,
  host: text,
  protection: oneOf('certificate', 'proxy', 'none'),
  path: text,
  origins: undefined,
  onRequest: aFunction,
};

const LIMITS: OptionKinds<TcpServerLimits> = {
  // Of the numbers of the first rows it is told where they are read.
  streams: undefined,
  resourcesPerAccount: undefined,
  recipientsPerMinute: undefined,
  connectionsPerMinute: undefined,
  failedLoginsPerMinute: undefined,
  directedPresences: undefined,
  connectionsPerAddress: number,
  bufferedOutput: number,
  xml: object,
  unauthenticatedXml: object,
};

const TIMEOUTS: OptionKinds<ServerTimeouts> = {
  negotiation: undefined,
  closing: undefined,
  idle: undefined,
  keepalive: undefined,
  handshake: number,
};

const HOST: OptionKinds<HostPolicy> = {
  mechanisms: list,
  offerChannelBinding: undefined,
  authenticationRetries: undefined,
  languages: list,
  features: list,
};

const HOOKS: OptionKinds<ServerHooks> = {
  acceptStream: aFunction,
  authorize: aFunction,
  admit: aFunction,
  beforeRouting: aFunction,
  unknownIq: aFunction,
  storeMessage: aFunction,
  forward: aFunction,
  sharesPresence: aFunction,
  sessionStarted: aFunction,
  sessionEnded: aFunction,
  loginFailed: aFunction,
  shutOut: aFunction,
};

/**
 * Refuses options that there are not, down to hooks and limits: what is misspelled would protect nothing.
 *
 * @throws TypeError that names the option.
 */
export function checkServerOptions(options: ServerOptions): void {
  checkOptions('createServer()', options, OPTIONS);
  const { ports, clientCertificates, webSocket, limits, timeouts, hosts, hooks } = options;
  if (ports !== undefined) checkOptions("'ports'", ports, PORTS);
  if (clientCertificates !== undefined) {
    checkOptions("'clientCertificates'", clientCertificates, CLIENT_CERTIFICATES);
  }
  if (limits !== undefined) checkOptions("'limits'", limits, LIMITS);
  if (timeouts !== undefined) checkOptions("'timeouts'", timeouts, TIMEOUTS);
  if (hooks !== undefined) checkOptions("'hooks'", hooks, HOOKS);
  for (const [domain, policy] of Object.entries(hosts ?? {})) checkOptions(`'hosts' for ${domain}`, policy, HOST);
  if (webSocket === undefined) return;
  checkOptions("'webSocket'", webSocket, WEB_SOCKET);
  needOptions("'webSocket'", webSocket, ['port', 'protection']);
}
