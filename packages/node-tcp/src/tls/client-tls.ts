import { createHash, X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import {
  connect,
  createSecureContext,
  type ConnectionOptions,
  type SecureContextOptions,
  type TLSSocket,
} from 'node:tls';
import {
  asciiDomain,
  checkOptions,
  literalOf,
  messageOf,
  oneOf,
  OPTION_KINDS,
  XmppConnectError,
  type OptionKind,
  type OptionKinds,
} from '@xmpp-wire/driver';
import { peerCertificateOf } from './facts.ts';
import { certificateIsFor, describeNames } from './identity.ts';
import { cutDuringTls, tlsFailure } from './tls-failure.ts';

/** What a client wants of TLS beyond what is always so: TLS 1.2 or newer, a validated certificate for the domain, no renegotiation. */
export interface ClientTlsOptions {
  /** Certificate authorities to trust, in PEM, instead of those that Node brings. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Certificate revocation lists, in PEM (RFC 6120 §13.7.2). */
  readonly crl?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Our own certificate, for SASL EXTERNAL (RFC 6120 §6.3.4). */
  readonly certificate?: {
    readonly cert: string | Uint8Array;
    readonly key: string | Uint8Array;
    readonly passphrase?: string;
  };
  /**
   * Trust exactly these public keys for this domain, whatever the certificate around them says: base64 of the SHA-256 of
   * the SubjectPublicKeyInfo. Authorities, names and dates are not looked at then.
   */
  readonly trustedKeys?: readonly string[];
  /**
   * Decides instead of RFC 6120 §13.7.2.1 whether a certificate, whose path is valid, is for the domain. Answer true to accept it;
   * when it throws the certificate is refused.
   */
  readonly checkIdentity?: (certificate: X509Certificate, domain: string) => boolean;
  /** Default `TLSv1.2` (RFC 7590 §3.1). */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Default: the newest there is. */
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** In OpenSSL's notation; default: Node's. */
  readonly ciphers?: string;
}

// Rule S15. The types say it too; not every program has them.
export const TLS_VERSION: OptionKind = oneOf('TLSv1.2', 'TLSv1.3');

const TLS_OPTIONS: OptionKinds<ClientTlsOptions> = {
  // What is PEM is looked at below.
  ca: undefined,
  crl: undefined,
  certificate: OPTION_KINDS.object,
  trustedKeys: ['an array of texts', Array.isArray],
  checkIdentity: OPTION_KINDS.function,
  minVersion: TLS_VERSION,
  maxVersion: TLS_VERSION,
  ciphers: OPTION_KINDS.text,
};

/** What the handshake is for. */
export interface ClientTlsPurpose {
  /** The domain that the user asked for: the one and only reference identity (rule S7). */
  readonly domain: string;
  readonly service: 'client' | 'server';
  /** Direct TLS says by ALPN what will be spoken (XEP-0368 §3); with STARTTLS that is known. */
  readonly direct: boolean;
}

/**
 * Does the client's half of a TLS handshake on a connected socket and verifies who answers. Nothing may read from the
 * socket any more. When it rejects the socket is destroyed.
 *
 * @throws {@link XmppConnectError} `tls-…`; the signal's reason when it is aborted.
 */
export async function secureClient(
  socket: Socket,
  purpose: ClientTlsPurpose,
  options: ClientTlsOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { domain } = purpose;
  if (signal.aborted) socket.destroy();
  signal.throwIfAborted();
  if (socket.destroyed) throw cutDuringTls(domain);
  return new Promise((resolve, reject) => {
    const secured = connect(connectionOptions(socket, purpose, options));
    const fail = (error: unknown): void => {
      signal.removeEventListener('abort', aborted);
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const aborted = (): void => fail(signal.reason);
    const cut = (): void => fail(cutDuringTls(domain));
    signal.addEventListener('abort', aborted, { once: true });
    // Stays for ever: an error may still come when nobody is interested any more.
    secured.on('error', (error) => fail(tlsFailure(domain, error)));
    secured.once('end', cut);
    secured.once('close', cut);
    secured.once('secureConnect', () => {
      // What is thrown inside an event of a socket is nobody's; here it refuses the server.
      const refusal = attempt(
        () => refuseKey(secured, domain, options.trustedKeys),
        (error) => tlsFailure(domain, error),
      );
      if (refusal !== undefined) {
        fail(refusal);
        return;
      }
      signal.removeEventListener('abort', aborted);
      secured.removeAllListeners('error').removeListener('end', cut).removeListener('close', cut);
      secured.on('error', () => {});
      // Rule S15. TLS 1.3 has no renegotiation; here it is for TLS 1.2.
      secured.disableRenegotiation();
      secured.pause();
      resolve(secured);
    });
  });
}

function connectionOptions(socket: Socket, purpose: ClientTlsPurpose, options: ClientTlsOptions): ConnectionOptions {
  const { domain, service, direct } = purpose;
  const { trustedKeys } = options;
  return {
    socket,
    ...contextOptions(options),
    // XEP-0368 §3: SNI is the domain of the JID. RFC 6066 §3: an address is no server name.
    ...(literalOf(domain) === undefined ? { servername: asciiDomain(domain) } : {}),
    ...(direct ? { ALPNProtocols: [`xmpp-${service}`] } : {}),
    // Said in full: an environment variable can change what Node does by default.
    rejectUnauthorized: trustedKeys === undefined,
    checkServerIdentity: (_host, { raw }) =>
      trustedKeys === undefined
        ? attempt(
            () => refuseCertificate(new X509Certificate(raw), purpose, options),
            (error) => uncheckedIdentity(domain, error),
          )
        : undefined,
  };
}

function contextOptions({ ca, crl, certificate, ciphers, ...versions }: ClientTlsOptions): SecureContextOptions {
  return {
    minVersion: versions.minVersion ?? 'TLSv1.2',
    ...(versions.maxVersion === undefined ? {} : { maxVersion: versions.maxVersion }),
    ...(ca === undefined ? {} : { ca: toPem(ca) }),
    ...(crl === undefined ? {} : { crl: toPem(crl) }),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(certificate === undefined ? {} : { ...certificate, cert: pem(certificate.cert), key: pem(certificate.key) }),
  };
}

function refuseCertificate(
  certificate: X509Certificate,
  { domain, service }: ClientTlsPurpose,
  { checkIdentity }: ClientTlsOptions,
): XmppConnectError | undefined {
  // RFC 6120 §13.7.1.1: a server does not present a certificate authority. One that the user trusts by itself may be.
  if (certificate.ca && !certificate.checkIssued(certificate)) {
    return new XmppConnectError(
      'tls-certificate-untrusted',
      `${domain} presented the certificate of an authority (CA:TRUE), which no server may use: its operator has to issue one for the server, or you trust its key by tls.trustedKeys`,
    );
  }
  const accepted =
    checkIdentity === undefined
      ? certificateIsFor(certificate.raw, domain, service)
      : checkIdentity(certificate, domain);
  if (accepted) return undefined;
  return new XmppConnectError(
    'tls-certificate-name',
    `${domain} was asked for, but the certificate is for ${describeNames(certificate.raw)}: check the domain of the address; a host that DNS or a redirect names is never enough`,
  );
}

/** Who answers is not known when the check itself fails, as that of the caller may. */
function uncheckedIdentity(domain: string, error: unknown): XmppConnectError {
  return new XmppConnectError(
    'tls-certificate-name',
    `whether the certificate of ${domain} is for it could not be told, because checking it threw (${messageOf(error)}): if you give tls.checkIdentity, let it return false for what it does not accept`,
    error,
  );
}

function attempt<T>(action: () => T, orElse: (error: unknown) => T): T {
  try {
    return action();
  } catch (error) {
    return orElse(error);
  }
}

function refuseKey(
  socket: TLSSocket,
  domain: string,
  trusted: readonly string[] | undefined,
): XmppConnectError | undefined {
  if (trusted === undefined) return undefined;
  const certificate = peerCertificateOf(socket);
  const key = certificate && new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  const fingerprint = key === undefined ? 'none' : createHash('sha256').update(key).digest('base64');
  if (trusted.includes(fingerprint)) return undefined;
  return new XmppConnectError(
    'tls-certificate-untrusted',
    `the public key of ${domain} is ${fingerprint}, which is not among tls.trustedKeys: if the server has a new key, and only then, add it`,
  );
}

/**
 * Finds what would be taken for nothing: an option that there is not, a path in the place of a certificate; and what Node would
 * refuse only once there is a connection, which then looks like the fault of the server.
 *
 * @throws TypeError.
 */
export function checkTlsOptions(options: ClientTlsOptions = {}): void {
  checkOptions("'tls'", options, TLS_OPTIONS);
  const { ca, crl, certificate } = options;
  refusePaths({ ca, crl, 'certificate.cert': certificate?.cert });
  if (options.minVersion === 'TLSv1.3' && options.maxVersion === 'TLSv1.2') {
    throw new TypeError(
      "'tls.minVersion' is newer than 'tls.maxVersion', so no version is left: leave one of them out",
    );
  }
  // Authorities alone cannot be wrong for Node, and making a context takes more than a millisecond.
  if (crl === undefined && certificate === undefined && options.ciphers === undefined) return;
  try {
    createSecureContext(contextOptions(options));
  } catch (error) {
    throw new TypeError(
      `'tls' cannot be used (${messageOf(error)}): check that certificate.key is the key of certificate.cert in PEM, its passphrase, ca, crl and ciphers`,
      { cause: error },
    );
  }
}

/** @throws TypeError where something is no PEM. */
export function refusePaths(texts: Readonly<Record<string, ClientTlsOptions['ca']>>): void {
  for (const [name, list] of Object.entries(texts)) {
    for (const text of list === undefined ? [] : toPem(list)) {
      if (text.includes('-----BEGIN ')) continue;
      const given = typeof text === 'string' ? JSON.stringify(text.slice(0, 40)) : `${text.length} bytes without one`;
      throw new TypeError(
        `'tls.${name}' is the text of a PEM file ("-----BEGIN …"), not its path: use readFileSync(path), not ${given}`,
      );
    }
  }
}

function toPem(list: string | Uint8Array | readonly (string | Uint8Array)[]): (string | Buffer)[] {
  return (typeof list === 'string' || list instanceof Uint8Array ? [list] : list).map(pem);
}

function pem(text: string | Uint8Array): string | Buffer {
  return typeof text === 'string' ? text : Buffer.from(text);
}
