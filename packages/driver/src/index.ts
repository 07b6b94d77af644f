// For adapters: what ties an entity to a transport. Applications import an adapter.
export { CONGESTED, type ByteLink, type Endpoint, type Link, type LinkHandlers, type MessageLink } from './link.ts';
export type { ConnectionEnd, SecuredLink } from './driven.ts';
export {
  checkOptions,
  needOptions,
  oneOf,
  OPTION_KINDS,
  PORT,
  type OptionKind,
  type OptionKinds,
} from './check-options.ts';
export {
  CLIENT_OPTIONS,
  CLIENT_TIMEOUTS,
  completeClientOptions,
  type ClientEntityOptions,
  type ClientOptions,
  type ClientSettings,
  type ClientTimeouts,
} from './client-options.ts';
export type { Defer, KeyDerivation, Platform } from './platform.ts';
export { explained, negotiate, NegotiationEnded, type StartTls } from './negotiate.ts';
export { messageOf, XmppConnectError, type ConnectErrorCode, type ConnectStep } from './connect-error.ts';
export type { EarlyEnd } from './explain-close.ts';
export type { ConnectionDescription, ConnectionEvent, XmppConnection } from './connection.ts';
export { XmppRequestError, type RequestErrorCode, type RequestOptions } from './requests.ts';
export { Reception, type Admission } from './reception.ts';
export { SERVE_OPTIONS } from './server-options.ts';
export type {
  AnswerOf,
  AskHandler,
  AskHandlers,
  AskNamed,
  FailedConnection,
  Peer,
  ServeOptions,
  ServerAsk,
  ServerEntityOptions,
} from './server-options.ts';
export { deriveSaltedPassword } from './key-derivation.ts';
export { drawFrom, webRandom } from './random.ts';
export { pick } from './pick.ts';
export {
  asciiDomain,
  findTargets,
  literalOf,
  type DirectTls,
  type SrvLookup,
  type Target,
  type TargetQuery,
} from './targets.ts';
export {
  connectOverTcp,
  joined,
  type Reached,
  type TcpClientOptions,
  type TcpTimeouts,
  type TcpTransport,
} from './tcp-client.ts';
export { checkTcpOptions, TCP_OPTIONS } from './tcp-options.ts';
export { timed } from './timed.ts';
export type { SrvRecord } from './srv-order.ts';
export { timerDelay } from './deadline-timer.ts';
export { parseRedirect, parseSeeOtherUri, redirectLimit, tooManyRedirects, type Redirect } from './redirect.ts';
export {
  SESSION_OPTIONS,
  startSession,
  type Attempt,
  type AttemptOptions,
  type Elsewhere,
  type SessionClientOptions,
  type SessionOptions,
} from './reconnect/keep-connected.ts';
export type { XmppSession } from './reconnect/session.ts';
export type {
  NextAttempt,
  SessionAttemptFailed,
  SessionConnected,
  SessionDisconnected,
  SessionEnd,
  SessionEvent,
  SessionGaveUp,
  SessionState,
} from './reconnect/session-events.ts';
export {
  reconnectAdvice,
  type ReconnectAdvice,
  type ReconnectChanges,
  type ReconnectHistory,
} from './reconnect/advice.ts';
export { RECONNECT_PRESETS, type DelayWindow, type ReconnectPolicy, type ReconnectPreset } from './reconnect/policy.ts';
export { RECONNECT_RULES, type ReconnectCause, type ReconnectRow, type ReconnectRule } from './reconnect/rules.ts';
export type { LivenessOptions } from './reconnect/liveness.ts';
export type { Scheduler } from './reconnect/scheduler.ts';
