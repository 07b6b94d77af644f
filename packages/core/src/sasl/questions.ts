import { LocalProtocolError } from '../errors.ts';
import type { AuthorizedIdentity, SaslQuestions, ScramCredentials, ScramHash } from './mechanism.ts';
import { hashLength } from './scram-keys.ts';

// Answers come from the application. They are checked where they enter, before anything depends on them: a wrong one is the
// caller's mistake, and the question stays open.

/** Checks the answer to `derive-salted-password`. */
export function answerSaltedPassword(answer: SaslQuestions['derive-salted-password'][1], hash: ScramHash): Uint8Array {
  if (!(answer instanceof Uint8Array) || answer.length !== hashLength(hash)) {
    throw invalid(`derive-salted-password wants ${hashLength(hash)} bytes, the output of PBKDF2 with ${hash}`);
  }
  return answer;
}

/** Checks the answer to `look-up-credentials`. */
export function answerCredentials(
  answer: SaslQuestions['look-up-credentials'][1],
  hash: ScramHash,
): SaslQuestions['look-up-credentials'][1] {
  if (typeof answer === 'string') return answer;
  const { salt, iterations, storedKey, serverKey }: ScramCredentials = answer;
  if (storedKey.length !== hashLength(hash) || serverKey.length !== hashLength(hash)) {
    throw invalid(`look-up-credentials wants keys of ${hashLength(hash)} bytes, as ${hash} makes them`);
  }
  if (salt.length === 0 || !Number.isSafeInteger(iterations) || iterations < 1) {
    throw invalid('look-up-credentials wants a salt and one iteration or more');
  }
  return answer;
}

/** Checks the answer to `authorize`. */
export function answerAuthorization(answer: SaslQuestions['authorize'][1]): SaslQuestions['authorize'][1] {
  if (typeof answer === 'string') return answer;
  const { authcid, authzid }: AuthorizedIdentity = answer;
  if (authcid === '' || authzid === '')
    throw invalid('authorize wants an authcid; leave the authzid undefined where there is none');
  return answer;
}

function invalid(expected: string): LocalProtocolError {
  return new LocalProtocolError('answer-invalid', `${expected}; the question is still open, answer it again`);
}
