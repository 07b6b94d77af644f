import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { XML_NS } from '../namespaces.ts';
import { attributeNameOf, attributeValueOf } from './attribute-key.ts';
import {
  type AttributePairs,
  type DeclarationPairs,
  nameAt,
  NO_ATTRIBUTES,
  NO_DECLARATIONS,
  valueAt,
  XmlAttributeName,
  type XmlAttribute,
} from './attributes.ts';
import { normaliseChildren, type XmlChildInit } from './children.ts';
import { serializeXml } from './serialize.ts';

/** What an element contains: elements and character data. Adjacent character data is one string. */
export type XmlChild = XmlElement | string;

/**
 * An XML element: immutable, namespace-resolved, cheap. The reader makes them of bytes, {@link xml} makes them in a program.
 *
 * Name and namespace are two fields. The prefix and the declarations are kept as hints for the writer and never
 * decide anything: {@link XmlElement.equals} and every look-up go by expanded names.
 *
 * @example
 * ```ts
 * import { xml } from '@xmpp-wire/core/xml';
 * const message = xml('message', { to: 'juliet@im.example.com', type: 'chat' }, xml('body', {}, 'Art thou not Romeo?'));
 * console.log(message.attribute('to')); // juliet@im.example.com
 * console.log(message.childText('body')); // Art thou not Romeo?
 * ```
 */
export class XmlElement {
  /** The local name. */
  readonly name: string;
  /** The namespace name; empty for none. */
  readonly namespace: string;
  /** The prefix that the element was written with; empty when it had none. */
  readonly prefix: string;
  /** Elements and character data in document order; no two strings are neighbours and none is empty. */
  readonly children: readonly XmlChild[];
  /** @internal */
  readonly attributePairs: AttributePairs;
  /** @internal */
  readonly declarationPairs: DeclarationPairs;

  /** @internal Checks nothing: the reader and {@link xml} have done so. */
  constructor(
    name: string,
    namespace: string,
    prefix: string,
    attributePairs: AttributePairs,
    declarationPairs: DeclarationPairs,
    children: readonly XmlChild[],
  ) {
    this.name = name;
    this.namespace = namespace;
    this.prefix = prefix;
    this.children = children;
    this.attributePairs = attributePairs;
    this.declarationPairs = declarationPairs;
  }

  /** @internal For the reader alone, which has shown the element to nobody yet. */
  complete(children: readonly XmlChild[]): void {
    // `as`: readonly from here on.
    (this as { children: readonly XmlChild[] }).children = children;
  }

  /** Tells whether the element has this expanded name. */
  is(name: string, namespace: string): boolean {
    return this.name === name && this.namespace === namespace;
  }

  /** The value of an attribute; undefined when there is none. `'xml:lang'` is understood as a name. */
  attribute(name: string, namespace: string = ''): string | undefined {
    const pairs = this.attributePairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const each = nameAt(pairs, at);
      if (each.name === name && each.namespace === namespace) return valueAt(pairs, at);
    }
    return name === 'xml:lang' && namespace === '' ? this.attribute('lang', XML_NS) : undefined;
  }

  /** All attributes in document order, declarations of namespaces not among them. Made anew at each call. */
  get attributes(): readonly XmlAttribute[] {
    const attributes: XmlAttribute[] = [];
    const pairs = this.attributePairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const { name, namespace, prefix } = nameAt(pairs, at);
      attributes.push({ name, namespace, prefix, value: valueAt(pairs, at) });
    }
    return attributes;
  }

  /** The namespace declarations written on this very element, by prefix; the empty prefix is the default namespace. */
  get declarations(): ReadonlyMap<string, string> {
    const declarations = new Map<string, string>();
    const pairs = this.declarationPairs;
    for (let at = this.isOpen ? 2 : 0; at < pairs.length; at += 2)
      declarations.set(pairs[at] ?? '', pairs[at + 1] ?? '');
    return declarations;
  }

  /** The first child element of this name, by default in the element's own namespace. */
  child(name: string, namespace: string = this.namespace): XmlElement | undefined {
    for (const child of this.children) {
      if (typeof child !== 'string' && child.name === name && child.namespace === namespace) return child;
    }
    return undefined;
  }

  /** The child elements: all of them, or those of this name, by default in the element's own namespace. */
  childElements(name?: string, namespace: string = this.namespace): readonly XmlElement[] {
    const found: XmlElement[] = [];
    for (const child of this.children) {
      if (typeof child === 'string') continue;
      if (name === undefined || (child.name === name && child.namespace === namespace)) found.push(child);
    }
    return found;
  }

  /** The element's own character data, joined; that of child elements is not in it. */
  get text(): string {
    const { children } = this;
    if (children.length === 0) return '';
    const first = children[0];
    if (children.length === 1) return typeof first === 'string' ? first : '';
    let text = '';
    for (const child of children) if (typeof child === 'string') text += child;
    return text;
  }

  /** The character data of the first child element of this name; undefined when there is no such element. */
  childText(name: string, namespace: string = this.namespace): string | undefined {
    return this.child(name, namespace)?.text;
  }

  /** Tells whether both are the same tree by expanded names. Prefixes, declarations and the order of attributes do not count. */
  equals(other: XmlElement): boolean {
    if (this === other) return true;
    if (this.name !== other.name || this.namespace !== other.namespace) return false;
    if (this.attributePairs.length !== other.attributePairs.length) return false;
    if (this.children.length !== other.children.length) return false;
    const pairs = this.attributePairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const { name, namespace } = nameAt(pairs, at);
      if (other.attribute(name, namespace) !== valueAt(pairs, at)) return false;
    }
    for (let at = 0; at < this.children.length; at++) {
      const mine = this.children[at];
      const theirs = other.children[at];
      if (typeof mine === 'object' && typeof theirs === 'object' ? !mine.equals(theirs) : mine !== theirs) return false;
    }
    return true;
  }

  /**
   * A copy whose strings are its own. A string of a parsed element may keep up to 4 KB of its neighbourhood alive: keep
   * a detached copy of what is to live long.
   */
  detached(): XmlElement {
    return new XmlElement(
      ownString(this.name),
      ownString(this.namespace),
      ownString(this.prefix),
      this.attributePairs.map((part) =>
        typeof part === 'string'
          ? ownString(part)
          : new XmlAttributeName(ownString(part.name), ownString(part.namespace), ownString(part.prefix)),
      ),
      this.declarationPairs.map(ownString),
      this.children.map((child) => (typeof child === 'string' ? ownString(child) : child.detached())),
    );
  }

  /**
   * A copy with one attribute replaced, or removed when the value is undefined. The key is a name, `'xml:lang'`, or
   * `'{namespace}name'`.
   *
   * @throws LocalProtocolError `xml-name-invalid`, `xml-namespace-invalid`, `xml-character-forbidden`.
   */
  withAttribute(key: string, value: string | number | undefined): XmlElement {
    const name = attributeNameOf(key, undefined);
    const pairs: (XmlAttributeName | string)[] = [];
    let placed = value === undefined;
    for (let at = 0; at < this.attributePairs.length; at += 2) {
      const each = nameAt(this.attributePairs, at);
      if (each.name !== name.name || each.namespace !== name.namespace) {
        pairs.push(each, valueAt(this.attributePairs, at));
      } else if (value !== undefined && !placed) {
        pairs.push(each, attributeValueOf(key, value));
        placed = true;
      }
    }
    if (value !== undefined && !placed) pairs.push(name, attributeValueOf(key, value));
    return this.rebuilt(this.namespace, this.declarationPairs, pairs, this.children);
  }

  /**
   * A copy with other children. Elements built without a namespace take this element's.
   *
   * @throws LocalProtocolError `xml-character-forbidden`.
   */
  withChildren(...children: readonly XmlChildInit[]): XmlElement {
    const adopted = normaliseChildren(children, this.isOpen ? undefined : this.namespace);
    return this.rebuilt(this.namespace, this.declarationPairs, this.attributePairs, adopted);
  }

  /** A copy without any child element of this expanded name: all instances go, not just the first. */
  withoutChildren(name: string, namespace: string = this.namespace): XmlElement {
    return this.withChildren(this.children.filter((child) => typeof child === 'string' || !child.is(name, namespace)));
  }

  /** The element as a standalone piece of XML, for people and tests. */
  toString(): string {
    return serializeXml(this);
  }

  /** @internal Built without a namespace and not yet put into a parent that has one. */
  get isOpen(): boolean {
    return this.declarationPairs.length > 0 && this.declarationPairs[0] === OPEN_MARK;
  }

  /** @internal The element as a child of an element of this namespace: itself unless its namespace was left open. */
  adoptedInto(namespace: string): XmlElement {
    if (!this.isOpen) return this;
    const children = this.children.map((child) => (typeof child === 'string' ? child : child.adoptedInto(namespace)));
    return this.rebuilt(namespace, this.declarationPairs.slice(2), this.attributePairs, children);
  }

  private rebuilt(
    namespace: string,
    declarationPairs: DeclarationPairs,
    attributePairs: AttributePairs,
    children: readonly XmlChild[],
  ): XmlElement {
    return new XmlElement(
      this.name,
      namespace,
      this.prefix,
      attributePairs.length === 0 ? NO_ATTRIBUTES : attributePairs,
      declarationPairs.length === 0 ? NO_DECLARATIONS : declarationPairs,
      children,
    );
  }
}

/** In the place of a first prefix: the namespace was left open. No prefix can be this. */
const OPEN_MARK = '?';

/** @internal The start of the declarations of an element whose namespace is left open. */
export const OPEN_DECLARATIONS: DeclarationPairs = [OPEN_MARK, ''];

/** A string that shares no memory with another. Engines copy short ones anyway. */
function ownString(text: string): string {
  return text.length < 13 ? text : (utf8Decode(utf8Encode(text)) ?? text);
}
