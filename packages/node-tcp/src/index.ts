export { connect } from './connect.ts';
export type { ConnectOptions, ConnectTimeouts } from './connect-options.ts';
export { keepConnected, type KeepConnectedOptions } from './keep-connected.ts';
export { listen, type BoundEndpoint, type Listener } from './listen.ts';
export type { ListenEndpoint, ListenOptions } from './listen-options.ts';
export { systemResolver, type DnsResolver, type HostAddress } from './dns/resolver.ts';
export type { ClientTlsOptions } from './tls/client-tls.ts';
export type { CertificateLookup, ServerCertificate, ServerTlsOptions } from './tls/server-tls.ts';
export { presentedNames, type PresentedNames } from './tls/certificate.ts';
export { certificateIsFor } from './tls/identity.ts';
export { tlsFacts } from './tls/facts.ts';
export { deriveSaltedPassword } from './key-derivation.ts';
export { nodeTextCodec } from './text-codec.ts';
export {
  RECONNECT_PRESETS,
  RECONNECT_RULES,
  reconnectAdvice,
  XmppConnectError,
  XmppRequestError,
  type AnswerOf,
  type AskHandler,
  type AskHandlers,
  type AskNamed,
  type ClientOptions,
  type ClientTimeouts,
  type ConnectErrorCode,
  type ConnectionDescription,
  type ConnectionEnd,
  type ConnectionEvent,
  type ConnectStep,
  type DelayWindow,
  type DirectTls,
  type Endpoint,
  type FailedConnection,
  type LivenessOptions,
  type NextAttempt,
  type Peer,
  type ReconnectAdvice,
  type ReconnectCause,
  type ReconnectChanges,
  type ReconnectHistory,
  type ReconnectPolicy,
  type ReconnectPreset,
  type ReconnectRow,
  type ReconnectRule,
  type Redirect,
  type RequestErrorCode,
  type RequestOptions,
  type Scheduler,
  type ServeOptions,
  type ServerAsk,
  type SessionAttemptFailed,
  type SessionConnected,
  type SessionDisconnected,
  type SessionEnd,
  type SessionEvent,
  type SessionGaveUp,
  type SessionOptions,
  type SessionState,
  type SrvRecord,
  type TcpClientOptions,
  type TcpTimeouts,
  type XmppConnection,
  type XmppSession,
} from '@xmpp-wire/driver';
