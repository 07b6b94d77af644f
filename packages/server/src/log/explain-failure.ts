import type { CloseCause } from '@xmpp-wire/core';
import type { FailedConnection } from '@xmpp-wire/node-tcp';
import { messageOf, systemCodeOf } from '../server-error.ts';

/** What a connection that came to nothing came to nothing by. */
export type FailureName =
  /** TLS where the stream has to begin in clear text. */
  | 'tls-on-starttls-port'
  /** Something else than TLS where TLS comes first. */
  | 'clear-text-on-direct-tls-port'
  /** What came is no XML, or breaks a rule of XMPP. */
  | 'not-xmpp'
  | 'rule-broken'
  /** Nothing came, or not all of it, in time. */
  | 'silent'
  /** The connection ended in the middle. */
  | 'cut'
  | 'unknown-domain'
  /** Client and server have nothing in common that is needed. */
  | 'incompatible'
  /** The server took no more: too many streams, too many failed logins, a hook, or it is shutting down. */
  | 'refused'
  | 'too-many-logins'
  | 'tls-failed'
  /** The client has ended it, in order or with an error. */
  | 'given-up';

/** A failure with its name, and a sentence for people. */
export interface ExplainedFailure {
  readonly name: FailureName;
  readonly message: string;
}

/** Names why a connection came to nothing, for logs. What the peer said may be in the message. */
export function explainFailure({ cause, error }: Pick<FailedConnection, 'cause' | 'error'>): ExplainedFailure {
  if (cause === undefined) return explainHandshake(error);
  // What the transport has to say is nearer to the cause than what the stream makes of it.
  if (isTlsFailure(error)) return { name: 'tls-failed', message: `the TLS handshake failed: ${messageOf(error)}` };
  switch (cause.code) {
    case 'peer-misbehaved':
      return explainViolation(cause);
    case 'timed-out':
      return { name: 'silent', message: `nothing came in time (${cause.timer})` };
    case 'unexpected-eof':
      return { name: 'cut', message: `the connection ended in the middle: ${cause.detail}` };
    case 'closed-locally':
      return explainRefusal(cause.reason?.condition, cause.reason?.text);
    case 'negotiation-failed':
      return explainNegotiation(cause);
    case 'peer-incompatible':
      return { name: 'incompatible', message: cause.detail };
    case 'closed-by-peer':
      return { name: 'given-up', message: 'the client closed the stream before it was logged in' };
    case 'stream-error-received':
      return { name: 'given-up', message: `the client ended the stream with ${cause.error.condition}` };
  }
}

function explainNegotiation({
  at,
  condition,
  detail,
}: Extract<CloseCause, { readonly code: 'negotiation-failed' }>): ExplainedFailure {
  switch (at) {
    case 'accept':
      return explainRefusal(condition, detail);
    case 'tls':
      return { name: 'tls-failed', message: detail };
    case 'sasl':
    case 'bind':
      return { name: 'refused', message: detail };
  }
}

function explainHandshake(error: Error | undefined): ExplainedFailure {
  const code = systemCodeOf(error) ?? '';
  if (/^ERR_SSL_(WRONG_VERSION_NUMBER|HTTP_REQUEST|HTTPS_PROXY_REQUEST|PACKET_LENGTH_TOO_LONG)$/.test(code)) {
    const message =
      'something else than TLS came where TLS comes first: the client wants the other port, or STARTTLS off';
    return { name: 'clear-text-on-direct-tls-port', message };
  }
  if (code === '' || code === 'ECONNRESET') {
    return { name: 'cut', message: 'the connection ended, or its time was up, before TLS was there' };
  }
  return { name: 'tls-failed', message: `the TLS handshake failed: ${messageOf(error)}` };
}

function isTlsFailure(error: Error | undefined): boolean {
  return /^ERR_(SSL|TLS)_/.test(systemCodeOf(error) ?? '');
}

function explainViolation(cause: Extract<CloseCause, { readonly code: 'peer-misbehaved' }>): ExplainedFailure {
  const { violation, detail } = cause;
  if (violation === 'too-many-authentication-attempts') return { name: 'too-many-logins', message: detail };
  // A TLS record of a handshake begins with 0x16, and nothing else that anybody would send here does.
  if (/\b(?:0x16|U\+0016)\b/i.test(detail)) {
    const message = 'TLS came where the stream begins in clear text: the client wants the other port, or STARTTLS on';
    return { name: 'tls-on-starttls-port', message };
  }
  return { name: GARBAGE.has(violation) ? 'not-xmpp' : 'rule-broken', message: `${violation}: ${detail}` };
}

/** What comes of bytes that were never meant to be XMPP. */
const GARBAGE: ReadonlySet<string> = new Set([
  'invalid-utf8',
  'wrong-encoding',
  'invalid-character',
  'invalid-name',
  'malformed-tag',
  'malformed-markup',
  'malformed-xml-declaration',
  'text-outside-root',
  'root-not-stream',
  'stream-namespace-wrong',
]);

function explainRefusal(condition: string | undefined, text: string | undefined): ExplainedFailure {
  const why = text === undefined ? (condition ?? 'no reason') : `${condition ?? ''}, ${text}`;
  if (condition === 'host-unknown' || condition === 'host-gone') {
    return { name: 'unknown-domain', message: `it was for a domain that is not served (${why})` };
  }
  return { name: 'refused', message: `the server ended it: ${why}` };
}
