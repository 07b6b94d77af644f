import { LocalProtocolError } from '../errors.ts';
import type { ChannelBindings } from './mechanism.ts';
import { isSaslMechanism, scramVariant, type SaslMechanismName } from './names.ts';

/** What a server decides its offer by. */
export interface OfferOptions {
  /** Mechanisms that may be offered, the most wanted first (RFC 6120 §6.3.3). */
  readonly mechanisms: readonly string[];
  /** What this connection can bind to: the result of `usableChannelBindings`. */
  readonly channelBindings: ChannelBindings;
  /** Whether TLS or something as good protects the connection. */
  readonly transportProtected: boolean;
  /** Whether the peer presented a certificate that is good enough to authenticate it (RFC 6120 §6.3.4). */
  readonly certificateAccepted: boolean;
}

/**
 * Decides which mechanisms to offer on a stream (RFC 6120 §6.3.4): EXTERNAL first and only for a good certificate, -PLUS only
 * where there is a channel to bind to, PLAIN only where the connection is protected (§13.8.3).
 *
 * @throws LocalProtocolError `mechanism-unusable` for a name that is not spoken here
 * @example
 * ```ts
 * import { offeredMechanisms } from '@xmpp-wire/core/sasl';
 * const mechanisms = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN'];
 * const offer = { mechanisms, channelBindings: new Map(), transportProtected: true, certificateAccepted: false };
 * offeredMechanisms(offer); // ['SCRAM-SHA-256', 'PLAIN']
 * ```
 */
export function offeredMechanisms(options: OfferOptions): readonly SaslMechanismName[] {
  const { channelBindings, transportProtected, certificateAccepted } = options;
  const offered = new Set<SaslMechanismName>();
  for (const mechanism of options.mechanisms) {
    if (!isSaslMechanism(mechanism)) {
      throw new LocalProtocolError(
        'mechanism-unusable',
        `${JSON.stringify(mechanism)} is not a mechanism that is spoken here; leave it out`,
      );
    }
    if (mechanism === 'EXTERNAL' && !(certificateAccepted && transportProtected)) continue;
    if (mechanism === 'PLAIN' && !transportProtected) continue;
    if (scramVariant(mechanism)?.plus && channelBindings.size === 0) continue;
    offered.add(mechanism);
  }
  // RFC 6120 §6.3.4: EXTERNAL is listed first.
  return offered.delete('EXTERNAL') ? ['EXTERNAL', ...offered] : [...offered];
}
