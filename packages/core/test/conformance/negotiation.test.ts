import { describe, expect, it } from 'vitest';
import { message, presence, type CloseCause } from '../../src/index.ts';
import { INITIATING_LEGAL, RECEIVING_LEGAL, type Incoming } from '../../src/engine/phases.ts';
import {
  auth,
  client,
  CLOSING,
  header,
  HEADER,
  mechanisms,
  plain,
  RESPONSE,
  SASL_NS,
  SECURED,
  server,
} from '../engine/script.ts';
import { join, newInitiating, newReceiving } from '../engine/support.ts';
import {
  attributeOf,
  authenticatedClient,
  authenticatedServer,
  BIND,
  BIND_NS,
  boundClient,
  boundServer,
  bindResult,
  causeOf,
  clearClient,
  clearServer,
  headersIn,
  LOGIN,
  OFFER_BIND,
  OFFER_STARTTLS,
  PROCEED,
  STARTTLS,
  stanzaOf,
  streamErrorIn,
  SUCCESS,
} from './streams.ts';

/** A whole login over STARTTLS, both sides. */
function login() {
  const initiating = newInitiating({ from: 'juliet@im.example.com' });
  const receiving = newReceiving();
  initiating.open();
  return { ...join(initiating, receiving), entities: { initiating, receiving } };
}

describe('opening a stream (RFC 6120 §4.2, §4.3)', () => {
  it('[C4.2] [R4.1-1] [R4.5-1] a header is answered with a header on the same connection', () => {
    const script = clearServer();
    const { said, events } = script.peer(HEADER);
    expect(said).toMatch(/^<\?xml version='1\.0'\?><stream:stream /);
    expect(events.at(-1)).toMatchObject({ type: 'stream-opened' });
    const opened = clearClient();
    expect(opened.peer('').said).toMatch(/^<\?xml version='1\.0'\?><stream:stream [^>]*>$/);
    expect(opened.peer(RESPONSE).events).toMatchObject([{ type: 'stream-opened', header: { streamId: 's1' } }]);
  });

  it('[R4.3.2-1] [F-stream-negotiation-features] behind the response header come the features, also when it is the second', () => {
    expect(clearServer().peer(HEADER).said).toMatch(/^<\?xml[^>]*><stream:stream [^>]*><stream:features>/);
    const script = server();
    script.peer(HEADER);
    script.peer(LOGIN);
    expect(script.peer(HEADER).said).toMatch(/^<\?xml[^>]*><stream:stream [^>]*><stream:features>/);
  });

  it('[C4.3.1] the features are negotiated one after the other, in the order of layers', () => {
    const { initiating } = login();
    const asked = initiating.wire.match(/<(starttls|auth|bind) /g);
    expect(asked).toEqual(['<starttls ', '<auth ', '<bind ']);
  });

  it('[R4.3.2-2] [F-stream-negotiation-complete] nothing is complete while a mandatory feature is left', () => {
    const script = authenticatedClient();
    const { said, events } = script.peer(RESPONSE + OFFER_BIND);
    expect(events.map(({ type }) => type)).toEqual(['stream-opened', 'features']);
    expect(script.entity.phase).toBe('negotiating');
    expect(script.peer(bindResult(said)).events).toMatchObject([{ type: 'established' }]);
  });

  it('[REC4.3.2-1] <required/> marks a mandatory feature: ours, and one that we do not know', () => {
    expect(clearServer().peer(HEADER).said).toMatch(/<starttls [^>]*><required\/><\/starttls>/);
    const foreign = "<x xmlns='urn:example:x'><required/></x>";
    const dialling = client({ contentNamespace: 'jabber:server', from: 'example.net', authenticateBy: 'certificate' });
    dialling.peer(header("from='im.example.com' id='s1' version='1.0'", 'jabber:server') + mechanisms('EXTERNAL'));
    expect(dialling.peer(SUCCESS).events).toMatchObject([{ type: 'authenticated' }]);
    for (const script of [clearClient(), client(), authenticatedClient(), dialling]) {
      const response = script === dialling ? RESPONSE.replace('jabber:client', 'jabber:server') : RESPONSE;
      const step = script.peer(`${response}<stream:features>${foreign}</stream:features>`);
      expect(step.said).toMatch(/<stream:error><unsupported-feature [^>]*\/><\/stream:error><\/stream:stream>$/);
      expect(causeOf(step)).toMatchObject({ code: 'peer-incompatible', missing: 'urn:example:x' });
    }
  });

  it('[C4.9.3.23] of several mandatory features the one that we know is chosen', () => {
    const foreign = "<x xmlns='urn:example:x'><required/></x>";
    const script = authenticatedClient();
    const { said } = script.peer(`${RESPONSE}<stream:features><bind xmlns='${BIND_NS}'/>${foreign}</stream:features>`);
    expect(script.peer(bindResult(said)).events).toMatchObject([{ type: 'established' }]);
    const clear = clearClient();
    const offers = mechanisms('PLAIN').replace('</stream:features>', `${foreign}</stream:features>`);
    expect(clear.peer(RESPONSE + offers).said).toContain('<starttls');
  });
});

describe('restarts (RFC 6120 §4.3.3, §4.3.4)', () => {
  it('[R4.3.3-1] [R4.3.3-2] [F-stream-negotiation-restart] replace the streams: new headers, no closing tag', () => {
    const { initiating, receiving } = login();
    for (const { wire } of [initiating, receiving]) {
      expect(headersIn(wire)).toHaveLength(3);
      expect(wire.match(/<\?xml /g)).toHaveLength(3);
      expect(wire).not.toContain('</stream:stream>');
    }
  });

  it('[R4.3.4-1] [R6.4.6-5] each restarted stream has features of its own', () => {
    const { receiving } = login();
    const [clear, secured, authenticated] = receiving.wire
      .split('<?xml ')
      .slice(1)
      .map((stream) => /<stream:features>.*<\/stream:features>/.exec(stream)?.[0]);
    expect(clear).toContain('<starttls ');
    expect(secured).toContain('<mechanisms ');
    expect(authenticated).toBe(OFFER_BIND);
  });

  it('the namespaces and the parser of the old stream end with it', () => {
    const script = server();
    script.peer(HEADER.replace(' to=', " xmlns:db='jabber:server:dialback' to="));
    script.peer(LOGIN);
    script.peer(HEADER);
    script.peer(BIND);
    expect(causeOf(script.peer('<message><db:result/></message>'))).toMatchObject({ violation: 'unbound-prefix' });
  });
});

describe('completion (RFC 6120 §4.3.5)', () => {
  it('[R4.3.5-2] [R4.8.3-4] a client sends no stanzas before, and then only in jabber:client', () => {
    const script = authenticatedClient();
    expect(() => script.entity.send(message({ body: 'too early' }))).toThrow(
      expect.objectContaining({ code: 'not-established' }),
    );
    const { said } = script.peer(RESPONSE + OFFER_BIND);
    expect(() => script.entity.send(presence())).toThrow(expect.objectContaining({ code: 'not-established' }));
    script.peer(bindResult(said));
    expect(script.entity.send(message({ body: 'now' }))).toBe(true);
    expect(script.peer('').said).toBe('<message><body>now</body></message>');
  });

  it.each([
    ['before authentication', () => server()],
    ['before binding', () => authenticatedServer()],
  ])('[R4.9.3.12-1] [R13.12-1] a stanza %s is told not-authorized and seen by nobody', (_, make) => {
    const script = make();
    if (script.entity.phase === 'awaiting-header') script.peer(HEADER);
    const step = script.peer("<message to='romeo@example.net'><body>Hist!</body></message>");
    expect(streamErrorIn(step)).toBe('not-authorized');
    expect(step.events.map(({ type }) => type)).toEqual(['closed']);
  });
});

describe('addresses (RFC 6120 §4.3.6)', () => {
  it('[R4.3.6-1] [R4.3.6-2] [R4.3.6-4] a client has an address once it is bound: the account of SASL, the resource of binding', () => {
    const script = server();
    const events = [HEADER, LOGIN, HEADER, BIND].flatMap((input) => script.peer(input).events);
    const established = events.filter((event) => event.type === 'established');
    expect(established).toHaveLength(1);
    expect(established[0]).toMatchObject({
      by: 'bound',
      jid: { localpart: 'juliet', domainpart: 'im.example.com', resourcepart: 'balcony' },
    });
  });

  it('[R7.1-2] what a stream acts for is a full JID, on both sides', () => {
    const { initiating, receiving } = login();
    for (const { events } of [initiating, receiving]) {
      const established = events.find((event) => event.type === 'established');
      expect(established?.type === 'established' && established.jid.toString()).toBe('juliet@im.example.com/balcony');
    }
  });

  it.each(["from='juliet@im.example.com' ", ''])(
    '[R4.7.1-4] [R4.7.2-5] with a header that says %j nothing is delivered before SASL has proved who it is',
    (from) => {
      const script = server();
      script.peer(header(`${from}to='im.example.com' version='1.0'`));
      expect(streamErrorIn(script.peer('<presence/>'))).toBe('not-authorized');
      const dialled = client({ mechanisms: ['SCRAM-SHA-256'] });
      dialled.peer(`${header(`${from.replace('juliet@', '')}id='s1' version='1.0'`)}${mechanisms('SCRAM-SHA-256')}`);
      const step = dialled.peer(SUCCESS);
      expect(causeOf(step)).toMatchObject({ violation: 'success-unverified' });
    },
  );
});

describe('closing (RFC 6120 §4.4)', () => {
  it('[R4.4-1] our closing tag is the last that we send; what comes is still read until theirs', () => {
    const script = boundServer();
    script.entity.close();
    expect(script.peer('').said).toBe(CLOSING);
    const step = script.peer("<message to='romeo@example.net'/>");
    expect(stanzaOf(step)).toContain('romeo@example.net');
    expect(step.said).toBe('');
    expect(script.entity.send(message({ body: 'one more' }))).toBe(false);
    const end = script.peer(CLOSING);
    expect(end.said).toBe('');
    expect(end.events).toMatchObject([{ type: 'closed', cause: { code: 'closed-locally' }, transport: 'end' }]);
  });

  it('their closing tag is answered with ours, behind what was still to be said', () => {
    const script = boundClient();
    script.entity.receive(new TextEncoder().encode(CLOSING), 0);
    expect(script.entity.nextEvent()).toMatchObject({ type: 'peer-closing' });
    expect(script.entity.send(message({ body: 'farewell' }))).toBe(true);
    const { said, events } = script.peer('');
    expect(said).toBe(`<message><body>farewell</body></message>${CLOSING}`);
    expect(events).toMatchObject([{ type: 'closed', cause: { code: 'closed-by-peer' } }]);
  });
});

describe('silent peers (RFC 6120 §4.6)', () => {
  it('[C4.6.1] a connection that is gone is told of, and white space goes out to find out', () => {
    const script = boundClient();
    const due = script.entity.nextTimeout(0);
    script.entity.handleTimeout(due ?? 0);
    expect(new TextDecoder().decode(script.entity.takeOutput())).toBe(' ');
    script.entity.receiveEof(due ?? 0);
    expect(script.peer('').events).toMatchObject([{ type: 'closed', cause: { code: 'unexpected-eof' } }]);
  });

  it('[REC4.6.4-1] by default not more often than every five minutes', () => {
    const script = boundClient();
    expect(script.entity.nextTimeout(0)).toBe(300_000);
  });

  it('[C4.6.2] a stream on which nothing comes for the time that was set is closed', () => {
    const script = boundServer({ timeouts: { idle: 1000, keepalive: undefined } });
    expect(script.entity.nextTimeout(500)).toBe(1500);
    script.entity.receive(new TextEncoder().encode(' '), 1000);
    script.peer('');
    script.entity.handleTimeout(1999);
    expect(script.entity.phase).toBe('established');
    script.entity.handleTimeout(2000);
    const step = script.peer('');
    expect(causeOf(step)).toMatchObject({ code: 'timed-out', timer: 'idle' });
  });

  it('[R4.9.3.4-1] a peer that answers nothing is told connection-timeout; one that is merely idle is not', () => {
    const waiting = clearServer();
    waiting.peer(HEADER);
    const due = waiting.entity.nextTimeout(0) ?? 0;
    waiting.entity.handleTimeout(due);
    expect(streamErrorIn(waiting.peer(''))).toBe('connection-timeout');
    const unanswered = server({}, SECURED, () => {});
    unanswered.peer(HEADER);
    unanswered.entity.handleTimeout(unanswered.entity.nextTimeout(0) ?? 0);
    expect(streamErrorIn(unanswered.peer(''))).toBe('internal-server-error');
    const idle = boundServer({ timeouts: { idle: 1000, keepalive: undefined } });
    idle.entity.handleTimeout(idle.entity.nextTimeout(0) ?? 0);
    expect(streamErrorIn(idle.peer(''))).not.toBe('connection-timeout');
  });

  it('[C4.6.3] an idle peer may be closed whenever the application sees fit', () => {
    const script = boundServer();
    script.entity.close({ condition: 'policy-violation', text: 'idle for too long' });
    const step = script.peer('');
    expect(streamErrorIn(step)).toBe('policy-violation');
    expect(step.said).toContain('>idle for too long</text>');
  });
});

describe('the flow of negotiation (RFC 6120 §4.3.7)', () => {
  const ELEMENTS = {
    features: '<stream:features/>',
    negotiation: `<response xmlns='${SASL_NS}'/>`,
    stanza: "<message to='romeo@example.net'/>",
    extension: "<a xmlns='urn:example:extension'/>",
    'stream-error': "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    'closing-tag': CLOSING,
    whitespace: ' ',
  } as const satisfies Partial<Record<Incoming, string>>;
  const extensions = ['urn:example:extension'];
  const isMisbehaviour = (cause: CloseCause | undefined): boolean => cause?.code === 'peer-misbehaved';
  const kinds = Object.keys(ELEMENTS) as (keyof typeof ELEMENTS)[];

  const receiving = {
    offering: () => {
      const script = server({}, { security: { kind: 'trusted' }, extensions });
      script.peer(HEADER);
      return script;
    },
    established: () => boundServer({ extensions }),
  };
  it.each(
    Object.keys(receiving).flatMap((phase) => kinds.map((kind) => [phase as keyof typeof receiving, kind] as const)),
  )('[C4.3.7] a receiving entity that is %s and gets %s does what its table says', (phase, kind) => {
    const script = receiving[phase]();
    expect(script.entity.phase).toBe(phase);
    const cause = causeOf(script.peer(ELEMENTS[kind]));
    expect(isMisbehaviour(cause)).toBe(!RECEIVING_LEGAL[phase].includes(kind));
  });

  const initiating = {
    'awaiting-features': () => {
      const script = client({ extensions });
      script.peer(RESPONSE);
      return script;
    },
    established: () => boundClient({ extensions }),
  };
  it.each(
    Object.keys(initiating).flatMap((phase) => kinds.map((kind) => [phase as keyof typeof initiating, kind] as const)),
  )('[C4.3.7] an initiating entity that is %s and gets %s does what its table says', (phase, kind) => {
    const script = initiating[phase]();
    expect(script.entity.phase).toBe(phase);
    const cause = causeOf(script.peer(ELEMENTS[kind]));
    expect(isMisbehaviour(cause)).toBe(!INITIATING_LEGAL[phase].includes(kind));
  });
});

describe('what section 15 asks of whole negotiations', () => {
  it('[F-tls-support] [R5.2-1] [R13.4-1] both sides have STARTTLS', () => {
    const { initiating, receiving } = login();
    expect(initiating.wire).toContain(STARTTLS);
    expect(receiving.wire).toContain(PROCEED);
    for (const { events } of [initiating, receiving])
      expect(events).toContainEqual(expect.objectContaining({ type: 'secured' }));
  });

  it('[F-sasl-support] [R6.2-1] [R13.5-1] both sides have SASL', () => {
    const { initiating, receiving } = login();
    for (const { events } of [initiating, receiving]) {
      expect(events).toContainEqual(
        expect.objectContaining({
          type: 'authenticated',
          identity: expect.objectContaining({ mechanism: 'SCRAM-SHA-256-PLUS' }),
        }),
      );
    }
  });

  it('[F-bind-support] [R7.2-1] [R7.1-1] both sides have binding, and a client binds', () => {
    const { entities, initiating } = login();
    expect(initiating.wire).toContain(`<bind xmlns='${BIND_NS}'`);
    expect([entities.initiating.phase, entities.receiving.phase]).toEqual(['established', 'established']);
  });

  it('[R13.3-1] [R5.3.4-1] [REC13.8.1-1] TLS is through before anything of SASL is said, SASL before anything of XMPP', () => {
    const { initiating } = login();
    const order = ['<starttls ', "from='juliet@im.example.com'", '<auth ', '<iq '].map((what) =>
      initiating.wire.indexOf(what),
    );
    expect(order.every((at) => at >= 0)).toBe(true);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
    expect(openedInClear(auth('PLAIN', plain('juliet', 'r0m30'))).said).toContain('<encryption-required/>');
  });

  it('[R13.6-1] [REC13.8.2-1] [R13.9.4-1] by default a login is encrypted, authenticated both ways and bound to its channel', () => {
    const { initiating } = login();
    expect(initiating.events.find((event) => event.type === 'authenticated')).toMatchObject({
      identity: { mechanism: 'SCRAM-SHA-256-PLUS', channelBinding: 'tls-exporter' },
    });
    const stripped = clearClient();
    const { said } = stripped.peer(`${RESPONSE}${mechanisms('PLAIN', 'SCRAM-SHA-256')}`);
    expect(said).toContain(STARTTLS);
    expect(said).not.toContain('<auth');
  });

  function openedInClear(input: string) {
    const script = clearServer();
    script.peer(HEADER);
    return script.peer(input);
  }

  it('[F-stream-attribute-response-id-unique] [R6.4.1-2] [R6.4.6-4] three streams of one connection have three ids', () => {
    const ids = headersIn(login().receiving.wire).map((tag) => attributeOf(tag, 'id'));
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9+/]{24}$/);
  });

  it('[F-sasl-restart] [R6.4.6-3] success is followed by a header, without a closing tag', () => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    expect(script.peer(SUCCESS).said).toMatch(/^<\?xml version='1\.0'\?><stream:stream [^>]*>$/);
    const receiving = server();
    receiving.peer(HEADER);
    expect(receiving.peer(LOGIN).said).toMatch(/^<success [^>]*\/>$/);
    expect(receiving.entity.phase).toBe('awaiting-header');
  });

  it('[F-tls-restart] [R5.3.2-1] [R5.4.3.3-4] so is TLS', () => {
    const script = clearClient();
    script.peer(RESPONSE + OFFER_STARTTLS);
    expect(script.peer(PROCEED).said).toMatch(/^<\?xml version='1\.0'\?><stream:stream [^>]*>$/);
    const receiving = clearServer();
    receiving.peer(HEADER);
    expect(receiving.peer(STARTTLS).said).toBe(PROCEED);
    expect(receiving.entity.phase).toBe('awaiting-header');
  });

  it('[F-bind-restart] [F-bind-mtn] [R7.3.1-1] binding is mandatory and followed by no header', () => {
    const script = boundServer();
    expect(causeOf(script.peer(HEADER))).toMatchObject({ code: 'peer-misbehaved' });
    const unbound = authenticatedClient();
    unbound.peer(`${RESPONSE}<stream:features/>`);
    expect(causeOf(unbound.peer(CLOSING))).toMatchObject({ code: 'peer-incompatible', missing: 'bind' });
    const bound = authenticatedClient();
    const { said } = bound.peer(RESPONSE + OFFER_BIND);
    expect(bound.peer(bindResult(said)).said).toBe('');
  });

  it('[F-sasl-mtn] [R6.3.1-1] a server without SASL is told so, a client without it gets nowhere', () => {
    const without = client();
    without.peer(`${RESPONSE}<stream:features/>`);
    expect(causeOf(without.peer(CLOSING))).toMatchObject({ code: 'peer-incompatible', missing: 'mechanism' });
    const script = server();
    script.peer(HEADER);
    expect(streamErrorIn(script.peer(BIND))).toBe('not-authorized');
  });

  it.each([
    ['alone', `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>`],
    ['marked as required', OFFER_STARTTLS],
    [
      'marked beside mechanisms',
      `<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls><mechanisms xmlns='${SASL_NS}'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
    ],
  ])('[F-tls-mtn] [R5.3.1-1] [R5.2-2] STARTTLS %s is negotiated before anything else', (_, features) => {
    expect(clearClient().peer(RESPONSE + features).said).toContain(STARTTLS);
    expect(clearClient().peer(RESPONSE + features).said).not.toContain('<auth');
  });
});
