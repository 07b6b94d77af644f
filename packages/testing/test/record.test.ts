import { ReceivingEntity } from '@xmpp-wire/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandLists, Performer } from '../src/generators/index.ts';
import { Accounts, counter, record, replay, type Recording } from '../src/index.ts';
import { converse } from './conversation.ts';

const accounts = new Accounts({ juliet: 'R0m30' });
const INITIATING = {
  to: 'im.example.com',
  from: 'juliet@im.example.com',
  resource: 'balcony',
  credentials: { authcid: 'juliet', password: 'R0m30' },
};
const RECEIVING = { domain: 'im.example.com' };

/** As it comes back from a file. */
const stored = (recording: Recording | undefined): Recording => JSON.parse(JSON.stringify(recording));

describe('a recording', { timeout: 600_000 }, () => {
  it('of a login and a conversation replays, both ends, byte for byte', () => {
    const pair = converse({ accounts, record: true, chunking: 'random', latency: [0, 9], seed: 5 });
    const initiating = stored(pair.initiating.recording);
    const receiving = stored(pair.receiving.recording);
    expect(initiating.role).toBe('initiating');
    expect(replay(initiating, INITIATING)).toEqual({ same: true, calls: initiating.calls.length });
    expect(replay(receiving, RECEIVING)).toEqual({ same: true, calls: receiving.calls.length });
    expect(JSON.stringify(pair.trace())).toBe(JSON.stringify(converse({ accounts }).trace()));
  });

  it('of any list of commands replays', () => {
    fc.assert(
      fc.property(commandLists(), fc.boolean(), (commands, initiating) => {
        const { entity, recording } = initiating
          ? record('initiating', { ...INITIATING, random: counter() })
          : record('receiving', { ...RECEIVING, random: counter(), security: { kind: 'trusted' } });
        const performer = new Performer(entity, accounts);
        for (const command of commands) performer.perform(command);
        const config = initiating ? INITIATING : { ...RECEIVING, security: { kind: 'trusted' as const } };
        expect(replay(stored(recording), config)).toEqual({ same: true, calls: recording.calls.length });
      }),
    );
  });

  it('tells the first call that comes out in another way', () => {
    const pair = converse({ accounts, record: true });
    const recording = stored(pair.initiating.recording);
    const outcome = replay(recording, { ...INITIATING, resource: 'orchard' });
    expect(outcome).toMatchObject({ same: false, recorded: { call: 'takeOutput' }, replayed: { call: 'takeOutput' } });
    expect(outcome.same ? undefined : JSON.stringify(outcome.recorded)).not.toBe(
      outcome.same ? undefined : JSON.stringify(outcome.replayed),
    );
  });

  it('keeps what was thrown by its code', () => {
    const { entity, recording } = record('receiving', { random: counter() });
    entity.receive(new Uint8Array(1), 10);
    expect(() => entity.receiveEof(5)).toThrow('monotonic');
    expect(recording.calls.at(-1)).toEqual({ call: 'receiveEof', arguments: [5], threw: 'clock-went-backwards' });
    expect(replay(stored(recording), {})).toEqual({ same: true, calls: 2 });
  });

  it('keeps what the entity is: getters and the class are those of any other', () => {
    const { entity } = record('receiving', { random: counter() });
    expect(entity).toBeInstanceOf(ReceivingEntity);
    expect(entity.phase).toBe('awaiting-header');
    expect(entity.wantsInput).toBe(true);
  });

  it('keeps the randomness that was drawn, also too little of it', () => {
    const { entity, recording } = record('receiving', {
      random: () => new Uint8Array(3),
      security: { kind: 'trusted' },
    });
    entity.receive(new TextEncoder().encode('<x/>'), 0);
    expect(() => entity.nextEvent()).toThrow('random');
    expect(recording.random).toEqual(['AAAA']);
    expect(replay(stored(recording), { security: { kind: 'trusted' } })).toEqual({ same: true, calls: 2 });
  });

  it('that is none is refused', () => {
    // Files say anything.
    expect(() => replay({} as Recording, {})).toThrow('expected a recording');
    const { recording } = record('receiving', { random: counter() });
    const odd = { ...stored(recording), calls: [{ call: 'fly', arguments: [] }] };
    expect(() => replay(odd, {})).toThrow('the recording calls fly');
  });

  it('with an ask that is not there answers nothing', () => {
    const { recording } = record('receiving', { random: counter() });
    const odd = { ...stored(recording), calls: [{ call: 'answer', arguments: [{ $ask: 'x' }, 'failed'] }] };
    expect(() => replay(odd, {})).toThrow('$ask');
  });
});
