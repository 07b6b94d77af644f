import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from '../../src/bytes/output-buffer.ts';
import { LocalProtocolError } from '../../src/errors.ts';
import { parseXml, serializeXml, xml, XmlElement, XmlStreamReader, XmlWriter } from '../../src/xml/index.ts';
import { anyDocument, anyElement, anyText, RUNS } from './generators.ts';
import { bytesOf, HEADER, plain, UNLIMITED } from './support.ts';

/** The constructor, which checks nothing and is no part of the API. `as`: its types say that there is none. */
const Unchecked = XmlElement as unknown as new (...parts: unknown[]) => XmlElement;

const STREAMS = 'http://etherx.jabber.org/streams';
const header = (contentNamespace: string, extra = {}): XmlElement =>
  xml('stream:stream', { xmlns: contentNamespace, 'xmlns:stream': STREAMS, ...extra });

/** A writer whose header has gone out, and what it writes from then on. */
function writing(contentNamespace: string, root = header(contentNamespace)) {
  const output = new OutputBuffer();
  const writer = new XmlWriter({ contentNamespace }, output);
  writer.writeHeader(root);
  output.take();
  return { writer, output, text: () => new TextDecoder().decode(output.take()) };
}

/** A first-level element of a stream with this header. */
function received(text: string, head = HEADER): XmlElement {
  const reader = new XmlStreamReader({ limits: UNLIMITED });
  reader.receive(bytesOf(head + text));
  reader.next();
  const event = reader.next();
  if (event?.type !== 'element') throw new Error(JSON.stringify(event));
  return event.element;
}

describe('a header', () => {
  it('has an XML declaration and its own declarations first', () => {
    const output = new OutputBuffer();
    const writer = new XmlWriter({ contentNamespace: 'jabber:client' }, output);
    writer.writeHeader(header('jabber:client', { to: "a'b", version: '1.0', 'xml:lang': 'en', id: undefined }));
    expect(new TextDecoder().decode(output.take())).toBe(
      `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='${STREAMS}' to='a&apos;b' version='1.0' xml:lang='en'>`,
    );
    writer.writeClosingTag();
    expect(new TextDecoder().decode(output.take())).toBe('</stream:stream>');
  });

  it('may be prefix-free, and elements then declare what they need', () => {
    const { writer, text } = writing('jabber:client', xml('stream', { xmlns: STREAMS }));
    writer.writeElement(xml('features', { xmlns: STREAMS }));
    writer.writeElement(xml('presence'));
    writer.writeClosingTag();
    expect(text()).toBe("<features/><presence xmlns='jabber:client'/></stream>");
  });

  it('decides the prefix of the stream namespace', () => {
    const { writer, text } = writing('jabber:client', xml('s:stream', { xmlns: 'jabber:client', 'xmlns:s': STREAMS }));
    writer.writeElement(
      xml('error', { xmlns: STREAMS }, xml('reset', { xmlns: 'urn:ietf:params:xml:ns:xmpp-streams' })),
    );
    writer.writeElement(received('<stream:features/>'));
    expect(text()).toBe("<s:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></s:error><s:features/>");
  });
});

describe('namespaces on the way out', () => {
  it('[R4.8.5-2] elements of the content namespace have no prefix', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(received("<c:message xmlns:c='jabber:client'><c:body>x</c:body></c:message>"));
    expect(text()).toBe('<message><body>x</body></message>');
  });

  it.each([
    ['jabber:client', 'jabber:server'],
    ['jabber:server', 'jabber:client'],
    ['jabber:component:accept', 'jabber:client'],
    ['jabber:client', 'jabber:component:accept'],
  ])('a stanza of %s is mapped to %s as far as it goes without leaving it', (from, to) => {
    const { writer, text } = writing(to);
    writer.writeElement(
      received(
        `<message xmlns='${from}'><body>x</body><f xmlns='urn:f'><message xmlns='${from}'><body/></message></f></message>`,
      ),
    );
    expect(text()).toBe(
      `<message><body>x</body><f xmlns='urn:f'><message xmlns='${from}'><body/></message></f></message>`,
    );
  });

  it('a forwarded message keeps its namespace when it is that of the stream', () => {
    const { writer, text } = writing('jabber:server');
    writer.writeElement(xml('message', {}, xml('f', { xmlns: 'urn:f' }, xml('message', { xmlns: 'jabber:server' }))));
    expect(text()).toBe("<message><f xmlns='urn:f'><message xmlns='jabber:server'/></f></message>");
  });

  it('bindings of the other stream’s header are declared again', () => {
    const head = HEADER.replace('<stream:stream ', "<stream:stream xmlns:e='urn:e' xmlns:db='jabber:server:dialback' ");
    const { writer, text } = writing('jabber:client');
    writer.writeElement(received("<message e:a='1'><e:x><e:y/></e:x><db:z/></message>", head));
    expect(text()).toBe(
      "<message xmlns:e='urn:e' e:a='1'><e:x><e:y/></e:x><db:z xmlns:db='jabber:server:dialback'/></message>",
    );
  });

  it('prefixes in scope on this stream are used as they are', () => {
    const root = header('jabber:server', { 'xmlns:db': 'jabber:server:dialback' });
    const { writer, text } = writing('jabber:server', root);
    writer.writeElement(xml('db:result', { 'xmlns:db': 'jabber:server:dialback', from: 'a', to: 'b' }, 'key'));
    expect(text()).toBe("<db:result from='a' to='b'>key</db:result>");
  });

  it('declarations of a parsed element are kept where they say something', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(
      received("<iq xmlns:unused='urn:u' xmlns:c='jabber:client'><x xmlns='urn:x' xmlns:unused='urn:u'/></iq>"),
    );
    expect(text()).toBe("<iq xmlns:unused='urn:u'><x xmlns='urn:x'/></iq>");
  });

  it('attributes with a namespace get a prefix that is free', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(
      xml('a', { xmlns: 'urn:a', '{urn:b}c': '1', '{urn:d}c': '2', '{urn:b}e': '3' }, xml('f', { '{urn:d}g': '4' })),
    );
    expect(text()).toBe(
      "<a xmlns='urn:a' xmlns:ns1='urn:b' ns1:c='1' xmlns:ns2='urn:d' ns2:c='2' ns1:e='3'><f ns2:g='4'/></a>",
    );
    writer.writeElement(xml('ns1:a', { 'xmlns:ns1': 'urn:x', '{urn:y}b': '1' }));
    expect(text()).toBe("<ns1:a xmlns:ns1='urn:x' xmlns:ns2='urn:y' ns2:b='1'/>");
  });

  it('a prefix that means something else here is bound anew for the element alone', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(received("<p:a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c/></p:b><p:d/></p:a>"));
    expect(text()).toBe("<p:a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c/></p:b><p:d/></p:a>");
  });

  it('the prefix that an element has here keeps its meaning, whatever the element declared', () => {
    const { writer, text } = writing('jabber:client');
    const declared = `xmlns:s='${STREAMS}' xmlns:stream='urn:other'`;
    writer.writeElement(received(`<message><s:error ${declared} stream:a='1'><stream:x/></s:error></message>`));
    expect(text()).toBe(
      `<message><stream:error xmlns:s='${STREAMS}' xmlns:ns1='urn:other' ns1:a='1'>` +
        "<stream:x xmlns:stream='urn:other'/></stream:error></message>",
    );
  });

  it('an element without a namespace undoes the default one', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(xml('iq', {}, xml('a', { xmlns: '' }, xml('b'))));
    expect(text()).toBe("<iq><a xmlns=''><b/></a></iq>");
  });
});

describe('characters on the way out', () => {
  it('are escaped so that every reader reads them back', () => {
    const { writer, text } = writing('jabber:client');
    writer.writeElement(xml('a', { b: '<>&\'"\t\n\r' }, '<>&\'"\t\n\r]]>'));
    expect(text()).toBe("<a b='&lt;>&amp;&apos;\"&#9;&#10;&#13;'>&lt;&gt;&amp;'\"\t\n&#13;]]&gt;</a>");
  });

  it.each([1, 13, 14, 40, 339, 340, 341, 5000])('come out right in strings of %i characters', (length) => {
    for (const character of ['x', 'é', '今', '😀', '&', "'", '\n', '\u{10FFFF}']) {
      const text = 'x'.repeat(length - 1) + character;
      for (const each of [text, character.repeat(length), character + text]) {
        const element = xml('a', { b: each }, each);
        const back = parseXml(String(element), { limits: UNLIMITED });
        expect(back instanceof XmlElement && back.equals(element)).toBe(true);
      }
    }
  });

  it.each(['\0', '\u0001', '\u000B', '\u001F', '\uFFFE', '\uFFFF', '\uD800', '\uDC00x', 'x\uD83D'])(
    '[S1] [S22] nothing is written of an element with %j in it, however it came there',
    (character) => {
      const { writer, output } = writing('jabber:client');
      writer.writeElement(xml('before'));
      const before = output.length;
      for (const text of [
        character,
        `${'x'.repeat(50)}${character}`,
        character + '今'.repeat(50),
        'x'.repeat(1000) + character,
      ]) {
        // Neither the builder nor a reader makes such an element.
        const inner = new Unchecked('b', 'urn:b', '', [], [], [text]);
        const bad = new Unchecked('a', 'urn:a', '', [], [], ['fine', inner]);
        expect(() => writer.writeElement(bad)).toThrow(LocalProtocolError);
        expect(() => serializeXml(bad)).toThrow('XML 1.0 allows no U+');
        expect(output.length).toBe(before);
      }
      writer.writeElement(xml('after'));
      expect(new TextDecoder().decode(output.take())).toBe('<before/><after/>');
    },
  );

  it.each(['a b', '', '1', 'a>', '-', 'a:b', '<', '\u00B7'])('[S22] nothing is written under the name %j', (name) => {
    const { writer, output } = writing('jabber:client');
    expect(() => writer.writeElement(new Unchecked(name, 'urn:a', '', [], [], []))).toThrow('expected an XML name');
    expect(() => writer.writeElement(new Unchecked('a', 'urn:a', name === '' ? '-' : name, [], [], []))).toThrow(
      'expected an XML name',
    );
    expect(output.length).toBe(0);
  });
});

describe('round trips', () => {
  it('[S1] what is written is read back as the same tree', () => {
    fc.assert(
      fc.property(anyElement, (element) => {
        const back = parseXml(serializeXml(element), { limits: UNLIMITED });
        expect(back instanceof XmlElement && plain(back)).toEqual(plain(element));
        expect(back instanceof XmlElement && back.equals(element)).toBe(true);
      }),
      { numRuns: 400 * RUNS },
    );
  });

  it('[S1] what is read is written as the same tree, on a stream of its own', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const parsed = parseXml(document, { limits: UNLIMITED });
        if (!(parsed instanceof XmlElement)) throw new Error(parsed.detail);
        const output = new OutputBuffer();
        const writer = new XmlWriter({}, output);
        writer.writeHeader(
          xml('stream:stream', {
            xmlns: 'urn:other',
            'xmlns:stream': STREAMS,
            'xmlns:q0': 'urn:q',
            'xmlns:p': 'urn:p',
          }),
        );
        const size = output.length;
        const written = writer.writeElement(parsed);
        expect(output.length).toBe(size + written);
        const reader = new XmlStreamReader({ limits: UNLIMITED });
        reader.receive(output.take() ?? new Uint8Array());
        reader.next();
        const event = reader.next();
        expect(event?.type === 'element' && plain(event.element)).toEqual(plain(parsed));
        expect(reader.eventBytes).toBe(written);
      }),
      { numRuns: 300 * RUNS },
    );
  });

  it('the same element gives the same text', () => {
    fc.assert(
      fc.property(anyElement, (element) => {
        expect(serializeXml(element)).toBe(serializeXml(element));
      }),
      { numRuns: 50 },
    );
  });

  it('twin: escapes equal replacing one character after the other', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const slow = text
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('\r', '&#13;');
        expect(String(xml('a', { xmlns: '' }, text))).toBe(text === '' ? '<a/>' : `<a>${slow}</a>`);
      }),
      { numRuns: 300 * RUNS },
    );
  });
});
