import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { clientConversation, fail, refuse, serverConversation } from './conversation.ts';
import { askAuthorization } from './identity.ts';
import type { ClientConversation, ServerConversation } from './mechanism.ts';

/**
 * The client's half of EXTERNAL (RFC 4422, Appendix A): the transport proved who we are. Without authzid the server takes
 * the identity from the certificate; XEP-0178 §2 says when to send one.
 */
export function externalClient(authzid = ''): ClientConversation {
  const data = utf8Encode(authzid);
  return clientConversation('EXTERNAL', () => ({
    type: 'response',
    data,
    onChallenge: () => fail('unexpected-challenge', 'EXTERNAL has no challenge after its initial response'),
    onSuccess: (additionalData) =>
      additionalData?.length ? fail('unexpected-success', 'EXTERNAL has no data with success') : { type: 'verified' },
  }));
}

/** The server's half of EXTERNAL: the application, which knows the certificate, decides whose it is. */
export function externalServer(): ServerConversation {
  return serverConversation('EXTERNAL', (response) => {
    const authzid = utf8Decode(response);
    // RFC 4422 §A.1: the response is an authzid in UTF-8 without NUL, or empty.
    if (authzid === undefined || authzid.includes('\0'))
      return refuse('malformed-request', 'EXTERNAL wants an authzid in UTF-8');
    const request = { mechanism: 'EXTERNAL', authcid: undefined, authzid: authzid || undefined, trace: undefined };
    return askAuthorization(request, (identity) => ({
      type: 'success',
      authcid: identity.authcid,
      authzid: identity.authzid,
      additionalData: undefined,
      channelBinding: undefined,
    }));
  });
}
