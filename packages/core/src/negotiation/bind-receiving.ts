import { LocalProtocolError } from '../errors.ts';
import { parseJidParts, type Jid } from '../jid/index.ts';
import { BIND_NS, CLIENT_NS, type ContentNamespace } from '../namespaces.ts';
import { errorOf, readStanza, resultOf, type IqRequest, type StanzaErrorCondition } from '../stanza/index.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { BindRefusal, BindResourceAsk } from './asks.ts';
import { addressOf, type Standing } from './facts.ts';
import type { ReceivingContext, ReceivingFeature, ReceivingNegotiation } from './feature.ts';
import { askFor, done, rejected, violated, type Move } from './move.ts';

/** RFC 6120 §7.7.3: at least 5. */
const DEFAULT_RETRIES = 5;

/** Resource binding, receiving side (RFC 6120 §7). */
export const bindReceiving: ReceivingFeature = {
  isMandatory: (standing: Standing, contentNamespace: ContentNamespace): boolean =>
    contentNamespace === CLIENT_NS && standing.level !== 'bound',
  serve: (context: ReceivingContext): ReceivingNegotiation => new BindService(context),
};

class BindService implements ReceivingNegotiation {
  readonly #context: ReceivingContext;
  #failures = 0;

  constructor(context: ReceivingContext) {
    this.#context = context;
  }

  advertise(standing: Standing): readonly XmlElement[] {
    const offered = standing.level === 'authenticated' && this.#context.contentNamespace === CLIENT_NS;
    // RFC 6120 §7.4.
    return offered ? [xml('bind', { xmlns: BIND_NS })] : [];
  }

  claims(element: XmlElement): boolean {
    return element.is('iq', CLIENT_NS) && element.child('bind', BIND_NS) !== undefined;
  }

  receive(element: XmlElement, standing: Standing): Move {
    if (standing.level !== 'authenticated') {
      // RFC 6120 §4.3.5: the exception for bind begins behind SASL and ends with the first binding.
      return violated('stanza-before-completion', `<bind/> came at a stream that is ${standing.level}`);
    }
    const reading = readStanza(element, {
      contentNamespace: CLIENT_NS,
      preparation: this.#context.jidPreparation,
      ignoreFrom: true,
    });
    if (reading?.ok === false) {
      const error = errorOf(reading.problem);
      return error === undefined
        ? violated('element-out-of-order', 'expected a request with <bind/>, came an answer to one')
        : this.#refuse(error.element);
    }
    const request = reading?.stanza;
    if (request?.kind !== 'iq' || (request.type !== 'set' && request.type !== 'get')) {
      return violated('element-out-of-order', 'expected an iq of type set with <bind/>');
    }
    // RFC 6120 §4.3.5, §7.1: before a resource is bound a client speaks to its server and its account, to nobody else.
    const { to } = request;
    if (to !== undefined && !to.equals(this.#context.domain) && !to.equals(addressOf(standing.identity))) {
      return violated('stanza-before-completion', `<bind/> was sent to ${to.toString()}`);
    }
    if (request.type === 'get') return this.#refuseWith(request, 'bad-request');
    const resourcepart = request.payload.child('resource', BIND_NS)?.text;
    const { localpart, domainpart } = addressOf(standing.identity);
    const wanted = parseJidParts({ localpart, domainpart, resourcepart }, this.#context.jidPreparation);
    // RFC 6120 §7.6: no resource, or an empty one, leaves it to the server. §7.7.2.1: what cannot be a resourcepart is
    // better replaced than refused, so that it is up to the server too.
    return this.#ask(request, wanted.ok ? wanted.jid.resourcepart : undefined, standing);
  }

  #ask(request: IqRequest, requested: string | undefined, standing: Standing & { level: 'authenticated' }): Move {
    const account = addressOf(standing.identity);
    const ask: BindResourceAsk = { type: 'ask', ask: 'bind-resource', account, requested };
    return askFor(ask, (answer: Jid | BindRefusal) => {
      if ('refuse' in answer) return this.#refuseWith(request, answer.refuse, answer);
      // Rule S11: the address is the identity that SASL proved, and a resource.
      if (answer.isBare || !answer.bare.equals(account)) {
        throw new LocalProtocolError(
          'answer-invalid',
          `expected a full JID of ${account.toString()}, the answer is ${answer.toString()}`,
        );
      }
      const result = resultOf(request, xml('bind', { xmlns: BIND_NS }, xml('jid', {}, answer.toString())));
      const { security } = standing;
      return done({ level: 'bound', security, jid: answer }, { send: [result.element], restart: false });
    });
  }

  #refuseWith(
    request: IqRequest,
    condition: StanzaErrorCondition,
    said: Pick<BindRefusal, 'text' | 'lang'> = {},
  ): Move {
    // RFC 6120 §8.3.2: a text names its language.
    const { text, lang = this.#context.lang } = said;
    return this.#refuse(errorOf(request, { condition, text, lang }).element);
  }

  #refuse(error: XmlElement): Move {
    this.#failures += 1;
    // RFC 6120 §7.7.3: a bounded number of tries.
    if (this.#failures > (this.#context.policy.bindRetries ?? DEFAULT_RETRIES)) {
      const detail = `${this.#failures} tries to bind a resource failed`;
      return violated('too-many-bind-attempts', detail, { send: [error] });
    }
    return rejected({ send: [error] });
  }
}
