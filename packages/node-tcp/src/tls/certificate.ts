import { isUtf8 } from 'node:buffer';
import { contextTag, DER, objectIdentifierOf, readDer, readInside, type DerValue } from './der.ts';

/** The names that a certificate presents in its subjectAltName (RFC 6120 §13.7.1.2). The common name is never one. */
export interface PresentedNames {
  /** DNS-ID: dNSName. */
  readonly dns: readonly string[];
  /** SRV-ID: SRVName of RFC 4985, such as `_xmpp-client.im.example.com`. */
  readonly srv: readonly string[];
  /** XmppAddr (RFC 6120 §13.7.1.4). */
  readonly xmpp: readonly string[];
  /** iPAddress, 4 or 16 bytes each. */
  readonly ip: readonly Uint8Array[];
}

const SUBJECT_ALT_NAME = '2.5.29.17';
const ID_ON_XMPP_ADDR = '1.3.6.1.5.5.7.8.5';
const ID_ON_DNS_SRV = '1.3.6.1.5.5.7.8.7';
const OTHER_NAME = contextTag(0, 'constructed');
const DNS_NAME = contextTag(2, 'primitive');
const IP_ADDRESS = contextTag(7, 'primitive');
const EXTENSIONS = contextTag(3, 'constructed');

/** Reads the names out of a certificate in DER. What is malformed or unknown is no name. */
export function presentedNames(certificate: Uint8Array): PresentedNames {
  const dns: string[] = [];
  const srv: string[] = [];
  const xmpp: string[] = [];
  const ip: Uint8Array[] = [];
  for (const { tag, content } of subjectAltNames(certificate)) {
    if (tag === DNS_NAME) addText(dns, ascii(content));
    else if (tag === IP_ADDRESS) ip.push(content);
    else if (tag === OTHER_NAME) {
      const { type, value } = otherName(content);
      if (type === ID_ON_DNS_SRV && value?.tag === DER.ia5String) addText(srv, ascii(value.content));
      if (type === ID_ON_XMPP_ADDR && value?.tag === DER.utf8String) addText(xmpp, utf8(value.content));
    }
  }
  return { dns, srv, xmpp, ip };
}

/** The signature algorithm of a certificate, with its parameters where it has any. */
export function signatureAlgorithm(certificate: Uint8Array): {
  oid: string | undefined;
  parameters: DerValue | undefined;
} {
  // RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }.
  const [, algorithm] = readInside(certificate, DER.sequence);
  const [oid, parameters] = (algorithm?.tag === DER.sequence ? readDer(algorithm.content) : undefined) ?? [];
  return { oid: objectIdentifierOf(oid), parameters };
}

function subjectAltNames(certificate: Uint8Array): readonly DerValue[] {
  const [tbs] = readInside(certificate, DER.sequence);
  const fields = (tbs?.tag === DER.sequence ? readDer(tbs.content) : undefined) ?? [];
  const wrapped = fields.find(({ tag }) => tag === EXTENSIONS);
  if (wrapped === undefined) return [];
  for (const extension of readInside(wrapped.content, DER.sequence)) {
    // RFC 5280 §4.1: Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING }.
    const parts = (extension.tag === DER.sequence ? readDer(extension.content) : undefined) ?? [];
    const value = parts.at(-1);
    if (objectIdentifierOf(parts[0]) === SUBJECT_ALT_NAME && value?.tag === DER.octetString) {
      return readInside(value.content, DER.sequence);
    }
  }
  return [];
}

// RFC 5280 §4.2.1.6: OtherName ::= SEQUENCE { type-id, value [0] EXPLICIT ANY }.
function otherName(content: Uint8Array): { type: string | undefined; value: DerValue | undefined } {
  const [type, wrapped] = readDer(content) ?? [];
  const values = wrapped?.tag === OTHER_NAME ? readDer(wrapped.content) : undefined;
  return { type: objectIdentifierOf(type), value: values?.length === 1 ? values[0] : undefined };
}

// A NUL or a control character in a name was the way to fool whoever reads it as a C string: such a name is none.
function ascii(content: Uint8Array): string | undefined {
  return content.every((byte) => byte > 0x20 && byte < 0x7f) ? Buffer.from(content).toString('latin1') : undefined;
}

function utf8(content: Uint8Array): string | undefined {
  return isUtf8(content) && content.every((byte) => byte > 0x1f) ? Buffer.from(content).toString('utf8') : undefined;
}

function addText(names: string[], name: string | undefined): void {
  if (name !== undefined) names.push(name);
}
