import { base64Encode } from '../bytes/base64.ts';
import { equalBytes } from '../bytes/constant-time.ts';
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import type { Gs2ChannelBinding } from './channel-binding.ts';
import { clientConversation, fail, type ClientMove } from './conversation.ts';
import { downgradeProtection, type AdvertisedMechanisms } from './downgrade.ts';
import type { ClientConversation, ScramHash } from './mechanism.ts';
import { answerSaltedPassword } from './questions.ts';
import { exclusiveOr, hmacOf, scramKeys } from './scram-keys.ts';
import type { ScramLimits } from './scram-limits.ts';
import { escapeName, gs2Header, isFault, readServerFinal, readServerFirst, type ServerFirst } from './scram-message.ts';

export interface ScramClientOptions {
  readonly hash: ScramHash;
  readonly channelBinding: Gs2ChannelBinding;
  /** Prepared. */
  readonly authcid: string;
  /** Prepared, in UTF-8. */
  readonly password: Uint8Array;
  readonly authzid: string | undefined;
  /** Printable ASCII without comma, never used before. */
  readonly nonce: string;
  readonly limits: ScramLimits;
  /** What the peer offered, to compare with what it says it offered (XEP-0474); undefined to compare nothing. */
  readonly advertised: AdvertisedMechanisms | undefined;
  /** Whether the peer has to say what it offered. */
  readonly requireDowngradeProtection: boolean;
}

/** The client's half of SCRAM (RFC 5802, RFC 7677). */
export function scramClient(mechanism: string, options: ScramClientOptions): ClientConversation {
  const { hash, channelBinding, limits } = options;
  const header = gs2Header(channelBinding, options.authzid);
  const clientFirstBare = `n=${escapeName(options.authcid)},r=${options.nonce}`;

  function begin(): ClientMove {
    return {
      type: 'response',
      data: utf8Encode(header + clientFirstBare),
      onChallenge: receiveServerFirst,
      onSuccess: () => fail('unexpected-success', 'success before the server proved anything'),
    };
  }

  function receiveServerFirst(challenge: Uint8Array): ClientMove {
    const text = utf8Decode(challenge);
    if (text === undefined) return fail('malformed-challenge', 'the first server message is not UTF-8');
    const message = readServerFirst(text);
    if (isFault(message)) {
      const reason = message.fault === 'extensions-not-supported' ? 'unknown-extension' : 'malformed-challenge';
      return fail(reason, `the first server message: ${message.detail}`);
    }
    if ('serverError' in message) return reported(message.serverError);
    return objectionTo(message) ?? derive(text, message);
  }

  function objectionTo(message: ServerFirst): ClientMove | undefined {
    // RFC 5802 §5.1: the nonce begins with ours. Rule S8: and the server added to it.
    if (!message.nonce.startsWith(options.nonce)) return fail('nonce-mismatch', 'the nonce does not begin with ours');
    if (message.nonce.length - options.nonce.length < limits.minNonceLength) {
      return fail('nonce-mismatch', `the server added fewer than ${limits.minNonceLength} characters to the nonce`);
    }
    if (message.iterations < limits.minIterations) {
      return fail(
        'iterations-too-low',
        `the server asks for ${message.iterations} iterations; the floor is ${limits.minIterations}`,
      );
    }
    // RFC 5802 §9: a large count is a denial of service.
    if (message.iterations > limits.maxIterations) {
      return fail(
        'iterations-too-high',
        `the server asks for ${message.iterations} iterations; the ceiling is ${limits.maxIterations}`,
      );
    }
    // XEP-0474 §6.2. What it says is signed together with the rest: if it was forged to fit, the server refuses our proof.
    const expected = options.advertised && downgradeProtection(hash, options.advertised);
    const claimed = message.downgradeProtection;
    if (expected !== undefined && claimed !== undefined && claimed !== expected) {
      return fail('downgrade-detected', 'the mechanisms that arrived are not the ones that the server offered');
    }
    if (options.requireDowngradeProtection && (claimed === undefined || expected === undefined)) {
      return fail(
        'downgrade-detected',
        'no channel-binding type fits, and the server does not confirm the types that arrived',
      );
    }
    return undefined;
  }

  function derive(serverFirst: string, { nonce, salt, iterations }: ServerFirst): ClientMove {
    return {
      type: 'question',
      name: 'derive-salted-password',
      request: { hash, password: options.password, salt, iterations },
      resume: (saltedPassword) => prove(serverFirst, nonce, answerSaltedPassword(saltedPassword, hash)),
    };
  }

  function prove(serverFirst: string, nonce: string, saltedPassword: Uint8Array): ClientMove {
    const cbindInput = concatenate(
      utf8Encode(header),
      channelBinding.flag === 'p' ? channelBinding.data : new Uint8Array(),
    );
    const withoutProof = `c=${base64Encode(cbindInput)},r=${nonce}`;
    const authMessage = utf8Encode(`${clientFirstBare},${serverFirst},${withoutProof}`);
    const { clientKey, storedKey, serverKey } = scramKeys(saltedPassword, hash);
    const proof = exclusiveOr(clientKey, hmacOf(hash, storedKey, authMessage));
    const serverSignature = hmacOf(hash, serverKey, authMessage);
    return {
      type: 'response',
      data: utf8Encode(`${withoutProof},p=${base64Encode(proof)}`),
      // RFC 5802 §5.2, 2b, erratum 2689: the last server message as a challenge is answered by an empty response.
      onChallenge: (challenge) =>
        verify(challenge, serverSignature) ?? {
          type: 'response',
          data: new Uint8Array(),
          onChallenge: () => fail('unexpected-challenge', 'a challenge after the last message of SCRAM'),
          onSuccess: (additionalData) =>
            additionalData?.length
              ? fail('unexpected-success', 'data with success after the last message of SCRAM')
              : { type: 'verified' },
        },
      onSuccess: (additionalData) =>
        additionalData === undefined
          ? fail('unexpected-success', 'success without the signature of the server')
          : (verify(additionalData, serverSignature) ?? { type: 'verified' }),
    };
  }

  return clientConversation(mechanism, begin);
}

/** Reads the last server message; undefined means that the server proved to know the account's keys. */
function verify(message: Uint8Array, serverSignature: Uint8Array): ClientMove | undefined {
  const text = utf8Decode(message);
  if (text === undefined) return fail('malformed-challenge', 'the last server message is not UTF-8');
  const final = readServerFinal(text);
  if (isFault(final)) {
    const reason = final.fault === 'extensions-not-supported' ? 'unknown-extension' : 'malformed-challenge';
    return fail(reason, `the last server message: ${final.detail}`);
  }
  if ('serverError' in final) return reported(final.serverError);
  // RFC 5802 §3: without an equal signature the exchange has failed. Rule S12: compared in constant time.
  if (equalBytes(final.verifier, serverSignature)) return undefined;
  return fail('server-not-verified', 'the signature of the server is wrong: it does not know the password');
}

function reported(serverError: string): ClientMove {
  return fail('server-error', `the server reports ${serverError}`, serverError);
}

function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const whole = new Uint8Array(left.length + right.length);
  whole.set(left);
  whole.set(right, left.length);
  return whole;
}
