import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { Accounts, type Duration } from '../src/index.ts';
import { converse } from './conversation.ts';

// `npm run check` sets XW_LONG and looks at all of them.
const SEEDS = process.env['XW_LONG'] === undefined ? 500 : 10_000;

const LATENCIES: readonly Duration[] = [0, [1, 3], [20, 200], [0, 600]];
const DELAYS: readonly Duration[] = [0, [0, 50], [100, 900], 5];
const TIMEOUT = 600_000;

describe('a login and a conversation', () => {
  it(
    `are the same bytes and the same events over ${SEEDS} seeds of chunking, latency and delay of answers`,
    () => {
      const accounts = new Accounts({ juliet: 'R0m30' });
      const quick = converse({ accounts });
      expect(quick.initiating.event('closed').cause.code).toBe('closed-locally');
      expect(quick.receiving.event('closed').cause.code).toBe('closed-by-peer');
      expect(quick.receiving.events.filter(({ type }) => type === 'stanza')).toHaveLength(7);
      const expected = quick.trace();
      for (let seed = 1; seed <= SEEDS; seed++) {
        const { clock, initiating, receiving } = converse({
          accounts,
          seed,
          chunking: 'random',
          latency: LATENCIES[seed % 4] ?? 0,
          answerDelay: DELAYS[(seed >> 2) % 4] ?? 0,
        });
        const trace = { initiating: initiating.trace(), receiving: receiving.trace() };
        // The slow comparison makes the message; it is needed once at most.
        if (JSON.stringify(trace) !== JSON.stringify(expected))
          expect({ seed, trace }).toEqual({ seed, trace: expected });
        expect(clock.now > 0 || seed % 4 === 0).toBe(true);
      }
    },
    TIMEOUT,
  );
});
