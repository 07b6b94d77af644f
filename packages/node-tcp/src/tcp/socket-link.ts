import type { Socket } from 'node:net';
import { CONGESTED, type ByteLink, type Endpoint, type LinkHandlers } from '@xmpp-wire/driver';

/** A socket of Node, with TLS or without, as a link: one that is connected, may be half open, and that nobody reads yet. */
export class SocketLink implements ByteLink {
  readonly carries = 'bytes';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly socket: Socket;
  /** Takes the listeners off the socket. */
  #detach: () => void = () => {};
  #onDrain: () => void = () => {};
  #isCongested = false;
  #isEnding = false;

  constructor(socket: Socket) {
    this.socket = socket;
    ({ local: this.local, remote: this.remote } = endsOf(socket));
  }

  get bufferedOutput(): number {
    return this.socket.writableLength;
  }

  attach(handlers: LinkHandlers): void {
    const { socket } = this;
    const onData = (chunk: Buffer): void => {
      if (!this.#isEnding) handlers.onInput(chunk);
    };
    const onEnd = (): void => handlers.onEof();
    const onError = (error: Error): void => {
      handlers.onError(error);
      // Not every error of a TLS socket ends it: an attempt at renegotiation is reported, and then goes on (rule S15).
      socket.destroy();
    };
    const onClose = (): void => handlers.onClose();
    this.#detach = () => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      this.#onDrain = () => {};
    };
    this.#onDrain = () => handlers.onDrain();
    // A socket that closed before anybody listened will not say so again.
    if (socket.closed) {
      queueMicrotask(onClose);
      return;
    }
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    socket.resume();
  }

  write(output: Uint8Array): void {
    const { socket } = this;
    if (!socket.writable) return;
    socket.write(output, this.#written);
    this.#isCongested ||= socket.writableLength >= CONGESTED;
  }

  // Not the event `drain`: it comes only where more than the socket's own mark has waited, and that may be above ours.
  readonly #written = (error?: Error | null): void => {
    if (error instanceof Error || !this.#isCongested || this.socket.writableLength >= CONGESTED) return;
    this.#isCongested = false;
    this.#onDrain();
  };

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  // close_notify and the end of our half; what the peer still sends is read and dropped, so that its end is seen.
  end(): void {
    this.#isEnding = true;
    this.socket.end();
    this.socket.resume();
  }

  abort(): void {
    this.socket.destroy();
  }

  release(): Uint8Array | undefined {
    const { socket } = this;
    socket.pause();
    this.#detach();
    const early: Uint8Array | null = socket.readableLength > 0 ? socket.read() : null;
    return early ?? undefined;
  }
}

/** Both ends of a connection. */
export function endsOf(socket: Socket): { readonly local: Endpoint; readonly remote: Endpoint } {
  return {
    local: { address: socket.localAddress, port: socket.localPort },
    remote: { address: socket.remoteAddress, port: socket.remotePort },
  };
}
