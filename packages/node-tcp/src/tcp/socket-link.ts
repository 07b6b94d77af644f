import type { Socket } from 'node:net';
import type { ByteLink, Endpoint, LinkHandlers } from '@xmpp-wire/driver';

/** A socket of Node, with TLS or without, as a link: one that is connected, may be half open, and that nobody reads yet. */
export class SocketLink implements ByteLink {
  readonly carries = 'bytes';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly socket: Socket;
  /** Takes the listeners off the socket. */
  #detach: () => void = () => {};
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
    const onDrain = (): void => handlers.onDrain();
    const onClose = (): void => handlers.onClose();
    this.#detach = () => {
      socket.off('data', onData).off('end', onEnd).off('error', onError).off('drain', onDrain).off('close', onClose);
    };
    // A socket that closed before anybody listened will not say so again.
    if (socket.closed) {
      queueMicrotask(onClose);
      return;
    }
    socket.on('data', onData).on('end', onEnd).on('error', onError).on('drain', onDrain).on('close', onClose);
    socket.resume();
  }

  write(output: Uint8Array): void {
    if (this.socket.writable) this.socket.write(output);
  }

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
