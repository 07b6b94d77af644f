export { connect } from './connect.ts';
export type { ConnectOptions, ConnectTimeouts } from './connect-options.ts';
export { XmppConnectError, type ConnectErrorCode, type ConnectStep } from './connect-error.ts';
export type { ConnectionDescription, ConnectionEvent, Endpoint, XmppConnection } from './connection.ts';
export type { ConnectionEnd } from './driven.ts';
export { XmppRequestError, type RequestErrorCode, type RequestOptions } from './requests.ts';
export { keepConnected, type KeepConnectedOptions } from './reconnect/keep-connected.ts';
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
export type { Redirect } from './redirect.ts';
export { listen, type BoundEndpoint, type Listener } from './listen.ts';
export type {
  AnswerOf,
  AskHandler,
  AskHandlers,
  AskNamed,
  FailedConnection,
  ListenEndpoint,
  ListenOptions,
  Peer,
  ServerAsk,
} from './listen-options.ts';
export { systemResolver, type DnsResolver, type HostAddress, type SrvRecord } from './dns/resolver.ts';
export type { DirectTls } from './dns/targets.ts';
export type { ClientTlsOptions } from './tls/client-tls.ts';
export type { CertificateLookup, ServerCertificate, ServerTlsOptions } from './tls/server-tls.ts';
export { presentedNames, type PresentedNames } from './tls/certificate.ts';
export { certificateIsFor } from './tls/identity.ts';
export { tlsFacts } from './tls/facts.ts';
export { deriveSaltedPassword } from './key-derivation.ts';
export { nodeTextCodec } from './text-codec.ts';
