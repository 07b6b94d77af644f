import { CONGESTED, type ByteLink, type Endpoint, type LinkHandlers } from '@xmpp-wire/driver';
import { closeQuietly, type DenoConn } from './deno-api.ts';

const READ_BYTES = 65_536;

/** A connection of Deno as a link. Deno reads when it is asked to, so not asking is what makes the peer wait. */
export class DenoLink implements ByteLink {
  readonly carries = 'bytes';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly conn: DenoConn;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #handlers: LinkHandlers | undefined;
  #wanted = true;
  #isReading = false;
  #isAtEnd = false;
  #isReleased = false;
  #isEnding = false;
  #isOver = false;
  #waiting: Uint8Array[] = [];
  #bufferedOutput = 0;
  #writing: Promise<void> | undefined;

  constructor(conn: DenoConn) {
    this.conn = conn;
    // What is written together is sent together as it is; to wait for more would only take time.
    conn.setNoDelay?.(true);
    this.local = endpointOf(conn.localAddr);
    this.remote = endpointOf(conn.remoteAddr);
  }

  get bufferedOutput(): number {
    return this.#bufferedOutput;
  }

  attach(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    void this.#read();
  }

  pause(): void {
    this.#wanted = false;
  }

  resume(): void {
    this.#wanted = true;
    void this.#read();
  }

  write(output: Uint8Array): void {
    if (this.#isOver || this.#isEnding) return;
    this.#waiting.push(output);
    this.#bufferedOutput += output.length;
    this.#writing ??= this.#writeAll();
  }

  end(): void {
    this.#isEnding = true;
    this.resume();
    void this.#endInOrder();
  }

  abort(): void {
    queueMicrotask(() => this.#over());
  }

  release(): undefined {
    this.#isReleased = true;
  }

  /** Resolves once everything is written. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  // One read at a time, and none while nobody wants it: TLS takes no connection over on which a read is waiting.
  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#wanted && !this.#isReleased && !this.#isAtEnd && !this.#isOver) {
        const length = await this.conn.read(this.#buffer);
        if (this.#isOver) return;
        if (length === null) {
          this.#isAtEnd = true;
          this.#handlers?.onEof();
        } else if (!this.#isEnding) this.#handlers?.onInput(this.#buffer.slice(0, length));
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#isReading = false;
    }
    if (this.#isAtEnd && this.#isEnding) await this.#endInOrder();
  }

  async #writeAll(): Promise<void> {
    // What is sent in one turn of the loop leaves in one piece.
    await Promise.resolve();
    try {
      while (this.#waiting.length > 0 && !this.#isOver) {
        const bytes = joined(this.#waiting);
        this.#waiting = [];
        for (let at = 0; at < bytes.length && !this.#isOver;) {
          const written = await this.conn.write(bytes.subarray(at));
          at += written;
          const before = this.#bufferedOutput;
          this.#bufferedOutput -= written;
          if (before >= CONGESTED && this.#bufferedOutput < CONGESTED && !this.#isOver) this.#handlers?.onDrain();
        }
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#writing = undefined;
    }
  }

  /** Ends our side when all is written, and closes when the peer has ended its side too. */
  async #endInOrder(): Promise<void> {
    try {
      await this.#writing;
      if (this.#isOver) return;
      await this.conn.closeWrite();
    } catch {
      // The connection is gone, or our side was ended before.
    }
    if (this.#isAtEnd) this.#over();
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    this.#handlers?.onError(error instanceof Error ? error : new Error(String(error)));
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#waiting = [];
    this.#bufferedOutput = 0;
    closeQuietly(this.conn);
    if (!this.#isReleased) this.#handlers?.onClose();
  }
}

/** Where an address of Deno is. */
export function endpointOf(address: object): Endpoint {
  return {
    address: 'hostname' in address && typeof address.hostname === 'string' ? address.hostname : undefined,
    port: 'port' in address && typeof address.port === 'number' ? address.port : undefined,
  };
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
