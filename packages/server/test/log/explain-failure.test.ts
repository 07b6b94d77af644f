import { describe, expect, it } from 'vitest';
import type { CloseCause } from '@xmpp-wire/core';
import { explainFailure, type FailureName } from '../../src/log/explain-failure.ts';

const coded = (code: string): Error => Object.assign(new Error(code), { code });
const misbehaved = (violation: string, detail = 'x'): CloseCause => ({
  code: 'peer-misbehaved',
  violation: violation as 'comment',
  detail,
});
const failed = (
  at: 'accept' | 'tls' | 'sasl' | 'bind',
  condition?: 'host-unknown' | 'policy-violation',
): CloseCause => ({
  code: 'negotiation-failed',
  at,
  condition,
  text: undefined,
  detail: 'why',
});

describe('the name of a failure', () => {
  it.each<[FailureName, CloseCause | undefined, Error | undefined]>([
    ['clear-text-on-direct-tls-port', undefined, coded('ERR_SSL_WRONG_VERSION_NUMBER')],
    ['clear-text-on-direct-tls-port', undefined, coded('ERR_SSL_HTTP_REQUEST')],
    ['tls-failed', undefined, coded('ERR_SSL_NO_SHARED_CIPHER')],
    ['cut', undefined, coded('ECONNRESET')],
    ['cut', undefined, undefined],
    ['tls-failed', failed('tls'), coded('ERR_SSL_NO_SHARED_CIPHER')],
    ['tls-failed', failed('tls'), undefined],
    ['tls-on-starttls-port', misbehaved('invalid-character', 'U+0016 is no character'), undefined],
    ['not-xmpp', misbehaved('invalid-utf8'), undefined],
    ['not-xmpp', misbehaved('root-not-stream'), undefined],
    ['rule-broken', misbehaved('bytes-behind-starttls'), undefined],
    ['rule-broken', misbehaved('stanza-too-large'), undefined],
    ['too-many-logins', misbehaved('too-many-authentication-attempts'), undefined],
    ['silent', { code: 'timed-out', timer: 'negotiation' }, undefined],
    ['cut', { code: 'unexpected-eof', detail: 'x' }, undefined],
    ['unknown-domain', failed('accept', 'host-unknown'), undefined],
    ['refused', failed('accept', 'policy-violation'), undefined],
    ['refused', failed('sasl'), undefined],
    ['refused', { code: 'closed-locally', reason: { condition: 'system-shutdown' } }, undefined],
    ['refused', { code: 'closed-locally', reason: undefined }, undefined],
    ['incompatible', { code: 'peer-incompatible', missing: 'mechanism', detail: 'x' }, undefined],
    ['given-up', { code: 'closed-by-peer', seeOtherUri: undefined }, undefined],
    ['given-up', { code: 'stream-error-received', error: { condition: 'reset' } as never }, undefined],
  ])('is %s', (name, cause, error) => {
    const explained = explainFailure({ cause, error });
    expect(explained.name).toBe(name);
    expect(explained.message).not.toBe('');
  });
});
