import type { Duplex } from 'node:stream';
import {
  completeClientOptions,
  CONGESTED,
  explained,
  negotiate,
  Reception,
  startSession,
  type ByteLink,
  type ClientOptions,
  type Endpoint,
  type LinkHandlers,
  type ServeOptions,
  type SessionOptions,
  type XmppConnection,
  type XmppSession,
} from '@xmpp-wire/driver';

const NOWHERE: Endpoint = { address: undefined, port: undefined };

/** A duplex stream as the driver wants it. It moves bytes and tells what happens; it decides nothing. */
class DuplexLink implements ByteLink {
  readonly carries = 'bytes';
  readonly local: Endpoint = NOWHERE;
  readonly remote: Endpoint = NOWHERE;
  readonly #stream: Duplex;
  #onDrain: () => void = () => {};
  #isCongested = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  get bufferedOutput(): number {
    return this.#stream.writableLength;
  }

  attach(handlers: LinkHandlers): void {
    const stream = this.#stream;
    this.#onDrain = () => handlers.onDrain();
    stream
      .on('data', (chunk: Uint8Array) => handlers.onInput(chunk))
      .on('end', () => handlers.onEof())
      .on('error', (error) => handlers.onError(error))
      .on('close', () => handlers.onClose());
    // A stream that closed before anybody listened will not say so again.
    if (stream.closed) queueMicrotask(() => handlers.onClose());
  }

  write(output: Uint8Array): void {
    const stream = this.#stream;
    if (!stream.writable) return;
    // Not the event `drain`: it goes by the stream's own highWaterMark, and may never come.
    stream.write(output, (error) => {
      if (error instanceof Error || !this.#isCongested || stream.writableLength >= CONGESTED) return;
      this.#isCongested = false;
      this.#onDrain();
    });
    this.#isCongested ||= stream.writableLength >= CONGESTED;
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  // The driver looks at no more input from here on; what still comes is read so that the other side's end is seen.
  end(): void {
    this.#stream.end();
    this.#stream.resume();
  }

  abort(): void {
    this.#stream.destroy();
  }
}

/** What every client can be told, and whether the stream is known to be safe. */
export interface ConnectOverOptions extends ClientOptions {
  /** Say so when nobody can listen or interfere: ssh, a Unix socket. Without it the stream needs STARTTLS, which this adapter lacks. */
  readonly isTrusted: boolean;
}

/** Negotiates a client's stream over a duplex stream; resolves once stanzas may be sent. */
export async function connectOver(stream: Duplex, options: ConnectOverOptions): Promise<XmppConnection> {
  const settings = completeClientOptions(options);
  try {
    return await negotiate(new DuplexLink(stream), { kind: options.isTrusted ? 'trusted' : 'clear' }, settings);
  } catch (error) {
    throw explained(error);
  }
}

/** What to do when the connection is lost, besides. */
export interface KeepConnectedOverOptions extends Omit<ConnectOverOptions, 'signal'>, SessionOptions {
  /** Opens a new stream, for one attempt. */
  readonly open: () => Promise<Duplex>;
}

/** Connects over a new stream whenever the connection is lost (RFC 6120 §3.3). */
export function keepConnectedOver(options: KeepConnectedOverOptions): XmppSession {
  completeClientOptions(options);
  return startSession(options, async (attempt) => connectOver(await attempt.open(), attempt));
}

/** Serves clients over duplex streams that somebody else accepts. */
export class DuplexServer {
  readonly #reception: Reception;

  constructor(options: ServeOptions) {
    this.#reception = new Reception(options, 'bytes');
  }

  /** All connections, those being negotiated included. */
  get size(): number {
    return this.#reception.size;
  }

  /** Takes a stream over: whoever is at its other end is a client. */
  accept(stream: Duplex): void {
    const admission = this.#reception.admit(NOWHERE, NOWHERE, () => stream.destroy());
    if (admission === undefined) stream.destroy();
    else admission.serve(new DuplexLink(stream), { kind: 'trusted' });
  }

  /** Says goodbye to every client, waits, and cuts what is left. */
  async close(timeout?: number): Promise<void> {
    await this.#reception.close(timeout);
  }
}
