import { describe, expect, it } from 'vitest';
import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import { decoyCredentials } from '../../src/sasl/decoy.ts';
import { downgradeProtection } from '../../src/sasl/downgrade.ts';
import { createClientConversation, createServerConversation, selectMechanism } from '../../src/sasl/index.ts';
import { saslPrep } from '../../src/sasl/saslprep.ts';
import {
  escapeName,
  isFault,
  readClientFinal,
  readClientFirst,
  readServerFinal,
  readServerFirst,
} from '../../src/sasl/scram-message.ts';
import { oneAccount, serverDefaults, settleClient, settleServer } from './dialogue.ts';

const salt = new Uint8Array(16).fill(3);
const nothing = new Uint8Array();

describe('messages of SCRAM (RFC 5802 §5.1, §7)', () => {
  it('escape what stands between fields', () => {
    expect(escapeName('a=b,c=,')).toBe('a=3Db=2Cc=3D=2C');
  });

  it.each([
    ['client-first', () => readClientFirst('n,,m=x,n=juliet,r=abcdefgh')],
    ['server-first', () => readServerFirst('m=x,r=abcdefgh,s=AAAA,i=4096')],
    ['client-final', () => readClientFinal('m=x,c=biws,r=abcdefgh,p=AAAA')],
    ['server-final', () => readServerFinal('v=AAAA,m=x')],
  ])('a mandatory extension is not known, wherever it stands: %s', (_message, read) => {
    expect(read()).toMatchObject({ fault: 'extensions-not-supported' });
  });

  it('extensions that nobody defined are passed over, h= is read', () => {
    expect(readServerFirst('r=abcdefgh,s=AAAA,i=4096,x=1,y=2')).toMatchObject({
      iterations: 4096,
      downgradeProtection: undefined,
    });
    expect(readServerFirst('r=abcdefgh,s=AAAA,i=4096,x=1,h=AAAA,y=2')).toMatchObject({ downgradeProtection: 'AAAA' });
    expect(isFault(readServerFirst('r=abcdefgh,s=AAAA,i=4096,h=AAAA,h=AAAA'))).toBe(true);
  });

  it('each attribute has its letter', () => {
    expect(isFault(readServerFirst('r=abcdefgh,t=AAAA,i=4096'))).toBe(true);
    expect(isFault(readClientFinal('x=biws,r=abcdefgh,p=AAAA'))).toBe(true);
    expect(isFault(readServerFinal('w=AAAA'))).toBe(true);
    expect(readServerFinal('e=other-error')).toEqual({ serverError: 'other-error' });
    expect(readClientFirst('n,,n=juliet,r=abcdefgh,n=romeo')).toMatchObject({
      detail: expect.stringContaining('n= is out of its place'),
    });
  });
});

describe('a server that is spoken to at the wrong time (RFC 4422 §5.1)', () => {
  const server = () => createServerConversation('PLAIN', { ...serverDefaults, offered: ['PLAIN'] });

  it('asks once for what the client has to say first, and then takes its absence for nothing', () => {
    const conversation = server();
    expect(conversation.receive(undefined)).toEqual({ type: 'challenge', data: nothing });
    expect(conversation.receive(undefined)).toMatchObject({ type: 'failure', condition: 'malformed-request' });
  });

  it('does not ask behind the first response', () => {
    const conversation = createServerConversation('SCRAM-SHA-256', { ...serverDefaults, offered: ['SCRAM-SHA-256'] });
    const application = oneAccount('juliet', 'r0m30', salt);
    expect(settleServer(conversation.receive(utf8Encode('n,,n=juliet,r=abcdefgh')), application)).toMatchObject({
      type: 'challenge',
      data: expect.objectContaining({ length: expect.any(Number) }),
    });
    expect(conversation.receive(undefined)).toMatchObject({ type: 'failure' });
    expect(conversation.receive(nothing)).toMatchObject({ type: 'failure', condition: 'malformed-request' });
  });

  it('knows its name', () => {
    for (const mechanism of ['PLAIN', 'EXTERNAL', 'ANONYMOUS', 'SCRAM-SHA-1'])
      expect(createServerConversation(mechanism, serverDefaults).mechanism).toBe(mechanism);
  });

  it('takes no answer behind a failure', () => {
    const conversation = createServerConversation('SCRAM-SHA-256', serverDefaults);
    const step = conversation.receive(utf8Encode('n,,n=juliet,r=abcdefgh'));
    if (step.type !== 'question' || step.name !== 'look-up-credentials') throw new Error('no question');
    expect(conversation.receive(nothing)).toMatchObject({ type: 'failure', condition: 'malformed-request' });
    expect(step.resume('unknown-account')).toMatchObject({ type: 'failure', condition: 'malformed-request' });
  });

  it('takes neither a name nor a password of which SASLprep leaves nothing', () => {
    for (const message of ['\0\u00ad\0r0m30', '\0juliet\0\u00ad', '\0\u0007\0r0m30', '\0juliet\0\u0007']) {
      expect(server().receive(utf8Encode(message))).toMatchObject({ type: 'failure', condition: 'not-authorized' });
    }
  });
});

describe('a client that is spoken to at the wrong time', () => {
  const scram = () =>
    createClientConversation(
      { mechanism: 'SCRAM-SHA-256', channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
      {
        credentials: { password: { authcid: 'juliet', password: 'r0m30' } },
        nonce: 'abcdefgh',
        advertised: { mechanisms: ['SCRAM-SHA-256'], channelBindingTypes: undefined },
      },
    );

  /** A client of SCRAM and the last message of a server that knows it. */
  function through() {
    const client = scram();
    const server = createServerConversation('SCRAM-SHA-256', { ...serverDefaults, offered: ['SCRAM-SHA-256'] });
    const application = oneAccount('juliet', 'r0m30', salt, 4096);
    const said = (step: { readonly type: string; readonly data?: Uint8Array }): Uint8Array => step.data ?? nothing;
    const challenge = settleServer(server.receive(said(settleClient(client.start()))), application);
    const last = settleServer(server.receive(said(settleClient(client.receive(said(challenge))))), application);
    if (last.type !== 'success' || last.additionalData === undefined) throw new Error(`no success: ${last.type}`);
    return { client, signature: last.additionalData };
  }

  it('[S8] takes the signature with success or in a challenge before it', () => {
    const one = through();
    expect(one.client.succeed(one.signature)).toEqual({ type: 'verified' });
    const other = through();
    expect(other.client.receive(other.signature)).toEqual({ type: 'response', data: nothing });
    expect(other.client.succeed(undefined)).toEqual({ type: 'verified' });
  });

  it.each([
    [
      'success at once',
      'unexpected-success',
      () => {
        const client = scram();
        client.start();
        return client.succeed(undefined);
      },
    ],
    ['success without the signature', 'unexpected-success', () => through().client.succeed(undefined)],
    [
      'a signature twice',
      'unexpected-success',
      () => {
        const { client, signature } = through();
        client.receive(signature);
        return client.succeed(signature);
      },
    ],
    [
      'a challenge behind the signature',
      'unexpected-challenge',
      () => {
        const { client, signature } = through();
        client.receive(signature);
        return client.receive(signature);
      },
    ],
    [
      'a challenge behind success',
      'unexpected-challenge',
      () => {
        const { client, signature } = through();
        client.succeed(signature);
        return client.receive(signature);
      },
    ],
    [
      'a second beginning',
      'unexpected-challenge',
      () => {
        const client = scram();
        client.start();
        return client.start();
      },
    ],
    ['an error instead of the signature', 'server-error', () => through().client.succeed(utf8Encode('e=other-error'))],
  ] as const)('[S8] %s is refused: %s', (_what, reason, run) => {
    expect(run()).toMatchObject({ type: 'failed', reason });
  });

  it('an answer that comes behind the failure changes nothing', () => {
    const client = scram();
    client.start();
    const step = client.receive(utf8Encode(`r=abcdefgh12345678,s=${btoa('0123456789abcdef')},i=4096`));
    if (step.type !== 'question') throw new Error(`expected a question, came ${step.type}`);
    const failed = client.succeed(undefined);
    expect(failed).toMatchObject({ type: 'failed', reason: 'unexpected-success' });
    expect(step.resume(new Uint8Array(32))).toEqual(failed);
  });
});

describe('mechanisms that need no password', () => {
  const started = (mechanism: 'ANONYMOUS' | 'EXTERNAL', authzid?: string) => {
    const conversation = createClientConversation(
      { mechanism, channelBinding: { flag: 'n' }, requireDowngradeProtection: false },
      {
        credentials: { anonymous: true, certificate: true, authzid },
        nonce: 'abcdefgh',
        advertised: { mechanisms: [mechanism], channelBindingTypes: undefined },
      },
    );
    return { conversation, step: conversation.start() };
  };

  it('begin with nothing, or with an authorization identity', () => {
    for (const mechanism of ['ANONYMOUS', 'EXTERNAL'] as const) {
      const { conversation, step } = started(mechanism);
      expect([conversation.mechanism, step]).toEqual([mechanism, { type: 'response', data: nothing }]);
      expect(conversation.succeed(undefined)).toEqual({ type: 'verified' });
    }
    const { step } = started('EXTERNAL', 'juliet@im.example.com');
    expect(step.type === 'response' && utf8Decode(step.data)).toBe('juliet@im.example.com');
  });
});

describe('decoys (rule S21)', () => {
  it('have a salt and keys for each account, hash and secret', () => {
    const made = (byte: number, hash: 'SHA-1' | 'SHA-256', authcid: string) =>
      decoyCredentials({ secret: new Uint8Array(32).fill(byte), iterations: 4096 }, hash, authcid);
    const one = made(1, 'SHA-256', 'juliet');
    expect(one).toEqual(made(1, 'SHA-256', 'juliet'));
    expect([one.salt.length, one.storedKey.length, one.serverKey.length]).toEqual([16, 32, 32]);
    for (const other of [made(2, 'SHA-256', 'juliet'), made(1, 'SHA-1', 'juliet'), made(1, 'SHA-256', 'romeo')]) {
      expect(other.salt).not.toEqual(one.salt);
      expect(other.storedKey.subarray(0, 20)).not.toEqual(one.storedKey.subarray(0, 20));
    }
    expect(one.storedKey.subarray(0, 16)).not.toEqual(one.salt);
  });
});

describe('protection against downgrades (XEP-0474 §6.1)', () => {
  it('tells no types of channel binding from an empty list of them', () => {
    const mechanisms = ['SCRAM-SHA-256', 'PLAIN'];
    const hash = (channelBindingTypes: readonly string[] | undefined) =>
      downgradeProtection('SHA-256', { mechanisms, channelBindingTypes });
    expect(hash(undefined)).toBe('Rgy1OtqF8B/re2ip4rVzs2herVHnECfKbsLqKQgUMgo=');
    expect(hash(undefined)).not.toBe(hash([]));
    expect(hash(['b', 'a'])).toBe(hash(['a', 'b']));
  });
});

describe('a floor under the mechanisms', () => {
  const select = (options: Partial<Parameters<typeof selectMechanism>[0]>) =>
    selectMechanism({
      offered: ['PLAIN'],
      channelBindings: new Map(),
      channelBindingTypes: undefined,
      credentials: { password: { authcid: 'juliet', password: 'r0m30' } },
      transportProtected: true,
      ...options,
    });

  it('[S10] that is not known lets nothing pass', () => {
    expect(select({ floor: 'SCRAM-SHA-3' }).refused).toEqual([{ mechanism: 'PLAIN', reason: 'below-floor' }]);
    expect(select({}).selected).toMatchObject({ mechanism: 'PLAIN', requireDowngradeProtection: false });
    expect(select({ offered: ['SCRAM-SHA-256-PLUS'] }).refused).toEqual([
      { mechanism: 'SCRAM-SHA-256-PLUS', reason: 'no-channel-binding' },
    ]);
    expect(select({ offered: ['OAUTHBEARER'] }).refused).toEqual([{ mechanism: 'OAUTHBEARER', reason: 'unknown' }]);
  });
});

describe('refusals of a server (RFC 6120 §6.5)', () => {
  const refusal = (mechanism: string, offered: readonly string[], mechanisms?: readonly string[]) =>
    createServerConversation(mechanism, { ...serverDefaults, offered, ...(mechanisms && { mechanisms }) }).receive(
      undefined,
    );

  it.each([
    ['PLAIN', ['SCRAM-SHA-256'], ['PLAIN', 'SCRAM-SHA-256'], 'encryption-required'],
    ['PLAIN', ['SCRAM-SHA-256'], undefined, 'mechanism-too-weak'],
    ['SCRAM-SHA-1', ['SCRAM-SHA-256', 'SCRAM-SHA-512'], undefined, 'mechanism-too-weak'],
    ['SCRAM-SHA-256', ['SCRAM-SHA-1', 'SCRAM-SHA-512'], undefined, 'invalid-mechanism'],
    ['SCRAM-SHA-1', ['SCRAM-SHA-1-PLUS', 'PLAIN'], undefined, 'invalid-mechanism'],
    ['PLAIN', [], undefined, 'invalid-mechanism'],
    ['EXTERNAL', ['SCRAM-SHA-256'], undefined, 'invalid-mechanism'],
    ['OAUTHBEARER', ['PLAIN'], undefined, 'invalid-mechanism'],
  ] as const)('%s where %j is offered: %s', (mechanism, offered, mechanisms, condition) => {
    expect(refusal(mechanism, offered, mechanisms)).toMatchObject({ type: 'failure', condition });
  });
});

describe('SASLprep (RFC 4013)', () => {
  it.each([
    ['a\u00a0b', 'a b'],
    ['\u{10fffd}', undefined],
    ['\u0221', 'ȡ'],
    ['\ud7a4', '\ud7a4'],
    ['\u05d0\u0031\u05d0', 'א1א'],
    ['\u05d0\u0031', undefined],
    ['a\u05d0', undefined],
    ['\u00aa', 'a'],
    ['\u{2f868}', '\u{2136a}'],
  ])('of %j, for a query', (text, expected) => {
    expect(saslPrep(text, 'query')).toBe(expected);
  });

  it('stores nothing that is unassigned', () => {
    expect(saslPrep('\u0221', 'stored')).toBeUndefined();
    expect(saslPrep('é', 'stored')).toBe('é');
  });
});
