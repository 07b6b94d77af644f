import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, MIN_STANZA_BYTES } from '../../src/index.ts';
import { TcpFraming } from '../../src/stream/framing-tcp.ts';
import { WebSocketFraming } from '../../src/stream/framing-websocket.ts';
import { chooseLanguage } from '../../src/stream/language.ts';
import { extensionDeclaredIn, readStreamHeader } from '../../src/stream/stream-header.ts';
import { portableTextCodec, xml, type TextCodec, type XmlElement } from '../../src/xml/index.ts';
import { bytes, HEADER } from '../engine/script.ts';

const LIMITED = { ...DEFAULT_LIMITS, stanzaBytes: MIN_STANZA_BYTES };
const LONG = `<message><body>${'a'.repeat(MIN_STANZA_BYTES)}</body></message>`;
const OWN = {
  from: 'im.example.com',
  to: undefined,
  streamId: 's1',
  version: '1.0',
  lang: 'en',
  contentNamespace: 'jabber:client',
} as const;

/** What comes of all that was received; a violation is the last of it. */
function typesOf(framing: TcpFraming | WebSocketFraming): string[] {
  const types: string[] = [];
  for (let event = framing.next(); event !== undefined; event = framing.next()) {
    if (event.type === 'violation') return [...types, event.violation];
    types.push(event.type);
  }
  return types;
}

describe('streams on bytes that are replaced (RFC 6120 §4.3.3)', () => {
  /** A framing that has read its first header. */
  function opened(limits = DEFAULT_LIMITS): TcpFraming {
    const framing = new TcpFraming(limits, undefined);
    framing.receive(bytes(HEADER));
    expect(typesOf(framing)).toEqual(['header']);
    return framing;
  }

  it('[R4.3.3-1] lose no byte of the next one that came already', () => {
    const framing = opened();
    framing.receive(bytes(`${HEADER}<a/>`));
    framing.restart(DEFAULT_LIMITS);
    expect(framing.bufferedInput).toBe(HEADER.length + 4);
    expect(typesOf(framing)).toEqual(['header', 'element']);
  });

  it.each([
    ['in the same chunk', [`\r\n ${HEADER}`]],
    ['in a chunk of its own', ['\t\n', ' ', HEADER]],
  ])('end with the white space behind them: %s', (_where, chunks) => {
    const framing = opened();
    const [first = '', ...others] = chunks;
    framing.receive(bytes(first));
    framing.restart(DEFAULT_LIMITS);
    for (const chunk of others) framing.receive(bytes(chunk));
    expect(typesOf(framing)).toEqual(['header']);
  });

  it('take no white space before the first', () => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes(` ${HEADER}`));
    expect(typesOf(framing)).not.toContain('header');
  });

  it('drop white space alone', () => {
    const framing = opened();
    framing.receive(bytes(' \r\n\t'));
    framing.dropWhitespace();
    expect(framing.bufferedInput).toBe(0);
    for (const rest of ['<', '<a/>']) {
      const other = opened();
      other.receive(bytes(` ${rest}`));
      other.dropWhitespace();
      expect(other.bufferedInput).toBe(rest.length);
    }
  });

  it('keep their limits when white space is dropped', () => {
    const limited = new TcpFraming(LIMITED, undefined);
    limited.dropWhitespace();
    limited.receive(bytes(HEADER + LONG));
    expect(typesOf(limited)).toEqual(['header', 'stanza-too-large']);
    const restarted = opened();
    restarted.restart(LIMITED);
    restarted.dropWhitespace();
    restarted.receive(bytes(HEADER + LONG));
    expect(typesOf(restarted)).toEqual(['header', 'stanza-too-large']);
    const changed = opened();
    changed.useLimits(LIMITED);
    changed.discardInput();
    changed.receive(bytes(HEADER + LONG));
    expect(typesOf(changed)).toEqual(['header', 'stanza-too-large']);
  });

  it('say of each header how long it is', () => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    const first = framing.writeHeader(OWN);
    expect(framing.writeHeader(OWN)).toBe(first);
    expect(framing.takeOutput()).toHaveLength(2 * first);
  });

  it('use the codec that they were given', () => {
    let asked = 0;
    const codec: TextCodec = {
      latin1: (...input) => {
        asked += 1;
        return portableTextCodec.latin1(...input);
      },
      utf8: (...input) => {
        asked += 1;
        return portableTextCodec.utf8(...input);
      },
    };
    const framing = new TcpFraming(DEFAULT_LIMITS, codec);
    framing.receive(bytes(`${HEADER}<a b='hello'>w\u00f6rld</a>`));
    expect(typesOf(framing)).toEqual(['header', 'element']);
    expect(asked).toBeGreaterThan(0);
  });

  it('know what carries them', () => {
    expect(new TcpFraming(DEFAULT_LIMITS, undefined)).toMatchObject({ transport: 'bytes', whitespaceKeepalive: true });
    expect(new WebSocketFraming(DEFAULT_LIMITS, undefined)).toMatchObject({
      transport: 'messages',
      whitespaceKeepalive: false,
    });
  });
});

describe('streams on messages (RFC 7395)', () => {
  const written = (...elements: readonly XmlElement[]): readonly (string | undefined)[] => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    framing.writeHeader(OWN);
    framing.takeOutput();
    for (const element of elements) framing.writeElement(element);
    return elements.map(() => framing.takeOutput());
  };

  it('write what is in the stream namespace with its prefix', () => {
    const STREAM_NS = 'http://etherx.jabber.org/streams';
    expect(
      written(xml('features', { xmlns: STREAM_NS }, xml('bind', { xmlns: 'urn:ietf:params:xml:ns:xmpp-bind' }))),
    ).toEqual([
      `<stream:features xmlns:stream='${STREAM_NS}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`,
    ]);
  });

  it('declare the content namespace in each message', () => {
    expect(written(xml('message', {}), xml('message', { xmlns: 'jabber:client' }))).toEqual([
      "<message xmlns='jabber:client'/>",
      "<message xmlns='jabber:client'/>",
    ]);
  });

  it('are in the content namespace of clients', () => {
    const framing = new WebSocketFraming(DEFAULT_LIMITS, undefined);
    framing.receive(
      bytes("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='im.example.com' version='1.0' xml:lang='de'/>"),
    );
    const event = framing.next();
    if (event?.type !== 'header') throw new Error('no header');
    expect(readStreamHeader(event.element)).toMatchObject({
      header: { to: 'im.example.com', lang: 'de', contentNamespace: 'jabber:client' },
      problem: undefined,
    });
  });
});

describe('headers and their namespaces (RFC 6120 §4.8)', () => {
  const read = (attributes: string, name = 'stream:stream') => {
    const framing = new TcpFraming(DEFAULT_LIMITS, undefined);
    framing.receive(bytes(`<${name} ${attributes} version='1.0'>`));
    const event = framing.next();
    if (event?.type !== 'header') throw new Error('no header');
    return event.element;
  };
  const STREAM = "xmlns:stream='http://etherx.jabber.org/streams'";

  it.each([
    [STREAM, 'stream:stream', undefined],
    ["xmlns='http://etherx.jabber.org/streams'", 'stream', undefined],
    [`${STREAM} xmlns=''`, 'stream:stream', undefined],
    [`${STREAM} xmlns='jabber:client'`, 'stream:stream', 'jabber:client'],
    [`${STREAM} xmlns='http://etherx.jabber.org/streams'`, 'stream:stream', 'http://etherx.jabber.org/streams'],
  ])('%s on <%s>: %s', (attributes, name, contentNamespace) => {
    expect(readStreamHeader(read(attributes, name)).header.contentNamespace).toBe(contentNamespace);
  });

  it('what is declared for stanzas is what has a prefix of its own', () => {
    expect(extensionDeclaredIn(read(`${STREAM} xmlns='urn:example:x'`))).toBeUndefined();
    expect(extensionDeclaredIn(read(`${STREAM} xmlns:x='urn:example:x'`))).toMatchObject({
      violation: 'extension-namespace-in-header',
    });
  });
});

describe('languages (RFC 4647 §3.4)', () => {
  it.each([
    ['a-de', ['en', 'a'], 'a'],
    ['i-a-b', ['en', 'i'], 'i'],
    ['-', ['en', ''], 'en'],
    ['-de', ['en', 'de'], 'en'],
  ] as const)('asked in %s, having %o: %s', (asked, [first, ...others], chosen) => {
    expect(chooseLanguage(asked, [first, ...others])).toBe(chosen);
  });
});
