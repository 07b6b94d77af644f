import { OutputBuffer } from '../bytes/output-buffer.ts';
import type { TextCodec } from '../bytes/text-codec.ts';
import type { XmlLimits } from '../limits.ts';
import { XmlStreamReader, XmlWriter, type XmlElement, type XmlStreamEvent } from '../xml/index.ts';
import type { Framing } from './framing.ts';
import { streamHeaderElement, type OwnStreamHeader } from './stream-header.ts';

const SPACE = Uint8Array.of(0x20);
const NOTHING = new Uint8Array(0);

/** Streams on a byte transport such as TCP (RFC 6120 §3): each direction is one XML document after the other. */
export class TcpFraming implements Framing {
  readonly transport = 'bytes';
  readonly whitespaceKeepalive = true;
  readonly #textCodec: TextCodec | undefined;
  readonly #output = new OutputBuffer();
  #limits: XmlLimits;
  #isBetweenStreams = false;
  #reader: XmlStreamReader;
  #writer = new XmlWriter({}, this.#output);

  constructor(limits: XmlLimits, textCodec: TextCodec | undefined) {
    this.#textCodec = textCodec;
    this.#limits = limits;
    this.#reader = this.#newReader(limits);
  }

  get bufferedInput(): number {
    return this.#reader.bufferedInput;
  }

  get bufferedOutput(): number {
    return this.#output.length;
  }

  get eventBytes(): number {
    return this.#reader.eventBytes;
  }

  receive(bytes: Uint8Array): void {
    const rest = this.#isBetweenStreams ? withoutLeadingWhitespace(bytes) : bytes;
    if (rest.length === 0) return;
    this.#isBetweenStreams = false;
    this.#reader.receive(rest);
  }

  next(): XmlStreamEvent | undefined {
    return this.#reader.next();
  }

  restart(limits: XmlLimits): void {
    this.#limits = limits;
    const rest = this.#reader.takeRest();
    this.#reader = this.#newReader(limits);
    // RFC 6120 §6.3.5 forbids the white space that some clients send behind each element. It ends the old stream, wherever
    // the chunks fall; in front of the new one's XML declaration it would not be well-formed.
    this.#isBetweenStreams = true;
    this.receive(rest);
  }

  dropWhitespace(): void {
    const rest = withoutLeadingWhitespace(this.#reader.takeRest());
    this.#reader = this.#newReader(this.#limits);
    this.#reader.receive(rest);
  }

  useLimits(limits: XmlLimits): void {
    this.#limits = limits;
    this.#reader.useLimits(limits);
  }

  writeHeader(header: OwnStreamHeader): number {
    const before = this.#output.length;
    this.#writer = new XmlWriter({ contentNamespace: header.contentNamespace }, this.#output);
    this.#writer.writeHeader(streamHeaderElement(header));
    return this.#output.length - before;
  }

  writeElement(element: XmlElement): number {
    return this.#writer.writeElement(element);
  }

  writeClosingTag(): number {
    const before = this.#output.length;
    this.#writer.writeClosingTag();
    return this.#output.length - before;
  }

  writeWhitespace(): void {
    this.#output.append(SPACE);
  }

  takeOutput(): Uint8Array | undefined {
    return this.#output.take();
  }

  discardInput(): void {
    this.#reader = this.#newReader(this.#limits);
  }

  discardOutput(): void {
    this.#output.truncate(0);
  }

  #newReader(limits: XmlLimits): XmlStreamReader {
    return new XmlStreamReader(this.#textCodec === undefined ? { limits } : { limits, textCodec: this.#textCodec });
  }
}

function withoutLeadingWhitespace(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return start < 0 ? NOTHING : bytes.subarray(start);
}
