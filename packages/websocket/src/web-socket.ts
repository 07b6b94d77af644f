/** What is used of a WebSocket: that of browsers, Deno, Bun, Workers and Node 22, and that of the package `ws`. */
export interface WebSocketLike {
  /** The subprotocol that both sides agreed on. */
  readonly protocol: string;
  /** 0: connecting. 1: open. 2: closing. 3: closed. */
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error', listener: (event: object) => void): void;
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void;
  /** Of `ws`: cuts the connection. */
  terminate?(): void;
  /** Of `ws`: stops reading. */
  pause?(): void;
  resume?(): void;
}

/** Makes a client's WebSocket, as `new WebSocket(url, protocols)` does. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** RFC 7395 §3.1: the subprotocol's name. */
export const SUBPROTOCOL = 'xmpp';
export const OPEN = 1;
export const CLOSED = 3;

/** RFC 6455 §7.4.1. */
export const NORMAL_CLOSURE = 1000;
export const UNSUPPORTED_DATA = 1003;
export const TRY_AGAIN_LATER = 1013;

/** What an `error` event says, where the runtime lets it say anything. */
export function errorOfEvent(event: object): Error {
  if ('error' in event && event.error instanceof Error) return event.error;
  const said = 'message' in event && typeof event.message === 'string' ? event.message : '';
  return new Error(said === '' ? 'the WebSocket failed; the runtime does not say why' : said);
}
