import { describe, expect, it } from 'vitest';
import { DistinctRecipients } from '../../src/limits/distinct-recipients.ts';
import { Gatekeeper } from '../../src/limits/gatekeeper.ts';
import { networkOf } from '../../src/limits/network-of.ts';
import { TokenBuckets } from '../../src/limits/token-buckets.ts';

const MINUTE = 60_000;

describe('a rate', () => {
  it('is exactly what it says, at once and over time', () => {
    const buckets = new TokenBuckets({ perMinute: 6 });
    const taken = (now: number): number => {
      let count = 0;
      while (buckets.take('a', now)) count += 1;
      return count;
    };
    expect(taken(0)).toBe(6);
    expect(buckets.isEmpty('a', 9999)).toBe(true);
    expect(taken(9999)).toBe(0);
    expect(taken(10_000)).toBe(1);
    expect(taken(10 * MINUTE)).toBe(6);
    expect(buckets.isEmpty('b', 0)).toBe(false);
  });

  it('forgets who has been quiet', () => {
    const buckets = new TokenBuckets({ perMinute: 2 });
    for (let key = 0; key < 100_000; key++) buckets.take(String(key), key * 60);
    // 1000 keys a minute; a key is full again after half of one.
    expect(buckets.size).toBeLessThan(4096);
  });
});

describe('distinct recipients', () => {
  it('are counted within the last minute, each once', () => {
    const recipients = new DistinctRecipients(2);
    const admits = (recipient: string, now: number): boolean => recipients.admit('juliet', recipient, now);
    expect([admits('a', 0), admits('b', 1), admits('a', 2), admits('c', 3)]).toEqual([true, true, true, false]);
    expect(recipients.admit('romeo', 'c', 3)).toBe(true);
    expect(admits('c', MINUTE)).toBe(false);
    expect(admits('c', MINUTE + 1)).toBe(true);
    expect([admits('a', MINUTE + 2), admits('b', MINUTE + 2)]).toEqual([true, false]);
  });

  it('are forgotten with their senders', () => {
    const recipients = new DistinctRecipients(2);
    for (let sender = 0; sender < 100_000; sender++) recipients.admit(String(sender), 'a', sender * 60);
    expect(recipients.size).toBeLessThan(4096);
  });
});

describe('a network', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:0DB8:0:0:1::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['/run/socket', '/run/socket'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('a gatekeeper', () => {
  it('[R13.12-4] [R13.12-5] tells once who is shut out, and again when they come back', () => {
    let now = 0;
    const told: string[] = [];
    const keeper = new Gatekeeper({
      connectionsPerMinute: 1,
      failedLoginsPerMinute: 1,
      now: () => now,
      onShutOut: (address, because) => told.push(`${because} ${address}`),
    });
    const admitted = [keeper.admits('192.0.2.1'), keeper.admits('192.0.2.1'), keeper.admits('192.0.2.1')];
    expect(admitted).toEqual([true, false, false]);
    expect(keeper.admits('192.0.2.2')).toBe(true);
    keeper.loginFailed('192.0.2.3');
    expect([keeper.hears('192.0.2.3'), keeper.hears('192.0.2.2')]).toEqual([false, true]);
    expect(told).toEqual(['connection-rate 192.0.2.1', 'failed-logins 192.0.2.3']);
    now = MINUTE;
    expect([keeper.admits('192.0.2.1'), keeper.admits('192.0.2.1')]).toEqual([true, false]);
    expect(told.at(-1)).toBe('connection-rate 192.0.2.1');
    expect(told).toHaveLength(3);
  });
});
