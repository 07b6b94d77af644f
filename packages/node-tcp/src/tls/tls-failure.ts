import { messageOf, XmppConnectError, type ConnectErrorCode } from '@xmpp-wire/driver';
import { systemCodeOf } from '../system-code.ts';

/** What the codes of OpenSSL and Node come to, and what to do about them. */
const CERTIFICATE_FAILURES: ReadonlyMap<string, readonly [code: ConnectErrorCode, what: string]> = new Map([
  [
    'CERT_HAS_EXPIRED',
    ['tls-certificate-expired', 'has expired: check the clock of this machine, else the operator has to renew it'],
  ],
  [
    'CERT_NOT_YET_VALID',
    [
      'tls-certificate-not-yet-valid',
      'is not valid yet: check the clock of this machine, else the operator has to wait',
    ],
  ],
  ['CERT_REVOKED', ['tls-certificate-revoked', 'was revoked by its authority: do not go on']],
  ['CRL_HAS_EXPIRED', ['tls-certificate-revoked', 'cannot be checked, tls.crl is out of date: get a new list']],
  [
    'UNABLE_TO_GET_CRL',
    ['tls-certificate-revoked', 'cannot be checked, tls.crl has no list of its authority: add that list'],
  ],
  [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    [
      'tls-certificate-untrusted',
      'is self-signed: if it is the right one, name it in tls.ca or its key in tls.trustedKeys',
    ],
  ],
  [
    'SELF_SIGNED_CERT_IN_CHAIN',
    [
      'tls-certificate-untrusted',
      'comes from an authority that is not trusted: if you trust that one, name it in tls.ca',
    ],
  ],
]);

const UNTRUSTED = 'does not lead to a trusted authority: if you trust its issuer, name that one in tls.ca';

/** Says of an error in a handshake what happened and what to do. */
export function tlsFailure(domain: string, error: unknown): XmppConnectError {
  if (error instanceof XmppConnectError) return error;
  const code = systemCodeOf(error) ?? '';
  const certificate = CERTIFICATE_FAILURES.get(code);
  if (certificate !== undefined) {
    return new XmppConnectError(certificate[0], `the certificate of ${domain} ${certificate[1]}`, error);
  }
  // Node has codes for some thirty verification errors of OpenSSL; this one stands for all others, such as those of name
  // constraints, of critical extensions and of keys that are too short.
  if (code === 'UNSPECIFIED') {
    return new XmppConnectError(
      'tls-certificate-untrusted',
      `the certificate of ${domain} cannot be accepted (${messageOf(error)}): its operator has to replace it, or you trust its key by tls.trustedKeys`,
      error,
    );
  }
  // Verification errors of OpenSSL carry its own names, errors of its protocol machine begin with ERR_SSL_.
  if (/^(?:CERT|UNABLE|CRL|INVALID|PATH|HOSTNAME|EE|CA|ERROR_IN_CERT)_/.test(code)) {
    return new XmppConnectError(
      'tls-certificate-untrusted',
      `the certificate of ${domain} ${UNTRUSTED} (${code})`,
      error,
    );
  }
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code)) {
    return new XmppConnectError(
      'tls-version',
      `${domain} and this side have no version of TLS in common; TLS 1.2 is the oldest that is accepted: its operator has to allow TLS 1.2 or 1.3`,
      error,
    );
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') {
    return new XmppConnectError(
      'tls-handshake-failed',
      `what answered for ${domain} does not speak TLS: check the port, and whether it wants STARTTLS or direct TLS`,
      error,
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') return cutDuringTls(domain, error);
  return new XmppConnectError(
    'tls-handshake-failed',
    `the TLS handshake with ${domain} failed (${messageOf(error)}): check the port and the TLS settings of both sides`,
    error,
  );
}

/** The connection ended before the handshake did. */
export function cutDuringTls(domain: string, cause?: unknown): XmppConnectError {
  return new XmppConnectError(
    'tls-cut',
    `the connection to ${domain} ended during the TLS handshake: check the port, and the log of the server`,
    cause,
  );
}
