import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { Extension, X509CertificateGenerator } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A client's certificate that is its own issuer, so that it is an authority to trust as well. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
  readonly der: Uint8Array;
}

/** Makes one that names these addresses as XmppAddr (RFC 6120 §13.7.1.4). */
export async function makeClientCertificate(addresses: readonly string[]): Promise<ClientCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const day = 86_400_000;
  const made = await X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=a client',
      keys,
      notBefore: new Date(Date.now() - day),
      notAfter: new Date(Date.now() + day),
      signingAlgorithm: ALGORITHM,
      extensions: [new Extension('2.5.29.17', false, der(0x30, ...addresses.map(xmppAddr)))],
    },
    webcrypto,
  );
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return {
    cert: made.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
    der: new Uint8Array(made.rawData),
  };
}

// 1.3.6.1.5.5.7.8.5, id-on-xmppAddr.
const XMPP_ADDR = Buffer.from('06082b06010505070805', 'hex');

function xmppAddr(address: string): Buffer {
  return der(0xa0, XMPP_ADDR, der(0xa0, der(0x0c, Buffer.from(address))));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const lengthBytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...lengthBytes]), content]);
}
