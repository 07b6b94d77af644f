import { bug } from '../errors.ts';
import { base64Encode } from '../bytes/base64.ts';
import { parseJid } from '../jid/index.ts';
import { BIND_NS, CLIENT_NS, type ContentNamespace } from '../namespaces.ts';
import { readStanza, readStanzaError, type Iq } from '../stanza/index.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { Standing } from './facts.ts';
import type { InitiatingContext, InitiatingConversation, InitiatingFeature } from './feature.ts';
import { done, gaveUp, sendAndAwait, violated, type Move } from './move.ts';

/** Resource binding, initiating side (RFC 6120 §7). */
export const bindInitiating: InitiatingFeature = {
  name: 'bind',
  // RFC 6120 §7.3.1: mandatory for clients, behind SASL; unknown between servers.
  isDue: (standing: Standing, contentNamespace: ContentNamespace): boolean =>
    standing.level === 'authenticated' && contentNamespace === CLIENT_NS,
  advertises: (advertisement: XmlElement): boolean => advertisement.is('bind', BIND_NS),
  tryUnadvertised: false,
  converse: (context: InitiatingContext): InitiatingConversation => new Bind(context),
};

class Bind implements InitiatingConversation {
  readonly #context: InitiatingContext;
  readonly #id: string;

  constructor(context: InitiatingContext) {
    this.#context = context;
    this.#id = base64Encode(context.random(9));
  }

  begin(): Move {
    const { resource } = this.#context.settings;
    // RFC 6120 §7.6, §7.7: an empty <bind/> asks the server to make a resource.
    const wanted = resource === undefined ? undefined : xml('resource', {}, resource);
    return sendAndAwait(xml('iq', { type: 'set', id: this.#id }, xml('bind', { xmlns: BIND_NS }, wanted)));
  }

  claims(element: XmlElement): boolean {
    const type = element.attribute('type');
    // Rule S16: an answer is one by its kind, its id and its type.
    return (
      element.is('iq', CLIENT_NS) && element.attribute('id') === this.#id && (type === 'result' || type === 'error')
    );
  }

  receive(element: XmlElement): Move {
    const { settings, standing } = this.#context;
    const reading = readStanza(element, { contentNamespace: CLIENT_NS, preparation: settings.jidPreparation });
    if (standing.level !== 'authenticated') throw bug('binding without authentication');
    if (reading?.ok !== true || reading.stanza.kind !== 'iq') {
      return violated(
        'bind-result-malformed',
        'the answer to <bind/> is no iq that keeps the rules of RFC 6120 §8.2.3',
      );
    }
    const iq: Iq = reading.stanza;
    if (iq.type === 'error') return refusedBy(iq);
    // RFC 6120 §7.6.1, §4.3.6: our address is what the server says it is.
    const text = iq.payload?.is('bind', BIND_NS) === true ? iq.payload.childText('jid') : undefined;
    if (text === undefined)
      return violated('bind-result-malformed', 'expected <bind><jid/></bind> in the result, there is none');
    const parsed = parseJid(text.trim(), settings.jidPreparation);
    if (!parsed.ok)
      return violated('bind-result-malformed', `the server bound ${JSON.stringify(text)}: ${parsed.error.message}`);
    if (parsed.jid.isBare)
      return violated('bind-result-malformed', `expected a full JID, the server bound ${parsed.jid.toString()}`);
    return done({ level: 'bound', security: standing.security, jid: parsed.jid }, { restart: false });
  }
}

function refusedBy(iq: Iq): Move {
  const error = readStanzaError(iq);
  const condition = error?.condition ?? 'undefined-condition';
  return gaveUp({
    code: 'negotiation-failed',
    at: 'bind',
    condition,
    text: error?.texts[0]?.text,
    detail: `the server refused to bind the resource: ${condition}; ask for another one, or for none`,
  });
}
