import type { CloseCause } from '@xmpp-wire/core';
import { describe, expect, it } from 'vitest';
import { XmppConnectError, type ConnectStep } from '../src/connect-error.ts';
import { explainClose } from '../src/explain-close.ts';

const explain = (cause: CloseCause, step: ConnectStep = 'stream', error?: Error) =>
  explainClose({ cause, step, error, domain: 'im.example.com' });

const failed = (at: 'accept' | 'tls' | 'sasl' | 'bind', condition?: string, text?: string): CloseCause =>
  // The conditions are those of the type; the table below writes them as words.
  ({ code: 'negotiation-failed', at, condition, text, detail: 'why' }) as CloseCause;

const streamError = (condition: string, text?: string): CloseCause =>
  // What a stream error is read into, without the element.
  ({ code: 'stream-error-received', error: { condition, text } }) as CloseCause;

describe('what the end of a negotiation comes to', () => {
  it.each<[CloseCause, ConnectStep, string, RegExp]>([
    [failed('tls'), 'tls', 'tls-not-offered', /nothing secret was sent/],
    [failed('accept', 'host-unknown'), 'stream', 'stream-error', /refused the stream/],
    [failed('sasl'), 'sasl', 'sasl-failed', /why/],
    [failed('sasl', 'aborted'), 'sasl', 'sasl-failed', /why/],
    [failed('sasl', 'not-authorized'), 'sasl', 'sasl-refused', /refused the authentication: why$/],
    [failed('sasl', 'credentials-expired', 'renew'), 'sasl', 'sasl-refused', /why; it says: renew$/],
    [failed('bind'), 'bind', 'bind-failed', /did not bind/],
    [failed('bind', 'conflict'), 'bind', 'bind-refused', /ask for another/],
    [{ code: 'peer-incompatible', missing: 'starttls', detail: '' }, 'tls', 'tls-not-offered', /STARTTLS/],
    [{ code: 'peer-incompatible', missing: 'mechanism', detail: '' }, 'sasl', 'sasl-no-mechanism', /in common/],
    [{ code: 'peer-incompatible', missing: 'bind', detail: '' }, 'bind', 'bind-failed', /no server for clients/],
    [{ code: 'peer-incompatible', missing: 'urn:x', detail: 'urn:x' }, 'stream', 'stream-incompatible', /urn:x/],
    [
      { code: 'peer-misbehaved', violation: 'bytes-behind-proceed', detail: '' },
      'tls',
      'tls-unexpected-bytes',
      /interferes/,
    ],
    [
      { code: 'peer-misbehaved', violation: 'root-not-stream', detail: '' },
      'stream',
      'stream-misbehaved',
      /not an XMPP server/,
    ],
    [streamError('host-unknown'), 'stream', 'stream-error', /check the domain/],
    [streamError('policy-violation', 'too fast'), 'stream', 'stream-error', /too fast/],
    [{ code: 'timed-out', timer: 'negotiation' }, 'stream', 'stream-timed-out', /opening of the stream/],
    [{ code: 'timed-out', timer: 'negotiation' }, 'tls', 'tls-timed-out', /TLS negotiation/],
    [{ code: 'timed-out', timer: 'negotiation' }, 'sasl', 'sasl-timed-out', /authentication/],
    [{ code: 'timed-out', timer: 'negotiation' }, 'bind', 'bind-timed-out', /binding/],
    [{ code: 'unexpected-eof', detail: '' }, 'stream', 'stream-cut', /try again/],
    [{ code: 'unexpected-eof', detail: '' }, 'tls', 'tls-cut', /TLS/],
    [{ code: 'unexpected-eof', detail: '' }, 'sasl', 'sasl-cut', /authentication/],
    [{ code: 'unexpected-eof', detail: '' }, 'bind', 'bind-cut', /binding/],
    [{ code: 'closed-by-peer', seeOtherUri: undefined }, 'sasl', 'stream-closed', /without saying why/],
    [{ code: 'closed-locally', reason: undefined }, 'sasl', 'stream-closed', /by this side/],
  ])('%j in %s is %s', (cause, step, code, message) => {
    const error = explain(cause, step);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain('im.example.com');
    expect(error.cause).toBe(cause);
    expect(code.startsWith(`${error.step}-`)).toBe(true);
  });

  it('is what the transport said, where that says more', () => {
    const error = new XmppConnectError('tls-certificate-expired', 'expired');
    expect(explain(failed('tls'), 'tls', error)).toBe(error);
    const reset = new Error('read ECONNRESET');
    expect(explain({ code: 'unexpected-eof', detail: '' }, 'sasl', reset)).toMatchObject({
      message: expect.stringContaining('ECONNRESET'),
      cause: reset,
    });
  });
});
