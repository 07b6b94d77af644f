import type { ServeOptions, XmppConnection } from '@xmpp-wire/driver';
import {
  connect,
  createAcceptor,
  type Acceptor,
  type ConnectOptions,
  type WebSocketConstructor,
} from '../../src/index.ts';
import { asksOf, DOMAIN, PASSWORD } from './accounts.ts';
import { socketPair, type FakeSocket } from './fake-socket.ts';

/** A server in memory and a class of WebSocket that reaches it. */
export interface FakeServer {
  readonly acceptor: Acceptor;
  readonly WebSocket: WebSocketConstructor;
  /** Both ends of each connection, in the order of their making. */
  readonly pairs: readonly { readonly client: FakeSocket; readonly server: FakeSocket }[];
  readonly urls: readonly string[];
  readonly served: readonly XmppConnection[];
  connect(more?: Partial<ConnectOptions>): Promise<XmppConnection>;
}

export interface FakeServerOptions extends Partial<ServeOptions> {
  /** Meets a new pair in place of the acceptor. */
  readonly meet?: (pair: { client: FakeSocket; server: FakeSocket }, url: string) => void;
}

export function fakeServer({ meet, ...options }: FakeServerOptions = {}): FakeServer {
  const pairs: { client: FakeSocket; server: FakeSocket }[] = [];
  const urls: string[] = [];
  const served: XmppConnection[] = [];
  const acceptor = createAcceptor({
    asks: asksOf(),
    onConnection: (connection, peer) => {
      served.push(connection);
      return options.onConnection?.(connection, peer);
    },
    ...options,
  });
  // A function that returns an object is a constructor of it.
  const WebSocket = function open(url: string, protocols: string[]): FakeSocket {
    const pair = socketPair();
    pairs.push(pair);
    urls.push(url);
    pair.client.readyState = 0;
    pair.client.protocol = protocols[0] ?? '';
    queueMicrotask(() => {
      pair.client.readyState = 1;
      if (meet === undefined) acceptor.accept(pair.server);
      else meet(pair, url);
      if (pair.client.readyState === 1) pair.client.tell('open');
    });
    return pair.client;
  } as unknown as WebSocketConstructor;
  return {
    acceptor,
    WebSocket,
    pairs,
    urls,
    served,
    connect: async (more) =>
      connect({
        jid: `juliet@${DOMAIN}`,
        password: PASSWORD,
        url: 'wss://im.example.com/xmpp-websocket',
        WebSocket,
        ...more,
      }),
  };
}
