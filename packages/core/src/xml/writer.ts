import type { OutputBuffer } from '../bytes/output-buffer.ts';
import { isContentNamespace, STREAM_NS, XML_NS } from '../namespaces.ts';
import { checkedName, checkedNamespace } from './attribute-key.ts';
import { nameAt, valueAt, type XmlAttributeName } from './attributes.ts';
import type { XmlElement } from './element.ts';
import { appendEscaped, ATTRIBUTE_CLASSES, TEXT_CLASSES } from './escape.ts';

/** What an {@link XmlWriter} must know of its stream. */
export interface XmlWriterOptions {
  /** The content namespace of the stream; stanzas in another content namespace are mapped to it. Without it nothing is mapped. */
  readonly contentNamespace?: string;
}

/**
 * Writes a stream: its header, first-level elements, its closing tag. It never copies blindly: bindings that an element had from
 * another stream's header are declared again, elements of the content namespace have no prefix (RFC 6120 §4.8.5), and a stanza of
 * another content namespace is mapped to that of this stream (§4.8.3).
 *
 * The same calls give the same bytes. A call that throws has written nothing.
 */
export class XmlWriter {
  readonly #output: OutputBuffer;
  readonly #contentNamespace: string | undefined;
  /** Prefixes in scope, innermost last, and the namespaces they are bound to. */
  readonly #prefixes: string[] = [];
  readonly #namespaces: string[] = [];
  #defaultNamespace = '';
  #closingTag = '';

  constructor(options: XmlWriterOptions, output: OutputBuffer) {
    this.#output = output;
    this.#contentNamespace = options.contentNamespace;
  }

  /**
   * Writes the XML declaration and the start tag of the root. What it declares holds for all that follows.
   *
   * @throws LocalProtocolError as {@link XmlWriter.writeElement}.
   */
  writeHeader(element: XmlElement): void {
    const start = this.#output.length;
    this.#prefixes.length = 0;
    this.#namespaces.length = 0;
    try {
      // RFC 6120 §11.5: a declaration should precede the stream header; it has no standalone declaration.
      this.#ascii("<?xml version='1.0'?><");
      const qualified = element.prefix === '' ? element.name : `${element.prefix}:${element.name}`;
      if (element.prefix !== '') this.#name(element.prefix);
      if (element.prefix !== '') this.#ascii(':');
      this.#name(element.name);
      const { declarations } = element;
      this.#defaultNamespace = declarations.get('') ?? (element.prefix === '' ? element.namespace : '');
      if (this.#defaultNamespace !== '') this.#declare('', this.#defaultNamespace);
      for (const [prefix, namespace] of declarations)
        if (prefix !== '' && prefix !== 'xml') this.#bind(prefix, namespace);
      if (element.prefix !== '' && this.#lookUp(element.prefix) !== element.namespace)
        this.#bind(element.prefix, element.namespace);
      this.#attributes(element);
      this.#ascii('>');
      this.#closingTag = `</${qualified}>`;
    } catch (error) {
      this.#output.truncate(start);
      throw error;
    }
  }

  /**
   * Writes one element and returns the number of bytes it took.
   *
   * @throws LocalProtocolError `xml-name-invalid`, `xml-character-forbidden`, `xml-namespace-invalid`: only for an element
   *   that neither `xml()` nor a reader has made.
   */
  writeElement(element: XmlElement): number {
    const start = this.#output.length;
    const bindings = this.#prefixes.length;
    try {
      const { namespace } = element;
      const mapped = this.#contentNamespace !== undefined && isContentNamespace(namespace) ? namespace : undefined;
      this.#element(element, this.#defaultNamespace, mapped);
    } catch (error) {
      this.#output.truncate(start);
      this.#unbind(bindings);
      throw error;
    }
    return this.#output.length - start;
  }

  /** Writes the closing tag that belongs to the header. */
  writeClosingTag(): void {
    this.#output.appendText(this.#closingTag);
  }

  /** `mapped` is the content namespace that stands for this stream's; undefined outside of such a tree. */
  #element(element: XmlElement, outerDefault: string, mapped: string | undefined): void {
    // RFC 6120 §4.8.3: mapping goes by inheritance and stops at any other namespace. A forwarded message keeps its own.
    const within = element.namespace === mapped ? mapped : undefined;
    const namespace = within === undefined ? element.namespace : (this.#contentNamespace ?? within);
    const bindings = this.#prefixes.length;
    const prefix = this.#prefixFor(element, namespace, outerDefault);
    let defaultNamespace = outerDefault;

    this.#ascii('<');
    if (prefix !== '') {
      this.#name(prefix);
      this.#ascii(':');
    }
    this.#name(element.name);
    if (prefix === '') {
      if (namespace !== outerDefault) this.#declare('', namespace);
      defaultNamespace = namespace;
    } else if (this.#lookUp(prefix) !== namespace) {
      this.#bind(prefix, namespace);
    }
    this.#keptDeclarations(element, bindings);
    this.#attributes(element);
    if (element.children.length === 0) {
      this.#ascii('/>');
    } else {
      this.#ascii('>');
      for (const child of element.children) {
        if (typeof child === 'string') appendEscaped(this.#output, child, TEXT_CLASSES);
        else this.#element(child, defaultNamespace, within);
      }
      this.#ascii('</');
      if (prefix !== '') {
        this.#name(prefix);
        this.#ascii(':');
      }
      this.#name(element.name);
      this.#ascii('>');
    }
    this.#unbind(bindings);
  }

  #prefixFor(element: XmlElement, namespace: string, outerDefault: string): string {
    // RFC 6120 §4.8.5: no prefix on elements of the content namespace. Without a namespace there is nothing to bind.
    if (namespace === '' || isContentNamespace(namespace)) return '';
    if (namespace === XML_NS) return 'xml';
    if (namespace === STREAM_NS && namespace !== outerDefault) {
      // The prefix of our own header, whatever the peer called it; 'stream' where there is no header.
      const index = this.#namespaces.lastIndexOf(STREAM_NS);
      const own = index === -1 ? undefined : this.#prefixes[index];
      return own !== undefined && this.#lookUp(own) === STREAM_NS ? own : 'stream';
    }
    return element.prefix;
  }

  /** Declarations that the element was written with, where they are legal and say something new here. */
  #keptDeclarations(element: XmlElement, bindings: number): void {
    if (element.declarationPairs.length === 0) return;
    for (const [prefix, namespace] of element.declarations) {
      if (prefix === '' || prefix === 'xml' || isContentNamespace(namespace)) continue;
      if (this.#lookUp(prefix) === namespace || this.#prefixes.includes(prefix, bindings)) continue;
      this.#bind(prefix, namespace);
    }
  }

  #attributes(element: XmlElement): void {
    const pairs = element.attributePairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const name = nameAt(pairs, at);
      const prefix = name.namespace === '' ? '' : this.#attributePrefix(name);
      this.#ascii(' ');
      if (prefix !== '') {
        this.#name(prefix);
        this.#ascii(':');
      }
      this.#name(name.name);
      this.#ascii("='");
      appendEscaped(this.#output, valueAt(pairs, at), ATTRIBUTE_CLASSES);
      this.#ascii("'");
    }
  }

  /** A prefix bound to the attribute's namespace: its own if that is free, one in scope, or a new one. */
  #attributePrefix(name: XmlAttributeName): string {
    const { namespace } = name;
    if (namespace === XML_NS) return 'xml';
    if (name.prefix !== '' && this.#lookUp(name.prefix) === namespace) return name.prefix;
    for (let at = this.#prefixes.length - 1; at >= 0; at--) {
      const prefix = this.#prefixes[at] ?? '';
      if (this.#namespaces[at] === namespace && this.#lookUp(prefix) === namespace) return prefix;
    }
    let prefix = name.prefix;
    for (let number = 1; prefix === '' || this.#prefixes.includes(prefix); number++) prefix = `ns${number}`;
    this.#bind(prefix, namespace);
    return prefix;
  }

  #lookUp(prefix: string): string | undefined {
    const index = this.#prefixes.lastIndexOf(prefix);
    return index === -1 ? undefined : this.#namespaces[index];
  }

  #bind(prefix: string, namespace: string): void {
    checkedNamespace(namespace, `xmlns:${prefix}`);
    this.#declare(prefix, namespace);
    this.#prefixes.push(prefix);
    this.#namespaces.push(namespace);
  }

  #unbind(length: number): void {
    this.#prefixes.length = length;
    this.#namespaces.length = length;
  }

  #declare(prefix: string, namespace: string): void {
    this.#ascii(' xmlns');
    if (prefix !== '') {
      this.#ascii(':');
      this.#name(prefix);
    }
    this.#ascii("='");
    appendEscaped(this.#output, namespace, ATTRIBUTE_CLASSES);
    this.#ascii("'");
  }

  #name(name: string): void {
    this.#output.appendText(checkedName(name));
  }

  #ascii(text: string): void {
    this.#output.appendText(text);
  }
}
