import { X509Certificate } from 'node:crypto';
import { nodeFileSystem, type AccountFileSystem } from '../accounts/file-system.ts';
import { replaceFile } from '../accounts/replace-file.ts';
import { messageOf, ServerError, systemCodeOf } from '../server-error.ts';
import { checkCertificate, type CertificateFiles } from './check-certificate.ts';
import { AUTHORITY_MARK, makeSelfSignedCertificate, type SelfSignedCertificate } from './self-signed.ts';

/** A self-signed certificate that outlives its process. */
export interface KeptCertificate extends SelfSignedCertificate {
  /** Why it was made just now; undefined: it was there. Whoever trusted the one before has to be told. */
  readonly madeBecause: 'there was none' | 'it had expired' | 'it was not for all domains' | undefined;
}

/** Where such a certificate is kept, and for when. */
export interface KeepCertificateOptions {
  /** When it has to be valid. Default: now. */
  readonly now?: Date;
  readonly fileSystem?: AccountFileSystem;
}

/**
 * Makes a self-signed certificate once and keeps it in two files, so that whoever trusts it still does after a restart. It is
 * made again when it has expired or is not for all of the domains. `cert` is for clients: their `tls.ca`, or
 * `NODE_EXTRA_CA_CERTS`. `key` is a secret, and has everything: without `cert` that one is written again. Both can be read by
 * their owner alone. Only one process at a time may do it.
 *
 * @throws ServerError `certificate-unusable` for files that are damaged or cannot be read, which stay as they are;
 * `certificate-not-written`.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { keepSelfSignedCertificate } from '@xmpp-wire/server';
 *
 * const folder = await mkdtemp(path.join(tmpdir(), 'certificate-'));
 * const files = { cert: path.join(folder, 'server.pem'), key: path.join(folder, 'server.key') };
 * const first = await keepSelfSignedCertificate(['im.example.com'], files);
 * const second = await keepSelfSignedCertificate(['im.example.com'], files);
 * first.fingerprint === second.fingerprint; // true
 * ```
 */
export async function keepSelfSignedCertificate(
  domains: readonly string[],
  files: Pick<CertificateFiles, 'cert' | 'key'>,
  { now = new Date(), fileSystem: fs = nodeFileSystem }: KeepCertificateOptions = {},
): Promise<KeptCertificate> {
  const stored = await read(fs, files.key);
  const kept = stored === undefined ? undefined : parse(stored, files.key);
  const madeBecause = kept === undefined ? 'there was none' : whyNot(kept, domains, now);
  const copy = await read(fs, files.cert);
  if (kept === undefined && copy !== undefined) refuseForeign(copy, files);
  const certificate = kept === undefined || madeBecause !== undefined ? await makeSelfSignedCertificate(domains) : kept;
  // The file with the key has all of it, and it is replaced in one step: no kill leaves a key without its certificate.
  if (madeBecause !== undefined) await write(fs, files.key, certificate.key + certificate.cert);
  if (copy !== certificate.cert) await write(fs, files.cert, certificate.cert);
  return { ...certificate, madeBecause };
}

function whyNot(
  certificate: SelfSignedCertificate,
  domains: readonly string[],
  now: Date,
): KeptCertificate['madeBecause'] {
  const { validTo, isFor } = checkCertificate(certificate);
  if (validTo <= now) return 'it had expired';
  return domains.every(isFor) ? undefined : 'it was not for all domains';
}

/** Somebody else's certificate, whose key is elsewhere, is not written over. */
function refuseForeign(cert: string, files: Pick<CertificateFiles, 'cert' | 'key'>): void {
  if (!cert.includes('-----BEGIN') || isSelfMade(cert)) return;
  throw new ServerError(
    'certificate-unusable',
    `${files.cert} is a certificate that was not made here, and ${files.key} is not there: name the two as your own, or move it away`,
  );
}

function isSelfMade(cert: string): boolean {
  try {
    return new X509Certificate(cert).issuer.includes(AUTHORITY_MARK);
  } catch {
    return false;
  }
}

async function read(fs: AccountFileSystem, file: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await fs.readFile(file));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw new ServerError('certificate-unusable', `${file} cannot be read: ${messageOf(error)}`, error);
  }
}

async function write(fs: AccountFileSystem, file: string, text: string): Promise<void> {
  try {
    await replaceFile(fs, file, new TextEncoder().encode(text));
  } catch (error) {
    const why = systemCodeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error);
    throw new ServerError(
      'certificate-not-written',
      `${file} could not be written: ${why}. Name a certificate of your own, or let the folder be written`,
      error,
    );
  }
}

const block = (label: string): string => `-----BEGIN ${label}-----\n[A-Za-z0-9+/=\n]+-----END ${label}-----\n`;
const WHOLE = new RegExp(`^(${block('PRIVATE KEY')})((${block('CERTIFICATE')})(${block('CERTIFICATE')}))$`);

function parse(text: string, file: string): SelfSignedCertificate {
  const [, key, cert, leaf, ca] = WHOLE.exec(text) ?? [];
  try {
    if (key === undefined || cert === undefined || leaf === undefined || ca === undefined) {
      throw new Error('it has not the private key, the certificate and its authority, and these alone');
    }
    checkCertificate({ cert, key });
    if (!new X509Certificate(leaf).verify(new X509Certificate(ca).publicKey)) {
      throw new Error('its authority did not issue its certificate');
    }
    return { key, cert, ca, fingerprint: new X509Certificate(leaf).fingerprint256 };
  } catch (error) {
    throw new ServerError(
      'certificate-unusable',
      `${file} is not what was written there: ${messageOf(error)}. Nothing was changed. Put a backup in its place, or move it away to have another certificate made, which clients have to be told of`,
      error,
    );
  }
}
