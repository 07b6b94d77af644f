/**
 * What one XML reader may spend on its peer. Sizes are bytes on the wire, the others are counts.
 * They are checked while tokenizing, before memory is spent (RFC 6120 §13.12).
 */
export interface XmlLimits {
  /** Bytes of one first-level element, tags and whitespace inside it included; also of the stream header. */
  readonly stanzaBytes: number;
  /** Depth of elements below the stream root; a first-level element has depth 1. */
  readonly depth: number;
  /** Elements in one first-level element, itself included. */
  readonly elements: number;
  /** Attributes of one element, namespace declarations not included. */
  readonly attributes: number;
  /** Namespace declarations in force at one place, the stream header's included. */
  readonly namespaceDeclarations: number;
  /** Bytes of a prefix and a local name together with their colon. */
  readonly nameBytes: number;
  /** Bytes of one attribute value as written. */
  readonly attributeValueBytes: number;
}

/** RFC 6120 §13.12: a deployed server must accept stanzas of at least this many bytes. */
export const MIN_STANZA_BYTES = 10_000;

/** After authentication. 256 KiB: Prosody's default for c2s, half of its s2s; depth and counts: twice what archives send. */
export const DEFAULT_LIMITS: XmlLimits = {
  stanzaBytes: 262_144,
  depth: 128,
  elements: 10_000,
  attributes: 256,
  namespaceDeclarations: 128,
  nameBytes: 1024,
  attributeValueBytes: 65_536,
};

/** Before authentication. ejabberd's pre-authentication budget is 8192 bytes and 32 elements; RFC 6120 §13.12 asks for 10 000 bytes. */
export const DEFAULT_UNAUTHENTICATED_LIMITS: XmlLimits = {
  stanzaBytes: MIN_STANZA_BYTES,
  depth: 16,
  elements: 64,
  attributes: 32,
  namespaceDeclarations: 32,
  nameBytes: 256,
  attributeValueBytes: 4096,
};

/**
 * An initiating entity before authentication. It chose its peer, and features with many mechanisms and the inline features of
 * SASL2 are longer than anything a client sends: four times the bytes and eight times the elements of the other role.
 */
export const DEFAULT_INITIATING_UNAUTHENTICATED_LIMITS: XmlLimits = {
  ...DEFAULT_UNAUTHENTICATED_LIMITS,
  stanzaBytes: 4 * MIN_STANZA_BYTES,
  elements: 512,
};
