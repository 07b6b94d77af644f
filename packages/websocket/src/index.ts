export { connect, type ConnectOptions, type ConnectTimeouts } from './connect.ts';
export { discover, type DiscoverOptions, type Fetch } from './discover.ts';
export { createAcceptor, type Acceptor, type SocketEnds } from './accept.ts';
export type { OriginPolicy, UpgradePolicy } from './upgrade.ts';
export type { WebSocketConstructor, WebSocketLike } from './web-socket.ts';
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
  type Endpoint,
  type FailedConnection,
  type Peer,
  type RequestErrorCode,
  type RequestOptions,
  type ServeOptions,
  type ServerAsk,
  type XmppConnection,
} from '@xmpp-wire/driver';
