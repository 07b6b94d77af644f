import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HostAddress } from '../../src/dns/resolver.ts';
import { CONNECTION_ATTEMPT_DELAY, interleaveFamilies, raceAddresses } from '../../src/tcp/race.ts';

const v6 = (last: number): HostAddress => ({ address: `2001:db8::${last}`, family: 6 });
const v4 = (last: number): HostAddress => ({ address: `192.0.2.${last}`, family: 4 });

interface Attempt {
  readonly address: string;
  readonly signal: AbortSignal;
  readonly succeed: () => void;
  readonly fail: (error: Error) => void;
}

/** Attempts that end when the test says so. */
function attempts() {
  const made: Attempt[] = [];
  const discarded: string[] = [];
  const dial = ({ address }: HostAddress, signal: AbortSignal) =>
    new Promise<string>((resolve, reject) => {
      made.push({ address, signal, succeed: () => resolve(address), fail: reject });
    });
  const discard = (connection: string) => void discarded.push(connection);
  return { made, discarded, dial, discard };
}

const never = new AbortController().signal;
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('racing addresses (RFC 8305)', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('begins the next attempt when one takes long, and leaves the first to go on', async () => {
    const { made, dial, discard } = attempts();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: never });
    expect(made.map(({ address }) => address)).toEqual(['2001:db8::1']);
    await vi.advanceTimersByTimeAsync(CONNECTION_ATTEMPT_DELAY - 1);
    expect(made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(made).toHaveLength(2);
    expect(made[0]?.signal.aborted).toBe(false);
    made[0]?.succeed();
    expect(await race).toBe('2001:db8::1');
    expect(made[1]?.signal.aborted).toBe(true);
  });

  it('begins the next attempt at once when one fails', async () => {
    const { made, dial, discard } = attempts();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: never });
    made[0]?.fail(new Error('refused'));
    await settle();
    expect(made.map(({ address }) => address)).toEqual(['2001:db8::1', '192.0.2.1']);
    made[1]?.succeed();
    expect(await race).toBe('192.0.2.1');
  });

  it('takes back a connection that comes too late', async () => {
    const { made, discarded, dial, discard } = attempts();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: never });
    await vi.advanceTimersByTimeAsync(CONNECTION_ATTEMPT_DELAY);
    made[1]?.succeed();
    made[0]?.succeed();
    expect(await race).toBe('192.0.2.1');
    await settle();
    expect(discarded).toEqual(['2001:db8::1']);
  });

  it('fails with the errors of all addresses', async () => {
    const { made, dial, discard } = attempts();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: never });
    const failure = race.catch((reason: unknown) => reason);
    made[0]?.fail(new Error('one'));
    await settle();
    made[1]?.fail(new Error('two'));
    expect(await failure).toMatchObject({ errors: [new Error('one'), new Error('two')] });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('waits for an attempt under way when the last one fails', async () => {
    const { made, dial, discard } = attempts();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: never });
    await vi.advanceTimersByTimeAsync(CONNECTION_ATTEMPT_DELAY);
    made[1]?.fail(new Error('refused'));
    await settle();
    made[0]?.succeed();
    expect(await race).toBe('2001:db8::1');
  });

  it('ends all attempts when it is aborted', async () => {
    const { made, dial, discard } = attempts();
    const abort = new AbortController();
    const race = raceAddresses([v6(1), v4(1)], { dial, discard, signal: abort.signal });
    const failure = race.catch((reason: unknown) => reason);
    abort.abort(new Error('enough'));
    expect(await failure).toEqual(new Error('enough'));
    expect(made[0]?.signal.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(CONNECTION_ATTEMPT_DELAY);
    expect(made).toHaveLength(1);
  });

  it('does not begin when it is aborted before', async () => {
    const { made, dial, discard } = attempts();
    await expect(raceAddresses([v6(1)], { dial, discard, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    expect(made).toEqual([]);
  });

  it('fails at once without addresses', async () => {
    const { dial, discard } = attempts();
    await expect(raceAddresses([], { dial, discard, signal: never })).rejects.toBeInstanceOf(AggregateError);
  });
});

describe('taking turns between the families (RFC 8305 §4)', () => {
  it.each([
    [
      [v6(1), v6(2), v4(1), v4(2)],
      [v6(1), v4(1), v6(2), v4(2)],
    ],
    [
      [v4(1), v4(2), v6(1)],
      [v4(1), v6(1), v4(2)],
    ],
    [
      [v4(1), v6(1), v6(2)],
      [v4(1), v6(1), v6(2)],
    ],
    [[v6(1)], [v6(1)]],
    [[], []],
  ])('%j becomes %j', (given, expected) => expect(interleaveFamilies(given)).toEqual(expected));
});
