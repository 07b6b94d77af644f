import type { Jid } from '../jid/index.ts';
import {
  STANZA_ERROR_CONDITIONS,
  type Iq,
  type Message,
  type MessageType,
  type Presence,
  type Stanza,
  type StanzaErrorCondition,
} from '../stanza/index.ts';
import type { ConnectedResource, Decision, IgnoreReason, RoutingContext } from './decision.ts';

/** Decides about a stanza for an account of this server, or for one that it has not (RFC 6120 §10.5.3, RFC 6121 §8.5). */
export function routeToAccount(stanza: Stanza, to: Jid, context: RoutingContext): readonly Decision[] {
  const exists = context.accountExists(to.bare);
  const resources = exists ? context.resourcesOf(to.bare) : [];
  const addressee: Addressee = {
    to,
    exists,
    resources,
    isConnected: !to.isBare && resources.some((resource) => resource.jid.equals(to)),
  };
  switch (stanza.kind) {
    case 'message':
      return routeMessage(stanza, addressee, context.storesOffline);
    case 'presence':
      return routePresence(stanza, addressee);
    case 'iq':
      return routeIq(stanza, addressee, context);
  }
}

/** RFC 6121 §3: presence that asks for, grants or ends a subscription. */
export function isSubscription(stanza: Stanza): boolean {
  if (stanza.kind !== 'presence') return false;
  const { type } = stanza;
  return type === 'subscribe' || type === 'subscribed' || type === 'unsubscribe' || type === 'unsubscribed';
}

/** An error of the type that goes with its condition. */
export function bounce(condition: StanzaErrorCondition): readonly Decision[] {
  return [{ action: 'bounce', condition, type: STANZA_ERROR_CONDITIONS[condition] }];
}

export function ignore(because: IgnoreReason): readonly Decision[] {
  return [{ action: 'ignore', because }];
}

/** Whom a stanza is for, and what there is of it. */
interface Addressee {
  readonly to: Jid;
  readonly exists: boolean;
  /** Empty when there is no such account: mostly that is all the difference there may be. */
  readonly resources: readonly ConnectedResource[];
  /** Whether `to` is a full JID and the resource of that very name is connected. */
  readonly isConnected: boolean;
}

// RFC 6121 §8.5.1, §8.5.2.1.1, §8.5.2.2.1, §8.5.3, and the summary in §8.5.4.
function routeMessage(stanza: Message, addressee: Addressee, storesOffline: boolean): readonly Decision[] {
  // RFC 6121 §8.5.3.1: a resource that is named and connected gets every message, whatever its priority.
  if (addressee.isConnected) return deliver([addressee.to]);
  return addressee.to.isBare
    ? routeMessageToBareJid(stanza.type, addressee, storesOffline)
    : routeMessageToAbsentResource(stanza.type, addressee, storesOffline);
}

function routeMessageToBareJid(type: MessageType, addressee: Addressee, storesOffline: boolean): readonly Decision[] {
  switch (type) {
    case 'normal':
    case 'chat':
      return deliverToMostAvailable(addressee, storesOffline);
    case 'headline': {
      // RFC 6121 §8.5.2.1.1: to all resources with a priority that is not negative; RFC 6121 §8.5.2.2.1: else nothing.
      const ready = readyResources(addressee.resources);
      return ready.length === 0 ? ignore('nobody-there') : deliver(ready.map((resource) => resource.jid));
    }
    case 'groupchat':
      return bounce('service-unavailable');
    case 'error':
      return ignore('not-answerable');
  }
}

// RFC 6121 §8.5.3.2.1. Where it leaves a choice, a headline, which expects no reply, is dropped and the others bounce.
function routeMessageToAbsentResource(
  type: MessageType,
  addressee: Addressee,
  storesOffline: boolean,
): readonly Decision[] {
  switch (type) {
    case 'chat':
      return deliverToMostAvailable(addressee, storesOffline);
    case 'normal':
    case 'groupchat':
      return bounce('service-unavailable');
    case 'headline':
      return ignore('nobody-there');
    case 'error':
      return ignore('not-answerable');
  }
}

function deliverToMostAvailable({ to, exists, resources }: Addressee, storesOffline: boolean): readonly Decision[] {
  const ready = readyResources(resources);
  if (ready.length > 0) {
    // RFC 6121 §8.5.2.1.1: the highest priority is most available; equals get it all.
    const highest = Math.max(...ready.map((resource) => resource.priority));
    return deliver(ready.filter((resource) => resource.priority === highest).map((resource) => resource.jid));
  }
  // RFC 6120 §10.2: where messages are stored an unknown account has to look like one that stores, by silence; where they
  // are not, both bounce.
  if (!storesOffline) return bounce('service-unavailable');
  return exists ? [{ action: 'store', account: to.bare }] : ignore('nobody-there');
}

// RFC 6121 §8.5.1, §8.5.2.1.2, §8.5.2.2.2, §8.5.3.1, §8.5.3.2.2.
function routePresence(stanza: Presence, addressee: Addressee): readonly Decision[] {
  const { to, exists, resources, isConnected } = addressee;
  if (!exists) return ignore(stanza.type === 'error' ? 'not-answerable' : 'nobody-there');
  switch (stanza.type) {
    case undefined:
    case 'unavailable': {
      if (isConnected) return deliver([to]);
      const available = to.isBare ? resources.filter((resource) => resource.priority !== undefined) : [];
      return available.length === 0 ? ignore('nobody-there') : deliver(available.map((resource) => resource.jid));
    }
    case 'subscribe':
    case 'probe':
      return handleForAccount(to);
    case 'subscribed':
    case 'unsubscribe':
    case 'unsubscribed':
      // RFC 6121 §8.5.3.2.2: to a resource that is not there, these are dropped.
      return to.isBare || isConnected ? handleForAccount(to) : ignore('nobody-there');
    case 'error':
      if (isConnected) return deliver([to]);
      // An error about presence that the server itself sent for the account, such as a broadcast or a subscription.
      return to.isBare ? handleForAccount(to) : ignore('not-answerable');
  }
}

// RFC 6120 §10.5.3, RFC 6121 §8.5.1, §8.5.2.1.3, §8.5.2.2.3, §8.5.3.1, §8.5.3.2.3.
function routeIq(stanza: Iq, { to, exists, isConnected }: Addressee, context: RoutingContext): readonly Decision[] {
  const isRequest = stanza.type === 'get' || stanza.type === 'set';
  if (exists && to.isBare) return handleForAccount(to);
  if (!exists || !isConnected) return isRequest ? bounce('service-unavailable') : ignore('not-answerable');
  // RFC 6121 §8.5.3.1: a request tells its sender that the resource is there, so only those who know may ask.
  const { sender } = context;
  const mayKnow = sender.bare.equals(to.bare) || context.sharesPresence(to.bare, sender);
  return !isRequest || mayKnow ? deliver([to]) : bounce('service-unavailable');
}

function deliver(to: readonly Jid[]): readonly Decision[] {
  return [{ action: 'deliver', to }];
}

function handleForAccount(to: Jid): readonly Decision[] {
  return [{ action: 'handle', as: 'account', account: to.bare, role: 'recipient' }];
}

/** The available resources that do not refuse messages by a negative priority (RFC 6121 §4.7.2.3). */
function readyResources(resources: readonly ConnectedResource[]): readonly { jid: Jid; priority: number }[] {
  return resources.flatMap(({ jid, priority }) => (priority !== undefined && priority >= 0 ? [{ jid, priority }] : []));
}
