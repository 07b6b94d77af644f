import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from '../../src/bytes/base64.ts';
import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import { downgradeProtection } from '../../src/sasl/downgrade.ts';
import {
  createClientConversation,
  createServerConversation,
  scramCredentials,
  type AccountState,
  type ChannelBindings,
  type ClientCredentials,
  type SaslMechanismName,
  type ScramHash,
  type SelectedMechanism,
  type ServerConversation,
  type ServerConversationOptions,
  type ServerStep,
} from '../../src/sasl/index.ts';
import { converse, oneAccount, serverDefaults, settleServer, type Application } from './dialogue.ts';

const CLIENT_NONCE = 'rOprNGfwEbeRWgbNEkqO';
const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const application = oneAccount('juliet', 'r0m30myr0m30', salt);
const exporter: ChannelBindings = new Map([['tls-exporter', new Uint8Array(32).fill(7)]]);
const bothForms = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'];

describe('a SCRAM server reads the first message', () => {
  it.each([
    ['an upper-case flag', 'N,,n=juliet,r=abcdefgh'],
    ['a channel-binding type without name', 'p=,,n=juliet,r=abcdefgh'],
    ['a channel-binding type with a strange character', 'p=tls_unique,,n=juliet,r=abcdefgh'],
    ['half a gs2 header', 'n'],
    ['a gs2 header alone', 'n,,'],
    ['an authzid without its letter', 'n,juliet,n=juliet,r=abcdefgh'],
    ['an empty authzid', 'n,a=,n=juliet,r=abcdefgh'],
    ['a name with a NUL', 'n,,n=jul\0iet,r=abcdefgh'],
    ['a name with a bad escape', 'n,,n=jul=2ciet,r=abcdefgh'],
    ['an authzid with a bad escape', 'n,a=jul=20iet,n=juliet,r=abcdefgh'],
    ['a nonce with a space', 'n,,n=juliet,r=abcd efgh'],
    ['an empty nonce', 'n,,n=juliet,r='],
    ['an extension between name and nonce', 'n,,n=juliet,x=1,r=abcdefgh'],
    ['a comma at the end', 'n,,n=juliet,r=abcdefgh,'],
    ['a mandatory extension at the end', 'n,,n=juliet,r=abcdefgh,m=x'],
    ['a second name', 'n,,n=juliet,r=abcdefgh,n=romeo'],
    ['a proof', 'n,,n=juliet,r=abcdefgh,p=AAAA'],
  ])('[S8] refuses %s as malformed', (_, message) => {
    expect(server().receive(utf8Encode(message))).toMatchObject({ type: 'failure', condition: 'malformed-request' });
  });

  it.each(['n,,m=x,n=juliet,r=abcdefgh', 'n,,n=juliet,m=x,r=abcdefgh', 'n,,n=juliet,r=abcdefgh,m=x', 'n,,m=x'])(
    '[S8] says for a mandatory extension what it is, wherever it stands: %s',
    (message) => {
      expect(server().receive(utf8Encode(message))).toMatchObject({
        condition: 'malformed-request',
        detail: expect.stringMatching(/^extensions-not-supported: /),
      });
    },
  );

  it('refuses what is not UTF-8', () => {
    const bytes = Uint8Array.of(...utf8Encode('n,,n='), 0xff, ...utf8Encode(',r=abcdefgh'));
    expect(server().receive(bytes)).toMatchObject({ condition: 'malformed-request' });
  });

  it('[S8] refuses a nonce that is too short', () => {
    expect(server().receive(utf8Encode('n,,n=juliet,r=abcdefg'))).toMatchObject({ condition: 'not-authorized' });
    expect(server().receive(utf8Encode('n,,n=juliet,r=abcdefgh')).type).toBe('question');
  });

  it('refuses a name that SASLprep refuses or empties', () => {
    for (const name of ['\u0007', '\u00ad', '\u0627\u0031']) {
      expect(server().receive(utf8Encode(`n,,n=${name},r=abcdefgh`))).toMatchObject({
        condition: 'not-authorized',
        detail: expect.stringMatching(/^invalid-username-encoding: /),
      });
    }
  });

  it('asks for the account by its prepared name, with hash and mechanism', () => {
    expect(server().receive(utf8Encode('n,,n=jul\u00adi=3De=2Ct,r=abcdefgh,x=1'))).toMatchObject({
      type: 'question',
      name: 'look-up-credentials',
      request: { mechanism: 'SCRAM-SHA-256', hash: 'SHA-256', authcid: 'juli=e,t' },
    });
  });

  it('[R6.3.10-1] asks for the first message where it did not come with the request', () => {
    const conversation = server();
    expect(conversation.receive(undefined)).toEqual({ type: 'challenge', data: new Uint8Array() });
    expect(conversation.receive(utf8Encode('n,,n=juliet,r=abcdefgh')).type).toBe('question');
    const silent = server();
    silent.receive(undefined);
    expect(silent.receive(undefined)).toMatchObject({ condition: 'malformed-request' });
  });

  it('takes nothing while its question is open, and no answer afterwards', () => {
    const conversation = server();
    const question = lookUpOf(conversation.receive(utf8Encode('n,,n=juliet,r=abcdefgh')));
    expect(conversation.receive(new Uint8Array())).toMatchObject({ type: 'failure', condition: 'malformed-request' });
    expect(question.resume('unknown-account')).toMatchObject({ type: 'failure' });
  });
});

describe('a SCRAM server and the answer to its look-up', () => {
  const good = scramCredentials({ hash: 'SHA-256', password: 'r0m30myr0m30', salt, iterations: 1 });

  it.each([
    ['a stored key of another hash', { ...good, storedKey: new Uint8Array(20) }],
    ['a server key of another hash', { ...good, serverKey: new Uint8Array(64) }],
    ['no salt', { ...good, salt: new Uint8Array() }],
    ['no iterations', { ...good, iterations: 0 }],
    ['half an iteration', { ...good, iterations: 1.5 }],
  ])('throws for %s, and stays open', (_, answer) => {
    const question = lookUpOf(server().receive(utf8Encode('n,,n=juliet,r=abcdefgh')));
    expect(() => question.resume(answer)).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
    expect(question.resume(good).type).toBe('challenge');
    expect(() => question.resume(good)).toThrow(expect.objectContaining({ code: 'ask-already-answered' }));
  });

  it.each<AccountState>(['account-disabled', 'credentials-expired', 'temporary-auth-failure'])(
    'passes %s on',
    (state) => {
      const question = lookUpOf(server().receive(utf8Encode('n,,n=juliet,r=abcdefgh')));
      expect(question.resume(state)).toMatchObject({ type: 'failure', condition: state });
    },
  );

  it('[S21] tells the state that comes with credentials only to a peer that knows the password', () => {
    const disabled: Application = { lookUp: () => ({ ...good, accountState: 'account-disabled' }) };
    expect(login({ application: disabled }).server).toMatchObject({ condition: 'account-disabled' });
    expect(login({ application: disabled, password: 'wrong' }).server).toMatchObject({ condition: 'not-authorized' });
  });
});

describe('[S21] a SCRAM server and an account that is not there', () => {
  const message = utf8Encode(`n,,n=mercutio,r=${CLIENT_NONCE}`);

  it('asks for a proof with a salt that stays the same, and refuses at the proof', () => {
    const first = settleServer(server().receive(message), application);
    const second = settleServer(server().receive(message), application);
    expect(first.type).toBe('challenge');
    expect(second).toEqual(first);
    const { server: step, messages } = login({ authcid: 'mercutio' });
    expect(messages).toHaveLength(3);
    const known = login({ password: 'wrong' });
    expect(known.messages).toHaveLength(3);
    expect([step, known.server]).toMatchObject([
      { type: 'failure', condition: 'not-authorized', detail: 'invalid-proof: there is no such account' },
      { type: 'failure', condition: 'not-authorized', detail: 'invalid-proof: the password is wrong' },
    ]);
  });

  it('has salts that differ by name, hash and secret, and look like real ones', () => {
    const salts = new Set<string>();
    const hashes: ScramHash[] = ['SHA-1', 'SHA-256', 'SHA-512'];
    for (const hash of hashes) {
      for (const name of ['mercutio', 'tybalt']) {
        for (const secret of ['one', 'two']) {
          const decoy = { secret: utf8Encode(secret), iterations: 10_000 };
          const step = settleServer(
            server({ decoy }, `SCRAM-${hash}`).receive(utf8Encode(`n,,n=${name},r=${CLIENT_NONCE}`)),
            application,
          );
          const [, , field = '', iterations] = /^(r=.*),s=(.*),(i=.*)$/.exec(textOf(step) ?? '') ?? [];
          salts.add(field);
          expect(iterations).toBe('i=10000');
          expect(base64Decode(field)).toHaveLength(16);
        }
      }
    }
    expect(salts.size).toBe(12);
  });

  it('has one salt however its name is written, as an account that is there has, and another one at another host', () => {
    const saltOf = (name: string, options: Partial<ServerConversationOptions> = {}) => {
      const first = utf8Encode(`n,,n=${name},r=${CLIENT_NONCE}`);
      return /,s=([^,]*)/.exec(textOf(settleServer(server(options).receive(first), application)) ?? '')?.[1];
    };
    const accountOf = (authcid: string): string => authcid.toLowerCase();
    expect(saltOf('Mercutio', { accountOf })).toBe(saltOf('mercutio', { accountOf }));
    expect(saltOf('Mercutio')).not.toBe(saltOf('mercutio'));
    expect(saltOf('mercutio', { domain: 'example.net' })).not.toBe(saltOf('mercutio'));
  });

  it('has salts as long as it is told', () => {
    const decoy = { ...serverDefaults.decoy, saltBytes: 32 };
    const step = settleServer(server({ decoy }).receive(message), application);
    expect(base64Decode(/s=([^,]*)/.exec(textOf(step) ?? '')?.[1] ?? '')).toHaveLength(32);
  });

  it('refuses even the proof that fits the decoy', () => {
    // Whoever knew the secret could not log in either: with no account there is nothing to become.
    const conversation = server();
    const question = lookUpOf(conversation.receive(message));
    question.resume('unknown-account');
    const final = utf8Encode(`c=biws,r=${CLIENT_NONCE}${serverDefaults.nonce},p=${base64Encode(new Uint8Array(32))}`);
    expect(conversation.receive(final)).toMatchObject({ condition: 'not-authorized' });
  });
});

describe('a SCRAM server reads the last message', () => {
  const nonce = CLIENT_NONCE + serverDefaults.nonce;
  const proof = base64Encode(new Uint8Array(32));

  it.each([
    ['nothing', '', 'malformed-request'],
    ['no proof', `c=biws,r=${nonce}`, 'malformed-request'],
    ['an empty proof', `c=biws,r=${nonce},p=`, 'malformed-request'],
    ['something after the proof', `c=biws,r=${nonce},p=${proof},x=1`, 'malformed-request'],
    ['two proofs', `c=biws,r=${nonce},p=${proof},p=${proof}`, 'malformed-request'],
    ['an empty channel binding', `c=,r=${nonce},p=${proof}`, 'malformed-request'],
    ['a nonce with a space', `c=biws,r=${nonce} ,p=${proof}`, 'malformed-request'],
    ['a mandatory extension first', `m=x,c=biws,r=${nonce},p=${proof}`, 'malformed-request'],
    ['a mandatory extension', `c=biws,r=${nonce},m=x,p=${proof}`, 'malformed-request'],
    ['another nonce', `c=biws,r=${nonce}x,p=${proof}`, 'not-authorized'],
    ['a gs2 header cut short', `c=${base64Encode(utf8Encode('n,'))},r=${nonce},p=${proof}`, 'not-authorized'],
    ['a proof of zeros', `c=biws,r=${nonce},p=${proof}`, 'not-authorized'],
    ['a proof that is too short', `c=biws,r=${nonce},p=AAAA`, 'not-authorized'],
    ['a proof that is too long', `c=biws,r=${nonce},p=${base64Encode(new Uint8Array(33))}`, 'not-authorized'],
  ])('[S8] refuses %s', (_, message, condition) => {
    const conversation = challenged();
    expect(conversation.receive(utf8Encode(message))).toMatchObject({ type: 'failure', condition });
    expect(conversation.receive(utf8Encode(message))).toMatchObject({ type: 'failure' });
  });

  it.each([`m=x,c=biws,r=${nonce},p=${proof}`, `c=biws,m=x,r=${nonce},p=${proof}`, `c=biws,r=${nonce},p=${proof},m=x`])(
    '[S8] says for a mandatory extension what it is, wherever it stands: %s',
    (message) => {
      expect(challenged().receive(utf8Encode(message))).toMatchObject({
        condition: 'malformed-request',
        detail: expect.stringMatching(/^extensions-not-supported: /),
      });
    },
  );

  it('refuses what is not UTF-8', () => {
    expect(challenged().receive(Uint8Array.of(0xff))).toMatchObject({ condition: 'malformed-request' });
  });

  it('refuses a right proof that misses its last byte', () => {
    const { server: step } = login({
      tamper: (message, index) => {
        if (index !== 2) return message;
        const text = utf8Decode(message) ?? '';
        const at = text.indexOf(',p=') + 3;
        const whole = base64Decode(text.slice(at)) ?? new Uint8Array();
        return utf8Encode(text.slice(0, at) + base64Encode(whole.subarray(0, 31)));
      },
    });
    expect(step).toMatchObject({ condition: 'not-authorized' });
  });
});

describe('[S10] a SCRAM server and channel binding', () => {
  const p: SelectedMechanism['channelBinding'] = { flag: 'p', type: 'tls-exporter', data: new Uint8Array(32).fill(7) };

  it('accepts what both sides see alike, and says so', () => {
    const { server: step, client } = login({
      mechanism: 'SCRAM-SHA-256-PLUS',
      channelBinding: p,
      offered: bothForms,
      channelBindings: exporter,
    });
    expect(step).toMatchObject({ type: 'success', channelBinding: 'tls-exporter' });
    expect(client).toEqual({ type: 'verified' });
  });

  it('refuses what a man in the middle would make of it', () => {
    const other = { ...p, data: new Uint8Array(32).fill(8) };
    const { server: step } = login({
      mechanism: 'SCRAM-SHA-256-PLUS',
      channelBinding: other,
      offered: bothForms,
      channelBindings: exporter,
    });
    expect(step).toMatchObject({ type: 'failure', condition: 'not-authorized' });
  });

  it('refuses y where it offered -PLUS, and takes it where it did not', () => {
    const y = { flag: 'y' } as const;
    expect(login({ channelBinding: y, offered: bothForms, channelBindings: exporter }).server).toMatchObject({
      detail: expect.stringContaining('server-does-support-channel-binding'),
    });
    expect(login({ channelBinding: y, channelBindings: exporter }).server.type).toBe('success');
    expect(login({ channelBinding: y }).server.type).toBe('success');
  });

  it('takes n where it offered -PLUS: the client cannot', () => {
    expect(login({ offered: bothForms, channelBindings: exporter }).server).toMatchObject({
      type: 'success',
      channelBinding: undefined,
    });
  });

  it.each([
    ['n in -PLUS', 'SCRAM-SHA-256-PLUS', 'n', 'other-error'],
    ['y in -PLUS', 'SCRAM-SHA-256-PLUS', 'y', 'other-error'],
    ['p in the form without -PLUS', 'SCRAM-SHA-256', 'p=tls-exporter', 'other-error'],
    ['another type', 'SCRAM-SHA-256-PLUS', 'p=tls-unique', 'unsupported-channel-binding-type'],
    ['a type that nobody knows', 'SCRAM-SHA-256-PLUS', 'p=x', 'unsupported-channel-binding-type'],
  ])('refuses %s', (_, mechanism, flag, error) => {
    const conversation = server({ offered: bothForms, channelBindings: exporter }, mechanism);
    expect(conversation.receive(utf8Encode(`${flag},,n=juliet,r=${CLIENT_NONCE}`))).toMatchObject({
      type: 'failure',
      condition: 'not-authorized',
      detail: expect.stringContaining(`${error}:`),
    });
  });

  it('says under signature what it offered (XEP-0474)', () => {
    const advertised = { mechanisms: bothForms, channelBindingTypes: ['tls-exporter'] };
    const { messages, client } = login({ serverAdvertised: advertised, clientAdvertised: advertised });
    expect(messages[1]).toMatch(new RegExp(`,h=${downgradeProtection('SHA-256', advertised).replaceAll('+', '\\+')}$`));
    expect(client).toEqual({ type: 'verified' });
    const stripped = { mechanisms: ['SCRAM-SHA-256'], channelBindingTypes: undefined };
    expect(login({ serverAdvertised: advertised, clientAdvertised: stripped }).client).toMatchObject({
      reason: 'downgrade-detected',
    });
  });

  it('notices when what it said is made to fit a stripped list', () => {
    const advertised = { mechanisms: bothForms, channelBindingTypes: ['tls-exporter'] };
    const stripped = { mechanisms: ['SCRAM-SHA-256'], channelBindingTypes: undefined };
    const { server: step } = login({
      serverAdvertised: advertised,
      clientAdvertised: stripped,
      tamper: (message, index) =>
        index === 1
          ? utf8Encode((utf8Decode(message) ?? '').replace(/h=.*$/, `h=${downgradeProtection('SHA-256', stripped)}`))
          : message,
    });
    expect(step).toMatchObject({ type: 'failure', condition: 'not-authorized' });
  });
});

describe('[S11] a SCRAM server and the authorization identity', () => {
  it.each([
    ['none', undefined],
    ['the own bare JID', 'juliet@im.example.com'],
  ])('lets an account with %s act as itself', (_, authzid) => {
    expect(login({ authzid }).server).toMatchObject({ type: 'success', authcid: 'juliet', authzid: undefined });
  });

  it('lets the caller compare prepared JIDs', () => {
    const sameAccount = (authcid: string, authzid: string) => authzid.toLowerCase() === `${authcid}@im.example.com`;
    expect(login({ authzid: 'JULIET@im.example.com', sameAccount }).server).toMatchObject({
      type: 'success',
      authzid: undefined,
    });
  });

  it('[R6.3.8-5] asks about another identity, after the proof', () => {
    const admin: Application = {
      ...application,
      authorize: ({ mechanism, authcid, authzid }) =>
        mechanism === 'SCRAM-SHA-256' && authcid === 'juliet' && authzid === 'romeo@im.example.com'
          ? { authcid: 'juliet', authzid: 'romeo@im.example.com' }
          : 'invalid-authzid',
    };
    const authzid = 'romeo@im.example.com';
    expect(login({ authzid, application: admin }).server).toMatchObject({
      type: 'success',
      authcid: 'juliet',
      authzid,
    });
    expect(login({ authzid: 'nurse@im.example.com', application: admin }).server).toMatchObject({
      condition: 'invalid-authzid',
    });
    expect(login({ authzid, application: admin, password: 'wrong' }).server).toMatchObject({
      condition: 'not-authorized',
    });
  });

  it('[R6.3.8-5] refuses another identity at once where the policy says so', () => {
    const noQuestion: Application = {
      ...application,
      authorize: () => expect.unreachable('no question was to be asked'),
    };
    const { server: step } = login({
      authzid: 'romeo@im.example.com',
      otherAuthzid: 'refuse',
      application: noQuestion,
    });
    expect(step).toMatchObject({ type: 'failure', condition: 'invalid-authzid' });
  });

  it('throws for an identity that is empty', () => {
    const empty: Application = { ...application, authorize: () => ({ authcid: '', authzid: undefined }) };
    expect(() => login({ authzid: 'romeo@im.example.com', application: empty })).toThrow(
      expect.objectContaining({ code: 'answer-invalid' }),
    );
  });
});

interface Login {
  readonly authcid?: string;
  readonly password?: string;
  readonly authzid?: string | undefined;
  readonly mechanism?: SaslMechanismName;
  readonly channelBinding?: SelectedMechanism['channelBinding'];
  readonly application?: Application;
  readonly serverAdvertised?: ServerConversationOptions['advertised'];
  readonly clientAdvertised?: ServerConversationOptions['advertised'];
  readonly tamper?: (message: Uint8Array, index: number) => Uint8Array;
}

function login(options: Login & Partial<ServerConversationOptions>) {
  const {
    authcid = 'juliet',
    password = 'r0m30myr0m30',
    authzid,
    mechanism = 'SCRAM-SHA-256',
    channelBinding = { flag: 'n' },
  } = options;
  const credentials: ClientCredentials = { password: { authcid, password }, authzid };
  const client = createClientConversation(
    { mechanism, channelBinding, requireDowngradeProtection: false },
    { credentials, nonce: CLIENT_NONCE, advertised: options.clientAdvertised, limits: { minIterations: 1 } },
  );
  const {
    offered = serverDefaults.offered,
    channelBindings = new Map(),
    sameAccount,
    otherAuthzid,
    serverAdvertised: advertised,
  } = options;
  const receiving = server({ offered, channelBindings, sameAccount, otherAuthzid, advertised }, mechanism);
  return converse(client, receiving, options.application ?? application, options.tamper && { tamper: options.tamper });
}

function server(options: Partial<ServerConversationOptions> = {}, mechanism = 'SCRAM-SHA-256'): ServerConversation {
  return createServerConversation(mechanism, { ...serverDefaults, ...options });
}

function challenged(): ServerConversation {
  const conversation = server();
  settleServer(conversation.receive(utf8Encode(`n,,n=juliet,r=${CLIENT_NONCE}`)), application);
  return conversation;
}

function lookUpOf(step: ServerStep): Extract<ServerStep, { name: 'look-up-credentials' }> {
  if (step.type !== 'question' || step.name !== 'look-up-credentials')
    throw new Error(`a look-up was expected, not ${step.type}`);
  return step;
}

function textOf(step: ServerStep): string | undefined {
  return step.type === 'challenge' ? utf8Decode(step.data) : undefined;
}
