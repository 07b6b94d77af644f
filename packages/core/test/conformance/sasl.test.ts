import { describe, expect, it } from 'vitest';
import { type ReceivingEvent, type StreamPolicy } from '../../src/index.ts';
import { SASL_MECHANISMS, type AccountState } from '../../src/sasl/index.ts';
import {
  auth,
  client,
  CLOSING,
  failure,
  header,
  HEADER,
  mechanisms,
  plain,
  RESPONSE,
  SASL_NS,
  SECURED,
  server,
} from '../engine/script.ts';
import { answerReceiving, join, newInitiating, newReceiving, POLICY, TLS } from '../engine/support.ts';
import { authenticatedServer, BIND_NS, causeOf, LOGIN, SUCCESS } from './streams.ts';

const opened = (...args: Parameters<typeof server>): ReturnType<typeof server> => {
  const script = server(...args);
  script.peer(HEADER);
  return script;
};
const conditionIn = (said: string): string | undefined =>
  new RegExp(`<failure xmlns='${SASL_NS}'><([a-z-]+)/></failure>`).exec(said)?.[1];

/** A receiving entity with direct TLS whose accounts are in this state. */
function withAccount(state: AccountState | 'unknown-account') {
  return opened({}, SECURED, (entity, event: ReceivingEvent) => {
    if (event.type === 'ask' && event.ask === 'look-up-credentials') entity.answer(event, state);
    else answerReceiving(entity, event);
  });
}

/** What two entities agree on. */
function negotiate(initiating: Parameters<typeof newInitiating>[0], policy: Partial<StreamPolicy>) {
  const left = newInitiating({ ...SECURED, ...initiating });
  const right = newReceiving(SECURED);
  left.open();
  const run = join(left, right, { ...POLICY, ...policy });
  const event = run.initiating.events.find((each) => each.type === 'authenticated');
  return { run, identity: event?.type === 'authenticated' ? event.identity : undefined };
}

describe('the exchange (RFC 6120 §6.4)', () => {
  it('[C6.1] [C6.6] begins with <auth/>, goes on with challenges and responses, and ends with <success/>', () => {
    const { run } = negotiate({ mechanisms: ['SCRAM-SHA-1'] }, { mechanisms: ['SCRAM-SHA-1'] });
    const order = (wire: string) =>
      wire.match(new RegExp(`<(\\w+) xmlns='${SASL_NS}'`, 'g'))?.map((tag) => /\w+/.exec(tag)?.[0]);
    expect(order(run.initiating.wire)).toEqual(['auth', 'response']);
    expect(order(run.receiving.wire)).toEqual(['mechanisms', 'challenge', 'success']);
  });

  it('[R6.4.1-1] [R6.4.1-3] [R6.4.1-4] a header with an id, then features with the mechanisms', () => {
    expect(server().peer(HEADER).said).toMatch(
      new RegExp(`<stream:stream [^>]* id='[^']+'[^>]*><stream:features><mechanisms xmlns='${SASL_NS}'>`),
    );
  });

  it('[R6.4.3-1] [R6.4.3-2] [R6.3.5-2] challenges and responses are what the mechanism says, in base64', () => {
    const { run } = negotiate({ mechanisms: ['SCRAM-SHA-256'] }, { mechanisms: ['SCRAM-SHA-256'] });
    const inside = (wire: string, name: string) =>
      atob(new RegExp(`<${name} [^>]*>([^<]*)</${name}>`).exec(wire)?.[1] ?? '');
    expect(inside(run.initiating.wire, 'auth')).toMatch(/^[yn],,n=juliet,r=/);
    expect(inside(run.receiving.wire, 'challenge')).toMatch(/^r=[^,]+,s=[^,]+,i=4096/);
    expect(inside(run.initiating.wire, 'response')).toMatch(/^c=[^,]+,r=[^,]+,p=/);
    expect(inside(run.receiving.wire, 'success')).toMatch(/^v=/);
  });

  it('[R6.3.5-1] between the elements of an exchange we write nothing', () => {
    const { run } = negotiate({ mechanisms: ['SCRAM-SHA-256'] }, { mechanisms: ['SCRAM-SHA-256'] });
    for (const { wire } of [run.initiating, run.receiving]) expect(wire).not.toMatch(/>\s+</);
  });

  it('[R6.3.5-2] [R13.9.1-1] base64 that is not strict is refused on both sides', () => {
    for (const text of ['AG p1bGlldA==', 'AGp1bGlldA=', 'AGp1bGlldB==', '=AAA', 'A===', 'AA==AA==']) {
      expect(conditionIn(opened().peer(auth('PLAIN', text)).said)).toBe('incorrect-encoding');
      const script = client({ mechanisms: ['SCRAM-SHA-256'] });
      script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
      expect(script.peer(`<challenge xmlns='${SASL_NS}'>${text}</challenge>`).said).toContain(
        `<abort xmlns='${SASL_NS}'/>`,
      );
    }
  });

  it('[R7.4-1] binding is offered on the stream behind success', () => {
    const script = opened();
    script.peer(LOGIN);
    expect(script.peer(HEADER).said).toContain(`<bind xmlns='${BIND_NS}'/>`);
  });

  it('[R4.3.5-1] and nothing more once a resource is bound', () => {
    const script = authenticatedServer();
    const { said } = script.peer(`<iq type='set' id='b1'><bind xmlns='${BIND_NS}'/></iq>`);
    expect(said).toMatch(/^<iq /);
    expect(said).not.toContain('features');
  });
});

describe('mechanisms (RFC 6120 §6.3.3, §6.3.4, §13.8)', () => {
  it('[R6.3.3-1] [C13.9.3] both sides have an order: EXTERNAL, then the strongest hash with a binding, PLAIN near the end', () => {
    expect(SASL_MECHANISMS).toEqual([
      'EXTERNAL',
      'SCRAM-SHA-512-PLUS',
      'SCRAM-SHA-256-PLUS',
      'SCRAM-SHA-1-PLUS',
      'SCRAM-SHA-512',
      'SCRAM-SHA-256',
      'SCRAM-SHA-1',
      'PLAIN',
      'ANONYMOUS',
    ]);
    const offer = ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-512', 'SCRAM-SHA-256'];
    expect(negotiate({}, { mechanisms: offer }).identity?.mechanism).toBe('SCRAM-SHA-512');
    const said = server({ mechanisms: offer }).peer(HEADER).said;
    expect([...said.matchAll(/<mechanism>([^<]+)</g)].map(([, name]) => name)).toEqual(offer);
  });

  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'])(
    '[F-security-mti-auth-scram] [R13.8.1-1] [R6.3.4-4] %s is spoken on both sides',
    (mechanism) => {
      expect(negotiate({ mechanisms: [mechanism] }, { mechanisms: [mechanism] }).identity?.mechanism).toBe(mechanism);
    },
  );

  it('[R13.8.1-2] [R13.8.3-1] -PLUS is taken where both have it, and then binds', () => {
    const { identity } = negotiate({}, { mechanisms: ['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'] });
    expect(identity).toMatchObject({ mechanism: 'SCRAM-SHA-1-PLUS', channelBinding: 'tls-exporter' });
    const other = newReceiving({
      security: {
        kind: 'tls',
        tls: { ...TLS, channelBindings: new Map([['tls-exporter', new Uint8Array(32).fill(9)]]) },
      },
    });
    const left = newInitiating(SECURED);
    left.open();
    const run = join(left, other, { ...POLICY, mechanisms: ['SCRAM-SHA-1-PLUS'] });
    expect(run.receiving.wire).toContain('<not-authorized/>');
  });

  it('[R13.8.3-2] PLAIN is spoken over TLS, on both sides', () => {
    expect(negotiate({}, { mechanisms: ['PLAIN'] }).identity?.mechanism).toBe('PLAIN');
  });

  it('[R13.8.3-5] what is offered is what the policy lists, and no more', () => {
    const said = server({ mechanisms: ['SCRAM-SHA-256'] }).peer(HEADER).said;
    expect([...said.matchAll(/<mechanism>([^<]+)</g)].map(([, name]) => name)).toEqual(['SCRAM-SHA-256']);
  });

  it('[R6.3.9-1] [R6.3.9-2] none has a realm, and no domain comes from anywhere but the stream and the account', () => {
    const { run, identity } = negotiate({}, {});
    expect(run.initiating.wire + run.receiving.wire).not.toContain('realm');
    expect(identity?.jid?.toString()).toBe('juliet@im.example.com');
  });
});

describe('authorization identities (RFC 6120 §6.3.8)', () => {
  const initialResponse = (config: Parameters<typeof client>[0], mechanism: string) => {
    const script = client({ ...config, mechanisms: [mechanism] });
    return atob(/<auth [^>]*>([^<]*)</.exec(script.peer(RESPONSE + mechanisms(mechanism)).said)?.[1] ?? '');
  };

  it('[R6.3.8-2] none is sent unless the application wants to act for another', () => {
    expect(initialResponse({}, 'PLAIN')).toBe('\0juliet\0r0m30');
    expect(initialResponse({}, 'SCRAM-SHA-256')).toMatch(/^[ny],,n=juliet,/);
  });

  it('one is sent where it does', () => {
    const credentials = { authcid: 'nurse', password: 'r0m30' };
    const authzid = 'juliet@im.example.com';
    expect(initialResponse({ credentials, authzid }, 'PLAIN')).toBe('juliet@im.example.com\0nurse\0r0m30');
    expect(initialResponse({ credentials, authzid }, 'SCRAM-SHA-256')).toMatch(
      /^[ny],a=juliet@im.example.com,n=nurse,/,
    );
  });
});

describe('failures (RFC 6120 §6.5)', () => {
  const PROVOKE: readonly (readonly [number, string, () => string])[] = [
    [1, 'aborted', () => opened().peer(`<abort xmlns='${SASL_NS}'/>`).said],
    [2, 'account-disabled', () => withAccount('account-disabled').peer(LOGIN).said],
    [3, 'credentials-expired', () => withAccount('credentials-expired').peer(LOGIN).said],
    [4, 'encryption-required', () => opened({}, {}).peer(LOGIN).said],
    [5, 'incorrect-encoding', () => opened().peer(auth('PLAIN', '[base64]')).said],
    [6, 'invalid-authzid', () => opened().peer(auth('PLAIN', plain('juliet', 'r0m30', 'romeo@im.example.com'))).said],
    [7, 'invalid-mechanism', () => opened().peer(auth('CRAM-MD5', '')).said],
    [8, 'malformed-request', () => opened().peer(auth('PLAIN', btoa('juliet'))).said],
    [
      9,
      'mechanism-too-weak',
      () =>
        opened({ mechanisms: ['SCRAM-SHA-512', 'SCRAM-SHA-256'] }).peer(
          auth('SCRAM-SHA-1', btoa('n,,n=juliet,r=abcdefgh')),
        ).said,
    ],
    [10, 'not-authorized', () => opened().peer(auth('PLAIN', plain('juliet', 'wrong'))).said],
    [11, 'temporary-auth-failure', () => withAccount('temporary-auth-failure').peer(LOGIN).said],
  ];

  it.each(PROVOKE)('[C6.5.%i] [R6.5-1] [F-sasl-errors] %s is sent', (_, condition, provoke) => {
    expect(conditionIn(provoke())).toBe(condition);
  });

  it.each(PROVOKE.map(([n, condition]) => [n, condition] as const))('[C6.5.%i] %s is understood', (_, condition) => {
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    const first = causeOf(script.peer(failure(condition)));
    expect(first ?? causeOf(script.peer(CLOSING))).toMatchObject({
      code: condition === 'invalid-mechanism' ? 'peer-incompatible' : 'negotiation-failed',
      ...(condition === 'invalid-mechanism' ? {} : { at: 'sasl', condition }),
    });
  });

  it('[R6.4.5-1] the condition says what went wrong, also for what stands behind the answers of the application', () => {
    expect(conditionIn(withAccount('unknown-account').peer(LOGIN).said)).toBe('not-authorized');
  });

  it('[R13.9.4-5] guessing ends after a few tries', () => {
    const script = opened();
    const guess = auth('PLAIN', plain('juliet', 'guess'));
    const ends = [1, 2, 3].map(() => causeOf(script.peer(guess)));
    expect(ends).toEqual([
      undefined,
      undefined,
      expect.objectContaining({ violation: 'too-many-authentication-attempts' }),
    ]);
  });
});

describe('identities that are correlated (RFC 6120 §6.4.6, §13.7.2)', () => {
  const claim = (from: string) => header(`from='${from}' to='im.example.com' version='1.0'`);

  it('[F-sasl-correlate] [F-tls-correlate] [R13.7.2-4] a protected header from somebody else than SASL proves ends the stream', () => {
    const right = server();
    right.peer(claim('juliet@im.example.com'));
    expect(right.peer(LOGIN).said).toContain('<success');
    const wrong = server();
    wrong.peer(claim('romeo@im.example.com'));
    expect(causeOf(wrong.peer(LOGIN))).toMatchObject({ violation: 'header-from-changed' });
  });

  it('the initiating side compares the response with the domain that it asked for', () => {
    const script = client({ mechanisms: ['PLAIN'] });
    const step = script.peer(header("from='example.net' id='s1' version='1.0'") + mechanisms('PLAIN'));
    expect(causeOf(step)).toMatchObject({ violation: 'response-from-wrong' });
  });
});

describe('client certificates (RFC 6120 §13.7.2.2)', () => {
  const presented = (trusted: boolean) =>
    ({
      security: { kind: 'tls', tls: { ...TLS, peerCertificate: { der: Uint8Array.of(0x30, 1), trusted } } },
    }) as const;
  const policy = { mechanisms: ['EXTERNAL', 'SCRAM-SHA-256'] };

  it('[R13.8.4-1] [F-security-mti-both-external] EXTERNAL over TLS, on both sides', () => {
    const left = newInitiating({ ...SECURED, authenticateBy: 'certificate' });
    const right = newReceiving(presented(true));
    left.open();
    const run = join(left, right, { ...POLICY, ...policy });
    expect(run.receiving.wire).toContain('<mechanism>EXTERNAL</mechanism>');
    expect(run.initiating.wire).toContain(auth('EXTERNAL', '='));
    expect(run.receiving.events).toContainEqual(expect.objectContaining({ ask: 'authorize', mechanism: 'EXTERNAL' }));
  });

  it.each([
    ['juliet@im.example.com', 'juliet'],
    ['capulet@im.example.com', 'capulet'],
  ])(
    '[R13.7.2.2.1-1] [R13.7.2.2.1-2] [R13.7.2.2.1-4] the application sees the certificate and says who that is: %s',
    (authzid, localpart) => {
      const seen: unknown[] = [];
      const script = opened(policy, presented(true), (entity, event) => {
        if (event.type === 'ask' && event.ask === 'authorize') {
          seen.push(event.security.kind === 'tls' ? event.security.tls.peerCertificate : undefined);
          entity.answer(event, { authcid: authzid, authzid });
        } else answerReceiving(entity, event, { ...POLICY, ...policy });
      });
      const { events } = script.peer(auth('EXTERNAL', '='));
      expect(seen).toMatchObject([{ trusted: true, der: Uint8Array.of(0x30, 1) }]);
      expect(events.find((event) => event.type === 'authenticated')).toMatchObject({
        identity: { jid: { localpart } },
      });
    },
  );

  it('[R13.7.2.2.1-3] of several addresses the header says which; another answer is refused', () => {
    const script = server(policy, presented(true), (entity, event) => {
      if (event.type === 'ask' && event.ask === 'authorize')
        entity.answer(event, { authcid: 'romeo@im.example.com', authzid: 'romeo@im.example.com' });
      else answerReceiving(entity, event, { ...POLICY, ...policy });
    });
    script.peer(header("from='juliet@im.example.com' to='im.example.com' version='1.0'"));
    expect(causeOf(script.peer(auth('EXTERNAL', '=')))).toMatchObject({ violation: 'header-from-changed' });
  });

  it('[R13.7.2.2.2-1] [R13.7.2.2.3-1] a certificate that is not trusted is no identity: EXTERNAL is not offered and not done, SCRAM is', () => {
    const script = server(policy, presented(false));
    const { said } = script.peer(HEADER);
    expect(said).not.toContain('EXTERNAL');
    expect(said).toContain('<mechanism>SCRAM-SHA-256</mechanism>');
    expect(script.peer(auth('EXTERNAL', '=')).said).toContain('<failure');
  });
});

describe('both directions (RFC 6120 §13.6)', () => {
  it('[R13.6-4] the client proves itself to the server and the server to the client, before either takes stanzas', () => {
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    expect(causeOf(script.peer(SUCCESS))).toMatchObject({ violation: 'success-unverified' });
    const { run } = negotiate({ mechanisms: ['SCRAM-SHA-256'] }, { mechanisms: ['SCRAM-SHA-256'] });
    expect(run.receiving.wire).toMatch(/<success [^>]*>[^<]+<\/success>/);
  });
});
