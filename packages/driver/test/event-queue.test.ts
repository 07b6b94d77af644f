import { describe, expect, it } from 'vitest';
import { EventQueue } from '../src/event-queue.ts';

const queueOf = (limit: number) => {
  const room: number[] = [];
  const queue: EventQueue<number> = new EventQueue(limit, () => void room.push(queue.length));
  return { queue, room };
};

describe('the queue of events', () => {
  it('gives events in their order, before and after somebody waits', async () => {
    const { queue } = queueOf(4);
    queue.push(1);
    queue.push(2);
    expect((await queue.next()).value).toBe(1);
    expect((await queue.next()).value).toBe(2);
    const third = queue.next();
    const fourth = queue.next();
    queue.push(3);
    queue.push(4);
    expect([(await third).value, (await fourth).value]).toEqual([3, 4]);
  });

  it('is full at its limit and says when there is room again', async () => {
    const { queue, room } = queueOf(2);
    queue.push(1);
    expect(queue.isFull).toBe(false);
    queue.push(2);
    expect(queue.isFull).toBe(true);
    await queue.next();
    expect(queue.isFull).toBe(false);
    await queue.next();
    expect(room).toEqual([1]);
  });

  it('says when a reader has dealt with everything, and when one leaves', async () => {
    const { queue, room } = queueOf(2);
    queue.push(1);
    const reader = queue[Symbol.asyncIterator]();
    await reader.next();
    expect([queue.isAwaited, room.length]).toEqual([false, 0]);
    const waiting = reader.next();
    expect([queue.isAwaited, room.length]).toEqual([true, 1]);
    queue.push(2);
    expect(queue.isAwaited).toBe(false);
    await waiting;
    await queue.return();
    expect(room).toHaveLength(2);
  });

  it('gives what is left after its end, and then is done', async () => {
    const { queue } = queueOf(2);
    queue.push(1);
    queue.end();
    queue.push(2);
    expect(await collect(queue)).toEqual([1]);
  });

  it('ends those who wait', async () => {
    const { queue } = queueOf(2);
    const waiting = queue.next();
    queue.end();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('knows whether somebody reads', async () => {
    const { queue } = queueOf(2);
    expect(queue.hasReader).toBe(false);
    queue.push(1);
    for await (const event of queue) {
      expect(event).toBe(1);
      expect(queue.hasReader).toBe(true);
      break;
    }
    expect(queue.hasReader).toBe(false);
  });

  it('stays short in memory over many events', async () => {
    const { queue } = queueOf(8);
    for (let round = 0; round < 1000; round++) {
      for (let index = 0; index < 5; index++) queue.push(round);
      for (let index = 0; index < 5; index++) expect((await queue.next()).value).toBe(round);
    }
    expect(queue.length).toBe(0);
  });
});

async function collect(queue: EventQueue<number>): Promise<number[]> {
  const events: number[] = [];
  for await (const event of queue) events.push(event);
  return events;
}
