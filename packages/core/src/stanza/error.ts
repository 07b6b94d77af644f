import { parseJid, type Jid, type JidPreparation } from '../jid/index.ts';
import { isContentNamespace, isExtensionNamespace, STANZA_ERRORS_NS } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import { addressed, checkLang, invalid, stanzaElement } from './build.ts';
import {
  isStanzaErrorCondition,
  isStanzaErrorType,
  STANZA_ERROR_CONDITIONS,
  type StanzaErrorCondition,
  type StanzaErrorType,
} from './conditions.ts';
import type { StanzaProblem } from './problem.ts';
import type { Iq, IqError, IqRequest, Message, Presence, Stanza } from './stanza.ts';

/** What {@link errorOf} says in its answer. */
export interface StanzaErrorFields {
  readonly condition: StanzaErrorCondition;
  /** Left out: the one that RFC 6120 §8.3.3 recommends for the condition. */
  readonly type?: StanzaErrorType | undefined;
  /** Who found the error, when that is not whom the stanza was for (RFC 6120 §8.3.1 rule 5). */
  readonly by?: Jid | undefined;
  /** For people who look for the cause; never interpreted by programs (RFC 6120 §8.3.2). */
  readonly text?: string | undefined;
  /** Language of the text. */
  readonly lang?: string | undefined;
  /** `gone` and `redirect` only: the new address, as a URI or IRI (RFC 6120 §8.3.3.5, §8.3.3.14). */
  readonly uri?: string | undefined;
  /** An application-specific condition in a namespace of its own (RFC 6120 §8.3.4). */
  readonly application?: XmlElement | undefined;
  /** Sender of the answer. Left out: whom the stanza was for, unless that address was malformed. */
  readonly from?: Jid | undefined;
}

/** What {@link readStanzaError} finds in an error stanza. */
export interface StanzaError {
  /** A condition nobody defined, and none at all, read as `undefined-condition` (RFC 6120 §8.3.2). */
  readonly condition: StanzaErrorCondition;
  /** A type nobody defined, and none at all, read as the one recommended for the condition. */
  readonly type: StanzaErrorType;
  readonly by: Jid | undefined;
  /** Descriptions in the order they came. Show them beside a message of your own, never instead (RFC 6120 §8.3.2). */
  readonly texts: readonly StanzaErrorText[];
  /**
   * `gone` and `redirect`: where the peer says that the entity is now. Ask a person before following it, and not more
   * than five in a row (RFC 6120 §8.3.3.14).
   */
  readonly uri: string | undefined;
  /** The application-specific condition, if one came. */
  readonly application: XmlElement | undefined;
  /** The `<error/>` itself, with what else is in it; absent when the peer left it out. */
  readonly element: XmlElement | undefined;
}

/** A description of an error in one language. */
export interface StanzaErrorText {
  readonly lang: string | undefined;
  readonly text: string;
}

/**
 * Builds the error that answers a stanza (RFC 6120 §8.3.1): same kind, same id, addresses swapped. The answer is
 * `undefined` when there may be none, since errors and results are never answered (rule 8, §8.2.3 rule 4): then send
 * nothing. A problem found by {@link readStanza} is answered with its own condition unless another is given.
 *
 * @throws {@link LocalProtocolError} `stanza-invalid`, `lang-invalid`, `xml-character-forbidden`.
 *
 * @example
 * ```ts
 * import { errorOf, iq } from '@xmpp-wire/core';
 * import { xml } from '@xmpp-wire/core/xml';
 *
 * const request = iq({ type: 'get', id: 'x1' }, xml('ping', { xmlns: 'urn:xmpp:ping' }));
 * errorOf(request, { condition: 'service-unavailable' }).type; // 'error'
 * ```
 */
export function errorOf(stanza: IqRequest, error: StanzaErrorFields): IqError;
export function errorOf(stanza: Iq, error: StanzaErrorFields): IqError | undefined;
export function errorOf(stanza: Message, error: StanzaErrorFields): Message | undefined;
export function errorOf(stanza: Presence, error: StanzaErrorFields): Presence | undefined;
export function errorOf(stanza: Stanza, error: StanzaErrorFields): Message | Presence | IqError | undefined;
export function errorOf(
  problem: StanzaProblem,
  error?: Partial<StanzaErrorFields>,
): Message | Presence | IqError | undefined;
export function errorOf(
  stanza: Stanza | StanzaProblem,
  error: Partial<StanzaErrorFields> = {},
): Message | Presence | IqError | undefined {
  const condition = error.condition ?? ('problem' in stanza ? stanza.condition : undefined);
  if (condition === undefined || !isStanzaErrorCondition(condition)) {
    throw invalid(`${JSON.stringify(condition)} is none of the defined conditions of RFC 6120 §8.3.3`);
  }
  if (stanza.type === 'error' || (stanza.kind === 'iq' && stanza.type === 'result')) return undefined;
  const child = errorElement({ ...error, condition });
  // RFC 6120 §8.3.1 rule 2: swapped, but never with a malformed address; a stanza that was read has none in `to`.
  const fields = { to: stanza.from, from: error.from ?? stanza.to, id: stanza.id };
  if (stanza.kind !== 'iq') {
    const element = stanzaElement(stanza.kind, fields, 'error', [child]);
    return { ...addressed(fields, element), kind: stanza.kind, type: 'error' };
  }
  // RFC 6120 §8.3.1 rule 3: always an id, and an empty one when the request had none.
  const id = stanza.id ?? '';
  const element = stanzaElement('iq', { ...fields, id }, 'error', [child]);
  return { ...addressed(fields, element), kind: 'iq', id, type: 'error', payload: undefined };
}

/**
 * Reads what an error stanza says (RFC 6120 §8.3.2). The answer is `undefined` when the stanza is no error: an
 * `<error/>` in another stanza counts for nothing (§8.3.1 rule 7). The old attribute `code` is not looked at.
 *
 * @example
 * ```ts
 * import { errorOf, message, readStanzaError } from '@xmpp-wire/core';
 *
 * const bounced = errorOf(message({ body: 'Anyone?' }), { condition: 'item-not-found' });
 * if (bounced !== undefined) readStanzaError(bounced)?.type; // 'cancel'
 * ```
 */
export function readStanzaError(stanza: Stanza, preparation?: JidPreparation): StanzaError | undefined {
  if (stanza.type !== 'error') return undefined;
  const element = stanza.element.child('error');
  const lang = element?.attribute('xml:lang') ?? stanza.lang;
  let condition: StanzaErrorCondition | undefined;
  let uri: string | undefined;
  let application: XmlElement | undefined;
  const texts: StanzaErrorText[] = [];
  for (const child of element?.childElements() ?? []) {
    // RFC 6120 §8.3.2: what is in the stanza's own namespace is no condition of an application.
    if (isContentNamespace(child.namespace)) continue;
    if (child.namespace !== STANZA_ERRORS_NS) application ??= child;
    else if (child.name === 'text')
      texts.push({ lang: (child.attribute('xml:lang') ?? lang) || undefined, text: child.text });
    else if (condition === undefined) {
      const named = isStanzaErrorCondition(child.name) ? child.name : 'undefined-condition';
      if (hasUri(named)) uri = child.text.trim() || undefined;
      condition = named;
    }
  }
  condition ??= 'undefined-condition';
  const type = element?.attribute('type');
  return {
    condition,
    type: isStanzaErrorType(type) ? type : STANZA_ERROR_CONDITIONS[condition],
    by: readBy(element?.attribute('by'), preparation),
    texts,
    uri,
    application,
    element,
  };
}

function errorElement(error: StanzaErrorFields): XmlElement {
  const { condition, text, lang, uri, application } = error;
  const type = error.type ?? STANZA_ERROR_CONDITIONS[condition];
  if (!isStanzaErrorType(type)) {
    throw invalid(`the type of a stanza error is auth, cancel, continue, modify or wait, not ${JSON.stringify(type)}`);
  }
  if (uri !== undefined && !hasUri(condition)) throw invalid(`only gone and redirect have a uri, not ${condition}`);
  // RFC 6120 §8.3.3.5, §8.3.3.14: not a bare address.
  if (uri !== undefined && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) {
    throw invalid(`the new address is a URI or IRI such as xmpp:romeo@example.net, not ${JSON.stringify(uri)}`);
  }
  // RFC 6120 §8.3.2: such an element is in a namespace of its application's.
  if (application !== undefined && !isExtensionNamespace(application.namespace)) {
    throw invalid(
      `an application-specific condition needs a namespace of its own, not ${application.namespace || 'none'}`,
    );
  }
  checkLang(lang);
  const xmlns = STANZA_ERRORS_NS;
  return xml(
    'error',
    { by: error.by?.toString(), type },
    xml(condition, { xmlns }, uri),
    text === undefined ? undefined : xml('text', { xmlns, 'xml:lang': lang }, text),
    application,
  );
}

function hasUri(condition: StanzaErrorCondition): boolean {
  return condition === 'gone' || condition === 'redirect';
}

function readBy(text: string | undefined, preparation: JidPreparation | undefined): Jid | undefined {
  const result = text === undefined ? undefined : parseJid(text, preparation);
  return result?.ok ? result.jid : undefined;
}
