import type { Jid } from '../jid/index.ts';
import type { Question, SaslErrorCondition } from '../sasl/index.ts';
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

/** Puts a mechanism's question to the application; `show` makes a move of the step that the answer leads to. */
export function askSasl<Step>(
  question: Question<Step>,
  show: (step: Step) => Move,
  context: { readonly security: Security; readonly claimed: Jid | undefined },
): Move {
  switch (question.name) {
    case 'derive-salted-password': {
      const ask: DeriveSaltedPasswordAsk = { type: 'ask', ask: question.name, ...question.request };
      return askFor(ask, (answer) => show(question.resume(answer)));
    }
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
