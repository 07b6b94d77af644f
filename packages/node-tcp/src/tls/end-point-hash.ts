import { createHash } from 'node:crypto';
import { signatureAlgorithm } from './certificate.ts';
import { contextTag, objectIdentifierOf, readDer } from './der.ts';

const RSA_PSS = '1.2.840.113549.1.1.10';

/** Hash functions by the object identifier of a signature algorithm that fixes one, or of the hash itself. */
const HASHES: ReadonlyMap<string, string> = new Map([
  // RFC 5929 §4.1: in place of MD5 and SHA-1 stands SHA-256.
  ['1.2.840.113549.1.1.4', 'sha256'], // md5WithRSAEncryption
  ['1.2.840.113549.1.1.5', 'sha256'], // sha1WithRSAEncryption
  ['1.2.840.10045.4.1', 'sha256'], // ecdsa-with-SHA1
  ['1.2.840.10040.4.3', 'sha256'], // dsa-with-sha1
  ['1.3.14.3.2.26', 'sha256'], // id-sha1
  ['1.2.840.113549.1.1.14', 'sha224'],
  ['1.2.840.113549.1.1.11', 'sha256'],
  ['1.2.840.113549.1.1.12', 'sha384'],
  ['1.2.840.113549.1.1.13', 'sha512'],
  ['1.2.840.10045.4.3.1', 'sha224'], // ecdsa-with-SHA224, …
  ['1.2.840.10045.4.3.2', 'sha256'],
  ['1.2.840.10045.4.3.3', 'sha384'],
  ['1.2.840.10045.4.3.4', 'sha512'],
  ['2.16.840.1.101.3.4.3.1', 'sha224'], // dsa-with-sha224, …
  ['2.16.840.1.101.3.4.3.2', 'sha256'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'], // id-sha224, …
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

/**
 * The channel binding `tls-server-end-point` of a server certificate (RFC 5929 §4.1).
 *
 * @param certificate the server's certificate in DER, on both sides of the connection.
 * @returns undefined where the binding is not defined: the signature uses no hash function that is known, as Ed25519.
 */
export function serverEndPoint(certificate: Uint8Array): Uint8Array | undefined {
  const hash = signatureHash(certificate);
  return hash === undefined ? undefined : new Uint8Array(createHash(hash).update(certificate).digest());
}

function signatureHash(certificate: Uint8Array): string | undefined {
  const { oid, parameters } = signatureAlgorithm(certificate);
  if (oid === undefined) return undefined;
  if (oid !== RSA_PSS) return HASHES.get(oid);
  // RFC 4055 §3.1: RSASSA-PSS names its hash in [0] of its parameters; SHA-1 when it does not.
  const fields = readDer(parameters?.content ?? new Uint8Array()) ?? [];
  const named = fields.find(({ tag }) => tag === contextTag(0, 'constructed'));
  if (named === undefined) return 'sha256';
  const [algorithm] = readDer(named.content) ?? [];
  const [hash] = readDer(algorithm?.content ?? new Uint8Array()) ?? [];
  return HASHES.get(objectIdentifierOf(hash) ?? '');
}
