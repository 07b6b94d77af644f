import { DEFAULT_LIMITS } from '@xmpp-wire/core';
import { utf8Decode, utf8Encode } from '@xmpp-wire/core/adapter';
import { XmlStreamReader, type XmlElement, type XmlStreamEvent } from '@xmpp-wire/core/xml';
import { ANYTHING } from './condition.ts';

/** Something that an entity sends, as far as it is compared. */
export type Item =
  | { readonly type: 'header' | 'element'; readonly element: XmlElement }
  | { readonly type: 'closing-tag' }
  | { readonly type: 'whitespace' };

/** What one entity sends, read as the streams it consists of: each header begins a new one (RFC 6120 §4.3.3). */
export class Tape {
  #reader: XmlStreamReader | undefined;
  #pending: Uint8Array = new Uint8Array();
  /** How many bytes of `pending` the reader has. */
  #fed = 0;

  /** What was sent and not taken yet. */
  get pending(): Uint8Array {
    return this.#pending;
  }

  append(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#pending.length + bytes.length);
    all.set(this.#pending);
    all.set(bytes, this.#pending.length);
    this.#pending = all;
  }

  /** Takes these bytes, if they come next. A tape that is read this way is not read as items. */
  takeBytes(bytes: Uint8Array): boolean {
    if (!bytes.every((byte, at) => byte === this.#pending[at])) return false;
    this.#pending = this.#pending.subarray(bytes.length);
    return true;
  }

  /** Takes white space between items; false when something else comes next. */
  takeWhitespace(): boolean {
    if (this.#reader !== undefined) {
      const taken = this.take(1, false);
      return typeof taken !== 'string' && taken.items[0]?.type === 'whitespace';
    }
    const length = /^[ \t\r\n]*/.exec(describeBytes(this.#pending))?.[0].length ?? 0;
    this.#pending = this.#pending.subarray(length);
    return length > 0;
  }

  /** Takes so many items; a text in their place says why that cannot be. `atHeader`: a stream begins here. */
  take(count: number, atHeader: boolean): { readonly items: readonly Item[]; readonly bytes: Uint8Array } | string {
    if (atHeader) {
      this.#reader = undefined;
      this.#fed = 0;
    }
    const reader = (this.#reader ??= new XmlStreamReader({ limits: DEFAULT_LIMITS }));
    reader.receive(this.#pending.subarray(this.#fed));
    this.#fed = this.#pending.length;
    const items: Item[] = [];
    while (items.length < count) {
      const event = reader.next();
      if (event === undefined) return 'nothing more was sent';
      const item = itemOf(event);
      if (typeof item === 'string') return item;
      items.push(item);
    }
    const length = this.#pending.length - reader.bufferedInput;
    const bytes = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#fed = this.#pending.length;
    return { items, bytes };
  }
}

/** Reads the texts of the lines of one entity, which are streams as the real ones are. White space between items does not count. */
export class ItemReader {
  #reader: XmlStreamReader | undefined;
  /** The stream so far, since its header. */
  #stream: Uint8Array[] = [];

  /** The items of a line; a text in their place says what is wrong with it. */
  read(text: string, bytes: Uint8Array): readonly Item[] | string {
    if (beginsStream(text) || this.#reader === undefined) {
      this.#reader = new XmlStreamReader({ limits: DEFAULT_LIMITS });
      this.#stream = [];
    }
    this.#stream.push(bytes);
    this.#reader.receive(bytes);
    const items = itemsOf(this.#reader);
    if (typeof items === 'string') return items;
    if (items.length === 0 || endsAmidst(this.#stream)) return 'it is no whole element, header or closing tag';
    return items;
  }
}

function itemsOf(reader: XmlStreamReader): readonly Item[] | string {
  const items: Item[] = [];
  for (let event = reader.next(); event !== undefined; event = reader.next()) {
    const item = itemOf(event);
    if (typeof item === 'string') return item;
    if (item.type !== 'whitespace') items.push(item);
  }
  return items;
}

const PROBE = utf8Encode("<probe xmlns='urn:example:probe'/>");

/** Tells whether a stream ends in the middle of something: then an element behind it is none of its first level. */
function endsAmidst(stream: readonly Uint8Array[]): boolean {
  const reader = new XmlStreamReader({ limits: DEFAULT_LIMITS });
  for (const bytes of [...stream, PROBE]) reader.receive(bytes);
  const events: XmlStreamEvent[] = [];
  for (let event = reader.next(); event !== undefined && event.type !== 'violation'; event = reader.next())
    events.push(event);
  const last = events.at(-1);
  return last?.type !== 'closing-tag' && !(last?.type === 'element' && last.element.name === 'probe');
}

/** Tells whether a text begins with an XML declaration or a stream header. */
export function beginsStream(text: string): boolean {
  return /^<(\?xml|([A-Za-z]+:)?stream[\s>])/.test(text);
}

/** Tells whether what came is what was expected, by XML and not by bytes. */
export function matches(expected: Item, actual: Item): boolean {
  if (!('element' in expected) || !('element' in actual)) return expected.type === actual.type;
  if (expected.type !== actual.type) return false;
  if (expected.type === 'header' && expected.element.declarations.get('') !== actual.element.declarations.get(''))
    return false;
  return sameElement(expected.element, actual.element);
}

/** An item for people. */
export function describeItem(item: Item): string {
  switch (item.type) {
    case 'header':
      return item.element.toString().replace(/\/>$/, '>');
    case 'element':
      return item.element.toString();
    case 'closing-tag':
      return 'the closing tag';
    case 'whitespace':
      return 'white space';
  }
}

/** Bytes for people. */
export function describeBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'nothing' : (utf8Decode(bytes) ?? [...bytes].join(' '));
}

function itemOf(event: XmlStreamEvent): Item | string {
  return event.type === 'violation' ? `it is no XML of a stream: ${event.violation}: ${event.detail}` : event;
}

function sameElement(expected: XmlElement, actual: XmlElement): boolean {
  if (expected.name !== actual.name || expected.namespace !== actual.namespace) return false;
  const attributes = expected.attributes;
  if (attributes.length !== actual.attributes.length) return false;
  for (const { name, namespace, value } of attributes)
    if (!sameText(value, actual.attribute(name, namespace))) return false;
  const wanted = contentOf(expected);
  const found = contentOf(actual);
  return (
    wanted.length === found.length &&
    wanted.every((child, at) => {
      const other = found[at];
      return typeof child === 'object' && typeof other === 'object'
        ? sameElement(child, other)
        : typeof child === 'string' && typeof other === 'string' && sameText(withoutLayout(child), other);
    })
  );
}

/** Beside elements, white space is layout. */
function contentOf(element: XmlElement): readonly (XmlElement | string)[] {
  const { children } = element;
  if (!children.some((child) => typeof child === 'object')) return children;
  return children.filter((child) => typeof child === 'object' || child.trim() !== '');
}

/** Around character data, white space with a line break in it is layout of the transcript. */
function withoutLayout(text: string): string {
  return text.replace(/^\s*\n\s*/, '').replace(/\s*\n\s*$/, '');
}

function sameText(expected: string, actual: string | undefined): boolean {
  return expected === ANYTHING ? actual !== undefined && actual !== '' : expected === actual;
}
