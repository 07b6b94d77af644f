import { bug } from '../errors.ts';
import type { TextCodec } from '../bytes/text-codec.ts';
import { utf8Encode } from '../bytes/utf8.ts';
import type { XmlLimits } from '../limits.ts';
import { CLIENT_NS, FRAMING_NS, STREAM_NS, XML_NS } from '../namespaces.ts';
import { parseXml, serializeXml, xml, type XmlElement } from '../xml/index.ts';
import type { Framing, FramingEvent } from './framing.ts';
import type { OwnStreamHeader } from './stream-header.ts';

/**
 * Streams on WebSocket (RFC 7395): each message is one whole XML document. A header is an `<open/>`, a closing tag a
 * `<close/>`; both come out as what they stand for, so that nothing above knows the difference.
 */
export class WebSocketFraming implements Framing {
  readonly transport = 'messages';
  // RFC 7395 §3.8: WebSocket has pings of its own.
  readonly whitespaceKeepalive = false;
  readonly #textCodec: TextCodec | undefined;
  #limits: XmlLimits;
  #input: Uint8Array[] = [];
  #output: { readonly text: string; readonly bytes: number }[] = [];
  #contentNamespace: string = CLIENT_NS;
  #bufferedInput = 0;
  #bufferedOutput = 0;
  #eventBytes = 0;

  constructor(limits: XmlLimits, textCodec: TextCodec | undefined) {
    this.#limits = limits;
    this.#textCodec = textCodec;
  }

  get bufferedInput(): number {
    return this.#bufferedInput;
  }

  get bufferedOutput(): number {
    return this.#bufferedOutput;
  }

  get eventBytes(): number {
    return this.#eventBytes;
  }

  receive(message: Uint8Array): void {
    // RFC 7395 §3.3.3: an empty message ends the stream once it is read, so nothing behind it is kept: any number of empty
    // ones would pass a bound that counts bytes.
    if (this.#input.at(-1)?.length === 0) return;
    this.#input.push(message);
    this.#bufferedInput += message.length;
  }

  next(): FramingEvent | undefined {
    const message = this.#input.shift();
    if (message === undefined) return undefined;
    this.#bufferedInput -= message.length;
    this.#eventBytes = message.length;
    // RFC 7395 §3.3.3: the first character of a message is "<", so there is no white space and no empty message.
    if (message[0] !== LESS_THAN) {
      return { type: 'violation', violation: 'text-outside-root', detail: "a WebSocket message begins with '<'" };
    }
    const limits = this.#limits;
    const root = parseXml(message, this.#textCodec === undefined ? { limits } : { limits, textCodec: this.#textCodec });
    if ('violation' in root) return { type: 'violation', violation: root.violation, detail: root.detail };
    const { name, namespace } = root;
    if (namespace !== FRAMING_NS) {
      // RFC 7395 §3.3.2: what opens or closes a stream does so in one namespace; the header of RFC 6120 is none here.
      const isHeader = namespace === STREAM_NS ? name === 'stream' : name === 'open' || name === 'close';
      if (!isHeader) return { type: 'element', element: root };
      const detail = `expected <open/> and <close/> in ${FRAMING_NS}, came <${name}/> in ${namespace || 'no namespace'}`;
      return { type: 'violation', violation: 'stream-namespace-wrong', detail };
    }
    if (name === 'open') return { type: 'header', element: headerOf(root) };
    // RFC 7395 §3.6.1.
    if (name === 'close') return { type: 'closing-tag', seeOtherUri: root.attribute('see-other-uri') };
    return { type: 'element', element: root };
  }

  // RFC 7395 §3.7: a restart is a new <open/>; messages that came already belong to the new stream.
  restart(limits: XmlLimits): void {
    this.#limits = limits;
  }

  // There is none.
  dropWhitespace(): void {}

  useLimits(limits: XmlLimits): void {
    this.#limits = limits;
  }

  writeHeader(header: OwnStreamHeader): number {
    this.#contentNamespace = header.contentNamespace;
    const { from, to, version, lang, streamId } = header;
    return this.#write(xml('open', { xmlns: FRAMING_NS, from, id: streamId, to, version, 'xml:lang': lang }));
  }

  writeElement(element: XmlElement): number {
    return this.#write(element);
  }

  writeClosingTag(): number {
    return this.#write(xml('close', { xmlns: FRAMING_NS }));
  }

  writeWhitespace(): void {
    throw bug('a whitespace keepalive on a WebSocket');
  }

  takeOutput(): string | undefined {
    const message = this.#output.shift();
    if (message !== undefined) this.#bufferedOutput -= message.bytes;
    return message?.text;
  }

  discardInput(): void {
    this.#input = [];
    this.#bufferedInput = 0;
  }

  discardOutput(): void {
    this.#output = [];
    this.#bufferedOutput = 0;
  }

  #write(element: XmlElement): number {
    const text = serializeXml(element, { contentNamespace: this.#contentNamespace });
    const bytes = utf8Encode(text).length;
    this.#output.push({ text, bytes });
    this.#bufferedOutput += bytes;
    return bytes;
  }
}

const LESS_THAN = 0x3c;

/** RFC 7395 §3.4: an `<open/>` says what a stream header says; the content namespace is that of clients. */
function headerOf(open: XmlElement): XmlElement {
  return xml('stream:stream', {
    xmlns: CLIENT_NS,
    'xmlns:stream': STREAM_NS,
    to: open.attribute('to'),
    from: open.attribute('from'),
    id: open.attribute('id'),
    version: open.attribute('version'),
    'xml:lang': open.attribute('lang', XML_NS),
  });
}
