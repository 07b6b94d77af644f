import { equalBytes } from '../bytes/constant-time.ts';
import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { clientConversation, fail, refuse, serverConversation, type ServerMove } from './conversation.ts';
import type { MakeDecoy } from './decoy.ts';
import { decideIdentity, type IdentityPolicy } from './identity.ts';
import type { ClientConversation, ScramHash, ServerConversation } from './mechanism.ts';
import { answerCredentials, answerSaltedPassword } from './questions.ts';
import type { Preparation } from './saslprep.ts';
import { scramKeys } from './scram-keys.ts';

/** What a PLAIN message says (RFC 4616 §2). */
export interface PlainMessage {
  /** Undefined when it is empty: the account acts as itself. */
  readonly authzid: string | undefined;
  readonly authcid: string;
  readonly password: string;
}

/** Where a server checks the password of PLAIN. */
export type PlainCheck =
  /** Against SCRAM keys, by the questions `look-up-credentials` and `derive-salted-password`. */
  | { readonly check: 'scram-keys'; readonly hash: ScramHash }
  /** By the question `check-password`. */
  | { readonly check: 'application' };

export interface PlainServerOptions {
  readonly check: PlainCheck;
  readonly identity: IdentityPolicy;
  readonly decoy: MakeDecoy;
  readonly preparation: Preparation;
}

/** The client's half of PLAIN (RFC 4616). Everything goes as it is: preparing it is the server's part (§2). */
export function plainClient(message: PlainMessage): ClientConversation {
  const data = utf8Encode(`${message.authzid ?? ''}\0${message.authcid}\0${message.password}`);
  return clientConversation('PLAIN', () => ({
    type: 'response',
    data,
    onChallenge: () => fail('unexpected-challenge', 'PLAIN has no challenge'),
    onSuccess: (additionalData) =>
      additionalData?.length ? fail('unexpected-success', 'PLAIN has no data with success') : { type: 'verified' },
  }));
}

/** The server's half of PLAIN (RFC 4616). */
export function plainServer(options: PlainServerOptions): ServerConversation {
  const { check, decoy, preparation } = options;
  return serverConversation('PLAIN', (response) => {
    const message = readPlain(response);
    if (message === undefined)
      return refuse('malformed-request', 'PLAIN wants [authzid] NUL authcid NUL password in UTF-8');
    // RFC 4616 §2: presented strings are queries; where nothing is left of one, verification fails.
    const authcid = preparation(message.authcid, 'query');
    const password = preparation(message.password, 'query');
    if (!authcid || !password) return refuse('not-authorized', 'SASLprep refuses the name or the password');
    const accept = (): ServerMove =>
      decideIdentity(
        options.identity,
        { mechanism: 'PLAIN', authcid, authzid: message.authzid, trace: undefined },
        (identity) => ({
          type: 'success',
          authcid: identity.authcid,
          authzid: identity.authzid,
          additionalData: undefined,
          channelBinding: undefined,
        }),
      );
    return check.check === 'application'
      ? askApplication({ authcid, password, authzid: message.authzid }, accept)
      : compareKeys(check.hash, authcid, utf8Encode(password), decoy, accept);
  });
}

/** Reads a PLAIN message; undefined unless it has exactly two NULs, a name, a password, and is UTF-8 (rule S11). */
export function readPlain(response: Uint8Array): PlainMessage | undefined {
  const [authzid, authcid, password, ...more] = utf8Decode(response)?.split('\0') ?? [];
  return authcid && password && more.length === 0 ? { authzid: authzid || undefined, authcid, password } : undefined;
}

function askApplication(
  request: { readonly authcid: string; readonly password: string; readonly authzid: string | undefined },
  accept: () => ServerMove,
): ServerMove {
  return {
    type: 'question',
    name: 'check-password',
    request,
    resume: (answer) => (answer === 'accepted' ? accept() : refuse(answer, 'the application refused the password')),
  };
}

/** An unknown account costs the same questions and the same work as a known one (rule S21). */
function compareKeys(
  hash: ScramHash,
  authcid: string,
  password: Uint8Array,
  decoy: MakeDecoy,
  accept: () => ServerMove,
): ServerMove {
  return {
    type: 'question',
    name: 'look-up-credentials',
    request: { mechanism: 'PLAIN', hash, authcid },
    resume(answer) {
      const known = answerCredentials(answer, hash);
      if (typeof known === 'string' && known !== 'unknown-account') return refuse(known, 'the account cannot be used');
      const credentials = typeof known === 'string' ? decoy(hash, authcid) : known;
      return {
        type: 'question',
        name: 'derive-salted-password',
        request: { hash, password, salt: credentials.salt, iterations: credentials.iterations },
        resume(saltedPassword) {
          const { storedKey } = scramKeys(answerSaltedPassword(saltedPassword, hash), hash);
          const proven = equalBytes(storedKey, credentials.storedKey);
          if (typeof known === 'string') return refuse('not-authorized', 'there is no such account');
          if (!proven) return refuse('not-authorized', 'the password is wrong');
          return known.accountState === undefined ? accept() : refuse(known.accountState, 'the account cannot be used');
        },
      };
    },
  };
}
