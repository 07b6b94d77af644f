import { bufferTextCodec, portableTextCodec, type TextCodec } from '../../src/bytes/text-codec.ts';
import { utf8Encode } from '../../src/bytes/utf8.ts';
import type { XmlLimits } from '../../src/limits.ts';
import {
  type XmlElement,
  type XmlStreamEvent,
  XmlStreamReader,
  type XmlStreamReaderOptions,
} from '../../src/xml/index.ts';

export const UNLIMITED: XmlLimits = {
  stanzaBytes: 1e9,
  depth: 1e9,
  elements: 1e9,
  attributes: 1e9,
  namespaceDeclarations: 1e9,
  nameBytes: 1e9,
  attributeValueBytes: 1e9,
};

/** What an adapter for Node passes. */
export const bufferCodec: TextCodec = bufferTextCodec(Buffer.prototype);

export const CODECS: readonly (readonly [string, TextCodec])[] = [
  ['portable', portableTextCodec],
  ['Buffer', bufferCodec],
];

export const HEADER: string =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.com' version='1.0'>";
export const CLOSING_TAG: string = '</stream:stream>';

export type Plain = { ns: string; name: string; attrs: [string, string, string][]; children: (Plain | string)[] };

/** An element as plain data: expanded names alone. */
export function plain(element: XmlElement): Plain {
  const attrs = element.attributes.map(({ namespace, name, value }): [string, string, string] => [
    namespace,
    name,
    value,
  ]);
  return {
    ns: element.namespace,
    name: element.name,
    attrs: attrs.toSorted((a, b) => order(a[0], b[0]) || order(a[1], b[1])),
    children: element.children.map((child) => (typeof child === 'string' ? child : plain(child))),
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export type Outcome = { type: string; tree?: Plain; violation?: string; detail?: string };

/** Everything that a reader says of some chunks, white space left out: it alone depends on the chunks. */
export function readAll(chunks: readonly Uint8Array[], options: Partial<XmlStreamReaderOptions> = {}): Outcome[] {
  const reader = new XmlStreamReader({ limits: UNLIMITED, ...options });
  const outcomes: Outcome[] = [];
  for (const chunk of chunks) {
    reader.receive(chunk);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.type !== 'whitespace') outcomes.push(outcome(event));
      if (event.type === 'violation') return outcomes;
    }
  }
  const atEnd = reader.end();
  if (atEnd !== undefined) outcomes.push(outcome(atEnd));
  return outcomes;
}

export function outcome(event: XmlStreamEvent): Outcome {
  if (event.type === 'header' || event.type === 'element') return { type: event.type, tree: plain(event.element) };
  if (event.type === 'violation') return { type: event.type, violation: event.violation, detail: event.detail };
  return { type: event.type };
}

export const bytesOf = (text: string): Uint8Array => utf8Encode(text);

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.slice(at, at + 1));
}

export function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.slice(at * size, (at + 1) * size));
}

/** Whole, byte by byte, and cut in two at every position. */
export function* everyCut(bytes: Uint8Array): Generator<[string, Uint8Array[]]> {
  yield ['whole', [bytes]];
  yield ['byte by byte', byteByByte(bytes)];
  for (let at = 1; at < bytes.length; at++) yield [`cut at ${at}`, [bytes.slice(0, at), bytes.slice(at)]];
}

/** The events of some text inside of a stream, after its header. */
export function inStream(text: string, options: Partial<XmlStreamReaderOptions> = {}): Outcome[] {
  return readAll([bytesOf(HEADER + text)], options).slice(1);
}
