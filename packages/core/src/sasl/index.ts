export { usableChannelBindings, type Gs2ChannelBinding } from './channel-binding.ts';
export { createClientConversation, type ClientConversationOptions } from './client-conversation.ts';
export { checkCredentials, type ClientCredentials } from './credentials.ts';
export type { DecoyPolicy } from './decoy.ts';
export type { AdvertisedMechanisms } from './downgrade.ts';
export type {
  AccountState,
  AuthorizationRequest,
  AuthorizedIdentity,
  ChannelBindings,
  ChannelBindingType,
  ClientConversation,
  ClientFailed,
  ClientSaslFailure,
  ClientStep,
  CredentialsRequest,
  NamedQuestion,
  PasswordCheckRequest,
  Question,
  SaltedPasswordRequest,
  SaslErrorCondition,
  SaslQuestionName,
  SaslQuestions,
  ScramCredentials,
  ScramHash,
  ServerConversation,
  ServerStep,
} from './mechanism.ts';
export { isSaslMechanism, SASL_MECHANISMS, type SaslMechanismName, type ScramMechanismName } from './names.ts';
export { offeredMechanisms, type OfferOptions } from './offer.ts';
export type { PlainCheck } from './plain.ts';
export { saslPrep, type Preparation, type PreparationUse } from './saslprep.ts';
export { saltPassword, scramCredentials, scramKeys, type ScramKeys, type ScramSecret } from './scram-keys.ts';
export { DEFAULT_SCRAM_LIMITS, type ScramLimits } from './scram-limits.ts';
export { SCRAM_NONCE_BYTES, scramNonce } from './scram-nonce.ts';
export {
  selectMechanism,
  type MechanismRefusal,
  type RefusalReason,
  type SelectedMechanism,
  type Selection,
  type SelectionOptions,
} from './select.ts';
export { createServerConversation, type ServerConversationOptions } from './server-conversation.ts';
