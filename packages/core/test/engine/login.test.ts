import { describe, expect, it } from 'vitest';
import { join, newInitiating, newReceiving } from './support.ts';

describe('a login', () => {
  it('goes from the header to an established stream on both sides', () => {
    const initiating = newInitiating();
    const receiving = newReceiving();
    initiating.open();
    const run = join(initiating, receiving);
    console.log(run.initiating.wire);
    console.log(run.receiving.wire);
    console.log(run.initiating.events.map((event) => event.type));
    console.log(run.receiving.events.map((event) => (event.type === 'ask' ? event.ask : event.type)));
    expect(initiating.phase).toBe('established');
    expect(receiving.phase).toBe('established');
  });
});
