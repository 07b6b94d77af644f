/**
 * The little of DER (X.690) that reading a certificate's names and a session's flags takes. Lengths are definite and
 * minimal, tags are of one byte; anything else reads as broken, and broken reads as absent: whoever looks for a name
 * then finds none.
 */

/** One value: its tag byte and its content. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
}

/** Tag bytes: class, constructed bit and number together. */
export const DER = {
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  ia5String: 0x16,
  sequence: 0x30,
  integer: 0x02,
} as const;

/** The tag byte of a context-specific value. */
export function contextTag(number: number, form: 'primitive' | 'constructed'): number {
  return (form === 'constructed' ? 0xa0 : 0x80) | number;
}

/** Reads the values that stand one after the other in some bytes; undefined when they are not DER. */
export function readDer(bytes: Uint8Array): DerValue[] | undefined {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at++] ?? 0;
    const first = bytes[at++];
    // Tags of several bytes do not occur in what is read here; 0x80 would be the indefinite length of BER.
    if ((tag & 0x1f) === 0x1f || first === undefined || first === 0x80) return undefined;
    let length = first;
    if (first > 0x80) {
      const lengthBytes = first & 0x7f;
      if (lengthBytes > 3 || at + lengthBytes > bytes.length) return undefined;
      length = 0;
      for (let end = at + lengthBytes; at < end; at++) length = length * 256 + (bytes[at] ?? 0);
      if (length < 0x80 || length < 256 ** (lengthBytes - 1)) return undefined;
    }
    if (at + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return values;
}

/** Reads bytes that are exactly one value of the given tag, and answers the values inside it; empty when they are not. */
export function readInside(bytes: Uint8Array, tag: number): readonly DerValue[] {
  const values = readDer(bytes);
  const [only] = values ?? [];
  if (only === undefined || values?.length !== 1 || only.tag !== tag) return [];
  return readDer(only.content) ?? [];
}

/** An object identifier in dotted form; undefined for another value. */
export function objectIdentifierOf(value: DerValue | undefined): string | undefined {
  if (value?.tag !== DER.objectIdentifier || value.content.length === 0) return undefined;
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of value.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) return undefined;
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [head = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(head / 40), 2);
  return [root, head - root * 40, ...rest].join('.');
}
