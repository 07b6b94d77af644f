import { describe, expect, it } from 'vitest';
import { XML_VIOLATIONS, type XmlViolation } from '../../src/xml/index.ts';
import { bytesOf, byteByByte, HEADER, readAll, UNLIMITED } from './support.ts';

/** Text inside of a stream that provokes each violation; `document:` before it where it needs a document of its own. */
const PROVOKED: Record<XmlViolation, readonly string[]> = {
  comment: ['<!-- x -->', '<a><!--', '<a>x<!-- y -->'],
  'processing-instruction': ['<?php echo 1?>', '<a><?y', '<?xml-stylesheet', 'document: <?xmlx '],
  doctype: ['<!DOCTYPE a>', '<a><!ENTITY', '<a><![INCLUDE[', "document: <!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
  'entity-reference': ['<a>&nbsp;</a>', "<a b='&foo;'/>", '<a>&Amp;</a>', '<a>&é;</a>'],
  'invalid-utf8': [
    '<a>\uDC80</a>',
    "<a b='\uDC80'/>",
    '<a\uDC80>',
    '\uDC80',
    '<\uDC80/>',
    "<a xmlns='\uDC80'/>",
    '<a><![CDATA[\uDC80]]>',
  ],
  'wrong-encoding': [
    "document: <?xml version='1.0' encoding='ISO-8859-1'?><a/>",
    'document: <\u0000a\u0000',
    'document: \u0000<\u0000',
  ],
  'invalid-character': [
    '<a>\u0001</a>',
    "<a b='\u0000'/>",
    '<a>\uFFFE</a>',
    '<a><![CDATA[\uFFFF]]>',
    '\u0002',
    '<a \u0003>',
    "<a b='\uFFFF'/>",
  ],
  'invalid-reference': [
    '<a>&#0;</a>',
    '<a>& </a>',
    '<a>&#xD800;</a>',
    '<a>&#x110000;</a>',
    "<a b='&'/>",
    '<a>&#;</a>',
    '<a>&amp</a>',
    '<a>&#99999999999999999999;</a>',
  ],
  'invalid-name': ['<1/>', '<a:b:c/>', '<:a/>', '<a:/>', '<a -b="1"/>', '<·a/>', '<a xmlns:="x"/>'],
  'malformed-tag': [
    '< a/>',
    '<a/ >',
    "<a b='c'd='e'/>",
    '<a b/>',
    '<a b=c/>',
    "<a 'b'/>",
    '<a b"c"/>',
    '<a></a b>',
    '<>',
    '<a <b/>',
  ],
  'malformed-markup': ['<a><![cdata[', '<!-x', '<a><![CDATA [', '<a><!1'],
  'less-than-in-attribute': ["<a b='<'/>", '<a b="x<y"/>', "<a xmlns='<'/>"],
  'section-end-in-text': ['<a>]]></a>', '<a>x]]>y</a>'],
  'tag-mismatch': ['<a></b>', '<a></aa>', '<aa></a>', '<a></A>', '</other>', 'document: </a>'],
  'duplicate-attribute': [
    "<a b='1' b='2'/>",
    "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
    "<a xmlns='x' xmlns='y'/>",
    `<a ${Array.from({ length: 20 }, (_, at) => `a${at}='1'`).join(' ')} a7='2'/>`,
    `<a ${Array.from({ length: 20 }, (_, at) => `xmlns:p${at}='u:${at}'`).join(' ')} xmlns:p7='x'/>`,
    "<a xml:lang='de' xml:lang='en'/>",
  ],
  'malformed-xml-declaration': [
    "document: <?xml version='1.0'>",
    "document: <?xml encoding='UTF-8'?>",
    'document: <?xml?>',
    "document: <?xml version='1.0' x='y'?>",
  ],
  'misplaced-xml-declaration': [
    "<?xml version='1.0'?>",
    "<a><?xml version='1.0'?></a>",
    "document:  <?xml version='1.0'?>",
  ],
  'unsupported-xml-version': ["document: <?xml version='1.1'?><a/>", "document: <?xml version='2.0'?>"],
  'text-outside-root': ['document: x', 'document: \uFEFF<a/>', 'document: <![CDATA[x]]>', 'document: &amp;'],
  'content-after-root': ['document: <a/><b/>', 'document: <a/>x'],
  'incomplete-document': ['document: <a>', 'document: '],
  'unbound-prefix': ['<p:a/>', "<a p:b='1'/>", "<a xmlns:p='x'/><p:b/>", '<xmlns:a/>'],
  'illegal-namespace-declaration': [
    "<a xmlns:p=''/>",
    "<a xmlns:xml='x'/>",
    "<a xmlns:xmlns='x'/>",
    "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
    "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
    "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
  ],
  'text-at-first-level': ['x', '<a/>x', '&amp;', 'é', '\uFEFF', '<![CDATA[x]]>', '<![CDATA[]]>'],
  'second-header': [HEADER, "<x:stream xmlns:x='http://etherx.jabber.org/streams'>"],
  'stanza-too-large': [`<a>${'x'.repeat(3000)}`],
  'too-deep': ['<a>'.repeat(9)],
  'too-many-elements': [`<a>${'<b/>'.repeat(50)}`],
  'too-many-attributes': [`<a ${Array.from({ length: 30 }, (_, at) => `a${at}='1'`).join(' ')}/>`],
  'too-many-namespace-declarations': [`<a ${Array.from({ length: 40 }, (_, at) => `xmlns:p${at}='1'`).join(' ')}/>`],
  'name-too-long': [`<${'a'.repeat(200)}/>`],
  'attribute-value-too-long': [`<a b='${'x'.repeat(2000)}'/>`],
};

const SMALL = {
  ...UNLIMITED,
  stanzaBytes: 2500,
  depth: 8,
  elements: 40,
  attributes: 25,
  namespaceDeclarations: 30,
  nameBytes: 100,
  attributeValueBytes: 1500,
};

/** The text as bytes, where a lone U+DC80 stands for the byte 80. */
const raw = (text: string): Uint8Array => {
  const parts = text.split('\uDC80').map(bytesOf);
  return new Uint8Array(parts.flatMap((part, at) => (at === 0 ? [...part] : [0x80, ...part])));
};

const cases = Object.entries(PROVOKED).flatMap(([violation, texts]) =>
  texts.map((text): [string, string] => [violation, text]),
);

describe('the table of violations', () => {
  it.each(cases)('[S1] [S2] %s is found in %j', (violation, text) => {
    const [, document] = /^document: ([^]*)$/.exec(text) ?? [];
    const bytes = raw(document ?? HEADER + text);
    const options = {
      limits:
        violation.startsWith('too-') || violation.endsWith('-long') || violation.endsWith('-large') ? SMALL : UNLIMITED,
    };
    const mode = document === undefined ? 'stream' : 'document';
    for (const chunks of [[bytes], byteByByte(bytes)]) {
      const last = readAll(chunks, { ...options, mode }).at(-1);
      expect(last).toMatchObject({ type: 'violation', violation });
    }
  });

  it('answers each with a condition and a section', () => {
    expect(Object.keys(XML_VIOLATIONS).toSorted()).toEqual(Object.keys(PROVOKED).toSorted());
    expect(XML_VIOLATIONS).toMatchObject({
      comment: { condition: 'restricted-xml' },
      'invalid-utf8': { condition: 'unsupported-encoding' },
      'tag-mismatch': { condition: 'not-well-formed' },
      'text-at-first-level': { condition: 'bad-format' },
      'too-deep': { condition: 'policy-violation' },
    });
  });
});
