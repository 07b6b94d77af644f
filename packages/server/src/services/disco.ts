import { xml } from '@xmpp-wire/core/xml';
import type { IqService } from './iq-service.ts';

const INFO_NS = 'http://jabber.org/protocol/disco#info';
const ITEMS_NS = 'http://jabber.org/protocol/disco#items';

/** XEP-0030 for hosts and for one's own account: what the other services say of themselves, and nothing else. */
export function disco(services: readonly IqService[]): readonly IqService[] {
  const features = [INFO_NS, ITEMS_NS, ...services.flatMap((service) => service.features)].toSorted();
  const info: IqService = {
    name: 'query',
    namespace: INFO_NS,
    features: [INFO_NS],
    answer(request, target) {
      if (request.type !== 'get' || target.is === 'other-account') return undefined;
      // XEP-0030 §3.2: there are no nodes here.
      if (request.payload.attribute('node') !== undefined) return { error: { condition: 'item-not-found' } };
      const identity =
        target.is === 'server'
          ? xml('identity', { category: 'server', type: 'im', name: 'xmpp-wire' })
          : xml('identity', { category: 'account', type: 'registered' });
      return {
        result: xml(
          'query',
          { xmlns: INFO_NS },
          identity,
          features.map((feature) => xml('feature', { var: feature })),
        ),
      };
    },
  };
  const items: IqService = {
    name: 'query',
    namespace: ITEMS_NS,
    features: [ITEMS_NS],
    answer(request, target) {
      if (request.type !== 'get' || target.is === 'other-account') return undefined;
      if (request.payload.attribute('node') !== undefined) return { error: { condition: 'item-not-found' } };
      return { result: xml('query', { xmlns: ITEMS_NS }) };
    },
  };
  return [info, items];
}
