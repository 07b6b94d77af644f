/**
 * Names as bytes, looked up without making a string: one frozen table for the names of the RFCs, and a small overlay in each
 * reader for the peer's own. No state is shared between connections.
 */
import type { TextCodec } from '../bytes/text-codec.ts';
import { utf8Encode } from '../bytes/utf8.ts';
import { XML_NS } from '../namespaces.ts';
import { type DeclarationPairs, XmlAttributeName } from './attributes.ts';
import { NAME as NAME_CLASSES } from './byte-classes.ts';
import { isNcName } from './chars.ts';

const NAME = NAME_CLASSES;

/** What a name means as an attribute. */
export const PLAIN = 0;
/** It has a prefix that is to be looked up. */
export const PREFIXED = 1;
/** It is `xmlns`. */
export const DEFAULT_DECLARATION = 2;
/** It is `xmlns:…`. */
export const PREFIX_DECLARATION = 3;

/** How many {@link NameRecord.place} there are. */
export const NAME_PLACES = 64;

/** A qualified name, or a namespace name, with its bytes. */
export class NameRecord {
  /** The bytes are `pool[offset, offset + length)`. */
  readonly pool: Uint8Array;
  readonly offset: number;
  readonly length: number;
  /** The last four bytes, and the four before them, as numbers: for most names that is all of it. */
  readonly low: number;
  readonly high: number;
  /** The first four bytes as a number, the first one lowest; 0 in the place of those that a shorter name does not have. */
  readonly head: number;
  /** The bits of {@link NameRecord.head} that the name has. */
  readonly headMask: number;
  /** The last four bytes likewise. */
  readonly tail: number;
  /** The words between the two; the last of them may share bytes with the tail. */
  readonly middle: Int32Array;
  /** A bit, which other names may have too. */
  readonly bit: number;
  /** A number below {@link NAME_PLACES}, which other names may have too: where the reader keeps what it knows of this one. */
  readonly place: number;
  /** As written. */
  readonly text: string;
  readonly prefix: string;
  readonly local: string;
  readonly kind: number;
  /** The name as an attribute's; with a prefix other than `xml` its namespace is still empty. */
  readonly attribute: XmlAttributeName;
  /** The store of an element that declares this, as a namespace name, as its default namespace and declares nothing else. */
  readonly declaration: DeclarationPairs;

  constructor(
    pool: Uint8Array,
    offset: number,
    length: number,
    low: number,
    high: number,
    text: string,
    known: boolean,
  ) {
    const colon = text.indexOf(':');
    this.pool = pool;
    this.offset = offset;
    this.length = length;
    this.low = low;
    this.high = high;
    this.head = wordOf(pool, offset, Math.min(length, 4));
    this.headMask = length >= 4 ? -1 : (1 << (length * 8)) - 1;
    this.tail = wordOf(pool, offset + Math.max(0, length - 4), Math.min(length, 4));
    this.middle =
      length <= 8
        ? NO_WORDS
        : Int32Array.from({ length: (length - 5) >> 2 }, (_, word) => wordOf(pool, offset + 4 + word * 4, 4));
    const hashed = hash(low, high, length);
    this.bit = 1 << hashed;
    this.place = (hashed >>> 15) & (NAME_PLACES - 1);
    this.text = text;
    this.prefix = colon === -1 ? '' : text.slice(0, colon);
    this.local = colon === -1 ? text : text.slice(colon + 1);
    this.kind =
      colon === -1
        ? text === 'xmlns'
          ? DEFAULT_DECLARATION
          : PLAIN
        : this.prefix === 'xmlns'
          ? PREFIX_DECLARATION
          : PREFIXED;
    const written = known && this.kind !== PREFIXED ? utf8Encode(` ${text}='`) : undefined;
    this.attribute = new XmlAttributeName(this.local, this.prefix === 'xml' ? XML_NS : '', this.prefix, written);
    this.declaration = ['', text];
  }

  /** The same as {@link NameRecord.matches}, four bytes at a time. At least four bytes can be read from `start` on. */
  stands(view: DataView, start: number): boolean {
    if (((view.getInt32(start, true) ^ this.head) & this.headMask) !== 0) return false;
    const { length } = this;
    return length <= 4 || this.goesOn(view, start, length);
  }

  /** The head is there; is the rest? */
  goesOn(view: DataView, start: number, length: number): boolean {
    if (view.getInt32(start + length - 4, true) !== this.tail) return false;
    if (length <= 8) return true;
    const { middle } = this;
    let at = start + 4;
    for (let word = 0; word < middle.length; word++, at += 4)
      if (middle[word] !== view.getInt32(at, true)) return false;
    return true;
  }

  matches(bytes: Uint8Array, start: number, length: number = this.length): boolean {
    const { pool, offset } = this;
    for (let at = 0; at < length; at++) if (pool[offset + at] !== bytes[start + at]) return false;
    return true;
  }
}

/**
 * An open-addressing table of names by their first four bytes. It answers with what stands at a place, whatever its length: for
 * the scanner, which has not looked for the end of the name yet.
 */
export class HeadTable {
  private readonly slots: (NameRecord | undefined)[];
  private readonly shift: number;

  constructor(bits: number) {
    this.slots = Array.from({ length: (1 << bits) + MAX_PROBES }, () => undefined);
    this.shift = 32 - bits;
  }

  /** The name at `start`, of which `head` is the head; whole, so that no character of a name follows it. */
  at(view: DataView, start: number, head: number, end: number): NameRecord | undefined {
    let slot = Math.imul(head, 0x9e37_79b1) >>> this.shift;
    for (;;) {
      const record = this.slots[slot++];
      if (record === undefined) return undefined;
      if (record.head !== head) continue;
      const { length } = record;
      if (start + length >= end || (length > 4 && !record.goesOn(view, start, length))) continue;
      if (NAME[view.getUint8(start + length)] === 0) return record;
    }
  }

  add(record: NameRecord): void {
    const first = Math.imul(record.head, 0x9e37_79b1) >>> this.shift;
    // The last slot stays empty: it ends the search.
    for (let slot = first; slot < first + MAX_PROBES && slot + 1 < this.slots.length; slot++) {
      if (this.slots[slot] !== undefined) continue;
      this.slots[slot] = record;
      return;
    }
  }
}

/** Probes before a name counts as not in the table: hostile names cannot make a look-up long. */
const MAX_PROBES = 8;

/**
 * An open-addressing table of {@link NameRecord}. A name is asked for with its last eight bytes as two numbers, which the scanner
 * has from passing over it: `high = (high << 8) | (low >>> 24); low = (low << 8) | byte`.
 */
export class NameTable {
  private readonly slots: (NameRecord | undefined)[];
  private readonly mask: number;
  private readonly capacity: number;
  private pool: Uint8Array;
  private readonly poolBytes: number;
  private poolLength = 0;
  private size = 0;

  constructor(capacity: number, poolBytes: number) {
    let slots = 8;
    while (slots < capacity * 2) slots *= 2;
    this.slots = Array.from({ length: slots }, () => undefined);
    this.mask = slots - 1;
    this.capacity = capacity;
    this.pool = new Uint8Array(poolBytes);
    this.poolBytes = poolBytes;
  }

  /** The record of the name `bytes[start, start + length)`; undefined when the table has none. */
  find(bytes: Uint8Array, start: number, length: number, low: number, high: number): NameRecord | undefined {
    let slot = hash(low, high, length);
    for (let probe = 0; probe < MAX_PROBES; probe++, slot++) {
      const record = this.slots[slot & this.mask];
      if (record === undefined) return undefined;
      if (record.low !== low || record.high !== high || record.length !== length) continue;
      if (length <= 8 || record.matches(bytes, start, length - 8)) return record;
    }
    return undefined;
  }

  /** Adds a name that {@link NameTable.find} does not know; one that finds no place gets a record of its own. */
  add(
    bytes: Uint8Array,
    start: number,
    length: number,
    low: number,
    high: number,
    text: string,
    known: boolean = false,
  ): NameRecord {
    const offset = this.store(bytes, start, start + length);
    const record = new NameRecord(this.pool, offset, length, low, high, text, known);
    let slot = hash(low, high, length);
    for (let probe = 0; probe < MAX_PROBES && this.size < this.capacity; probe++, slot++) {
      if (this.slots[slot & this.mask] !== undefined) continue;
      this.slots[slot & this.mask] = record;
      this.size++;
      break;
    }
    return record;
  }

  private store(bytes: Uint8Array, start: number, end: number): number {
    if (this.poolLength + end - start > this.pool.length) {
      // Records made so far keep the pool they were made in.
      this.pool = new Uint8Array(Math.max(this.poolBytes, end - start));
      this.poolLength = 0;
    }
    const offset = this.poolLength;
    this.pool.set(bytes.subarray(start, end), offset);
    this.poolLength += end - start;
    return offset;
  }
}

// The factors were searched for: the names that share a tag in common stanzas have different bits.
function hash(low: number, high: number, length: number): number {
  const mixed = Math.imul(low, 0x34ee_945f) ^ Math.imul(high + length, 0xb93a_c705);
  return mixed ^ (mixed >>> 15);
}

const NO_WORDS = new Int32Array(0);

function wordOf(bytes: Uint8Array, start: number, length: number): number {
  let word = 0;
  for (let at = 0; at < length; at++) word |= (bytes[start + at] ?? 0) << (at * 8);
  return word;
}

/** A table that will not change: built once, shared by all readers. */
function knownTable(list: readonly string[], heads?: HeadTable): NameTable {
  const table = new NameTable(list.length * 2, list.join('').length);
  for (const name of list) {
    const bytes = utf8Encode(name);
    let low = 0;
    let high = 0;
    for (const byte of bytes) {
      high = (high << 8) | (low >>> 24);
      low = (low << 8) | byte;
    }
    const { length } = bytes;
    if (table.find(bytes, 0, length, low, high) !== undefined) continue;
    const record = table.add(bytes, 0, length, low, high, name, true);
    heads?.add(record);
  }
  return table;
}

function listed(names: string): readonly string[] {
  // A property key is the engine's one copy of a string: comparing it with a literal compares two pointers.
  return Object.keys(
    Object.fromEntries(
      names
        .trim()
        .split(/\s+/)
        .map((name) => [name, 0]),
    ),
  );
}

const NAMES = listed(`
  stream:stream stream:features stream:error stream features message presence iq body subject thread parent show status priority
  error text bind jid resource session required optional starttls proceed failure mechanisms mechanism auth challenge response success
  abort aborted account-disabled credentials-expired encryption-required incorrect-encoding invalid-authzid invalid-mechanism
  malformed-request mechanism-too-weak not-authorized temporary-auth-failure bad-request conflict feature-not-implemented forbidden gone
  internal-server-error item-not-found jid-malformed not-acceptable not-allowed policy-violation recipient-unavailable redirect
  registration-required remote-server-not-found remote-server-timeout resource-constraint service-unavailable subscription-required
  undefined-condition unexpected-request bad-format bad-namespace-prefix connection-timeout host-gone host-unknown improper-addressing
  invalid-from invalid-namespace invalid-xml not-well-formed remote-connection-failed reset restricted-xml see-other-host system-shutdown
  unsupported-encoding unsupported-feature unsupported-stanza-type unsupported-version
  from to id type version xml:lang xmlns xmlns:stream xmlns:db xmlns:xml name code by lang
  query item group subscription ask ver approved pre-approval
  r a h enable enabled resume resumed failed sm max location previd
  ping time tzo utc c node hash x delay stamp active composing paused inactive gone request received sent private forwarded result fin set
  first last count before after index queryid complete stable start end with field value var label title instructions reported option
  identity feature category item items pubsub publish retract event subscribe unsubscribe affiliation affiliations role reason nick
  actor history password destroy invite decline continue status photo vCard FN URL data sha-1 store no-store no-copy no-permanent-store
  origin-id stanza-id encrypted header key rid sid iv payload prekey encryption namespace reply replace reaction reactions fallback
  markable displayed acknowledged attach-to sims media-sharing url desc size media-type file open close address addresses
  db:result db:verify handshake carbons blocklist block unblock command note actions next prev execute
`);

/** Qualified names of RFC 6120, RFC 6121 and of the extensions that most traffic consists of. */
export const KNOWN_HEADS: HeadTable = new HeadTable(10);
export const KNOWN_NAMES: NameTable = knownTable(NAMES, KNOWN_HEADS);

const NAMESPACES = listed(`
  http://etherx.jabber.org/streams jabber:client jabber:server jabber:component:accept jabber:server:dialback
  urn:ietf:params:xml:ns:xmpp-tls urn:ietf:params:xml:ns:xmpp-sasl urn:ietf:params:xml:ns:xmpp-bind urn:ietf:params:xml:ns:xmpp-session
  urn:ietf:params:xml:ns:xmpp-streams urn:ietf:params:xml:ns:xmpp-stanzas urn:ietf:params:xml:ns:xmpp-framing
  http://www.w3.org/XML/1998/namespace jabber:iq:roster jabber:iq:version jabber:iq:register jabber:iq:private jabber:iq:last
  jabber:x:data jabber:x:oob jabber:x:delay jabber:x:conference jabber:iq:auth vcard-temp vcard-temp:x:update
  http://jabber.org/protocol/disco#info http://jabber.org/protocol/disco#items http://jabber.org/protocol/caps
  http://jabber.org/protocol/chatstates http://jabber.org/protocol/muc http://jabber.org/protocol/muc#user
  http://jabber.org/protocol/muc#admin http://jabber.org/protocol/muc#owner http://jabber.org/protocol/pubsub
  http://jabber.org/protocol/pubsub#event http://jabber.org/protocol/pubsub#owner http://jabber.org/protocol/rsm
  http://jabber.org/protocol/commands http://jabber.org/protocol/nick http://jabber.org/protocol/ibb http://jabber.org/protocol/address
  http://jabber.org/protocol/xhtml-im http://www.w3.org/1999/xhtml urn:xmpp:ping urn:xmpp:time urn:xmpp:delay urn:xmpp:receipts
  urn:xmpp:carbons:2 urn:xmpp:forward:0 urn:xmpp:mam:2 urn:xmpp:sid:0 urn:xmpp:sm:3 urn:xmpp:csi:0 urn:xmpp:blocking urn:xmpp:hints
  urn:xmpp:chat-markers:0 urn:xmpp:message-correct:0 urn:xmpp:eme:0 urn:xmpp:reply:0 urn:xmpp:reactions:0 urn:xmpp:fallback:0
  urn:xmpp:avatar:data urn:xmpp:avatar:metadata urn:xmpp:bookmarks:1 urn:xmpp:http:upload:0 urn:xmpp:attention:0 urn:xmpp:idle:1
  urn:xmpp:sasl:2 urn:xmpp:bind:0 urn:xmpp:fast:0 urn:xmpp:sasl-cb:0 urn:xmpp:features:rosterver urn:xmpp:features:pre-approval
  urn:xmpp:features:dialback eu.siacs.conversations.axolotl urn:xmpp:omemo:2 urn:xmpp:push:0 urn:xmpp:jingle:1 urn:xmpp:styling:0
`);

/** Namespace names likewise. */
export const KNOWN_NAMESPACES: NameTable = knownTable(NAMESPACES);

/** The declarations that make each of these the default namespace, as bytes. */
export const KNOWN_DECLARATIONS: ReadonlyMap<string, Uint8Array> = new Map(
  NAMESPACES.map((name) => [name, utf8Encode(` xmlns='${name}'`)]),
);

/** Why bytes are no qualified name. */
export type NameProblem = 'invalid-utf8' | 'invalid-name';

/** The text of a qualified name that is not in a table yet, or what is wrong with it (Namespaces in XML 1.0, production [7] QName). */
export function readName(
  codec: TextCodec,
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly text: string } | NameProblem {
  const text = codec.utf8(bytes, start, end);
  if (text === undefined) return 'invalid-utf8';
  const colon = text.indexOf(':');
  const legal = colon === -1 ? isNcName(text) : isNcName(text.slice(0, colon)) && isNcName(text.slice(colon + 1));
  return legal ? { text } : 'invalid-name';
}
