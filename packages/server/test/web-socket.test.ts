import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { jid, message } from '@xmpp-wire/core';
import { connect } from '@xmpp-wire/websocket';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  createServer,
  makeSelfSignedCertificate,
  MemoryAccounts,
  type Server,
  type WebSocketOptions,
} from '../src/index.ts';

const DOMAIN = 'im.example.com';

let server: Server | undefined;
afterEach(async () => server?.stop(100));

async function start(webSocket: Omit<WebSocketOptions, 'port'>) {
  const accounts = new MemoryAccounts({ random: (length) => new Uint8Array(randomBytes(length)) });
  await accounts.add(jid(`juliet@${DOMAIN}`), 'R0m30');
  await accounts.add(jid(`romeo@${DOMAIN}`), 'Jul13t');
  const certificate = await makeSelfSignedCertificate([DOMAIN]);
  server = createServer({
    domains: [DOMAIN],
    accounts,
    certificate,
    ports: { starttls: 0, directTls: false },
    webSocket: { port: 0, ...webSocket },
  });
  await server.start();
  const url = server.webSocket?.url ?? '';
  const login = async (name: string, password: string) =>
    connect({
      jid: `${name}@${DOMAIN}`,
      password,
      url,
      allowPlaintext: webSocket.protection === 'none',
      WebSocket: class extends WebSocket {
        constructor(to: string, protocols: string[]) {
          super(to, protocols, { ca: certificate.ca });
        }
      },
    });
  return { server, url, login };
}

describe('a server over WebSocket', () => {
  it.each(['certificate', 'none'] as const)('lets two clients talk, protected by: %s', async (protection) => {
    const { server: running, url, login } = await start({ protection });
    expect(url).toMatch(protection === 'none' ? /^ws:/ : /^wss:/);
    const juliet = await login('juliet', 'R0m30');
    const romeo = await login('romeo', 'Jul13t');
    expect(running.sessions).toHaveLength(2);
    await juliet.send(message({ to: romeo.jid, type: 'chat', body: 'Art thou not Romeo?' }));
    for await (const stanza of romeo.stanzas()) {
      expect(stanza.from?.toString()).toBe(juliet.jid.toString());
      break;
    }
    await running.stop(1000);
    expect((await juliet.closed).cause).toMatchObject({ error: { condition: 'system-shutdown' } });
    expect(running.webSocket).toBeUndefined();
  });

  it('[S15] its TLS may not be renegotiated, before there is a WebSocket and on one', async () => {
    const { url } = await start({ protection: 'certificate' });
    const { port } = new URL(url);
    const dial = (): TLSSocket =>
      connectTls({ port: Number(port), host: '127.0.0.1', maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    const renegotiated = async (socket: TLSSocket): Promise<unknown> =>
      new Promise((resolve) => {
        socket.on('error', () => {});
        socket.once('close', () => resolve('cut')).resume();
        socket.renegotiate({ rejectUnauthorized: false }, (error) => error === null && resolve('renegotiated'));
      });
    const bare = dial();
    await once(bare, 'secureConnect');
    expect(await renegotiated(bare)).toBe('cut');

    const upgraded = dial();
    const client = new WebSocket(url, ['xmpp'], { createConnection: () => upgraded });
    client.on('error', () => {});
    await once(client, 'open');
    expect(await renegotiated(upgraded)).toBe('cut');
  });

  it('begins with no port at all when the one for WebSockets is taken', async () => {
    const { server: first } = await start({ protection: 'none' });
    const port = first.webSocket?.port ?? 0;
    const accounts = new MemoryAccounts({ random: (length) => new Uint8Array(randomBytes(length)) });
    const second = createServer({
      domains: [DOMAIN],
      accounts,
      ports: { starttls: 0, directTls: false },
      webSocket: { port, protection: 'none' },
    });
    await expect(second.start()).rejects.toMatchObject({ code: 'port-taken' });
    expect(second.addresses).toEqual([]);
  });
});
