import { describe, expect, it } from 'vitest';
import { jid, message, type InitiatingEvent, type ReceivingEvent, type TraceEntry } from '../../src/index.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { WebSocketFraming } from '../../src/stream/framing-websocket.ts';
import { bytes } from '../engine/script.ts';
import { answerInitiating, answerReceiving, newInitiating, newReceiving } from '../engine/support.ts';

const TRUSTED = { transport: 'messages', security: { kind: 'trusted' } } as const;
const OPEN = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0'/>";

/** Joins two entities by messages; returns what each said and reported. */
function joined() {
  const initiating = newInitiating(TRUSTED);
  const receiving = newReceiving(TRUSTED);
  const said = { initiating: [] as string[], receiving: [] as string[] };
  const events = { initiating: [] as InitiatingEvent[], receiving: [] as ReceivingEvent[] };
  const pump = (): void => {
    for (let busy = true; busy;) {
      busy = false;
      for (
        let event = initiating.nextEvent();
        event.type !== 'need-input' && event.type !== 'ended';
        event = initiating.nextEvent()
      ) {
        events.initiating.push(event);
        answerInitiating(initiating, event);
      }
      for (let out = initiating.takeMessage(); out !== undefined; out = initiating.takeMessage()) {
        said.initiating.push(out);
        receiving.receiveMessage(out, 0);
        busy = true;
      }
      for (
        let event = receiving.nextEvent();
        event.type !== 'need-input' && event.type !== 'ended';
        event = receiving.nextEvent()
      ) {
        events.receiving.push(event);
        answerReceiving(receiving, event);
      }
      for (let out = receiving.takeMessage(); out !== undefined; out = receiving.takeMessage()) {
        said.receiving.push(out);
        initiating.receiveMessage(bytes(out), 0);
        busy = true;
      }
    }
  };
  initiating.open();
  pump();
  return { initiating, receiving, said, events, pump };
}

describe('WebSocket (RFC 7395)', () => {
  it('is traced as what crosses the wire, not as what it stands for', () => {
    const lines: string[] = [];
    const onTrace = ({ direction, kind, xml }: TraceEntry) => lines.push(`${direction} ${kind} ${xml}`);
    const initiating = newInitiating({ ...TRUSTED, onTrace });
    initiating.open();
    initiating.receiveMessage(
      "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='im.example.com' id='1' version='1.0'/>",
      0,
    );
    initiating.receiveMessage("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", 0);
    while (initiating.nextEvent().type !== 'ended');
    expect(lines).toEqual([
      "out header <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0' xml:lang='en'/>",
      "in header <open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='im.example.com' id='1' version='1.0'/>",
      "in closing-tag <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
      "out closing-tag <close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>",
    ]);
  });

  it('logs in: <open/> for headers, one element a message, every message parsable by itself', () => {
    const { initiating, receiving, said } = joined();
    expect([initiating.phase, receiving.phase]).toEqual(['established', 'established']);
    expect(said.initiating[0]).toBe(
      "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0' xml:lang='en'/>",
    );
    expect(said.receiving[0]).toMatch(
      /^<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='im\.example\.com' id='[^']+' version='1\.0' xml:lang='en'\/>$/,
    );
    expect(said.receiving[1]).toMatch(
      /^<stream:features xmlns:stream='http:\/\/etherx\.jabber\.org\/streams'><mechanisms xmlns=/,
    );
    for (const message of [...said.initiating, ...said.receiving]) expect(message).toMatch(/^<[^?]/);
  });

  it('carries stanzas with their namespace, and closes with <close/> both ways', () => {
    const { initiating, said, events, pump } = joined();
    initiating.send(message({ to: jid('romeo@example.net'), body: 'Hist!' }));
    pump();
    expect(said.initiating.at(-1)).toBe(
      "<message xmlns='jabber:client' to='romeo@example.net'><body>Hist!</body></message>",
    );
    expect(events.receiving.at(-1)).toMatchObject({ type: 'stanza', stanza: { kind: 'message' } });
    initiating.close();
    pump();
    expect(said.initiating.at(-1)).toBe("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    expect(said.receiving.at(-1)).toBe("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    expect(events.receiving.slice(-2)).toMatchObject([
      { type: 'peer-closing' },
      { type: 'closed', cause: { code: 'closed-by-peer' } },
    ]);
    expect(events.initiating.at(-1)).toMatchObject({ type: 'closed', cause: { code: 'closed-locally' } });
  });

  it('says where a server wants its client to go', () => {
    const { initiating, pump, events } = joined();
    initiating.receiveMessage(
      "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://other.example/xmpp'/>",
      0,
    );
    pump();
    expect(events.initiating.at(-1)).toMatchObject({
      cause: { code: 'closed-by-peer', seeOtherUri: 'wss://other.example/xmpp' },
    });
  });

  it('has no whitespace keepalive and waits for none', () => {
    const { initiating } = joined();
    expect(initiating.nextTimeout(0)).toBeUndefined();
  });

  it.each([
    ['', 'text-outside-root'],
    [' ', 'text-outside-root'],
    [` ${OPEN}`, 'text-outside-root'],
    ['<open', 'incomplete-document'],
    [`${OPEN}<message/>`, 'content-after-root'],
    [`${OPEN}x`, 'content-after-root'],
    ["<message xmlns='jabber:client'/>", 'stanza-before-completion'],
    ["<other xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", 'first-level-element-unknown'],
    [
      "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' xmlns='jabber:client' to='im.example.com' version='1.0'/>",
      'stream-namespace-wrong',
    ],
  ])('[S1] a first message %j is refused', (first, violation) => {
    const entity = newReceiving(TRUSTED);
    entity.receiveMessage(first, 0);
    expect(entity.nextEvent()).toMatchObject({ type: 'closed', cause: { violation } });
  });

  // RFC 7395 §3.3.2.
  it.each([
    "<open xmlns='urn:example:other' from='im.example.com' to='im.example.com' version='1.0'/>",
    '<open/>',
    "<close xmlns='urn:example:other'/>",
    "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'/>",
  ])('a header in another namespace is answered with invalid-namespace, behind our own: %s', (input) => {
    for (const entity of [newReceiving(TRUSTED), newInitiating(TRUSTED)]) {
      if ('open' in entity) entity.open();
      entity.receiveMessage(input, 0);
      expect(entity.nextEvent()).toMatchObject({
        type: 'closed',
        cause: {
          code: 'peer-misbehaved',
          violation: 'stream-namespace-wrong',
          detail: expect.stringMatching(/^expected .*xmpp-framing, came <[^>]+\/> in (?:no namespace|urn:|http:)/),
        },
      });
      expect(entity.takeMessage()).toMatch(/^<open /);
      expect(entity.takeMessage()).toBe(
        "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><invalid-namespace xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
      );
      expect(entity.takeMessage()).toBe("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
    }
  });

  it('so is a closing one on an established stream', () => {
    const { receiving, said, pump } = joined();
    receiving.receiveMessage("<close xmlns='urn:example:other'/>", 0);
    pump();
    expect(said.receiving.slice(-2)[0]).toContain('<invalid-namespace');
  });

  it('a second <open/> is refused', () => {
    const { receiving, pump, events } = joined();
    receiving.receiveMessage(OPEN, 0);
    pump();
    expect(events.receiving.at(-1)).toMatchObject({ type: 'closed', cause: { violation: 'second-header' } });
  });

  it('keeps to the limits', () => {
    const entity = newReceiving({ ...TRUSTED, unauthenticatedLimits: { stanzaBytes: 100 } });
    entity.receiveMessage(OPEN.replace('<open', `<open lang='${'x'.repeat(200)}'`), 0);
    expect(entity.nextEvent()).toMatchObject({ cause: { violation: 'stanza-too-large' } });
  });

  it('bytes and messages have members of their own', () => {
    const byMessage = newInitiating(TRUSTED);
    const byBytes = newInitiating();
    for (const wrong of [
      () => byMessage.receive(new Uint8Array(1), 0),
      () => byMessage.takeOutput(),
      () => byBytes.receiveMessage('<a/>', 0),
      () => byBytes.takeMessage(),
      // As of a socket with setEncoding(), and of a WebSocket.
      () => byBytes.receive('<a/>' as never, 0),
      () => byBytes.receive(new ArrayBuffer(4) as never, 0),
      () => byBytes.receive(undefined as never, 0),
      () => newReceiving().receive('<a/>' as never, 0),
    ]) {
      expect(wrong).toThrow(expect.objectContaining({ code: 'wrong-transport' }));
    }
    expect(() => newInitiating({ transport: 'messages' })).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });

  it('never writes white space', () => {
    expect(() => new WebSocketFraming(DEFAULT_LIMITS, undefined).writeWhitespace()).toThrow(/bug/);
  });
});
