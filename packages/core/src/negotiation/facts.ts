import { bug, LocalProtocolError } from '../errors.ts';
import type { Jid } from '../jid/index.ts';
import type { ChannelBindingType, ChannelBindings } from '../sasl/index.ts';

/** A certificate the transport was shown, as far as core needs it. */
export interface PeerCertificate {
  /** The certificate in DER. */
  readonly der: Uint8Array;
  /** Whether the transport's own path validation accepted it (RFC 6120 §13.7.2). */
  readonly trusted: boolean;
}

/**
 * What an adapter knows of a finished TLS handshake. It is the answer to a `start-tls` ask, or goes to the
 * constructor where TLS came before XMPP (direct TLS).
 */
export interface TlsFacts {
  /** RFC 7590 §3: nothing older is accepted. */
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  /** Channel-binding data as this side of the connection computed it; leave out what the runtime cannot give. */
  readonly channelBindings: ChannelBindings;
  /** TLS 1.2 only: whether the extended master secret was negotiated. Without it tls-exporter is not used (RFC 9266 §3). */
  readonly extendedMasterSecret?: boolean;
  /** The certificate the peer presented, if any. */
  readonly peerCertificate?: PeerCertificate;
  /** Name of the cipher suite, for records; core does not read it. */
  readonly cipher?: string;
}

/**
 * What protects the connection below the stream.
 *
 * - `clear`: nothing yet.
 * - `tls`: TLS, negotiated by STARTTLS or before the stream.
 * - `trusted`: something the application vouches for: a TLS-terminating proxy in front of a WebSocket, loopback for a component.
 */
export type Security =
  | { readonly kind: 'clear' }
  | { readonly kind: 'tls'; readonly tls: TlsFacts }
  | { readonly kind: 'trusted' };

/** Who the peer proved to be, or whom we proved to be: made once, by SASL (RFC 6120 §4.3.6). */
export interface Identity {
  /**
   * The bare JID (client) or domain (server) that the stream acts for. On the initiating side of ANONYMOUS, or of EXTERNAL
   * without an address of our own, only the server knows it until a resource is bound.
   */
  readonly jid: Jid | undefined;
  /** The mechanism that proved it. */
  readonly mechanism: string;
  /** The channel binding that took part, if any. */
  readonly channelBinding: ChannelBindingType | undefined;
}

/**
 * How far a stream has come. A record of a stream feature names the standing it needs; nothing else decides what is
 * legal. Each member owns what is needed from there on.
 */
export type Standing =
  | { readonly level: 'anonymous'; readonly security: Security }
  | { readonly level: 'authenticated'; readonly security: Security; readonly identity: Identity }
  | { readonly level: 'bound'; readonly security: Security; readonly jid: Jid };

/** The address of an identity at a moment when it cannot be unknown. */
export function addressOf(identity: Identity): Jid {
  if (identity.jid === undefined) throw bug('an identity without an address');
  return identity.jid;
}

/** Tells whether whatever crosses the connection is protected (RFC 6120 §5.3.4, §13.8): TLS, or vouched for. */
export function isProtected(security: Security): boolean {
  return security.kind !== 'clear';
}

/**
 * The security that finished TLS gives.
 *
 * @throws LocalProtocolError `answer-invalid` for TLS older than 1.2 (RFC 7590 §3, rule S15): an adapter must not let it
 * come that far, so it is the caller's mistake.
 */
export function secureBy(tls: TlsFacts): Security {
  const version: string = tls.version;
  if ((version !== 'TLSv1.2' && version !== 'TLSv1.3') || !(tls.channelBindings instanceof Map)) {
    throw new LocalProtocolError(
      'answer-invalid',
      `expected facts of TLSv1.2 or TLSv1.3 with a Map of channel bindings, came ${JSON.stringify(version)}; answer 'failed' for anything older`,
    );
  }
  return { kind: 'tls', tls };
}
