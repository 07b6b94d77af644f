// For adapters: what ties an entity to a transport. Applications import an adapter.
export { CONGESTED, type ByteLink, type Endpoint, type Link, type LinkHandlers, type MessageLink } from './link.ts';
export type { ConnectionEnd, SecuredLink } from './driven.ts';
export {
  completeClientOptions,
  type ClientOptions,
  type ClientSettings,
  type ClientTimeouts,
  type KeyDerivation,
  type Platform,
} from './client-options.ts';
export { explained, negotiate, NegotiationEnded, type StartTls } from './negotiate.ts';
export { messageOf, XmppConnectError, type ConnectErrorCode, type ConnectStep } from './connect-error.ts';
export type { EarlyEnd } from './explain-close.ts';
export type { ConnectionDescription, ConnectionEvent, XmppConnection } from './connection.ts';
export { XmppRequestError, type RequestErrorCode, type RequestOptions } from './requests.ts';
export { Reception, type Admission } from './reception.ts';
export type {
  AnswerOf,
  AskHandler,
  AskHandlers,
  AskNamed,
  FailedConnection,
  Peer,
  ServeOptions,
  ServerAsk,
} from './server-options.ts';
export { deriveSaltedPassword } from './key-derivation.ts';
export { drawFrom, webRandom } from './random.ts';
export { pick } from './pick.ts';
export { asciiDomain, findTargets, type DirectTls, type SrvLookup, type Target, type TargetQuery } from './targets.ts';
export type { SrvRecord } from './srv-order.ts';
export { parseRedirect, type Redirect } from './redirect.ts';
