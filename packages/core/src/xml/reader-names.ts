import type { TextCodec } from '../bytes/text-codec.ts';
import {
  HeadTable,
  KNOWN_HEADS as IMPORTED_HEADS,
  KNOWN_NAMES as IMPORTED_NAMES,
  KNOWN_NAMESPACES as IMPORTED_NAMESPACES,
  NAME_PLACES,
  type NameProblem,
  type NameRecord,
  NameTable,
  readName,
} from './name-table.ts';

// Constants of this module: see scanner.ts.
const KNOWN_HEADS = IMPORTED_HEADS;
const KNOWN_NAMES = IMPORTED_NAMES;
const KNOWN_NAMESPACES = IMPORTED_NAMESPACES;

/** So many names of its own a reader remembers at a time. */
const OWN_NAMES = 64;
const NO_NAMES: readonly (NameRecord | undefined)[] = Array.from({ length: NAME_PLACES }, () => undefined);

/** The names that one reader knows: those of the RFCs, and its peer's own as long as it is busy. */
export class ReaderNames {
  private readonly codec: TextCodec;
  private names: NameTable | undefined;
  private heads: HeadTable | undefined;
  private namespaces: NameTable | undefined;
  /** For each {@link NameRecord.place} of an element the default namespace that it declared last time. */
  usualNamespaces: (NameRecord | undefined)[] = NO_NAMES.slice();

  constructor(codec: TextCodec) {
    this.codec = codec;
  }

  /** The record of the name at `start`, if it is known; `head` are its first four bytes (see {@link HeadTable}). */
  at(view: DataView, start: number, head: number, end: number): NameRecord | undefined {
    return KNOWN_HEADS.at(view, start, head, end) ?? this.heads?.at(view, start, head, end);
  }

  /** The record of a qualified name; `low` and `high` are its last eight bytes (see {@link NameTable}). */
  find(bytes: Uint8Array, start: number, length: number, low: number, high: number): NameRecord | NameProblem {
    return KNOWN_NAMES.find(bytes, start, length, low, high) ?? this.own(bytes, start, length, low, high);
  }

  /** The record of a namespace name, which is ASCII. */
  findNamespace(bytes: Uint8Array, start: number, end: number): NameRecord {
    const length = end - start;
    let low = 0;
    let high = 0;
    for (let at = Math.max(start, end - 8); at < end; at++) {
      high = (high << 8) | (low >>> 24);
      // `as`: the caller's span is inside of the array.
      low = (low << 8) | (bytes[at] as number);
    }
    const found =
      KNOWN_NAMESPACES.find(bytes, start, length, low, high) ?? this.namespaces?.find(bytes, start, length, low, high);
    if (found !== undefined) return found;
    this.namespaces ??= new NameTable(OWN_NAMES, 1024);
    return this.namespaces.add(bytes, start, length, low, high, this.codec.latin1(bytes, start, end));
  }

  /** Forgets what followed what: names that were legal need not be any more. */
  forget(): void {
    this.usualNamespaces = NO_NAMES.slice();
  }

  /** Gives the memory of the peer's own names back. */
  drop(): void {
    if (this.names === undefined && this.namespaces === undefined) return;
    this.names = undefined;
    this.heads = undefined;
    this.namespaces = undefined;
    this.forget();
  }

  private own(bytes: Uint8Array, start: number, length: number, low: number, high: number): NameRecord | NameProblem {
    const own = this.names?.find(bytes, start, length, low, high);
    if (own !== undefined) return own;
    const name = readName(this.codec, bytes, start, start + length);
    if (typeof name === 'string') return name;
    this.names ??= new NameTable(OWN_NAMES, 512);
    this.heads ??= new HeadTable(7);
    const record = this.names.add(bytes, start, length, low, high, name.text);
    this.heads.add(record);
    return record;
  }
}
