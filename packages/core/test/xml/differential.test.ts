import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { XmlDocument } from 'libxml2-wasm';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { parseXml, XML_VIOLATIONS, XmlElement } from '../../src/xml/index.ts';
import { anyDocument, anyMutant, RUNS, TIMEOUT } from './generators.ts';
import { slowParse } from './slow-reader.ts';
import { type Plain, plain, UNLIMITED } from './support.ts';

const documents = fc.oneof({ weight: 1, arbitrary: anyDocument }, { weight: 3, arbitrary: anyMutant });

type Verdict = 'accepted' | 'refused';

/** Ours; undefined for what XMPP forbids and XML does not: there the others are no oracles. */
function ours(text: string): Verdict | undefined {
  const result = parseXml(text, { limits: UNLIMITED });
  if (result instanceof XmlElement) return 'accepted';
  return XML_VIOLATIONS[result.violation].condition === 'restricted-xml' ? undefined : 'refused';
}

function saxesOn(text: string): Verdict {
  let verdict: Verdict = 'accepted';
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', () => {
    verdict = 'refused';
  });
  parser.write(text).close();
  return verdict;
}

function libxml2On(text: string): Verdict {
  try {
    XmlDocument.fromString(text).dispose();
    return 'accepted';
  } catch {
    return 'refused';
  }
}

/** Where saxes is known to differ, by name. */
const SAXES_DIFFERS: Readonly<Record<string, (text: string) => boolean>> = {
  'takes any name character as the first one after a colon': (text) => /[^\s<>'"=/]:[-.0-9·]/.test(text),
  'takes an XML declaration of another version or encoding': (text) => text.startsWith('<?xml'),
};

/** Where libxml2 is known to differ, by name. */
const LIBXML2_DIFFERS: Readonly<Record<string, (text: string) => boolean>> = {
  'takes an XML declaration of another version or encoding': (text) => text.startsWith('<?xml'),
  'wants a namespace name to be a URI': (text) =>
    /xmlns(:\w+)?\s*=/.test(text) && /xmlns[^=]*=\s*(['"])(?!(urn:[a-z:]*|jabber:[a-z]*|http:[a-z/.]*)?\1)/.test(text),
};

/** Where fast-xml-parser is known to differ, by name. */
const FAST_DIFFERS: Readonly<Record<string, (text: string) => boolean>> = {
  'does not normalise white space in attribute values': (text) => /=\s*("[^"]*[\t\r\n]|'[^']*[\t\r\n])/.test(text),
  'refuses names that are properties of every object': (text) =>
    /__proto__|constructor|toString|hasOwnProperty/.test(text),
};

const known = (differences: Readonly<Record<string, (text: string) => boolean>>, text: string): boolean =>
  Object.values(differences).some((matches) => matches(text));

describe('the twin', () => {
  it('[S1] accepts the same documents and makes the same trees', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(documents, (text) => {
        const result = parseXml(text, { limits: UNLIMITED });
        expect(result instanceof XmlElement ? plain(result) : undefined).toEqual(slowParse(text));
      }),
      { numRuns: 1500 * RUNS },
    );
  });
});

describe('other parsers', () => {
  it('[S1] saxes accepts the same documents', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(documents, (text) => {
        const verdict = ours(text);
        fc.pre(verdict !== undefined && !known(SAXES_DIFFERS, text));
        expect(saxesOn(text)).toBe(verdict);
      }),
      { numRuns: 1000 * RUNS },
    );
  });

  it('[S1] libxml2 accepts the same documents', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(documents, (text) => {
        const verdict = ours(text);
        fc.pre(verdict !== undefined && !known(LIBXML2_DIFFERS, text));
        expect(libxml2On(text)).toBe(verdict);
      }),
      { numRuns: 1000 * RUNS },
    );
  });

  it('[S1] fast-xml-parser makes the same trees of accepted documents', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(documents, (text) => {
        const result = parseXml(text, { limits: UNLIMITED });
        fc.pre(result instanceof XmlElement && !known(FAST_DIFFERS, text));
        const [tree] = resolved(FAST.parse(text) as Nodes, new Map());
        expect(tree).toEqual(result instanceof XmlElement ? plain(result) : undefined);
      }),
      { numRuns: 1000 * RUNS },
    );
  });
});

type Nodes = readonly Readonly<Record<string, unknown>>[];

const FAST = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  ignoreDeclaration: true,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  attributeNamePrefix: '@',
  htmlEntities: true,
});

/** The tree of fast-xml-parser with namespaces, which it knows nothing of. */
function resolved(nodes: Nodes, outer: ReadonlyMap<string, string>): (Plain | string)[] {
  const children: (Plain | string)[] = [];
  for (const node of nodes) {
    const attributes = Object.entries((node[':@'] ?? {}) as Record<string, string>).map(
      ([name, value]): [string, string] => [name.slice(1), value],
    );
    const name = Object.keys(node).find((key) => key !== ':@') ?? '';
    if (name === '#text') {
      const last = children.at(-1);
      const text = String(node[name]);
      if (typeof last === 'string') children[children.length - 1] = last + text;
      else if (text !== '') children.push(text);
      continue;
    }
    const scope = new Map(outer);
    for (const [key, value] of attributes) {
      if (key === 'xmlns') scope.set('', value);
      else if (key.startsWith('xmlns:')) scope.set(key.slice(6), value);
    }
    const expand = (qualified: string, isAttribute: boolean): [string, string] => {
      const [prefix = '', local] = qualified.includes(':') ? qualified.split(':') : ['', qualified];
      if (prefix === 'xml') return ['http://www.w3.org/XML/1998/namespace', local ?? ''];
      return [prefix === '' && isAttribute ? '' : (scope.get(prefix) ?? ''), local ?? ''];
    };
    const [ns, local] = expand(name, false);
    const attrs = attributes
      .filter(([key]) => key !== 'xmlns' && !key.startsWith('xmlns:'))
      .map(([key, value]): [string, string, string] => [...expand(key, true), value]);
    children.push({
      ns,
      name: local,
      attrs: attrs.toSorted((a, b) => order(a[0], b[0]) || order(a[1], b[1])),
      children: resolved(node[name] as Nodes, scope),
    });
  }
  return children;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
