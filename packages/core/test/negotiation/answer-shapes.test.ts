import { describe, expect, it } from 'vitest';
import { jid } from '../../src/jid/index.ts';
import type { AskName } from '../../src/negotiation/asks.ts';
import { RECEIVING_ANSWERS } from '../../src/negotiation/answer-shapes-receiving.ts';
import { checkAnswerShape as check, INITIATING_ANSWERS } from '../../src/negotiation/answer-shapes.ts';

/** A receiving entity has every ask; an initiating one has the same answers to its own. */
function checkAnswerShape(ask: AskName, answer: unknown): void {
  check(RECEIVING_ANSWERS, ask, answer);
}

const bytes = new Uint8Array(32);

/** For each ask an answer of every shape that fits it. */
const RIGHT: Readonly<Record<AskName, readonly unknown[]>> = {
  'accept-stream': [
    { domain: 'im.example.com', mechanisms: ['PLAIN'], decoySecret: bytes },
    {
      domain: 'im.example.com',
      mechanisms: ['PLAIN'],
      decoySecret: bytes,
      languages: ['en'],
      plain: { check: 'application' },
      extraFeatures: [],
    },
    { refuse: { condition: 'host-unknown' } },
    { refuse: { condition: 'see-other-host', host: 'other.example' }, domain: 'im.example.com' },
  ],
  'start-tls': [
    { version: 'TLSv1.3', channelBindings: new Map() },
    { version: 'TLSv1.2', channelBindings: new Map(), peerCertificate: { der: bytes, trusted: true } },
    'failed',
  ],
  'derive-salted-password': [bytes],
  'look-up-credentials': [
    { salt: bytes, iterations: 4096, storedKey: bytes, serverKey: bytes },
    { salt: bytes, iterations: 4096, storedKey: bytes, serverKey: bytes, accountState: 'credentials-expired' },
    'unknown-account',
    'temporary-auth-failure',
  ],
  'check-password': ['accepted', 'not-authorized', 'account-disabled'],
  authorize: [
    { authcid: 'juliet' },
    { authcid: 'juliet', authzid: undefined },
    { authcid: 'juliet', authzid: 'romeo@example.net' },
    'invalid-authzid',
  ],
  'bind-resource': [
    jid('juliet@im.example.com/balcony'),
    { refuse: 'conflict' },
    { refuse: 'resource-constraint', text: 'Enough.' },
  ],
};

const asks = Object.entries(RIGHT).map(([ask, answers]) => [ask as AskName, answers] as const);

describe('the shape of an answer', () => {
  it.each(asks)('[rule 5] %s takes every shape that fits it', (ask, answers) => {
    for (const answer of answers) expect(() => checkAnswerShape(ask, answer)).not.toThrow();
  });

  it.each(asks)('[rule 5] %s refuses everything else with answer-invalid', (ask) => {
    const wrong: unknown[] = [
      undefined,
      null,
      42,
      true,
      '',
      'nonsense',
      {},
      [],
      { refuse: null },
      { refuse: { condition: 'no-such-condition' } },
      () => 'failed',
    ];
    for (const answer of wrong) {
      expect(() => checkAnswerShape(ask, answer)).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
    }
  });

  it.each([
    ['accept-stream', { domain: 'im.example.com', mechanisms: 'PLAIN', decoySecret: bytes }],
    ['accept-stream', { domain: 'im.example.com', mechanisms: ['PLAIN'], decoySecret: 'secret' }],
    ['accept-stream', { domain: 'im.example.com', mechanisms: ['PLAIN'], decoySecret: bytes, languages: 'en' }],
    ['start-tls', { version: 'TLSv1.3', channelBindings: {} }],
    ['start-tls', { version: 'TLSv1.3', channelBindings: new Map(), peerCertificate: { der: 'MAA=', trusted: true } }],
    ['look-up-credentials', { salt: 'salt', iterations: 4096, storedKey: bytes, serverKey: bytes }],
    [
      'look-up-credentials',
      { salt: bytes, iterations: 4096, storedKey: bytes, serverKey: bytes, accountState: 'gone' },
    ],
    ['authorize', { authcid: 5 }],
    ['bind-resource', 'juliet@im.example.com/balcony'],
    ['bind-resource', { refuse: 'host-unknown' }],
  ] as const)('[rule 5] %s refuses what is right in part', (ask, answer) => {
    expect(() => checkAnswerShape(ask, answer)).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
  });

  it('an initiating entity has the same for its asks, and no other', () => {
    expect(Object.keys(INITIATING_ANSWERS)).toEqual(['start-tls', 'derive-salted-password']);
    expect(RECEIVING_ANSWERS).toMatchObject(INITIATING_ANSWERS);
    expect(() => check(INITIATING_ANSWERS, 'check-password', 'accepted')).toThrow(/bug/);
  });

  it('a message says what was expected and shows nothing of the answer', () => {
    const answer = { password: 'a secret' };
    expect(() => checkAnswerShape('check-password', answer)).toThrow(/check-password wants 'accepted'/);
    expect(() => checkAnswerShape('check-password', answer)).not.toThrow(/a secret/);
  });
});
