import { describe, expect, it, vi } from 'vitest';
import { WebSocketLink } from '../src/web-socket-link.ts';
import { FakeSocket } from './support/fake-socket.ts';

const STANZA = "<message xmlns='jabber:client'/>";

/** A link with an open socket, and what it has told. */
async function linked(): Promise<{ socket: FakeSocket; link: WebSocketLink; told: string[] }> {
  const socket = new FakeSocket();
  const link = new WebSocketLink(socket);
  const told = attach(link);
  await Promise.resolve();
  return { socket, link, told };
}

function attach(link: WebSocketLink): string[] {
  const told: string[] = [];
  link.attach({
    onInput: (input) => told.push(`input ${String(input)}`),
    onEof: () => told.push('eof'),
    onError: ({ message }) => told.push(`error ${message}`),
    onDrain: () => {
      told.push('drain');
      link.resume();
    },
    onClose: () => told.push('close'),
  });
  return told;
}

/** How many elements the arrays moved to close gaps, while this ran. */
function countMoved(run: () => void): number {
  const { splice } = Array.prototype;
  let moved = 0;
  const spy = vi.spyOn(Array.prototype, 'splice').mockImplementation(function (this: unknown[], start, count) {
    moved += this.length - start - count;
    return Reflect.apply(splice, this, [start, count]);
  });
  try {
    run();
  } finally {
    spy.mockRestore();
  }
  return moved;
}

const receive = (socket: FakeSocket, data: unknown): void => socket.tell('message', { data });

describe('the link over a WebSocket', () => {
  it('ends when its socket closes while much waits: nobody will take that any more', async () => {
    const { socket, link, told } = await linked();
    socket.isFlowing = false;
    link.write('x'.repeat(70_000));
    expect(link.bufferedOutput).toBe(70_000);
    // As the driver does while the peer does not keep up.
    link.pause();
    receive(socket, STANZA);
    socket.die(1000);
    expect(socket.bufferedAmount).toBe(70_000);
    expect(link.bufferedOutput).toBe(0);
    expect(told).toEqual(['drain', `input ${STANZA}`, 'close']);
  });

  it('tells no drain at the end when nothing was held up', async () => {
    const { socket, link, told } = await linked();
    link.write(STANZA);
    socket.die(1000);
    expect(told).toEqual(['close']);
  });

  const BINARY = 'error the peer sent a binary message: XMPP over WebSocket is text (RFC 7395 §3.2)';

  it('does not hold binary messages for a driver that is behind: the first one ends it', async () => {
    const { socket, link, told } = await linked();
    link.pause();
    receive(socket, STANZA);
    receive(socket, new ArrayBuffer(8));
    receive(socket, new ArrayBuffer(8));
    receive(socket, STANZA);
    expect(told).toEqual([BINARY, 'close']);
    expect(socket.closedWith).toEqual([undefined]);
  });

  it('tells a driver that comes later of a binary message', async () => {
    const socket = new FakeSocket();
    const link = new WebSocketLink(socket);
    receive(socket, STANZA);
    receive(socket, new ArrayBuffer(8));
    receive(socket, STANZA);
    const told = attach(link);
    expect(told).toEqual([]);
    await Promise.resolve();
    expect(told).toEqual([BINARY, 'close']);
  });

  it('counts every message that is held, the empty ones too', async () => {
    const { socket, link, told } = await linked();
    link.pause();
    for (let sent = 0; sent < 262_144; sent++) receive(socket, '');
    expect(told).toEqual([]);
    receive(socket, '');
    await Promise.resolve();
    expect(told).toEqual([expect.stringMatching(/^error nobody reads/), 'close']);
  });

  it('counts no more what was passed on', async () => {
    const { socket, link, told } = await linked();
    for (let round = 0; round < 3; round++) {
      link.pause();
      for (let sent = 0; sent < 15; sent++) receive(socket, 'x'.repeat(1_000_000));
      link.resume();
    }
    expect(told).toHaveLength(45);
    expect(told.every((each) => each.startsWith('input'))).toBe(true);
  });

  it('passes messages on one by one, in order, at the price of one however many are held', async () => {
    const socket = new FakeSocket();
    const link = new WebSocketLink(socket);
    const inputs: unknown[] = [];
    link.attach({
      onInput: (input) => {
        inputs.push(input);
        link.pause();
      },
      onEof: () => {},
      onError: () => {},
      onDrain: () => {},
      onClose: () => inputs.push('close'),
    });
    await Promise.resolve();
    link.pause();
    const all = Array.from({ length: 1000 }, (_, index) => `<a${index}/>`);
    const moved = countMoved(() => {
      for (const each of all) receive(socket, each);
      for (const _ of all) link.resume();
    });
    socket.die(1000);
    expect(inputs).toEqual([...all, 'close']);
    expect(moved).toBeLessThan(3 * all.length);
  });
});
