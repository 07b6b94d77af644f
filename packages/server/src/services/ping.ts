import type { IqService } from './iq-service.ts';

const PING_NS = 'urn:xmpp:ping';

/** XEP-0199: a host and one's own account answer pings; to anybody else an account does not show that it is there. */
export const ping: IqService = {
  name: 'ping',
  namespace: PING_NS,
  features: [PING_NS],
  answer: (request, target) =>
    request.type === 'get' && target.is !== 'other-account' ? { result: undefined } : undefined,
};
