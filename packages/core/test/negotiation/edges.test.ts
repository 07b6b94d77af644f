import { describe, expect, it } from 'vitest';
import {
  jid,
  LocalProtocolError,
  type InitiatingEvent,
  type ReceivingEvent,
  type StreamPolicy,
  type TlsFacts,
} from '../../src/index.ts';
import { unicodePreparation } from '../../src/jid/unicode.ts';
import { downgradeProtection } from '../../src/sasl/downgrade.ts';
import {
  auth,
  bytes,
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
import { answerReceiving, BINDING, join, newInitiating, newReceiving, POLICY, TLS } from '../engine/support.ts';

const BIND_NS = 'urn:ietf:params:xml:ns:xmpp-bind';
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const success = (data = ''): string => `<success xmlns='${SASL_NS}'>${data}</success>`;
const response = (data: string): string => `<response xmlns='${SASL_NS}'>${data}</response>`;
const bind = (attributes = '', resource = ''): string =>
  `<iq type='set' id='b1' ${attributes}><bind xmlns='${BIND_NS}'>${resource}</bind></iq>`;
const causeOf = (events: readonly (InitiatingEvent | ReceivingEvent)[]) => {
  const last = events.at(-1);
  if (last?.type !== 'closed') throw new Error(`expected closed, came ${last?.type}`);
  return last.cause;
};

/** Challenges are SCRAM's attributes. */
function challengeIn(said: string): ReadonlyMap<string, string> {
  const text = atob(/<challenge[^>]*>([^<]*)</.exec(said)?.[1] ?? '');
  return new Map(text.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}

describe('SASL, initiating side (RFC 6120 §6)', () => {
  it('reads names of mechanisms with white space around them', () => {
    const { said } = client().peer(
      `${RESPONSE}<stream:features><mechanisms xmlns='${SASL_NS}'><mechanism>\n  PLAIN </mechanism></mechanisms></stream:features>`,
    );
    expect(said).toContain("mechanism='PLAIN'");
  });

  it('tries three mechanisms that the server offers and does not have, and no fourth', () => {
    const all = ['EXTERNAL', 'SCRAM-SHA-512', 'SCRAM-SHA-256', 'SCRAM-SHA-1'];
    const script = client({ mechanisms: all, authenticateBy: 'certificate' });
    let { said } = script.peer(RESPONSE + mechanisms(...all));
    const tried: string[] = [];
    for (let mechanism = /mechanism='([^']*)'/.exec(said)?.[1]; mechanism !== undefined;) {
      tried.push(mechanism);
      said = script.peer(failure('invalid-mechanism')).said;
      mechanism = /mechanism='([^']*)'/.exec(said)?.[1];
    }
    expect(tried).toEqual(all.slice(0, 3));
  });

  it.each([
    [`<foo xmlns='${SASL_NS}'/>`, 'first-level-element-unknown'],
    [`<auth xmlns='${SASL_NS}'/>`, 'first-level-element-unknown'],
    ["<success xmlns='urn:example:x'/>", 'first-level-element-unknown'],
    ["<features xmlns='urn:example:x'/>", 'first-level-element-unknown'],
    ['<stream:success/>', 'first-level-element-unknown'],
    ['<message/>', 'stanza-before-completion'],
  ])('is no answer to it: %s', (element, violation) => {
    const script = client();
    script.peer(RESPONSE + mechanisms('PLAIN'));
    expect(causeOf(script.peer(element).events)).toMatchObject({ code: 'peer-misbehaved', violation });
  });

  it.each(['', '='])('success of PLAIN may come with %j', (data) => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    expect(script.peer(success(data)).events[0]).toMatchObject({ type: 'authenticated' });
  });

  it('success of PLAIN comes with nothing that is not base64', () => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    expect(causeOf(script.peer(success('*')).events)).toMatchObject({
      violation: 'success-unverified',
      detail: 'the data of <success/> is not base64',
    });
  });

  it('[S8] says which mechanism was not through', () => {
    const script = client();
    script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    expect(causeOf(script.peer(success()).events)).toMatchObject({
      violation: 'success-unverified',
      detail: expect.stringMatching(/^SCRAM-SHA-256: \S+: \S/),
    });
  });

  it('says what the server of SCRAM said', () => {
    const script = client();
    const { said: first } = script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    const nonce = /r=([^,]*)/.exec(atob(/<auth[^>]*>([^<]*)</.exec(first)?.[1] ?? ''))?.[1] ?? '';
    const serverFirst = `r=${nonce}abcdefgh,s=${btoa('0123456789abcdef')},i=4096`;
    expect(script.peer(`<challenge xmlns='${SASL_NS}'>${btoa(serverFirst)}</challenge>`).said).toContain('<response ');
    const { said } = script.peer(`<challenge xmlns='${SASL_NS}'>${btoa('e=other-error')}</challenge>`);
    expect(said).toContain('<abort ');
    expect(causeOf(script.peer(CLOSING).events)).toMatchObject({
      condition: 'aborted',
      detail: expect.stringMatching(/\(e=other-error\)$/),
    });
    const other = client();
    other.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    other.peer(`<challenge xmlns='${SASL_NS}'>${btoa('nonsense')}</challenge>`);
    expect(causeOf(other.peer(CLOSING).events)).toMatchObject({
      detail: expect.stringMatching(/printable ASCII$/),
    });
  });

  it.each([
    ['not-authorized', 'password'],
    ['credentials-expired', 'has to be changed'],
    ['account-disabled', 'operator'],
    ['temporary-auth-failure', 'later'],
    ['mechanism-too-weak', 'a stronger mechanism'],
    ['invalid-authzid', 'act for that address'],
    ['malformed-request', 'malformed-request$'],
  ])('%s comes with advice: %s', (condition, words) => {
    const script = client();
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(`<failure xmlns='${SASL_NS}'><${condition}/><text/></failure>`);
    expect(causeOf(script.peer(CLOSING).events)).toMatchObject({
      code: 'negotiation-failed',
      at: 'sasl',
      condition,
      text: undefined,
      detail: expect.stringMatching(new RegExp(`${words}[^;]*$`)),
    });
  });

  it('says why none of the mechanisms will do', () => {
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    script.peer(RESPONSE + mechanisms('PLAIN', 'LOGIN'));
    expect(causeOf(script.peer(CLOSING).events)).toMatchObject({
      detail: expect.stringMatching(/\(PLAIN: [a-z-]+, LOGIN: [a-z-]+\)/),
    });
  });

  it('takes the password where the certificate is of no use', () => {
    const script = client({ authenticateBy: 'certificate' });
    expect(script.peer(RESPONSE + mechanisms('PLAIN')).said).toContain("mechanism='PLAIN'");
  });
});

describe('channel binding', () => {
  it('[S7] is known to both sides', () => {
    const initiating = newInitiating(SECURED);
    const receiving = newReceiving(SECURED);
    initiating.open();
    const run = join(initiating, receiving);
    for (const { events } of [run.initiating, run.receiving]) {
      expect(events.find((event) => event.type === 'authenticated')).toMatchObject({
        identity: { mechanism: 'SCRAM-SHA-256-PLUS', channelBinding: 'tls-exporter' },
      });
    }
  });

  it('[S7] by an exporter is for TLS 1.2 only with the extended master secret', () => {
    const offeredOver = (tls: TlsFacts): string => server({}, { security: { kind: 'tls', tls } }).peer(HEADER).said;
    const channelBindings = new Map([['tls-exporter', BINDING]] as const);
    expect(offeredOver({ version: 'TLSv1.2', channelBindings })).not.toContain('-PLUS');
    expect(offeredOver({ version: 'TLSv1.2', extendedMasterSecret: true, channelBindings })).toContain('-PLUS');
  });

  it.each([
    ['TLSv1.2', true],
    ['TLSv1.3', true],
    ['TLSv1.1', 'answer-invalid'],
    ['SSLv3', 'answer-invalid'],
  ])('[S15] facts of %s: %s', (version, expected) => {
    const script = server({}, {}, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'accept-stream') entity.answer(event, POLICY);
    });
    const ask = script.peer(HEADER + STARTTLS).events.at(-1);
    if (ask?.type !== 'ask' || ask.ask !== 'start-tls') throw new Error('no ask');
    const answer = (): boolean | string => {
      try {
        // What a caller without types may pass.
        return script.entity.answer(ask, { ...TLS, version } as TlsFacts);
      } catch (error) {
        return error instanceof LocalProtocolError ? error.code : String(error);
      }
    };
    expect(answer()).toBe(expected);
  });
});

describe('what SCRAM signs of the offer (XEP-0474)', () => {
  it.each([
    ['as it was announced', ['', 'tls-exporter'], '<response '],
    ['with another announcement', ['tls-exporter'], '<abort '],
  ])('has a channel-binding type without a name in it: %s', (_how, channelBindingTypes, said) => {
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    const offered = mechanisms('SCRAM-SHA-256').replace(
      '</stream:features>',
      "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding/><channel-binding type='tls-exporter'/></sasl-channel-binding></stream:features>",
    );
    const first = script.peer(RESPONSE + offered).said;
    const nonce = /r=([^,]*)/.exec(atob(/<auth[^>]*>([^<]*)</.exec(first)?.[1] ?? ''))?.[1] ?? '';
    const signed = downgradeProtection('SHA-256', { mechanisms: ['SCRAM-SHA-256'], channelBindingTypes });
    const serverFirst = `r=${nonce}abcdefgh,s=${btoa('0123456789abcdef')},i=4096,h=${signed}`;
    expect(script.peer(`<challenge xmlns='${SASL_NS}'>${btoa(serverFirst)}</challenge>`).said).toContain(said);
  });
});

describe('SASL, receiving side (RFC 6120 §6)', () => {
  it('[R6.4.5-2] two tries more by default', () => {
    const script = server();
    script.peer(HEADER);
    const wrong = auth('PLAIN', plain('juliet', 'wrong'));
    expect(script.peer(wrong).said).toBe(failure('not-authorized'));
    expect(script.peer(wrong).said).toBe(failure('not-authorized'));
    const { said, events } = script.peer(wrong);
    expect(said).toContain(failure('not-authorized'));
    expect(causeOf(events)).toMatchObject({ violation: 'too-many-authentication-attempts' });
  });

  it('a second <auth/> that names no mechanism is not of the first one', () => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('PLAIN', ''));
    expect(script.peer(`<auth xmlns='${SASL_NS}'/>`).events).toMatchObject([
      { type: 'authentication-failed', mechanism: '', condition: 'invalid-mechanism' },
    ]);
  });

  it('an answer to nothing has no mechanism', () => {
    const script = server();
    script.peer(HEADER);
    expect(script.peer(response('')).events).toMatchObject([
      { type: 'authentication-failed', mechanism: '', condition: 'malformed-request' },
    ]);
    expect(script.entity.phase).toBe('offering');
  });

  it('an answer of length zero is one', () => {
    for (const nothing of ['', '=']) {
      const script = server();
      script.peer(HEADER);
      expect(script.peer(auth('PLAIN', '')).said).toBe(`<challenge xmlns='${SASL_NS}'/>`);
      const { events } = script.peer(response(nothing));
      expect(events).toMatchObject([
        { type: 'authentication-failed', mechanism: 'PLAIN', condition: 'malformed-request' },
      ]);
    }
  });

  it('an authorization identity that is no address is nobody’s question', () => {
    const script = server();
    script.peer(HEADER);
    const { said, events } = script.peer(auth('PLAIN', plain('juliet', 'r0m30', 'a b@c')));
    expect(said).toBe(failure('invalid-authzid'));
    expect(events.filter((event) => event.type === 'ask' && event.ask === 'authorize')).toEqual([]);
  });

  it.each([
    ['juliet@im.example.com', undefined],
    ['romeo@im.example.com', undefined],
    ['nurse@im.example.com', 'header-from-changed'],
  ])(
    '[R6.4.6-1] [S11] whoever said to be %s may authenticate as juliet and act for romeo: %s',
    (claimed, violation) => {
      const script = server({}, SECURED, (entity, event) => {
        if (event.type === 'ask' && event.ask === 'authorize')
          entity.answer(event, { authcid: 'juliet', authzid: 'romeo@im.example.com' });
        else answerReceiving(entity, event);
      });
      script.peer(header(`to='im.example.com' from='${claimed}' version='1.0'`));
      const last = script.peer(auth('PLAIN', plain('juliet', 'r0m30', 'romeo@im.example.com'))).events.at(-1);
      expect(last).toMatchObject(
        violation === undefined
          ? { type: 'authenticated', identity: { jid: jid('romeo@im.example.com') } }
          : { type: 'closed', cause: { violation } },
      );
    },
  );

  it.each([
    ['juliet@im.example.com', { type: 'stream-opened' }],
    ['romeo@im.example.com', { type: 'stream-opened' }],
    ['nurse@im.example.com', { type: 'closed', cause: { violation: 'header-from-changed' } }],
  ])(
    '[R6.4.6-1] [S11] whoever authenticated as juliet and acts for romeo may say to be %s behind it',
    (again, last) => {
      const script = server({}, SECURED, (entity, event) => {
        if (event.type === 'ask' && event.ask === 'authorize')
          entity.answer(event, { authcid: 'juliet', authzid: 'romeo@im.example.com' });
        else answerReceiving(entity, event);
      });
      const from = (address: string): string => header(`to='im.example.com' from='${address}' version='1.0'`);
      script.peer(from('juliet@im.example.com'));
      script.peer(auth('PLAIN', plain('juliet', 'r0m30', 'romeo@im.example.com')));
      expect(script.peer(from(again)).events).toMatchObject([last]);
    },
  );

  it('a server that none of the mechanisms is for need not wait', () => {
    const script = server(
      { mechanisms: ['EXTERNAL'] },
      { ...SECURED, contentNamespaces: ['jabber:server', 'jabber:client'] },
    );
    const { said, events } = script.peer(
      header("from='example.net' to='im.example.com' version='1.0'", 'jabber:server'),
    );
    expect(said).toContain('<policy-violation ');
    expect(said).not.toContain('<stream:features');
    expect(causeOf(events)).toMatchObject({ code: 'negotiation-failed', at: 'sasl' });
  });
});

describe('what SCRAM tells before it knows anybody', () => {
  const challenge = (authcid: string, policy: Partial<StreamPolicy> = {}): ReadonlyMap<string, string> => {
    const script = server(policy);
    script.peer(HEADER);
    return challengeIn(script.peer(auth('SCRAM-SHA-256', btoa(`n,,n=${authcid},r=abcdefgh`))).said);
  };

  it('[S9] a nonce of its own behind that of the client', () => {
    expect(challenge('juliet').get('r')).toMatch(/^abcdefgh[A-Za-z0-9+/=]{24,}$/);
  });

  it('[S21] decoys for unknown accounts, which depend on the secret and look like the others', () => {
    const one = challenge('mercutio');
    expect(one.get('i')).toBe('4096');
    expect(challenge('mercutio').get('s')).toBe(one.get('s'));
    expect(challenge('tybalt').get('s')).not.toBe(one.get('s'));
    expect(challenge('mercutio', { decoySecret: new Uint8Array(16).fill(2) }).get('s')).not.toBe(one.get('s'));
    expect(challenge('mercutio', { decoyIterations: 10_000 }).get('i')).toBe('10000');
    expect(one.get('s')).toHaveLength(challenge('juliet').get('s')?.length ?? 0);
  });
});

describe('terms that cannot be', () => {
  it.each([
    [{ authenticationRetries: 1 }, 'authenticationRetries is 2 to 5'],
    [{ bindRetries: 11 }, 'bindRetries is 5 to 10'],
  ])('%j: %s', (wrong, words) => {
    const script = server({}, {}, () => undefined);
    const [ask] = script.peer(HEADER).events;
    if (ask?.type !== 'ask' || ask.ask !== 'accept-stream') throw new Error('no ask');
    expect(() => script.entity.answer(ask, { ...POLICY, ...wrong })).toThrow(words);
  });
});

describe('binding, receiving side (RFC 6120 §7)', () => {
  function authenticated(answer = answerReceiving, config: Parameters<typeof newReceiving>[0] = SECURED) {
    const script = server({}, config, answer);
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    script.peer(HEADER);
    return script;
  }

  it.each(['', "to='im.example.com'", "to='juliet@im.example.com'", "from='a b@c'"])(
    'is asked of the server or the account: %s',
    (attributes) => {
      expect(authenticated().peer(bind(attributes)).events.at(-1)).toMatchObject({ type: 'established' });
    },
  );

  it.each(["to='romeo@im.example.com'", "to='example.net'", "to='füß@im.example.com'"])(
    'is asked of nobody else: %s',
    (attributes) => {
      const script = authenticated(answerReceiving, { ...SECURED, jidPreparation: unicodePreparation });
      expect(causeOf(script.peer(bind(attributes)).events)).toMatchObject({ violation: 'stanza-before-completion' });
    },
  );

  it('is asked for by a request', () => {
    const { events } = authenticated().peer(`<iq type='result' id='b1'><bind xmlns='${BIND_NS}'/></iq>`);
    expect(causeOf(events)).toMatchObject({ violation: 'element-out-of-order' });
  });

  it('[R7.1-5] another request is not taken for it', () => {
    const { said, events } = authenticated().peer("<iq type='set' id='1'><query xmlns='jabber:iq:roster'/></iq>");
    expect(said).toContain('<not-authorized ');
    expect(causeOf(events)).toMatchObject({ violation: 'stanza-before-completion' });
  });

  it.each(['juliet@im.example.com', 'romeo@im.example.com/balcony', 'im.example.com/balcony'])(
    '[S11] cannot be answered with %s',
    (address) => {
      const script = authenticated((entity, event) => {
        if (event.type !== 'ask' || event.ask !== 'bind-resource') answerReceiving(entity, event);
      });
      const ask = script.peer(bind()).events.at(-1);
      if (ask?.type !== 'ask' || ask.ask !== 'bind-resource') throw new Error('no ask');
      expect(() => script.entity.answer(ask, jid(address))).toThrow(
        expect.objectContaining({ code: 'answer-invalid' }),
      );
      expect(script.entity.answer(ask, jid('juliet@im.example.com/balcony'))).toBe(true);
    },
  );

  it('[R7.7.3-1] each try is answered, also the last that is allowed', () => {
    const script = authenticated((entity, event) => {
      if (event.type === 'ask' && event.ask === 'bind-resource') entity.answer(event, { refuse: 'conflict' });
      else answerReceiving(entity, event);
    });
    for (let attempt = 0; attempt < 5; attempt++) expect(script.peer(bind()).events).toHaveLength(1);
    const { said, events } = script.peer(bind());
    expect(said).toContain('<conflict ');
    expect(causeOf(events)).toMatchObject({ violation: 'too-many-bind-attempts' });
  });
});

describe('binding, initiating side (RFC 6120 §7)', () => {
  function asking(config: Parameters<typeof newInitiating>[0] = {}) {
    const script = client({ mechanisms: ['PLAIN'], ...config });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(success());
    const { said } = script.peer(`${RESPONSE}<stream:features><bind xmlns='${BIND_NS}'/></stream:features>`);
    return { script, id: /id='([^']*)'/.exec(said)?.[1] ?? '' };
  }

  it.each([
    ['is marked as mandatory', `<bind xmlns='${BIND_NS}'><required/></bind>`],
    ['stands beside one that nobody knows', `<bind xmlns='${BIND_NS}'/><new xmlns='urn:example:new'/>`],
  ])('[REC4.3.2-1] [R7.3.1-1] is negotiated where its feature %s', (_how, offered) => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(success());
    const { said, events } = script.peer(`${RESPONSE}<stream:features>${offered}</stream:features>`);
    expect(events).toMatchObject([{ type: 'stream-opened' }, { type: 'features', features: { name: 'features' } }]);
    const id = /id='([^']*)'/.exec(said)?.[1] ?? '';
    const last = script.peer(
      `<iq type='result' id='${id}'><bind xmlns='${BIND_NS}'><jid>juliet@im.example.com/x</jid></bind></iq>`,
    );
    expect(last.events.at(-1)).toMatchObject({ type: 'established' });
  });

  it.each([
    ["<error type='cancel'/>", 'undefined-condition', undefined],
    [
      "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Taken</text></error>",
      'conflict',
      'Taken',
    ],
  ])('is refused by %s', (error, condition, words) => {
    const { script, id } = asking();
    script.peer(`<iq type='error' id='${id}'>${error}</iq>`);
    expect(causeOf(script.peer(CLOSING).events)).toMatchObject({
      code: 'negotiation-failed',
      at: 'bind',
      condition,
      text: words,
    });
  });

  it('reads addresses by the preparation of the configuration', () => {
    const { script, id } = asking({ jidPreparation: unicodePreparation });
    const { events } = script.peer(
      `<iq type='result' id='${id}' from='jülia@im.example.com'><bind xmlns='${BIND_NS}'><jid>jülia@im.example.com/♚</jid></bind></iq>`,
    );
    expect(events.at(-1)).toMatchObject({ type: 'established', jid: { localpart: 'jülia', resourcepart: '♚' } });
    script.entity.receive(bytes("<message from='römeo@example.net'/>"), 0);
    expect(script.entity.nextEvent()).toMatchObject({ type: 'stanza', stanza: { from: { localpart: 'römeo' } } });
  });
});
