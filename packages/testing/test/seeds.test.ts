import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { Accounts, type Duration, type Pair } from '../src/index.ts';
import { converse } from './conversation.ts';

// `npm run check` asks for many runs of everything, and gets all of them; XW_LONG asks for this alone.
const LONG = process.env['XW_LONG'] !== undefined || Number(process.env['XW_RUNS'] ?? 0) >= 1000;
const SEEDS = LONG ? 10_000 : 500;

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
      const expected = JSON.stringify(quick.trace());
      const seeds = Array.from({ length: SEEDS }, (_, at) => at + 1);
      const different = seeds.find((seed) => JSON.stringify(converseSlowly(accounts, seed).trace()) !== expected);
      expect(different, 'the seed that differs').toBeUndefined();
      expect(converseSlowly(accounts, 3).now).toBeGreaterThan(0);
    },
    TIMEOUT,
  );
});

function converseSlowly(accounts: Accounts, seed: number): Pair {
  return converse({
    accounts,
    seed,
    chunking: 'random',
    latency: LATENCIES[seed % 4] ?? 0,
    answerDelay: DELAYS[(seed >> 2) % 4] ?? 0,
  });
}
