import { parseJid, type Jid, type JidError, type JidPreparation } from '../jid/index.ts';
import { XML_NS } from '../namespaces.ts';
import type { XmlElement } from '../xml/index.ts';
import { STANZA_PROBLEMS, type StanzaProblem, type StanzaProblemName } from './problem.ts';
import type { IqType, MessageType, PresenceType, Stanza, StanzaKind } from './stanza.ts';

/** What a stanza is read against. */
export interface ReadStanzaOptions {
  /** The stream's content namespace (RFC 6120 §4.8.2): what is not in it is no stanza. */
  readonly contentNamespace: string;
  /** xml:lang of the stream it came on; it counts where the stanza has none (RFC 6120 §8.1.5). */
  readonly lang?: string | undefined;
  /** What judges the addresses: ASCII only unless said otherwise. */
  readonly preparation?: JidPreparation | undefined;
  /**
   * Leave the 'from' attribute unread: on a client's stream the server overrides it whatever it says
   * (RFC 6120 §8.1.2.1), so that it cannot be wrong. Give the stanza its sender with {@link stamp}.
   */
  readonly ignoreFrom?: boolean | undefined;
}

/** What {@link readStanza} answers. */
export type StanzaReading =
  | { readonly ok: true; readonly stanza: Stanza }
  | { readonly ok: false; readonly problem: StanzaProblem };

/** Tells which kind of stanza an element is; undefined: it is none (RFC 6120 §8). */
export function stanzaKindOf(element: XmlElement, contentNamespace: string): StanzaKind | undefined {
  if (element.namespace !== contentNamespace) return undefined;
  const { name } = element;
  return name === 'message' || name === 'presence' || name === 'iq' ? name : undefined;
}

/**
 * Reads a first-level element that a peer sent. It never throws: a stanza that breaks a rule is a problem with all that
 * is needed to answer it. The answer `undefined` means that the element is no stanza of this content namespace.
 *
 * @example
 * ```ts
 * import { CLIENT_NS } from '@xmpp-wire/core';
 * import { readStanza } from '@xmpp-wire/core';
 * import { xml } from '@xmpp-wire/core/xml';
 *
 * const reading = readStanza(xml('iq', { type: 'subscribe', id: 'zj3v142b' }), { contentNamespace: CLIENT_NS });
 * if (reading?.ok === false) reading.problem.condition; // 'bad-request'
 * ```
 */
export function readStanza(element: XmlElement, options: ReadStanzaOptions): StanzaReading | undefined {
  const kind = stanzaKindOf(element, options.contentNamespace);
  if (kind === undefined) return undefined;
  const { preparation } = options;
  const to = readAddress(element.attribute('to'), preparation);
  const from = options.ignoreFrom === true ? undefined : readAddress(element.attribute('from'), preparation);
  const draft: Draft = {
    kind,
    element,
    to: to?.ok ? to.jid : undefined,
    from: from?.ok ? from.jid : undefined,
    id: element.attribute('id'),
    type: element.attribute('type'),
    // XML 1.0 §2.12: an empty xml:lang says that nothing is known of the language.
    lang: (element.attribute('lang', XML_NS) ?? options.lang) || undefined,
  };
  if (to?.ok === false)
    return refuse(draft, 'to-malformed', `the 'to' address is no JID: ${to.error.message}`, to.error);
  if (from?.ok === false) {
    return refuse(draft, 'from-malformed', `the 'from' address is no JID: ${from.error.message}`, from.error);
  }
  switch (kind) {
    case 'message':
      return readMessage(draft, kind);
    case 'presence':
      return readPresence(draft, kind);
    case 'iq':
      return readIq(draft, kind);
  }
}

/** The attributes of a stanza whose kind's own rules are still to be looked at. */
interface Draft {
  readonly kind: StanzaKind;
  readonly element: XmlElement;
  readonly to: Jid | undefined;
  readonly from: Jid | undefined;
  readonly id: string | undefined;
  readonly type: string | undefined;
  readonly lang: string | undefined;
}

const MESSAGE_TYPES: ReadonlySet<string> = new Set<MessageType>(['normal', 'chat', 'groupchat', 'headline', 'error']);
const PRESENCE_TYPES: ReadonlySet<string> = new Set<PresenceType>([
  'error',
  'probe',
  'subscribe',
  'subscribed',
  'unavailable',
  'unsubscribe',
  'unsubscribed',
]);

/** Tells whether a text is one of the defined types of messages. */
export function isMessageType(text: string | undefined): text is MessageType {
  return text !== undefined && MESSAGE_TYPES.has(text);
}

/** Tells whether a text is one of the defined types of presence. */
export function isPresenceType(text: string | undefined): text is PresenceType {
  return text !== undefined && PRESENCE_TYPES.has(text);
}

function isIqType(text: string | undefined): text is IqType {
  return text === 'get' || text === 'set' || text === 'result' || text === 'error';
}

// Objects are written out below: this runs for every stanza, and spreading took most of its time.
function readMessage({ element, to, from, id, type, lang }: Draft, kind: 'message'): StanzaReading {
  return accept({ kind, type: isMessageType(type) ? type : 'normal', element, to, from, id, lang });
}

function readPresence(draft: Draft, kind: 'presence'): StanzaReading {
  const { element, to, from, id, type, lang } = draft;
  // RFC 6121 §4.7.1: no type means available, and there is no type of that name.
  if (type === undefined || isPresenceType(type)) {
    return accept({ kind, type, element, to, from, id, lang });
  }
  const message = `the type of a presence is ${[...PRESENCE_TYPES].join(', ')} or absent, not ${JSON.stringify(type)}`;
  return refuse(draft, 'presence-type-invalid', message);
}

function readIq(draft: Draft, kind: 'iq'): StanzaReading {
  const { element, to, from, id, type, lang } = draft;
  // RFC 6120 §8.2.3 rule 1. An error may answer a request without an id, and then its own is empty (§8.3.1 rule 3).
  if (id === undefined || (id === '' && type !== 'error')) {
    return refuse(draft, 'iq-without-id', 'an iq needs an id that is not empty');
  }
  // RFC 6120 §8.2.3 rule 2.
  if (!isIqType(type)) {
    const came = type === undefined ? 'nothing' : JSON.stringify(type);
    return refuse(draft, 'iq-type-invalid', `the type of an iq is get, set, result or error, not ${came}`);
  }
  const children = element.childElements();
  const [payload] = children;
  switch (type) {
    case 'get':
    case 'set':
      // RFC 6120 §8.2.3 rule 5.
      if (payload === undefined || children.length > 1) {
        const came = `this one has ${children.length}`;
        return refuse(draft, 'iq-child-count', `an iq of type ${type} has exactly one child element, ${came}`);
      }
      return accept({ kind, type, element, to, from, id, lang, payload });
    case 'result':
      // RFC 6120 §8.2.3 rule 6.
      if (children.length > 1) {
        const came = `this one has ${children.length}`;
        return refuse(draft, 'iq-child-count', `an iq of type result has at most one child element, ${came}`);
      }
      return accept({ kind, type, element, to, from, id, lang, payload });
    case 'error': {
      // RFC 6120 §8.2.3 rule 7: what the request asked may come back beside the error.
      const request = children.find((child) => !child.is('error', element.namespace));
      return accept({ kind, type, element, to, from, id, lang, payload: request });
    }
  }
}

function readAddress(
  text: string | undefined,
  preparation: JidPreparation | undefined,
): ReturnType<typeof parseJid> | undefined {
  return text === undefined ? undefined : parseJid(text, preparation);
}

function accept(stanza: Stanza): StanzaReading {
  return { ok: true, stanza };
}

function refuse(draft: Draft, problem: StanzaProblemName, message: string, jidError?: JidError): StanzaReading {
  // RFC 6120 §8.2.3 rule 4, §8.3.1 rule 8: neither a result nor an error is ever answered.
  const answerable = draft.type !== 'error' && !(draft.kind === 'iq' && draft.type === 'result');
  return {
    ok: false,
    problem: { problem, condition: STANZA_PROBLEMS[problem], answerable, message, ...draft, jidError },
  };
}
