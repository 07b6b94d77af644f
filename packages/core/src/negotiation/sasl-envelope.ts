import { base64Decode, base64Encode } from '../bytes/base64.ts';
import type { Jid } from '../jid/index.ts';
import type { NamedQuestion, Question, SaslErrorCondition } from '../sasl/index.ts';
import type { XmlElement } from '../xml/index.ts';
import type { AuthorizeAsk, CheckPasswordAsk, DeriveSaltedPasswordAsk, LookUpCredentialsAsk } from './asks.ts';
import type { Security } from './facts.ts';
import { askFor, type Move } from './move.ts';

/** The defined conditions of a SASL failure, in the order of RFC 6120 §6.5. */
export const SASL_ERROR_CONDITIONS: readonly SaslErrorCondition[] = [
  'aborted',
  'account-disabled',
  'credentials-expired',
  'encryption-required',
  'incorrect-encoding',
  'invalid-authzid',
  'invalid-mechanism',
  'malformed-request',
  'mechanism-too-weak',
  'not-authorized',
  'temporary-auth-failure',
];

/** Tells whether a name is one of the defined conditions. */
export function isSaslErrorCondition(name: string): name is SaslErrorCondition {
  return SASL_ERROR_CONDITIONS.some((condition) => condition === name);
}

/**
 * The data of `<auth/>` and of `<success/>`, undefined where there is none. RFC 6120 §6.4.2, §6.4.6: data of length zero is
 * a single equals sign, since an empty element says that there is none.
 */
export function readData({ text }: XmlElement): Uint8Array | 'incorrect-encoding' | undefined {
  if (text === '') return undefined;
  return text === '=' ? new Uint8Array() : (base64Decode(text) ?? 'incorrect-encoding');
}

/** Writes such data, where there is some. */
export function writeData(data: Uint8Array): string {
  return base64Encode(data) || '=';
}

/** Puts a mechanism's question to the application; `show` makes a move of the step that the answer leads to. */
export function askSasl<Step>(
  question: Question<Step>,
  show: (step: Step) => Move,
  context: { readonly security: Security; readonly claimed: Jid | undefined },
): Move {
  switch (question.name) {
    case 'derive-salted-password':
      return askSaltedPassword(question, show);
    case 'look-up-credentials': {
      const ask: LookUpCredentialsAsk = { type: 'ask', ask: question.name, ...question.request };
      return askFor(ask, (answer) => show(question.resume(answer)));
    }
    case 'check-password': {
      const ask: CheckPasswordAsk = { type: 'ask', ask: question.name, ...question.request };
      return askFor(ask, (answer) => show(question.resume(answer)));
    }
    case 'authorize': {
      const ask: AuthorizeAsk = { type: 'ask', ask: question.name, ...question.request, ...context };
      return askFor(ask, (answer) => show(question.resume(answer)));
    }
  }
}

/** The one question that both sides have. */
export function askSaltedPassword<Step>(
  question: NamedQuestion<'derive-salted-password', Step>,
  show: (step: Step) => Move,
): Move {
  const ask: DeriveSaltedPasswordAsk = { type: 'ask', ask: question.name, ...question.request };
  return askFor(ask, (answer) => show(question.resume(answer)));
}
