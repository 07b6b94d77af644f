import { LocalProtocolError } from '../errors.ts';
import { CLIENT_NS, XML_NS, XMLNS_NS } from '../namespaces.ts';
import { attributeNameOf, attributeValueOf, checkedName, checkedNamespace, checkedText } from './attribute-key.ts';
import { NO_ATTRIBUTES, NO_DECLARATIONS, type XmlAttributeName } from './attributes.ts';
import { normaliseChildren, type XmlChildInit } from './children.ts';
import { OPEN_DECLARATIONS, XmlElement } from './element.ts';

/**
 * Attributes to build an element with. The keys: `'name'`; `'xmlns'` for the element's namespace; `'xml:lang'`;
 * `'{namespace}name'` for any other namespace; or `'prefix:name'` beside an `'xmlns:prefix'`. An undefined value is left out.
 */
export type XmlAttributesInit = Readonly<Record<string, string | number | undefined>>;

/**
 * Builds an element; the code reads like the XML it makes.
 *
 * Without `xmlns` an element is in the namespace of the element it is put into, however deep; one that is put into none is in
 * `jabber:client`, which the writer turns into the content namespace of its stream. Names and characters are checked here:
 * what this returns can be written.
 *
 * @throws LocalProtocolError `xml-name-invalid`, `xml-namespace-invalid`, `xml-character-forbidden`, `xml-attribute-duplicate`.
 *
 * @example
 * ```ts
 * import { xml } from '@xmpp-wire/core/xml';
 * const request = xml('iq', { type: 'get', id: 'x1' }, xml('query', { xmlns: 'http://jabber.org/protocol/disco#info' }));
 * console.log(String(request));
 * // <iq xmlns='jabber:client' type='get' id='x1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>
 * ```
 */
export function xml(name: string, attributes?: XmlAttributesInit, ...children: readonly XmlChildInit[]): XmlElement {
  if (typeof attributes === 'string') {
    throw new LocalProtocolError(
      'xml-namespace-invalid',
      `the attributes of <${name}/> are an object, not a string: a namespace is { xmlns: ${JSON.stringify(attributes)} }`,
    );
  }
  const declared = attributes === undefined ? undefined : declarationsOf(attributes);
  const { local, prefix } = splitName(name);
  const inherited = declared?.get('');
  const namespace = prefix === '' ? inherited : prefix === 'xml' ? XML_NS : declared?.get(prefix);
  if (prefix !== '' && namespace === undefined) {
    throw new LocalProtocolError(
      'xml-namespace-invalid',
      `the prefix of ${JSON.stringify(name)} is not declared on this element; add 'xmlns:${prefix}'`,
    );
  }
  const pairs = attributes === undefined ? NO_ATTRIBUTES : attributePairsOf(attributes, declared);
  const declarations = declared === undefined ? NO_DECLARATIONS : [...declared].flat();
  return new XmlElement(
    local,
    namespace ?? CLIENT_NS,
    prefix,
    pairs,
    namespace === undefined ? [...OPEN_DECLARATIONS, ...declarations] : declarations,
    normaliseChildren(children, inherited ?? namespace),
  );
}

/** The `xmlns` and `xmlns:…` among the attributes; undefined when there are none. */
function declarationsOf(attributes: XmlAttributesInit): Map<string, string> | undefined {
  let declared: Map<string, string> | undefined;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || !(key === 'xmlns' || key.startsWith('xmlns:'))) continue;
    const namespace = String(value);
    declared ??= new Map();
    if (key === 'xmlns') {
      // Namespaces in XML 1.0 §3: neither reserved namespace can be the default one; the empty string undoes a default.
      if (namespace === XML_NS || namespace === XMLNS_NS) {
        throw new LocalProtocolError('xml-namespace-invalid', `${namespace} cannot be declared as a default namespace`);
      }
      declared.set('', checkedText(namespace, 'xmlns'));
    } else {
      const prefix = checkedName(key.slice(6));
      checkedNamespace(namespace, key);
      // Namespaces in XML 1.0 §3: `xml` has one namespace, no other prefix may have it, `xmlns` is never declared.
      if (prefix === 'xmlns' || (prefix === 'xml') !== (namespace === XML_NS)) {
        throw new LocalProtocolError('xml-namespace-invalid', `${key} cannot be bound to ${JSON.stringify(namespace)}`);
      }
      declared.set(prefix, namespace);
    }
  }
  return declared;
}

function attributePairsOf(
  attributes: XmlAttributesInit,
  declared: ReadonlyMap<string, string> | undefined,
): readonly (XmlAttributeName | string)[] {
  const pairs: (XmlAttributeName | string)[] = [];
  let qualified: XmlAttributeName[] | undefined;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || key === 'xmlns' || key.startsWith('xmlns:')) continue;
    const name = attributeNameOf(key, declared);
    if (name.namespace !== '') {
      // Only names with a namespace can be written in two ways; an object has each key once.
      qualified ??= [];
      if (qualified.some((other) => other.name === name.name && other.namespace === name.namespace)) {
        throw new LocalProtocolError(
          'xml-attribute-duplicate',
          `${JSON.stringify(key)} names an attribute given before`,
        );
      }
      qualified.push(name);
    }
    pairs.push(name, attributeValueOf(key, value));
  }
  return pairs.length === 0 ? NO_ATTRIBUTES : pairs;
}

function splitName(name: string): { local: string; prefix: string } {
  const colon = name.indexOf(':');
  if (colon === -1) return { local: checkedName(name), prefix: '' };
  return { local: checkedName(name.slice(colon + 1)), prefix: checkedName(name.slice(0, colon)) };
}
