import { describe, expect, it } from 'vitest';
import { completePolicy, delayWindow, RECONNECT_PRESETS } from '../../src/reconnect/policy.ts';

describe('how long to wait before the next attempt', () => {
  it('[R3.3-1] is at first an unpredictable time of up to a minute', () => {
    expect(delayWindow(0, completePolicy())).toEqual({ min: 0, max: 60_000 });
  });

  it('[R3.3-2] grows with each failure, to an end', () => {
    const windows = [1, 2, 3, 4, 5, 1000].map((failures) => delayWindow(failures, completePolicy()));
    expect(windows.map(({ max }) => max)).toEqual([120_000, 240_000, 480_000, 600_000, 600_000, 600_000]);
    for (const { min, max } of windows) expect(min).toBe(max / 2);
  });

  it('begins with a second where the first window is nothing', () => {
    const policy = completePolicy({ first: { min: 0, max: 0 }, longest: 10_000 });
    expect([0, 1, 2, 9].map((failures) => delayWindow(failures, policy).max)).toEqual([0, 2000, 4000, 10_000]);
  });

  it.each([
    [0, 8000],
    [0.25, 6000],
    [1, 0],
  ])('is random to the part %d', (jitter, min) => {
    const policy = completePolicy({ ...RECONNECT_PRESETS.interactive, jitter });
    expect(delayWindow(3, policy)).toEqual({ min, max: 8000 });
  });

  it('stays the same with a factor of 1', () => {
    const policy = completePolicy({ first: { min: 5000, max: 5000 }, factor: 1, jitter: 0 });
    expect([0, 1, 7].map((failures) => delayWindow(failures, policy))).toEqual(
      Array.from({ length: 3 }, () => ({ min: 5000, max: 5000 })),
    );
  });
});

describe('a policy', () => {
  it.each(Object.entries(RECONNECT_PRESETS))('of the preset %s is complete and makes sense', (name, preset) => {
    expect(completePolicy(preset)).toEqual(preset);
    expect(completePolicy(name as keyof typeof RECONNECT_PRESETS)).toBe(preset);
  });

  it('has every number as an option, over the preset rfc6120', () => {
    expect(completePolicy({ maxFailures: 3 })).toEqual({ ...RECONNECT_PRESETS.rfc6120, maxFailures: 3 });
  });

  it.each([
    ['first', { first: { min: 2, max: 1 } }],
    ['first', { first: { min: -1, max: 1 } }],
    ['factor', { factor: 0.5 }],
    ['factor', { factor: Infinity }],
    ['longest', { longest: 1000 }],
    ['longest', { longest: 2 ** 31 }],
    ['jitter', { jitter: 1.5 }],
    ['jitter', { jitter: Number.NaN }],
    ['lateFrom', { lateFrom: 0.5 }],
    ['stableAfter', { stableAfter: -1 }],
    ['maxFailures', { maxFailures: -1 }],
  ])('whose %s makes no sense is refused', (name, policy) => {
    expect(() => completePolicy(policy)).toThrow(new RegExp(`^'reconnect.${name}' is `));
  });

  it('of a name that nobody knows is refused', () => {
    expect(() => completePolicy('eager' as 'fleet')).toThrow(/one of rfc6120, interactive, fleet/);
  });
});
