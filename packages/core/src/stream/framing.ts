import type { XmlLimits } from '../limits.ts';
import type { XmlElement, XmlStreamEvent } from '../xml/index.ts';
import type { OwnStreamHeader } from './stream-header.ts';
import type { Violation } from './violations.ts';

/** What comes out of an input stream; a closing tag may say where to go instead (RFC 7395 §3.6.1). */
export type FramingEvent =
  | Exclude<XmlStreamEvent, { readonly type: 'closing-tag' | 'violation' }>
  | { readonly type: 'violation'; readonly violation: Violation; readonly detail: string }
  | { readonly type: 'closing-tag'; readonly seeOtherUri?: string | undefined };

/**
 * How streams lie on a transport: where a header, a first-level element and the closing tag begin and end.
 * A byte stream (RFC 6120 §3) and WebSocket messages (RFC 7395) differ in this and in nothing else.
 */
export interface Framing {
  readonly transport: 'bytes' | 'messages';
  /** Bytes stored and not yet parsed. */
  readonly bufferedInput: number;
  /** Bytes written and not yet taken. */
  readonly bufferedOutput: number;
  /** Size on the wire of what `next` returned last. */
  readonly eventBytes: number;
  /** Whether whitespace between elements exists here (RFC 6120 §4.6.1; not on WebSocket, RFC 7395 §3.6). */
  readonly whitespaceKeepalive: boolean;
  /** Stores bytes, or one whole message; parses none. */
  receive(bytes: Uint8Array): void;
  /** The next thing of the input stream. */
  next(): FramingEvent | undefined;
  /** RFC 6120 §4.3.3: the next bytes, both ways, belong to new streams. */
  restart(limits: XmlLimits): void;
  /** Forgets white space that is stored behind the last element of a stream; nothing else of this stream is read. */
  dropWhitespace(): void;
  /** The stream goes on under other limits. */
  useLimits(limits: XmlLimits): void;
  /** Each writer but that of whitespace, which is one space, returns the size on the wire of what it wrote. */
  writeHeader(header: OwnStreamHeader): number;
  writeElement(element: XmlElement): number;
  writeClosingTag(): number;
  writeWhitespace(): void;
  /** All bytes on a byte stream; the next message, as text, on a message transport. */
  takeOutput(): Uint8Array | string | undefined;
  /** What was stored is of no use any more; nothing refers to it afterwards. */
  discardInput(): void;
  discardOutput(): void;
}
