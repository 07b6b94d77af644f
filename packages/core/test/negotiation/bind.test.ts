import { describe, expect, it } from 'vitest';
import { jid, type BindRefusal, type Jid, type ReceivingEntity, type ReceivingEvent } from '../../src/index.ts';
import {
  auth,
  client,
  CLOSING,
  HEADER,
  mechanisms,
  plain,
  RESPONSE,
  SASL_NS,
  SECURED,
  server,
} from '../engine/script.ts';
import { answerReceiving, POLICY } from '../engine/support.ts';

const BIND_NS = 'urn:ietf:params:xml:ns:xmpp-bind';
const bind = (resource?: string): string =>
  `<iq type='set' id='b1'><bind xmlns='${BIND_NS}'>${resource === undefined ? '' : `<resource>${resource}</resource>`}</bind></iq>`;

/** A receiving entity whose client is authenticated; `answer` decides about the resource. */
function authenticated(answer?: (ask: { readonly requested: string | undefined }) => Jid | BindRefusal) {
  const script = server({}, SECURED, (entity: ReceivingEntity, event: ReceivingEvent) => {
    if (answer !== undefined && event.type === 'ask' && event.ask === 'bind-resource')
      entity.answer(event, answer(event));
    else answerReceiving(entity, event);
  });
  script.peer(HEADER);
  script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
  script.peer(HEADER);
  return script;
}

describe('binding, receiving side (RFC 6120 §7)', () => {
  it('[R7.6.1-1] [R7.3.2-1] a resource made by the server', () => {
    const script = authenticated(({ requested }) => jid(`juliet@im.example.com/${requested ?? 'made'}`));
    const { said, events } = script.peer(bind());
    expect(said).toBe(
      `<iq id='b1' type='result'><bind xmlns='${BIND_NS}'><jid>juliet@im.example.com/made</jid></bind></iq>`,
    );
    expect(events.at(-1)).toMatchObject({ type: 'established', by: 'bound', jid: { resourcepart: 'made' } });
    expect(events[0]).toMatchObject({ requested: undefined, account: { localpart: 'juliet' } });
  });

  it('[R7.7.1-1] a resource that the client asked for, and an empty one as none', () => {
    expect(authenticated().peer(bind('orchard')).events[0]).toMatchObject({ requested: 'orchard' });
    expect(authenticated().peer(bind('')).events[0]).toMatchObject({ requested: undefined });
  });

  it.each(['resource-constraint', 'not-allowed', 'conflict', 'bad-request', 'internal-server-error'] as const)(
    '[R7.6.2.1-1] [R7.6.2.2-1] refused with %s, and the client may try again',
    (condition) => {
      let tries = 0;
      const script = authenticated(() =>
        tries++ === 0 ? { refuse: condition, text: 'Sorry' } : jid('juliet@im.example.com/x'),
      );
      const { said } = script.peer(bind('balcony'));
      expect(said).toContain(`<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>`);
      expect(said).toContain('>Sorry</text>');
      expect(script.peer(bind('x')).events.at(-1)).toMatchObject({ type: 'established' });
    },
  );

  it.each(['a\u007fb', 'x'.repeat(1024), '\u0378'])(
    '[R7.7.2.1-1] a resource that cannot be one is replaced by one of the server',
    (resource) => {
      const script = authenticated(() => jid('juliet@im.example.com/balcony'));
      const { events, said } = script.peer(bind(resource));
      expect(events[0]).toMatchObject({ ask: 'bind-resource', requested: undefined });
      expect(said).toContain('<jid>juliet@im.example.com/balcony</jid>');
      expect(events.at(-1)).toMatchObject({ type: 'established' });
    },
  );

  it('an iq of another type, or without an id, is a bad request', () => {
    const script = authenticated();
    expect(script.peer(bind().replace("'set'", "'get'")).said).toContain('<bad-request');
    expect(script.peer(bind().replace(" id='b1'", '')).said).toContain('<bad-request');
    expect(script.peer(bind().replace("'set'", "'result'")).events.at(-1)).toMatchObject({
      cause: { violation: 'element-out-of-order' },
    });
  });

  it('an answer that breaks a rule is no request to bind either', () => {
    for (const type of ['result', 'error']) {
      const answer = bind().replace("'set'", `'${type}'`).replace(" id='b1'", '');
      const { said, events } = authenticated().peer(answer);
      expect(said).toMatch(/^<stream:error><not-authorized/);
      expect(events).toMatchObject([{ type: 'closed', cause: { violation: 'element-out-of-order' } }]);
    }
  });

  it('a request to bind is told what is wrong with it', () => {
    const script = authenticated();
    expect(script.peer(bind().replace('id=', "to='@' id=")).said).toContain('<jid-malformed');
    expect(script.peer(bind().replace('</bind>', "</bind><x xmlns='urn:example:x'/>")).said).toContain('<bad-request');
    expect(script.peer(bind('x')).events.at(-1)).toMatchObject({ type: 'established' });
  });

  it('[R8.3.2-6] a refusal names the language of its text: its own, or that of the stream', () => {
    const refusals: BindRefusal[] = [
      { refuse: 'conflict', text: 'Schon da' },
      { refuse: 'conflict', text: 'Already there', lang: 'en-GB' },
    ];
    const script = server({}, SECURED, (entity, event) => {
      const refusal = event.type === 'ask' && event.ask === 'bind-resource' ? refusals.shift() : undefined;
      if (refusal !== undefined && event.type === 'ask' && event.ask === 'bind-resource') entity.answer(event, refusal);
      else answerReceiving(entity, event, { ...POLICY, languages: ['de'] });
    });
    for (const step of [HEADER, auth('PLAIN', plain('juliet', 'r0m30')), HEADER]) script.peer(step);
    expect(script.peer(bind('x')).said).toContain(" xml:lang='de'>Schon da</text>");
    expect(script.peer(bind('x')).said).toContain(" xml:lang='en-GB'>Already there</text>");
  });

  it('[R7.1-5] [R4.3.5-3] any other stanza before binding is not-authorized', () => {
    for (const stanza of [
      "<message to='romeo@example.net'/>",
      "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
      '<presence/>',
    ]) {
      const { said, events } = authenticated().peer(stanza);
      expect(said).toContain('<stream:error><not-authorized');
      expect(events).toMatchObject([{ type: 'closed', cause: { violation: 'stanza-before-completion' } }]);
    }
  });

  it('[R7.1-5] binding in the name of somebody else is none', () => {
    const to = (address: string): string => bind('x').replace("id='b1'", `id='b1' to='${address}'`);
    expect(authenticated().peer(to('romeo@example.net')).events).toMatchObject([
      { cause: { violation: 'stanza-before-completion' } },
    ]);
    for (const address of ['im.example.com', 'juliet@im.example.com']) {
      expect(authenticated().peer(to(address)).events.at(-1)).toMatchObject({ type: 'established' });
    }
  });

  it('[R7.4-2] nor is binding legal before authentication', () => {
    const script = server();
    script.peer(HEADER);
    expect(script.peer(bind()).events).toMatchObject([
      { type: 'closed', cause: { violation: 'stanza-before-completion' } },
    ]);
  });

  it.each([5, 10])('[R7.7.3-1] [R7.7.3-2] %i retries, then policy-violation', (bindRetries) => {
    const script = server({ bindRetries });
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    script.peer(HEADER);
    const impossible = bind().replace("'set'", "'get'");
    for (let attempt = 0; attempt < bindRetries; attempt++)
      expect(script.peer(impossible).said).not.toContain('stream:error');
    expect(script.peer(impossible).said).toContain('<policy-violation');
  });

  it('[S11] the answer has to be a full JID of the account', () => {
    for (const answer of ['juliet@im.example.com', 'romeo@im.example.com/x']) {
      const script = authenticated(() => jid(answer));
      expect(() => script.peer(bind())).toThrow(expect.objectContaining({ code: 'answer-invalid' }));
    }
  });
});

describe('binding, initiating side (RFC 6120 §7)', () => {
  const features = `${RESPONSE}<stream:features><bind xmlns='${BIND_NS}'/></stream:features>`;
  const toBind = (config: Parameters<typeof client>[0] = {}) => {
    const script = client({ mechanisms: ['PLAIN'], ...config });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(`<success xmlns='${SASL_NS}'/>`);
    const { said } = script.peer(features);
    return { script, said, id: /id='([^']+)'/.exec(said)?.[1] ?? '' };
  };

  it('[R7.4-3] asks for a resource, or for any', () => {
    expect(toBind().said).toMatch(new RegExp(`^<iq type='set' id='[^']+'><bind xmlns='${BIND_NS}'/></iq>$`));
    expect(toBind({ resource: 'balcony' }).said).toContain('<resource>balcony</resource>');
  });

  it('[R4.3.6-5] is who the server says it is', () => {
    const { script, id } = toBind({ resource: 'balcony' });
    const { events } = script.peer(
      `<iq type='result' id='${id}'><bind xmlns='${BIND_NS}'><jid> j@im.example.com/other </jid></bind></iq>`,
    );
    expect(events).toMatchObject([{ type: 'established', by: 'bound', jid: jid('j@im.example.com/other') }]);
  });

  it('reports why it was refused', () => {
    const { script, id } = toBind({ resource: 'balcony' });
    const { said } = script.peer(
      `<iq type='error' id='${id}'><error type='modify'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
    );
    expect(said).toBe('</stream:stream>');
    expect(script.peer(CLOSING).events).toMatchObject([
      { type: 'closed', cause: { code: 'negotiation-failed', at: 'bind', condition: 'conflict' } },
    ]);
  });

  it.each([
    ['', 'bind-result-malformed'],
    [`<bind xmlns='${BIND_NS}'/>`, 'bind-result-malformed'],
    [`<bind xmlns='${BIND_NS}'><jid>@</jid></bind>`, 'bind-result-malformed'],
    [`<bind xmlns='${BIND_NS}'><jid>juliet@im.example.com</jid></bind>`, 'bind-result-malformed'],
  ])('a result with %s is none', (payload, violation) => {
    const { script, id } = toBind();
    expect(script.peer(`<iq type='result' id='${id}'>${payload}</iq>`).events).toMatchObject([
      { cause: { violation } },
    ]);
  });

  it('[S16] [S17] an answer with another id, of another type or kind is none; the server may say it all the same', () => {
    const { script, id } = toBind();
    for (const stanza of [
      "<iq type='result' id='other'/>",
      `<iq type='get' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`,
      `<message id='${id}'/>`,
    ]) {
      expect(script.peer(stanza).events).toMatchObject([{ type: 'stanza', origin: 'account' }]);
      expect(script.entity.phase).toBe('negotiating');
    }
  });

  it('[R4.3.5-2] a request that breaks a rule has no answer before a resource is bound', () => {
    const { script, id } = toBind();
    const { events, said } = script.peer("<iq type='get' id='x' from='romeo@example.net/orchard'/>");
    expect(events).toMatchObject([{ type: 'stanza-refused', sent: false, reply: { type: 'error' } }]);
    expect(said).toBe('');
    const result = `<bind xmlns='${BIND_NS}'><jid>juliet@im.example.com/x</jid></bind>`;
    expect(script.peer(`<iq type='result' id='${id}'>${result}</iq>`).events).toMatchObject([{ type: 'established' }]);
  });

  it('an answer that breaks the rules of iqs ends the stream', () => {
    const { script, id } = toBind();
    expect(
      script.peer(`<iq type='result' id='${id}'><a xmlns='urn:example:a'/><b xmlns='urn:example:b'/></iq>`).events,
    ).toMatchObject([{ cause: { violation: 'bind-result-malformed' } }]);
  });

  it('a server that has no binding to offer, or requires what nobody knows, is incompatible', () => {
    const open = () => {
      const script = client({ mechanisms: ['PLAIN'] });
      script.peer(RESPONSE + mechanisms('PLAIN'));
      script.peer(`<success xmlns='${SASL_NS}'/>`);
      return script;
    };
    const without = open();
    without.peer(`${RESPONSE}<stream:features/>`);
    expect(without.peer(CLOSING).events).toMatchObject([{ cause: { code: 'peer-incompatible', missing: 'bind' } }]);
    const end = open().peer(
      `${RESPONSE}<stream:features><new xmlns='urn:example:new'><required/></new></stream:features>`,
    );
    expect(end.said).toContain('<unsupported-feature');
    expect(end.events.at(-1)).toMatchObject({ cause: { code: 'peer-incompatible', missing: 'urn:example:new' } });
  });
});
