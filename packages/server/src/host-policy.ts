import type { AcceptStreamAsk } from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';

/**
 * Where the mechanisms with channel binding, -PLUS, are offered.
 *
 * - `unless-tls-1.3`: over TLS 1.2 only. slixmpp 1.8 and gloox 1.0 take -PLUS whenever it is offered and bind to
 *   tls-unique, which TLS 1.3 does not have (RFC 8446 §C.5): where they see -PLUS they can never log in.
 * - `always`: wherever there is a channel to bind to. It keeps out whoever holds a certificate for the domain that clients
 *   accept and the server does not have.
 * - `never`.
 */
export type ChannelBindingOffer = 'always' | 'unless-tls-1.3' | 'never';

/** What one host has otherwise than the server as a whole; what is left out is as everywhere. */
export interface HostPolicy {
  /** SASL mechanisms to offer, in this order. */
  readonly mechanisms?: readonly string[];
  readonly offerChannelBinding?: ChannelBindingOffer;
  /** Times that a failed login may be tried again on one stream: 2 to 5 (RFC 6120 §6.4.5). */
  readonly authenticationRetries?: number;
  /** Languages that the host writes its own texts in, the default first (RFC 6120 §4.7.4). */
  readonly languages?: readonly string[];
  /** Advertisements of services of one's own, added to the features after authentication. */
  readonly features?: readonly XmlElement[];
}

/** Whether -PLUS may be offered on a stream with this security. */
export function offersChannelBinding(offer: ChannelBindingOffer, security: AcceptStreamAsk['security']): boolean {
  if (offer !== 'unless-tls-1.3') return offer === 'always';
  return security.kind === 'tls' && security.tls.version !== 'TLSv1.3';
}
