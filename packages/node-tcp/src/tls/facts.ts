import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { TlsFacts } from '@xmpp-wire/core';
import type { ChannelBindingType } from '@xmpp-wire/core/sasl';
import { XmppConnectError } from '@xmpp-wire/driver';
import { serverEndPoint } from './end-point-hash.ts';
import { usesExtendedMasterSecret } from './extended-master-secret.ts';

/**
 * Reads the facts off a TLS connection whose handshake is over: what an entity takes as the answer to its `start-tls`
 * ask, or as `security` in its configuration.
 *
 * @param role which side of the handshake this is.
 * @returns undefined when the version is older than TLS 1.2 (RFC 7590 §3.1, rule S15): end the connection.
 */
export function tlsFacts(socket: TLSSocket, role: 'client' | 'server'): TlsFacts | undefined {
  const version = socket.getProtocol();
  if (version !== 'TLSv1.2' && version !== 'TLSv1.3') return undefined;
  const bindings = new Map<ChannelBindingType, Uint8Array>();
  const extended = version === 'TLSv1.3' ? undefined : usesExtendedMasterSecret(socket.getSession());
  // RFC 9266 §3: not below TLS 1.3 without the extended master secret. Where nobody can tell, there is none.
  // Deno has no such function, whatever the types say.
  if ((version === 'TLSv1.3' || extended === true) && typeof socket.exportKeyingMaterial === 'function') {
    // An empty context is not the same as none in TLS 1.2 (RFC 5705 §4); RFC 9266 §2 wants an empty one.
    const exported = socket.exportKeyingMaterial(32, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
    bindings.set('tls-exporter', new Uint8Array(exported));
  }
  const peer = peerCertificateOf(socket);
  const server = role === 'client' ? peer : socket.getX509Certificate()?.raw;
  const endPoint = server === undefined ? undefined : serverEndPoint(server);
  if (endPoint !== undefined) bindings.set('tls-server-end-point', endPoint);
  // The attack on resumption that broke tls-unique needs a session without the extended master secret (RFC 7627 §1).
  if (extended === true) {
    const unique = firstFinished(socket, role);
    if (unique !== undefined) bindings.set('tls-unique', new Uint8Array(unique));
  }
  return {
    version,
    channelBindings: bindings,
    cipher: socket.getCipher().name,
    ...(extended === undefined ? {} : { extendedMasterSecret: extended }),
    ...(peer === undefined ? {} : { peerCertificate: { der: peer, trusted: socket.authorized } }),
  };
}

/**
 * As {@link tlsFacts}, where an old version is an error.
 *
 * @throws {@link XmppConnectError} `tls-version`; the socket is destroyed.
 */
export function factsOf(socket: TLSSocket, role: 'client' | 'server', domain: string): TlsFacts {
  const facts = tlsFacts(socket, role);
  if (facts !== undefined) return facts;
  socket.destroy();
  throw new XmppConnectError(
    'tls-version',
    `${domain} and this side agreed on ${socket.getProtocol() ?? 'no version of TLS'}; TLS 1.2 is the oldest that is accepted: its operator has to allow TLS 1.2 or 1.3`,
  );
}

/**
 * The certificate that the peer presented, in DER. Not by `getPeerX509Certificate()`: on a client that takes the
 * certificate out of the chain, so that the second call answers the issuer's, or nothing (seen in Node 20 to 24).
 */
export function peerCertificateOf(socket: TLSSocket): Uint8Array | undefined {
  // An empty object stands for: none.
  const { raw }: Partial<PeerCertificate> = socket.getPeerCertificate();
  return raw === undefined ? undefined : new Uint8Array(raw);
}

// RFC 5929 §3.1: the client's Finished in a full handshake, the server's in one that resumes a session.
function firstFinished(socket: TLSSocket, role: 'client' | 'server'): Buffer | undefined {
  const sentByClient = !socket.isSessionReused();
  const finished = sentByClient === (role === 'client') ? socket.getFinished() : socket.getPeerFinished();
  // TLS 1.2 has 12 bytes here; a runtime that gives anything else gives something else.
  return finished?.length === 12 ? finished : undefined;
}
