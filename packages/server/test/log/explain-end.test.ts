import { describe, expect, it } from 'vitest';
import type { CloseCause } from '@xmpp-wire/core';
import { explainEnd } from '../../src/log/explain-end.ts';

describe('why a session ended', () => {
  it.each<[string, string, CloseCause]>([
    ['closed-by-peer', 'it logged out', { code: 'closed-by-peer', seeOtherUri: undefined }],
    ['unexpected-eof', 'the connection was cut', { code: 'unexpected-eof', detail: 'x' }],
    ['timed-out/idle', 'nothing came from it in time (idle)', { code: 'timed-out', timer: 'idle' }],
    ['closed-locally', 'the server closed the stream', { code: 'closed-locally', reason: undefined }],
    [
      'closed-locally/system-shutdown',
      'the server ended the stream: system-shutdown',
      { code: 'closed-locally', reason: { condition: 'system-shutdown' } },
    ],
    [
      'closed-locally/not-authorized',
      'the server ended the stream: not-authorized, log in again',
      { code: 'closed-locally', reason: { condition: 'not-authorized', text: 'log in again' } },
    ],
    [
      'stream-error-received/reset',
      'it ended the stream with reset',
      // What else a stream error has is not looked at.
      { code: 'stream-error-received', error: { condition: 'reset' } as never },
    ],
    [
      'peer-misbehaved/stanza-too-large',
      'it broke a rule: stanza-too-large, 300000 bytes',
      { code: 'peer-misbehaved', violation: 'stanza-too-large', detail: '300000 bytes' },
    ],
    ['peer-incompatible', 'x', { code: 'peer-incompatible', missing: 'mechanism', detail: 'x' }],
    [
      'negotiation-failed',
      'why',
      { code: 'negotiation-failed', at: 'tls', condition: undefined, text: undefined, detail: 'why' },
    ],
  ])('is named %s', (name, message, cause) => {
    expect(explainEnd(cause)).toEqual({ name, message });
  });
});
