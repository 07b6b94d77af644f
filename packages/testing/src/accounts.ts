import { utf8Decode, utf8Encode } from '@xmpp-wire/core/adapter';
import {
  saltPassword,
  scramCredentials,
  type CredentialsRequest,
  type SaltedPasswordRequest,
  type ScramCredentials,
  type ScramHash,
} from '@xmpp-wire/core/sasl';

/** RFC 7677 §4: the least that is accepted, and the least that costs. */
const ITERATIONS = 4096;

/**
 * Accounts by name and password, with what a server keeps of them. What was computed once is remembered, so hand one
 * object to all pairs of a test with many.
 *
 * @example
 * ```ts
 * import { Accounts, createPair } from '@xmpp-wire/testing';
 *
 * const accounts = new Accounts({ juliet: 'R0m30', romeo: 'Jul13t' });
 * const pair = createPair({ accounts, initiating: { credentials: { authcid: 'romeo', password: 'Jul13t' } } });
 * pair.initiating.open();
 * pair.runUntilIdle();
 * pair.receiving.event('established').jid.localpart; // 'romeo'
 * ```
 */
export class Accounts {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #credentials = new Map<string, ScramCredentials>();
  readonly #salted = new Map<string, Uint8Array>();

  constructor(passwords: Readonly<Record<string, string>>) {
    this.#passwords = new Map(Object.entries(passwords));
  }

  /** The answer to `look-up-credentials`. */
  credentials({ authcid, hash }: Pick<CredentialsRequest, 'authcid' | 'hash'>): ScramCredentials | 'unknown-account' {
    const password = this.#passwords.get(authcid);
    if (password === undefined) return 'unknown-account';
    return this.credentialsOf(hash, authcid, password);
  }

  /** SCRAM credentials of a name and any password, with the salt that belongs to the name. */
  credentialsOf(hash: ScramHash, authcid: string, password: string): ScramCredentials {
    const key = JSON.stringify([hash, authcid, password]);
    const salt = utf8Encode(`salt of ${authcid}`);
    return remember(this.#credentials, key, () => {
      const request = { hash, password: utf8Encode(password), salt, iterations: ITERATIONS };
      return scramCredentials({ hash, salt, iterations: ITERATIONS, saltedPassword: this.saltedPassword(request) });
    });
  }

  /** The answer to `check-password`. */
  check(authcid: string, password: string): 'accepted' | 'not-authorized' {
    return this.#passwords.get(authcid) === password ? 'accepted' : 'not-authorized';
  }

  /** The answer to `derive-salted-password`. */
  saltedPassword(request: SaltedPasswordRequest): Uint8Array {
    const { hash, password, salt, iterations } = request;
    const key = JSON.stringify([hash, utf8Decode(password) ?? [...password], [...salt], iterations]);
    return remember(this.#salted, key, () => saltPassword(request));
  }
}

function remember<Value>(memory: Map<string, Value>, key: string, make: () => Value): Value {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  memory.set(key, made);
  return made;
}
