import { utf8Encode } from '../bytes/utf8.ts';
import { LocalProtocolError } from '../errors.ts';
import { anonymousClient } from './anonymous.ts';
import { preparedForScram, type ClientCredentials } from './credentials.ts';
import type { AdvertisedMechanisms } from './downgrade.ts';
import { externalClient } from './external.ts';
import type { ClientConversation } from './mechanism.ts';
import { scramVariant } from './names.ts';
import { plainClient } from './plain.ts';
import { saslPrep, type Preparation } from './saslprep.ts';
import { scramClient } from './scram-client.ts';
import { DEFAULT_SCRAM_LIMITS, type ScramLimits } from './scram-limits.ts';
import type { SelectedMechanism } from './select.ts';

export interface ClientConversationOptions {
  readonly credentials: ClientCredentials;
  /** SCRAM: of `scramNonce`, new for this conversation. */
  readonly nonce: string;
  /** What the peer offered, as it arrived: SCRAM compares it with what the peer says it sent (XEP-0474). */
  readonly advertised?: AdvertisedMechanisms | undefined;
  readonly limits?: Partial<ScramLimits> | undefined;
  readonly preparation?: Preparation | undefined;
}

/**
 * Begins a conversation with the mechanism that `selectMechanism` chose. Call `start` on it.
 *
 * @throws LocalProtocolError `mechanism-unusable` where the credentials are not the ones that the selection saw
 * @example
 * ```ts
 * import { createClientConversation } from '@xmpp-wire/core/sasl';
 * const conversation = createClientConversation(
 *   { mechanism: 'PLAIN', channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
 *   { credentials: { password: { authcid: 'juliet', password: 'r0m30myr0m30' } }, nonce: '' },
 * );
 * conversation.start().type; // 'response'
 * ```
 */
export function createClientConversation(
  selected: SelectedMechanism,
  options: ClientConversationOptions,
): ClientConversation {
  const { mechanism } = selected;
  const { credentials, preparation = saslPrep } = options;
  if (mechanism === 'EXTERNAL') return externalClient(credentials.authzid);
  if (mechanism === 'ANONYMOUS') return anonymousClient(credentials.trace);
  if (credentials.password === undefined) throw unusable(`${mechanism} wants a password`);
  const variant = scramVariant(mechanism);
  if (variant === undefined) return plainClient({ ...credentials.password, authzid: credentials.authzid });
  const prepared = preparedForScram(credentials.password, preparation);
  if (prepared === undefined) throw unusable(`${mechanism} wants a name and a password that SASLprep accepts`);
  if (!/^[!-+\--~]+$/.test(options.nonce))
    throw unusable(`${mechanism} wants a nonce of printable ASCII; use scramNonce`);
  if (variant.plus !== (selected.channelBinding.flag === 'p')) {
    throw unusable(
      `${mechanism} does not go with the channel-binding flag ${selected.channelBinding.flag}; use selectMechanism`,
    );
  }
  return scramClient(mechanism, {
    hash: variant.hash,
    channelBinding: selected.channelBinding,
    authcid: prepared.authcid,
    password: utf8Encode(prepared.password),
    authzid: credentials.authzid,
    nonce: options.nonce,
    limits: { ...DEFAULT_SCRAM_LIMITS, ...options.limits },
    advertised: options.advertised,
    requireDowngradeProtection: selected.requireDowngradeProtection,
  });
}

function unusable(message: string): LocalProtocolError {
  return new LocalProtocolError('mechanism-unusable', message);
}
