import { presence } from '@xmpp-wire/core';
import { describe, expect, it } from 'vitest';
import { XmppConnectError } from '../../src/index.ts';
import { makeFakeWorld, settle, type Dialled, type FakeConnection, type FakeWorld } from './support/fakes.ts';

/** Numbers that look random and are the same every time. */
function generator(seed: number): (below: number) => number {
  let state = seed * 2 + 1;
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) ^ (state << 7);
    return (state >>> 0) % below;
  };
}

/** A session, and the connections and attempts that are alive. */
class Stage {
  readonly world: FakeWorld = makeFakeWorld({ maxQueuedEvents: 4, liveness: { after: 5000, timeout: 1000 } });
  readonly connections: FakeConnection[] = [];
  decided = 0;
  stops = 0;

  /** The attempt that waits to be decided. */
  get open(): Dialled | undefined {
    const last = this.decided < this.world.dialled.length ? this.world.dialled.at(-1) : undefined;
    // One that was given up leads to nothing any more.
    return last?.options.signal?.aborted === false ? last : undefined;
  }

  get current(): FakeConnection | undefined {
    return this.connections.at(-1);
  }

  async accept(wait: boolean): Promise<void> {
    const attempt = this.open;
    if (attempt === undefined) return;
    this.decided = this.world.dialled.length;
    const accepted = attempt.accept();
    // Without waiting, what comes next happens between the connection and its session.
    if (wait) this.connections.push(await accepted);
    else void accepted.then((connection) => this.connections.push(connection));
  }

  async refuse(): Promise<void> {
    const attempt = this.open;
    if (attempt === undefined) return;
    this.decided = this.world.dialled.length;
    await attempt.refuse(new XmppConnectError('tcp-refused', 'no'));
  }

  stop(): void {
    this.stops++;
    void this.world.session.stop();
  }
}

const STEPS: readonly ((stage: Stage, draw: (below: number) => number) => unknown)[] = [
  async (stage) => stage.accept(true),
  async (stage) => stage.accept(false),
  async (stage) => stage.refuse(),
  (stage) => stage.current?.end({ code: 'unexpected-eof', detail: 'gone' }),
  (stage) => stage.current?.queue.push({ type: 'stanza', stanza: presence(), origin: 'other' }),
  (stage) => stage.current?.queue.push({ type: 'peer-closing' }),
  (stage) => stage.world.session.reconnectNow(),
  (stage) => [stage.world.session.reconnectNow(), stage.world.session.reconnectNow()],
  async (stage, draw) => stage.world.scheduler.advance(draw(100_000)),
  async () => settle(),
  (stage, draw) => draw(8) === 0 && stage.stop(),
];

describe('a session, whatever happens in whatever order', () => {
  it.each(Array.from({ length: 300 }, (_, seed) => seed))('makes one connection at a time (seed %i)', async (seed) => {
    const draw = generator(seed);
    const stage = new Stage();
    const { world } = stage;
    for (let step = 0; step < 60; step++) {
      await STEPS[draw(STEPS.length)]?.(stage, draw);
      // Attempts are counted by whether somebody has decided them: a second one would leave the first behind.
      expect(world.dialled.length - stage.decided).toBeLessThanOrEqual(1);
    }
    stage.stop();
    await settle();
    await world.session.ended;
    await settle();

    expect(world.session.state.name).toBe('ended');
    expect(world.scheduler.waiting).toEqual([]);
    const ups = world.types().filter((type) => type === 'connected' || type === 'disconnected');
    expect(ups).toEqual(ups.map((_, index) => (index % 2 === 0 ? 'connected' : 'disconnected')));
    expect(ups.length % 2).toBe(0);
    const attempts = world.dialled.length;
    await world.scheduler.advance(10_000_000);
    expect(world.session.reconnectNow()).toBe(false);
    expect(world.dialled).toHaveLength(attempts);
    // Every connection that was made has ended.
    await Promise.all(stage.connections.map(async ({ closed }) => closed));
  });
});
