import { jid, type CloseCause } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { timerDelay } from '../src/deadline-timer.ts';
import { Driver } from '../src/drive.ts';
import type { DrivenEntity } from '../src/driven.ts';
import { Reception, timed } from '../src/index.ts';
import type { ByteLink } from '../src/link.ts';
import { systemScheduler } from '../src/reconnect/scheduler.ts';
import { Requests } from '../src/requests.ts';

const LONGEST = 2 ** 31 - 1;
const ENDPOINT = { address: undefined, port: undefined };

/** A link whose peer does nothing. */
function silentLink(log: string[]): ByteLink {
  return {
    carries: 'bytes',
    local: ENDPOINT,
    remote: ENDPOINT,
    bufferedOutput: 0,
    attach() {},
    pause() {},
    resume() {},
    write() {},
    end: () => void log.push('end'),
    abort: () => void log.push('abort'),
  };
}

describe('delays longer than timers take', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are as long as can be; others stay, in whole milliseconds', () => {
    expect([2 ** 32, Infinity, LONGEST + 0.5].map(timerDelay)).toEqual([LONGEST, LONGEST, LONGEST]);
    expect([-1, 0, 0.2, 5].map(timerDelay)).toEqual([0, 0, 1, 5]);
  });

  it('of a request: it sleeps and looks again, and times out when it is time', async () => {
    const requests = new Requests(jid('juliet@im.example.com/balcony'), (length) => new Uint8Array(length), 1000);
    const failure = vi.fn<(reason: unknown) => void>();
    const set = vi.spyOn(globalThis, 'setTimeout');
    requests
      .request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) }, () => true, { timeout: 2 ** 32 })
      .catch(failure);
    await vi.advanceTimersByTimeAsync(2 ** 32 - 1000);
    expect(failure).not.toHaveBeenCalled();
    expect(set.mock.calls.length).toBeLessThan(4);
    await vi.advanceTimersByTimeAsync(1000);
    expect(failure).toHaveBeenCalledWith(expect.objectContaining({ code: 'request-timed-out' }));
  });

  it('of a server that closes: it waits for its connections', async () => {
    const reception = new Reception(
      {
        domain: 'im.example.com',
        asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
        onConnection() {},
      },
      'bytes',
    );
    const log: string[] = [];
    reception.admit(ENDPOINT, ENDPOINT, () => {})?.serve(silentLink(log), { kind: 'trusted' });
    void reception.close(Infinity);
    log.length = 0;
    await vi.advanceTimersByTimeAsync(10);
    expect(log).toEqual([]);
  });

  it('of a link that is to linger: it is not cut', async () => {
    const log: string[] = [];
    const cause: CloseCause = { code: 'closed-by-peer', seeOtherUri: undefined };
    const entity = {
      phase: 'closed',
      bufferedOutput: 0,
      nextEvent: () => ({ type: 'closed', cause, transport: 'end' }),
      takeOutput: () => undefined,
    };
    const hooks = {
      onEvent() {},
      onAsk() {},
      isBehind: () => false,
      startTls: async (): Promise<never> => new Promise(() => {}),
      onDrain() {},
      onStreamClosed() {},
      onEnd() {},
    };
    const settings = { maxBufferedOutput: 1000, lingering: Infinity, defer() {} };
    // As much of an entity as the driver uses.
    new Driver(entity as unknown as DrivenEntity, silentLink(log), hooks, settings).start();
    await vi.advanceTimersByTimeAsync(10);
    expect(log).toEqual(['end']);
  });

  it('of what is timed and of a session: nothing is over at once', async () => {
    const over = vi.fn<() => void>();
    const { signal } = new AbortController();
    timed(new Promise(() => {}), Infinity, signal, () => new Error('late')).catch(over);
    systemScheduler.after(Infinity, over);
    await vi.advanceTimersByTimeAsync(10);
    expect(over).not.toHaveBeenCalled();
  });
});
