import { describe, expect, it } from 'vitest';
import { jid, type ReceivingEntity, type ReceivingEvent, type StreamPolicy } from '../../src/index.ts';
import { auth, failure, HEADER, header, plain, SASL_NS, SECURED, server } from '../engine/script.ts';
import { answerReceiving, POLICY, TLS } from '../engine/support.ts';

const RIGHT = auth('PLAIN', plain('juliet', 'r0m30'));
const WRONG = auth('PLAIN', plain('juliet', 'wrong'));

describe('what is offered (RFC 6120 §6.3.4)', () => {
  it('[R6.4.1-5] [R6.3.4-1] each mechanism of the policy, in its order, and only behind TLS', () => {
    expect(server().peer(HEADER).said).toContain(
      `<mechanisms xmlns='${SASL_NS}'><mechanism>SCRAM-SHA-256-PLUS</mechanism><mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism></mechanisms>`,
    );
    expect(server({}, {}).peer(HEADER).said).not.toContain('mechanism');
  });

  it('the types of channel binding with the -PLUS forms, and neither without a binding', () => {
    expect(server().peer(HEADER).said).toContain(
      "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>",
    );
    const { said } = server(
      {},
      { security: { kind: 'tls', tls: { version: 'TLSv1.3', channelBindings: new Map() } } },
    ).peer(HEADER);
    expect(said).not.toContain('PLUS');
    expect(said).not.toContain('channel-binding');
  });

  it('[R6.3.4-2] [R6.3.4-3] EXTERNAL first, and only for a certificate that is trusted', () => {
    const policy = { mechanisms: ['SCRAM-SHA-1', 'EXTERNAL'] };
    const withCertificate = (trusted: boolean): string =>
      server(policy, {
        security: { kind: 'tls', tls: { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted } } },
      }).peer(HEADER).said;
    expect(withCertificate(true)).toContain('<mechanism>EXTERNAL</mechanism><mechanism>SCRAM-SHA-1</mechanism>');
    expect(withCertificate(false)).not.toContain('EXTERNAL');
  });
});

describe('one exchange', () => {
  it('[R6.4.6-2] [R6.3.2-1] success, then a new stream on which a resource is bound', () => {
    const script = server();
    script.peer(HEADER);
    expect(script.peer(RIGHT)).toMatchObject({
      said: `<success xmlns='${SASL_NS}'/>`,
      events: [{ ask: 'look-up-credentials' }, { ask: 'derive-salted-password' }, { type: 'authenticated' }],
    });
    expect(script.peer(HEADER).said).toMatch(
      /<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'\/><\/stream:features>$/,
    );
  });

  it('white space that a client sends behind <auth/> belongs to the old stream, wherever the chunks fall', () => {
    for (const chunks of [[`${RIGHT}\n`, HEADER], [RIGHT, '\n', `\r\n${HEADER}`], [`${RIGHT}\n${HEADER}`]]) {
      const script = server();
      script.peer(HEADER);
      const said = chunks.map((chunk) => script.peer(chunk).said).join('');
      expect(said).toContain('<success');
      expect(said).toContain('<bind');
    }
  });

  it('[R6.4.2-1] an initial response of length zero is an equals sign; none at all is asked for', () => {
    const script = server({ mechanisms: ['ANONYMOUS', 'PLAIN'] });
    script.peer(HEADER);
    expect(script.peer(auth('PLAIN', '')).said).toBe(`<challenge xmlns='${SASL_NS}'/>`);
    expect(script.peer(`<response xmlns='${SASL_NS}'>${plain('juliet', 'r0m30')}</response>`).said).toBe(
      `<success xmlns='${SASL_NS}'/>`,
    );
    const zero = server({ mechanisms: ['PLAIN'] });
    zero.peer(HEADER);
    expect(zero.peer(auth('PLAIN', '=')).said).toBe(failure('malformed-request'));
  });

  it('[R6.4.2-2] a second <auth/> discards the exchange that was running', () => {
    const script = server();
    script.peer(HEADER);
    expect(script.peer(auth('SCRAM-SHA-256', btoa('n,,n=juliet,r=abcdefgh'))).said).toContain('<challenge');
    expect(script.peer(RIGHT).said).toBe(`<success xmlns='${SASL_NS}'/>`);
  });

  it('[R6.4.4-1] an abort is answered with aborted, in the middle and at the beginning', () => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('SCRAM-SHA-256', btoa('n,,n=juliet,r=abcdefgh')));
    expect(script.peer(`<abort xmlns='${SASL_NS}'/>`).said).toBe(failure('aborted'));
    expect(script.peer(`<abort xmlns='${SASL_NS}'/>`).said).toBe(failure('aborted'));
    expect(script.peer(RIGHT).said).toContain('<success');
  });

  it.each([
    [auth('PLAIN', 'not base64!'), 'incorrect-encoding'],
    [auth('PLAIN', 'YQ'), 'incorrect-encoding'],
    [auth('PLAIN', 'YR=='), 'incorrect-encoding'],
    [auth('PLAIN', btoa('juliet')), 'malformed-request'],
    [auth('DIGEST-MD5', ''), 'invalid-mechanism'],
    [`<auth xmlns='${SASL_NS}'/>`, 'invalid-mechanism'],
    [`<response xmlns='${SASL_NS}'/>`, 'malformed-request'],
    [`<success xmlns='${SASL_NS}'/>`, 'malformed-request'],
    [WRONG, 'not-authorized'],
    [auth('PLAIN', plain('romeo', 'r0m30')), 'not-authorized'],
    [auth('PLAIN', plain('juliet', 'r0m30', '@@')), 'invalid-authzid'],
    [auth('PLAIN', plain('juliet', 'r0m30', 'romeo@im.example.com')), 'invalid-authzid'],
  ])('[R6.4.5-1] %s fails with %s', (input, condition) => {
    const script = server();
    script.peer(HEADER);
    const { said, events } = script.peer(input);
    expect(said).toBe(failure(condition));
    expect(events.at(-1)).toMatchObject({ type: 'authentication-failed', condition });
    // RFC 6120 §6.4.5: and may be tried again.
    expect(script.peer(RIGHT).said).toContain('<success');
  });

  it('a response that is not base64 fails the exchange', () => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('SCRAM-SHA-256', btoa('n,,n=juliet,r=abcdefgh')));
    expect(script.peer(`<response xmlns='${SASL_NS}'>*</response>`).said).toBe(failure('incorrect-encoding'));
  });

  it('[S6] authentication before TLS is refused', () => {
    const script = server({}, {});
    script.peer(HEADER);
    expect(script.peer(RIGHT)).toMatchObject({
      said: failure('encryption-required'),
      events: [{ condition: 'encryption-required' }],
    });
  });

  it('an element of SASL behind success is out of order', () => {
    const script = server();
    script.peer(HEADER);
    script.peer(RIGHT);
    script.peer(HEADER);
    const { said, events } = script.peer(RIGHT);
    expect(said).toContain('<not-authorized');
    expect(events).toMatchObject([{ type: 'closed', cause: { violation: 'element-out-of-order' } }]);
  });
});

describe('tries (RFC 6120 §6.4.5)', () => {
  it.each([2, 5])('[R6.4.5-2] [R6.4.5-4] %i retries, then policy-violation', (authenticationRetries) => {
    const script = server({ authenticationRetries });
    script.peer(HEADER);
    for (let attempt = 0; attempt < authenticationRetries; attempt++)
      expect(script.peer(WRONG).said).toBe(failure('not-authorized'));
    const { said, events } = script.peer(WRONG);
    expect(said).toBe(
      `${failure('not-authorized')}<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`,
    );
    expect(events.at(-1)).toMatchObject({ type: 'closed', cause: { violation: 'too-many-authentication-attempts' } });
  });
});

describe('whom a stream acts for (RFC 6120 §4.3.6)', () => {
  const login = (
    config: { readonly from?: string; readonly authzid?: string },
    answers?: (entity: ReceivingEntity, event: ReceivingEvent) => void,
  ) => {
    const script = server({}, SECURED, answers);
    script.peer(config.from === undefined ? HEADER : header(`from='${config.from}' to='im.example.com' version='1.0'`));
    return script.peer(auth('PLAIN', plain('Juliet', 'r0m30', config.authzid)));
  };
  const lenient = (entity: ReceivingEntity, event: ReceivingEvent): void => {
    if (event.type !== 'ask') return;
    if (event.ask === 'check-password') entity.answer(event, 'accepted');
    else if (event.ask === 'authorize') entity.answer(event, { authcid: 'juliet', authzid: event.authzid });
    else if (event.ask === 'accept-stream')
      entity.answer(event, { ...POLICY, plain: { check: 'application' } } satisfies StreamPolicy);
    else answerReceiving(entity, event);
  };

  it('[R4.3.6-3] [R4.3.6-6] [S11] the account in its canonical form', () => {
    expect(login({}, lenient).events.at(-1)).toMatchObject({
      type: 'authenticated',
      identity: { jid: jid('juliet@im.example.com') },
    });
  });

  it('[R6.3.8-5] an authzid that is the account itself is no question', () => {
    const { events } = login({ authzid: 'juliet@im.example.com' }, lenient);
    expect(events.some((event) => event.type === 'ask' && event.ask === 'authorize')).toBe(false);
    expect(events.at(-1)).toMatchObject({ type: 'authenticated' });
  });

  it('another one is asked about, and becomes the identity when it is allowed', () => {
    const { events } = login({ authzid: 'romeo@im.example.com' }, lenient);
    expect(events.find((event) => event.type === 'ask' && event.ask === 'authorize')).toMatchObject({
      authcid: 'Juliet',
      authzid: 'romeo@im.example.com',
      security: { kind: 'tls' },
    });
    expect(events.at(-1)).toMatchObject({ type: 'authenticated', identity: { jid: jid('romeo@im.example.com') } });
  });

  it.each(['romeo@im.example.com/orchard', 'juliet@im.example.com/balcony', 'im.example.com', 'romeo'])(
    '[R6.3.8-3] [R6.3.8-5] %s is none, and nobody is asked about it',
    (authzid) => {
      const { said, events } = login({ authzid }, lenient);
      expect(said).toBe(failure('invalid-authzid'));
      expect(events.some((event) => event.type === 'ask' && event.ask === 'authorize')).toBe(false);
    },
  );

  it('[R6.4.6-1] [R13.7.2-5] whoever named somebody else in a protected header is not served', () => {
    expect(login({ from: 'juliet@im.example.com' }, lenient).said).toContain('<success');
    const { said, events } = login({ from: 'romeo@im.example.com' }, lenient);
    expect(said).not.toContain('<success');
    expect(events.at(-1)).toMatchObject({ type: 'closed', cause: { violation: 'header-from-changed' } });
  });

  it('an authcid that makes no address is not authorized', () => {
    const script = server({}, SECURED, lenient);
    script.peer(HEADER);
    expect(script.peer(auth('PLAIN', plain('a b', 'r0m30'))).said).toBe(failure('not-authorized'));
  });
});

describe('[S21] an account that is not there', () => {
  /** The salt that a host names for an account. */
  const saltOf = (name: string, policy: Partial<StreamPolicy> = {}): string | undefined => {
    const script = server(policy, SECURED);
    script.peer(header(`to='${policy.domain ?? 'im.example.com'}' version='1.0'`));
    const { said } = script.peer(auth('SCRAM-SHA-256', btoa(`n,,n=${name},r=abcdefgh`)));
    return /,s=([^,]*)/.exec(atob(/<challenge[^>]*>([^<]*)</.exec(said)?.[1] ?? ''))?.[1];
  };

  it('has one salt however its name is written, as one that is there', () => {
    expect(saltOf('Romeo')).toBe(saltOf('romeo'));
    expect(saltOf('romeo')).toHaveLength(24);
    expect(saltOf('mercutio')).not.toBe(saltOf('romeo'));
  });

  it('has another salt at another host, as one that is there', () => {
    expect(saltOf('romeo', { domain: 'example.net' })).not.toBe(saltOf('romeo'));
  });

  it('may have a name that makes no address', () => {
    expect(saltOf('a b')).toHaveLength(24);
    expect(saltOf('A b')).not.toBe(saltOf('a b'));
  });
});
