import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import { LocalProtocolError } from '../../src/errors.ts';
import { downgradeProtection } from '../../src/sasl/downgrade.ts';
import {
  createClientConversation,
  saltPassword,
  scramNonce,
  SCRAM_NONCE_BYTES,
  type ClientConversation,
  type ClientConversationOptions,
  type ClientStep,
  type SelectedMechanism,
} from '../../src/sasl/index.ts';
import { settleClient } from './dialogue.ts';

const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO';
const NONCE = `${CLIENT_NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0`;
const SERVER_FIRST = `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`;
const SIGNATURE = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=';
const selected: SelectedMechanism = {
  mechanism: 'SCRAM-SHA-256',
  channelBinding: { flag: 'n' },
  requireDowngradeProtection: false,
};

describe('[S8] a SCRAM client counts success only once the server has proved itself', () => {
  it('refuses success at every moment before the last message', () => {
    const fresh = client();
    expect(fresh.succeed(undefined)).toMatchObject({ type: 'failed', reason: 'unexpected-success' });

    const early = started();
    expect(early.succeed(undefined)).toMatchObject({ reason: 'unexpected-success' });
    const forged = started();
    expect(forged.succeed(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-success' });

    const deriving = started();
    expect(deriving.receive(utf8Encode(SERVER_FIRST)).type).toBe('question');
    expect(deriving.succeed(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-success' });

    const bare = proven();
    expect(bare.succeed(undefined)).toMatchObject({ reason: 'unexpected-success' });
  });

  it('[R6.3.10-1] verifies the last message within success and in a challenge of its own', () => {
    expect(proven().succeed(utf8Encode(SIGNATURE))).toEqual({ type: 'verified' });
    for (const data of [undefined, new Uint8Array()]) {
      const late = proven();
      expect(late.receive(utf8Encode(SIGNATURE))).toEqual({ type: 'response', data: new Uint8Array() });
      expect(late.succeed(data)).toEqual({ type: 'verified' });
    }
  });

  it('refuses data with success after a last challenge, and one challenge more', () => {
    const data = proven();
    data.receive(utf8Encode(SIGNATURE));
    expect(data.succeed(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-success' });
    const challenge = proven();
    challenge.receive(utf8Encode(SIGNATURE));
    expect(challenge.receive(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-challenge' });
    const verified = proven();
    verified.succeed(utf8Encode(SIGNATURE));
    expect(verified.receive(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-challenge' });
    expect(verified.succeed(undefined)).toMatchObject({ reason: 'unexpected-challenge' });
  });

  it('refuses a success that follows a success', () => {
    const conversation = proven();
    conversation.succeed(utf8Encode(SIGNATURE));
    expect(conversation.succeed(utf8Encode(SIGNATURE))).toMatchObject({ reason: 'unexpected-success' });
  });

  it.each([
    ['a signature with bits in its padding', 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=', 'malformed-challenge'],
    ['a signature of another length', 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=', 'server-not-verified'],
    ['a signature with one bit changed', 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G8=', 'server-not-verified'],
    ['another signature', 'v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', 'server-not-verified'],
    ['no signature', '', 'malformed-challenge'],
    ['an empty signature', 'v=', 'malformed-challenge'],
    ['an empty error', 'e=', 'malformed-challenge'],
    ['an error', 'e=other-error', 'server-error'],
    ['an error with an extension', 'e=other-error,x=1', 'server-error'],
    ['a mandatory extension', `m=x,${SIGNATURE}`, 'unknown-extension'],
    ['a mandatory extension at the end', `${SIGNATURE},m=x`, 'unknown-extension'],
    ['a signature in second place', `x=1,${SIGNATURE}`, 'malformed-challenge'],
    ['a second signature', `${SIGNATURE},${SIGNATURE}`, 'malformed-challenge'],
    ['an extension without value', `${SIGNATURE},x=`, 'malformed-challenge'],
  ])('refuses %s in the last message', (_, message, reason) => {
    expect(proven().receive(utf8Encode(message))).toMatchObject({ type: 'failed', reason });
    expect(proven().succeed(utf8Encode(message))).toMatchObject({ type: 'failed', reason });
  });

  it('refuses what is not UTF-8, in both places', () => {
    const bytes = Uint8Array.of(0x76, 0x3d, 0xff);
    expect(started().receive(bytes)).toMatchObject({ reason: 'malformed-challenge' });
    expect(proven().receive(bytes)).toMatchObject({ reason: 'malformed-challenge' });
  });

  it('accepts optional extensions that nobody has defined', () => {
    const conversation = started();
    const step = settleClient(conversation.receive(utf8Encode(`${SERVER_FIRST},x=1,Z=a=b`)));
    expect(step.type).toBe('response');
    expect(proven().succeed(utf8Encode(`${SIGNATURE},x=1`))).toEqual({ type: 'verified' });
  });
});

describe('[S8] a SCRAM client checks the first message of the server', () => {
  it.each([
    ['a nonce that is not ours', SERVER_FIRST.replace('r=rO', 'r=xO'), 'nonce-mismatch'],
    ['our nonce with nothing added', `r=${CLIENT_NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, 'nonce-mismatch'],
    [
      'our nonce with seven characters added',
      `r=${CLIENT_NONCE}1234567,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
      'nonce-mismatch',
    ],
    ['an empty nonce', 'r=,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096', 'malformed-challenge'],
    ['a nonce with a space', SERVER_FIRST.replace('%', ' '), 'malformed-challenge'],
    ['a nonce beyond ASCII', SERVER_FIRST.replace('%', 'é'), 'malformed-challenge'],
    ['a nonce with a control character', SERVER_FIRST.replace('%', '\u007f'), 'malformed-challenge'],
    ['an empty salt', `r=${NONCE},s=,i=4096`, 'malformed-challenge'],
    ['a salt in base64 without padding', `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ,i=4096`, 'malformed-challenge'],
    ['a salt with bits in its padding', `r=${NONCE},s=W22ZaJ0SNY7soEsUEjb6gR==,i=4096`, 'malformed-challenge'],
    ['4095 iterations', SERVER_FIRST.replace('4096', '4095'), 'iterations-too-low'],
    ['one iteration', SERVER_FIRST.replace('4096', '1'), 'iterations-too-low'],
    ['no iteration', SERVER_FIRST.replace('4096', '0'), 'malformed-challenge'],
    ['iterations with a leading zero', SERVER_FIRST.replace('4096', '04096'), 'malformed-challenge'],
    ['iterations with a sign', SERVER_FIRST.replace('4096', '+4096'), 'malformed-challenge'],
    ['iterations with a point', SERVER_FIRST.replace('4096', '4096.0'), 'malformed-challenge'],
    ['iterations with an exponent', SERVER_FIRST.replace('4096', '4e6'), 'malformed-challenge'],
    ['iterations with white space', `${SERVER_FIRST}\n`, 'malformed-challenge'],
    ['2 000 001 iterations', SERVER_FIRST.replace('4096', '2000001'), 'iterations-too-high'],
    ['iterations beyond all numbers', SERVER_FIRST.replace('4096', '9'.repeat(400)), 'iterations-too-high'],
    ['a mandatory extension', `m=x,${SERVER_FIRST}`, 'unknown-extension'],
    ['a mandatory extension in the middle', SERVER_FIRST.replace(',s=', ',m=x,s='), 'unknown-extension'],
    ['a mandatory extension at the end', `${SERVER_FIRST},m=x`, 'unknown-extension'],
    ['a comma at the end', `${SERVER_FIRST},`, 'malformed-challenge'],
    ['an extension with a NUL', `${SERVER_FIRST},x=a\0b`, 'malformed-challenge'],
    ['an extension that is a number', `${SERVER_FIRST},1=a`, 'malformed-challenge'],
    ['a second salt', `${SERVER_FIRST},s=AAAA`, 'malformed-challenge'],
    ['the last message', SIGNATURE, 'malformed-challenge'],
    ['an empty error', 'e=', 'malformed-challenge'],
    ['an error out of its place', `${SERVER_FIRST},e=other-error`, 'malformed-challenge'],
  ])('refuses %s', (_, message, reason) => {
    const conversation = started();
    const step = conversation.receive(utf8Encode(message));
    expect(step).toMatchObject({ type: 'failed', reason, serverError: undefined });
    expect(conversation.succeed(utf8Encode(SIGNATURE))).toBe(step);
    expect(conversation.receive(utf8Encode(SERVER_FIRST))).toBe(step);
  });

  it.each(['e=unknown-user', 'e=unknown-user,x=1'])('names the error that stands in place of it: %s', (message) => {
    const conversation = started();
    const step = conversation.receive(utf8Encode(message));
    expect(step).toMatchObject({ type: 'failed', reason: 'server-error', serverError: 'unknown-user' });
    expect(conversation.succeed(utf8Encode(SIGNATURE))).toBe(step);
  });

  it('takes iterations at both bounds, and other bounds', () => {
    const at = (iterations: number, limits = {}) =>
      started({ limits }).receive(utf8Encode(SERVER_FIRST.replace('4096', String(iterations))));
    expect(at(4096).type).toBe('question');
    expect(at(2_000_000).type).toBe('question');
    expect(at(10_000, { minIterations: 10_001 })).toMatchObject({ reason: 'iterations-too-low' });
    expect(at(10_000, { maxIterations: 9999 })).toMatchObject({ reason: 'iterations-too-high' });
    expect(at(1, { minIterations: 1 }).type).toBe('question');
  });
});

describe('a SCRAM client and the answer to its question', () => {
  it('asks for PBKDF2 of the prepared password', () => {
    const step = started({ credentials: { password: { authcid: 'us\u00ader', password: '\u2168' } } }).receive(
      utf8Encode(SERVER_FIRST),
    );
    expect(step).toMatchObject({
      type: 'question',
      name: 'derive-salted-password',
      request: { hash: 'SHA-256', password: utf8Encode('IX'), iterations: 4096 },
    });
  });

  it('throws for an answer that does not fit, and stays open', () => {
    const conversation = started();
    const question = questionOf(conversation.receive(utf8Encode(SERVER_FIRST)));
    expect(() => question.resume(new Uint8Array(20))).toThrow(LocalProtocolError);
    expect(() => question.resume(new Uint8Array(20))).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
    const step = question.resume(saltPassword(question.request));
    expect(step.type).toBe('response');
    expect(() => question.resume(saltPassword(question.request))).toThrow(
      expect.objectContaining({ code: 'ask-already-answered' }),
    );
    expect(conversation.succeed(utf8Encode(SIGNATURE))).toEqual({ type: 'verified' });
  });

  it('takes an answer that comes after the failure for nothing', () => {
    const conversation = started();
    const question = questionOf(conversation.receive(utf8Encode(SERVER_FIRST)));
    const failed = conversation.receive(utf8Encode(SERVER_FIRST));
    expect(failed).toMatchObject({ type: 'failed', reason: 'unexpected-challenge' });
    expect(question.resume(saltPassword(question.request))).toBe(failed);
  });

  it('cannot be started twice', () => {
    expect(started().start()).toMatchObject({ type: 'failed' });
  });
});

describe('[S10] a SCRAM client and what the server says it offered (XEP-0474)', () => {
  const advertised = {
    mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'],
    channelBindingTypes: ['tls-server-end-point', 'tls-exporter'],
  };

  it('computes the hash of the example in the XEP', () => {
    expect(downgradeProtection('SHA-1', advertised)).toBe('G6k/rBLDqgOhRRaCuuatSDFkJ08=');
  });

  it('tells no announcement from an empty one', () => {
    const { mechanisms } = advertised;
    expect(downgradeProtection('SHA-1', { mechanisms, channelBindingTypes: undefined })).not.toBe(
      downgradeProtection('SHA-1', { mechanisms, channelBindingTypes: [] }),
    );
  });

  it('goes on when both agree and when the server says nothing', () => {
    const hash = downgradeProtection('SHA-256', advertised);
    expect(started({ advertised }).receive(utf8Encode(`${SERVER_FIRST},h=${hash}`)).type).toBe('question');
    expect(started({ advertised }).receive(utf8Encode(SERVER_FIRST)).type).toBe('question');
    expect(started().receive(utf8Encode(`${SERVER_FIRST},h=${hash}`)).type).toBe('question');
  });

  it('stops when they differ, and when a hash comes twice', () => {
    const hash = downgradeProtection('SHA-256', { ...advertised, mechanisms: ['SCRAM-SHA-1'] });
    const other = started({ advertised }).receive(utf8Encode(`${SERVER_FIRST},h=${hash}`));
    expect(other).toMatchObject({ type: 'failed', reason: 'downgrade-detected' });
    const twice = started({ advertised }).receive(utf8Encode(`${SERVER_FIRST},h=${hash},h=${hash}`));
    expect(twice).toMatchObject({ type: 'failed', reason: 'malformed-challenge' });
  });

  it('stops without a hash where one is required', () => {
    const required = { ...selected, requireDowngradeProtection: true };
    const without = started({ advertised }, required).receive(utf8Encode(SERVER_FIRST));
    expect(without).toMatchObject({ type: 'failed', reason: 'downgrade-detected' });
    const hash = downgradeProtection('SHA-256', advertised);
    expect(started({ advertised }, required).receive(utf8Encode(`${SERVER_FIRST},h=${hash}`)).type).toBe('question');
    expect(started({}, required).receive(utf8Encode(`${SERVER_FIRST},h=${hash}`))).toMatchObject({
      reason: 'downgrade-detected',
    });
  });
});

describe('createClientConversation', () => {
  it('writes names and the authzid escaped, and the authzid in the gs2 header', () => {
    const credentials = { password: { authcid: 'a=b,c', password: 'pencil' }, authzid: 'x=y,z@im.example.com' };
    expect(textOf(client({ credentials }).start())).toBe(`n,a=x=3Dy=2Cz@im.example.com,n=a=3Db=2Cc,r=${CLIENT_NONCE}`);
    expect(textOf(client({}, { ...selected, channelBinding: { flag: 'y' } }).start())).toBe(
      `y,,n=user,r=${CLIENT_NONCE}`,
    );
  });

  it.each<[string, Partial<SelectedMechanism>, Partial<ClientConversationOptions>]>([
    ['no password', {}, { credentials: { certificate: true } }],
    ['a password that SASLprep refuses', {}, { credentials: { password: { authcid: 'user', password: '\u0007' } } }],
    ['a password of which nothing is left', {}, { credentials: { password: { authcid: 'user', password: '\u00ad' } } }],
    ['a name of which nothing is left', {}, { credentials: { password: { authcid: '\u00ad', password: 'pencil' } } }],
    ['a nonce with a comma', {}, { nonce: 'a,b' }],
    ['no nonce', {}, { nonce: '' }],
    ['-PLUS without channel binding', { mechanism: 'SCRAM-SHA-256-PLUS' }, {}],
    [
      'channel binding without -PLUS',
      { channelBinding: { flag: 'p', type: 'tls-exporter', data: new Uint8Array(32) } },
      {},
    ],
  ])('throws for %s', (_, selection, options) => {
    expect(() => client(options, { ...selected, ...selection })).toThrow(
      expect.objectContaining({ name: 'LocalProtocolError', code: 'mechanism-unusable' }),
    );
  });
});

describe('[S9] scramNonce', () => {
  it('makes printable text of as many random bytes as it wants', () => {
    expect(scramNonce(new Uint8Array(SCRAM_NONCE_BYTES).fill(255))).toBe('/'.repeat(32));
    for (const length of [0, SCRAM_NONCE_BYTES - 1, SCRAM_NONCE_BYTES + 1]) {
      expect(() => scramNonce(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'random-too-short' }));
    }
  });
});

function client(options: Partial<ClientConversationOptions> = {}, selection = selected): ClientConversation {
  const credentials = { password: { authcid: 'user', password: 'pencil' } };
  return createClientConversation(selection, { credentials, nonce: CLIENT_NONCE, ...options });
}

function started(options: Partial<ClientConversationOptions> = {}, selection = selected): ClientConversation {
  const conversation = client(options, selection);
  conversation.start();
  return conversation;
}

/** Up to the last message of the server. */
function proven(): ClientConversation {
  const conversation = started();
  settleClient(conversation.receive(utf8Encode(SERVER_FIRST)));
  return conversation;
}

function questionOf(step: ClientStep): Extract<ClientStep, { type: 'question' }> {
  if (step.type !== 'question') throw new Error(`a question was expected, not ${step.type}`);
  return step;
}

function textOf(step: ClientStep): string | undefined {
  return step.type === 'response' ? utf8Decode(step.data) : undefined;
}
