import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from '../../src/bytes/base64.ts';
import { utf8Encode } from '../../src/bytes/utf8.ts';
import {
  createClientConversation,
  createServerConversation,
  scramCredentials,
  type ClientCredentials,
  type ClientConversation,
  type SaslQuestionName,
  type ServerConversation,
  type ServerConversationOptions,
} from '../../src/sasl/index.ts';
import { readPlain } from '../../src/sasl/plain.ts';
import vectors from '../data/sasl-plain.json' with { type: 'json' };
import { converse, oneAccount, serverDefaults, settleServer, type Application } from './dialogue.ts';

const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const application = oneAccount('juliet', 'r0m30myr0m30', salt);
const both: ServerConversationOptions['plain'][] = [{ check: 'scram-keys', hash: 'SHA-256' }, { check: 'application' }];

describe('PLAIN messages', () => {
  it.each(vectors)('$id ($source)', ({ messageBase64, expect: expected }) => {
    const message = readPlain(base64Decode(messageBase64) ?? new Uint8Array());
    const { authzid, authcid, password } = expected;
    expect(message).toEqual(expected.valid ? { authzid: authzid ?? undefined, authcid, password } : undefined);
  });

  it.each(vectors.filter((row) => row.expect.valid))(
    '$id: the client writes it',
    ({ messageBase64, expect: expected }) => {
      const { authcid = '', password = '', authzid } = expected;
      const step = client({ password: { authcid, password }, authzid: authzid ?? undefined }).start();
      expect(step.type === 'response' && base64Encode(step.data)).toBe(messageBase64);
    },
  );

  it.each([
    ['nothing', ''],
    ['one NUL', 'juliet\0password'],
    ['no name', '\0\0password'],
    ['no password', '\0juliet\0'],
    ['an authzid alone', 'juliet\0\0'],
    ['three NULs', '\0juliet\0pass\0word'],
    ['a NUL at the start too many', '\0\0juliet\0password'],
  ])('[S11] the server refuses %s', (_, message) => {
    expect(server().receive(utf8Encode(message))).toMatchObject({ type: 'failure', condition: 'malformed-request' });
  });

  it('the server refuses what is not UTF-8', () => {
    const bytes = Uint8Array.of(0, 0x61, 0, 0xc0, 0x80);
    expect(server().receive(bytes)).toMatchObject({ condition: 'malformed-request' });
  });

  it('takes 255 octets of each part, as RFC 4616 wants', () => {
    const long = 'é'.repeat(127) + 'x';
    const authzid = `${long}@im.example.com`;
    const { server: step } = login(
      { password: { authcid: long, password: long }, authzid },
      {},
      oneAccount(long, long, salt),
    );
    expect(step).toMatchObject({ type: 'success', authcid: long });
  });
});

describe.each(both)('a PLAIN server that checks by $check', (plain) => {
  it('accepts the right password, [S12] and no other', () => {
    expect(login({}, { plain }).server).toEqual({
      type: 'success',
      authcid: 'juliet',
      authzid: undefined,
      additionalData: undefined,
      channelBinding: undefined,
    });
    for (const password of ['wrong', 'r0m30myr0m3', 'r0m30myr0m300', 'R0m30myr0m30']) {
      expect(login({ password: { authcid: 'juliet', password } }, { plain }).server).toMatchObject({
        condition: 'not-authorized',
      });
    }
  });

  it('prepares the name and the password', () => {
    const { server: step } = login({ password: { authcid: 'jul\u00adiet', password: 'r0m30my\uff520m30' } }, { plain });
    expect(step).toMatchObject({ type: 'success', authcid: 'juliet' });
    for (const text of ['\u0007', '\u00ad', '\u0627\u0031']) {
      expect(login({ password: { authcid: text, password: 'x' } }, { plain }).server).toMatchObject({
        condition: 'not-authorized',
      });
      expect(login({ password: { authcid: 'x', password: text } }, { plain }).server).toMatchObject({
        condition: 'not-authorized',
      });
    }
  });

  it('[S21] refuses an unknown account as it refuses a wrong password', () => {
    const questions = (authcid: string) => {
      const asked: { name: SaslQuestionName; request: object }[] = [];
      let step = server({ plain }).receive(utf8Encode(`\0${authcid}\0wrong`));
      while (step.type === 'question') {
        asked.push({ name: step.name, request: step.request });
        if (step.name === 'derive-salted-password') step = step.resume(new Uint8Array(32));
        else if (step.name === 'look-up-credentials') step = step.resume(application.lookUp(step.request));
        else step = settleServer(step, application);
      }
      return { asked: asked.map(({ name }) => name), condition: step.type === 'failure' && step.condition };
    };
    expect(questions('mercutio')).toEqual(questions('juliet'));
    expect(questions('mercutio').condition).toBe('not-authorized');
  });

  it('[S11] [R6.3.8-5] lets an account act as another only by leave', () => {
    const own = { password: { authcid: 'juliet', password: 'r0m30myr0m30' }, authzid: 'juliet@im.example.com' };
    expect(login(own, { plain }).server).toMatchObject({ type: 'success', authzid: undefined });
    const other = { ...own, authzid: 'romeo@im.example.com' };
    const asks: Application = {
      ...application,
      authorize: ({ authcid, authzid }) => ({ authcid: authcid ?? '?', authzid }),
    };
    expect(login(other, { plain }, asks).server).toMatchObject({
      type: 'success',
      authcid: 'juliet',
      authzid: other.authzid,
    });
    expect(login(other, { plain, otherAuthzid: 'refuse' }, asks).server).toMatchObject({
      condition: 'invalid-authzid',
    });
    const wrong = { ...other, password: { authcid: 'juliet', password: 'wrong' } };
    expect(login(wrong, { plain }, asks).server).toMatchObject({ condition: 'not-authorized' });
  });

  it('[R6.3.10-1] asks for the message where it did not come with the request', () => {
    const conversation = server({ plain });
    expect(conversation.receive(undefined)).toEqual({ type: 'challenge', data: new Uint8Array() });
    expect(settleServer(conversation.receive(utf8Encode('\0juliet\0r0m30myr0m30')), application).type).toBe('success');
    expect(conversation.receive(utf8Encode('\0juliet\0r0m30myr0m30'))).toMatchObject({ type: 'failure' });
  });
});

describe('a PLAIN server that asks the application', () => {
  it('says whom the peer wants to act as', () => {
    const conversation = server({ plain: { check: 'application' } });
    expect(conversation.receive(utf8Encode('romeo@im.example.com\0juliet\0r0m30myr0m30'))).toMatchObject({
      name: 'check-password',
      request: { authcid: 'juliet', password: 'r0m30myr0m30', authzid: 'romeo@im.example.com' },
    });
  });

  it('says by which mechanism the peer came', () => {
    const message = utf8Encode('romeo@im.example.com\0juliet\0r0m30myr0m30');
    const password = server({ plain: { check: 'application' } }).receive(message);
    if (password.type !== 'question' || password.name !== 'check-password') throw new Error('no question');
    expect(password.resume('accepted')).toMatchObject({ name: 'authorize', request: { mechanism: 'PLAIN' } });
    const keys = server({ plain: { check: 'scram-keys', hash: 'SHA-1' } }).receive(message);
    expect(keys).toMatchObject({ name: 'look-up-credentials', request: { mechanism: 'PLAIN', hash: 'SHA-1' } });
  });

  it('says to the log what was wrong, and to the peer that something was', () => {
    const wrong = { password: { authcid: 'juliet', password: 'wrong' } };
    const unknown = { password: { authcid: 'mercutio', password: 'wrong' } };
    expect([login(wrong).server, login(unknown).server]).toMatchObject([
      { condition: 'not-authorized', detail: 'the password is wrong' },
      { condition: 'not-authorized', detail: 'there is no such account' },
    ]);
  });
});

describe('a PLAIN server and the states of an account', () => {
  it('passes on what the application says of the account', () => {
    const byKeys: Application = { lookUp: () => 'temporary-auth-failure' };
    expect(login({}, {}, byKeys).server).toMatchObject({ condition: 'temporary-auth-failure' });
    const byApplication: Application = { ...application, checkPassword: () => 'credentials-expired' };
    expect(login({}, { plain: { check: 'application' } }, byApplication).server).toMatchObject({
      condition: 'credentials-expired',
    });
  });

  it('[S21] tells the state that comes with credentials only to a peer that knows the password', () => {
    const credentials = scramCredentials({ hash: 'SHA-256', password: 'r0m30myr0m30', salt, iterations: 1 });
    const disabled: Application = { lookUp: () => ({ ...credentials, accountState: 'account-disabled' }) };
    expect(login({}, {}, disabled).server).toMatchObject({ condition: 'account-disabled' });
    const wrong = { password: { authcid: 'juliet', password: 'wrong' } };
    expect(login(wrong, {}, disabled).server).toMatchObject({ condition: 'not-authorized' });
  });
});

describe('[S8] clients of mechanisms without a proof of the server', () => {
  const conversations: [string, () => ClientConversation][] = [
    ['PLAIN', () => client({ password: { authcid: 'juliet', password: 'r0m30myr0m30' } })],
    ['EXTERNAL', () => client({ certificate: true }, 'EXTERNAL')],
    ['ANONYMOUS', () => client({ anonymous: true }, 'ANONYMOUS')],
  ];

  it.each(conversations)('%s takes a success with nothing in it', (mechanism, make) => {
    for (const data of [undefined, new Uint8Array()]) {
      const conversation = make();
      expect(conversation.mechanism).toBe(mechanism);
      conversation.start();
      expect(conversation.succeed(data)).toEqual({ type: 'verified' });
    }
  });

  it.each(conversations)('%s refuses challenges, data with success, and success before it began', (_, make) => {
    const challenged = make();
    challenged.start();
    expect(challenged.receive(new Uint8Array())).toMatchObject({ type: 'failed', reason: 'unexpected-challenge' });
    const given = make();
    given.start();
    expect(given.succeed(Uint8Array.of(1))).toMatchObject({ type: 'failed', reason: 'unexpected-success' });
    expect(make().succeed(undefined)).toMatchObject({ type: 'failed', reason: 'unexpected-success' });
    expect(make().receive(new Uint8Array())).toMatchObject({ type: 'failed', reason: 'unexpected-challenge' });
  });
});

describe('EXTERNAL', () => {
  const certificate: Application = {
    ...application,
    authorize: ({ mechanism, authcid, authzid }) =>
      mechanism === 'EXTERNAL' && authcid === undefined && (authzid ?? 'example.net') === 'example.net'
        ? { authcid: 'example.net', authzid: undefined }
        : 'invalid-authzid',
  };

  it.each([
    [
      'no authzid',
      undefined,
      '',
      { type: 'success', authcid: 'example.net', authzid: undefined, channelBinding: undefined },
    ],
    ['the authzid of the certificate', 'example.net', 'example.net', { type: 'success', authcid: 'example.net' }],
    ['another authzid', 'example.org', 'example.org', { type: 'failure', condition: 'invalid-authzid' }],
  ])('asks the application about %s', (_, authzid, message, result) => {
    const outcome = converse(client({ certificate: true, authzid }, 'EXTERNAL'), server({}, 'EXTERNAL'), certificate);
    expect(outcome.messages).toEqual([message]);
    expect(outcome.server).toMatchObject(result);
  });

  it('refuses a NUL and what is not UTF-8', () => {
    expect(server({}, 'EXTERNAL').receive(utf8Encode('a\0b'))).toMatchObject({ condition: 'malformed-request' });
    expect(server({}, 'EXTERNAL').receive(Uint8Array.of(0xff))).toMatchObject({ condition: 'malformed-request' });
  });
});

describe('ANONYMOUS', () => {
  const guests: Application = {
    ...application,
    authorize: ({ mechanism, trace }) =>
      mechanism === 'ANONYMOUS' ? { authcid: `guest-${trace ?? 'x'}`, authzid: undefined } : 'not-authorized',
  };

  it.each([
    [undefined, '', 'guest-x'],
    ['sirhc', 'sirhc', 'guest-sirhc'],
  ])('gives the peer an account (trace: %s)', (trace, message, authcid) => {
    const outcome = converse(client({ anonymous: true, trace }, 'ANONYMOUS'), server({}, 'ANONYMOUS'), guests);
    expect(outcome.messages).toEqual([message]);
    expect(outcome.server).toMatchObject({ type: 'success', authcid, authzid: undefined });
  });

  it('may act as whom the application says', () => {
    const authzid = 'guest@im.example.com';
    const acting: Application = { ...guests, authorize: () => ({ authcid: 'guest-1', authzid }) };
    expect(settleServer(server({}, 'ANONYMOUS').receive(new Uint8Array()), acting)).toMatchObject({
      type: 'success',
      authcid: 'guest-1',
      authzid,
    });
  });

  it.each([
    ['256 characters', 'x'.repeat(256)],
    ['a line break', 'a\nb'],
    ['a change of direction', 'a\u202eb'],
    ['a private character', '\ue000'],
  ])('refuses a trace with %s', (_, trace) => {
    expect(server({}, 'ANONYMOUS').receive(utf8Encode(trace))).toMatchObject({
      type: 'failure',
      condition: 'malformed-request',
    });
  });

  it('counts characters, not bytes', () => {
    expect(server({}, 'ANONYMOUS').receive(utf8Encode('\u{1f600}'.repeat(255))).type).toBe('question');
    expect(server({}, 'ANONYMOUS').receive(Uint8Array.of(0xff))).toMatchObject({ condition: 'malformed-request' });
  });
});

describe('createServerConversation', () => {
  const offered = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'];

  it.each([
    ['CRAM-MD5', 'invalid-mechanism'],
    ['', 'invalid-mechanism'],
    ['scram-sha-256', 'invalid-mechanism'],
    ['EXTERNAL', 'invalid-mechanism'],
    ['ANONYMOUS', 'invalid-mechanism'],
    ['SCRAM-SHA-512', 'invalid-mechanism'],
    ['SCRAM-SHA-1', 'mechanism-too-weak'],
    ['PLAIN', 'mechanism-too-weak'],
  ])('refuses %j, which was not offered, with %s', (mechanism, condition) => {
    const conversation = server({ offered }, mechanism);
    for (const response of [undefined, new Uint8Array(), utf8Encode('n,,n=juliet,r=abcdefgh')]) {
      expect(conversation.receive(response)).toMatchObject({ type: 'failure', condition });
    }
  });

  it('tells a peer that asks for PLAIN too early to come back with TLS', () => {
    const conversation = server({ offered, mechanisms: [...offered, 'PLAIN'] }, 'PLAIN');
    expect(conversation.receive(undefined)).toMatchObject({ type: 'failure', condition: 'encryption-required' });
    expect(server({ offered: [] }, 'PLAIN').receive(undefined)).toMatchObject({ condition: 'invalid-mechanism' });
  });
});

function login(
  credentials: Partial<ClientCredentials>,
  options: Partial<ServerConversationOptions> = {},
  answers: Application = application,
) {
  const whole: ClientCredentials = { password: { authcid: 'juliet', password: 'r0m30myr0m30' }, ...credentials };
  const outcome = converse(client(whole), server(options), answers);
  expect(outcome.messages).toHaveLength(1);
  return outcome;
}

function client(credentials: ClientCredentials, mechanism: 'PLAIN' | 'EXTERNAL' | 'ANONYMOUS' = 'PLAIN') {
  return createClientConversation(
    { mechanism, channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
    { credentials, nonce: '' },
  );
}

function server(options: Partial<ServerConversationOptions> = {}, mechanism = 'PLAIN'): ServerConversation {
  return createServerConversation(mechanism, { ...serverDefaults, ...options });
}
