import { portableTextCodec, type TextCodec } from '../bytes/text-codec.ts';
import { utf8Encode } from '../bytes/utf8.ts';
import { DEFAULT_LIMITS, type XmlLimits } from '../limits.ts';
import type { XmlElement } from './element.ts';
import { XmlStreamReader } from './stream-reader.ts';
import type { XmlViolation } from './violations.ts';

/** How {@link parseXml} reads. */
export interface ParseXmlOptions {
  /** By default {@link DEFAULT_LIMITS}. */
  readonly limits?: XmlLimits;
  readonly textCodec?: TextCodec;
}

/** Why a document was refused. */
export interface XmlRefusal {
  readonly violation: XmlViolation;
  readonly detail: string;
}

/**
 * Parses one whole document with the strict parser of the streams: a WebSocket message, a host-meta file, something stored.
 * Look for `violation` in the result first.
 *
 * @example
 * ```ts
 * import { parseXml } from '@xmpp-wire/core/xml';
 * const result = parseXml("<a xmlns='urn:example'><b/></a>");
 * 'violation' in result ? result.detail : result.children.length; // 1
 * ```
 */
export function parseXml(input: string | Uint8Array, options: ParseXmlOptions = {}): XmlElement | XmlRefusal {
  const reader = new XmlStreamReader({
    limits: options.limits ?? DEFAULT_LIMITS,
    textCodec: options.textCodec ?? portableTextCodec,
    mode: 'document',
  });
  reader.receive(typeof input === 'string' ? utf8Encode(input) : input);
  let root: XmlElement | undefined;
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    if (event.type === 'violation') return { violation: event.violation, detail: event.detail };
    if (event.type === 'element') root = event.element;
  }
  const atEnd = reader.end();
  if (atEnd?.type === 'violation') return { violation: atEnd.violation, detail: atEnd.detail };
  return root ?? { violation: 'incomplete-document', detail: 'the document has no root element' };
}
