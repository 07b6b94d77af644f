import { describe, expect, it } from 'vitest';
import { LocalProtocolError, message } from '../../src/index.ts';
import { xml } from '../../src/xml/index.ts';
import { bytes, HEADER, RESPONSE } from '../engine/script.ts';
import { newInitiating, newReceiving } from '../engine/support.ts';
import {
  boundClient,
  boundServer,
  causeOf,
  clearClient,
  clearServer,
  stanzaIn,
  stanzaOf,
  streamErrorIn,
} from './streams.ts';

const inStanza = (inside: string): string => `<message to='romeo@example.net'><body>${inside}</body></message>`;

describe('restrictions (RFC 6120 §11.1)', () => {
  const RESTRICTED = [
    ['F-xml-restriction-comment', 'a comment', '<!-- a -->'],
    ['F-xml-restriction-pi', 'a processing instruction', '<?php echo 1 ?>'],
    ['F-xml-restriction-ref', 'an entity of its own', '&nbsp;'],
  ] as const;

  it.each(RESTRICTED)('[%s] [R11.1-3] [R11.1-1] %s that comes closes with restricted-xml', (_, __, text) => {
    expect(streamErrorIn(boundServer().peer(inStanza(text)))).toBe('restricted-xml');
    expect(streamErrorIn(boundClient().peer(inStanza(text)))).toBe('restricted-xml');
  });

  it.each(['<!DOCTYPE stream>', "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!DOCTYPE a SYSTEM 'urn:x'>"])(
    '[F-xml-restriction-dtd] [S2] so does a DTD: %s',
    (text) => {
      expect(streamErrorIn(clearServer().peer(`<?xml version='1.0'?>${text}`))).toBe('restricted-xml');
      expect(streamErrorIn(clearClient().peer(`<?xml version='1.0'?>${text}`))).toBe('restricted-xml');
      expect(streamErrorIn(boundServer().peer(text))).toBe('restricted-xml');
    },
  );

  it('[S2] the five entities and character references are all that is understood', () => {
    expect(stanzaOf(boundServer().peer(inStanza('&lt;&gt;&amp;&apos;&quot;&#65;&#x1F339;')))).toContain('&gt;');
    expect(streamErrorIn(boundServer().peer(inStanza('&lol9;')))).toBe('restricted-xml');
    expect(streamErrorIn(boundServer().peer("<message to='&lol9;'/>"))).toBe('restricted-xml');
  });

  it('[R11.1-2] [S22] what an application writes cannot become any of them', () => {
    const script = boundClient();
    const evil = ']]><!-- --><?x?>&nbsp;<!DOCTYPE a>\'"';
    script.entity.send(message({ body: evil }, xml('a', { xmlns: 'urn:a', b: evil })));
    const { said } = script.peer('');
    expect(said).not.toMatch(/<!|<\?|&nbsp;/);
    const received = stanzaIn(boundServer().peer(said));
    expect(received.element.childText('body')).toBe(evil);
    expect(received.element.child('a', 'urn:a')?.attribute('b')).toBe(evil);
  });
});

describe('namespaces and well-formedness (RFC 6120 §11.2, §11.3)', () => {
  it.each([
    '<a><b></a></b>',
    '<a b=1/>',
    "<a b='1' b='2'/>",
    '<a',
    '<1/>',
    '<a>&#0;</a>',
    '<a>\u0001</a>',
    "<a b='<'/>",
  ])('[F-xml-wellformed-xml] [R11.3-2] %j closes with not-well-formed', (text) => {
    const script = boundServer();
    const first = script.peer(`${text}<`);
    const step = streamErrorIn(first) === undefined ? script.peer('<') : first;
    expect(streamErrorIn(step)).toBe('not-well-formed');
  });

  it.each([
    '<x:a/>',
    "<a x:b='1'/>",
    "<a xmlns:x=''/>",
    "<a xmlns:xml='urn:x'/>",
    "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='' q:b=''/>",
    '<a:b:c/>',
  ])('[F-xml-wellformed-ns] [R11.3-4] [C11.2] so does %j, which is not as to namespaces', (text) => {
    expect(streamErrorIn(boundServer().peer(text))).toBe('not-well-formed');
  });

  it.each(['\u0000', '\u0008', '\u000b', '\ud800', 'a\udc00b', '\uffff'])('[R11.3-1] %j is never written', (text) => {
    expect(() => message({ body: text })).toThrow(expect.objectContaining({ code: 'xml-character-forbidden' }));
    expect(() => xml('a', { b: text })).toThrow(expect.objectContaining({ code: 'xml-character-forbidden' }));
  });

  it.each(['', '1a', 'a b', 'a:b:c', '<'])('[R11.3-3] [S22] an element or attribute %j is never written', (name) => {
    expect(() => xml(name)).toThrow(LocalProtocolError);
    expect(() => xml('a', { [name]: 'x' })).toThrow(LocalProtocolError);
  });

  it('[C11.2] a prefix means what it was declared as, and nothing by itself', () => {
    const received = stanzaIn(
      boundServer().peer("<message to='romeo@example.net'><stream:x xmlns:stream='urn:example:x'/></message>"),
    );
    expect(received.element.child('x', 'urn:example:x')).toBeDefined();
  });
});

describe('the XML declaration and the encoding (RFC 6120 §11.5, §11.6, §11.8)', () => {
  const open = (declaration: string) => clearServer().peer(HEADER.replace("<?xml version='1.0'?>", declaration));

  it('[R11.5-2] [R11.5-3] [R11.6-4] ours is plain: version alone, no standalone, no byte order mark', () => {
    for (const said of [clearClient().peer('').said, clearServer().peer(HEADER).said]) {
      expect(said.startsWith("<?xml version='1.0'?><stream:stream ")).toBe(true);
    }
    const entity = newInitiating();
    entity.open();
    expect(entity.takeOutput()?.[0]).toBe(0x3c);
  });

  it.each([
    '',
    "<?xml version='1.0'?>",
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<?xml version='1.0' encoding='utf-8'?>\n",
    "<?xml version='1.0' standalone='no'?>",
    "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>",
  ])('[R11.5-4] %j is fine', (declaration) => {
    expect(open(declaration).said).toContain('<stream:features>');
  });

  it.each(["<?xml version='1.1'?>", "<?xml version='2.0'?>", "<?xml version=''?>"])(
    '[C11.8] %j is another XML',
    (declaration) => {
      expect(causeOf(open(declaration))).toMatchObject({ code: 'peer-misbehaved' });
    },
  );

  it.each(['ISO-8859-1', 'UTF-16', 'US-ASCII'])('[R11.6-2] [R11.6-3] %s: unsupported-encoding', (encoding) => {
    expect(streamErrorIn(open(`<?xml version='1.0' encoding='${encoding}'?>`))).toBe('unsupported-encoding');
  });

  it('[R11.6-1] [R12-1] UTF-8 both ways, whatever the characters', () => {
    const body = 'Art thou not Romeo, and a Montague? ἔρως 愛 💔 \u{10ffff}';
    const script = boundClient();
    script.entity.send(message({ body }));
    const received = stanzaIn(boundServer().peer(script.peer('').said));
    expect(received.element.childText('body')).toBe(body);
  });

  it.each([
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong NUL', [0xe0, 0x80, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a stray continuation', [0x80]],
    ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['Latin-1', [0xe9, 0x20]],
  ])('[C13.9.6] [R11.6-3] %s is no UTF-8 and never becomes text', (_, wrong) => {
    const script = boundServer();
    script.entity.receive(
      Uint8Array.from([...bytes("<message to='romeo@example.net'><body>"), ...wrong, ...bytes('</body></message>')]),
      0,
    );
    const step = script.peer('');
    expect(streamErrorIn(step)).toBe(VIOLATION_OF_UTF8);
    expect(step.events.map(({ type }) => type)).toEqual(['closed']);
  });

  it('[R11.6-5] U+FEFF is a character like any other', () => {
    expect(stanzaOf(boundServer().peer(inStanza('\ufeffHist!')))).toContain('\ufeffHist!');
    // In front of everything it is text before the root.
    const entity = newReceiving();
    entity.receive(bytes(`\ufeff${HEADER}`), 0);
    let event = entity.nextEvent();
    while (event.type !== 'closed' && event.type !== 'need-input') event = entity.nextEvent();
    expect(event).toMatchObject({ type: 'closed', cause: { violation: 'text-outside-root' } });
  });
});

const VIOLATION_OF_UTF8 = 'unsupported-encoding';

describe('white space (RFC 6120 §11.7)', () => {
  it('[C11.7] between stanzas it is passed over, inside them it is text', () => {
    const script = boundServer();
    expect(script.peer(' \n\t\r\n ').events).toEqual([]);
    expect(stanzaOf(script.peer(inStanza(' a  b \n')))).toContain('<body> a  b \n</body>');
    expect(script.entity.phase).toBe('established');
    expect(clearClient().peer(`${RESPONSE}\n \n`).said).not.toContain('error');
  });
});
