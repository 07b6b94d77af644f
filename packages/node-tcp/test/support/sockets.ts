import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** A raw server on loopback that hands each connection to a function of the test. */
export interface RawServer {
  readonly port: number;
  readonly sockets: readonly Socket[];
  close(): Promise<void>;
}

/** Listens on loopback; errors of the sockets are nobody's. */
export async function rawServer(onSocket: (socket: Socket) => void): Promise<RawServer> {
  const sockets: Socket[] = [];
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen(0, LOOPBACK);
  await once(server, 'listening');
  return {
    // A listening TCP server has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A raw client on loopback. */
export async function rawClient(port: number): Promise<Socket> {
  const socket = connect({ port, host: LOOPBACK, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Two ends of one TCP connection on loopback. */
export async function socketPair(): Promise<{ client: Socket; server: Socket; close: () => Promise<void> }> {
  let accepted: (socket: Socket) => void = () => {};
  const arrived = new Promise<Socket>((resolve) => (accepted = resolve));
  const raw = await rawServer((socket) => accepted(socket));
  const client = await rawClient(raw.port);
  return {
    client,
    server: await arrived,
    close: async () => {
      client.destroy();
      await raw.close();
    },
  };
}

/** Reads until the text holds `end`; rejects when the connection ends before. */
export async function readUntil(socket: Socket, end: string): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      if (!text.includes(end)) return;
      stop();
      resolve(text);
    };
    const onEnd = (): void => {
      stop();
      reject(new Error(`the connection ended after ${JSON.stringify(text)}, before ${end}`));
    };
    const stop = (): void => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd);
      socket.pause();
    };
    socket.on('data', onData).on('end', onEnd).on('close', onEnd);
    socket.resume();
  });
}

/** Everything that arrives until the connection ends. */
export async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  await new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', resolve);
  });
  return Buffer.concat(chunks).toString('utf8');
}
