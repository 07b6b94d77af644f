import { LocalProtocolError } from '../errors.ts';
import { isIpv6Address } from '../jid/index.ts';
import { isExtensionNamespace, STREAM_ERRORS_NS, STREAM_NS, XML_NS } from '../namespaces.ts';
import { xml, XmlElement } from '../xml/index.ts';
import { isLanguageTag } from './language.ts';

/** The defined conditions, in the order of RFC 6120 §4.9.3. */
export const STREAM_ERROR_CONDITIONS = [
  'bad-format',
  'bad-namespace-prefix',
  'conflict',
  'connection-timeout',
  'host-gone',
  'host-unknown',
  'improper-addressing',
  'internal-server-error',
  'invalid-from',
  'invalid-namespace',
  'invalid-xml',
  'not-authorized',
  'not-well-formed',
  'policy-violation',
  'remote-connection-failed',
  'reset',
  'resource-constraint',
  'restricted-xml',
  'see-other-host',
  'system-shutdown',
  'undefined-condition',
  'unsupported-encoding',
  'unsupported-feature',
  'unsupported-stanza-type',
  'unsupported-version',
] as const;

/** One of the 25 defined conditions of RFC 6120 §4.9.3. */
export type StreamErrorCondition = (typeof STREAM_ERROR_CONDITIONS)[number];

/** What a stream error says, for sending one. */
export interface StreamErrorFields {
  readonly condition: StreamErrorCondition;
  /** For people who read logs; never shown alone, never interpreted (RFC 6120 §4.9.2). */
  readonly text?: string;
  /** Language of the text; left out, the stream's own language goes with it. */
  readonly lang?: string;
  /** `see-other-host` only, and needed there: `host`, `host:port` or `[v6]:port` (RFC 6120 §4.9.3.19). */
  readonly host?: string;
  /** An application-specific condition in a namespace of its own (RFC 6120 §4.9.4). */
  readonly application?: XmlElement;
}

/** A stream error as it was received; nothing of it is lost. */
export interface StreamError {
  /** A condition nobody defined reads as `undefined-condition` (RFC 6120 §4.9.2). */
  readonly condition: StreamErrorCondition;
  readonly text: string | undefined;
  readonly lang: string | undefined;
  /** Where `see-other-host` points. Reconnect there with the same domain as the reference identity. */
  readonly host: string | undefined;
  readonly application: XmlElement | undefined;
  readonly element: XmlElement;
}

const DEFINED: ReadonlySet<string> = new Set(STREAM_ERROR_CONDITIONS);

/** Tells whether a name is one of the 25 defined conditions. */
export function isStreamErrorCondition(name: string): name is StreamErrorCondition {
  return DEFINED.has(name);
}

/**
 * Builds `<stream:error/>` (RFC 6120 §4.9.2).
 *
 * @throws LocalProtocolError `configuration-invalid` for a condition that is not defined, for see-other-host without a host
 * that can be connected to and a host with anything else, for undefined-condition without an application-specific
 * condition, for one in no namespace of its own, and for a language that is none; `xml-character-forbidden` for the text.
 * @example
 * ```ts
 * import { streamErrorElement } from '@xmpp-wire/core/adapter';
 * streamErrorElement({ condition: 'reset' }, 'en').childElements()[0]?.name; // 'reset'
 * ```
 */
export function streamErrorElement(error: StreamErrorFields, streamLang: string): XmlElement {
  const { condition, host, text, lang = streamLang, application } = error;
  // RFC 6120 §4.9.2: one of those; programs without types get as far as this.
  if (!DEFINED.has(condition)) throw invalid(`expected a condition of RFC 6120 §4.9.3, came ${condition}`);
  if (condition === 'see-other-host' ? !isPlace(host ?? '') : host !== undefined) {
    throw invalid(
      `see-other-host, and nothing else, has a host, as "host", "host:port" or "[v6]:port"; came ${condition} with ${JSON.stringify(host)}`,
    );
  }
  // RFC 6120 §4.9.3.21: this condition says something only together with one of the application's.
  if (application === undefined ? condition === 'undefined-condition' : !isOwn(application)) {
    throw invalid(
      `expected an application-specific condition with an xmlns of its own, came ${String(application)} with ${condition}`,
    );
  }
  // RFC 6120 §4.7.4, §4.9.2.
  if (!isLanguageTag(lang))
    throw invalid(`expected a language tag such as "en" or "de-CH", came ${JSON.stringify(lang)}`);
  const xmlns = STREAM_ERRORS_NS;
  return xml(
    'error',
    { xmlns: STREAM_NS },
    xml(condition, { xmlns }, host),
    text === undefined ? undefined : xml('text', { xmlns, 'xml:lang': lang }, text),
    application,
  );
}

/** Reads `<stream:error/>`; what it does not understand becomes `undefined-condition` (RFC 6120 §4.9.2). */
export function readStreamError(element: XmlElement): StreamError {
  let condition: StreamErrorCondition | undefined;
  let host: string | undefined;
  let text: XmlElement | undefined;
  let application: XmlElement | undefined;
  for (const child of element.childElements()) {
    if (child.namespace !== STREAM_ERRORS_NS) application ??= child;
    else if (child.name === 'text') text ??= child;
    else if (condition === undefined) {
      condition = isStreamErrorCondition(child.name) ? child.name : 'undefined-condition';
      if (condition === 'see-other-host') host = child.text.trim() || undefined;
    }
  }
  return {
    condition: condition ?? 'undefined-condition',
    text: text?.text,
    lang: text?.attribute('lang', XML_NS),
    host,
    application,
    element,
  };
}

// RFC 6120 §4.9.2, §4.9.4: in a namespace of the application's. One that was built without any would be taken for the
// stream's own, where it ends up. Without types anything gets as far as this.
function isOwn(application: XmlElement): boolean {
  return application instanceof XmlElement && isExtensionNamespace(application.namespace);
}

/** RFC 6120 §4.9.3.19: a domainpart, and a port or none. Whether the name exists is for those to find out who connect. */
function isPlace(text: string): boolean {
  const match = /^(?:\[(.*)\]|[^\s:/@[\]]+)(?::(\d{1,5}))?$/.exec(text);
  if (match === null) return false;
  const [, v6, port] = match;
  return (v6 === undefined || isIpv6Address(v6)) && (port === undefined || (+port > 0 && +port < 65_536));
}

function invalid(message: string): LocalProtocolError {
  return new LocalProtocolError('configuration-invalid', message);
}
