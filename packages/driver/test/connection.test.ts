import { jid, presence, type CloseCause, type InitiatingEvent } from '@xmpp-wire/core';
import { describe, expect, it } from 'vitest';
import { Connection } from '../src/connection.ts';
import { Driver } from '../src/drive.ts';
import type { DrivenEntity } from '../src/driven.ts';
import type { ByteLink, LinkHandlers } from '../src/link.ts';

const END: CloseCause = { code: 'unexpected-eof', detail: 'gone' };
const STANZA = { type: 'stanza', stanza: presence(), origin: 'other' } as const;

/** A connection whose peer takes nothing, over an entity that says what the test gives it. */
function open(events: InitiatingEvent[]) {
  let handlers: LinkHandlers | undefined;
  let waiting = 0;
  const endpoint = { address: undefined, port: undefined };
  const link: ByteLink = {
    carries: 'bytes',
    local: endpoint,
    remote: endpoint,
    get bufferedOutput() {
      return waiting;
    },
    attach: (given) => void (handlers = given),
    pause() {},
    resume() {},
    write() {},
    end() {},
    abort() {},
  };
  const entity = {
    wantsInput: true,
    bufferedOutput: 0,
    phase: 'established',
    receiveEof: () => void events.push({ type: 'closed', cause: END, transport: 'abort' }),
    send: () => {
      waiting = 1_000_000;
      return true;
    },
    nextEvent: () => events.shift() ?? { type: 'need-input' },
    takeOutput: () => undefined,
    nextTimeout: () => undefined,
  };
  const driver: Driver = new Driver(
    // As much of an entity as the driver uses.
    entity as unknown as DrivenEntity,
    link,
    {
      onEvent: (event) => connection.deliver(event),
      onAsk() {},
      isBehind: () => connection.isBehind,
      startTls: async () => new Promise(() => {}),
      onDrain: () => connection.drained(),
      onStreamClosed: () => connection.streamClosed(),
      onEnd: (end) => connection.end(end),
    },
    { maxBufferedOutput: 2_000_000, lingering: 100, defer: () => {} },
  );
  const connection: Connection = new Connection(driver, {
    jid: jid('juliet@im.example.com/balcony'),
    tls: undefined,
    redirectsFollowed: 0,
    random: (length) => new Uint8Array(length),
    requestTimeout: undefined,
    maxQueuedEvents: 2,
  });
  driver.start();
  return { connection, onClose: () => handlers?.onClose(), onError: (error: Error) => handlers?.onError(error) };
}

/** Lets everything that is ready to run do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe('a connection', () => {
  it('ends when it is cut while its only reader waits in send(), with a full queue', async () => {
    const { connection, onClose } = open([STANZA, STANZA, STANZA, STANZA]);
    const answers: boolean[] = [];
    const reading = (async () => {
      for await (const stanza of connection.stanzas()) answers.push(await connection.send(stanza));
    })();
    await settle();
    expect(answers).toEqual([]);
    expect(connection.isBehind).toBe(true);
    const ended: unknown[] = [];
    void connection.closed.then((end) => ended.push(end));
    onClose();
    await settle();
    expect(ended).toEqual([{ cause: END, error: undefined }]);
    await reading;
    expect(answers).toEqual([false, false, false, false]);
  });

  it.each([
    ['before the end of the stream is why it ended', true],
    ['behind the end of the stream is nothing to report', false],
  ])('an error %s', async (_what, isBefore) => {
    const reset = new Error('read ECONNRESET');
    const events: InitiatingEvent[] = [];
    const { connection, onClose, onError } = open(events);
    if (isBefore) onError(reset);
    onClose();
    onError(reset);
    const end = await connection.closed;
    expect(end).toEqual({ cause: END, error: isBefore ? reset : undefined });
  });
});
