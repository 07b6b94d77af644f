import { X509Certificate } from 'node:crypto';
import type { XmppConnection } from '@xmpp-wire/driver';
import { timerDelay } from '@xmpp-wire/driver';

/**
 * Calls back when a certificate expires, however long that takes (RFC 6120 §13.7.2.3: a stream may outlive the
 * certificate that it was trusted for). It keeps no process alive.
 *
 * @returns what stops it.
 */
export function watchExpiry(certificate: X509Certificate | undefined, onExpired: () => void): () => void {
  const expires = certificate === undefined ? Number.NaN : Date.parse(certificate.validTo);
  if (Number.isNaN(expires)) return () => {};
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = expires - Date.now();
    if (left < 0) onExpired();
    else timer = setTimeout(wait, timerDelay(left + 1)).unref();
  };
  timer = setTimeout(wait, 0).unref();
  return () => clearTimeout(timer);
}

/** Closes a stream with `reset` when the certificate of its peer expires (RFC 6120 §13.7.2.3). */
export function closeOnExpiry(connection: XmppConnection): void {
  const peer = connection.tls?.peerCertificate;
  if (peer === undefined) return;
  const stop = watchExpiry(
    new X509Certificate(peer.der),
    () => void connection.close({ condition: 'reset', text: 'the certificate has expired' }),
  );
  void connection.closed.then(stop);
}
