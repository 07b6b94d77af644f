import { LocalProtocolError } from '../errors.ts';
import type { Jid } from '../jid/index.ts';
import { isContentNamespace, STREAM_NS } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import { isMessageType, isPresenceType } from './read.ts';
import type {
  IqRequest,
  IqResult,
  Message,
  MessageType,
  Presence,
  PresenceType,
  Stanza,
  StanzaKind,
} from './stanza.ts';

/** The attributes that every kind of stanza can have (RFC 6120 §8.1). */
export interface StanzaFields {
  readonly to?: Jid | undefined;
  /** A client leaves it out: its server sets it (RFC 6120 §8.1.2.1). */
  readonly from?: Jid | undefined;
  readonly id?: string | undefined;
  /** Language of the texts in it; left out, that of the stream (RFC 6120 §8.1.5). */
  readonly lang?: string | undefined;
}

/** What {@link message} makes a message of. */
export interface MessageFields extends StanzaFields {
  /** Left out: `normal`. An error is made by {@link errorOf}. */
  readonly type?: Exclude<MessageType, 'error'> | undefined;
  readonly body?: string | undefined;
  readonly subject?: string | undefined;
  readonly thread?: string | undefined;
}

/** What {@link presence} makes a presence of. */
export interface PresenceFields extends StanzaFields {
  /** Left out: available. An error is made by {@link errorOf}. */
  readonly type?: Exclude<PresenceType, 'error'> | undefined;
  readonly show?: 'away' | 'chat' | 'dnd' | 'xa' | undefined;
  readonly status?: string | undefined;
  /** A whole number from -128 to 127 (RFC 6121 §4.7.2.3). */
  readonly priority?: number | undefined;
}

/** What {@link iq} makes a request of. */
export interface IqRequestFields extends StanzaFields {
  readonly type: 'get' | 'set';
  readonly id: string;
}

/** What {@link iq} makes a result of; mostly {@link resultOf} is what you want. */
export interface IqResultFields extends StanzaFields {
  readonly type: 'result';
  readonly id: string;
}

/**
 * Builds a message (RFC 6120 §8.2.1, RFC 6121 §5). Children without a namespace are put into the message's own.
 *
 * @throws {@link LocalProtocolError} `stanza-invalid`, `lang-invalid`, `xml-character-forbidden`.
 *
 * @example
 * ```ts
 * import { jid, message } from '@xmpp-wire/core';
 *
 * const line = message({ to: jid('romeo@example.net'), type: 'chat', body: 'Art thou not Romeo, and a Montague?' });
 * line.element.childText('body'); // 'Art thou not Romeo, and a Montague?'
 * ```
 */
export function message(fields: MessageFields, ...children: readonly XmlElement[]): Message {
  const { type, body, subject, thread } = fields;
  if (type !== undefined && (!isMessageType(type) || isError(type))) {
    throw invalid(`the type of a message is normal, chat, groupchat or headline, not ${JSON.stringify(type)}`);
  }
  const element = stanzaElement('message', fields, type, [
    textChild('subject', subject),
    textChild('body', body),
    textChild('thread', thread),
    ...children,
  ]);
  checkNoError(element);
  return { ...addressed(fields, element), kind: 'message', type: type ?? 'normal' };
}

/**
 * Builds a presence (RFC 6120 §8.2.2, RFC 6121 §4.7). Without a type it says: available.
 *
 * @throws {@link LocalProtocolError} `stanza-invalid`, `lang-invalid`, `xml-character-forbidden`.
 *
 * @example
 * ```ts
 * import { presence } from '@xmpp-wire/core';
 *
 * presence({ show: 'dnd', status: 'Wooing Juliet', priority: 5 }).type; // undefined: available
 * ```
 */
export function presence(fields: PresenceFields = {}, ...children: readonly XmlElement[]): Presence {
  const { type, show, status, priority } = fields;
  if (type !== undefined && (!isPresenceType(type) || isError(type))) {
    throw invalid(
      `a presence has no type or one of probe, subscribe, subscribed, unavailable, unsubscribe, unsubscribed, not ${JSON.stringify(type)}`,
    );
  }
  if (show !== undefined && !['away', 'chat', 'dnd', 'xa'].includes(show)) {
    throw invalid(`'show' is away, chat, dnd or xa, not ${JSON.stringify(show)}`);
  }
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= -128 && priority <= 127)) {
    throw invalid(`a priority is a whole number from -128 to 127, not ${priority}`);
  }
  const element = stanzaElement('presence', fields, type, [
    textChild('show', show),
    textChild('status', status),
    textChild('priority', priority?.toString()),
    ...children,
  ]);
  checkNoError(element);
  return { ...addressed(fields, element), kind: 'presence', type };
}

/**
 * Builds an iq (RFC 6120 §8.2.3): a request with its payload, or a result with one or none. A {@link RequestTracker}
 * makes requests with ids that nobody can guess and finds their answers.
 *
 * @throws {@link LocalProtocolError} `stanza-invalid`, `lang-invalid`, `xml-character-forbidden`.
 *
 * @example
 * ```ts
 * import { iq, jid } from '@xmpp-wire/core';
 * import { xml } from '@xmpp-wire/core/xml';
 *
 * const ping = iq({ type: 'get', id: 'c2s1', to: jid('im.example.com') }, xml('ping', { xmlns: 'urn:xmpp:ping' }));
 * ping.payload.name; // 'ping'
 * ```
 */
export function iq(fields: IqRequestFields, payload: XmlElement): IqRequest;
export function iq(fields: IqResultFields, payload?: XmlElement): IqResult;
export function iq(fields: IqRequestFields | IqResultFields, payload?: XmlElement): IqRequest | IqResult {
  const { type, id } = fields;
  if (typeof id !== 'string' || id === '')
    throw invalid('an iq needs an id that is not empty (RFC 6120 §8.2.3 rule 1)');
  // RFC 6120 §8.4: a payload is in a namespace of its own.
  if (payload !== undefined && (isContentNamespace(payload.namespace) || payload.namespace === STREAM_NS)) {
    throw invalid(`the payload <${payload.name}/> of an iq needs a namespace of its own: give it an xmlns`);
  }
  const element = stanzaElement('iq', fields, type, [payload]);
  if (type === 'result') return { ...addressed(fields, element), kind: 'iq', id, type, payload: childOf(element) };
  if (type !== 'get' && type !== 'set') {
    throw invalid(
      `the type of an iq built here is get, set or result, not ${JSON.stringify(type)}; errorOf() makes errors`,
    );
  }
  const child = childOf(element);
  if (child === undefined) {
    throw invalid(
      `an iq of type ${type} needs a payload, behind its fields: iq({ … }, payload) (RFC 6120 §8.2.3 rule 5)`,
    );
  }
  return { ...addressed(fields, element), kind: 'iq', id, type, payload: child };
}

/**
 * Builds the answer to a request that succeeded: same id, addresses swapped (RFC 6120 §8.2.3 rule 3).
 *
 * @throws {@link LocalProtocolError} `stanza-invalid` when the stanza is not a request.
 */
export function resultOf(request: IqRequest, payload?: XmlElement): IqResult {
  if (request.kind !== 'iq' || (request.type !== 'get' && request.type !== 'set')) {
    throw invalid('only an iq of type get or set has a result (RFC 6120 §8.2.3 rule 4)');
  }
  return iq({ type: 'result', id: request.id, to: request.from, from: request.to }, payload);
}

/**
 * @internal The element of a stanza: its namespace stays open until it is known on which stream it goes out.
 */
export function stanzaElement(
  kind: StanzaKind,
  fields: StanzaFields,
  type: string | undefined,
  children: readonly (XmlElement | undefined)[],
): XmlElement {
  const { to, from, id, lang } = fields;
  checkAddress('to', to);
  checkAddress('from', from);
  checkLang(lang);
  return xml(kind, { from: from?.toString(), to: to?.toString(), id, type, 'xml:lang': lang }, ...children);
}

/** @internal What a stanza built here says of itself beside its kind and its type. */
export function addressed(
  { to, from, id, lang }: StanzaFields,
  element: XmlElement,
): Pick<Stanza, 'element' | 'to' | 'from' | 'id' | 'lang'> {
  return { element, to, from, id, lang };
}

// Without types a string gets as far as the wire, and the answer to it is found by nobody.
function checkAddress(name: string, address: unknown): void {
  if (typeof address !== 'string') return;
  throw invalid(`'${name}' is a Jid, not a string: write jid(${JSON.stringify(address)})`);
}

/**
 * @internal RFC 6120 §8.1.5: xml:lang is a language tag.
 *
 * @throws {@link LocalProtocolError} `lang-invalid`.
 */
export function checkLang(lang: string | undefined): void {
  if (lang === undefined || /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/.test(lang)) return;
  throw new LocalProtocolError(
    'lang-invalid',
    `${JSON.stringify(lang)} is no language tag such as "en" or "de-CH" (RFC 5646)`,
  );
}

/** @internal */
export function invalid(sentence: string): LocalProtocolError {
  return new LocalProtocolError('stanza-invalid', sentence);
}

function isError(type: string): boolean {
  if (type === 'error') throw invalid('an error answers a stanza: build it with errorOf() (RFC 6120 §8.3.1)');
  return false;
}

// RFC 6120 §8.3.1 rule 7: an <error/> belongs to stanzas of type error alone.
function checkNoError(element: XmlElement): void {
  if (element.child('error') === undefined) return;
  throw invalid('only a stanza of type error has an <error/>: build it with errorOf() (RFC 6120 §8.3.1)');
}

function textChild(name: string, text: string | undefined): XmlElement | undefined {
  return text === undefined ? undefined : xml(name, {}, text);
}

function childOf(element: XmlElement): XmlElement | undefined {
  return element.childElements()[0];
}
