// A TCP proxy on loopback that does to a connection what networks do: it counts, stops, and cuts.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @import { AddressInfo, Socket } from 'node:net' */

const LOOPBACK = '127.0.0.1';

/**
 * @typedef {object} Proxy
 * @property {number} port
 * @property {{ toServer: number, toClient: number }} passed bytes so far, of all connections
 * @property {(direction: 'toServer' | 'toClient') => void} stall nothing more is read for that direction
 * @property {() => void} flow everything is read again
 * @property {(direction: 'toServer' | 'toClient', bytes: number) => void} cutAfter the connection is cut behind so many more bytes
 * @property {() => void} endClient ends the client's half towards the server, and lets the rest go on
 * @property {() => Promise<void>} close
 */

/** @param {number} target a port @returns {Promise<Proxy>} */
export async function startProxy(target) {
  const passed = { toServer: 0, toClient: 0 };
  const cutAt = { toServer: Infinity, toClient: Infinity };
  /** @type {Set<'toServer' | 'toClient'>} */
  const stalled = new Set();
  /** @type {{ client: Socket, server: Socket }[]} */
  const pairs = [];

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: target, host: LOOPBACK, allowHalfOpen: true });
    const pair = { client, server };
    pairs.push(pair);
    const cut = () => {
      // As networks do: without a goodbye.
      client.resetAndDestroy?.();
      client.destroy();
      server.destroy();
    };
    /** @param {Socket} from @param {Socket} to @param {'toServer' | 'toClient'} direction */
    const pass = (from, to, direction) => {
      from.on('error', () => {});
      from.on('data', (chunk) => {
        const room = cutAt[direction] - passed[direction];
        const part = chunk.subarray(0, Math.max(0, room));
        passed[direction] += part.length;
        const hasRoom = to.writable && part.length > 0 ? to.write(part) : true;
        if (room <= chunk.length) {
          setImmediate(cut);
          return;
        }
        if (!hasRoom) from.pause();
      });
      to.on('drain', () => {
        if (!stalled.has(direction)) from.resume();
      });
      from.on('end', () => to.end());
      from.on('close', () => to.destroy());
      if (stalled.has(direction)) from.pause();
      if (cutAt[direction] <= passed[direction]) setImmediate(cut);
    };
    pass(client, server, 'toServer');
    pass(server, client, 'toClient');
  });
  listener.listen(0, LOOPBACK);
  await once(listener, 'listening');
  const steer = () => {
    for (const { client, server } of pairs) {
      client[stalled.has('toServer') ? 'pause' : 'resume']();
      server[stalled.has('toClient') ? 'pause' : 'resume']();
    }
  };
  return {
    // A listening TCP server has an AddressInfo.
    port: /** @type {AddressInfo} */ (listener.address()).port,
    passed,
    stall(direction) {
      stalled.add(direction);
      steer();
    },
    flow() {
      stalled.clear();
      steer();
    },
    cutAfter(direction, bytes) {
      cutAt[direction] = passed[direction] + bytes;
    },
    endClient() {
      for (const { server } of pairs) server.end();
    },
    async close() {
      for (const { client, server } of pairs) {
        client.destroy();
        server.destroy();
      }
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A server on loopback that accepts connections and never says anything. */
export async function startSilence() {
  /** @type {Socket[]} */
  const sockets = [];
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  listener.listen(0, LOOPBACK);
  await once(listener, 'listening');
  return {
    // A listening TCP server has an AddressInfo.
    port: /** @type {AddressInfo} */ (listener.address()).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A client on loopback that connects and never says anything; resolves when the server ends it. @param {number} port */
export async function stayMute(port) {
  const socket = connect({ port, host: LOOPBACK });
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
}
