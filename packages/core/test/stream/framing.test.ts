import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, MIN_STANZA_BYTES } from '../../src/index.ts';
import { TcpFraming } from '../../src/stream/framing-tcp.ts';
import { WebSocketFraming } from '../../src/stream/framing-websocket.ts';
import { portableTextCodec, xml, type TextCodec } from '../../src/xml/index.ts';
import { bytes, HEADER } from '../engine/script.ts';

const OWN = {
  from: 'im.example.com',
  to: 'juliet@im.example.com',
  streamId: 's1',
  version: '1.0',
  lang: 'en',
  contentNamespace: 'jabber:client',
} as const;
const LIMITED = { ...DEFAULT_LIMITS, stanzaBytes: MIN_STANZA_BYTES };
const LONG = `<message><body>${'a'.repeat(MIN_STANZA_BYTES)}</body></message>`;

describe('streams on bytes', () => {
  it('tell how much they wrote and read', () => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    const sizes = [
      framing.writeHeader(OWN),
      framing.writeElement(xml('message', { xmlns: 'jabber:client' })),
      framing.writeClosingTag(),
    ];
    const all = framing.bufferedOutput;
    const output = framing.takeOutput();
    expect(output).toHaveLength(all);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(all);
    expect(framing.takeOutput()).toBeUndefined();
    const input = bytes(`${HEADER}<message/>`);
    framing.receive(input);
    expect(framing.bufferedInput).toBe(input.length);
    expect(framing.next()).toMatchObject({ type: 'header' });
    expect(framing.eventBytes).toBe(HEADER.length);
    expect(framing.next()).toMatchObject({ type: 'element' });
    expect(framing.eventBytes).toBe('<message/>'.length);
    expect(framing.bufferedInput).toBe(0);
  });

  it('drop white space in front of a new stream, and none behind its beginning', () => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes(HEADER));
    framing.next();
    framing.restart(DEFAULT_LIMITS);
    for (const piece of [' ', `\n${HEADER}<message><body>Wherefore`, ' art thou</body></message>']) {
      framing.receive(bytes(piece));
    }
    expect(framing.next()).toMatchObject({ type: 'header' });
    const event = framing.next();
    if (event?.type !== 'element') throw new Error('no element');
    expect(event.element.childText('body')).toBe('Wherefore art thou');
  });

  it('have the limits that they were last given, also behind a restart', () => {
    const framing = new TcpFraming(LIMITED, undefined);
    framing.receive(bytes(HEADER));
    framing.next();
    framing.useLimits(DEFAULT_LIMITS);
    framing.receive(bytes(LONG));
    expect(framing.next()).toMatchObject({ type: 'element' });
    framing.restart(LIMITED);
    framing.receive(bytes(HEADER + LONG));
    expect(framing.next()).toMatchObject({ type: 'header' });
    expect(framing.next()).toMatchObject({ type: 'violation', violation: 'stanza-too-large' });
  });

  it('forget what came and what was written', () => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes(HEADER));
    framing.writeHeader(OWN);
    framing.discardInput();
    framing.discardOutput();
    expect([framing.bufferedInput, framing.bufferedOutput]).toEqual([0, 0]);
    expect(framing.next()).toBeUndefined();
    expect(framing.takeOutput()).toBeUndefined();
  });
});

describe('streams on messages', () => {
  const OPEN =
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' from='juliet@im.example.com' id='x' version='1.0' xml:lang='de'/>";

  it('keep nothing behind an empty message, which ends the stream', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    for (const message of [OPEN, '<a/>', '<b/>', '', '', '<c/>']) framing.receive(bytes(message));
    expect(framing.bufferedInput).toBe(OPEN.length + 8);
    const types = [framing.next(), framing.next(), framing.next(), framing.next(), framing.next()];
    expect(types.map((event) => event?.type)).toEqual(['header', 'element', 'element', 'violation', undefined]);
  });

  it('tell how much they wrote and read', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    expect([framing.bufferedInput, framing.bufferedOutput, framing.eventBytes]).toEqual([0, 0, 0]);
    framing.receive(bytes(OPEN));
    framing.receive(bytes('<a/>'));
    expect(framing.bufferedInput).toBe(OPEN.length + 4);
    const event = framing.next();
    expect(framing.eventBytes).toBe(OPEN.length);
    expect(framing.bufferedInput).toBe(4);
    if (event?.type !== 'header') throw new Error('no header');
    const { element } = event;
    expect(['to', 'from', 'id', 'version', 'xml:lang'].map((name) => element.attribute(name))).toEqual([
      'im.example.com',
      'juliet@im.example.com',
      'x',
      '1.0',
      'de',
    ]);
    const size = framing.writeElement(xml('message', {}, xml('body', {}, '\u{1f339}')));
    const before = framing.bufferedOutput;
    const message = framing.takeOutput() ?? '';
    expect(size).toBe(new TextEncoder().encode(message).length);
    expect(before).toBe(size);
    expect(framing.bufferedOutput).toBe(0);
    expect(framing.takeOutput()).toBeUndefined();
  });

  it('write elements of the stream namespace with its prefix, all others as they are', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    framing.writeHeader({ ...OWN, contentNamespace: 'jabber:client' });
    framing.takeOutput();
    framing.writeElement(xml('features', { xmlns: 'http://etherx.jabber.org/streams' }));
    expect(framing.takeOutput()).toBe("<stream:features xmlns:stream='http://etherx.jabber.org/streams'/>");
    framing.writeElement(xml('message', { xmlns: 'jabber:client' }));
    expect(framing.takeOutput()).toBe("<message xmlns='jabber:client'/>");
  });

  it('have the limits that they were last given', () => {
    const framing = new WebSocketFraming(LIMITED, undefined);
    const refused = (): boolean => {
      framing.receive(bytes(LONG));
      return framing.next()?.type === 'violation';
    };
    expect(refused()).toBe(true);
    framing.useLimits(DEFAULT_LIMITS);
    expect(refused()).toBe(false);
    framing.restart(LIMITED);
    expect(refused()).toBe(true);
  });

  it('forget what came and what was written', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes('<a/>'));
    framing.writeClosingTag();
    framing.discardInput();
    framing.discardOutput();
    expect([framing.bufferedInput, framing.bufferedOutput]).toEqual([0, 0]);
    expect(framing.next()).toBeUndefined();
    expect(framing.takeOutput()).toBeUndefined();
  });

  it('keep nothing behind an empty message, which no bound would see', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes('<a/>'));
    for (const message of ['', '', '<b/>']) framing.receive(bytes(message));
    expect(framing.bufferedInput).toBe(4);
    expect([framing.next()?.type, framing.next()?.type, framing.next()]).toEqual(['element', 'violation', undefined]);
  });

  it('use the codec that they were given', () => {
    const asked: string[] = [];
    const codec: TextCodec = {
      latin1: (...input) => {
        asked.push('latin1');
        return portableTextCodec.latin1(...input);
      },
      utf8: (...input) => {
        asked.push('utf8');
        return portableTextCodec.utf8(...input);
      },
    };
    const framing = new WebSocketFraming(DEFAULT_LIMITS, codec);
    framing.receive(bytes("<a b='hello'>world</a>"));
    expect(framing.next()).toMatchObject({ type: 'element' });
    expect(asked.length).toBeGreaterThan(0);
  });
});
