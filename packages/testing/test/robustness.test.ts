import {
  InitiatingEntity,
  ReceivingEntity,
  type InitiatingPhase,
  type ReceivingPhase,
  type Security,
} from '@xmpp-wire/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkings, commands, hostileBytes, Performer } from '../src/generators/index.ts';
import { Accounts, counter, createPair, describeValue, type Pair } from '../src/index.ts';
import { INITIATING_STEPS, RECEIVING_STEPS, Step } from './model.ts';

const accounts = new Accounts({ juliet: 'R0m30' });

/** Milliseconds that a login takes at most when arrivals and answers take as long as here. */
const LOGIN = 60;

/** A pair in the middle of a login, or behind it. */
function pairAfter(milliseconds: number, seed: number): Pair {
  const pair = createPair({ accounts, latency: [0, 3], answerDelay: [0, 2], chunking: 'random', seed });
  pair.initiating.open();
  pair.advanceTo(milliseconds);
  return pair;
}

/** The counterexample as fast-check reports it; undefined when none was found. */
function counterexample<Values>(property: fc.IProperty<Values>): string | undefined {
  return fc.defaultReportMessage(fc.check(property));
}

describe('a pair that is stopped on its way', { timeout: 600_000 }, () => {
  it('passes through every phase', () => {
    const phases = [1, 2, 3, 4, 5, 6].flatMap((seed) =>
      Array.from({ length: LOGIN + 1 }, (_, step) => pairAfter(step, seed)).map(
        ({ initiating, receiving }) => [initiating.entity.phase, receiving.entity.phase] as const,
      ),
    );
    expect(new Set(phases.map(([initiating]) => initiating))).toEqual(
      new Set(['awaiting-header', 'awaiting-features', 'negotiating', 'switching-to-tls', 'established']),
    );
    expect(new Set(phases.map(([, receiving]) => receiving))).toEqual(
      new Set(['awaiting-header', 'accepting', 'offering', 'negotiating', 'switching-to-tls', 'established']),
    );
  });
});

describe('hostile bytes', { timeout: 600_000 }, () => {
  it('[S23] never make an entity throw, and it always comes to an end, in every phase', () => {
    const property = fc.property(
      fc.nat({ max: LOGIN }),
      fc.nat(),
      hostileBytes(),
      fc.constantFrom('initiating', 'receiving'),
      (milliseconds, seed, bytes, role) => {
        const pair = pairAfter(milliseconds, seed);
        const end = pair[role];
        // As if it had come out of the wire, in clear or from inside TLS.
        end.command(() => end.entity.receive(bytes, pair.now));
        pair.runUntilIdle();
        end.command(() => end.entity.receiveEof(pair.now));
        pair.advanceBy(40_000);
        const closed = end.events.filter(({ type }) => type === 'closed').length;
        return end.entity.phase === 'closed' && closed === 1 && end.entity.nextEvent().type === 'ended';
      },
    );
    expect(counterexample(property)).toBeUndefined();
  });

  it('[S23] give the same events and the same output however they are cut', () => {
    const run = (role: 'initiating' | 'receiving', pieces: readonly Uint8Array[]): string => {
      const pair = createPair({ accounts, tls: 'direct' });
      if (role === 'initiating') pair.initiating.open();
      const end = pair[role];
      for (const piece of pieces) end.command(() => end.entity.receive(piece, 0));
      end.command(() => end.entity.receiveEof(0));
      return describeValue(end.trace());
    };
    const cut = hostileBytes().chain((bytes) => fc.tuple(fc.constant(bytes), chunkings(bytes)));
    const property = fc.property(fc.constantFrom('initiating', 'receiving'), cut, (role, [bytes, pieces]) => {
      const whole = run(role, [bytes]);
      const inPieces = run(role, pieces);
      if (whole !== inPieces) throw new Error(`whole: ${whole}\nin pieces: ${inPieces}`);
    });
    expect(counterexample(property)).toBeUndefined();
  });
});

describe('any list of commands', { timeout: 600_000 }, () => {
  const security = fc.constantFrom<Security>({ kind: 'clear' }, { kind: 'trusted' });

  it('[S23] leaves an initiating entity in a legal phase', () => {
    const steps = commands().map((command) => new Step<InitiatingPhase>(command, INITIATING_STEPS));
    const property = fc.property(security, fc.commands([steps], { maxCommands: 40 }), (below, list) => {
      const credentials = { authcid: 'juliet', password: 'R0m30' };
      const entity = new InitiatingEntity({ to: 'im.example.com', credentials, random: counter(), security: below });
      fc.modelRun(
        () => ({ model: { phase: entity.phase, closed: false }, real: new Performer(entity, accounts) }),
        list,
      );
    });
    expect(counterexample(property)).toBeUndefined();
  });

  it('[S23] leaves a receiving entity in a legal phase', () => {
    const steps = commands().map((command) => new Step<ReceivingPhase>(command, RECEIVING_STEPS));
    const property = fc.property(security, fc.commands([steps], { maxCommands: 40 }), (below, list) => {
      const entity = new ReceivingEntity({ domain: 'im.example.com', random: counter(), security: below });
      fc.modelRun(
        () => ({ model: { phase: entity.phase, closed: false }, real: new Performer(entity, accounts) }),
        list,
      );
    });
    expect(counterexample(property)).toBeUndefined();
  });
});
