import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { CONGESTED, type LinkHandlers } from '@xmpp-wire/driver';
import { describe, expect, it } from 'vitest';
import { SocketLink } from '../../src/tcp/socket-link.ts';
import { socketPair } from '../support/sockets.ts';

/** A link on one end of a connection, what it reports, and the raw other end. */
async function linkPair() {
  const pair = await socketPair();
  pair.server.pause();
  const link = new SocketLink(pair.server);
  const log: string[] = [];
  let told = (): void => {};
  const note = (what: string): void => {
    log.push(what);
    told();
  };
  const handlers: LinkHandlers = {
    onInput: (input) => note(`input ${Buffer.from(input).toString()}`),
    onEof: () => note('eof'),
    onError: ({ message }) => note(`error ${message}`),
    onDrain: () => note('drain'),
    onClose: () => note('close'),
  };
  const until = async (what: string): Promise<void> => {
    while (!log.includes(what)) await new Promise<void>((resolve) => (told = resolve));
  };
  return { ...pair, link, log, handlers, until };
}

/** A link on a stand-in for a socket: what is written leaves chunk by chunk, with each `release`. */
function stalledLink(writableHighWaterMark: number) {
  const leaving: (() => void)[] = [];
  const stream = new Duplex({
    writableHighWaterMark,
    read() {},
    write(_chunk, _encoding, done) {
      leaving.push(() => done());
    },
  });
  // What a link uses of a socket is that of a duplex stream.
  const socket = stream as Socket;
  const link = new SocketLink(socket);
  const log: string[] = [];
  link.attach({
    onInput: () => log.push('input'),
    onEof: () => log.push('eof'),
    onError: ({ message }) => log.push(`error ${message}`),
    onDrain: () => log.push('drain'),
    onClose: () => log.push('close'),
  });
  const release = async (): Promise<void> => {
    leaving.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { link, socket, release, log };
}

describe('a socket as a link', () => {
  it('reports input, the end of it, and its own end', async () => {
    const { link, client, log, handlers, until, close } = await linkPair();
    link.attach(handlers);
    client.end('hello');
    await until('eof');
    expect(log).toEqual(['input hello', 'eof']);
    link.end();
    await until('close');
    expect(log).toEqual(['input hello', 'eof', 'close']);
    expect(link.remote).toEqual({ address: '127.0.0.1', port: expect.any(Number) });
    await close();
  });

  it('reports nothing before attach has returned, and that it is closed also when it was before', async () => {
    const { link, server, log, handlers, until, close } = await linkPair();
    server.destroy();
    await once(server, 'close');
    link.attach(handlers);
    expect(log).toEqual([]);
    await until('close');
    expect(log).toEqual(['close']);
    await close();
  });

  it('is cut by any error', async () => {
    const { link, server, log, handlers, until, close } = await linkPair();
    link.attach(handlers);
    // As a TLS socket does at an attempt to renegotiate: it would live on.
    server.emit('error', new Error('renegotiation'));
    expect(server.destroyed).toBe(true);
    await until('close');
    expect(log[0]).toBe('error renegotiation');
    await close();
  });

  it('drops what comes once our side has ended, and sees the end behind it', async () => {
    const { link, client, log, handlers, until, close } = await linkPair();
    link.attach(handlers);
    link.end();
    client.resume();
    await once(client, 'end');
    client.end('too late');
    await until('close');
    expect(log).toEqual(['eof', 'close']);
    await close();
  });

  it('[S5] gives back what was read and not reported when it is released, and reports nothing more', async () => {
    const { link, server, client, log, handlers, close } = await linkPair();
    link.attach(handlers);
    link.pause();
    client.write('early');
    while (server.readableLength === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.from(link.release() ?? []).toString()).toBe('early');
    server.destroy();
    await once(server, 'close');
    expect(log).toEqual([]);
    await close();
  });

  it('[S5] has nothing to give back when nothing came', async () => {
    const { link, handlers, close } = await linkPair();
    link.attach(handlers);
    expect(link.release()).toBeUndefined();
    await close();
  });

  it.each([16, 16 * CONGESTED])(
    'says once that what waits fell below the limit, whatever the mark of the socket itself: %i bytes',
    async (writableHighWaterMark) => {
      const { link, release, log } = stalledLink(writableHighWaterMark);
      link.write(new Uint8Array(CONGESTED - 1));
      await release();
      expect(log).toEqual([]);
      for (let written = 0; written < 3; written++) link.write(new Uint8Array(CONGESTED));
      expect(link.bufferedOutput).toBe(3 * CONGESTED);
      await release();
      expect(log).toEqual([]);
      while (link.bufferedOutput > 0) await release();
      expect(log).toEqual(['drain']);
      link.write(new Uint8Array(CONGESTED));
      await release();
      expect(log).toEqual(['drain', 'drain']);
    },
  );

  it.each(['cut', 'released'])('does not say so once it is %s', async (how) => {
    const { link, socket, release, log } = stalledLink(16 * CONGESTED);
    link.write(new Uint8Array(CONGESTED));
    link.write(new Uint8Array(CONGESTED));
    if (how === 'cut') {
      link.abort();
      await once(socket, 'close');
    } else {
      link.release();
      while (link.bufferedOutput > 0) await release();
    }
    expect(log).not.toContain('drain');
  });

  it('writes nothing on a socket that is gone', async () => {
    const { link, server, log, handlers, close } = await linkPair();
    link.attach(handlers);
    server.destroy();
    link.write(Buffer.from('x'));
    await once(server, 'close');
    expect(log).toEqual(['close']);
    await close();
  });
});
