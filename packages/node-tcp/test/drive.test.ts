import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { CloseCause, InitiatingEvent, StartTlsAsk } from '@xmpp-wire/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { now } from '../src/deadline-timer.ts';
import { Driver } from '../src/drive.ts';
import type { ConnectionEnd, DrivenEntity, DriverHooks } from '../src/driven.ts';

type Next = Exclude<InitiatingEvent, { type: 'need-input' | 'ended' }>;

const CLOSED: CloseCause = { code: 'closed-by-peer', seeOtherUri: undefined };
const closed = (transport: 'end' | 'abort'): Next => ({ type: 'closed', cause: CLOSED, transport });
const startTls: StartTlsAsk = { type: 'ask', ask: 'start-tls', domain: 'im.example.com' };
const peerClosing: Next = { type: 'peer-closing' };

/** An entity that says what the test gives it, and a socket that notes what is done to it. */
function harness(more: Partial<DriverHooks> = {}) {
  const log: string[] = [];
  const events: Next[] = [];
  const output: string[] = [];
  const state = {
    wantsInput: true,
    behind: false,
    readable: '',
    deadline: undefined as number | undefined,
    congested: false,
  };

  class FakeSocket extends EventEmitter {
    destroyed = false;
    closed = false;
    writable = true;
    #flowing = true;
    get writableLength(): number {
      return state.congested ? 1_000_000 : 0;
    }
    get readableLength(): number {
      return state.readable.length;
    }
    read(): Buffer {
      log.push('read');
      return Buffer.from(state.readable);
    }
    isPaused(): boolean {
      return !this.#flowing;
    }
    pause(): this {
      log.push('pause');
      this.#flowing = false;
      return this;
    }
    resume(): this {
      log.push('resume');
      this.#flowing = true;
      return this;
    }
    write(bytes: Uint8Array): boolean {
      log.push(`write ${Buffer.from(bytes).toString()}`);
      return true;
    }
    end(): this {
      log.push('end');
      return this;
    }
    destroy(): this {
      if (this.destroyed) return this;
      log.push('destroy');
      this.destroyed = true;
      return this;
    }
  }

  const entity = {
    get wantsInput() {
      return state.wantsInput;
    },
    bufferedOutput: 0,
    phase: 'established',
    receive: (bytes: Uint8Array) => void log.push(`receive ${Buffer.from(bytes).toString()}`),
    receiveEof: () => void log.push('eof'),
    handleTimeout: () => {
      log.push('timeout');
      state.deadline = undefined;
    },
    close: () => void log.push('close'),
    answer: (ask: { ask: string }, answer: unknown) => {
      log.push(`answer ${ask.ask} ${typeof answer === 'string' ? answer : 'facts'}`);
      return true;
    },
    nextEvent: () => events.shift() ?? { type: 'need-input' },
    takeOutput: () => {
      const text = output.splice(0).join('');
      return text === '' ? undefined : Buffer.from(text);
    },
    nextTimeout: () => state.deadline,
  };
  const ends: ConnectionEnd[] = [];
  const raw = new FakeSocket();
  // As much of an entity and of a socket as the driver uses.
  const driver = new Driver(
    entity as unknown as DrivenEntity,
    raw as unknown as Socket,
    {
      onEvent: ({ type }) => void log.push(`event ${type}`),
      onAsk: ({ ask }) => void log.push(`ask ${ask}`),
      isBehind: () => state.behind,
      startTls: async () => new Promise(() => {}),
      onDrain: () => {},
      onStreamClosed: () => void log.push('stream closed'),
      onEnd: (end) => void ends.push(end),
      ...more,
    },
    { maxBufferedOutput: 2_000_000, lingering: 100 },
  );
  return { driver, raw, log, events, output, state, ends, FakeSocket };
}

describe('the pump', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('[rule 3] writes all output before it acts on an event', () => {
    const { driver, log, events, output } = harness();
    output.push('<a/>');
    events.push(peerClosing);
    driver.start();
    expect(log).toEqual(['write <a/>', 'event peer-closing']);
  });

  it('[rule 3] [S5] stops reading before it writes when TLS is to begin', () => {
    const { driver, log, events, output, raw } = harness();
    driver.start();
    output.push('<proceed/>');
    events.push(startTls, { type: 'paused' });
    driver.pump();
    expect(log).toEqual(['pause', 'write <proceed/>']);
    // Nothing of the driver listens to the clear-text socket any more.
    expect(raw.eventNames()).toEqual([]);
  });

  it('[S5] gives bytes that came before TLS to the entity and not to TLS', () => {
    const begun: string[] = [];
    const { driver, log, events, state } = harness({
      startTls: async () => {
        begun.push('handshake');
        return new Promise(() => {});
      },
    });
    driver.start();
    state.readable = '<success/>';
    events.push(startTls, closed('abort'));
    driver.pump();
    expect(log).toEqual(['pause', 'read', 'receive <success/>', 'stream closed', 'destroy']);
    expect(begun).toEqual([]);
  });

  it('answers with the facts of TLS and goes on with the protected socket', async () => {
    const { driver, log, events, raw, FakeSocket } = harness({
      startTls: async () => ({ socket: secured as never, facts: {} as never }),
    });
    const secured = new FakeSocket();
    driver.start();
    events.push(startTls);
    driver.pump();
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['pause', 'answer start-tls facts']);
    secured.emit('data', Buffer.from('x'));
    raw.emit('data', Buffer.from('y'));
    expect(log.at(-1)).toBe('receive x');
  });

  it('answers that TLS failed when it did', async () => {
    const { driver, log, events } = harness({ startTls: async () => Promise.reject(new Error('no')) });
    driver.start();
    events.push(startTls);
    driver.pump();
    events.push(closed('abort'));
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['pause', 'answer start-tls failed', 'stream closed', 'destroy']);
  });

  it('[rule 6] drops a handshake that comes too late', async () => {
    let done: (secured: never) => void = () => {};
    const { driver, log, events, ends, FakeSocket } = harness({
      startTls: async () => new Promise((resolve) => (done = resolve)),
    });
    const secured = new FakeSocket();
    driver.start();
    events.push(startTls);
    driver.pump();
    events.push(closed('abort'));
    driver.close();
    expect(ends).toEqual([{ cause: CLOSED, error: undefined }]);
    done({ socket: secured, facts: {} } as never);
    await vi.advanceTimersByTimeAsync(0);
    expect(secured.destroyed).toBe(true);
    expect(log).not.toContain('answer start-tls facts');
  });

  it('does not begin again inside itself', () => {
    const { driver, log, events } = harness({
      onEvent: () => {
        log.push('in');
        events.push(closed('end'));
        driver.close();
        log.push('out');
      },
    });
    driver.start();
    events.push(peerClosing);
    driver.pump();
    expect(log).toEqual(['in', 'close', 'out', 'stream closed', 'end', 'resume']);
  });

  it('stops reading while the entity wants no input, and goes on when it does', () => {
    const { driver, log, state, raw } = harness();
    driver.start();
    state.wantsInput = false;
    raw.emit('data', Buffer.from('x'));
    expect(log).toEqual(['receive x', 'pause']);
    state.wantsInput = true;
    driver.pump();
    expect(log.at(-1)).toBe('resume');
  });

  it('takes no event and reads nothing while the application is behind', () => {
    const { driver, log, events, state } = harness();
    driver.start();
    state.behind = true;
    events.push(peerClosing);
    driver.pump();
    expect(log).toEqual(['pause']);
    state.behind = false;
    driver.pump();
    expect(log).toEqual(['pause', 'event peer-closing', 'resume']);
  });

  it('takes no event and reads nothing while the peer does not read', () => {
    const { driver, log, events, state, raw } = harness();
    driver.start();
    state.congested = true;
    events.push(peerClosing);
    driver.pump();
    expect(log).toEqual(['pause']);
    state.congested = false;
    raw.emit('drain');
    expect(log).toEqual(['pause', 'event peer-closing', 'resume']);
  });

  it('[rule 8] calls handleTimeout when the deadline is there, and only then', async () => {
    const { driver, log, state } = harness();
    state.deadline = now() + 1000;
    driver.start();
    await vi.advanceTimersByTimeAsync(900);
    // The deadline moves on without the timer being touched.
    state.deadline += 500;
    driver.pump();
    await vi.advanceTimersByTimeAsync(500);
    expect(log).toEqual([]);
    await vi.advanceTimersByTimeAsync(101);
    expect(log).toEqual(['timeout']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('brings an earlier deadline forward', async () => {
    const { driver, log, state } = harness();
    state.deadline = now() + 10_000;
    driver.start();
    state.deadline = now() + 10;
    driver.pump();
    await vi.advanceTimersByTimeAsync(11);
    expect(log).toEqual(['timeout']);
  });

  it('ends the transport in order and cuts it when the peer does not', async () => {
    const { driver, log, events, ends, raw } = harness();
    driver.start();
    events.push(closed('end'));
    driver.pump();
    expect(log).toEqual(['stream closed', 'end', 'resume']);
    await vi.advanceTimersByTimeAsync(100);
    expect(log.at(-1)).toBe('destroy');
    expect(ends).toEqual([]);
    raw.emit('close');
    expect(ends).toEqual([{ cause: CLOSED, error: undefined }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('destroys a socket that reports an error, and keeps the error', () => {
    const { driver, log, events, ends, raw } = harness();
    driver.start();
    raw.emit('error', new Error('reset'));
    expect(log).toEqual(['destroy']);
    events.push(closed('abort'));
    raw.closed = true;
    raw.emit('close');
    expect(log).toEqual(['destroy', 'eof', 'stream closed']);
    expect(ends).toEqual([{ cause: CLOSED, error: new Error('reset') }]);
  });
});
