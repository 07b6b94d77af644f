import { anonymousServer } from './anonymous.ts';
import { refuse } from './conversation.ts';
import { decoyCredentials, type DecoyPolicy, type MakeDecoy } from './decoy.ts';
import type { AdvertisedMechanisms } from './downgrade.ts';
import { externalServer } from './external.ts';
import type { IdentityPolicy } from './identity.ts';
import type { ChannelBindings, ServerConversation, ServerStep } from './mechanism.ts';
import { scramVariant, strengthOf } from './names.ts';
import { plainServer, type PlainCheck } from './plain.ts';
import { saslPrep, type Preparation } from './saslprep.ts';
import { DEFAULT_SCRAM_LIMITS, type ScramLimits } from './scram-limits.ts';
import { scramServer } from './scram-server.ts';

export interface ServerConversationOptions {
  /** What this stream offered: the result of `offeredMechanisms`. Nothing else is accepted. */
  readonly offered: readonly string[];
  /** What may be offered at all; tells a peer that asks for PLAIN too early to come back with TLS. Default: what was offered. */
  readonly mechanisms?: readonly string[] | undefined;
  /** What this connection can bind to: the result of `usableChannelBindings`. */
  readonly channelBindings: ChannelBindings;
  /** The domain of the accounts. */
  readonly domain: string;
  /**
   * Tells whether an authzid is the account's own bare JID. Default: it is `authcid@domain`, letter by letter; compare prepared
   * JIDs where you can.
   */
  readonly sameAccount?: ((authcid: string, authzid: string) => boolean) | undefined;
  /**
   * The account that a name belongs to, in one spelling and with its domain: an unknown account looks the same however it is
   * written, as a known one does (rule S21). Default: `authcid@domain`, letter by letter; give the prepared JID where you can.
   */
  readonly accountOf?: ((authcid: string) => string) | undefined;
  /** Whether the application is asked about an authzid that is not the account's own, or it is refused at once. Default `ask`. */
  readonly otherAuthzid?: 'ask' | 'refuse' | undefined;
  /** SCRAM: of `scramNonce`, new for this conversation. */
  readonly nonce: string;
  /** Where PLAIN is checked. */
  readonly plain: PlainCheck;
  /** What unknown accounts look like. */
  readonly decoy: DecoyPolicy;
  /** What this stream offered, for SCRAM to say it under signature (XEP-0474); undefined to say nothing. */
  readonly advertised?: AdvertisedMechanisms | undefined;
  readonly limits?: Partial<ScramLimits> | undefined;
  readonly preparation?: Preparation | undefined;
}

/**
 * Begins a conversation with the mechanism that a peer asked for. A mechanism that was not offered makes one that fails at
 * its first step with the right condition.
 *
 * @example
 * ```ts
 * import { createServerConversation } from '@xmpp-wire/core/sasl';
 * const conversation = createServerConversation('CRAM-MD5', {
 *   offered: ['SCRAM-SHA-256'],
 *   channelBindings: new Map(),
 *   domain: 'im.example.com',
 *   nonce: 'e124695b-69a9-4de6-9c30-b51b3808c59e',
 *   plain: { check: 'application' },
 *   decoy: { secret: new Uint8Array(32), iterations: 4096 },
 * });
 * conversation.receive(undefined).type; // 'failure'
 * ```
 */
export function createServerConversation(mechanism: string, options: ServerConversationOptions): ServerConversation {
  if (!options.offered.includes(mechanism)) {
    const failure = refusalOf(mechanism, options);
    return { mechanism, receive: () => failure };
  }
  const { channelBindings, offered, preparation = saslPrep } = options;
  const accountOf = options.accountOf ?? ((authcid: string) => `${authcid}@${options.domain}`);
  const decoy: MakeDecoy = (hash, authcid) => decoyCredentials(options.decoy, hash, accountOf(authcid));
  const identity: IdentityPolicy = {
    sameAccount: options.sameAccount ?? ((authcid, authzid) => authzid === `${authcid}@${options.domain}`),
    otherAuthzid: options.otherAuthzid ?? 'ask',
  };
  const variant = scramVariant(mechanism);
  if (variant !== undefined) {
    return scramServer(mechanism, {
      variant,
      nonce: options.nonce,
      channelBindings,
      offersPlus: offered.some((name) => scramVariant(name)?.plus),
      identity,
      decoy,
      preparation,
      limits: { ...DEFAULT_SCRAM_LIMITS, ...options.limits },
      advertised: options.advertised,
    });
  }
  if (mechanism === 'PLAIN') return plainServer({ check: options.plain, identity, decoy, preparation });
  return mechanism === 'EXTERNAL' ? externalServer() : anonymousServer();
}

function refusalOf(mechanism: string, options: ServerConversationOptions): ServerStep {
  // RFC 6120 §6.5.4: what only the missing protection keeps from being offered.
  if (mechanism === 'PLAIN' && options.mechanisms?.includes('PLAIN')) {
    return refuse('encryption-required', 'PLAIN is offered on protected connections only');
  }
  // RFC 6120 §6.5.9: what is spoken here, but is weaker than all that was offered.
  const strength = scramVariant(mechanism) || mechanism === 'PLAIN' ? strengthOf(mechanism) : undefined;
  const { offered } = options;
  if (strength !== undefined && offered.length > 0 && offered.every((name) => strength < (strengthOf(name) ?? 0))) {
    return refuse('mechanism-too-weak', `${mechanism} is weaker than what is offered`);
  }
  return refuse('invalid-mechanism', 'the mechanism was not offered');
}
