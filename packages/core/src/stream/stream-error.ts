import { LocalProtocolError } from '../errors.ts';
import { STREAM_ERRORS_NS, STREAM_NS, XML_NS } from '../namespaces.ts';
import { xml, type XmlElement } from '../xml/index.ts';

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
 * @throws LocalProtocolError `configuration-invalid` when the condition is none of those, `host` is missing with see-other-host or present without it,
 * or the application-specific condition is in a namespace of the stream protocol.
 */
export function streamErrorElement(error: StreamErrorFields, streamLang: string): XmlElement {
  // RFC 6120 §4.9.2: one of the defined conditions has to be there. Programs without types come this far with anything.
  if (!isStreamErrorCondition(error.condition)) {
    throw invalid(`${JSON.stringify(error.condition)} is none of the defined conditions of RFC 6120 §4.9.3`);
  }
  if ((error.condition === 'see-other-host') !== (error.host !== undefined && error.host !== '')) {
    throw invalid(
      `a stream error has a host exactly when its condition is see-other-host; this one is ${error.condition} with host ${JSON.stringify(error.host)}`,
    );
  }
  // RFC 6120 §4.9.3.21: this condition says something only together with one of the application's.
  if (error.condition === 'undefined-condition' && error.application === undefined) {
    throw invalid('undefined-condition needs an application-specific condition beside it');
  }
  const namespace = error.application?.namespace;
  if (namespace === STREAM_ERRORS_NS || namespace === STREAM_NS) {
    throw invalid(`an application-specific condition needs a namespace of its own, not ${namespace}`);
  }
  const xmlns = STREAM_ERRORS_NS;
  return xml(
    'error',
    { xmlns: STREAM_NS },
    xml(error.condition, { xmlns }, error.host),
    error.text === undefined ? undefined : xml('text', { xmlns, 'xml:lang': error.lang ?? streamLang }, error.text),
    error.application,
  );
}

function invalid(message: string): LocalProtocolError {
  return new LocalProtocolError('configuration-invalid', message);
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
