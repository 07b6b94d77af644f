import { base64Encode } from '../bytes/base64.ts';
import { equalBytes } from '../bytes/constant-time.ts';
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { refuse, serverConversation, type ServerMove } from './conversation.ts';
import type { MakeDecoy } from './decoy.ts';
import { downgradeProtection, type AdvertisedMechanisms } from './downgrade.ts';
import { decideIdentity, type IdentityPolicy } from './identity.ts';
import type {
  ChannelBindingType,
  ChannelBindings,
  SaslErrorCondition,
  ScramCredentials,
  ServerConversation,
} from './mechanism.ts';
import type { ScramVariant } from './names.ts';
import { answerCredentials } from './questions.ts';
import type { Preparation } from './saslprep.ts';
import { digestOf, exclusiveOr, hmacOf } from './scram-keys.ts';
import type { ScramLimits } from './scram-limits.ts';
import { isFault, readClientFinal, readClientFirst, type ClientFirst } from './scram-message.ts';

export interface ScramServerOptions {
  readonly variant: ScramVariant;
  /** Our part of the nonce: printable ASCII without comma, never used before. */
  readonly nonce: string;
  readonly channelBindings: ChannelBindings;
  /** Whether this stream offered a -PLUS mechanism: then `y` betrays that somebody took it away. */
  readonly offersPlus: boolean;
  readonly identity: IdentityPolicy;
  readonly decoy: MakeDecoy;
  readonly preparation: Preparation;
  readonly limits: ScramLimits;
  /** What this stream offered, to be said in `h=` (XEP-0474); undefined to say nothing. */
  readonly advertised: AdvertisedMechanisms | undefined;
}

/** The server's half of SCRAM (RFC 5802, RFC 7677). */
export function scramServer(mechanism: string, options: ScramServerOptions): ServerConversation {
  const { hash, plus } = options.variant;

  function receiveClientFirst(response: Uint8Array): ServerMove {
    const text = utf8Decode(response);
    if (text === undefined) return scramFailure('invalid-encoding', 'the first client message is not UTF-8');
    const first = readClientFirst(text);
    if (isFault(first)) return scramFailure(first.fault, `the first client message: ${first.detail}`);
    if (first.nonce.length < options.limits.minNonceLength) {
      return scramFailure('other-error', `the nonce has fewer than ${options.limits.minNonceLength} characters`);
    }
    const binding = agreeOnBinding(first.flag);
    if ('condition' in binding) return binding;
    // RFC 5802 §5.1: a name that cannot be prepared, or of which nothing is left, ends the exchange.
    const authcid = options.preparation(first.username, 'query');
    if (!authcid) return scramFailure('invalid-username-encoding', 'SASLprep refuses the name', 'not-authorized');
    return {
      type: 'question',
      name: 'look-up-credentials',
      request: { mechanism, hash, authcid },
      resume(answer) {
        const credentials = answerCredentials(answer, hash);
        if (credentials === 'unknown-account') return challenge(first, authcid, undefined, binding);
        if (typeof credentials === 'string')
          return scramFailure('other-error', 'the account cannot be used', credentials);
        return challenge(first, authcid, credentials, binding);
      },
    };
  }

  // RFC 5802 §6.
  function agreeOnBinding(flag: ClientFirst['flag']): Binding | Extract<ServerMove, { type: 'failure' }> {
    if (flag.flag !== 'p') {
      if (plus) return scramFailure('other-error', `${mechanism} without channel binding`);
      if (flag.flag === 'n' || !options.offersPlus) return { type: undefined, data: new Uint8Array() };
      // Rule S10: the client did not see what we offered.
      return scramFailure(
        'server-does-support-channel-binding',
        'the client saw no -PLUS mechanism although one was offered',
      );
    }
    if (options.channelBindings.size === 0)
      return scramFailure('channel-binding-not-supported', 'there is no channel to bind to');
    for (const [type, data] of options.channelBindings) {
      // The name of the mechanism is not signed, the flag is: they have to say the same.
      if (type === flag.type && !plus)
        return scramFailure('other-error', `channel binding in ${mechanism}, which has none`);
      if (type === flag.type) return { type, data };
    }
    return scramFailure('unsupported-channel-binding-type', `no data for ${flag.type}`);
  }

  /** Without credentials the account is unknown: all goes on as if it were not, up to the proof (rule S21). */
  function challenge(
    first: ClientFirst,
    authcid: string,
    known: ScramCredentials | undefined,
    binding: Binding,
  ): ServerMove {
    const credentials = known ?? options.decoy(hash, authcid);
    const nonce = first.nonce + options.nonce;
    const protection = options.advertised === undefined ? '' : `,h=${downgradeProtection(hash, options.advertised)}`;
    const serverFirst = `r=${nonce},s=${base64Encode(credentials.salt)},i=${credentials.iterations}${protection}`;
    return {
      type: 'challenge',
      data: utf8Encode(serverFirst),
      onResponse(response) {
        const text = utf8Decode(response);
        if (text === undefined) return scramFailure('invalid-encoding', 'the last client message is not UTF-8');
        const final = readClientFinal(text);
        if (isFault(final)) return scramFailure(final.fault, `the last client message: ${final.detail}`);
        if (final.nonce !== nonce) return scramFailure('other-error', 'the nonce is not the one that was sent');
        // RFC 5802 §6: `c=` repeats the gs2 header, followed by the data of the channel.
        const header = utf8Encode(first.gs2Header);
        const sameHeader = equalBytes(final.channelBinding.subarray(0, header.length), header);
        if (!sameHeader || !equalBytes(final.channelBinding.subarray(header.length), binding.data)) {
          return scramFailure('channel-bindings-dont-match', 'c= is not the gs2 header with the data of this channel');
        }
        const authMessage = utf8Encode(`${first.bare},${serverFirst},${final.withoutProof}`);
        const proven = isProven(credentials, final.proof, authMessage);
        if (!proven || known === undefined) {
          return scramFailure(
            'invalid-proof',
            known === undefined ? 'there is no such account' : 'the password is wrong',
          );
        }
        if (known.accountState !== undefined)
          return scramFailure('other-error', 'the account cannot be used', known.accountState);
        const verifier = utf8Encode(`v=${base64Encode(hmacOf(hash, credentials.serverKey, authMessage))}`);
        return decideIdentity(
          options.identity,
          { mechanism, authcid, authzid: first.authzid, trace: undefined },
          (identity) => ({
            type: 'success',
            authcid: identity.authcid,
            authzid: identity.authzid,
            additionalData: verifier,
            channelBinding: binding.type,
          }),
        );
      },
    };
  }

  // RFC 5802 §3: the proof gives the client key, whose hash is kept.
  function isProven(credentials: ScramCredentials, proof: Uint8Array, authMessage: Uint8Array): boolean {
    const signature = hmacOf(hash, credentials.storedKey, authMessage);
    const storedKey = digestOf(hash, exclusiveOr(signature, proof));
    return equalBytes(storedKey, credentials.storedKey) && proof.length === signature.length;
  }

  return serverConversation(mechanism, receiveClientFirst);
}

/** The channel binding that both sides agreed on; without a type there is none. */
interface Binding {
  readonly type: ChannelBindingType | undefined;
  readonly data: Uint8Array;
}

/** The values of `e=` (RFC 5802 §7). XMPP has no place for them in a failure; they begin the detail, for the log. */
type ScramErrorName =
  | 'invalid-encoding'
  | 'extensions-not-supported'
  | 'invalid-proof'
  | 'channel-bindings-dont-match'
  | 'server-does-support-channel-binding'
  | 'channel-binding-not-supported'
  | 'unsupported-channel-binding-type'
  | 'invalid-username-encoding'
  | 'other-error';

// RFC 6120 §6.5.8: what violates the syntax is malformed. §6.5.10: all else tells nothing.
function scramFailure(
  error: ScramErrorName,
  detail: string,
  condition: SaslErrorCondition = SYNTAX_ERRORS.has(error) ? 'malformed-request' : 'not-authorized',
): Extract<ServerMove, { type: 'failure' }> {
  return refuse(condition, `${error}: ${detail}`);
}

const SYNTAX_ERRORS: ReadonlySet<ScramErrorName> = /* @__PURE__ */ new Set<ScramErrorName>([
  'invalid-encoding',
  'extensions-not-supported',
  'invalid-username-encoding',
]);
