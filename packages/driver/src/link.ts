/** One end of a connection, as far as the runtime tells. */
export interface Endpoint {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** What a link reports. None of these throws. */
export interface LinkHandlers {
  /** Something arrived: bytes, or one whole message. */
  onInput(input: Uint8Array | string): void;
  /** The peer will send nothing more. */
  onEof(): void;
  /** Something went wrong, for whoever asks why; `onClose` follows where it is fatal. */
  onError(error: Error): void;
  /** What waits for the peer fell below {@link CONGESTED} again. */
  onDrain(): void;
  /** The connection is gone, also after `end` and `abort`. Nothing is reported after this. */
  onClose(): void;
}

/** What every connection of a transport can do for a {@link Driver}, whatever it carries. */
interface LinkBase {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Bytes that were written and that the peer has not taken yet. */
  readonly bufferedOutput: number;
  /** Begins to read and to report. It is called once, and reports nothing before it has returned. */
  attach(handlers: LinkHandlers): void;
  /** Stops reading, so that the peer has to wait; a link that cannot do that goes on. */
  pause(): void;
  resume(): void;
  /** Ends our side when everything is written; what still comes is dropped, until the peer has ended its side too. */
  end(): void;
  /** Cuts the connection: `onClose` comes soon, whatever the peer does. */
  abort(): void;
}

/** A connection that carries a stream of bytes: TCP, TLS, a pipe. */
export interface ByteLink extends LinkBase {
  readonly carries: 'bytes';
  write(output: Uint8Array): void;
  /**
   * Where STARTTLS is possible: reading ends for good and nothing is reported any more. Returns what was read off the
   * network and not reported; the connection stays open for TLS.
   */
  release?(): Uint8Array | undefined;
}

/** A connection that carries whole messages: WebSocket. */
export interface MessageLink extends LinkBase {
  readonly carries: 'messages';
  write(output: string): void;
}

/** One connection of a transport: what an adapter provides. */
export type Link = ByteLink | MessageLink;

/** Bytes waiting for the peer from which on nothing more is taken on: four times what a socket reports as full. */
export const CONGESTED = 65_536;
