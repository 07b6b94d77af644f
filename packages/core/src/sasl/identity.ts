import { refuse, type ServerMove } from './conversation.ts';
import type { AuthorizationRequest, AuthorizedIdentity } from './mechanism.ts';
import { answerAuthorization } from './questions.ts';

/** How a server treats authorization identities (RFC 6120 §6.3.8, rule S11). */
export interface IdentityPolicy {
  /** Tells whether an authzid is the account's own bare JID, whatever way it is written. */
  sameAccount(authcid: string, authzid: string): boolean;
  /** Whether the application is asked about an authzid that is not the account's own, or it is refused at once. */
  readonly otherAuthzid: 'ask' | 'refuse';
}

/** Goes on once it is clear whom an authenticated account acts as. */
export function decideIdentity(
  policy: IdentityPolicy,
  request: AuthorizationRequest & { readonly authcid: string },
  accept: (identity: AuthorizedIdentity) => ServerMove,
): ServerMove {
  const { authcid, authzid } = request;
  if (authzid === undefined || policy.sameAccount(authcid, authzid)) return accept({ authcid, authzid: undefined });
  // RFC 6120 §6.3.8: what may not be assumed is an invalid-authzid.
  if (policy.otherAuthzid === 'refuse') return refuse('invalid-authzid', 'the account may act as itself only');
  return askAuthorization(request, accept);
}

/** Leaves the decision to the application. */
export function askAuthorization(
  request: AuthorizationRequest,
  accept: (identity: AuthorizedIdentity) => ServerMove,
): ServerMove {
  return {
    type: 'question',
    name: 'authorize',
    request,
    resume(answer) {
      const decision = answerAuthorization(answer);
      return typeof decision === 'string' ? refuse(decision, 'the application refused the identity') : accept(decision);
    },
  };
}
