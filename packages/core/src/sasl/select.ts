import { commonChannelBinding, type Gs2ChannelBinding } from './channel-binding.ts';
import { isText, preparedForScram, type ClientCredentials } from './credentials.ts';
import type { ChannelBindings } from './mechanism.ts';
import { isSaslMechanism, SASL_MECHANISMS, scramVariant, strengthOf, type SaslMechanismName } from './names.ts';
import { saslPrep, type Preparation } from './saslprep.ts';

/** What a client chooses a mechanism by. */
export interface SelectionOptions {
  /** The names that the peer offers, in any order: ours counts (RFC 6120 §6.3.3). */
  readonly offered: readonly string[];
  /** The channel-binding types that the peer announces (XEP-0440); undefined when it announces none. */
  readonly channelBindingTypes: readonly string[] | undefined;
  /** What this connection can bind to: the result of `usableChannelBindings`. */
  readonly channelBindings: ChannelBindings;
  readonly credentials: ClientCredentials;
  /** Mechanisms that may be used, the most wanted first. Default {@link SASL_MECHANISMS}. */
  readonly mechanisms?: readonly string[] | undefined;
  /** Nothing weaker than this mechanism is used (rule S10). */
  readonly floor?: string | undefined;
  /** The mechanism of the last session: nothing weaker is used (rule S10). */
  readonly pinned?: string | undefined;
  /** Whether TLS, with the certificate checked, or something as good protects the connection. */
  readonly transportProtected: boolean;
  /** Mechanisms that failed on this stream already (RFC 6120 §6.4.5). */
  readonly tried?: readonly string[] | undefined;
  readonly preparation?: Preparation | undefined;
}

/** A mechanism and how to use it: goes to `createClientConversation`. */
export interface SelectedMechanism {
  readonly mechanism: SaslMechanismName;
  /** `n` for whatever is not SCRAM. */
  readonly channelBinding: Gs2ChannelBinding;
  /** XEP-0474 §7: go on only if the server confirms what it offered. */
  readonly requireDowngradeProtection: boolean;
}

/** Why an offered mechanism is not used. */
export type RefusalReason =
  /** It is not spoken here. */
  | 'unknown'
  /** It is not among the mechanisms that may be used. */
  | 'not-allowed'
  | 'already-tried'
  /** There is no password, certificate or leave to be anonymous for it. */
  | 'no-credentials'
  /** SASLprep refuses the name or the password. */
  | 'credentials-not-preparable'
  /** It shows a password, or relies on TLS, where nothing protects the connection. */
  | 'transport-not-protected'
  | 'below-floor'
  | 'below-pinned'
  /** It binds to the channel, and this connection has no data for any type. */
  | 'no-channel-binding'
  /** It binds to the channel, and the peer announces only types that we have no data for. */
  | 'no-common-channel-binding'
  /** It does not bind to the channel, and the same mechanism with channel binding can be used. */
  | 'channel-binding-possible'
  /** It shows the password, and the peer offers something that does not. */
  | 'stronger-offered';

export interface MechanismRefusal {
  readonly mechanism: string;
  readonly reason: RefusalReason;
}

/** What came of a selection. */
export interface Selection {
  /** The mechanism to use; undefined when none of those offered fits. */
  readonly selected: SelectedMechanism | undefined;
  /** Each offered mechanism that does not fit, with the reason, in the peer's order. */
  readonly refused: readonly MechanismRefusal[];
}

/**
 * Chooses the mechanism to authenticate with (RFC 6120 §6.3.3, RFC 5802 §6, XEP-0440 §3). Give what comes out to
 * `createClientConversation`; after a failure select again with the name among the `tried`.
 *
 * @example
 * ```ts
 * import { selectMechanism } from '@xmpp-wire/core/sasl';
 * const { selected } = selectMechanism({
 *   offered: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256'],
 *   channelBindingTypes: undefined,
 *   channelBindings: new Map(),
 *   credentials: { password: { authcid: 'juliet', password: 'r0m30myr0m30' } },
 *   transportProtected: true,
 * });
 * selected?.mechanism; // 'SCRAM-SHA-256'
 * ```
 */
export function selectMechanism(options: SelectionOptions): Selection {
  const { offered, mechanisms = SASL_MECHANISMS } = options;
  const candidates = new Map<string, SelectedMechanism>();
  const refused: MechanismRefusal[] = [];
  for (const mechanism of new Set(offered)) {
    const verdict = judge(mechanism, options, mechanisms);
    if (typeof verdict === 'string') refused.push({ mechanism, reason: verdict });
    else candidates.set(mechanism, verdict);
  }
  const first = mechanisms.find((mechanism) => candidates.has(mechanism));
  return { selected: first === undefined ? undefined : candidates.get(first), refused };
}

function judge(
  mechanism: string,
  options: SelectionOptions,
  allowed: readonly string[],
): RefusalReason | SelectedMechanism {
  if (!isSaslMechanism(mechanism)) return 'unknown';
  if (!allowed.includes(mechanism)) return 'not-allowed';
  const objection = objectionTo(mechanism, options);
  if (objection !== undefined) return objection;
  const variant = scramVariant(mechanism);
  if (variant !== undefined) return variant.plus ? bound(mechanism, options) : unbound(mechanism, options, allowed);
  // RFC 6120 §13.8.3: PLAIN is for servers that offer nothing better, also after something better failed.
  if (
    mechanism === 'PLAIN' &&
    options.offered.some((name) => scramVariant(name) !== undefined && allowed.includes(name))
  ) {
    return 'stronger-offered';
  }
  return { mechanism, channelBinding: { flag: 'n' }, requireDowngradeProtection: false };
}

function objectionTo(mechanism: SaslMechanismName, options: SelectionOptions): RefusalReason | undefined {
  const { credentials, transportProtected } = options;
  if (options.tried?.includes(mechanism)) return 'already-tried';
  const objection = credentialsObjection(mechanism, credentials, options.preparation ?? saslPrep);
  if (objection !== undefined) return objection;
  // RFC 6120 §13.8.3 for PLAIN; EXTERNAL is about the certificate of a TLS connection.
  if (!transportProtected && (mechanism === 'PLAIN' || mechanism === 'EXTERNAL')) return 'transport-not-protected';
  if (isBelow(mechanism, options.floor)) return 'below-floor';
  return isBelow(mechanism, options.pinned) ? 'below-pinned' : undefined;
}

function credentialsObjection(
  mechanism: SaslMechanismName,
  { password, certificate, anonymous }: ClientCredentials,
  preparation: Preparation,
): RefusalReason | undefined {
  if (mechanism === 'EXTERNAL') return certificate === true ? undefined : 'no-credentials';
  if (mechanism === 'ANONYMOUS') return anonymous === true ? undefined : 'no-credentials';
  if (password === undefined) return 'no-credentials';
  const usable =
    mechanism === 'PLAIN'
      ? isText(password.authcid) && isText(password.password)
      : preparedForScram(password, preparation);
  return usable ? undefined : 'credentials-not-preparable';
}

function isBelow(mechanism: SaslMechanismName, bound: string | undefined): boolean {
  if (bound === undefined) return false;
  // A certificate proved more than a password last time; without one now, anything that does not show the password will do.
  const least = strengthOf(bound === 'EXTERNAL' ? 'SCRAM-SHA-1' : bound);
  // A bound that is not known here lets nothing pass: a slip of the pen must not open what it was to close.
  return least === undefined || (strengthOf(mechanism) ?? 0) < least;
}

// RFC 5802 §6: with the -PLUS form the client binds, to a type that both have.
function bound(mechanism: SaslMechanismName, options: SelectionOptions): RefusalReason | SelectedMechanism {
  if (options.channelBindings.size === 0) return 'no-channel-binding';
  const channelBinding = commonChannelBinding(options.channelBindings, options.channelBindingTypes);
  return channelBinding === undefined
    ? 'no-common-channel-binding'
    : { mechanism, channelBinding, requireDowngradeProtection: false };
}

// RFC 5802 §6, rule S10: `y` exactly when we could bind and the peer offered no -PLUS at all, `n` otherwise.
function unbound(
  mechanism: SaslMechanismName,
  options: SelectionOptions,
  allowed: readonly string[],
): RefusalReason | SelectedMechanism {
  const { offered, channelBindings, channelBindingTypes } = options;
  const couldBind = channelBindings.size > 0 && allowed.some((name) => scramVariant(name)?.plus);
  if (!couldBind) return { mechanism, channelBinding: { flag: 'n' }, requireDowngradeProtection: false };
  if (!offered.some((name) => name.endsWith('-PLUS'))) {
    return { mechanism, channelBinding: { flag: 'y' }, requireDowngradeProtection: false };
  }
  const common = commonChannelBinding(channelBindings, channelBindingTypes) !== undefined;
  const plus = `${mechanism}-PLUS`;
  if (common && offered.includes(plus) && allowed.includes(plus)) return 'channel-binding-possible';
  // XEP-0440 §3: a list of types without ours and without the one that every server has smells of an attacker. XEP-0474 §7: the
  // server can still clear it up.
  const suspicious = !common && channelBindingTypes?.includes('tls-server-end-point') === false;
  return { mechanism, channelBinding: { flag: 'n' }, requireDowngradeProtection: suspicious };
}
