/**
 * The compact store behind an element's attributes and declarations: one flat array each, so that an attribute costs two
 * slots and an element without any costs nothing.
 */

/** An attribute as it is seen from outside. */
export interface XmlAttribute {
  /** The local name. */
  readonly name: string;
  /** The namespace name; empty for an attribute without a prefix. */
  readonly namespace: string;
  /** The prefix it was written with, a hint for the writer; empty for none. */
  readonly prefix: string;
  /** The value, normalised and with its references resolved. */
  readonly value: string;
}

/** An attribute's name, shared between all attributes that have it. */
export class XmlAttributeName {
  readonly name: string;
  readonly namespace: string;
  readonly prefix: string;
  /** What the writer puts before a value, where that is always the same: a space, the name, `='`. */
  readonly written: Uint8Array | undefined;

  constructor(name: string, namespace: string, prefix: string, written?: Uint8Array) {
    this.name = name;
    this.namespace = namespace;
    this.prefix = prefix;
    this.written = written;
  }
}

/** `[name, value, name, value, …]`. */
export type AttributePairs = readonly (XmlAttributeName | string)[];
/** `[prefix, namespace, prefix, namespace, …]`; the empty prefix is the default namespace. */
export type DeclarationPairs = readonly string[];

export const NO_ATTRIBUTES: AttributePairs = [];
export const NO_DECLARATIONS: DeclarationPairs = [];

/** The name at an even index of a store. */
export function nameAt(pairs: AttributePairs, index: number): XmlAttributeName {
  // `as`: even places hold names by construction, and a check per read would cost more than the read.
  return pairs[index] as XmlAttributeName;
}

/** The value that belongs to the name at an even index of a store. */
export function valueAt(pairs: AttributePairs, index: number): string {
  // `as`: odd places hold values by construction.
  return pairs[index + 1] as string;
}
