import { describe, expect, it } from 'vitest';
import {
  LocalProtocolError,
  message,
  jid,
  type AcceptStreamAsk,
  type InitiatingEvent,
  type Message,
  type ReceivingEvent,
  type StartTlsAsk,
} from '../../src/index.ts';
import { xml } from '../../src/xml/index.ts';
import { BINDING, counter, join, newInitiating, newReceiving, POLICY, TLS } from './support.ts';

const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>";
const RESPONSE = HEADER.replace("to='im.example.com'", "from='im.example.com' id='s1'");
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const STARTTLS_FEATURES = `<stream:features>${STARTTLS}</stream:features>`;
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (output: Uint8Array | undefined): string => (output === undefined ? '' : new TextDecoder().decode(output));

function established() {
  const initiating = newInitiating({ security: { kind: 'tls', tls: TLS } });
  const receiving = newReceiving({ security: { kind: 'tls', tls: TLS } });
  initiating.open();
  join(initiating, receiving);
  return { initiating, receiving };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LocalProtocolError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

function acceptStream(entity: ReturnType<typeof newReceiving>): AcceptStreamAsk {
  const event = entity.nextEvent();
  if (event.type !== 'ask' || event.ask !== 'accept-stream')
    throw new Error(`expected accept-stream, came ${event.type}`);
  return event;
}

function startTls(entity: { nextEvent(): InitiatingEvent | ReceivingEvent }): StartTlsAsk {
  for (;;) {
    const event = entity.nextEvent();
    if (event.type === 'ask' && event.ask === 'start-tls') return event;
    if (event.type === 'need-input' || event.type === 'ended')
      throw new Error(`expected start-tls, came ${event.type}`);
  }
}

/** A receiving entity that has offered STARTTLS. */
function offering(): ReturnType<typeof newReceiving> {
  const entity = newReceiving();
  entity.receive(bytes(HEADER), 0);
  entity.answer(acceptStream(entity), POLICY);
  while (entity.nextEvent().type !== 'need-input');
  entity.takeOutput();
  return entity;
}

/** An initiating entity that has sent <starttls/>. */
function awaitingProceed(): ReturnType<typeof newInitiating> {
  const entity = newInitiating();
  entity.open();
  entity.receive(bytes(RESPONSE + STARTTLS_FEATURES), 0);
  while (entity.nextEvent().type !== 'need-input');
  entity.takeOutput();
  return entity;
}

describe('rule 1: their mistakes are data, ours are exceptions', () => {
  it('[rule 1] a peer that sends garbage gets a stream error and we get a cause; nothing throws', () => {
    const entity = newReceiving();
    entity.receive(bytes('GET / HTTP/1.1\r\n\r\n'), 0);
    const event = entity.nextEvent();
    expect(event).toMatchObject({
      type: 'closed',
      cause: { code: 'peer-misbehaved', violation: 'text-outside-root' },
      transport: 'end',
    });
    expect(text(entity.takeOutput())).toContain('<not-well-formed');
  });

  it('[rule 1] a command at the wrong time throws with a code and leaves the entity as it was', () => {
    const entity = newInitiating();
    const before = entity.describe();
    expect(codeOf(() => entity.send(message({ to: jid('romeo@example.net'), body: 'Hist!' })))).toBe('not-established');
    expect(entity.describe()).toEqual(before);
    entity.open();
    const opened = text(entity.takeOutput());
    expect(codeOf(() => entity.open())).toBe('already-opened');
    expect(entity.takeOutput()).toBeUndefined();
    expect(opened).toContain('<stream:stream');
  });
});

describe('a program without types', () => {
  it('is told that an element is no stanza', () => {
    const { initiating: entity } = established();
    // What the type forbids.
    const careless = (element: unknown): boolean => entity.send(element as Message);
    expect(codeOf(() => careless(xml('message')))).toBe('stanza-invalid');
    expect(entity.phase).toBe('established');
  });
});

describe('rule 2: receive stores, nextEvent parses up to the next event', () => {
  it('[rule 2] receive alone makes no event, no output and no parsing', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    expect(entity.bufferedInput).toBe(HEADER.length);
    expect(entity.bufferedOutput).toBe(0);
    expect(entity.phase).toBe('awaiting-header');
  });

  it('[rule 2] nextEvent parses to the end of one event and not one byte further', () => {
    const { initiating, receiving } = established();
    void initiating;
    const two = "<message id='1'/><message id='2'/>";
    receiving.receive(bytes(two), 0);
    expect(receiving.nextEvent()).toMatchObject({ type: 'stanza', stanza: { id: '1' } });
    expect(receiving.bufferedInput).toBe(two.length / 2);
    expect(receiving.nextEvent()).toMatchObject({ type: 'stanza', stanza: { id: '2' } });
    expect(receiving.nextEvent().type).toBe('need-input');
  });

  it('[rule 2] bytes are stored also when none are wanted; past one read more than that the stream is closed', () => {
    const entity = newReceiving({ maxBufferedInput: 1000 });
    entity.receive(bytes(HEADER), 0);
    acceptStream(entity);
    entity.receive(new Uint8Array(1000).fill(0x20), 0);
    expect(entity.wantsInput).toBe(false);
    entity.receive(new Uint8Array(262_144).fill(0x20), 0);
    expect(entity.phase).toBe('accepting');
    entity.receive(new Uint8Array(1).fill(0x20), 0);
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', cause: { violation: 'input-overrun' } });
    expect(entity.bufferedInput).toBe(0);
  });
});

describe('rule 3: the order of the pump', () => {
  it('[rule 3] the output for an event is there when the event is returned', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    expect(entity.nextEvent().type).toBe('paused');
    entity.answer(ask, POLICY);
    expect(entity.nextEvent().type).toBe('stream-opened');
    expect(text(entity.takeOutput())).toContain('</stream:features>');
    expect(entity.nextEvent().type).toBe('need-input');
  });

  it('[rule 3] on start-tls the entity wants no input any more, before its output is written', () => {
    const entity = offering();
    entity.receive(bytes(STARTTLS), 0);
    startTls(entity);
    expect(entity.wantsInput).toBe(false);
    expect(text(entity.takeOutput())).toBe(PROCEED);
  });
});

describe('rule 4: whose the chunk is', () => {
  it('[rule 4] after need-input the caller may overwrite the chunk', () => {
    const { receiving } = established();
    const chunk = bytes('<message><body>first');
    receiving.receive(chunk, 0);
    expect(receiving.nextEvent().type).toBe('need-input');
    chunk.fill(0x58);
    receiving.receive(bytes('</body></message>'), 0);
    const event = receiving.nextEvent();
    expect(event.type === 'stanza' && event.stanza.element.childText('body')).toBe('first');
  });
});

describe('rule 5: asks and answers', () => {
  it('[rule 5] while an ask is open parsing pauses, and goes on with the answer', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER + STARTTLS), 0);
    const ask = acceptStream(entity);
    expect([entity.nextEvent().type, entity.nextEvent().type]).toEqual(['paused', 'paused']);
    expect(entity.describe()).toMatchObject({ openAsk: 'accept-stream', bufferedInput: STARTTLS.length });
    expect(entity.answer(ask, POLICY)).toBe(true);
    expect(startTls(entity).domain).toBe('im.example.com');
  });

  it('[rule 5] a lapsed ask answers false and does nothing', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    entity.close({ condition: 'system-shutdown' });
    const said = text(entity.takeOutput());
    expect(said).toContain('<system-shutdown');
    expect(entity.answer(ask, POLICY)).toBe(false);
    expect(entity.takeOutput()).toBeUndefined();
  });

  it('[rule 5] answering twice, or with the ask of another entity, throws', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    entity.answer(ask, POLICY);
    expect(codeOf(() => entity.answer(ask, POLICY))).toBe('ask-already-answered');
    const other = newReceiving();
    other.receive(bytes(HEADER), 0);
    expect(codeOf(() => entity.answer(acceptStream(other), POLICY))).toBe('ask-foreign');
  });

  it('[rule 5] an answer that cannot be is refused and the ask stays open', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    for (const wrong of [
      { ...POLICY, domain: 'juliet@im.example.com' },
      { ...POLICY, decoySecret: new Uint8Array(15) },
      { ...POLICY, mechanisms: [] },
      { ...POLICY, authenticationRetries: 1 },
      { ...POLICY, bindRetries: 11 },
      { ...POLICY, languages: ['not a language'] },
      { ...POLICY, mechanisms: ['SCRAM-SHA-256', 'DIGEST-MD5'] },
      { ...POLICY, decoyIterations: 0 },
      { ...POLICY, plain: { check: 'scram-keys', hash: 'MD5' } as never },
      { ...POLICY, extraFeatures: ['<sub/>'] as never },
      { refuse: { condition: 'see-other-host' } } as const,
      { refuse: { condition: 'see-other-host', host: '::1' } } as const,
      { refuse: { condition: 'reset', text: '\0' } } as const,
      { refuse: { condition: 'reset', text: 'Soon', lang: 'not a language' } } as const,
      { refuse: { condition: 'host-unknown' }, domain: '' } as const,
      { refuse: { condition: 'host-unknown' }, domain: 'juliet@im.example.com' } as const,
    ]) {
      expect(codeOf(() => entity.answer(ask, wrong))).toBe('answer-invalid');
      expect(entity.nextEvent().type).toBe('paused');
      expect(entity.bufferedOutput).toBe(0);
    }
    expect(entity.answer(ask, POLICY)).toBe(true);
  });
});

describe('rule 1 and open asks', () => {
  it('[rule 1] a reason that cannot be written leaves an open ask open', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    expect(codeOf(() => entity.close({ condition: 'see-other-host' }))).toBe('configuration-invalid');
    expect(entity.takeOutput()).toBeUndefined();
    expect(entity.answer(ask, POLICY)).toBe(true);
  });
});

describe('rule 6: what pre-empts an open ask', () => {
  it('[rule 6] close()', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    acceptStream(entity);
    entity.close();
    expect(entity.nextEvent().type).toBe('need-input');
    entity.receive(bytes('</stream:stream>'), 0);
    expect(entity.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'closed-locally', reason: undefined },
      transport: 'end',
    });
  });

  it('[rule 6] receiveEof(), also for an ask that nobody has seen yet', () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    acceptStream(entity);
    entity.receiveEof(1);
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', cause: { code: 'unexpected-eof' } });
    expect(entity.nextEvent().type).toBe('ended');
  });

  it('[rule 6] handleTimeout()', () => {
    const entity = newReceiving({ timeouts: { negotiation: 10 } });
    expect(entity.nextTimeout(0)).toBe(10);
    entity.receive(bytes(HEADER), 1);
    acceptStream(entity);
    entity.handleTimeout(10);
    expect(entity.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'timed-out', timer: 'negotiation' },
      transport: 'end',
    });
    expect(text(entity.takeOutput())).toContain('<internal-server-error');
  });
});

describe('rule 7: nothing between <proceed/> and the answer', () => {
  it('[rule 7] [S5] a stanza behind <starttls/> in the same chunk closes, and <proceed/> is not even written', () => {
    const entity = offering();
    entity.receive(bytes(`${STARTTLS}<iq type='get' id='1'><query xmlns='jabber:iq:roster'/></iq>`), 0);
    expect(entity.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { violation: 'bytes-behind-starttls' },
      transport: 'abort',
    });
    expect(entity.takeOutput()).toBeUndefined();
  });

  it('[rule 7] [S5] one byte that arrives after <starttls/> closes', () => {
    const entity = offering();
    entity.receive(bytes(STARTTLS), 0);
    const ask = startTls(entity);
    entity.receive(bytes(' '), 0);
    expect(entity.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { violation: 'bytes-during-tls-negotiation' },
      transport: 'abort',
    });
    expect(entity.takeOutput()).toBeUndefined();
    expect(entity.answer(ask, TLS)).toBe(false);
  });

  it('[rule 7] [S5] a stanza behind <proceed/>, in the same chunk or one byte later, closes', () => {
    const together = awaitingProceed();
    together.receive(bytes(`${PROCEED}<message/>`), 0);
    expect(together.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { violation: 'bytes-behind-proceed' },
      transport: 'abort',
    });
    const later = awaitingProceed();
    later.receive(bytes(PROCEED), 0);
    const ask = startTls(later);
    later.receive(bytes('<'), 0);
    expect(later.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { violation: 'bytes-during-tls-negotiation' },
      transport: 'abort',
    });
    expect(later.answer(ask, TLS)).toBe(false);
  });

  it('[rule 7] [S5] white space behind <starttls/> is fatal too, unless the configuration tolerates it, and nothing else ever', () => {
    const run = (whitespaceBehindStarttls: boolean, behind: string): ReceivingEvent => {
      const entity = newReceiving({ whitespaceBehindStarttls });
      entity.receive(bytes(HEADER), 0);
      entity.answer(acceptStream(entity), POLICY);
      entity.receive(bytes(STARTTLS + behind), 0);
      for (;;) {
        const event = entity.nextEvent();
        if (event.type !== 'stream-opened') return event;
      }
    };
    expect(run(false, '\n')).toMatchObject({ type: 'closed', transport: 'abort' });
    expect(run(true, ' \r\n\t')).toMatchObject({ type: 'ask', ask: 'start-tls' });
    expect(run(true, '\n<message/>')).toMatchObject({ type: 'closed', transport: 'abort' });
  });

  it('[rule 7] no bytes at all are none', () => {
    const entity = awaitingProceed();
    entity.receive(bytes(PROCEED), 0);
    const ask = startTls(entity);
    entity.receive(new Uint8Array(0), 0);
    expect(entity.answer(ask, TLS)).toBe(true);
  });

  it('[rule 7] a failed handshake ends the transport with no closing tag', () => {
    const entity = awaitingProceed();
    entity.receive(bytes(PROCEED), 0);
    entity.answer(startTls(entity), 'failed');
    expect(entity.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { code: 'negotiation-failed', at: 'tls' },
      transport: 'abort',
    });
    expect(entity.takeOutput()).toBeUndefined();
  });

  it('[rule 7] close(), the deadline and the end of input inside the handshake write nothing', () => {
    for (const end of ['close', 'timeout', 'eof'] as const) {
      const entity = awaitingProceed();
      const deadline = entity.nextTimeout(0) ?? 0;
      entity.receive(bytes(PROCEED), 0);
      startTls(entity);
      if (end === 'close') entity.close({ condition: 'reset' });
      else if (end === 'timeout') entity.handleTimeout(deadline);
      else entity.receiveEof(1);
      expect(entity.nextEvent()).toMatchObject({ type: 'closed', transport: 'abort' });
      expect(entity.takeOutput()).toBeUndefined();
    }
  });

  it('[rule 7] [S15] TLS older than 1.2 is no answer', () => {
    const entity = awaitingProceed();
    entity.receive(bytes(PROCEED), 0);
    const ask = startTls(entity);
    const old = { version: 'TLSv1.1', channelBindings: new Map([['tls-unique', BINDING]]) };
    // The type forbids it; a program without types can still do it.
    expect(codeOf(() => entity.answer(ask, old as never))).toBe('answer-invalid');
    expect(entity.answer(ask, TLS)).toBe(true);
  });
});

describe('rule 8: timers', () => {
  it('[rule 8] a negotiation deadline arms at the first nextTimeout and the same question has the same answer', () => {
    const entity = newInitiating({ timeouts: { negotiation: 100 } });
    expect(entity.nextTimeout(5)).toBeUndefined();
    entity.open();
    expect([entity.nextTimeout(1000), entity.nextTimeout(1000), entity.nextTimeout(1050)]).toEqual([1100, 1100, 1100]);
    entity.handleTimeout(1099);
    expect(entity.nextEvent().type).toBe('need-input');
    entity.handleTimeout(1100);
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', cause: { code: 'timed-out', timer: 'negotiation' } });
    expect(entity.nextTimeout(1100)).toBeUndefined();
  });

  it('[rule 8] idle time counts from what receive was told', () => {
    const initiating = newInitiating({
      security: { kind: 'tls', tls: TLS },
      timeouts: { idle: 100, keepalive: undefined },
    });
    const receiving = newReceiving({ security: { kind: 'tls', tls: TLS } });
    initiating.open();
    join(initiating, receiving);
    expect(initiating.nextTimeout(50)).toBe(150);
    initiating.receive(bytes(' '), 120);
    expect(initiating.nextTimeout(130)).toBe(220);
    initiating.handleTimeout(220);
    expect(initiating.nextEvent().type).toBe('closed');
    expect(text(initiating.takeOutput())).toBe(
      "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    );
  });

  it('[rule 8] a silent established stream gets a space at each keepalive', () => {
    const { initiating } = established();
    const first = initiating.nextTimeout(0);
    expect(first).toBe(300_000);
    initiating.handleTimeout(300_000);
    expect(text(initiating.takeOutput())).toBe(' ');
    expect(initiating.nextTimeout(300_000)).toBe(600_000);
  });

  it('[rule 8] a clock that goes back is the mistake of the caller', () => {
    const entity = newInitiating();
    entity.receive(bytes(' '), 10);
    expect(codeOf(() => entity.nextTimeout(9))).toBe('clock-went-backwards');
    expect(codeOf(() => entity.receive(bytes(' '), Number.NaN))).toBe('clock-went-backwards');
    expect(codeOf(() => newInitiating().nextTimeout(Number.NaN))).toBe('clock-went-backwards');
  });
});

describe('rule 9: randomness is an argument', () => {
  it('[rule 9] [S9] short output throws; there is no fallback', () => {
    const entity = newReceiving({ random: (length) => new Uint8Array(length - 1) });
    entity.receive(bytes(HEADER), 0);
    const ask = acceptStream(entity);
    expect(codeOf(() => entity.answer(ask, POLICY))).toBe('random-too-short');
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', transport: 'abort' });
    expect([entity.nextEvent().type, entity.takeOutput()]).toEqual(['ended', undefined]);
  });

  it('[rule 9] the same randomness gives the same bytes', () => {
    const wires = [0, 0, 1].map((seed) => {
      const initiating = newInitiating({ random: counter(seed) });
      const receiving = newReceiving();
      initiating.open();
      return join(initiating, receiving).initiating.wire;
    });
    expect(wires[0]).toBe(wires[1]);
    expect(wires[0]).not.toBe(wires[2]);
  });
});

describe('rule 10: closing', () => {
  it('[rule 10] after our close() stanzas still arrive until the closing tag', () => {
    const { initiating } = established();
    initiating.close();
    expect(text(initiating.takeOutput())).toBe('</stream:stream>');
    expect(initiating.send(message({ body: 'too late' }))).toBe(false);
    initiating.receive(bytes("<message from='romeo@example.net'><body>wait</body></message></stream:stream>"), 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza', origin: 'other' });
    expect(initiating.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'closed-locally', reason: undefined },
      transport: 'end',
    });
    expect([initiating.nextEvent().type, initiating.nextEvent().type]).toEqual(['ended', 'ended']);
  });

  it('[rule 10] also those that were there before the end of the input', () => {
    const { initiating } = established();
    initiating.receive(bytes("<message id='1'/><message id='2'/></stream:stream>"), 0);
    initiating.receiveEof(0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza', stanza: { id: '1' } });
    initiating.close();
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza', stanza: { id: '2' } });
    expect(initiating.nextEvent()).toMatchObject({ type: 'closed', cause: { code: 'closed-locally' } });
  });

  it('[rule 10] close() before anything began ends without a byte; open() is too late then', () => {
    const initiating = newInitiating();
    initiating.close();
    expect(initiating.nextEvent()).toMatchObject({ type: 'closed', transport: 'end' });
    expect(codeOf(() => initiating.open())).toBe('already-closed');
    const receiving = newReceiving();
    receiving.close();
    expect(receiving.nextEvent()).toMatchObject({ type: 'closed', transport: 'end' });
    expect(receiving.takeOutput()).toBeUndefined();
  });

  it('[rule 10] without an answer the deadline ends it, and the transport is cut', () => {
    const { initiating } = established();
    initiating.close();
    expect(initiating.nextTimeout(10)).toBe(5010);
    initiating.handleTimeout(5010);
    expect(initiating.nextEvent()).toEqual({
      type: 'closed',
      cause: { code: 'timed-out', timer: 'closing' },
      transport: 'abort',
    });
  });

  it('[rule 10] when the peer closes first, what is said on peer-closing goes out before our closing tag', () => {
    const { initiating } = established();
    initiating.receive(bytes('</stream:stream>'), 0);
    expect(initiating.nextEvent().type).toBe('peer-closing');
    expect(initiating.send(message({ to: jid('romeo@example.net'), body: 'Farewell' }))).toBe(true);
    expect(initiating.nextEvent()).toEqual({ type: 'closed', cause: { code: 'closed-by-peer' }, transport: 'end' });
    expect(text(initiating.takeOutput())).toBe(
      "<message to='romeo@example.net'><body>Farewell</body></message></stream:stream>",
    );
  });

  it('[rule 10] a cause loses nothing of a stream error', () => {
    const { initiating } = established();
    const error =
      "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>[2001:db8::1]:5222</see-other-host>" +
      "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='de'>Dort</text><why xmlns='urn:example:app'/></stream:error></stream:stream>";
    initiating.receive(bytes(error), 0);
    const event = initiating.nextEvent();
    expect(event).toMatchObject({
      type: 'closed',
      transport: 'end',
      cause: {
        code: 'stream-error-received',
        error: { condition: 'see-other-host', host: '[2001:db8::1]:5222', text: 'Dort', lang: 'de' },
      },
    });
    expect(event).toHaveProperty('cause.error.application.name', 'why');
    expect(event).toHaveProperty('cause.error.application.namespace', 'urn:example:app');
    expect(text(initiating.takeOutput())).toBe('</stream:stream>');
  });
});

describe('rule 11: order', () => {
  it('[rule 11] output leaves in the order of send', () => {
    const { initiating } = established();
    for (const body of ['1', '2', '3']) initiating.send(message({ body }));
    expect(text(initiating.takeOutput())).toBe(
      ['1', '2', '3'].map((body) => `<message><body>${body}</body></message>`).join(''),
    );
  });

  it('[rule 11] only namespaces of registered extensions are sent and delivered', () => {
    const initiating = newInitiating({ security: { kind: 'tls', tls: TLS }, extensions: ['urn:xmpp:sm:3'] });
    const receiving = newReceiving({ security: { kind: 'tls', tls: TLS } });
    initiating.open();
    join(initiating, receiving);
    expect(codeOf(() => initiating.sendElement(xml('r', { xmlns: 'urn:example:other' })))).toBe('element-not-allowed');
    expect(initiating.sendElement(xml('r', { xmlns: 'urn:xmpp:sm:3' }))).toBe(true);
    const output = initiating.takeOutput() ?? new Uint8Array();
    expect(text(output)).toBe("<r xmlns='urn:xmpp:sm:3'/>");
    initiating.receive(output, 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'element' });
    receiving.receive(output, 0);
    expect(receiving.nextEvent()).toMatchObject({
      type: 'closed',
      cause: { violation: 'first-level-element-unknown' },
    });
    expect(text(receiving.takeOutput())).toContain('<unsupported-stanza-type');
  });
});
