// Waiting that always ends: every wait has a bound, and the error says what was waited for.
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 25;

/**
 * Polls until `look` gives something other than undefined or false.
 * @template T
 * @param {string} what what is waited for, for the message
 * @param {number} ms
 * @param {() => T | undefined | false | Promise<T | undefined | false>} look
 * @param {() => string | undefined} [gaveUp] a reason why it will never happen, looked at after every poll
 * @returns {Promise<T>}
 */
export async function until(what, ms, look, gaveUp = () => undefined) {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    const reason = gaveUp();
    if (reason !== undefined) throw new Error(`waited for ${what}: ${reason}`);
    if (performance.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await sleep(POLL_MS);
  }
}

/**
 * The value of `promise`, or an error after `ms`.
 * @template T
 * @param {string} what
 * @param {number} ms
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(what, ms, promise) {
  const late = new AbortController();
  const timer = sleep(ms, undefined, { signal: late.signal }).then(() => {
    throw new Error(`waited ${ms} ms for ${what}`);
  });
  timer.catch(() => {});
  try {
    return await Promise.race([promise, timer]);
  } finally {
    late.abort();
  }
}

/**
 * Ports of the loopback interface that are free, all different: they are held open together and then let go.
 * @param {number} count
 * @returns {Promise<number[]>}
 */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(undefined));
      });
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening server has an address');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** @param {number} port @returns {Promise<boolean>} whether something on the loopback interface takes connections */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.setTimeout(1000, () => socket.destroy());
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(false));
  });
}
