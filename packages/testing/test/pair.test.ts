import { describe, expect, it } from 'vitest';
import { createPair } from '../src/index.ts';

describe('createPair', () => {
  it('logs in by STARTTLS and SCRAM with channel binding', () => {
    const pair = createPair();
    pair.initiating.open();
    pair.runUntilIdle();
    console.log(pair.trace());
    expect(pair.initiating.event('established').jid.toString()).toBe('juliet@im.example.com/balcony');
  });
});
