import { describe, expect, it } from 'vitest';
import { connect, createAcceptor, keepConnected } from '../src/index.ts';
import { listen } from '../src/node.ts';

const account = { jid: 'juliet@localhost', password: 'R0m30', url: 'wss://localhost/xmpp-websocket' };
const WebSocket = (): void => {};

describe('options that would be ignored', () => {
  it.each([
    [{ service: 'wss://localhost' }, "connect() has no option 'service'; there are jid,"],
    [{ url: new URL('wss://localhost') }, "'url' of connect() is a text"],
    [{ timeouts: { connect: 5 } }, "'timeouts' has no option 'connect'; there are negotiation,"],
    [{ allowPlaintext: 'no' }, '\'allowPlaintext\' of connect() is true or false, not "no"'],
  ])('are refused by connect(): %o', async (options, message) => {
    // What programs without types pass.
    await expect(connect({ ...account, WebSocket, ...options } as never)).rejects.toThrow(message);
  });

  it('are refused by keepConnected()', () => {
    expect(() => keepConnected({ ...account, WebSocket, reconect: 'fleet' } as never)).toThrow(
      "keepConnected() has no option 'reconect'",
    );
  });

  const serving = {
    asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
    onConnection: () => {},
  } as const;

  it.each([
    [{ port: 0, protection: 'proxy' }, "listen() needs 'WebSocketServer'"],
    [{ WebSocketServer: WebSocket, port: undefined, protection: 'proxy' }, "listen() needs 'port'"],
    [
      { WebSocketServer: WebSocket, port: 0, protection: 'tls' },
      "'protection' of listen() is a certificate, or 'proxy'",
    ],
    [
      { WebSocketServer: WebSocket, port: 0, protection: 'proxy', origins: 'https://chat.example' },
      "'origins' of listen() is 'same-host', 'any' or an array of origins",
    ],
  ])('are refused by listen(): %o', async (options, message) => {
    await expect(listen({ ...serving, ...options } as never)).rejects.toThrow(message);
  });

  it('are refused by createAcceptor()', () => {
    expect(() => createAcceptor({ ...serving, onConnection: undefined } as never)).toThrow("needs 'onConnection'");
  });
});
