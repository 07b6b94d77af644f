import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { connect, type ConnectOptions, type XmppConnection } from '@xmpp-wire/node-tcp';
import { createServer, makeSelfSignedCertificate, type Server, type ServerOptions } from '../../src/index.ts';
import { explainFailure, type FailureName } from '../../src/log/explain-failure.ts';
import { accounts } from './world.ts';

export const certificate = await makeSelfSignedCertificate(['im.example.com']);

export const HEADER =
  "<stream:stream to='im.example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
export const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

export function plain(user: string, password: string): string {
  const data = Buffer.from(`\0${user}\0${password}`).toString('base64');
  return `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${data}</auth>`;
}

/** A server over TCP for clients that misbehave. */
export interface TcpWorld {
  readonly server: Server;
  readonly starttls: number;
  readonly directTls: number;
  /** What connections came to nothing by, in the order it was found out. */
  readonly failures: readonly FailureName[];
  readonly errors: readonly unknown[];
  /** Resolves once so many connections have come to nothing. */
  failed(count: number): Promise<readonly FailureName[]>;
  login(name?: string, options?: Partial<ConnectOptions>): Promise<XmppConnection>;
  tcp(port?: number): Promise<Socket>;
  tls(): Promise<TLSSocket>;
}

export async function startTcpWorld(options: Partial<ServerOptions> = {}): Promise<TcpWorld> {
  const failures: FailureName[] = [];
  const errors: unknown[] = [];
  let onFailure = (): void => {};
  const server = createServer({
    domains: ['im.example.com'],
    accounts,
    certificate,
    ports: { starttls: 0, directTls: 0 },
    onError: (error) => errors.push(error),
    ...options,
    onFailure(failed) {
      failures.push(explainFailure(failed).name);
      onFailure();
    },
  });
  await server.start();
  const [starttls = 0, directTls = 0] = server.addresses.map(({ port }) => port);
  return {
    server,
    starttls,
    directTls,
    failures,
    errors,
    failed: async (count) =>
      new Promise((resolve) => {
        onFailure = () => {
          if (failures.length >= count) resolve(failures);
        };
        onFailure();
      }),
    login: async (name = 'juliet', more = {}) =>
      connect({
        jid: `${name}@im.example.com`,
        password: 'secret',
        host: '127.0.0.1',
        port: starttls,
        tls: { ca: certificate.ca },
        ...more,
      }),
    async tcp(port = starttls) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
    async tls() {
      const socket = connectTls({
        host: '127.0.0.1',
        port: directTls,
        ca: certificate.ca,
        servername: 'im.example.com',
      });
      socket.on('error', () => {});
      await once(socket, 'secureConnect');
      return socket;
    },
  };
}

/** The end of a socket, however it came: `once` would take an error for a failure. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

/** All that comes until a text does, or the end. */
export async function heard(socket: Socket, until: string): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const look = (chunk: Buffer): void => {
      text += chunk.toString();
      if (!text.includes(until)) return;
      socket.off('data', look);
      resolve(text);
    };
    socket.on('data', look);
    socket.once('close', () => resolve(text));
  });
}

/** Passes bytes on to a port until so many have gone one way, then cuts both connections. */
export async function cutter(
  port: number,
  { of, after }: { readonly of: 'client' | 'server'; readonly after: number },
): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const proxy = createTcpServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    let left = after;
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const [from, to, side] of [
      [near, far, 'client'],
      [far, near, 'server'],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', cut);
      from.on('data', (chunk: Buffer) => {
        const arriving = side === of ? chunk.subarray(0, left) : chunk;
        if (side === of) left -= arriving.length;
        to.write(arriving, () => {
          if (left <= 0) cut();
        });
      });
    }
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    // A server that listens on a port has an AddressInfo.
    port: (proxy.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      proxy.close();
    },
  };
}
