/** The steps of a connection, in the order they are taken. */
export type ConnectStep = 'dns' | 'tcp' | 'tls' | 'stream' | 'sasl' | 'bind';

/**
 * Why a connection came to nothing. Each code begins with the step that failed.
 *
 * - `dns-…`: the name could not be turned into addresses.
 * - `tcp-…`: no address took the connection.
 * - `tls-…`: the connection could not be protected, or whoever answered is not the domain that was asked for.
 * - `stream-…`: the XML stream failed outside TLS, SASL and binding (RFC 6120 §4).
 * - `sasl-…`: the authentication failed (RFC 6120 §6).
 * - `bind-…`: no resource was bound (RFC 6120 §7).
 */
export type ConnectErrorCode =
  | 'dns-no-address'
  | 'dns-no-direct-tls'
  | 'dns-service-unavailable'
  | 'dns-timed-out'
  | 'tcp-failed'
  | 'tcp-refused'
  | 'tcp-timed-out'
  | 'tcp-unreachable'
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
 * import { connect, XmppConnectError } from '@xmpp-wire/node-tcp';
 *
 * try {
 *   await connect({ jid: 'juliet@im.example.com', password: 'secret', host: '127.0.0.1', port: 1 });
 * } catch (error) {
 *   if (error instanceof XmppConnectError) error.step; // 'tcp'
 * }
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

const STEPS: readonly ConnectStep[] = ['dns', 'tcp', 'tls', 'stream', 'sasl', 'bind'];

function stepOf(code: ConnectErrorCode): ConnectStep {
  return STEPS.find((step) => code.startsWith(`${step}-`)) ?? 'stream';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` that Node's errors carry, if this is one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
