import { CLOSED, SUBPROTOCOL, type WebSocketLike } from './web-socket.ts';

/** What is used of a `ServerWebSocket` of Bun. */
export interface BunServerWebSocket<Data> {
  readonly data: Data;
  readonly readyState: number;
  send(message: string): number;
  getBufferedAmount(): number;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

type Listener = (event: { readonly data: unknown; readonly code: number; readonly reason: string }) => void;

/** Bun tells the server's side of its WebSockets by callbacks of the server; this is one of them as all others are. */
export class BunSocket implements WebSocketLike {
  readonly protocol: string = SUBPROTOCOL;
  readonly #socket: BunServerWebSocket<unknown>;
  readonly #listeners = new Map<string, Listener[]>();
  #isClosed = false;

  constructor(socket: BunServerWebSocket<unknown>) {
    this.#socket = socket;
  }

  get readyState(): number {
    return this.#isClosed ? CLOSED : this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#isClosed ? 0 : this.#socket.getBufferedAmount();
  }

  send(data: string): void {
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  /** For the server's callback. */
  received(data: unknown): void {
    this.#tell('message', { data, code: 0, reason: '' });
  }

  /** For the server's callback. */
  closed(code: number, reason: string): void {
    this.#isClosed = true;
    this.#tell('close', { data: undefined, code, reason });
  }

  #tell(type: string, event: Parameters<Listener>[0]): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event);
  }
}
