import { parseJid, parseJidParts, type JidResult } from '../jid/index.ts';
import {
  createServerConversation,
  offeredMechanisms,
  SCRAM_NONCE_BYTES,
  scramNonce,
  type AdvertisedMechanisms,
  type ServerConversation,
} from '../sasl/index.ts';
import { isProtected, type Security } from './facts.ts';
import type { ReceivingContext } from './feature.ts';
import { channelBindingsOf } from './mechanism-choice.ts';
import type { StreamPolicy } from './policy.ts';

const DEFAULT_DECOY_ITERATIONS = 4096;

/** What a stream with this security offers (RFC 6120 §6.3.4, XEP-0440). */
export function offerOf(policy: StreamPolicy, security: Security): AdvertisedMechanisms {
  const channelBindings = channelBindingsOf(security);
  const mechanisms = offeredMechanisms({
    mechanisms: policy.mechanisms,
    channelBindings,
    transportProtected: isProtected(security),
    certificateAccepted: security.kind === 'tls' && security.tls.peerCertificate?.trusted === true,
  });
  const plus = mechanisms.some((name) => name.endsWith('-PLUS'));
  return { mechanisms, channelBindingTypes: plus ? [...channelBindings.keys()] : undefined };
}

/** Begins the exchange that the peer asked for. */
export function serveMechanism(mechanism: string, context: ReceivingContext, security: Security): ServerConversation {
  const { policy, domain, jidPreparation } = context;
  const advertised = offerOf(policy, security);
  const addressOf = (authcid: string): JidResult =>
    parseJidParts({ localpart: authcid, domainpart: domain.domainpart }, jidPreparation);
  return createServerConversation(mechanism, {
    offered: advertised.mechanisms,
    mechanisms: policy.mechanisms,
    channelBindings: channelBindingsOf(security),
    domain: domain.domainpart,
    // RFC 6120 §6.3.8, rule S11: the same account, however it is written.
    sameAccount: (authcid, authzid) => {
      const account = addressOf(authcid);
      const other = parseJid(authzid, jidPreparation);
      return account.ok && other.ok && account.jid.equals(other.jid);
    },
    // Rule S21: an account that exists has one salt, however its name is written, and another one at another host.
    accountOf: (authcid) => {
      const account = addressOf(authcid);
      return account.ok ? account.jid.toString() : `${authcid}@${domain.domainpart}`;
    },
    nonce: scramNonce(context.random(SCRAM_NONCE_BYTES)),
    plain: policy.plain ?? { check: 'scram-keys', hash: 'SHA-256' },
    decoy: { secret: policy.decoySecret, iterations: policy.decoyIterations ?? DEFAULT_DECOY_ITERATIONS },
    advertised,
  });
}
