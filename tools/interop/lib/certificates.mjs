// A certification authority of this run alone, and the certificates of the servers it starts.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as x509 from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

/**
 * @typedef {{ certificateFile: string, keyFile: string, certificate: string, key: string }} Leaf
 * @typedef {{ caFile: string, ca: string, leaf: (name: string, options: LeafOptions) => Promise<Leaf> }} Authority
 * @typedef {{ subject?: string, dns?: readonly string[], ip?: readonly string[], expired?: boolean }} LeafOptions
 */

/**
 * Makes an authority whose files lie in `folder`.
 * @param {string} folder
 * @param {string} name
 * @returns {Promise<Authority>}
 */
export async function createAuthority(folder, name) {
  x509.cryptoProvider.set(/** @type {any} */ (webcrypto));
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${name}`,
    ...validity(false),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const caFile = path.join(folder, `${name}.pem`);
  const ca = pem(root);
  writeFileSync(caFile, ca);
  return { caFile, ca, leaf };

  /** @param {string} leafName @param {LeafOptions} options @returns {Promise<Leaf>} */
  async function leaf(leafName, { subject = `CN=${leafName}`, dns = [], ip = [], expired = false }) {
    const leafKeys = await newKeys();
    const names = [
      ...dns.map((value) => ({ type: /** @type {const} */ ('dns'), value })),
      ...ip.map((value) => ({ type: /** @type {const} */ ('ip'), value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject,
      issuer: root.subject,
      ...validity(expired),
      signingKey: keys.privateKey,
      publicKey: leafKeys.publicKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
        await x509.AuthorityKeyIdentifierExtension.create(root, false),
      ],
    });
    const files = {
      certificateFile: path.join(folder, `${leafName}.crt`),
      keyFile: path.join(folder, `${leafName}.key`),
      certificate: pem(certificate),
      key: await keyPem(leafKeys.privateKey),
    };
    writeFileSync(files.certificateFile, files.certificate);
    writeFileSync(files.keyFile, files.key, { mode: 0o600 });
    return files;
  }
}

const newKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

// RFC 5280 §4.1.2.2: a serial number is positive; a leading 00 to 7f byte keeps it so.
const newSerial = () => `4f${Buffer.from(webcrypto.getRandomValues(new Uint8Array(11))).toString('hex')}`;

/** @param {boolean} expired */
function validity(expired) {
  const now = Date.now();
  return expired
    ? { notBefore: new Date(now - 30 * DAY_MS), notAfter: new Date(now - 2 * DAY_MS) }
    : { notBefore: new Date(now - DAY_MS), notAfter: new Date(now + 30 * DAY_MS) };
}

/** @param {x509.X509Certificate} certificate */
const pem = (certificate) => `${certificate.toString('pem')}\n`;

/** @param {webcrypto.CryptoKey} key */
async function keyPem(key) {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const body = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
}
