import { describe, expect, it } from 'vitest';
import type { Peer } from '../../src/index.ts';
import { makeWorld } from '../support/world.ts';

describe('the trace of a listener', () => {
  it('says which connection each line is of, and so does an established connection', async () => {
    const traced = new Map<number, string>();
    const established: Peer[] = [];
    const world = await makeWorld({
      onTrace: ({ direction, kind }, peer) => traced.set(peer.id, `${traced.get(peer.id) ?? ''}${direction} ${kind};`),
      onConnection(_, peer) {
        established.push(peer);
      },
    });
    try {
      const first = await world.connect('starttls');
      const second = await world.connect('direct');
      await Promise.all([first.close(), second.close()]);
      expect(established.map(({ id, remote }) => [id, remote.port])).toEqual([
        [1, first.local.port],
        [2, second.local.port],
      ]);
      for (const id of [1, 2]) expect(traced.get(id)).toMatch(/^in header;out header;.*in closing-tag;/);
    } finally {
      await world.close();
    }
  });
});
