import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { serverEndPoint } from '../../src/tls/end-point-hash.ts';
import { makeAuthority, type SigningAlgorithm } from '../support/certificates.ts';
import { der, oid } from '../support/der-writer.ts';

const certificateBy = async (algorithm: SigningAlgorithm) => (await makeAuthority('CA', algorithm)).der;
const ec = (hash: string, namedCurve = 'P-256') => ({ name: 'ECDSA', namedCurve, hash });
const digest = (hash: string, bytes: Uint8Array) => new Uint8Array(createHash(hash).update(bytes).digest());

/** As much of a certificate as matters here. */
const withSignature = (...algorithm: Buffer[]) =>
  new Uint8Array(der(0x30, der(0x30), der(0x30, ...algorithm), der(3, [0])));
const NULL = der(5);

describe('tls-server-end-point (RFC 5929 §4.1)', () => {
  it.each<[string, SigningAlgorithm, string]>([
    ['ECDSA with SHA-256', ec('SHA-256'), 'sha256'],
    ['ECDSA with SHA-384', ec('SHA-384', 'P-384'), 'sha384'],
    ['ECDSA with SHA-512', ec('SHA-512'), 'sha512'],
    ['ECDSA with SHA-1', ec('SHA-1'), 'sha256'],
    ['RSA with SHA-256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, 'sha256'],
    ['RSA with SHA-384', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-384' }, 'sha384'],
    ['RSA with SHA-1', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-1' }, 'sha256'],
  ])('hashes a certificate signed by %s', async (_, algorithm, hash) => {
    const certificate = await certificateBy(algorithm);
    expect(serverEndPoint(certificate)).toEqual(digest(hash, certificate));
  });

  it('is not defined for Ed25519, which has no hash of its own', async () => {
    expect(serverEndPoint(await certificateBy({ name: 'Ed25519' }))).toBeUndefined();
  });

  it.each([
    ['MD5 with RSA', '1.2.840.113549.1.1.4', 'sha256'],
    ['SHA-224 with RSA', '1.2.840.113549.1.1.14', 'sha224'],
    ['SHA-512 with RSA', '1.2.840.113549.1.1.13', 'sha512'],
  ])('hashes by the object identifier: %s', (_, dotted, hash) => {
    const certificate = withSignature(oid(dotted), NULL);
    expect(serverEndPoint(certificate)).toEqual(digest(hash, certificate));
  });

  it.each([
    ['SHA-384', '2.16.840.1.101.3.4.2.2', 'sha384'],
    ['SHA-1', '1.3.14.3.2.26', 'sha256'],
  ])('reads the hash out of the parameters of RSASSA-PSS: %s', (_, dotted, hash) => {
    const parameters = der(0x30, der(0xa0, der(0x30, oid(dotted), NULL)));
    const certificate = withSignature(oid('1.2.840.113549.1.1.10'), parameters);
    expect(serverEndPoint(certificate)).toEqual(digest(hash, certificate));
  });

  it('takes SHA-1, so SHA-256, where RSASSA-PSS names no hash', () => {
    const certificate = withSignature(oid('1.2.840.113549.1.1.10'), der(0x30));
    expect(serverEndPoint(certificate)).toEqual(digest('sha256', certificate));
  });

  it('is not defined for what nobody knows', () => {
    expect(serverEndPoint(withSignature(oid('1.2.3.4')))).toBeUndefined();
    expect(serverEndPoint(new Uint8Array())).toBeUndefined();
  });
});
