import type { CloseCause } from '@xmpp-wire/core';
import { messageOf, XmppConnectError, type ConnectErrorCode, type ConnectStep } from './connect-error.ts';

/** A connection that ended before it was established. */
export interface EarlyEnd {
  readonly cause: CloseCause;
  /** What the transport said, if it failed. */
  readonly error: Error | undefined;
  /** How far the negotiation had come. */
  readonly step: ConnectStep;
  /** The domain that was asked for. */
  readonly domain: string;
}

/** Makes an error of the end of a connection that was never established. */
export function explainClose({ cause, error, step, domain }: EarlyEnd): XmppConnectError {
  // The transport's own words come first: `tls-certificate-expired` says more than `negotiation-failed`.
  if (error instanceof XmppConnectError) return error;
  const make = (code: ConnectErrorCode, message: string): XmppConnectError =>
    new XmppConnectError(code, message, error ?? cause);
  switch (cause.code) {
    case 'negotiation-failed':
      return negotiationFailed(cause, domain, make);
    case 'peer-incompatible':
      return make(...incompatible(cause.missing, domain, cause.detail));
    case 'peer-misbehaved': {
      const code = /^bytes-(?:behind-proceed|during-tls)/.test(cause.violation)
        ? 'tls-unexpected-bytes'
        : 'stream-misbehaved';
      return make(
        code,
        `${domain} broke the protocol (${cause.violation}: ${cause.detail}): it is not an XMPP server, or somebody on the way interferes`,
      );
    }
    case 'stream-error-received': {
      const { condition, text } = cause.error;
      const said = text === undefined ? condition : `${condition}: ${text}`;
      // RFC 6120 §4.9.3.24: all that was sent so far is <starttls/>, tried although it was not offered (rule S6).
      if (step === 'tls' && condition === 'unsupported-stanza-type') {
        return make(...incompatible('starttls', domain, said));
      }
      return make('stream-error', `${domain} ended the stream (${said})${STREAM_ERROR_ADVICE[condition] ?? ''}`);
    }
    case 'timed-out':
      return make(
        LATE[step],
        `${domain} stopped answering during the ${STEP_NAMES[step]}: check the port (a port for direct TLS says nothing in clear), or raise timeouts.negotiation`,
      );
    case 'unexpected-eof': {
      const why = error === undefined ? '' : ` (${messageOf(error)})`;
      const port = step === 'stream' ? 'check the port (one for direct TLS hangs up on clear text), ' : '';
      return make(
        CUT[step],
        `the connection to ${domain} was cut during the ${STEP_NAMES[step]}${why}: ${port}look into the server's log, or try again`,
      );
    }
    case 'closed-by-peer':
      return make(
        'stream-closed',
        `${domain} closed the stream during the ${STEP_NAMES[step]} without saying why: look into the server's log`,
      );
    case 'closed-locally':
      return make('stream-closed', `the stream to ${domain} was closed by this side during the ${STEP_NAMES[step]}`);
  }
}

type NegotiationFailed = Extract<CloseCause, { readonly code: 'negotiation-failed' }>;

function negotiationFailed(
  { at, condition, text, detail }: NegotiationFailed,
  domain: string,
  make: (code: ConnectErrorCode, message: string) => XmppConnectError,
): XmppConnectError {
  const said = text === undefined ? detail : `${detail}; it says: ${text}`;
  switch (at) {
    case 'accept':
      return make('stream-error', `${domain} refused the stream (${said})`);
    case 'tls':
      // The handshake's own error went before; what is left is that the server refused to begin one.
      return make(
        'tls-not-offered',
        `${domain} does not do STARTTLS (${said}): nothing secret was sent; its operator has to switch TLS on`,
      );
    case 'sasl':
      return condition === undefined || condition === 'aborted'
        ? make('sasl-failed', `the authentication with ${domain} failed (${said})`)
        : make('sasl-refused', `${domain} refused the authentication: ${said}`);
    case 'bind':
      return condition === undefined
        ? make('bind-failed', `${domain} did not bind a resource (${said})`)
        : make('bind-refused', `${domain} refused to bind the resource (${said})${BIND_ADVICE[condition] ?? ''}`);
  }
}

function incompatible(missing: string, domain: string, detail: string): readonly [ConnectErrorCode, string] {
  if (missing === 'starttls') {
    return [
      'tls-not-offered',
      `${domain} does not do STARTTLS (${detail}): nothing secret was sent; its operator has to switch TLS on`,
    ];
  }
  if (missing === 'mechanism') {
    return [
      'sasl-no-mechanism',
      `${domain} and this side have no way of authentication in common (${detail}): allow more mechanisms, or ask its operator`,
    ];
  }
  if (missing === 'bind')
    return ['bind-failed', `${domain} does not bind resources (${detail}): it is no server for clients`];
  return ['stream-incompatible', `${domain} needs something that this side does not have (${detail})`];
}

const STEP_NAMES: Readonly<Record<ConnectStep, string>> = {
  discovery: 'lookup',
  dns: 'lookup',
  tcp: 'connecting',
  websocket: 'connecting',
  tls: 'TLS negotiation',
  stream: 'opening of the stream',
  sasl: 'authentication',
  bind: 'binding of the resource',
};

const CUT: Readonly<Record<ConnectStep, ConnectErrorCode>> = {
  discovery: 'stream-cut',
  dns: 'stream-cut',
  tcp: 'stream-cut',
  websocket: 'stream-cut',
  tls: 'tls-cut',
  stream: 'stream-cut',
  sasl: 'sasl-cut',
  bind: 'bind-cut',
};

const LATE: Readonly<Record<ConnectStep, ConnectErrorCode>> = {
  discovery: 'stream-timed-out',
  dns: 'stream-timed-out',
  tcp: 'stream-timed-out',
  websocket: 'stream-timed-out',
  tls: 'tls-timed-out',
  stream: 'stream-timed-out',
  sasl: 'sasl-timed-out',
  bind: 'bind-timed-out',
};

const STREAM_ERROR_ADVICE: Readonly<Record<string, string>> = {
  'host-unknown': ': it does not serve this domain; check the domain of the address, and the host if you gave one',
  'host-gone': ': it no longer serves this domain; check the domain of the address',
  'system-shutdown': ': try again later',
  'resource-constraint': ': it has too much to do; try again later',
  'policy-violation': ': its operator knows the policy',
};

const BIND_ADVICE: Readonly<Record<string, string>> = {
  conflict: ': the resource is in use; ask for another, or for none',
  'resource-constraint': ': the account has too many connections; close one',
  'bad-request': ': ask for another resource, or for none',
  'not-allowed': ': ask its operator',
};
