// What applications import. Parts of their own: /xml (elements), /jid (addresses), /sasl (mechanisms), /adapter (for adapters).
export { InitiatingEntity } from './initiating-entity.ts';
export { ReceivingEntity } from './receiving-entity.ts';
export { LocalProtocolError, type LocalErrorCode } from './errors.ts';
export { DEFAULT_LIMITS, DEFAULT_UNAUTHENTICATED_LIMITS, MIN_STANZA_BYTES, type XmlLimits } from './limits.ts';
export { CLIENT_NS, SERVER_NS, type ContentNamespace } from './namespaces.ts';
export { VIOLATIONS, type Violation, type ViolationRow } from './stream/violations.ts';
export {
  STREAM_ERROR_CONDITIONS,
  type StreamError,
  type StreamErrorCondition,
  type StreamErrorFields,
} from './stream/stream-error.ts';
export { jid, parseJid, type Jid, type JidError, type JidPreparation, type JidResult } from './jid/index.ts';
export {
  errorOf,
  iq,
  message,
  presence,
  readStanza,
  readStanzaError,
  resultOf,
  stamp,
  STANZA_ERROR_CONDITIONS,
} from './stanza/index.ts';
export type {
  Iq,
  IqError,
  IqRequest,
  IqRequestFields,
  IqResult,
  IqResultFields,
  IqType,
  Message,
  MessageFields,
  MessageType,
  Presence,
  PresenceFields,
  PresenceType,
  ReadStanzaOptions,
  StampFields,
  Stanza,
  StanzaError,
  StanzaErrorCondition,
  StanzaErrorFields,
  StanzaErrorText,
  StanzaErrorType,
  StanzaFields,
  StanzaKind,
  StanzaProblem,
  StanzaProblemName,
  StanzaReading,
} from './stanza/index.ts';
export {
  RequestTracker,
  type RequestFields,
  type RequestMatch,
  type RequestTiming,
  type RequestTrackerOptions,
} from './request.ts';
export * from './routing/index.ts';
export type { EntityConfig, RandomSource, Timeouts } from './config.ts';
export type { InitiatingConfig } from './initiating-config.ts';
export type { ReceivingConfig } from './receiving-config.ts';
export type { EntityDescription } from './engine/description.ts';
export type { InitiatingPhase, Phase, ReceivingPhase } from './engine/phases.ts';
export type {
  Authenticated,
  AuthenticationFailed,
  CloseCause,
  Closed,
  CommonEvent,
  ElementReceived,
  Ended,
  Established,
  FeaturesReceived,
  InitiatingEvent,
  Milliseconds,
  NeedInput,
  NegotiationFailed,
  Paused,
  PeerClosing,
  PeerIncompatible,
  ReceivingEvent,
  Secured,
  StanzaOrigin,
  StanzaReceived,
  StanzaRefused,
  StreamOpened,
  TimerName,
} from './events.ts';
export type {
  AcceptStreamAsk,
  Ask,
  AskName,
  AuthorizeAsk,
  BindRefusal,
  BindResourceAsk,
  CheckPasswordAsk,
  DeriveSaltedPasswordAsk,
  InitiatingAsk,
  LookUpCredentialsAsk,
  ReceivingAsk,
  StartTlsAsk,
  StreamRefusal,
} from './negotiation/asks.ts';
export type { Identity, PeerCertificate, Security, Standing, TlsFacts } from './negotiation/facts.ts';
export type { StreamPolicy } from './negotiation/policy.ts';
export type { PasswordCredentials } from './negotiation/settings.ts';
export type { StreamHeader } from './stream/stream-header.ts';
export type { Transport } from './stream/new-framing.ts';
export type { StreamVersion } from './stream/version.ts';
export type { TraceEntry, TraceHook } from './trace.ts';
