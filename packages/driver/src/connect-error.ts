/** The steps of a connection, in the order they are taken. */
export type ConnectStep = 'discovery' | 'dns' | 'tcp' | 'websocket' | 'tls' | 'stream' | 'sasl' | 'bind';

/**
 * Why a connection came to nothing. Each code begins with the step that failed.
 *
 * - `discovery-…`: nothing says where the domain's WebSocket is (XEP-0156).
 * - `dns-…`: the name could not be turned into addresses.
 * - `tcp-…`: no address took the connection.
 * - `websocket-…`: there is no WebSocket that speaks XMPP at the address (RFC 7395 §3.1).
 * - `tls-…`: the connection could not be protected, or whoever answered is not the domain that was asked for.
 * - `stream-…`: the XML stream failed outside TLS, SASL and binding (RFC 6120 §4).
 * - `sasl-…`: the authentication failed (RFC 6120 §6).
 * - `bind-…`: no resource was bound (RFC 6120 §7).
 */
export type ConnectErrorCode =
  | 'discovery-failed'
  | 'discovery-none'
  | 'discovery-timed-out'
  | 'dns-no-address'
  | 'dns-no-direct-tls'
  | 'dns-service-unavailable'
  | 'dns-timed-out'
  | 'tcp-failed'
  | 'tcp-refused'
  | 'tcp-timed-out'
  | 'tcp-unreachable'
  | 'websocket-failed'
  | 'websocket-subprotocol'
  | 'websocket-timed-out'
  | 'tls-certificate-expired'
  | 'tls-certificate-name'
  | 'tls-certificate-not-yet-valid'
  | 'tls-certificate-revoked'
  | 'tls-certificate-untrusted'
  | 'tls-cut'
  | 'tls-handshake-failed'
  | 'tls-not-offered'
  | 'tls-timed-out'
  | 'tls-unexpected-bytes'
  | 'tls-version'
  | 'stream-closed'
  | 'stream-cut'
  | 'stream-error'
  | 'stream-incompatible'
  | 'stream-misbehaved'
  | 'stream-redirected'
  | 'stream-timed-out'
  | 'sasl-cut'
  | 'sasl-failed'
  | 'sasl-no-mechanism'
  | 'sasl-refused'
  | 'sasl-timed-out'
  | 'bind-cut'
  | 'bind-failed'
  | 'bind-refused'
  | 'bind-timed-out';

/**
 * Connecting failed. `step` says how far it came and `code` what went wrong there, both for programs; the message says
 * what happened and what to do; `cause` holds the error or the close cause it was made of.
 *
 * @example
 * ```ts
 * import { XmppConnectError } from '@xmpp-wire/driver';
 *
 * const error = new XmppConnectError('sasl-refused', 'the server refused the authentication: check the password');
 * error.step; // 'sasl'
 * ```
 */
export class XmppConnectError extends Error {
  override readonly name = 'XmppConnectError';
  readonly code: ConnectErrorCode;
  readonly step: ConnectStep;

  constructor(code: ConnectErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.step = stepOf(code);
  }
}

const STEPS: readonly ConnectStep[] = ['discovery', 'dns', 'tcp', 'websocket', 'tls', 'stream', 'sasl', 'bind'];

function stepOf(code: ConnectErrorCode): ConnectStep {
  return STEPS.find((step) => code.startsWith(`${step}-`)) ?? 'stream';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
