export type { Awaitable } from './awaitable.ts';
export type { AccountStore } from './accounts/account-store.ts';
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
export { makeSelfSignedCertificate, type SelfSignedCertificate } from './certificate/self-signed.ts';
export {
  createServer,
  type Server,
  type ServerOptions,
  type ServerPorts,
  type TcpServerLimits,
} from './create-server.ts';
