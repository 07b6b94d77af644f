import type { WebSocketLike } from '../../src/index.ts';

type Listener = (event: never) => void;
const NOTHING = { data: undefined, code: 1006, reason: '' };

/** One end of a WebSocket in memory. What is sent waits until `flow` is called, or arrives by itself. */
export class FakeSocket implements WebSocketLike {
  protocol = 'xmpp';
  readyState = 1;
  peer: FakeSocket | undefined;
  /** While false, what is sent piles up. */
  isFlowing = true;
  readonly sent: string[] = [];
  readonly closedWith: (number | undefined)[] = [];
  readonly #listeners: { readonly type: string; readonly listener: Listener }[] = [];
  #waiting: string[] = [];

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, message) => sum + message.length, 0);
  }

  send(data: string): void {
    this.sent.push(data);
    this.#waiting.push(data);
    if (this.isFlowing) this.flow();
  }

  /** Delivers what waits. */
  flow(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const message of messages) queueMicrotask(() => this.peer?.tell('message', { ...NOTHING, data: message }));
  }

  close(code?: number): void {
    this.closedWith.push(code);
    if (this.readyState >= 2) return;
    this.readyState = 2;
    queueMicrotask(() => {
      this.flow();
      queueMicrotask(() => {
        for (const end of [this, this.peer]) end?.die(code ?? 1005);
      });
    });
  }

  /** The connection is gone. */
  die(code: number, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.tell('close', { ...NOTHING, code, reason });
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.push({ type, listener });
  }

  tell(type: string, event: object = NOTHING): void {
    for (const each of this.#listeners) {
      // The listeners of a type take its events.
      if (each.type === type) each.listener(event as never);
    }
  }
}

/** Two ends that are joined. */
export function socketPair(): { client: FakeSocket; server: FakeSocket } {
  const client = new FakeSocket();
  const server = new FakeSocket();
  client.peer = server;
  server.peer = client;
  return { client, server };
}
