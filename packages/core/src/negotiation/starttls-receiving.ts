import { TLS_NS } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { StartTlsAsk } from './asks.ts';
import type { Standing } from './facts.ts';
import type { ReceivingContext, ReceivingFeature, ReceivingNegotiation } from './feature.ts';
import { askFor, gaveUp, type Move } from './move.ts';
import { afterTls } from './starttls-initiating.ts';

/** STARTTLS, receiving side (RFC 6120 §5). */
export const startTlsReceiving: ReceivingFeature = {
  isMandatory: (standing: Standing): boolean => standing.security.kind === 'clear',
  serve: (context: ReceivingContext): ReceivingNegotiation => ({
    // RFC 6120 §5.3.1: mandatory here always, so it is marked and stands alone (§5.4.1).
    advertise: (standing) =>
      standing.security.kind === 'clear' ? [xml('starttls', { xmlns: TLS_NS }, xml('required'))] : [],
    claims: (element) => element.namespace === TLS_NS,
    receive: (element, standing) => receive(element, standing, context),
  }),
};

function receive(element: XmlElement, standing: Standing, context: ReceivingContext): Move {
  if (element.name !== 'starttls' || standing.security.kind !== 'clear') {
    // RFC 6120 §5.4.2.2, §5.3.5: nothing but <starttls/>, and only where it was offered; <failure/>, then the stream closes.
    const detail =
      element.name === 'starttls'
        ? 'the peer asked for TLS although the connection is protected already'
        : `expected <starttls/>, came <${element.name}/> in ${TLS_NS}`;
    return gaveUp(
      { code: 'negotiation-failed', at: 'tls', condition: undefined, text: undefined, detail },
      { send: [xml('failure', { xmlns: TLS_NS })] },
    );
  }
  // RFC 6120 §5.4.3.1: the TLS negotiation begins right behind the closing '>' of <proceed/>.
  const ask: StartTlsAsk = { type: 'ask', ask: 'start-tls', domain: context.domain.domainpart };
  return askFor(ask, afterTls, {
    send: [xml('proceed', { xmlns: TLS_NS })],
    silence: 'bytes-behind-starttls',
  });
}
