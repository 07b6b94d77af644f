import { LocalProtocolError } from '../errors.ts';
import { XML_NS, XMLNS_NS } from '../namespaces.ts';
import { XmlAttributeName } from './attributes.ts';
import { describeCharacter, forbiddenCharacterIndex, isNcName } from './chars.ts';

/**
 * The attribute name that a key stands for: `'name'`, `'xml:lang'`, `'{namespace}name'`, or `'prefix:name'` with a prefix
 * among those declared on the same element.
 *
 * @throws LocalProtocolError `xml-name-invalid`, `xml-namespace-invalid`.
 */
export function attributeNameOf(key: string, declared: ReadonlyMap<string, string> | undefined): XmlAttributeName {
  if (key.startsWith('{')) {
    const end = key.lastIndexOf('}');
    const namespace = checkedNamespace(key.slice(1, end === -1 ? undefined : end), key);
    return new XmlAttributeName(checkedName(key.slice(end + 1)), namespace, namespace === XML_NS ? 'xml' : '');
  }
  const colon = key.indexOf(':');
  if (colon === -1) {
    if (key === 'xmlns') {
      throw new LocalProtocolError(
        'xml-namespace-invalid',
        'xmlns is fixed once an element is built; give it to xml()',
      );
    }
    return new XmlAttributeName(checkedName(key), '', '');
  }
  const prefix = key.slice(0, colon);
  const namespace = prefix === 'xml' ? XML_NS : declared?.get(prefix);
  if (namespace === undefined) {
    throw new LocalProtocolError(
      'xml-namespace-invalid',
      `the prefix of ${JSON.stringify(key)} is not declared on this element; write '{namespace}name' or add 'xmlns:${prefix}'`,
    );
  }
  return new XmlAttributeName(checkedName(key.slice(colon + 1)), namespace, prefix);
}

/**
 * An attribute's value as a string of legal characters.
 *
 * @throws LocalProtocolError `xml-character-forbidden`.
 */
export function attributeValueOf(key: string, value: string | number): string {
  return checkedText(String(value), `the attribute ${JSON.stringify(key)}`);
}

/** The name itself when it is one without a colon. @throws LocalProtocolError `xml-name-invalid`. */
export function checkedName(name: string): string {
  if (isNcName(name)) return name;
  throw new LocalProtocolError('xml-name-invalid', `expected an XML name without a colon, got ${JSON.stringify(name)}`);
}

/** The text itself when XML allows each of its characters. @throws LocalProtocolError `xml-character-forbidden`. */
export function checkedText(text: string, where: string): string {
  const index = forbiddenCharacterIndex(text);
  if (index === -1) return text;
  throw forbiddenCharacter(text.codePointAt(index) ?? 0, `${where} at index ${index}`);
}

/** The error for a character that XML does not allow. */
export function forbiddenCharacter(code: number, where: string): LocalProtocolError {
  return new LocalProtocolError(
    'xml-character-forbidden',
    `XML 1.0 allows no ${describeCharacter(code)}, found in ${where}`,
  );
}

/** A namespace name that a prefix may be bound to. @throws LocalProtocolError. */
export function checkedNamespace(namespace: string, where: string): string {
  if (namespace === '' || namespace === XMLNS_NS) {
    throw new LocalProtocolError(
      'xml-namespace-invalid',
      `no prefix can stand for the namespace ${JSON.stringify(namespace)} of ${JSON.stringify(where)}`,
    );
  }
  return checkedText(namespace, `the namespace of ${JSON.stringify(where)}`);
}
