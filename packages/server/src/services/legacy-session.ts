import type { IqService } from './iq-service.ts';

export const SESSION_NS = 'urn:ietf:params:xml:ns:xmpp-session';

/** RFC 3921 §3: a session has to be asked for after binding. RFC 6121 dropped it; whoever still asks is told yes. */
export const legacySession: IqService = {
  name: 'session',
  namespace: SESSION_NS,
  features: [],
  answer: (request, target) =>
    request.type === 'set' && target.is !== 'other-account' ? { result: undefined } : undefined,
};
