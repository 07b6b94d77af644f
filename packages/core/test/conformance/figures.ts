import { existsSync, readFileSync } from 'node:fs';
import { type StreamErrorCondition } from '../../src/index.ts';
import { parseXml, XmlElement } from '../../src/xml/index.ts';
import { CLOSING, SASL_NS } from '../engine/script.ts';

// The figures of RFC 6120 are no part of this repository. Where they lie beside it every one of them is replayed; the
// same sequences in words of our own are in sequences.test.ts and in test/transcripts, and run everywhere.

/** A header, an element or a closing tag, as printed. */
export interface Item {
  readonly kind: 'stream-open' | 'stream-close' | 'element' | 'placeholder' | 'raw';
  readonly xml: string;
  readonly wellFormed?: boolean;
  readonly name?: string;
}

/** Who says an item; null in figures that have no sides. */
export interface SaidItem extends Item {
  readonly from: string | null;
}

interface Turn {
  readonly from: string | null;
  readonly items: readonly Item[];
}

export interface Example {
  readonly id: string;
  readonly kind: 'exchange' | 'fragment' | 'template';
  readonly turns: readonly Turn[];
  readonly badOnPurpose?: boolean;
  readonly streamError?: StreamErrorCondition;
  readonly stanzaErrors?: readonly { readonly condition: string; readonly type: string }[];
  readonly saslFailure?: string;
}

export interface Session {
  readonly id: string;
  readonly steps: readonly (Turn & { readonly ref: string })[];
}

const folder = new URL('../../../../../shared/vectors/', import.meta.url);

function load(name: string): unknown {
  const file = new URL(name, folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

// The files are lists of what the interfaces describe; this `as` and the next say so.
export const examples: readonly Example[] = load('rfc6120-examples.json') as readonly Example[];
export const sessions: readonly Session[] = load('rfc6120-sessions.json') as readonly Session[];

export const ROOT = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
/** The labels of the side that opens the connection. */
export const INITIATORS: ReadonlySet<string> = new Set(['I', 'C', 'P', 'S1', 'initiating-server', 'client']);

export const isInitiator = ({ from }: SaidItem): boolean => from !== null && INITIATORS.has(from);
export const isReceiver = ({ from }: SaidItem): boolean => from !== null && !INITIATORS.has(from);

/** All items of a figure in their order. */
export function itemsOf({ turns }: Example): readonly SaidItem[] {
  return turns.flatMap(({ from, items }) => items.map((item) => ({ ...item, from })));
}

/** All items of a session in their order. */
export function stepsOf(id: string): readonly (SaidItem & { readonly ref: string })[] {
  return (sessions.find((session) => session.id === id)?.steps ?? []).flatMap(({ from, items, ref }) =>
    items.map((item) => ({ ...item, from, ref })),
  );
}

export function parse(xml: string): XmlElement {
  const parsed = parseXml(xml);
  if (parsed instanceof XmlElement) return parsed;
  throw new Error(`${parsed.violation}: ${parsed.detail}`);
}

/** A tree without layout: what a figure and our own output have in common. */
export function canon(element: XmlElement, without: ReadonlySet<string> = new Set()): unknown {
  const names = ['from', 'to', 'id', 'type', 'version', 'xml:lang', 'mechanism'].filter((name) => !without.has(name));
  return [
    element.namespace,
    element.name,
    Object.fromEntries(names.map((name) => [name, element.attribute(name)])),
    element.children.flatMap((child) =>
      typeof child === 'string' ? (child.trim() === '' ? [] : [child.replaceAll(/\s+/g, '')]) : [canon(child, without)],
    ),
  ];
}

/** What we wrote, item by item. */
export function canonOfWire(wire: string, without: ReadonlySet<string>): readonly unknown[] {
  return wire
    .split(/(?=<\?xml )/)
    .filter((stream) => stream !== '')
    .flatMap((stream) => {
      const isWhole = stream.startsWith('<?xml');
      const closes = stream.endsWith(CLOSING);
      const root = parse(`${isWhole ? '' : ROOT}${stream}${closes ? '' : CLOSING}`);
      return [
        ...(isWhole ? [canon(root.withChildren([]), without)] : []),
        ...root.childElements().map((child) => canon(child, without)),
        ...(closes ? ['closing tag'] : []),
      ];
    });
}

/** An item of a figure in the same form. */
export function canonOfItem(item: Item, without: ReadonlySet<string>): unknown {
  if (item.kind === 'stream-close') return 'closing tag';
  if (item.kind === 'stream-open') {
    return canon(parse(`${item.xml}${item.xml.startsWith('<stream:') ? CLOSING : '</stream>'}`), without);
  }
  return parse(`${ROOT}${asSent(item)}${CLOSING}`)
    .childElements()
    .map((child) => canon(child, without))[0];
}

/** Names alone. */
export const namesOf = (list: readonly unknown[]): readonly unknown[] =>
  list.map((each) => (Array.isArray(each) ? `${each[0]} ${each[1]}` : each));

/** An item as it goes over the wire: base64 and addresses are broken into lines in print. */
export function asSent({ xml, name, kind }: Item): string {
  if (kind === 'stream-open') return `<?xml version='1.0'?>${xml}`;
  const isData = (xml.includes(SASL_NS) && !xml.includes('<mechanisms')) || name === 'iq';
  return isData
    ? xml
        .replaceAll(/>\s+/g, '>')
        .replaceAll(/\s+</g, '<')
        .replaceAll(/(?<=>[^<>]*)\s+(?=[^<>]*<)/g, '')
    : xml;
}
