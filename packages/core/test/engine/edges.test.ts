import { describe, expect, it } from 'vitest';
import {
  jid,
  message,
  MIN_STANZA_BYTES,
  type InitiatingConfig,
  type ReceivingConfig,
  type ReceivingEntity,
  type ReceivingEvent,
  type StreamPolicy,
  type TraceEntry,
} from '../../src/index.ts';
import { redact } from '../../src/engine/redact.ts';
import { takeServerStanza } from '../../src/engine/stanza-intake.ts';
import { Timers } from '../../src/engine/timers.ts';
import { asciiPreparation } from '../../src/jid/index.ts';
import { unicodePreparation } from '../../src/jid/unicode.ts';
import { xml } from '../../src/xml/index.ts';
import {
  auth,
  bytes,
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
  text,
} from './script.ts';
import { answerReceiving, join, newInitiating, newReceiving, POLICY } from './support.ts';

/** What takes no time: the application looks at the password. */
const BY_PASSWORD: StreamPolicy = { ...POLICY, mechanisms: ['PLAIN'], plain: { check: 'application' } };

function established(initiatingConfig: Partial<InitiatingConfig> = {}, receivingConfig: Partial<ReceivingConfig> = {}) {
  const initiating = newInitiating({ ...SECURED, mechanisms: ['PLAIN'], ...initiatingConfig });
  const receiving = newReceiving({ ...SECURED, ...receivingConfig });
  initiating.open();
  join(initiating, receiving, BY_PASSWORD);
  return { initiating, receiving };
}

const types = (entity: { nextEvent(): { readonly type: string } }): string[] => {
  const found: string[] = [];
  for (;;) {
    const { type } = entity.nextEvent();
    if (type === 'need-input' || type === 'ended' || type === 'paused') return [...found, type];
    found.push(type);
  }
};

describe('an ask that nobody has seen yet', () => {
  /** A server that asks the application about a password, which is right, and then about an authorization identity. */
  function asked(): ReceivingEntity {
    const script = server({ plain: { check: 'application' }, mechanisms: ['PLAIN'] }, SECURED, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'check-password') entity.answer(event, 'accepted');
      else if (event.type === 'ask' && event.ask === 'accept-stream')
        answerReceiving(entity, event, { ...POLICY, plain: { check: 'application' }, mechanisms: ['PLAIN'] });
    });
    script.peer(HEADER);
    script.entity.receive(bytes(auth('PLAIN', plain('juliet', 'r0m30', 'romeo@im.example.com'))), 0);
    const event = script.entity.nextEvent();
    if (event.type !== 'ask' || event.ask !== 'check-password') throw new Error(`expected an ask, came ${event.type}`);
    script.entity.answer(event, 'accepted');
    expect(script.entity.describe().openAsk).toBe('authorize');
    return script.entity;
  }

  it('[rule 6] does not keep a connection that ended, however often it is told', () => {
    const script = server({}, SECURED, () => undefined);
    script.entity.receive(bytes(HEADER), 0);
    script.entity.receiveEof(0);
    expect(types(script.entity)).toEqual(['ask', 'paused']);
    script.entity.receiveEof(0);
    expect(types(script.entity)).toEqual(['closed', 'ended']);
    script.entity.receiveEof(0);
    expect(types(script.entity)).toEqual(['ended']);
  });

  it('[rule 6] takes nothing else along', () => {
    const script = server({ plain: { check: 'application' }, mechanisms: ['PLAIN'] }, SECURED, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'accept-stream') answerReceiving(entity, event, BY_PASSWORD);
    });
    script.peer(HEADER);
    const [ask] = script.peer(auth('PLAIN', plain('juliet', 'r0m30'))).events;
    if (ask?.type !== 'ask' || ask.ask !== 'check-password') throw new Error('no ask');
    script.entity.answer(ask, 'accepted');
    script.entity.close();
    expect(types(script.entity)).toEqual(['authenticated', 'closed', 'ended']);
  });

  it('[rule 6] is reported where nothing comes between', () => {
    expect(types(asked())).toEqual(['ask', 'paused']);
  });

  it.each([
    ['close()', (entity: ReceivingEntity) => entity.close(), ['need-input']],
    ['receiveEof()', (entity: ReceivingEntity) => entity.receiveEof(1), ['closed', 'ended']],
    ['handleTimeout()', (entity: ReceivingEntity) => entity.handleTimeout(30_000), ['closed', 'ended']],
  ])('[rule 6] is not reported any more behind %s', (_what, preempt, expected) => {
    const entity = asked();
    entity.nextTimeout(0);
    preempt(entity);
    expect(types(entity)).toEqual(expected);
  });
});

describe('behind the end', () => {
  it('[rule 2] nothing is wanted and nothing kept', () => {
    const { entity } = client();
    entity.receiveEof(0);
    expect(types(entity)).toEqual(['closed', 'ended']);
    expect(entity.wantsInput).toBe(false);
    entity.receive(bytes('<message/>'), 1);
    expect(entity.bufferedInput).toBe(0);
  });

  it('close() does nothing, and so does the end of the connection', () => {
    const { entity } = client();
    entity.receiveEof(0);
    types(entity);
    entity.close({ condition: 'reset' });
    entity.receiveEof(1);
    expect(entity.takeOutput()).toBeUndefined();
    expect(types(entity)).toEqual(['ended']);
  });

  it('a closing tag is sent once, however often we close', () => {
    const { entity } = client();
    entity.close();
    entity.close({ condition: 'reset' });
    expect(text(entity.takeOutput())).toBe(CLOSING);
  });

  it('no white space is sent when everything is due at once', () => {
    const { initiating } = established({ timeouts: { idle: 10, keepalive: 10 } });
    initiating.nextTimeout(0);
    initiating.handleTimeout(10);
    expect(text(initiating.takeOutput())).toMatch(/<\/stream:stream>$/);
    expect(initiating.nextEvent()).toMatchObject({ type: 'closed', cause: { code: 'timed-out', timer: 'idle' } });
  });
});

describe('time', () => {
  it('[rule 8] never goes back, whichever way it is told', () => {
    const { entity } = client();
    entity.receive(bytes(' '), 10);
    const back = expect.objectContaining({ code: 'clock-went-backwards' });
    expect(() => entity.receive(bytes(' '), 9)).toThrow(back);
    expect(() => entity.receiveEof(9)).toThrow(back);
    expect(() => entity.handleTimeout(9)).toThrow(back);
    expect(() => entity.nextTimeout(9)).toThrow(back);
    expect(() => entity.nextTimeout(9)).toThrow('at least 10 ms, came 9');
    expect(() => newReceiving().nextTimeout(NaN)).toThrow('expected a monotonic time, came NaN');
  });

  it('what comes in starts the times of silence anew', () => {
    const timeouts = { idle: 100, keepalive: 60 };
    for (const entity of Object.values(established({ timeouts }, { timeouts }))) {
      expect(entity.nextTimeout(0)).toBe(60);
      entity.receive(bytes(' '), 50);
      expect(entity.describe().timers).toEqual(
        new Map([
          ['idle', 150],
          ['keepalive', 110],
        ]),
      );
    }
  });

  it('closing ends all times but its own', () => {
    const timeouts = { idle: 100, keepalive: 60, closing: 7 };
    const { initiating } = established({ timeouts });
    initiating.close();
    initiating.nextTimeout(0);
    expect(initiating.describe().timers).toEqual(new Map([['closing', 7]]));
  });

  it('the closing tag of the peer ends them all', () => {
    const { initiating } = established({ timeouts: { idle: 100, keepalive: 60 } });
    initiating.receive(bytes(CLOSING), 0);
    expect(initiating.nextEvent().type).toBe('peer-closing');
    expect(initiating.nextTimeout(0)).toBeUndefined();
  });

  it('messages on a WebSocket keep no white space alive', () => {
    const entity = newReceiving({
      transport: 'messages',
      security: { kind: 'trusted' },
      timeouts: { idle: 100, keepalive: 60 },
    });
    const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0'/>";
    const drain = (): void => {
      for (let event = entity.nextEvent(); event.type !== 'need-input'; event = entity.nextEvent())
        answerReceiving(entity, event, { ...POLICY, mechanisms: ['PLAIN'] });
    };
    for (const said of [
      open,
      auth('PLAIN', plain('juliet', 'r0m30')),
      open,
      "<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
    ]) {
      entity.receiveMessage(said, 0);
      drain();
    }
    expect(entity.phase).toBe('established');
    expect([...entity.describe().timers.keys()]).toEqual(['idle']);
  });

  it('timers without a duration are off', () => {
    const timers = new Timers<'a' | 'b'>();
    timers.arm('a', 5);
    timers.arm('b', 3);
    expect(timers.next(0)).toBe(3);
    expect(timers.expired(3)).toEqual(['b']);
    expect(timers.expired(5)).toEqual(['a', 'b']);
    timers.arm('b', undefined);
    expect(timers.next(0)).toBe(5);
    timers.arm('a', undefined);
    expect([timers.next(0), timers.entries()]).toEqual([undefined, new Map()]);
  });
});

describe('the cause of the end', () => {
  it('is that we closed, also when the peer breaks a rule then', () => {
    const { initiating } = established();
    initiating.close();
    initiating.receive(bytes('<a'), 0);
    initiating.receive(bytes('<'), 0);
    expect(initiating.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'closed-locally', reason: undefined },
      transport: 'end',
    });
  });

  it('is the stream error that the peer answers our closing tag with', () => {
    const { initiating } = established();
    initiating.close();
    initiating.receive(
      bytes(`<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>${CLOSING}`),
      0,
    );
    expect(initiating.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { code: 'stream-error-received', error: { condition: 'reset' } },
    });
  });

  it('is ours when we close for a reason while the peer is closing', () => {
    const { initiating } = established();
    initiating.receive(bytes(CLOSING), 0);
    expect(initiating.nextEvent().type).toBe('peer-closing');
    initiating.close({ condition: 'reset' });
    expect(initiating.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { code: 'closed-locally', reason: { condition: 'reset' } },
      transport: 'end',
    });
    expect(text(initiating.takeOutput())).toMatch(/<reset [^>]*>.*<\/stream:stream>$/);
  });

  it('[S9] is ours when there is no randomness', () => {
    const entity = newReceiving({ random: () => new Uint8Array(1) });
    expect(() => entity.close({ condition: 'reset' })).toThrow(expect.objectContaining({ code: 'random-too-short' }));
    expect(entity.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'closed-locally', reason: undefined },
      transport: 'abort',
    });
  });

  it('is in the language of the configuration', () => {
    const { entity } = client({ lang: 'de' });
    entity.close({ condition: 'reset', text: 'Neustart' });
    expect(text(entity.takeOutput())).toContain("xml:lang='de'>Neustart<");
  });
});

describe('answers', () => {
  it('[rule 5] of another shape than the ask are refused, and the ask stays open', () => {
    const script = server({}, {}, () => undefined);
    const [event] = script.peer(HEADER).events;
    if (event?.type !== 'ask' || event.ask !== 'accept-stream') throw new Error('no ask');
    for (const wrong of ['yes', undefined, 7]) {
      // What a caller without types may pass.
      expect(() => script.entity.answer(event, wrong as never)).toThrow(
        expect.objectContaining({ code: 'answer-invalid' }),
      );
    }
    expect(script.entity.answer(event, POLICY)).toBe(true);
  });
});

describe('the switch to TLS', () => {
  it('has a phase of its own, on both sides', () => {
    const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    const calling = client({ security: { kind: 'clear' } }, () => undefined);
    calling.peer(`${RESPONSE}<stream:features>${starttls}</stream:features>`);
    calling.peer("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    expect(calling.entity.phase).toBe('switching-to-tls');
    const called = server({}, {}, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'accept-stream') answerReceiving(entity, event);
    });
    called.peer(HEADER + starttls);
    expect(called.entity.phase).toBe('switching-to-tls');
  });
});

describe('a header in clear', () => {
  it('[R5.4.3.3-3] is forgotten with the start of TLS, also where the next one never comes', () => {
    const script = server({}, {});
    const from = header("to='im.example.com' from='juliet@im.example.com' version='1.0'");
    expect(script.peer(from).said).toContain(" to='juliet@im.example.com'");
    script.peer("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    script.entity.close({ condition: 'reset' });
    const said = text(script.entity.takeOutput());
    expect(said).toMatch(/<stream:stream .*<reset /);
    expect(said).not.toContain(' to=');
  });
});

describe('terms of a host', () => {
  it('hold on the stream behind SASL, under whichever name of the host', () => {
    const script = server({ domain: 'im.example.com' });
    script.peer(header("to='chat.example.com' version='1.0'"));
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    const { said } = script.peer(header("to='chat.example.com' version='1.0'"));
    expect(said).toContain('<bind ');
  });

  it.each(["to='other.example.com'", "to='a b'", "to='@'"])('[S11] do not change to those of another: %s', (to) => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    expect(script.peer(header(`${to} version='1.0'`)).events.at(-1)).toMatchObject({
      type: 'closed',
      cause: { violation: 'header-to-changed' },
    });
  });

  it.each([
    ["from='juliet@im.example.com'", undefined],
    ["from='juliet@im.example.com/a'", undefined],
    ["from='romeo@im.example.com'", 'header-from-changed'],
  ])('[S11] are for whom SASL proved: %s', (from, violation) => {
    const script = server();
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    const last = script.peer(header(`to='im.example.com' ${from} version='1.0'`)).events.at(-1);
    expect(last).toMatchObject(
      violation === undefined ? { type: 'stream-opened' } : { type: 'closed', cause: { violation } },
    );
  });

  it('name extra features behind SASL alone, and need not name any', () => {
    const extra = xml('sm', { xmlns: 'urn:xmpp:sm:3' });
    const withThem = server({ extraFeatures: [extra] });
    expect(withThem.peer(HEADER).said).not.toContain('urn:xmpp:sm:3');
    withThem.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    expect(withThem.peer(HEADER).said).toContain('urn:xmpp:sm:3');
  });

  it('are asked for with what the header says', () => {
    const asked: ReceivingEvent[] = [];
    const script = server({}, SECURED, (_entity, event) => void asked.push(event));
    script.peer(header("to='im.example.com' from='juliet@im.example.com' xml:lang='de' version='1.0'"));
    expect(asked).toMatchObject([
      {
        ask: 'accept-stream',
        to: 'im.example.com',
        from: 'juliet@im.example.com',
        lang: 'de',
        contentNamespace: 'jabber:client',
        security: { kind: 'tls' },
      },
    ]);
  });

  it('a refusal names the address that was refused, or none', () => {
    const refuse = (attributes: string) =>
      server({}, SECURED, (entity, event) => {
        if (event.type === 'ask' && event.ask === 'accept-stream')
          entity.answer(event, { refuse: { condition: 'host-unknown' } });
      })
        .peer(header(`${attributes} version='1.0'`))
        .events.at(-1);
    expect(refuse("to='nowhere.example'")).toMatchObject({
      cause: {
        code: 'negotiation-failed',
        at: 'accept',
        condition: 'host-unknown',
        detail: 'the stream for "nowhere.example" was refused',
      },
    });
  });
});

describe('a peer of an older or newer version', () => {
  it.each([
    ["version='1.0'", "version='1.0'"],
    ["version='1.1'", "version='1.0'"],
  ])('[R4.7.5-6] that says %s hears %s', (theirs, ours) => {
    const { said } = server().peer(header(`to='im.example.com' ${theirs}`));
    expect(/<stream:stream [^>]*>/.exec(said)?.[0]).toContain(ours);
  });
});

describe('what a client does not understand', () => {
  it('[R8.4-1] is answered where it has to be, with its condition', () => {
    const { initiating } = established();
    initiating.receive(bytes("<iq type='get' id='1' from='im.example.com'/>"), 0);
    expect(initiating.nextEvent()).toMatchObject({
      type: 'stanza-refused',
      sent: true,
      problem: { condition: 'bad-request' },
    });
    expect(text(initiating.takeOutput())).toContain('<bad-request ');
  });

  it('is answered to nobody whose address is none', () => {
    const { initiating } = established();
    initiating.receive(bytes("<iq type='get' id='1' from='a b@c'><q xmlns='urn:example:q'/></iq>"), 0);
    expect(initiating.nextEvent()).toMatchObject({
      type: 'stanza-refused',
      sent: false,
      reply: undefined,
      problem: { problem: 'from-malformed' },
    });
    expect(initiating.takeOutput()).toBeUndefined();
  });

  it('has the language of the stream it came on', () => {
    const { initiating } = established();
    initiating.receive(bytes("<message from='romeo@example.net'><body>Hist!</body></message>"), 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza', stanza: { lang: 'en' } });
  });
});

describe('elements of an extension', () => {
  const extensions = ['urn:xmpp:sm:3'];
  const element = xml('r', { xmlns: 'urn:xmpp:sm:3' });

  it('are reported as they are, on both sides', () => {
    for (const entity of Object.values(established({ extensions }, { extensions }))) {
      entity.receive(bytes("<r xmlns='urn:xmpp:sm:3' a='b'/>"), 0);
      const event = entity.nextEvent();
      expect(event.type === 'element' && String(event.element)).toBe("<r xmlns='urn:xmpp:sm:3' a='b'/>");
    }
  });

  it('are not sent before the stream is established, nor behind its end', () => {
    const { entity } = client({ extensions });
    expect(() => entity.sendElement(element)).toThrow(expect.objectContaining({ code: 'not-established' }));
    const { initiating } = established({ extensions });
    expect(initiating.sendElement(element)).toBe(true);
    initiating.close();
    initiating.takeOutput();
    expect(initiating.sendElement(element)).toBe(false);
    expect(initiating.takeOutput()).toBeUndefined();
  });
});

describe('stanzas of a client', () => {
  it('are from where it is bound, in the language of its stream', () => {
    const { receiving } = established({ lang: 'de' });
    const received = (stanza: string) => {
      receiving.receive(bytes(stanza), 0);
      const event = receiving.nextEvent();
      if (event.type !== 'stanza') throw new Error(`expected a stanza, came ${event.type}`);
      return { origin: event.origin, lang: event.stanza.lang, written: String(event.stanza.element) };
    };
    expect(received("<message to='romeo@example.net' from='a b'/>")).toMatchObject({ origin: 'self', lang: 'de' });
    expect(received("<message to='romeo@example.net'/>").written).toContain("xml:lang='de'");
    expect(received("<message to='romeo@example.net' xml:lang='en'/>").written).not.toContain("'de'");
  });

  it('have addresses beyond ASCII where there is a preparation', () => {
    const { receiving } = established({}, { jidPreparation: unicodePreparation });
    receiving.receive(bytes("<message to='römeo@example.net'/>"), 0);
    expect(receiving.nextEvent()).toMatchObject({ type: 'stanza', stanza: { to: { localpart: 'römeo' } } });
  });

  it('are answered with the condition of what is wrong with them', () => {
    const { receiving } = established();
    receiving.receive(bytes("<iq type='get' id='1'/>"), 0);
    expect(receiving.nextEvent()).toMatchObject({
      type: 'stanza-refused',
      sent: true,
      problem: { condition: 'bad-request', lang: 'en' },
    });
    expect(text(receiving.takeOutput())).toContain('<bad-request ');
  });

  it('are not sent by whoever has none to send: false behind the end', () => {
    const { initiating } = established();
    initiating.close();
    expect(initiating.send(message({ to: jid('romeo@example.net'), body: 'Hist!' }))).toBe(false);
  });
});

describe('limits of those who are not authenticated (rule S4)', () => {
  const unauthenticatedLimits = { stanzaBytes: MIN_STANZA_BYTES };
  const padding = `<x xmlns='urn:example:x'>${'a'.repeat(MIN_STANZA_BYTES)}</x>`;
  const tooLarge = { type: 'closed', cause: { violation: 'stanza-too-large' } };

  it('[S4] end for a server with SASL', () => {
    const one = client({ mechanisms: ['PLAIN'], unauthenticatedLimits });
    expect(one.peer(`${RESPONSE}<stream:features>${padding}</stream:features>`).events.at(-1)).toMatchObject(tooLarge);
    const other = client({ mechanisms: ['PLAIN'], unauthenticatedLimits });
    other.peer(RESPONSE + mechanisms('PLAIN'));
    other.peer(`<success xmlns='${SASL_NS}'/>`);
    const { said } = other.peer(
      `${RESPONSE}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>${padding}</stream:features>`,
    );
    expect(said).toContain('<bind ');
  });

  it('[S4] do not end for a server with TLS', () => {
    const script = client({ security: { kind: 'clear' }, unauthenticatedLimits });
    const starttls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
    script.peer(`${RESPONSE}<stream:features>${starttls}</stream:features>`);
    expect(script.peer("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").said).toContain('<stream:stream ');
    const { events } = script.peer(`${RESPONSE}<stream:features>${padding}</stream:features>`);
    expect(events.at(-1)).toMatchObject(tooLarge);
  });

  it('[S4] bound what may wait', () => {
    const { entity } = server({}, { ...SECURED, unauthenticatedLimits }, () => undefined);
    entity.receive(bytes(HEADER), 0);
    expect(types(entity)).toEqual(['ask', 'paused']);
    entity.receive(new Uint8Array(MIN_STANZA_BYTES - 1).fill(0x20), 0);
    expect(entity.wantsInput).toBe(true);
    entity.receive(bytes(' '), 0);
    expect(entity.wantsInput).toBe(false);
  });

  it('[S4] end for a client with SASL', () => {
    const message = `<message>${padding}</message>`;
    const config = { ...SECURED, unauthenticatedLimits };
    expect(
      server({}, config)
        .peer(HEADER + message)
        .events.at(-1),
    ).toMatchObject(tooLarge);
    const { receiving } = established({}, { unauthenticatedLimits });
    receiving.receive(bytes(message), 0);
    expect(receiving.nextEvent()).toMatchObject({ type: 'stanza' });
  });

  it('[S4] end with SASL, not with the binding of a resource', () => {
    const script = server(BY_PASSWORD, { ...SECURED, unauthenticatedLimits });
    script.peer(HEADER);
    script.peer(auth('PLAIN', plain('juliet', 'r0m30')));
    script.peer(HEADER);
    const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>x</resource>";
    const { events } = script.peer(`<iq type='set' id='b1'>${bind}${padding}</bind></iq>`);
    expect(events.at(-1)).toMatchObject({ type: 'established' });
  });

  it('[S4] do not end with TLS', () => {
    const script = server(BY_PASSWORD, { unauthenticatedLimits });
    script.peer(HEADER);
    script.peer("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    script.peer(HEADER);
    expect(script.entity.phase).toBe('offering');
    expect(script.peer(`<message>${padding}</message>`).events.at(-1)).toMatchObject(tooLarge);
  });
});

describe('a host of clients and of servers', () => {
  it('[R4.8.3-5] takes on each stream what its header declared', () => {
    const { receiving } = established({}, { contentNamespaces: ['jabber:server', 'jabber:client'] });
    receiving.receive(bytes("<message to='romeo@example.net'/>"), 0);
    expect(receiving.nextEvent()).toMatchObject({ type: 'stanza', origin: 'self' });
  });
});

describe('stanzas before a resource is bound', () => {
  it.each([
    ['romeo@example.net', 'other'],
    ['juliet@im.example.com', 'other'],
    ['im.example.com', 'server'],
  ])('[S18] from %s are the word of: %s', (from, origin) => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(`<success xmlns='${SASL_NS}'/>`);
    script.peer(`${RESPONSE}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`);
    expect(script.peer(`<message from='${from}'/>`).events.at(-1)).toMatchObject({ type: 'stanza', origin });
  });
});

describe('stanzas of a server', () => {
  it('keep their language, and get that of the stream where they have none', () => {
    const langOf = (attributes: string): string | undefined => {
      const taken = takeServerStanza({
        element: xml('message', {
          xmlns: 'jabber:server',
          to: 'juliet@im.example.com',
          from: 'romeo@example.net',
          'xml:lang': attributes === '' ? undefined : attributes,
        }),
        jid: jid('example.net'),
        domain: jid('im.example.com'),
        contentNamespace: 'jabber:server',
        lang: 'de',
        preparation: asciiPreparation,
      });
      if (!('type' in taken) || taken.type !== 'stanza') throw new Error('no stanza');
      return taken.stanza.element.attribute('xml:lang');
    };
    expect([langOf('en'), langOf('')]).toEqual(['en', 'de']);
  });

  it('have addresses beyond ASCII where there is a preparation', () => {
    const taken = takeServerStanza({
      element: xml('message', {
        xmlns: 'jabber:server',
        to: 'jülia@im.example.com',
        from: 'römeo@example.net',
      }),
      jid: jid('example.net'),
      domain: jid('im.example.com'),
      contentNamespace: 'jabber:server',
      lang: undefined,
      preparation: unicodePreparation,
    });
    expect(taken).toMatchObject({
      type: 'stanza',
      stanza: { to: { localpart: 'jülia' }, from: { localpart: 'römeo' } },
    });
  });
});

describe('the trace of what crosses the wire', () => {
  it('has headers as the start tags that they are', () => {
    const lines: TraceEntry[] = [];
    const script = client({ onTrace: (entry) => lines.push(entry) });
    script.peer(RESPONSE);
    expect(lines.map(({ direction, kind, xml: written }) => [direction, kind, written])).toEqual([
      [
        'out',
        'header',
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0' xml:lang='en'>",
      ],
      [
        'in',
        'header',
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='im.example.com' id='s1' version='1.0'>",
      ],
    ]);
  });

  it('has elements as they are written, both ways', () => {
    const lines: TraceEntry[] = [];
    const script = client({ mechanisms: ['PLAIN'], onTrace: (entry) => lines.push(entry) });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(`<success xmlns='${SASL_NS}'/>`);
    const elements = lines.filter(({ kind }) => kind === 'element');
    expect(elements.slice(-2).map(({ direction, xml: written }) => [direction, written])).toEqual([
      ['out', `<auth xmlns='${SASL_NS}' mechanism='PLAIN'>…</auth>`],
      ['in', `<success xmlns='${SASL_NS}'/>`],
    ]);
  });

  it('has headers without a default namespace as such', () => {
    const lines: TraceEntry[] = [];
    const script = client({ onTrace: (entry) => lines.push(entry) });
    const written = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' id='s1' version='1.0'>";
    script.peer(written);
    expect(lines.at(-1)).toMatchObject({ direction: 'in', kind: 'header', xml: written });
  });

  it('has the white space that keeps a connection alive', () => {
    const lines: TraceEntry[] = [];
    const { initiating } = established({ timeouts: { keepalive: 10 }, onTrace: (entry) => lines.push(entry) });
    initiating.nextTimeout(0);
    initiating.handleTimeout(10);
    expect(lines.at(-1)).toEqual({ direction: 'out', phase: 'established', kind: 'whitespace', bytes: 1, xml: ' ' });
  });

  it.each([
    [xml('field', { type: 'text-private', var: 'pin' }, xml('value', {}, '1234')), '<value>…</value>'],
    [xml('field', { var: 'password' }, xml('value', {}, '1234')), '<value>…</value>'],
    [xml('field', { type: 'text-single', var: 'name' }, xml('value', {}, '1234')), '<value>1234</value>'],
    [xml('field', {}, xml('value', {}, '1234')), '<value>1234</value>'],
    [xml('item', { type: 'text-private', var: 'password' }, xml('value', {}, '1234')), '<value>1234</value>'],
  ])('shows of a form what is not private: %s', (element, shown) => {
    expect(String(redact(element))).toContain(shown);
  });
});
