/**
 * The XML layer: the strict parser of XMPP streams, immutable elements, the writer.
 *
 * @module
 */
export { type BufferMethods, bufferTextCodec, portableTextCodec, type TextCodec } from '../bytes/text-codec.ts';
export { OutputBuffer } from '../bytes/output-buffer.ts';
export type { XmlAttribute } from './attributes.ts';
export { xml, type XmlAttributesInit } from './builder.ts';
export type { XmlChildInit } from './children.ts';
export { type XmlChild, XmlElement } from './element.ts';
export { parseXml, type ParseXmlOptions, type XmlRefusal } from './parse.ts';
export { serializeXml, type SerializeOptions } from './serialize.ts';
export { type XmlStreamEvent, XmlStreamReader, type XmlStreamReaderOptions } from './stream-reader.ts';
export { XML_VIOLATIONS, type XmlViolation, type XmlViolationRow } from './violations.ts';
export { XmlWriter, type XmlWriterOptions } from './writer.ts';
