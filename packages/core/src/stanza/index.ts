export {
  iq,
  message,
  presence,
  resultOf,
  type IqRequestFields,
  type IqResultFields,
  type MessageFields,
  type PresenceFields,
  type StanzaFields,
} from './build.ts';
export {
  isStanzaErrorCondition,
  STANZA_ERROR_CONDITIONS,
  type StanzaErrorCondition,
  type StanzaErrorType,
} from './conditions.ts';
export { errorOf, readStanzaError, type StanzaError, type StanzaErrorFields, type StanzaErrorText } from './error.ts';
export type { StanzaProblem, StanzaProblemName } from './problem.ts';
export { readStanza, stanzaKindOf, type ReadStanzaOptions, type StanzaReading } from './read.ts';
export { stamp, type StampFields } from './stamp.ts';
export type {
  Iq,
  IqError,
  IqRequest,
  IqResult,
  IqType,
  Message,
  MessageType,
  Presence,
  PresenceType,
  Stanza,
  StanzaKind,
} from './stanza.ts';
