import { describe, expect, it } from 'vitest';
import { WebSocketLink } from '../src/web-socket-link.ts';
import { FakeSocket } from './support/fake-socket.ts';

const STANZA = "<message xmlns='jabber:client'/>";

/** A link with an open socket, and what it has told. */
async function linked(): Promise<{ socket: FakeSocket; link: WebSocketLink; told: string[] }> {
  const socket = new FakeSocket();
  const link = new WebSocketLink(socket);
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
  await Promise.resolve();
  return { socket, link, told };
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
});
