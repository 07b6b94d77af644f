import { presence, type CloseCause, type InitiatingEvent, type StartTlsAsk } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { now } from '../src/deadline-timer.ts';
import { Driver } from '../src/drive.ts';
import type { ConnectionEnd, DrivenEntity, DriverHooks } from '../src/driven.ts';
import type { ByteLink, Endpoint, LinkHandlers } from '../src/link.ts';

type Next = Exclude<InitiatingEvent, { type: 'need-input' | 'ended' }>;

const CLOSED: CloseCause = { code: 'closed-by-peer', seeOtherUri: undefined };
const closed = (transport: 'end' | 'abort'): Next => ({ type: 'closed', cause: CLOSED, transport });
const startTls: StartTlsAsk = { type: 'ask', ask: 'start-tls', domain: 'im.example.com' };
const peerClosing: Next = { type: 'peer-closing' };

/** A link that notes what is done to it, and that reports what the test says. */
class FakeLink implements ByteLink {
  readonly carries = 'bytes';
  readonly local: Endpoint = { address: undefined, port: undefined };
  readonly remote: Endpoint = this.local;
  bufferedOutput = 0;
  /** What `release` finds. */
  early: string | undefined;
  isAborted = false;
  handlers: LinkHandlers | undefined;
  readonly #log: string[];

  constructor(log: string[]) {
    this.#log = log;
  }

  attach(handlers: LinkHandlers): void {
    this.handlers = handlers;
  }

  pause(): void {
    this.#log.push('pause');
  }

  resume(): void {
    this.#log.push('resume');
  }

  write(bytes: Uint8Array): void {
    this.#log.push(`write ${text(bytes)}`);
  }

  release(): Uint8Array | undefined {
    this.#log.push('release');
    return this.early === undefined ? undefined : bytes(this.early);
  }

  end(): void {
    this.#log.push('end');
  }

  abort(): void {
    this.#log.push('abort');
    this.isAborted = true;
  }
}

const text = (of: Uint8Array): string => new TextDecoder().decode(of);
const bytes = (of: string): Uint8Array => new TextEncoder().encode(of);

/** An entity that says what the test gives it, and a link. */
function harness(more: Partial<DriverHooks> = {}) {
  const log: string[] = [];
  const events: Next[] = [];
  const output: string[] = [];
  const deferred: (() => void)[] = [];
  const state = {
    wantsInput: true,
    behind: false,
    deadline: undefined as number | undefined,
    bufferedOutput: 0,
    stanzaSize: 0,
  };
  const entity = {
    get wantsInput() {
      return state.wantsInput;
    },
    get bufferedOutput() {
      return state.bufferedOutput;
    },
    phase: 'established',
    receive: (input: Uint8Array) => void log.push(`receive ${text(input)}`),
    receiveEof: () => void log.push('eof'),
    handleTimeout: () => {
      log.push('timeout');
      state.deadline = undefined;
    },
    send: () => {
      output.push('<stanza/>');
      state.bufferedOutput += state.stanzaSize;
      return true;
    },
    sendElement: () => entity.send(),
    close: () => void log.push('close'),
    answer: (ask: { ask: string }, answer: unknown) => {
      log.push(`answer ${ask.ask} ${typeof answer === 'string' ? answer : 'facts'}`);
      return true;
    },
    nextEvent: () => events.shift() ?? { type: 'need-input' },
    takeOutput: () => {
      const taken = output.splice(0).join('');
      state.bufferedOutput = 0;
      return taken === '' ? undefined : bytes(taken);
    },
    nextTimeout: () => state.deadline,
  };
  const ends: ConnectionEnd[] = [];
  const link = new FakeLink(log);
  const driver = new Driver(
    // As much of an entity as the driver uses.
    entity as unknown as DrivenEntity,
    link,
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
    { maxBufferedOutput: 2_000_000, lingering: 100, defer: (task) => void deferred.push(task) },
  );
  return { driver, link, log, events, output, deferred, state, ends };
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
    const { driver, log, events, output, link } = harness();
    driver.start();
    output.push('<proceed/>');
    events.push(startTls, { type: 'paused' });
    driver.pump();
    expect(log).toEqual(['release', 'write <proceed/>']);
    // Nothing of the driver listens to the clear-text link any more.
    link.handlers?.onInput(bytes('x'));
    link.handlers?.onEof();
    link.handlers?.onClose();
    expect(log).toEqual(['release', 'write <proceed/>']);
  });

  it('[S5] gives bytes that came before TLS to the entity and not to TLS', () => {
    const begun: string[] = [];
    const { driver, log, events, link } = harness({
      startTls: async () => {
        begun.push('handshake');
        return new Promise(() => {});
      },
    });
    driver.start();
    link.early = '<success/>';
    events.push(startTls, closed('abort'));
    driver.pump();
    expect(log).toEqual(['release', 'receive <success/>', 'stream closed', 'abort']);
    expect(begun).toEqual([]);
  });

  it('answers with the facts of TLS and goes on with the protected link', async () => {
    const { driver, log, events, link } = harness({
      startTls: async () => ({ link: secured, facts: {} as never }),
    });
    const secured = new FakeLink(log);
    driver.start();
    events.push(startTls);
    driver.pump();
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['release', 'answer start-tls facts']);
    secured.handlers?.onInput(bytes('x'));
    link.handlers?.onInput(bytes('y'));
    expect(log.at(-1)).toBe('receive x');
  });

  it('answers that TLS failed when it did', async () => {
    const { driver, log, events } = harness({ startTls: async () => Promise.reject(new Error('no')) });
    driver.start();
    events.push(startTls);
    driver.pump();
    events.push(closed('abort'));
    await vi.advanceTimersByTimeAsync(0);
    expect(log).toEqual(['release', 'answer start-tls failed', 'stream closed', 'abort']);
  });

  it('[rule 6] drops a handshake that comes too late', async () => {
    let done: (secured: never) => void = () => {};
    const { driver, log, events, ends } = harness({
      startTls: async () => new Promise((resolve) => (done = resolve)),
    });
    const secured = new FakeLink(log);
    driver.start();
    events.push(startTls);
    driver.pump();
    events.push(closed('abort'));
    driver.close();
    expect(ends).toEqual([{ cause: CLOSED, error: undefined }]);
    done({ link: secured, facts: {} } as never);
    await vi.advanceTimersByTimeAsync(0);
    expect(secured.isAborted).toBe(true);
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
    expect(log).toEqual(['in', 'close', 'out', 'stream closed', 'end']);
  });

  it('stops reading while the entity wants no input, and goes on when it does', () => {
    const { driver, log, state, link } = harness();
    driver.start();
    state.wantsInput = false;
    link.handlers?.onInput(bytes('x'));
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

  it('lets whoever waits for room go when the link is gone, and sends nothing any more', () => {
    const { driver, log, events, state, link, ends } = harness({
      // Who waited for room reads on, and is no longer behind.
      onDrain: () => {
        log.push('drain');
        state.behind = false;
      },
    });
    driver.start();
    link.bufferedOutput = 1_000_000;
    state.behind = true;
    expect(driver.isCongested).toBe(true);
    expect(driver.send(presence())).toBe(true);
    events.push(peerClosing, closed('abort'));
    link.handlers?.onClose();
    expect(log).toEqual(['drain', 'eof', 'event peer-closing', 'stream closed', 'abort', 'drain']);
    expect(ends).toEqual([{ cause: CLOSED, error: undefined }]);
    expect(driver.isCongested).toBe(false);
    expect(driver.send(presence())).toBe(false);
    expect(driver.sendElement(xml('a', { xmlns: 'urn:example' }))).toBe(false);
    expect(log.at(-1)).toBe('drain');
  });

  it('answers that nothing was sent when sending is what cuts the connection', () => {
    const { driver, log, state, link } = harness();
    driver.start();
    link.bufferedOutput = 3_000_000;
    state.stanzaSize = 65_536;
    expect(driver.send(presence())).toBe(false);
    expect(log).toEqual(['write <stanza/>', 'abort', 'eof']);
  });

  it('takes no event and reads nothing while the peer does not read what the entity itself says', () => {
    const { driver, log, events, output, state, link } = harness();
    driver.start();
    for (let said = 0; said < 2; said++) {
      output.push('<a/>');
      state.bufferedOutput = 40_000;
      link.bufferedOutput += 40_000;
      link.handlers?.onInput(bytes('x'));
    }
    expect(log).toEqual(['receive x', 'write <a/>', 'receive x', 'write <a/>', 'pause']);
    events.push(peerClosing);
    driver.pump();
    expect(log.at(-1)).toBe('pause');
    link.bufferedOutput = 60_000;
    link.handlers?.onDrain();
    expect(log.slice(-2)).toEqual(['event peer-closing', 'resume']);
  });

  it('goes on reading while the peer does not read what the application sends', () => {
    const { driver, log, events, output, state, link } = harness();
    driver.start();
    state.stanzaSize = 70_000;
    link.bufferedOutput = 1_000_000;
    expect(driver.send(presence())).toBe(true);
    expect(driver.sendElement(xml('a', { xmlns: 'urn:example' }))).toBe(true);
    // What the entity says beside it counts alone.
    output.push('<a/>');
    state.bufferedOutput += 60_000;
    expect(driver.send(presence())).toBe(true);
    expect(driver.isCongested).toBe(true);
    events.push(peerClosing);
    driver.pump();
    expect(log).toEqual(['write <stanza/>', 'write <stanza/>', 'write <a/><stanza/>', 'event peer-closing']);
  });

  it('forgets what the entity said and the peer has read', () => {
    const { driver, log, output, state, link } = harness();
    driver.start();
    for (let said = 0; said < 10; said++) {
      output.push('<a/>');
      state.bufferedOutput = 40_000;
      // It is read before the next is said.
      link.bufferedOutput = 40_000;
      driver.pump();
      link.bufferedOutput = 0;
      driver.pump();
    }
    expect(log).not.toContain('pause');
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
    const { driver, log, events, ends, link } = harness();
    driver.start();
    events.push(closed('end'));
    driver.pump();
    expect(log).toEqual(['stream closed', 'end']);
    await vi.advanceTimersByTimeAsync(100);
    expect(log.at(-1)).toBe('abort');
    expect(ends).toEqual([]);
    link.handlers?.onClose();
    expect(ends).toEqual([{ cause: CLOSED, error: undefined }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('keeps the error that a link reports, for whoever asks why it ended', () => {
    const { driver, log, events, ends, link } = harness();
    driver.start();
    link.handlers?.onError(new Error('reset'));
    events.push(closed('abort'));
    link.handlers?.onClose();
    expect(log).toEqual(['eof', 'stream closed', 'abort']);
    expect(ends).toEqual([{ cause: CLOSED, error: new Error('reset') }]);
  });

  it('leaves it to the runtime when to send, and sends together what came meanwhile', () => {
    const { driver, log, deferred } = harness();
    driver.start();
    for (let sent = 0; sent < 3; sent++) driver.send(presence());
    expect(log).toEqual([]);
    expect(deferred).toHaveLength(1);
    deferred[0]?.();
    expect(log).toEqual(['write <stanza/><stanza/><stanza/>']);
  });
});
