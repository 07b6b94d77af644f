import type { OutputBuffer } from '../bytes/output-buffer.ts';
import { isContentNamespace, STREAM_NS, XML_NS } from '../namespaces.ts';
import { checkedName, checkedNamespace } from './attribute-key.ts';
import { NAME } from './byte-classes.ts';
import { type DeclarationPairs, nameAt, valueAt, type XmlAttributeName } from './attributes.ts';
import type { XmlElement } from './element.ts';
import { appendAttributeValue, appendCharacterData } from './escape.ts';
import { KNOWN_DECLARATIONS } from './name-table.ts';

/** What an {@link XmlWriter} must know of its stream. */
export interface XmlWriterOptions {
  /** The content namespace of the stream; stanzas in another content namespace are mapped to it. Without it nothing is mapped. */
  readonly contentNamespace?: string;
}

const LT = 0x3c;
const GT = 0x3e;
const SLASH = 0x2f;
const SPACE = 0x20;
const COLON = 0x3a;
const APOSTROPHE = 0x27;
const EQUALS = 0x3d;

/**
 * Writes a stream: its header, first-level elements, its closing tag. It never copies blindly: bindings that an element had from
 * another stream's header are declared again, elements of the content namespace have no prefix (RFC 6120 §4.8.5), and a stanza of
 * another content namespace is mapped to that of this stream (§4.8.3).
 *
 * The same calls give the same bytes. A call that throws has written nothing.
 *
 * @example
 * ```ts
 * import { OutputBuffer, xml, XmlWriter } from '@xmpp-wire/core/xml';
 * const output = new OutputBuffer();
 * const writer = new XmlWriter({ contentNamespace: 'jabber:server' }, output);
 * writer.writeHeader(xml('stream:stream', { xmlns: 'jabber:server', 'xmlns:stream': 'http://etherx.jabber.org/streams' }));
 * writer.writeElement(xml('presence', { xmlns: 'jabber:client', to: 'romeo@example.net' }));
 * console.log(new TextDecoder().decode(output.take())); // … <presence to='romeo@example.net'/>
 * ```
 */
export class XmlWriter {
  private readonly output: OutputBuffer;
  private readonly contentNamespace: string | undefined;
  /** Prefixes in scope, innermost last, and the namespaces they are bound to. */
  private readonly prefixes: string[] = [];
  private readonly namespaces: string[] = [];
  private defaultNamespace = '';
  private closingTag = '';

  constructor(options: XmlWriterOptions, output: OutputBuffer) {
    this.output = output;
    this.contentNamespace = options.contentNamespace;
  }

  /**
   * Writes the XML declaration and the start tag of the root. What it declares holds for all that follows.
   *
   * @throws LocalProtocolError as {@link XmlWriter.writeElement}.
   */
  writeHeader(element: XmlElement): void {
    const { output } = this;
    const start = output.length;
    this.unbind(0);
    try {
      // RFC 6120 §11.5: a declaration should precede the stream header; it has no standalone declaration.
      output.appendText("<?xml version='1.0'?>");
      this.name(LT, element.prefix, element.name, false);
      const { declarations } = element;
      this.defaultNamespace = declarations.get('') ?? (element.prefix === '' ? element.namespace : '');
      if (this.defaultNamespace !== '') this.declare('', this.defaultNamespace);
      for (const [prefix, namespace] of declarations)
        if (prefix !== '' && prefix !== 'xml') this.bind(prefix, namespace);
      if (element.prefix !== '' && this.lookUp(element.prefix) !== element.namespace) {
        this.bind(element.prefix, element.namespace);
      }
      this.attributes(element);
      output.appendByte(GT);
      this.closingTag = element.prefix === '' ? `</${element.name}>` : `</${element.prefix}:${element.name}>`;
    } catch (error) {
      output.truncate(start);
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
    const { output, contentNamespace } = this;
    const start = output.length;
    const bindings = this.prefixes.length;
    try {
      const { namespace } = element;
      const mapped = contentNamespace !== undefined && isContentNamespace(namespace) ? namespace : undefined;
      this.element(element, this.defaultNamespace, mapped);
    } catch (error) {
      output.truncate(start);
      this.unbind(bindings);
      throw error;
    }
    return output.length - start;
  }

  /** Writes the closing tag that belongs to the header. */
  writeClosingTag(): void {
    this.output.appendText(this.closingTag);
  }

  /** `mapped` is the content namespace that stands for this stream's; undefined outside of such a tree. */
  private element(element: XmlElement, outerDefault: string, mapped: string | undefined): void {
    const { output } = this;
    const { children } = element;
    // RFC 6120 §4.8.3: mapping goes by inheritance and stops at any other namespace. A forwarded message keeps its own.
    const within = element.namespace === mapped ? mapped : undefined;
    const namespace = within === undefined ? element.namespace : (this.contentNamespace ?? within);
    const bindings = this.prefixes.length;
    const prefix = this.prefixFor(element.prefix, namespace, outerDefault);
    let defaultNamespace = outerDefault;

    const nameStart = output.length + 1;
    this.name(LT, prefix, element.name, false);
    const nameEnd = output.length;
    if (prefix === '') {
      if (namespace !== outerDefault) this.declare('', namespace);
      defaultNamespace = namespace;
    } else if (this.lookUp(prefix) !== namespace) {
      this.bind(prefix, namespace);
    }
    if (element.declarationPairs.length > 0) this.keptDeclarations(element.declarationPairs, prefix, bindings);
    this.attributes(element);
    if (children.length === 0) {
      output.appendTwo(SLASH, GT);
    } else {
      output.appendByte(GT);
      for (const child of children) {
        if (typeof child === 'string') appendCharacterData(output, child);
        else this.element(child, defaultNamespace, within);
      }
      output.appendEndTag(nameStart, nameEnd);
    }
    if (this.prefixes.length > bindings) this.unbind(bindings);
  }

  private prefixFor(hint: string, namespace: string, outerDefault: string): string {
    if (namespace === outerDefault && hint === '') return '';
    if (namespace === STREAM_NS && namespace !== outerDefault) {
      // The prefix of our own header, whatever the peer called it; 'stream' where there is no header.
      const index = this.namespaces.lastIndexOf(STREAM_NS);
      const own = index === -1 ? undefined : this.prefixes[index];
      return own !== undefined && this.lookUp(own) === STREAM_NS ? own : 'stream';
    }
    if (namespace === XML_NS) return 'xml';
    // RFC 6120 §4.8.5: no prefix on elements of the content namespace. Without a namespace there is nothing to bind.
    return hint === '' || namespace === '' || isContentNamespace(namespace) ? '' : hint;
  }

  /** Declarations that the element was written with, where they are legal and say something new here; `own` is its prefix here. */
  private keptDeclarations(declarations: DeclarationPairs, own: string, bindings: number): void {
    for (let at = 0; at < declarations.length; at += 2) {
      const prefix = declarations[at] ?? '';
      const namespace = declarations[at + 1] ?? '';
      if (prefix === '' || prefix === 'xml' || namespace === '' || isContentNamespace(namespace)) continue;
      // The element may have another prefix here than it came with: what that one is bound to is not to be changed.
      if (prefix === own) continue;
      if (this.lookUp(prefix) === namespace || this.prefixes.includes(prefix, bindings)) continue;
      this.bind(prefix, namespace);
    }
  }

  private attributes(element: XmlElement): void {
    const { output } = this;
    const pairs = element.attributePairs;
    for (let at = 0; at < pairs.length; at += 2) {
      const name = nameAt(pairs, at);
      if (name.written === undefined) {
        this.name(SPACE, name.namespace === '' ? '' : this.attributePrefix(name), name.name, true);
      } else {
        output.append(name.written);
      }
      appendAttributeValue(output, valueAt(pairs, at));
    }
  }

  /** A prefix bound to the attribute's namespace: its own if that is free, one in scope, or a new one. */
  private attributePrefix(name: XmlAttributeName): string {
    const { namespace } = name;
    if (namespace === XML_NS) return 'xml';
    if (name.prefix !== '' && this.lookUp(name.prefix) === namespace) return name.prefix;
    for (let at = this.prefixes.length - 1; at >= 0; at--) {
      const prefix = this.prefixes[at] ?? '';
      if (this.namespaces[at] === namespace && this.lookUp(prefix) === namespace) return prefix;
    }
    let { prefix } = name;
    for (let number = 1; prefix === '' || this.prefixes.includes(prefix); number++) prefix = `ns${number}`;
    this.bind(prefix, namespace);
    return prefix;
  }

  private lookUp(prefix: string): string | undefined {
    const index = this.prefixes.lastIndexOf(prefix);
    return index === -1 ? (prefix === 'xml' ? XML_NS : undefined) : this.namespaces[index];
  }

  private bind(prefix: string, namespace: string): void {
    checkedNamespace(namespace, `xmlns:${prefix}`);
    this.declare(prefix, namespace);
    this.prefixes.push(prefix);
    this.namespaces.push(namespace);
  }

  private unbind(length: number): void {
    this.prefixes.length = length;
    this.namespaces.length = length;
  }

  private declare(prefix: string, namespace: string): void {
    const { output } = this;
    const known = prefix === '' ? KNOWN_DECLARATIONS.get(namespace) : undefined;
    if (known !== undefined) {
      output.append(known);
      return;
    }
    if (prefix === '') this.name(SPACE, '', 'xmlns', true);
    else this.name(SPACE, 'xmlns', prefix, true);
    appendAttributeValue(output, namespace);
  }

  /** Appends a byte and a qualified name, and the beginning of a value if it is an attribute's. */
  private name(lead: number, prefix: string, name: string, attribute: boolean): void {
    if (prefix === '') {
      this.part(lead, name, attribute);
    } else {
      this.part(lead, prefix, false);
      this.part(COLON, name, attribute);
    }
  }

  private part(lead: number, name: string, quoted: boolean): void {
    const { output } = this;
    // Of the characters that a name may have and not begin with, all in ASCII come before the letters.
    if (name.charCodeAt(0) >= 0x41 && output.appendName(lead, name, NC_NAME, quoted)) return;
    checkedName(name);
    output.appendByte(lead);
    output.appendText(name);
    if (quoted) output.appendTwo(EQUALS, APOSTROPHE);
  }
}

/** What a name may consist of after its first character, in ASCII. */
const NC_NAME: Uint8Array = NAME.map((allowed, byte) => (byte === COLON ? 0 : allowed));
