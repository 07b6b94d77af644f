import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocalProtocolError } from '../../src/errors.ts';
import { parseXml, xml, XmlElement } from '../../src/xml/index.ts';
import { anyElement, RUNS } from './generators.ts';
import { plain } from './support.ts';

const CLIENT = 'jabber:client';

/** The code of the error that a call throws. */
function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return error instanceof LocalProtocolError ? error.code : String(error);
  }
  return 'nothing was thrown';
}

function parsed(text: string): XmlElement {
  const result = parseXml(text);
  if (result instanceof XmlElement) return result;
  throw new Error(result.detail);
}

describe('xml()', () => {
  it('reads like the XML it makes', () => {
    const iq = xml('iq', { type: 'get', id: 'x1' }, xml('query', { xmlns: 'urn:q' }, xml('item', { n: 1 })));
    expect(String(iq)).toBe(
      "<iq xmlns='jabber:client' type='get' id='x1'><query xmlns='urn:q'><item n='1'/></query></iq>",
    );
  });

  it('gives a child without xmlns the namespace of the parent, however deep', () => {
    const inner = xml('a', {}, xml('b', {}, xml('c', { xmlns: 'urn:c' }, xml('d'))));
    expect(inner.namespace).toBe(CLIENT);
    const tree = xml('root', { xmlns: 'urn:r' }, [inner, [xml('e')]]);
    expect(plain(tree)).toEqual(
      plain(parsed("<root xmlns='urn:r'><a><b><c xmlns='urn:c'><d/></c></b></a><e/></root>")),
    );
    // What was built before is as it was.
    expect(inner.namespace).toBe(CLIENT);
  });

  it('keeps an explicit namespace in any parent', () => {
    const tree = xml('root', { xmlns: 'urn:r' }, xml('a', { xmlns: CLIENT }), xml('b', { xmlns: '' }));
    expect(tree.childElements().map(({ namespace }) => namespace)).toEqual([CLIENT, '']);
  });

  it('leaves out what is undefined, null or false, and joins character data', () => {
    const tree = xml('a', { b: undefined, c: '' }, 'x', undefined, 1, [null, false, ''], 'y', xml('d'), '');
    expect(tree.children.map((child) => (typeof child === 'string' ? child : child.name))).toEqual(['x1y', 'd']);
    expect(tree.attributes).toEqual([{ name: 'c', namespace: '', prefix: '', value: '' }]);
  });

  it('takes prefixes that are declared beside them', () => {
    const tree = xml(
      's:a',
      { 'xmlns:s': 'urn:s', 's:b': '1', xmlns: CLIENT, 'xml:lang': 'en', '{urn:t}c': '2' },
      xml('d'),
    );
    expect(tree).toMatchObject({ name: 'a', prefix: 's', namespace: 'urn:s' });
    expect(tree.attribute('b', 'urn:s')).toBe('1');
    expect(tree.attribute('c', 'urn:t')).toBe('2');
    expect(tree.attribute('xml:lang')).toBe('en');
    expect(tree.child('d', CLIENT)).toBeDefined();
    expect(tree.equals(parsed(String(tree)))).toBe(true);
  });

  it('takes the names of properties for ordinary names', () => {
    const attributes = JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>;
    const tree = xml('__proto__', attributes, xml('hasOwnProperty'));
    expect(tree.attribute('__proto__')).toBe('1');
    expect(tree.attribute('toString')).toBeUndefined();
    expect(String(tree)).toBe(
      "<__proto__ xmlns='jabber:client' __proto__='1' constructor='2'><hasOwnProperty/></__proto__>",
    );
  });

  it.each([
    ['xml-name-invalid', () => xml('1a')],
    ['xml-name-invalid', () => xml('')],
    ['xml-name-invalid', () => xml('a b')],
    ['xml-name-invalid', () => xml("a xmlns='x'")],
    ['xml-name-invalid', () => xml('a', { 'b>': '1' })],
    ['xml-name-invalid', () => xml('a', { '{urn:x': '1' })],
    ['xml-name-invalid', () => xml('a', { '{urn:x}': '1' })],
    ['xml-name-invalid', () => xml('a:b:c', { 'xmlns:a': 'x' })],
    ['xml-character-forbidden', () => xml('a', { b: '\0' })],
    ['xml-character-forbidden', () => xml('a', {}, 'x\uFFFE')],
    ['xml-character-forbidden', () => xml('a', {}, '\uD800')],
    ['xml-character-forbidden', () => xml('a', {}, '\uDC00\uD800')],
    ['xml-character-forbidden', () => xml('a', { xmlns: '\u0001' })],
    ['xml-namespace-invalid', () => xml('p:a')],
    ['xml-namespace-invalid', () => xml('a', { 'p:b': '1' })],
    ['xml-namespace-invalid', () => xml('a', { '{}b': '1' })],
    ['xml-namespace-invalid', () => xml('a', { 'xmlns:p': '' })],
    ['xml-namespace-invalid', () => xml('a', { 'xmlns:xml': 'urn:x' })],
    ['xml-namespace-invalid', () => xml('a', { 'xmlns:xmlns': 'urn:x' })],
    ['xml-namespace-invalid', () => xml('a', { 'xmlns:p': 'http://www.w3.org/XML/1998/namespace' })],
    ['xml-namespace-invalid', () => xml('a', { xmlns: 'http://www.w3.org/2000/xmlns/' })],
    ['xml-attribute-duplicate', () => xml('a', { 'xmlns:p': 'urn:x', 'p:b': '1', '{urn:x}b': '2' })],
  ])('[S22] throws %s, case %#', (code, build) => {
    expect(codeOf(build)).toBe(code);
  });

  it('[S22] says what was expected and what came', () => {
    expect(() => xml('a', {}, 'ab\u0002')).toThrow('XML 1.0 allows no U+0002, found in character data at index 2');
    expect(() => xml('p:a')).toThrow("add 'xmlns:p'");
  });
});

describe('a program without types', () => {
  it('is told where a namespace stands', () => {
    // What other libraries take.
    const careless = xml as (name: string, attributes: unknown) => XmlElement;
    expect(() => careless('ping', 'urn:xmpp:ping')).toThrow(
      expect.objectContaining({
        code: 'xml-namespace-invalid',
        message: expect.stringContaining('{ xmlns: "urn:xmpp:ping" }'),
      }),
    );
  });
});

describe('an element', () => {
  const element = parsed(
    "<a xmlns='urn:a' xmlns:p='urn:p' b='1' p:b='2' xml:lang='de'>x<c>1</c><p:c>2</p:c>y<c/><d xmlns=''/></a>",
  );

  it('is asked for attributes by expanded name', () => {
    expect([
      element.attribute('b'),
      element.attribute('b', 'urn:p'),
      element.attribute('p:b'),
      element.attribute('c'),
    ]).toEqual(['1', '2', undefined, undefined]);
    expect(element.attribute('xml:lang')).toBe('de');
    expect(element.attributes.map(({ prefix, name }) => [prefix, name])).toEqual([
      ['', 'b'],
      ['p', 'b'],
      ['xml', 'lang'],
    ]);
    expect([...element.declarations]).toEqual([
      ['', 'urn:a'],
      ['p', 'urn:p'],
    ]);
  });

  it('is asked for children by expanded name, by default in its own namespace', () => {
    expect(element.child('c')?.text).toBe('1');
    expect(element.child('c', 'urn:p')?.text).toBe('2');
    expect(element.child('d')).toBeUndefined();
    expect(element.child('d', '')?.is('d', '')).toBe(true);
    expect(element.childElements().length).toBe(4);
    expect(element.childElements('c').length).toBe(2);
    expect(element.childElements('c', 'urn:p').length).toBe(1);
  });

  it('has its own text and that of a child', () => {
    expect(element.text).toBe('xy');
    expect(element.childText('c')).toBe('1');
    expect(element.childText('c', 'urn:p')).toBe('2');
    expect(element.childText('none')).toBeUndefined();
    expect(parsed('<a/>').text).toBe('');
    expect(parsed('<a><b/></a>').text).toBe('');
  });

  it.each([
    ["<a xmlns='x' b='1' c='2'/>", "<p:a xmlns:p='x' c='2' b='1'></p:a>", true],
    ['<a><b/>x</a>', '<a><b/><![CDATA[x]]></a>', true],
    ["<a xmlns='x'/>", "<a xmlns='y'/>", false],
    ['<a/>', '<b/>', false],
    ["<a b='1'/>", "<a b='2'/>", false],
    ["<a b='1'/>", "<a c='1'/>", false],
    ["<a b='1'/>", "<a b='1' c='1'/>", false],
    ["<a xmlns:p='x' p:b='1'/>", "<a b='1'/>", false],
    ['<a>x</a>', '<a>y</a>', false],
    ['<a>x</a>', '<a><x/></a>', false],
    ['<a><b/></a>', '<a><b/><b/></a>', false],
    ['<a><b/></a>', '<a><b><c/></b></a>', false],
  ])('equals by expanded names: %s and %s: %s', (one, other, equal) => {
    expect(parsed(one).equals(parsed(other))).toBe(equal);
    expect(parsed(other).equals(parsed(one))).toBe(equal);
  });

  it('is copied with another attribute', () => {
    expect(String(parsed("<a b='1' c='2'/>").withAttribute('b', 3))).toBe("<a b='3' c='2'/>");
    expect(String(parsed("<a c='2'/>").withAttribute('b', 'x'))).toBe("<a c='2' b='x'/>");
    expect(String(parsed("<a b='1' c='2'/>").withAttribute('b', undefined))).toBe("<a c='2'/>");
    expect(element.withAttribute('{urn:p}b', '9').attribute('b', 'urn:p')).toBe('9');
    expect(element.withAttribute('xml:lang', undefined).attribute('xml:lang')).toBeUndefined();
    expect(element.withAttribute('b', '9').attribute('b', 'urn:p')).toBe('2');
    expect(element.attribute('b')).toBe('1');
  });

  it('[S22] is not copied with an illegal attribute', () => {
    expect(codeOf(() => element.withAttribute('a b', '1'))).toBe('xml-name-invalid');
    expect(codeOf(() => element.withAttribute('b', '\0'))).toBe('xml-character-forbidden');
    expect(codeOf(() => element.withAttribute('xmlns', 'x'))).toBe('xml-namespace-invalid');
    expect(codeOf(() => element.withAttribute('p:b', 'x'))).toBe('xml-namespace-invalid');
    expect(codeOf(() => element.withChildren('\0'))).toBe('xml-character-forbidden');
  });

  it('is copied with other children, which take its namespace', () => {
    expect(String(parsed("<a xmlns='urn:a'><b/></a>").withChildren('x', xml('c')))).toBe("<a xmlns='urn:a'>x<c/></a>");
  });

  it('[S20] is copied without any child of a name, all instances', () => {
    const many = parsed("<a><x/><b/>t<x>1</x><x xmlns='urn:x'/><x/></a>");
    expect(String(many.withoutChildren('x'))).toBe("<a><b/>t<x xmlns='urn:x'/></a>");
    expect(String(many.withoutChildren('x', 'urn:x').withoutChildren('x'))).toBe('<a><b/>t</a>');
  });

  it('joins text that becomes adjacent when a child goes', () => {
    expect(parsed('<a>x<b/>y</a>').withoutChildren('b').children).toEqual(['xy']);
  });

  it('has a detached copy that is the same tree', () => {
    fc.assert(
      fc.property(anyElement, (each) => {
        expect(plain(each.detached())).toEqual(plain(each));
        expect(String(each.detached())).toBe(String(each));
      }),
      { numRuns: 100 * RUNS },
    );
  });
});

describe('parseXml', () => {
  it('takes text and bytes, and says why not', () => {
    expect(plain(parsed('<a>é</a>'))).toMatchObject({ children: ['é'] });
    expect(parseXml(new TextEncoder().encode('<a/>'))).toBeInstanceOf(XmlElement);
    expect(parseXml('<a>')).toMatchObject({ violation: 'incomplete-document' });
    expect(parseXml('<a></b>')).toMatchObject({ violation: 'tag-mismatch' });
    expect(parseXml('<a/>x')).toMatchObject({ violation: 'content-after-root' });
  });
});
