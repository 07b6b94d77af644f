import type { Jid } from '../jid/index.ts';
import type { Stanza, StanzaProblem } from '../stanza/index.ts';
import type { Decision, RoutingContext } from './decision.ts';
import { bounce, ignore, isSubscription, routeToAccount } from './local-user.ts';

/**
 * Decides what a server does with a stanza it received (RFC 6120 §10, RFC 6121 §8). It does nothing itself: carry out
 * the decisions in order. The stanza's sender is `context.sender`; stamp the stanza with it before it goes anywhere.
 *
 * An account that does not exist gets the same decisions as one that nobody is connected to, as far as the RFCs let it
 * (RFC 6120 §10.2, §13.11).
 *
 * @example
 * ```ts
 * import { jid, message, route } from '@xmpp-wire/core';
 *
 * const decisions = route(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' }), {
 *   sender: jid('juliet@im.example.com/balcony'),
 *   serviceOf: (domainpart) => (domainpart === 'im.example.com' ? 'server' : 'remote'),
 *   accountExists: () => true,
 *   resourcesOf: () => [],
 *   sharesPresence: () => false,
 *   storesOffline: true,
 * });
 * decisions[0]?.action; // 'forward'
 * ```
 */
export function route(stanza: Stanza | StanzaProblem, context: RoutingContext): readonly Decision[] {
  if ('problem' in stanza) {
    return stanza.answerable ? bounce(stanza.condition) : ignore('not-answerable');
  }
  const { to } = stanza;
  if (to === undefined) return routeWithoutTo(stanza, context);
  const service = context.serviceOf(to.domainpart);
  const senderIsOurs = context.serviceOf(context.sender.domainpart) !== 'remote';
  // RFC 6120 §10.4, security warning: what comes from another server is for a domain of ours, or for nobody.
  if (service === 'remote' && !senderIsOurs) return ignore('no-relay');
  return [...outbound(stanza, context), ...inbound(stanza, to, service, context)];
}

/**
 * Decides what becomes of a stanza that could not be forwarded (RFC 6120 §10.4.3): the domain did not resolve, or it did
 * but no stream to it came about.
 */
export function routeUndelivered(stanza: Stanza, why: 'unresolved' | 'unreachable'): readonly Decision[] {
  if (stanza.type === 'error' || (stanza.kind === 'iq' && stanza.type === 'result')) return ignore('not-answerable');
  return bounce(why === 'unresolved' ? 'remote-server-not-found' : 'remote-server-timeout');
}

/** RFC 6121 §3: each step of a subscription is noted in the roster of the user who takes it before it goes on. */
function outbound(stanza: Stanza, context: RoutingContext): readonly Decision[] {
  return isSubscription(stanza) && isLocalUser(context) ? handleForSender(context.sender) : [];
}

function inbound(
  stanza: Stanza,
  to: Jid,
  service: 'server' | 'local-service' | 'remote',
  context: RoutingContext,
): readonly Decision[] {
  // RFC 6120 §10.4: a remote domain. What becomes of it there is told later (§10.4.3).
  if (service === 'remote') return [{ action: 'forward', to: 'remote-domain', domain: to.domainpart }];
  // RFC 6120 §10.5: a specialised local service gets all that is for its domain.
  if (service === 'local-service') return [{ action: 'forward', to: 'local-service', domain: to.domainpart }];
  // RFC 6120 §10.5.1, §10.5.2: the server itself, with a resourcepart or without.
  if (to.localpart === undefined) return [{ action: 'handle', as: 'server' }];
  return routeToAccount(stanza, to, context);
}

function routeWithoutTo(stanza: Stanza, context: RoutingContext): readonly Decision[] {
  const { sender } = context;
  // Only a local user has an account here to act for; RFC 6120 §10.3 knows no other sender of such stanzas.
  if (!isLocalUser(context)) return [{ action: 'handle', as: 'server' }];
  switch (stanza.kind) {
    case 'message':
      // RFC 6120 §10.3.1: as if it were for the sender's own bare JID.
      return routeToAccount(stanza, sender.bare, context);
    case 'presence':
      // RFC 6121 §3.1.1, §4.3.2, §4.6: subscriptions and probes are for somebody.
      if (isSubscription(stanza) || stanza.type === 'probe') return bounce('bad-request');
      if (stanza.type === 'error') return ignore('not-answerable');
      // RFC 6120 §10.3.2: broadcast it.
      return handleForSender(sender);
    case 'iq':
      // RFC 6120 §10.3.3: the server answers as if it were the sender's bare JID.
      return handleForSender(sender);
  }
}

function isLocalUser(context: RoutingContext): boolean {
  return context.sender.localpart !== undefined && context.serviceOf(context.sender.domainpart) === 'server';
}

function handleForSender(sender: Jid): readonly Decision[] {
  return [{ action: 'handle', as: 'account', account: sender.bare, role: 'sender' }];
}
