import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DenoTlsConn } from '../src/deno-api.ts';
import { listen, type Listener, type ListenOptions } from '../src/index.ts';
import { fakeConn, fakeDeno } from './support/fake-deno.ts';

const ERROR = new Error('Too many open files (os error 24)');

let accept: (outcome: DenoTlsConn | Error) => void;
let attempts: number;
let reported: unknown[];
let listener: Listener;

/** Listens; what `accept` of the listener comes to is for the test to say. */
function build(more: Partial<ListenOptions> = {}): void {
  attempts = 0;
  reported = [];
  fakeDeno({
    listenTls: () => ({
      addr: { hostname: '127.0.0.1', port: 5223 },
      accept: async () =>
        new Promise((resolve, reject) => {
          attempts++;
          accept = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
        }),
      close: () => accept(Object.assign(new Error('closed'), { name: 'BadResource' })),
    }),
  });
  listener = listen({
    endpoints: [{ port: 5223, tls: 'direct' }],
    tls: { cert: '', key: '' },
    asks: { 'accept-stream': () => ({ refuse: { condition: 'host-unknown' } }) },
    onConnection: () => {},
    onError: (error) => reported.push(error),
    ...more,
  });
}

beforeEach(() => void vi.useFakeTimers());
afterEach(async () => {
  await listener.close(0);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it.each(['endpoints', 'tls'])('an option that is missing is named: %s', (name) => {
  build();
  // What programs without types pass.
  expect(() => build({ [name]: undefined })).toThrow(new TypeError(`listen() needs '${name}'`));
});

describe('an accept that fails', () => {
  /** Lets it fail; how long until it is tried again. */
  const pauseAfterFailure = async (): Promise<number> => {
    const before = attempts;
    accept(ERROR);
    for (let waited = 0; ; waited++) {
      await vi.advanceTimersByTimeAsync(waited === 0 ? 0 : 1);
      if (attempts > before) return waited;
    }
  };

  it('is tried again after a while, a longer one each time, and is reported each time', async () => {
    build();
    const pauses: number[] = [];
    for (let failed = 0; failed < 10; failed++) pauses.push(await pauseAfterFailure());
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
    expect(reported).toEqual(pauses.map(() => ERROR));
  });

  it('is soon tried again when it went well in between', async () => {
    build();
    await pauseAfterFailure();
    await pauseAfterFailure();
    accept(fakeConn());
    await vi.advanceTimersByTimeAsync(0);
    expect(await pauseAfterFailure()).toBe(5);
  });
});

describe('a client that does not begin its TLS handshake', () => {
  it.each([
    [400, 400],
    [2 ** 31, 2 ** 31 - 1],
    [Infinity, 2 ** 31 - 1],
  ])('is cut at the deadline of %d ms', async (handshakeTimeout, deadline) => {
    const failures: unknown[] = [];
    build({ handshakeTimeout, onFailure: ({ error }) => failures.push(error) });
    const conn = fakeConn();
    accept(conn);
    await vi.advanceTimersByTimeAsync(deadline - 1);
    expect([conn.isOpen, listener.size, failures.length]).toEqual([true, 1, 0]);
    await vi.advanceTimersByTimeAsync(1);
    expect([conn.isOpen, listener.size, failures.length]).toEqual([false, 0, 1]);
  });
});
