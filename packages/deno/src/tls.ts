import type { TlsFacts } from '@xmpp-wire/core';
import { messageOf, XmppConnectError, type ConnectErrorCode } from '@xmpp-wire/driver';
import { closeQuietly, deno, type DenoConn, type DenoTlsConn } from './deno-api.ts';

/**
 * What Deno tells of its TLS, which is nothing: neither the version nor the certificate nor keying material. It knows no
 * version older than 1.2, so that is what can be said; without the rest there is no channel binding.
 */
export const FACTS: TlsFacts = { version: 'TLSv1.2', channelBindings: new Map() };

/** XEP-0368 §3. */
export const ALPN = 'xmpp-client';

/** Certificates and names that a client trusts. */
export interface ClientTlsOptions {
  /** Authorities beside those of the system, in PEM. */
  readonly caCerts?: readonly string[];
}

/** What the handshake is for. */
export interface ClientTlsPurpose {
  /** The domain that the user asked for, in ASCII: the certificate has to be for it (rule S7), whatever host was connected to. */
  readonly domain: string;
  /** Direct TLS says by ALPN what will be spoken (XEP-0368 §3); with STARTTLS that is known. */
  readonly direct: boolean;
}

/**
 * Does a client's TLS handshake. When it rejects the connection is closed, by whichever of the two names it goes then.
 *
 * @throws XmppConnectError with a code of the step `tls`; the signal's reason when it is aborted.
 */
export async function secureClient(
  conn: DenoConn,
  { domain, direct }: ClientTlsPurpose,
  { caCerts }: ClientTlsOptions,
  signal: AbortSignal,
): Promise<DenoTlsConn> {
  let secured: DenoTlsConn | undefined;
  // The handshake rejects then, too.
  const cut = (): void => {
    if (secured !== undefined) closeQuietly(secured);
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    signal.throwIfAborted();
    secured = await deno().startTls(conn, {
      hostname: domain,
      ...(caCerts === undefined ? {} : { caCerts: [...caCerts] }),
      ...(direct ? { alpnProtocols: [ALPN] } : {}),
    });
    signal.throwIfAborted();
    await secured.handshake();
    signal.throwIfAborted();
    return secured;
  } catch (error) {
    cut();
    closeQuietly(conn);
    throw signal.aborted ? signal.reason : explainTls(error, domain);
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

// What Deno's TLS (rustls) says of certificates.
const REASONS: readonly (readonly [RegExp, ConnectErrorCode, string])[] = [
  [/not valid for name|NotValidForName/, 'tls-certificate-name', 'its certificate is for somebody else'],
  [/NotValidYet|not valid yet/, 'tls-certificate-not-yet-valid', 'its certificate is not valid yet; check the clock'],
  [/expired/i, 'tls-certificate-expired', 'its certificate has expired'],
  [/revoked/i, 'tls-certificate-revoked', 'its certificate was revoked'],
  [
    /UnknownIssuer|CaUsedAsEndEntity|invalid peer certificate/,
    'tls-certificate-untrusted',
    'nobody who is trusted vouches for its certificate; its authority goes into tls.caCerts',
  ],
  [/eof|reset|broken pipe|close_notify/i, 'tls-cut', 'the connection was cut during the handshake'],
  [/version/i, 'tls-version', 'it speaks no TLS from 1.2 on'],
];

function explainTls(error: unknown, domain: string): XmppConnectError {
  const said = messageOf(error);
  const [, code, why] = REASONS.find(([pattern]) => pattern.test(said)) ?? [
    /./,
    'tls-handshake-failed' as const,
    'the TLS handshake failed',
  ];
  return new XmppConnectError(code, `${domain}: ${why} (${said})`, error);
}
