import { portableTextCodec, type TextCodec } from '../bytes/text-codec.ts';
import type { XmlLimits } from '../limits.ts';
import type { XmlElement } from './element.ts';
import { XmlScanner } from './scanner.ts';
import type { XmlViolation } from './violations.ts';

/** How an {@link XmlStreamReader} reads. */
export interface XmlStreamReaderOptions {
  /** What the peer may spend. */
  readonly limits: XmlLimits;
  /** How strings are made of bytes; by default with TextDecoder. */
  readonly textCodec?: TextCodec;
  /**
   * `stream` (the default): a root that stays open, whose start tag and whose children are events. `document`: one whole
   * element, which is the only event.
   */
  readonly mode?: 'stream' | 'document';
}

/** What {@link XmlStreamReader.next} can return. */
export type XmlStreamEvent =
  /** The start tag of the root, as an element without children. An XML declaration may have preceded it. */
  | { readonly type: 'header'; readonly element: XmlElement }
  /** A first-level element, complete; in document mode the root itself. */
  | { readonly type: 'element'; readonly element: XmlElement }
  /** White space between first-level elements: so many bytes of one run in one chunk. */
  | { readonly type: 'whitespace'; readonly bytes: number }
  /** The end tag of the root. */
  | { readonly type: 'closing-tag' }
  /** The peer's mistake. It is final: every further call returns the same. */
  | { readonly type: 'violation'; readonly violation: XmlViolation; readonly detail: string };

/**
 * Turns the bytes of one XML stream into events. Pull: {@link XmlStreamReader.receive} only stores, and
 * {@link XmlStreamReader.next} parses up to the next event and not one byte further.
 *
 * It never throws because of its input, repairs nothing and skips nothing: the first violation ends the stream (RFC 6120 §4.9.1.1). How
 * the bytes are cut into chunks changes no event, except that a run of white space is one event a chunk.
 *
 * @example
 * ```ts
 * import { utf8Encode } from '@xmpp-wire/core/adapter';
 * import { XmlStreamReader } from '@xmpp-wire/core/xml';
 * import { DEFAULT_LIMITS } from '@xmpp-wire/core';
 * const reader = new XmlStreamReader({ limits: DEFAULT_LIMITS });
 * reader.receive(utf8Encode("<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'><presence/>"));
 * for (let event = reader.next(); event !== undefined; event = reader.next()) console.log(event.type); // header, element
 * ```
 */
export class XmlStreamReader {
  readonly #scanner: XmlScanner;

  constructor(options: XmlStreamReaderOptions) {
    this.#scanner = new XmlScanner(options.limits, options.textCodec ?? portableTextCodec, options.mode === 'document');
  }

  /** Stores bytes. The chunk must not change until {@link XmlStreamReader.next} has returned undefined; then nothing refers to it. */
  receive(bytes: Uint8Array): void {
    this.#scanner.receive(bytes);
  }

  /** Parses up to the next event; undefined when the stored bytes hold no further one. */
  next(): XmlStreamEvent | undefined {
    return this.#scanner.next();
  }

  /**
   * Bytes received that no event has looked at: what is left after the last event's last byte. Zero once
   * {@link XmlStreamReader.next} has returned undefined, unless the stream has ended: an incomplete element's bytes were looked at.
   */
  get bufferedInput(): number {
    return this.#scanner.bufferedInput;
  }

  /** Bytes on the wire of the last event, from its first byte to its last. The header counts from the start of the stream. */
  get eventBytes(): number {
    return this.#scanner.eventBytes;
  }

  /** Takes the bytes that are not part of an event yet, for the reader that comes after a restart. This reader is then at its end. */
  takeRest(): Uint8Array {
    return this.#scanner.takeRest();
  }

  /** Other limits from the next element on. */
  useLimits(limits: XmlLimits): void {
    this.#scanner.useLimits(limits);
  }

  /**
   * Says that no more bytes come. In document mode the event of a document that is not complete, else undefined; in stream
   * mode an element cut short or a missing closing tag is for the caller to judge, who knows how the transport ended.
   */
  end(): XmlStreamEvent | undefined {
    return this.#scanner.endInput();
  }
}
