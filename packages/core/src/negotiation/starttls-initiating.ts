import { TLS_NS } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { StartTlsAsk } from './asks.ts';
import { secureBy, type Standing, type TlsFacts } from './facts.ts';
import type { InitiatingContext, InitiatingConversation, InitiatingFeature } from './feature.ts';
import { askFor, done, gaveUp, sendAndAwait, type Move } from './move.ts';

/** STARTTLS, initiating side (RFC 6120 §5). */
export const startTlsInitiating: InitiatingFeature = {
  name: 'starttls',
  // RFC 6120 §5.3.4, §5.3.5: before SASL, and never a second time.
  isDue: (standing: Standing): boolean => standing.security.kind === 'clear',
  advertises: (advertisement: XmlElement): boolean => advertisement.is('starttls', TLS_NS),
  // Rule S6: whoever strips the advertisement must not get a clear-text login for it.
  tryUnadvertised: true,
  converse: (context: InitiatingContext): InitiatingConversation => new StartTls(context),
};

class StartTls implements InitiatingConversation {
  readonly #context: InitiatingContext;

  constructor(context: InitiatingContext) {
    this.#context = context;
  }

  begin(): Move {
    // RFC 6120 §5.4.2.1.
    return sendAndAwait(xml('starttls', { xmlns: TLS_NS }));
  }

  claims(element: XmlElement): boolean {
    return element.is('proceed', TLS_NS) || element.is('failure', TLS_NS);
  }

  receive(element: XmlElement): Move {
    // RFC 6120 §5.4.2.2: the receiving entity closes the stream after <failure/>.
    if (element.is('failure', TLS_NS)) {
      return gaveUp({
        code: 'peer-incompatible',
        missing: 'starttls',
        detail: 'the server answered <starttls/> with <failure/>; without TLS nothing else is done on this stream',
      });
    }
    // RFC 6120 §5.4.3.1: the TLS negotiation begins right behind the closing '>' of <proceed/>.
    const ask: StartTlsAsk = { type: 'ask', ask: 'start-tls', domain: this.#context.settings.domain.domainpart };
    return askFor(ask, afterTls, { silence: 'bytes-behind-proceed' });
  }
}

/** What both roles make of the answer to `start-tls`. */
export function afterTls(answer: TlsFacts | 'failed'): Move {
  if (answer === 'failed') {
    // RFC 6120 §5.4.3.2: no closing tag, the connection just ends.
    return gaveUp(
      {
        code: 'negotiation-failed',
        at: 'tls',
        condition: undefined,
        text: undefined,
        detail: 'the TLS handshake or the check of the certificate failed',
      },
      { cut: true },
    );
  }
  const security = secureBy(answer);
  // RFC 6120 §5.4.3.3: both sides forget what they learned before TLS; the stream restarts.
  return done({ level: 'anonymous', security }, { events: [{ type: 'secured', tls: answer }], restart: true });
}
