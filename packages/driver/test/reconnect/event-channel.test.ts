import { describe, expect, it } from 'vitest';
import { EventChannel } from '../../src/reconnect/event-channel.ts';

describe('the channel from a session to its reader', () => {
  it('gives each event once, in order, and ends', async () => {
    const channel = new EventChannel<number>(2);
    for (const event of [1, 2, 3]) channel.push(event);
    channel.end();
    channel.push(4);
    const read: number[] = [];
    for await (const event of channel) read.push(event);
    expect(read).toEqual([1, 2, 3]);
    expect(await channel.next()).toEqual({ done: true, value: undefined });
  });

  it('never refuses, and says when it is full', async () => {
    const channel = new EventChannel<number>(2);
    channel.push(1);
    expect(channel.isFull).toBe(false);
    channel.push(2);
    channel.push(3);
    expect(channel.isFull).toBe(true);
    let hasRoom = false;
    const waiting = channel.until(() => !channel.isFull).then(() => (hasRoom = true));
    await channel.next();
    expect(hasRoom).toBe(false);
    await channel.next();
    await waiting;
    expect(hasRoom).toBe(true);
  });

  it('hands an event to whoever waits, and ends those who wait', async () => {
    const channel = new EventChannel<number>(2);
    const both = [channel.next(), channel.next()];
    channel.push(7);
    channel.end();
    expect(await Promise.all(both)).toEqual([
      { done: false, value: 7 },
      { done: true, value: undefined },
    ]);
  });

  it('knows whether an event is being dealt with', async () => {
    const channel = new EventChannel<number>(2);
    expect(channel.isBeingDealtWith).toBe(false);
    const reader = channel[Symbol.asyncIterator]();
    const first = reader.next();
    expect(channel.isBeingDealtWith).toBe(false);
    channel.push(1);
    await first;
    expect(channel.isBeingDealtWith).toBe(true);
    await reader.return();
    expect(channel.isBeingDealtWith).toBe(false);
    await reader.return();
    expect(channel.isBeingDealtWith).toBe(false);
  });

  it('looks again when it is told to', async () => {
    const channel = new EventChannel<number>(2);
    let isOpen = false;
    const waiting = channel.until(() => isOpen);
    isOpen = true;
    channel.recheck();
    await expect(waiting).resolves.toBeUndefined();
  });
});
