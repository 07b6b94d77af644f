import { utf8Decode, utf8Encode } from '../bytes/utf8.ts';
import { clientConversation, fail, refuse, serverConversation } from './conversation.ts';
import { askAuthorization } from './identity.ts';
import type { ClientConversation, ServerConversation } from './mechanism.ts';

/** The client's half of ANONYMOUS (RFC 4505); XEP-0175 §2 advises against a trace. */
export function anonymousClient(trace = ''): ClientConversation {
  const data = utf8Encode(trace);
  return clientConversation('ANONYMOUS', () => ({
    type: 'response',
    data,
    onChallenge: () => fail('unexpected-challenge', 'ANONYMOUS has no challenge after its initial response'),
    onSuccess: (additionalData) =>
      additionalData?.length ? fail('unexpected-success', 'ANONYMOUS has no data with success') : { type: 'verified' },
  }));
}

/** The server's half of ANONYMOUS: the application gives the peer an account of its own. */
export function anonymousServer(): ServerConversation {
  return serverConversation('ANONYMOUS', (response) => {
    const trace = utf8Decode(response);
    if (trace === undefined || !isTrace(trace)) {
      return refuse('malformed-request', 'ANONYMOUS wants at most 255 characters of text for people, in UTF-8');
    }
    const request = { mechanism: 'ANONYMOUS', authcid: undefined, authzid: undefined, trace: trace || undefined };
    return askAuthorization(request, (identity) => ({
      type: 'success',
      authcid: identity.authcid,
      authzid: identity.authzid,
      additionalData: undefined,
      channelBinding: undefined,
    }));
  });
}

/**
 * Tells whether a text can be trace information: 255 characters at most (RFC 4505 §2, RFC 6120 §6.5.8), and none that a log
 * or a screen would obey (the profile of RFC 4505 §3 prohibits controls, private use and changes of direction).
 */
export function isTrace(text: string): boolean {
  return (
    Array.from(text).length <= 255 &&
    !/[\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\p{Bidi_Control}\u2028\u2029]/u.test(text)
  );
}
