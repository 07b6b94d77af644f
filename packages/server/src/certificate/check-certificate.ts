import { createHash, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { certificateIsFor, type ServerCertificate } from '@xmpp-wire/node-tcp';
import { messageOf, ServerError } from '../server-error.ts';

/** What there is to know about a certificate that can be used. */
export interface CertificateFacts {
  readonly validFrom: Date;
  readonly validTo: Date;
  /** SHA-256, in hexadecimal digits with colons. */
  readonly fingerprint: string;
  /** SHA-256 of its public key in base64: what clients take in `tls.trustedKeys`. */
  readonly trustedKey: string;
  /** Whether clients of a domain will find it there (RFC 6120 §13.7.2.1). */
  readonly isFor: (domain: string) => boolean;
}

/**
 * Checks that a certificate and its key can be presented.
 *
 * @throws ServerError `certificate-unusable`.
 */
export function checkCertificate(certificate: ServerCertificate): CertificateFacts {
  try {
    const { cert, key, passphrase } = certificate;
    refuseMissing({ cert, key });
    createSecureContext({ cert, key, ...(passphrase === undefined ? {} : { passphrase }) });
    const leaf = new X509Certificate(cert);
    return {
      validFrom: new Date(leaf.validFrom),
      validTo: new Date(leaf.validTo),
      fingerprint: leaf.fingerprint256,
      trustedKey: createHash('sha256')
        .update(leaf.publicKey.export({ type: 'spki', format: 'der' }))
        .digest('base64'),
      isFor: (domain) => certificateIsFor(leaf.raw, domain, 'client'),
    };
  } catch (error) {
    const advice = 'expected a certificate with its chain and its own private key, both in PEM';
    throw new ServerError(
      'certificate-unusable',
      `the certificate cannot be used: ${messageOf(error)}; ${advice}`,
      error,
    );
  }
}

// Without a key Node takes a certificate, and ends each handshake.
function refuseMissing(parts: Readonly<Record<string, unknown>>): void {
  for (const [name, part] of Object.entries(parts)) {
    if (part === undefined) throw new Error(`'${name}' is missing`);
  }
}

/** Where a certificate lies. */
export interface CertificateFiles {
  /** The certificate with its chain, in PEM. */
  readonly cert: string;
  /** The private key, in PEM. */
  readonly key: string;
  readonly passphrase?: string | undefined;
}

/**
 * Reads a certificate from files and checks it.
 *
 * @throws ServerError `certificate-unusable`.
 */
export async function readCertificate(files: CertificateFiles): Promise<ServerCertificate> {
  // One after the other: of two that cannot be read it is always the certificate that is named.
  const cert = await readPem(files.cert);
  const key = await readPem(files.key);
  const { passphrase } = files;
  const certificate = { cert, key, ...(passphrase === undefined ? {} : { passphrase }) };
  try {
    checkCertificate(certificate);
  } catch (error) {
    throw new ServerError('certificate-unusable', `${files.cert}, ${files.key}: ${messageOf(error)}`, error);
  }
  return certificate;
}

async function readPem(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ServerError('certificate-unusable', `${file} cannot be read: ${messageOf(error)}`, error);
  }
}
