import { XML_VIOLATIONS, type XmlViolation } from '../xml/index.ts';
import type { StreamErrorCondition } from './stream-error.ts';

/** What is sent to a peer that broke a rule, and where the rule stands. */
export interface ViolationRow {
  /** The stream error; `undefined` where nothing may be written any more and the transport is cut. */
  readonly condition: StreamErrorCondition | undefined;
  /** Section of RFC 6120, or another document by name. */
  readonly section: string;
}

/** The ways to break the rules of streams and stanzas; those of XML are beside the scanner. */
export type StreamViolation =
  | 'root-not-stream'
  | 'stream-namespace-wrong'
  | 'content-namespace-is-stream-namespace'
  | 'content-namespace-unsupported'
  | 'content-namespace-differs'
  | 'content-element-prefixed'
  | 'extension-namespace-in-header'
  | 'version-absent'
  | 'version-malformed'
  | 'version-unsupported'
  | 'header-from-malformed'
  | 'header-from-changed'
  | 'header-to-changed'
  | 'response-from-wrong'
  | 'features-expected'
  | 'first-level-element-unknown'
  | 'stanza-before-completion'
  | 'element-out-of-order'
  | 'bytes-behind-starttls'
  | 'bytes-behind-proceed'
  | 'bytes-during-tls-negotiation'
  | 'success-unverified'
  | 'too-many-authentication-attempts'
  | 'too-many-bind-attempts'
  | 'bind-result-malformed'
  | 'stanza-from-wrong'
  | 'stanza-address-absent'
  | 'stanza-address-malformed'
  | 'stanza-against-direction'
  | 'stanza-to-foreign'
  | 'input-overrun';

const STREAM_VIOLATIONS: Readonly<Record<StreamViolation, ViolationRow>> = {
  'root-not-stream': { condition: 'bad-format', section: '4.2' },
  'stream-namespace-wrong': { condition: 'invalid-namespace', section: '4.8.1' },
  'content-namespace-is-stream-namespace': { condition: 'invalid-namespace', section: '4.8.2' },
  'content-namespace-unsupported': { condition: 'invalid-namespace', section: '4.8.3' },
  'content-namespace-differs': { condition: 'invalid-namespace', section: '4.8.2' },
  'content-element-prefixed': { condition: 'bad-namespace-prefix', section: '4.8.5' },
  'extension-namespace-in-header': { condition: 'invalid-namespace', section: '4.8.5' },
  'version-absent': { condition: 'unsupported-version', section: '4.7.5' },
  'version-malformed': { condition: 'unsupported-version', section: '4.7.5' },
  'version-unsupported': { condition: 'unsupported-version', section: '4.7.5' },
  'header-from-malformed': { condition: 'invalid-from', section: '4.7.1' },
  'header-from-changed': { condition: 'invalid-from', section: '4.9.3.9' },
  'header-to-changed': { condition: 'host-unknown', section: '4.9.3.6' },
  'response-from-wrong': { condition: 'invalid-from', section: '4.9.3.9' },
  'features-expected': { condition: 'bad-format', section: '4.3.2' },
  'first-level-element-unknown': { condition: 'unsupported-stanza-type', section: '4.9.3.24' },
  'stanza-before-completion': { condition: 'not-authorized', section: '4.3.5' },
  'element-out-of-order': { condition: 'not-authorized', section: '4.9.3.12' },
  'bytes-behind-starttls': { condition: undefined, section: '5.4.3.1' },
  'bytes-behind-proceed': { condition: undefined, section: '5.4.3.1' },
  'bytes-during-tls-negotiation': { condition: undefined, section: '5.4.3.1' },
  'success-unverified': { condition: 'not-authorized', section: '6.4.6' },
  'too-many-authentication-attempts': { condition: 'policy-violation', section: '6.4.5' },
  'too-many-bind-attempts': { condition: 'policy-violation', section: '7.7.3' },
  'bind-result-malformed': { condition: 'bad-format', section: '7.6.1' },
  'stanza-from-wrong': { condition: 'invalid-from', section: '8.1.2' },
  'stanza-address-absent': { condition: 'improper-addressing', section: '8.1.1.2' },
  'stanza-address-malformed': { condition: 'improper-addressing', section: '8.1.1.2' },
  'stanza-against-direction': { condition: 'not-authorized', section: '4.5' },
  'stanza-to-foreign': { condition: 'host-unknown', section: '8.1.1.2' },
  'input-overrun': { condition: 'policy-violation', section: '13.12' },
};

/** Every way a peer can break the protocol, by name. */
export type Violation = XmlViolation | StreamViolation;

/**
 * The one table that decides what a peer hears. Code that finds a violation names it; no call site picks a condition.
 */
export const VIOLATIONS: Readonly<Record<Violation, ViolationRow>> = { ...XML_VIOLATIONS, ...STREAM_VIOLATIONS };

/** A rule that was broken, with a sentence for people: what was expected and what came. */
export interface ViolationFound {
  readonly violation: Violation;
  readonly detail: string;
}
