import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, DEFAULT_UNAUTHENTICATED_LIMITS, MIN_STANZA_BYTES, type XmlLimits } from '../../src/index.ts';
import { HEADER, server } from '../engine/script.ts';
import { newReceiving } from '../engine/support.ts';
import { BIND, boundServer, causeOf, clearServer, stanzaIn, streamErrorIn } from './streams.ts';

/** A stanza of exactly so many bytes. */
function stanzaOfSize(size: number): string {
  const empty = "<message to='romeo@example.net'><body></body></message>";
  return empty.replace('<body>', `<body>${'a'.repeat(size - empty.length)}`);
}

describe('limits (RFC 6120 §13.12)', () => {
  it.each([
    [MIN_STANZA_BYTES, undefined],
    [DEFAULT_LIMITS.stanzaBytes, undefined],
    [DEFAULT_LIMITS.stanzaBytes + 1, 'policy-violation'],
  ])('[R13.12-8] [R13.12-11] [S3] a stanza of %i bytes, markup included: %s', (size, condition) => {
    const step = boundServer().peer(stanzaOfSize(size));
    expect(streamErrorIn(step)).toBe(condition);
    expect(step.events[0]).toMatchObject({ type: condition === undefined ? 'stanza' : 'closed' });
  });

  it('[S3] bytes inside tags and in the header count like any other', () => {
    const limits = { stanzaBytes: 10_000 };
    const long = 'a'.repeat(9000);
    expect(streamErrorIn(boundServer({ limits }).peer(`<message to='${long}@${long}'/>`))).toBe('policy-violation');
    expect(streamErrorIn(boundServer({ limits }).peer(`<message${' '.repeat(10_000)}/>`))).toBe('policy-violation');
    const unauthenticatedLimits = { stanzaBytes: 10_000 };
    expect(
      streamErrorIn(clearServer({ unauthenticatedLimits }).peer(HEADER.replace(' to=', `${' '.repeat(10_000)} to=`))),
    ).toBe('policy-violation');
  });

  it('[R13.12-9] [R13.12-10] the floor of a deployed server is kept by default, and each limit can be set', () => {
    expect(MIN_STANZA_BYTES).toBe(10_000);
    expect(DEFAULT_LIMITS.stanzaBytes).toBeGreaterThanOrEqual(MIN_STANZA_BYTES);
    expect(DEFAULT_UNAUTHENTICATED_LIMITS.stanzaBytes).toBeGreaterThanOrEqual(MIN_STANZA_BYTES);
    for (const size of [20_000, 20_001]) {
      const step = boundServer({ limits: { stanzaBytes: 20_000 } }).peer(stanzaOfSize(size));
      expect(streamErrorIn(step)).toBe(size > 20_000 ? 'policy-violation' : undefined);
    }
  });

  const EXCEED = {
    depth: (most: number) => '<a>'.repeat(most + 1),
    elements: (most: number) => `<a>${'<b/>'.repeat(most)}</a>`,
    attributes: (most: number) => `<a ${Array.from({ length: most + 1 }, (_, n) => `b${n}='' `).join('')}/>`,
    namespaceDeclarations: (most: number) =>
      `<a ${Array.from({ length: most }, (_, n) => `xmlns:b${n}='u' `).join('')}/>`,
    nameBytes: (most: number) => `<${'a'.repeat(most + 1)}/>`,
    attributeValueBytes: (most: number) => `<a b='${'c'.repeat(most + 1)}'/>`,
  } as const satisfies Partial<Record<keyof XmlLimits, (most: number) => string>>;

  it.each(Object.keys(EXCEED) as (keyof typeof EXCEED)[])(
    '[C13.9.7] [S4] %s is limited, and less is allowed before authentication than after',
    (limit) => {
      expect(DEFAULT_UNAUTHENTICATED_LIMITS[limit]).toBeLessThan(DEFAULT_LIMITS[limit]);
      const before = server();
      before.peer(HEADER);
      expect(streamErrorIn(before.peer(EXCEED[limit](DEFAULT_UNAUTHENTICATED_LIMITS[limit])))).toBe('policy-violation');
      const after = boundServer();
      expect(streamErrorIn(after.peer(EXCEED[limit](DEFAULT_LIMITS[limit])))).toBe('policy-violation');
    },
  );

  it('[S4] who does not authenticate has little time, and little room while it waits', () => {
    const script = clearServer();
    expect(script.entity.nextTimeout(0)).toBe(30_000);
    script.peer(HEADER);
    expect(script.entity.nextTimeout(20_000)).toBe(30_000);
    script.entity.handleTimeout(30_000);
    expect(causeOf(script.peer(''))).toMatchObject({ code: 'timed-out', timer: 'negotiation' });
    const paused = newReceiving();
    paused.receive(new TextEncoder().encode(HEADER), 0);
    paused.nextEvent();
    expect(paused.wantsInput).toBe(true);
    paused.receive(new Uint8Array(DEFAULT_UNAUTHENTICATED_LIMITS.stanzaBytes).fill(0x20), 0);
    expect(paused.wantsInput).toBe(false);
  });

  it('[R13.12-14] who hands over no bytes and takes no events slows the peer down', () => {
    const script = boundServer({ maxBufferedInput: 1000 });
    script.entity.receive(new TextEncoder().encode(stanzaOfSize(1000)), 0);
    expect(script.entity.wantsInput).toBe(false);
    expect(script.entity.nextEvent()).toMatchObject({ type: 'stanza' });
    expect(script.entity.wantsInput).toBe(true);
  });
});

describe('before authentication nothing is done', () => {
  it('[R13.12-1] no stanza is reported of a peer that has not authenticated, whatever it sends', () => {
    for (const input of [BIND, '<presence/>', "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"]) {
      const script = server();
      const { events } = script.peer(HEADER + input);
      expect(events.some(({ type }) => type === 'stanza')).toBe(false);
      expect(script.entity.phase).toBe('closed');
    }
  });
});

describe('one parser (rule S1)', () => {
  it('[S1] [S22] what leaves was written from what was understood, never copied from the input', () => {
    const script = boundServer();
    const input = '<message   to = "romeo@example.net"\n><body ><![CDATA[a<b]]>&#x26;</body ></message >';
    const received = stanzaIn(script.peer(input));
    expect(received.element.toString()).toBe(
      "<message xmlns='jabber:client' to='romeo@example.net' from='juliet@im.example.com/balcony'><body>a&lt;b&amp;</body></message>",
    );
  });

  it('[S1] after an error nothing is read any more', () => {
    const script = boundServer();
    expect(streamErrorIn(script.peer('<a><b></a>'))).toBe('not-well-formed');
    expect(script.peer("<message to='romeo@example.net'/>").events).toEqual([]);
  });
});

describe('an entity and its randomness (rule S9)', () => {
  it('[S9] ids of streams and requests are made of what the generator gives, and no other', () => {
    const asked: number[] = [];
    const random = (length: number): Uint8Array => {
      asked.push(length);
      return new Uint8Array(length).fill(7);
    };
    const entity = newReceiving({ random });
    entity.receive(new TextEncoder().encode(HEADER), 0);
    for (let event = entity.nextEvent(); event.type !== 'need-input'; event = entity.nextEvent()) {
      if (event.type === 'ask' && event.ask === 'accept-stream')
        entity.answer(event, { refuse: { condition: 'host-unknown' } });
      if (event.type === 'ended') break;
    }
    expect(asked).toContain(18);
    expect(new TextDecoder().decode(entity.takeOutput())).toContain(` id='${'BwcH'.repeat(6)}'`);
  });
});
