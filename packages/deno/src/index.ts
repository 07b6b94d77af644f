export { connect, type ConnectOptions, type ConnectTimeouts } from './connect.ts';
export { listen, type Listener, type ListenEndpoint, type ListenOptions } from './listen.ts';
export type { ClientTlsOptions } from './tls.ts';
export {
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
  type DirectTls,
  type Endpoint,
  type FailedConnection,
  type Peer,
  type RequestErrorCode,
  type RequestOptions,
  type ServeOptions,
  type ServerAsk,
  type SrvLookup,
  type SrvRecord,
  type XmppConnection,
} from '@xmpp-wire/driver';
