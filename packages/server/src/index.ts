export type { Awaitable } from './awaitable.ts';
export type { AccountStore } from './accounts/account-store.ts';
export type { AccountStanding } from './accounts/account-file.ts';
export { FileAccounts, type FileAccountsOptions, type ListedAccount } from './accounts/file-accounts.ts';
export type { AccountFileSystem, WritableFile } from './accounts/file-system.ts';
export { explainFailure, type ExplainedFailure, type FailureName } from './log/explain-failure.ts';
export { MemoryAccounts, type MemoryAccountsOptions } from './accounts/memory-accounts.ts';
export type {
  ActAsRequest,
  AdmissionRequest,
  FailedLogin,
  IqAnswer,
  IqTarget,
  Nuisance,
  ServerHooks,
  StreamRequest,
  Verdict,
} from './hooks.ts';
export type { ChannelBindingOffer, HostPolicy } from './host-policy.ts';
export type { Channel, Session } from './session.ts';
export type { ClientStream } from './stream/client-stream.ts';
export { XmppServer } from './xmpp-server.ts';
export type { ResourceConflict, ServerLimits, XmppServerOptions } from './xmpp-server-options.ts';
export {
  checkCertificate,
  readCertificate,
  type CertificateFacts,
  type CertificateFiles,
} from './certificate/check-certificate.ts';
export type { ServerCertificates } from './certificate/certificate-book.ts';
export { ServerError, type ServerErrorCode } from './server-error.ts';
export {
  keepSelfSignedCertificate,
  type KeepCertificateOptions,
  type KeptCertificate,
} from './certificate/kept-certificate.ts';
export { makeSelfSignedCertificate, type SelfSignedCertificate } from './certificate/self-signed.ts';
export {
  createServer,
  type Server,
  type ServerOptions,
  type ServerPorts,
  type ServerTimeouts,
  type TcpServerLimits,
} from './create-server.ts';
export type { WebSocketEndpoint, WebSocketOptions } from './web-socket.ts';
