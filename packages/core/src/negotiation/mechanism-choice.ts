import { unreachable } from '../errors.ts';
import { SERVER_NS } from '../namespaces.ts';
import {
  createClientConversation,
  SCRAM_NONCE_BYTES,
  scramNonce,
  selectMechanism,
  usableChannelBindings,
  type AdvertisedMechanisms,
  type ChannelBindings,
  type ChannelBindingType,
  type ClientConversation,
  type ClientCredentials,
} from '../sasl/index.ts';
import { isProtected, type Security } from './facts.ts';
import type { InitiatingContext } from './feature.ts';
import type { InitiatingSettings } from './settings.ts';

/** A conversation with the mechanism that was chosen. */
export interface Begun {
  readonly conversation: ClientConversation;
  /** The type of channel binding that it uses. */
  readonly channelBinding: ChannelBindingType | undefined;
}

/** Chooses a mechanism among those offered and begins with it; `detail` says why there is none (RFC 6120 §6.3.3). */
export function beginConversation(
  context: InitiatingContext,
  advertised: AdvertisedMechanisms,
  tried: readonly string[],
): Begun | { readonly detail: string } {
  const { settings, standing } = context;
  const credentials = credentialsOf(settings);
  const { selected, refused } = selectMechanism({
    offered: advertised.mechanisms,
    channelBindingTypes: advertised.channelBindingTypes,
    channelBindings: channelBindingsOf(standing.security),
    credentials,
    mechanisms: settings.mechanisms,
    pinned: settings.pinnedMechanism,
    transportProtected: isProtected(standing.security),
    tried,
  });
  if (selected === undefined) {
    const reasons = refused.map(({ mechanism, reason }) => `${mechanism}: ${reason}`).join(', ');
    return {
      detail: `no offered SASL mechanism can be used (${reasons || 'none was offered'}); see 'mechanisms' and 'credentials' in the configuration`,
    };
  }
  const nonce = scramNonce(context.random(SCRAM_NONCE_BYTES));
  const conversation = createClientConversation(selected, { credentials, nonce, advertised });
  return {
    conversation,
    channelBinding: selected.channelBinding.flag === 'p' ? selected.channelBinding.type : undefined,
  };
}

/** The channel-binding data that may be used on a connection; none without TLS of our own. */
export function channelBindingsOf(security: Security): ChannelBindings {
  if (security.kind !== 'tls') return new Map();
  const { version, extendedMasterSecret = false, channelBindings } = security.tls;
  return usableChannelBindings(version, extendedMasterSecret, channelBindings);
}

function credentialsOf({
  credentials,
  authzid,
  authenticateBy,
  from,
  contentNamespace,
}: InitiatingSettings): ClientCredentials {
  const named = authzid?.toString();
  switch (authenticateBy) {
    case 'password':
      return { password: credentials, authzid: named };
    case 'certificate':
      // XEP-0178 §3: a server says which of its names it means; a client only where its certificate has several.
      return {
        certificate: true,
        password: credentials,
        authzid: named ?? (contentNamespace === SERVER_NS ? from?.toString() : undefined),
      };
    case 'none':
      return { anonymous: true };
    default:
      return unreachable(authenticateBy, 'credentialsOf');
  }
}
