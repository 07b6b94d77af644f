export {
  isStanzaErrorCondition,
  STANZA_ERROR_CONDITIONS,
  type StanzaErrorCondition,
  type StanzaErrorType,
} from './conditions.ts';
export { STANZA_PROBLEMS, type StanzaProblem, type StanzaProblemName } from './problem.ts';
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
