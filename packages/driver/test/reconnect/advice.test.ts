import {
  STANZA_ERROR_CONDITIONS,
  STREAM_ERROR_CONDITIONS,
  type CloseCause,
  type StreamErrorCondition,
} from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it } from 'vitest';
import { XmppConnectError, type ConnectErrorCode } from '../../src/connect-error.ts';
import { explainClose } from '../../src/explain-close.ts';
import { namesOf, reconnectAdvice } from '../../src/reconnect/advice.ts';
import { completePolicy, delayWindow } from '../../src/reconnect/policy.ts';
import { RECONNECT_RULES, type ReconnectCause, type ReconnectRule } from '../../src/reconnect/rules.ts';

const policy = completePolicy();
const fresh = { failures: 0, redirectsLeft: 3 };

const element = xml('error', { xmlns: 'http://etherx.jabber.org/streams' });
const streamError = (condition: StreamErrorCondition, host?: string): CloseCause => ({
  code: 'stream-error-received',
  error: { condition, text: undefined, lang: undefined, host, application: undefined, element },
});
const failed = (at: 'accept' | 'tls' | 'sasl' | 'bind', condition?: string): CloseCause => ({
  code: 'negotiation-failed',
  at,
  condition: condition as 'conflict' | undefined,
  text: undefined,
  detail: 'it failed',
});

/** Everything that can happen, made as it is made in earnest, by the name it has to get. */
const EVERYTHING: Readonly<Record<string, CloseCause | Error>> = {
  'unexpected-eof': { code: 'unexpected-eof', detail: 'gone' },
  'timed-out': { code: 'timed-out', timer: 'idle' },
  'closed-by-peer': { code: 'closed-by-peer', seeOtherUri: undefined },
  'closed-by-peer/see-other-uri': { code: 'closed-by-peer', seeOtherUri: 'https://no.web-socket.example' },
  'closed-locally': { code: 'closed-locally', reason: undefined },
  'closed-locally/reset': { code: 'closed-locally', reason: { condition: 'reset' } },
  'peer-misbehaved': { code: 'peer-misbehaved', violation: 'input-overrun', detail: '' },
  'peer-misbehaved/success-unverified': { code: 'peer-misbehaved', violation: 'success-unverified', detail: '' },
  'peer-incompatible': { code: 'peer-incompatible', missing: 'bind', detail: '' },
  'program-error': new TypeError('no'),
  ...Object.fromEntries(STREAM_ERROR_CONDITIONS.map((name) => [`stream-error/${name}`, streamError(name)])),
};

const ROWS = Object.entries(RECONNECT_RULES) as [ReconnectCause, { rule: ReconnectRule; because: string }][];

/** What the table says, once more, in the words of RFC 6120 and of the list of those that must not come back alone. */
const GIVES_UP = [
  'bind-failed',
  'bind-refused',
  'closed-locally',
  'discovery-none',
  'dns-no-direct-tls',
  'dns-service-unavailable',
  'peer-incompatible',
  'peer-misbehaved/success-unverified',
  'program-error',
  'sasl-failed',
  'sasl-no-mechanism',
  'sasl-refused',
  'stream-error/conflict',
  'stream-error/host-gone',
  'stream-error/host-unknown',
  'stream-error/not-authorized',
  'stream-error/unsupported-encoding',
  'stream-error/unsupported-feature',
  'stream-error/unsupported-version',
  'stream-incompatible',
  'stream-misbehaved/success-unverified',
  'tls-certificate-name',
  'tls-certificate-revoked',
  'tls-certificate-untrusted',
  'tls-not-offered',
  'tls-version',
  'websocket-subprotocol',
];

/** The trouble that gets a name. */
function troubleOf(name: ReconnectCause): CloseCause | Error {
  const known = EVERYTHING[name];
  if (known !== undefined) return known;
  const [code = '', condition] = name.split('/');
  if (name === 'stream-misbehaved/success-unverified') {
    return explainClose({
      cause: { code: 'peer-misbehaved', violation: 'success-unverified', detail: '' },
      error: undefined,
      step: 'sasl',
      domain: 'im.example.com',
    });
  }
  if (condition !== undefined) return failed(code.startsWith('sasl') ? 'sasl' : 'bind', condition);
  return new XmppConnectError(code as ConnectErrorCode, 'it failed');
}

describe('the table of causes', () => {
  it('has every close cause, connect error and stream error that there is', () => {
    for (const name of STREAM_ERROR_CONDITIONS) expect(RECONNECT_RULES).toHaveProperty([`stream-error/${name}`]);
    expect(
      ROWS.filter(([, { rule }]) => rule === 'give-up')
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(GIVES_UP);
  });

  it.each(ROWS)('%s', (name, { rule, because }) => {
    const trouble = troubleOf(name);
    expect(namesOf(trouble)[0]).toBe(name);
    expect(because.length).toBeGreaterThan(5);
    const advice = reconnectAdvice(trouble, fresh, policy);
    expect(advice).toMatchObject({ action: rule === 'give-up' ? 'give-up' : 'reconnect', cause: name, because });
    if (advice.action === 'give-up') return;
    const expected = {
      'at-once': /see-other-/.test(name) ? delayWindow(2, policy) : { min: 0, max: 0 },
      soon: { min: 0, max: 60_000 },
      late: delayWindow(2, policy),
      'give-up': undefined,
    };
    expect(advice.delay).toEqual(expected[rule]);
  });

  it.each(ROWS)('%s is never tried again beyond maxFailures', (name) => {
    const advice = reconnectAdvice(troubleOf(name), { ...fresh, failures: 5 }, { ...policy, maxFailures: 5 });
    expect(advice.action).toBe('give-up');
  });

  it.each(ROWS)('%s goes by the rule that the policy has for it', (name, { rule }) => {
    const other: ReconnectRule = rule === 'give-up' ? 'soon' : 'give-up';
    const advice = reconnectAdvice(troubleOf(name), fresh, { ...policy, rules: { [name]: other } });
    // A redirection that leads nowhere is still none.
    expect(advice.action).toBe(rule === 'give-up' ? 'reconnect' : 'give-up');
  });

  it.each(Object.keys(STANZA_ERROR_CONDITIONS))('a resource refused with %s has a rule', (condition) => {
    const special = Object.hasOwn(RECONNECT_RULES, `bind-refused/${condition}`);
    const advice = reconnectAdvice(failed('bind', condition), fresh, policy);
    expect(advice.cause).toBe(`bind-refused/${condition}`);
    expect(advice.action).toBe(special ? 'reconnect' : 'give-up');
  });
});

describe('a negotiation that failed', () => {
  it.each([
    [failed('sasl'), 'sasl-failed'],
    [failed('bind'), 'bind-failed'],
    [failed('tls'), 'tls-not-offered'],
    [failed('accept', 'host-unknown'), 'stream-error'],
    [failed('sasl', 'not-authorized'), 'sasl-refused/not-authorized'],
    [failed('bind', 'conflict'), 'bind-refused/conflict'],
  ])('is the same as a cause and as an error of connect (%#)', (cause, name) => {
    const error = explainClose({ cause, error: undefined, step: 'sasl', domain: 'im.example.com' });
    expect(namesOf(cause)[0]).toBe(name);
    expect(namesOf(error)[0]).toBe(name);
    expect(reconnectAdvice(error, fresh, policy)).toEqual(reconnectAdvice(cause, fresh, policy));
  });

  it('with a password that is wrong is not tried again, and with a server in trouble it is', () => {
    expect(reconnectAdvice(failed('sasl', 'not-authorized'), fresh, policy).action).toBe('give-up');
    expect(reconnectAdvice(failed('sasl', 'temporary-auth-failure'), fresh, policy)).toMatchObject({
      action: 'reconnect',
      delay: delayWindow(2, policy),
    });
  });

  it('by an error of the transport goes by its code', () => {
    const error = new XmppConnectError('tls-certificate-expired', 'it has expired', new Error('CERT_HAS_EXPIRED'));
    expect(namesOf(error)).toEqual(['tls-certificate-expired', 'tls-certificate-expired']);
  });
});

describe('which rule counts', () => {
  const refused = failed('sasl', 'temporary-auth-failure');

  it('the more exact name before the general one, and what the policy says before the table', () => {
    const action = (rules: typeof policy.rules) => reconnectAdvice(refused, fresh, { ...policy, rules }).action;
    expect(action({ 'sasl-refused': 'give-up' })).toBe('reconnect');
    expect(action({ 'sasl-refused/temporary-auth-failure': 'give-up' })).toBe('give-up');
    const other = failed('sasl', 'account-disabled');
    expect(reconnectAdvice(other, fresh, { ...policy, rules: { 'sasl-refused': 'late' } }).action).toBe('reconnect');
  });

  it('at-once is at once the first time only', () => {
    const eager = { ...policy, rules: { 'unexpected-eof': 'at-once' } } as const;
    const eof = { code: 'unexpected-eof', detail: '' } as const;
    expect(reconnectAdvice(eof, fresh, eager)).toMatchObject({ delay: { min: 0, max: 0 } });
    expect(reconnectAdvice(eof, { ...fresh, failures: 1 }, eager)).toMatchObject({ delay: delayWindow(1, policy) });
  });

  it('late takes the steps of the policy when they are longer', () => {
    const violation = streamError('policy-violation');
    expect(reconnectAdvice(violation, { ...fresh, failures: 3 }, policy)).toMatchObject({
      delay: delayWindow(3, policy),
    });
  });
});

describe('conflict', () => {
  it('[R4.9.3.3-1] does not reconnect by itself, and if it is told to, asks for another resource', () => {
    const conflict = streamError('conflict');
    expect(reconnectAdvice(conflict, fresh, policy)).toMatchObject({
      action: 'give-up',
      changes: { resource: 'drop' },
    });
    const stubborn = { ...policy, rules: { 'stream-error/conflict': 'soon' } } as const;
    expect(reconnectAdvice(conflict, fresh, stubborn)).toMatchObject({
      action: 'reconnect',
      changes: { resource: 'drop' },
    });
  });

  it('in binding asks at once for none, and once there is none it waits', () => {
    const conflict = failed('bind', 'conflict');
    const later = { ...fresh, failures: 2 };
    expect(reconnectAdvice(conflict, later, policy)).toMatchObject({
      delay: { min: 0, max: 0 },
      changes: { resource: 'drop' },
    });
    expect(reconnectAdvice(conflict, { ...later, resourceDropped: true }, policy)).toMatchObject({
      delay: delayWindow(2, policy),
    });
  });
});

describe('see-other-host', () => {
  const to = (host: string) => streamError('see-other-host', host);

  it('leads there at once, whatever failed before', () => {
    expect(reconnectAdvice(to('[2001:db8::1]:9222'), { ...fresh, failures: 4 }, policy)).toMatchObject({
      action: 'reconnect',
      delay: { min: 0, max: 0 },
      changes: { redirect: { host: '[2001:db8::1]', port: 9222 } },
    });
  });

  it('[R4.9.3.19-7] leads nowhere after too many: later, at the domain itself', () => {
    const advice = reconnectAdvice(to('other.example.net'), { failures: 0, redirectsLeft: 0 }, policy);
    expect(advice).toMatchObject({ action: 'reconnect', delay: delayWindow(2, policy), changes: {} });
    expect(advice.changes).not.toHaveProperty('redirect');
  });

  it('is no failure where it is followed, and one where it is not', () => {
    const strict = { ...policy, maxFailures: 0 };
    expect(reconnectAdvice(to('other.example.net'), fresh, strict).changes).toHaveProperty('redirect');
    expect(reconnectAdvice(to('a b'), fresh, strict).action).toBe('give-up');
  });

  it('leads nowhere if it names no host', () => {
    expect(reconnectAdvice(to('a b'), fresh, policy).changes).not.toHaveProperty('redirect');
  });

  it('is not followed where the policy says so', () => {
    const never = { ...policy, rules: { 'stream-error/see-other-host': 'give-up' } } as const;
    expect(reconnectAdvice(to('other.example.net'), fresh, never).action).toBe('give-up');
  });
});

describe('see-other-uri (RFC 7395 §3.6.1)', () => {
  const to = (seeOtherUri: string): CloseCause => ({ code: 'closed-by-peer', seeOtherUri });
  const there = 'wss://other.example.net/ws';

  it('leads there at once, whatever failed before', () => {
    expect(reconnectAdvice(to(there), { ...fresh, failures: 4 }, policy)).toEqual({
      action: 'reconnect',
      cause: 'closed-by-peer/see-other-uri',
      because: expect.any(String),
      delay: { min: 0, max: 0 },
      changes: { seeOtherUri: there },
    });
  });

  it('leads nowhere after too many', () => {
    const advice = reconnectAdvice(to(there), { failures: 0, redirectsLeft: 0 }, policy);
    expect(advice).toMatchObject({ action: 'reconnect', delay: delayWindow(2, policy) });
    expect(advice.changes).toEqual({});
  });

  it.each(['https://other.example.net/bosh', 'nonsense', ''])('leads nowhere to %j', (uri) => {
    expect(reconnectAdvice(to(uri), fresh, policy).changes).toEqual({});
  });

  it('is not followed where the policy says so', () => {
    const never = { ...policy, rules: { 'closed-by-peer/see-other-uri': 'give-up' } } as const;
    expect(reconnectAdvice(to(there), fresh, never).action).toBe('give-up');
  });
});
