import { describe, expect, it } from 'vitest';
import { jid, message, type ReceivingEntity, type ReceivingEvent } from '../../src/index.ts';
import { auth, client, failure, header, mechanisms, SASL_NS, server, text } from './script.ts';
import { POLICY, TLS } from './support.ts';

const CERTIFIED = { kind: 'tls', tls: { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted: true } } } as const;
const S2S = "from='example.net' to='im.example.com' version='1.0'";
const HEADER = header(S2S, 'jabber:server');
const RESPONSE = header("from='im.example.com' to='example.net' id='s1' version='1.0'", 'jabber:server');

function answer(entity: ReceivingEntity, event: ReceivingEvent): void {
  if (event.type !== 'ask') return;
  if (event.ask === 'accept-stream') entity.answer(event, { ...POLICY, mechanisms: ['EXTERNAL'] });
  else if (event.ask === 'authorize')
    entity.answer(event, { authcid: event.authzid ?? 'example.net', authzid: undefined });
}

function established() {
  const script = server({}, { contentNamespaces: ['jabber:server'], security: CERTIFIED }, answer);
  script.peer(HEADER);
  script.peer(auth('EXTERNAL', '='));
  return { script, last: script.peer(header(`xml:lang='de' ${S2S}`, 'jabber:server')) };
}

describe('a server that was called', () => {
  it('[R4.3.6-7] [R6.3.8-4] is established with the domain, without binding', () => {
    const { last } = established();
    expect(last.said).toContain('<stream:features/>');
    expect(last.events.at(-1)).toMatchObject({ type: 'established', by: 'authenticated', jid: jid('example.net') });
  });

  it.each(['romeo@example.net', 'example.net/orchard'])(
    '[R6.3.8-4] [R6.3.8-5] acts for a domain only: %s is invalid-authzid, and nobody is asked about it',
    (authzid) => {
      const script = server({}, { contentNamespaces: ['jabber:server'], security: CERTIFIED }, answer);
      script.peer(HEADER);
      const { said, events } = script.peer(auth('EXTERNAL', btoa(authzid)));
      expect(said).toBe(failure('invalid-authzid'));
      expect(events).toMatchObject([{ type: 'authentication-failed', condition: 'invalid-authzid' }]);
    },
  );

  it('[R8.1.1.2-1] [R8.1.2.2-1] takes stanzas with both addresses, in the language of the stream', () => {
    const { script } = established();
    const { events } = script.peer(
      "<message from='romeo@example.net/orchard' to='juliet@im.example.com'><body>Ach</body></message>",
    );
    expect(events).toMatchObject([{ type: 'stanza', origin: 'other', stanza: { lang: 'de' } }]);
    expect(script.peer("<presence from='example.net' to='im.example.com' xml:lang='en'/>").events).toMatchObject([
      { type: 'stanza', origin: 'server', stanza: { lang: 'en' } },
    ]);
  });

  it('leaves the reply to a stanza that breaks a rule to whoever routes: this stream goes one way', () => {
    const { script } = established();
    const { said, events } = script.peer("<iq type='get' id='1' from='romeo@example.net' to='im.example.com'/>");
    expect(said).toBe('');
    expect(events).toMatchObject([
      {
        type: 'stanza-refused',
        sent: false,
        problem: { lang: 'de' },
        reply: { kind: 'iq', type: 'error', id: '1', to: jid('romeo@example.net') },
      },
    ]);
    expect(() =>
      script.entity.send(message({ from: jid('juliet@im.example.com'), to: jid('romeo@example.net'), body: 'Hist!' })),
    ).toThrow(expect.objectContaining({ code: 'stanza-invalid' }));
  });

  it('[R4.8.3-2] refuses stanzas of clients', () => {
    const { script } = established();
    expect(
      script.peer("<message xmlns='jabber:client' from='romeo@example.net' to='juliet@im.example.com'/>").events,
    ).toMatchObject([{ type: 'closed', cause: { violation: 'content-namespace-unsupported' } }]);
  });
});

describe('a server that calls', () => {
  it('[R4.7.1-2] [R6.3.8-4] says its name behind TLS and authenticates by its certificate', () => {
    const script = client({
      contentNamespace: 'jabber:server',
      from: 'example.net',
      authenticateBy: 'certificate',
      credentials: undefined,
    } as never);
    expect(script.peer(RESPONSE + mechanisms('EXTERNAL')).said).toBe(
      `<auth xmlns='${SASL_NS}' mechanism='EXTERNAL'>${btoa('example.net')}</auth>`,
    );
    expect(script.peer(`<success xmlns='${SASL_NS}'/>`).said).toContain("from='example.net'");
    const { events } = script.peer(`${RESPONSE}<stream:features/>`);
    expect(events.at(-1)).toMatchObject({ type: 'established', by: 'authenticated', jid: jid('example.net') });
    const half = message({ to: jid('juliet@im.example.com'), body: 'Hist!' });
    expect(() => script.entity.send(half)).toThrow(/no 'from'/);
    expect(() => script.entity.send(message({ from: jid('romeo@example.net'), body: 'Hist!' }))).toThrow(/no 'to'/);
    expect(
      script.entity.send(message({ from: jid('romeo@example.net'), to: jid('juliet@im.example.com'), body: 'Hist!' })),
    ).toBe(true);
    expect(text(script.entity.takeOutput())).toBe(
      "<message from='romeo@example.net' to='juliet@im.example.com'><body>Hist!</body></message>",
    );
    // Rule S24: what a server says in the name of others comes on a stream that it opened.
    expect(script.peer("<message from='juliet@im.example.com' to='romeo@example.net'/>").events).toMatchObject([
      { cause: { violation: 'stanza-against-direction' } },
    ]);
  });
});
