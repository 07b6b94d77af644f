import { xml } from '@xmpp-wire/core/xml';
import type { IqService } from './iq-service.ts';

const ROSTER_NS = 'jabber:iq:roster';

/**
 * RFC 6121 §2: a roster that is always empty and cannot be changed. A request for somebody else's roster is not told
 * apart from one for an account that is not there (RFC 6120 §13.11).
 */
export const roster: IqService = {
  name: 'query',
  namespace: ROSTER_NS,
  features: [],
  answer(request, target) {
    if (target.is !== 'own-account') return undefined;
    if (request.type === 'get') return { result: xml('query', { xmlns: ROSTER_NS }) };
    // RFC 6121 §2.1.5 rule 1, §2.3.3.
    const isWellFormed = request.payload.childElements('item').length === 1;
    if (!isWellFormed) return { error: { condition: 'bad-request', text: 'a roster set has one item', lang: 'en' } };
    // RFC 6121 §2.3.3: the condition for rosters that clients cannot change.
    return { error: { condition: 'not-allowed', text: 'this server keeps no rosters', lang: 'en' } };
  },
};
