import fc from 'fast-check';
import { xml, type XmlChild, type XmlElement } from '../../src/xml/index.ts';

/** Characters that parsers trip over, beside ordinary ones. */
const CHARACTERS = [
  ...'abcdefghijklmnopqrstuvwxyz ABC0123456789-._:/@',
  ...'<>&\'"]]>=;#!?[]{}',
  ...'\t\n\r',
  'é',
  'ß',
  'þ',
  '\u0080',
  '\u009F',
  '\u200B',
  '\uFEFF',
  '今',
  '日',
  '한',
  '\uFFFD',
  '\uE000',
  '！',
  '😀',
  '👍',
  '\u{10FFFF}',
  '\u{10000}',
];

/** Legal character data. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...CHARACTERS), { maxLength: 40 })
  .map((characters) => characters.join(''));

export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'message',
    'body',
    'iq',
    'x',
    'to',
    'id',
    '__proto__',
    'constructor',
    'toString',
    'é',
    '名前',
    'a.b-c_d',
    '_',
    'ns1',
  ),
  fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9._-]{0,12}$/),
);

const NAMESPACES = [
  'jabber:client',
  'jabber:server',
  'urn:xmpp:ping',
  'urn:x',
  "urn:'&<y",
  'http://etherx.jabber.org/streams',
  'urn:é',
];

/** A tree built with the builder. */
export const anyElement: fc.Arbitrary<XmlElement> = fc.letrec<{ element: XmlElement; child: XmlElement | string }>(
  (tie) => ({
    element: fc
      .record({
        name: anyName,
        namespace: fc.option(fc.constantFrom('', ...NAMESPACES), { nil: undefined }),
        attributes: fc.dictionary(
          fc.oneof(
            anyName.filter((name) => name !== 'xmlns'),
            fc.constantFrom('xml:lang', '{urn:x}a', '{urn:x}b', '{urn:y}a'),
          ),
          anyText,
          { maxKeys: 4, noNullPrototype: true },
        ),
        children: fc.array(tie('child'), { maxLength: 4, depthIdentifier: 'tree' }),
      })
      .map(({ name, namespace, attributes, children }) =>
        xml(name, namespace === undefined ? attributes : { ...attributes, xmlns: namespace }, ...children),
      ),
    child: fc.oneof({ depthIdentifier: 'tree', maxDepth: 4 }, anyText, tie('element')),
  }),
).element;

/** How to write something that XML lets one write in several ways. */
interface Style {
  next(choices: number): number;
}

const anyStyle: fc.Arbitrary<Style> = fc.array(fc.nat(255), { minLength: 1, maxLength: 50 }).map((numbers) => {
  let at = 0;
  return { next: (choices) => (numbers[at++ % numbers.length] ?? 0) % choices };
});

/** An XML document in all the ways that one can be written. Each is namespace-well-formed. */
export const anyDocument: fc.Arbitrary<string> = fc
  .tuple(anyElement, anyStyle)
  .map(([element, style]) => written(element, style, ''));

function written(element: XmlElement, style: Style, outer: string): string {
  const space = (): string => ['', '', ' ', '\n\t'][style.next(4)] ?? '';
  const quoted = (value: string): string =>
    style.next(2) === 0 ? `'${valueIn("'", value, style)}'` : `"${valueIn('"', value, style)}"`;
  const prefixed = element.namespace !== '' && style.next(4) === 0;
  const name = prefixed ? `p:${element.name}` : element.name;
  let tag = `<${name}`;
  if (prefixed) tag += ` xmlns:p=${quoted(element.namespace)}`;
  else if (element.namespace !== outer || style.next(4) === 0) tag += ` xmlns=${quoted(element.namespace)}`;
  // The prefix of the writer's own header, for something else.
  if (style.next(6) === 0) tag += ` xmlns:stream=${quoted('urn:other')}`;
  let count = 0;
  for (const each of element.attributes) {
    const prefix = each.namespace === '' ? '' : each.namespace.startsWith('http://www.w3') ? 'xml:' : `q${count++}:`;
    if (prefix.startsWith('q')) tag += ` xmlns:${prefix.slice(0, -1)}${space()}=${space()}${quoted(each.namespace)}`;
    tag += ` ${space()}${prefix}${each.name}${space()}=${space()}${quoted(each.value)}`;
  }
  tag += space();
  if (element.children.length === 0 && style.next(3) !== 0) return `${tag}/>`;
  const inner = prefixed ? outer : element.namespace;
  return `${tag}>${element.children.map((child) => content(child, style, inner)).join('')}</${name}${space()}>`;
}

function content(child: XmlChild, style: Style, outer: string): string {
  if (typeof child !== 'string') return written(child, style, outer);
  if (style.next(5) === 0 && !child.includes(']]>') && !child.includes('\r')) return `<![CDATA[${child}]]>`;
  return [...child]
    .map((character) => {
      if (character === '<') return style.next(2) === 0 ? '&lt;' : '&#60;';
      if (character === '&') return style.next(2) === 0 ? '&amp;' : '&#x26;';
      if (character === '>') return style.next(2) === 0 ? '&gt;' : '&#62;';
      if (character === '\r') return '&#13;';
      return style.next(20) === 0 ? `&#x${character.codePointAt(0)?.toString(16)};` : character;
    })
    .join('');
}

function valueIn(quote: string, value: string, style: Style): string {
  return [...value]
    .map((character) => {
      if (character === '<') return '&lt;';
      if (character === '&') return '&amp;';
      if (character === quote || '\t\n\r'.includes(character)) return `&#${character.codePointAt(0)};`;
      return style.next(20) === 0 ? `&#x${character.codePointAt(0)?.toString(16)};` : character;
    })
    .join('');
}

const PIECES = [
  '<',
  '>',
  '/',
  '</',
  '/>',
  '&',
  ';',
  "'",
  '"',
  '=',
  ' ',
  ':',
  'xmlns',
  "xmlns='urn:x'",
  "xmlns:p='urn:x'",
  "xmlns:p=''",
  'p:',
  'a',
  "a='b'",
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<?',
  '?>',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a>',
  '&amp;',
  '&#65;',
  '&#0;',
  '&foo;',
  '\u0000',
  '\u000B',
  '\uFFFE',
  '\r\n',
  '\t',
  '<a>',
  '</a>',
  '<a/>',
  'xml:',
  'é',
  '😀',
  '1',
  '-',
  '.',
];

/** Documents with mistakes in them: pieces put in, taken out, doubled. */
export const anyMutant: fc.Arbitrary<string> = fc
  .tuple(anyDocument, fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...PIECES)), { maxLength: 4 }))
  .map(([document, edits]) => {
    const characters = [...document];
    for (const [place, kind, piece] of edits) {
      const at = place % (characters.length + 1);
      if (kind === 0) characters.splice(at, 0, piece);
      else if (kind === 1) characters.splice(at, 1);
      else if (kind === 2) characters.splice(at, 1, piece);
      else characters.splice(at, 0, ...characters.slice(at, at + 8));
    }
    return characters.join('');
  });

/** Bytes that need not be UTF-8. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.tuple(anyMutant, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(([text, edits]) => {
    const bytes = new TextEncoder().encode(text);
    for (const [place, byte] of edits) if (bytes.length > 0) bytes[place % bytes.length] = byte;
    return bytes;
  }),
);

/** Ways to cut so many bytes: positions, in order. */
export function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const positions = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...positions, bytes.length].map((end, at) => bytes.slice(positions[at - 1] ?? 0, end));
}

/** More runs when the environment asks for a long test. */
export const RUNS: number = process.env['XW_LONG'] === undefined ? 1 : 20;

/** Milliseconds for a test that runs so often. */
export const TIMEOUT: number = 180_000 * RUNS;
