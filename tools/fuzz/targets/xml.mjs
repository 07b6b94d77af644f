// The reader of streams and documents: the same whatever the cuts and the codec, and what it accepts can be written and read back.
import { DEFAULT_LIMITS } from '@xmpp-wire/core';
import {
  bufferTextCodec,
  parseXml,
  portableTextCodec,
  serializeXml,
  XmlElement,
  XmlStreamReader,
} from '@xmpp-wire/core/xml';
import { cutAs, stretchesOf, wordsOf } from '../input.mjs';
import { expect, streamSeeds } from '../support.mjs';

/** @import { XmlStreamEvent, TextCodec } from '@xmpp-wire/core/xml' */
/** @import { XmlLimits } from '@xmpp-wire/core' */

const CODECS = [portableTextCodec, bufferTextCodec(Buffer.prototype)];
/** @type {XmlLimits} */
const NARROW = {
  stanzaBytes: 200,
  depth: 4,
  elements: 6,
  attributes: 3,
  namespaceDeclarations: 4,
  nameBytes: 12,
  attributeValueBytes: 20,
};
const BOUNDLESS = Object.fromEntries(Object.keys(NARROW).map((name) => [name, 1e9]));

/** By expanded names. @param {XmlElement} element @returns {unknown[]} */
const plain = ({ namespace, name, attributes, children }) => [
  namespace,
  name,
  attributes.map((each) => JSON.stringify([each.namespace, each.name, each.value])).toSorted(),
  children.map((child) => (typeof child === 'string' ? child : plain(child))),
];

/** @param {readonly Uint8Array[]} chunks @param {{ limits: XmlLimits, textCodec: TextCodec, mode: 'stream' | 'document' }} options */
function read(chunks, options) {
  const reader = new XmlStreamReader(options);
  /** @type {XmlStreamEvent[]} */
  const events = [];
  const isOver = () => events.at(-1)?.type === 'violation';
  for (const bytes of chunks) {
    // The chunk is the reader's until it says that it wants more.
    const chunk = bytes.slice();
    reader.receive(chunk);
    for (let event = reader.next(); event !== undefined && !isOver(); event = reader.next()) events.push(event);
    if (isOver()) break;
    expect(
      reader.bufferedInput === 0 || events.at(-1)?.type === 'closing-tag',
      'bytes are left although the reader wants more',
    );
    chunk.fill(0x21);
  }
  const atEnd = isOver() ? undefined : reader.end();
  return atEnd === undefined ? events : [...events, atEnd];
}

/** White space apart, which depends on the chunks. @param {readonly XmlStreamEvent[]} events */
const described = (events) =>
  JSON.stringify(
    events
      .filter(({ type }) => type !== 'whitespace')
      .map((event) => ('element' in event ? [event.type, plain(event.element)] : event)),
  );

/** @param {XmlElement} element */
function checkWriting(element) {
  for (const text of [serializeXml(element), element.toString(), element.detached().toString()]) {
    const again = parseXml(text, { limits: /** @type {any} */ (BOUNDLESS) });
    if (!(again instanceof XmlElement)) throw new Error(`what was written cannot be read: ${again.detail}: ${text}`);
    expect(
      JSON.stringify(plain(again)) === JSON.stringify(plain(element)) && again.equals(element),
      `it was written as something else: ${text}`,
    );
  }
}

/** @type {import('../loop.mjs').Target} */
export const xml = {
  name: 'xml',
  seeds: [...streamSeeds('initiating'), ...streamSeeds('receiving')].map((seed) => `\x02${seed.slice(1)}`),
  words: [
    ...wordsOf(`
    <!--  <![CDATA[  ]]>  <!DOCTYPE a>  <?xml version='1.0' encoding='UTF-8'?>  &amp;  &#x10FFFF;  &#13;
    &lol;  &  ;  <  </  />  >  '  "  =  xmlns=  xmlns:a='urn:a'  xmlns:a=''  a:b  xml:lang  :`),
    ' '.repeat(300),
    'a'.repeat(300),
  ],
  run(input) {
    const style = input[0] ?? 0;
    const mode = (style & 1) === 0 ? 'stream' : 'document';
    const limits = (style & 4) === 0 ? DEFAULT_LIMITS : NARROW;
    const pieces = stretchesOf(input.subarray(1)).flatMap((stretch) => stretch.pieces);
    const whole = read(cutAs(pieces, 'whole'), { limits, mode, textCodec: portableTextCodec });
    for (const textCodec of CODECS) {
      for (const cut of /** @type {const} */ (['whole', 'given', 'bytes'])) {
        const other = described(read(cutAs(pieces, cut), { limits, mode, textCodec }));
        expect(other === described(whole), `read otherwise when cut (${cut}): ${other} and whole: ${described(whole)}`);
      }
    }
    for (const event of whole) if ('element' in event && event.type === 'element') checkWriting(event.element);
  },
};
