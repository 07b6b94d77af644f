import { OutputBuffer } from '../bytes/output-buffer.ts';
import { utf8Decode } from '../bytes/utf8.ts';
import type { XmlElement } from './element.ts';
import { XmlWriter } from './writer.ts';

/** How to write a standalone document. */
export interface SerializeOptions {
  /**
   * The content namespace of the stream that the document travels on (RFC 7395); stanzas in another content namespace are
   * mapped to it. Without it every element keeps its namespace.
   */
  readonly contentNamespace?: string;
}

/**
 * Writes an element as a document of its own: it declares every namespace that it uses.
 *
 * @throws LocalProtocolError `xml-name-invalid`, `xml-character-forbidden`, `xml-namespace-invalid`: only for an element
 *   that neither {@link xml} nor a reader has made.
 *
 * @example
 * ```ts
 * import { serializeXml, xml } from '@xmpp-wire/core/xml';
 * console.log(serializeXml(xml('presence', { xmlns: 'jabber:client' }))); // <presence xmlns='jabber:client'/>
 * ```
 */
export function serializeXml(element: XmlElement, options: SerializeOptions = {}): string {
  const output = new OutputBuffer();
  new XmlWriter(options, output).writeElement(element);
  return utf8Decode(output.take() ?? new Uint8Array(0)) ?? '';
}
