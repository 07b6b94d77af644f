import type { CloseCause, StanzaErrorCondition, StreamErrorCondition } from '@xmpp-wire/core';
import type { SaslErrorCondition } from '@xmpp-wire/core/sasl';
import type { ConnectErrorCode } from '../connect-error.ts';

/**
 * What can bring a session down, by name: the code of a close cause or of an {@link XmppConnectError}, and behind a slash
 * the condition where there is one.
 */
export type ReconnectCause =
  | Exclude<CloseCause['code'], 'negotiation-failed' | 'stream-error-received'>
  | ConnectErrorCode
  | `stream-error/${StreamErrorCondition}`
  | `sasl-refused/${SaslErrorCondition}`
  | `bind-refused/${StanzaErrorCondition}`
  | `${'peer' | 'stream'}-misbehaved/success-unverified`
  | 'closed-by-peer/see-other-uri'
  | 'closed-locally/reset'
  | 'program-error';

/**
 * - `at-once`: without a delay, the first time; after that as `soon`.
 * - `soon`: after the delay of the policy, which begins with its `first` window.
 * - `late`: as `soon`, with the first steps left out: the other side needs time, or people.
 * - `give-up`: not by itself.
 */
export type ReconnectRule = 'at-once' | 'soon' | 'late' | 'give-up';

/** One row of {@link RECONNECT_RULES}. */
export interface ReconnectRow {
  readonly rule: ReconnectRule;
  /** Why, for people. */
  readonly because: string;
  /** `drop`: the next connection asks for no resource, so that the server makes one. */
  readonly resource?: 'drop';
}

type General = Exclude<ReconnectCause, `${string}/${string}`> | `stream-error/${StreamErrorCondition}`;
type Special = Exclude<ReconnectCause, General>;

const OPERATOR = 'its operator has to change something first';
const OUR_MISTAKE = 'the server did not understand this side: that does not pass, but what was sent may';
const NETWORK = 'the network is like that';
const CREDENTIALS = 'the same credentials would be refused again, and could lock the account';
const CONFIGURATION = 'the same configuration would fail again';
const IN_TROUBLE = 'the server is in trouble and needs time';

/**
 * What a session does about everything that can end a connection or an attempt at one. `reconnect.rules` overrides rows.
 * A cause with a condition that has no row of its own goes by the row without.
 */
export const RECONNECT_RULES: Readonly<Record<General, ReconnectRow> & Partial<Record<Special, ReconnectRow>>> = {
  // An established stream ended.
  'unexpected-eof': { rule: 'soon', because: NETWORK },
  'timed-out': { rule: 'soon', because: NETWORK },
  'closed-by-peer': { rule: 'soon', because: 'the server said nothing against it' },
  // RFC 7395 §3.6.1. As for see-other-host: only with a WebSocket to go to; without, or after too many, as `late`.
  'closed-by-peer/see-other-uri': { rule: 'at-once', because: 'the server names another WebSocket' },
  'closed-locally': { rule: 'give-up', because: 'this side closed the stream' },
  'closed-locally/reset': { rule: 'soon', because: 'the certificate of the server expired and a new one is needed' },
  'peer-misbehaved': { rule: 'late', because: 'the server broke the protocol, which rarely passes by itself' },
  'peer-misbehaved/success-unverified': { rule: 'give-up', because: 'the server could not prove who it is' },
  'peer-incompatible': { rule: 'give-up', because: CONFIGURATION },

  // The server ended the stream with an error (RFC 6120 §4.9.3), established or not.
  'stream-error/bad-format': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/bad-namespace-prefix': { rule: 'late', because: OUR_MISTAKE },
  // RFC 6120 §4.9.3.3: two that replace each other would go on for ever, and asking for the same resource is forbidden.
  'stream-error/conflict': {
    rule: 'give-up',
    because: 'another connection took its place, and coming back would drive that one out',
    resource: 'drop',
  },
  'stream-error/connection-timeout': { rule: 'soon', because: 'the server heard nothing for too long' },
  'stream-error/host-gone': { rule: 'give-up', because: 'the server no longer serves this domain' },
  'stream-error/host-unknown': { rule: 'give-up', because: 'the server does not serve this domain' },
  'stream-error/improper-addressing': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/internal-server-error': { rule: 'late', because: IN_TROUBLE },
  'stream-error/invalid-from': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/invalid-namespace': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/invalid-xml': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/not-authorized': { rule: 'give-up', because: CREDENTIALS },
  'stream-error/not-well-formed': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/policy-violation': { rule: 'late', because: 'something was too much for the server' },
  'stream-error/remote-connection-failed': { rule: 'late', because: IN_TROUBLE },
  // RFC 6120 §4.9.3.16: the server wants to negotiate anew.
  'stream-error/reset': { rule: 'soon', because: 'the server asks for a new stream' },
  'stream-error/resource-constraint': { rule: 'late', because: IN_TROUBLE },
  'stream-error/restricted-xml': { rule: 'late', because: OUR_MISTAKE },
  // Only with a host to go to; without, or after too many, as `late`.
  'stream-error/see-other-host': { rule: 'at-once', because: 'the server names another host' },
  'stream-error/system-shutdown': { rule: 'soon', because: 'the server shut down and may be back in a moment' },
  'stream-error/undefined-condition': { rule: 'late', because: 'the server gave a reason that only it knows' },
  'stream-error/unsupported-encoding': { rule: 'give-up', because: CONFIGURATION },
  'stream-error/unsupported-feature': { rule: 'give-up', because: CONFIGURATION },
  'stream-error/unsupported-stanza-type': { rule: 'late', because: OUR_MISTAKE },
  'stream-error/unsupported-version': { rule: 'give-up', because: CONFIGURATION },

  // An attempt to connect failed.
  'dns-no-address': { rule: 'soon', because: NETWORK },
  'dns-no-direct-tls': { rule: 'give-up', because: CONFIGURATION },
  'dns-service-unavailable': { rule: 'give-up', because: 'the domain says that it has no such service' },
  'dns-timed-out': { rule: 'soon', because: NETWORK },
  'tcp-failed': { rule: 'soon', because: NETWORK },
  'tcp-refused': { rule: 'soon', because: 'the server may be starting' },
  'tcp-timed-out': { rule: 'soon', because: NETWORK },
  'tcp-unreachable': { rule: 'soon', because: NETWORK },
  'tls-certificate-expired': { rule: 'late', because: OPERATOR },
  'tls-certificate-name': { rule: 'give-up', because: 'whoever answers is not the domain that was asked for' },
  'tls-certificate-not-yet-valid': { rule: 'late', because: 'one of the two clocks is wrong' },
  'tls-certificate-revoked': { rule: 'give-up', because: 'the certificate was taken back' },
  'tls-certificate-untrusted': { rule: 'give-up', because: 'nobody who is trusted says who answers' },
  'tls-cut': { rule: 'soon', because: NETWORK },
  'tls-handshake-failed': { rule: 'late', because: OPERATOR },
  // Rule S6: never in clear. To come back at once would only ask whoever strips TLS to do it again.
  'tls-not-offered': { rule: 'give-up', because: OPERATOR },
  'tls-timed-out': { rule: 'soon', because: NETWORK },
  'tls-unexpected-bytes': { rule: 'late', because: 'somebody on the way may interfere' },
  'tls-version': { rule: 'give-up', because: OPERATOR },
  'stream-closed': { rule: 'soon', because: 'the server said nothing against it' },
  'stream-cut': { rule: 'soon', because: NETWORK },
  'stream-error': { rule: 'late', because: 'the server refused the stream' },
  'stream-incompatible': { rule: 'give-up', because: CONFIGURATION },
  'stream-misbehaved': { rule: 'late', because: 'the server broke the protocol, which rarely passes by itself' },
  'stream-misbehaved/success-unverified': { rule: 'give-up', because: 'the server could not prove who it is' },
  'stream-redirected': { rule: 'late', because: 'the servers send each other whoever comes' },
  'stream-timed-out': { rule: 'soon', because: NETWORK },
  'sasl-cut': { rule: 'soon', because: NETWORK },
  'sasl-failed': { rule: 'give-up', because: CREDENTIALS },
  'sasl-no-mechanism': { rule: 'give-up', because: CONFIGURATION },
  'sasl-refused': { rule: 'give-up', because: CREDENTIALS },
  'sasl-refused/temporary-auth-failure': { rule: 'late', because: IN_TROUBLE },
  'sasl-timed-out': { rule: 'soon', because: NETWORK },
  'bind-cut': { rule: 'soon', because: NETWORK },
  'bind-failed': { rule: 'give-up', because: CONFIGURATION },
  'bind-refused': { rule: 'give-up', because: CONFIGURATION },
  // RFC 6120 §7.7.2.1, §7.7.2.2: the resource itself is the trouble.
  'bind-refused/bad-request': { rule: 'at-once', because: 'the server can make a resource', resource: 'drop' },
  'bind-refused/conflict': { rule: 'at-once', because: 'the server can make a resource', resource: 'drop' },
  'bind-refused/internal-server-error': { rule: 'late', because: IN_TROUBLE },
  'bind-refused/resource-constraint': { rule: 'late', because: 'the account has too many connections' },
  'bind-refused/service-unavailable': { rule: 'late', because: IN_TROUBLE },
  'bind-timed-out': { rule: 'soon', because: NETWORK },

  // The same over WebSocket.
  'discovery-failed': { rule: 'soon', because: NETWORK },
  'discovery-none': { rule: 'give-up', because: CONFIGURATION },
  'discovery-timed-out': { rule: 'soon', because: NETWORK },
  'websocket-failed': { rule: 'soon', because: NETWORK },
  'websocket-subprotocol': { rule: 'give-up', because: CONFIGURATION },
  'websocket-timed-out': { rule: 'soon', because: NETWORK },

  // Not an error of a connection: the options, or a bug.
  'program-error': { rule: 'give-up', because: 'a program does not change by itself' },
};
