import { xml, type XmlAttributesInit, type XmlElement } from '@xmpp-wire/core/xml';
import * as fc from 'fast-check';

/** Texts that XML can carry: what needs escapes, line ends, and characters from every plane. */
export function xmlTexts(
  constraints: { readonly minLength?: number; readonly maxLength?: number } = {},
): fc.Arbitrary<string> {
  const range = (from: number, to: number): fc.Arbitrary<string> =>
    fc.integer({ min: from, max: to }).map((codePoint) => String.fromCodePoint(codePoint));
  const unit = fc.oneof(
    { weight: 8, arbitrary: range(0x20, 0x7e) },
    { weight: 3, arbitrary: fc.constantFrom('<', '>', '&', '"', "'", ']', ']]>', '&amp;', '<!--', ';') },
    { weight: 2, arbitrary: fc.constantFrom('\t', '\n', '\r', ' ') },
    range(0x80, 0x7ff),
    range(0x800, 0xd7ff),
    range(0xe000, 0xfffd),
    range(0x1_0000, 0x10_ffff),
  );
  const { minLength = 0, maxLength = 24 } = constraints;
  return fc.array(unit, { minLength, maxLength }).map((units) => units.join(''));
}

/** Names without prefix, mostly the kind that protocols use. */
export function xmlNames(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/) },
    fc.stringMatching(/^[A-Za-z_][A-Za-z0-9._-]{0,11}$/),
    fc.constantFrom('é', 'Ωmega', 'x·y', '名前'),
  );
}

export interface XmlElementConstraints {
  /** Levels of elements, the first one counted. Default 3. */
  readonly maxDepth?: number;
  /** Namespaces of the outermost element. Default: some that no stream has a use for. */
  readonly namespaces?: readonly string[];
}

const FOREIGN = ['urn:example:a', 'urn:example:b', 'http://www.w3.org/1999/xhtml', 'urn:example:<&>\'"'];

/** Elements with attributes, namespaces, prefixes, text and children. Whatever is made can be written. */
export function xmlElements(constraints: XmlElementConstraints = {}): fc.Arbitrary<XmlElement> {
  const { maxDepth = 3, namespaces = FOREIGN } = constraints;
  return elementOf(fc.constantFrom(...namespaces), maxDepth);
}

function elementOf(namespace: fc.Arbitrary<string | undefined>, depth: number): fc.Arbitrary<XmlElement> {
  const inner = fc.option(fc.constantFrom('', ...FOREIGN), { nil: undefined, freq: 2 });
  const child: fc.Arbitrary<XmlElement | string> =
    depth <= 1 ? xmlTexts() : fc.oneof(xmlTexts(), elementOf(inner, depth - 1));
  return fc
    .tuple(xmlNames(), namespace, attributes(), fc.boolean(), fc.array(child, { maxLength: 4 }))
    .map(([name, xmlns, others, prefixed, children]) => {
      // A prefix needs a namespace that is not the empty one.
      if (prefixed && xmlns !== undefined && xmlns !== '')
        return xml(`p:${name}`, { 'xmlns:p': xmlns, ...others }, ...children);
      return xml(name, xmlns === undefined ? others : { xmlns, ...others }, ...children);
    });
}

function attributes(): fc.Arbitrary<XmlAttributesInit> {
  const plain = fc.dictionary(
    xmlNames().filter((name) => name !== 'xmlns'),
    xmlTexts(),
    { maxKeys: 3, noNullPrototype: true },
  );
  const lang = fc.option(fc.constantFrom('en', 'de-CH', 'zh-Hant-TW'), { nil: undefined });
  const foreign = fc.option(xmlTexts(), { nil: undefined });
  return fc.tuple(plain, lang, foreign).map(([others, language, value]) => ({
    ...others,
    'xml:lang': language,
    '{urn:example:attributes}mark': value,
  }));
}
