import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';
import type { ServerCertificate } from '@xmpp-wire/node-tcp';

/** A certificate that nobody vouches for. */
export interface SelfSignedCertificate extends ServerCertificate {
  /** The certificate and its private key, in PEM; the authority that issued it comes after the certificate. */
  readonly cert: string;
  readonly key: string;
  /** The authority, in PEM: clients that trust it trust the server. Its private key was thrown away. */
  readonly ca: string;
  /** SHA-256 of the certificate, in hexadecimal digits with colons, as clients show it. */
  readonly fingerprint: string;
}

/**
 * Makes a certificate for some domains, and for this machine by the names and addresses of loopback, issued by an
 * authority that was made for it (RFC 6120 §13.7.1.2). It is for trying things out: nobody can tell it from an
 * impostor's but by comparing fingerprints. Each call makes another: clients that have to trust it for longer than one run want
 * {@link keepSelfSignedCertificate}.
 *
 * @example
 * ```ts
 * import { makeSelfSignedCertificate } from '@xmpp-wire/server';
 *
 * const certificate = await makeSelfSignedCertificate(['im.example.com']);
 * certificate.ca.startsWith('-----BEGIN CERTIFICATE-----'); // true
 * ```
 */
export async function makeSelfSignedCertificate(domains: readonly string[]): Promise<SelfSignedCertificate> {
  const names = [...new Set([...domains.map(nameOf), 'localhost', '127.0.0.1', '::1'])];
  const [authorityKeys, keys] = await Promise.all([makeKeys(), makeKeys()]);
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + LIFETIME) };
  const authority = await X509CertificateGenerator.createSelfSigned(
    {
      ...validity,
      name: `CN=${AUTHORITY_MARK}`,
      serialNumber: serialNumber(),
      keys: authorityKeys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ],
    },
    webcrypto,
  );
  const leaf = await X509CertificateGenerator.create(
    {
      ...validity,
      subject: [{ CN: [names[0] ?? 'localhost'] }],
      issuer: authority.subject,
      serialNumber: serialNumber(),
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
        ),
      ],
    },
    webcrypto,
  );
  const ca = pemOf(authority);
  return {
    cert: pemOf(leaf) + ca,
    key: pem('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    ca,
    fingerprint: hexOf(await leaf.getThumbprint('SHA-256', webcrypto), ':').toUpperCase(),
  };
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** What tells certificates that were made here. */
export const AUTHORITY_MARK = 'xmpp-wire self-made';
const DAY = 86_400_000;
/** What the strictest clients take. */
const LIFETIME = 397 * DAY;

/** RFC 6125 §6.4.2: domains beyond ASCII stand in certificates as A-labels; RFC 6120 §2.1: an IPv6 address has brackets. */
function nameOf(domain: string): string {
  const address = /^\[(.*)\]$/.exec(domain)?.[1] ?? domain;
  return isIP(address) === 0 ? domainToASCII(domain) || domain : address;
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** RFC 5280 §4.1.2.2: positive, and unique for its issuer. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  return `4${hexOf(bytes.buffer, '').slice(1)}`;
}

function pemOf(certificate: X509Certificate): string {
  return pem('CERTIFICATE', certificate.rawData);
}

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function hexOf(bytes: ArrayBuffer, separator: string): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join(separator);
}
