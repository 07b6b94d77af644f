import 'reflect-metadata';
import { createHash, webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, Extension, X509CertificateGenerator, X509CrlGenerator } from '@peculiar/x509';
import { der, generalName } from './der-writer.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

export type SigningAlgorithm = { readonly name: string; readonly hash?: string; readonly namedCurve?: string };

export interface LeafOptions {
  /** Encoded GeneralNames; none: no subjectAltName at all. */
  readonly names?: readonly Buffer[];
  readonly commonName?: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly isAuthority?: boolean;
  readonly serialNumber?: string;
  /** An extension that nobody knows, and that whoever does not know has to refuse (RFC 5280 §4.2). */
  readonly hasUnknownCritical?: boolean;
}

/** A certificate with its key, in PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  readonly der: Uint8Array;
  /** Base64 of the SHA-256 of its SubjectPublicKeyInfo. */
  readonly keyFingerprint: string;
}

/** A certificate authority of a test run. */
export interface Authority extends Issued {
  issue(options: LeafOptions): Promise<Issued>;
  /** A list of revoked serial numbers, in PEM. */
  revoke(...serialNumbers: string[]): Promise<string>;
}

/** Makes an authority; everything it issues is fresh. */
export async function makeAuthority(name = 'Test CA', algorithm: SigningAlgorithm = EC): Promise<Authority> {
  const keys = await generateKeys(algorithm);
  const issued = await certify({ name, isAuthority: true }, keys, keys, name, algorithm);
  return {
    ...issued,
    async issue(options) {
      const leafKeys = await generateKeys(EC);
      return certify({ name: options.commonName ?? 'leaf', ...options }, leafKeys, keys, name, algorithm);
    },
    async revoke(...serialNumbers) {
      const list = await X509CrlGenerator.create(
        {
          issuer: `CN=${name}`,
          thisUpdate: new Date(Date.now() - DAY),
          nextUpdate: new Date(Date.now() + DAY),
          entries: serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: new Date(Date.now() - DAY) })),
          signingAlgorithm: algorithm,
          signingKey: keys.privateKey,
        },
        webcrypto,
      );
      return pem('X509 CRL', list.rawData);
    },
  };
}

/** Makes a certificate that is its own issuer and no authority. */
export async function makeSelfSigned(options: LeafOptions): Promise<Issued> {
  const keys = await generateKeys(EC);
  const name = options.commonName ?? 'self';
  return certify({ name, ...options }, keys, keys, name, EC);
}

/** The names of a usual certificate for some domains. */
export function dnsNames(...domains: string[]): { readonly names: readonly Buffer[] } {
  return { names: domains.map(generalName.dns) };
}

async function generateKeys(algorithm: SigningAlgorithm): Promise<webcrypto.CryptoKeyPair> {
  const generated = await webcrypto.subtle.generateKey(
    // The types of each algorithm's parameters differ; here they are data of the test.
    { modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), ...algorithm } as webcrypto.RsaHashedKeyGenParams,
    true,
    ['sign', 'verify'],
  );
  return generated;
}

async function certify(
  options: LeafOptions & { readonly name: string },
  subject: webcrypto.CryptoKeyPair,
  issuer: webcrypto.CryptoKeyPair,
  issuerName: string,
  signingAlgorithm: SigningAlgorithm,
): Promise<Issued> {
  const { names, isAuthority = false } = options;
  const certificate = await X509CertificateGenerator.create(
    {
      ...(options.serialNumber === undefined ? {} : { serialNumber: options.serialNumber }),
      subject: `CN=${options.name}`,
      issuer: `CN=${issuerName}`,
      notBefore: options.notBefore ?? new Date(Date.now() - DAY),
      notAfter: options.notAfter ?? new Date(Date.now() + DAY),
      signingAlgorithm,
      publicKey: subject.publicKey,
      signingKey: issuer.privateKey,
      extensions: [
        new BasicConstraintsExtension(isAuthority, undefined, true),
        // keyUsage: digitalSignature, and keyCertSign and cRLSign for an authority.
        new Extension('2.5.29.15', true, der(3, isAuthority ? [1, 0x86] : [7, 0x80])),
        ...(options.hasUnknownCritical === true ? [new Extension('1.3.6.1.4.1.32473.1', true, der(0x05))] : []),
        ...(names === undefined ? [] : [new Extension('2.5.29.17', false, der(0x30, ...names))]),
      ],
    },
    webcrypto,
  );
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', subject.privateKey);
  const raw = new Uint8Array(certificate.rawData);
  const spki = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
  return {
    cert: pem('CERTIFICATE', raw),
    key: pem('PRIVATE KEY', pkcs8),
    der: raw,
    keyFingerprint: createHash('sha256').update(spki).digest('base64'),
  };
}

function pem(label: string, bytes: ArrayBuffer | Uint8Array): string {
  const base64 = Buffer.from(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`;
}
