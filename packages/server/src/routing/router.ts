import {
  errorOf,
  route,
  routeUndelivered,
  stamp,
  type CloseCause,
  type Decision,
  type Jid,
  type Presence,
  type RoutingContext,
  type Stanza,
  type StanzaErrorFields,
} from '@xmpp-wire/core';
import type { IqTarget, Verdict } from '../hooks.ts';
import { IqHandler } from '../services/iq-handler.ts';
import { DistinctRecipients } from '../limits/distinct-recipients.ts';
import type { SessionTable } from '../session-table.ts';
import type { ClientSession, SessionOwner } from '../session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';
import { PresenceHandler } from './presence-handler.ts';

/** Of a session whose stream stopped taking stanzas before anybody said why. */
const TAKES_NOTHING: CloseCause = { code: 'unexpected-eof', detail: 'the stream takes nothing any more' };

/** Takes the stanzas that clients send where they belong: carries out what core's `route` decides (RFC 6120 §10). */
export class Router {
  readonly presences: PresenceHandler;
  readonly #iqs: IqHandler;
  readonly #table: SessionTable;
  readonly #settings: ServerSettings;
  readonly #owner: SessionOwner;
  readonly #recipients: DistinctRecipients;

  constructor(table: SessionTable, settings: ServerSettings, owner: SessionOwner) {
    this.#table = table;
    this.#settings = settings;
    this.#owner = owner;
    this.#recipients = new DistinctRecipients(settings.limits.recipientsPerMinute);
    this.#iqs = new IqHandler(settings);
    this.presences = new PresenceHandler(table, settings, (stanza, sender) =>
      this.#unattended(this.#route(stanza, sender)),
    );
  }

  /**
   * A client sent a stanza. RFC 6120 §10.1: wait for this before the client's next one. What fails here is the server's
   * own affair, or a hook's: it is reported, and the sender told.
   */
  async receive(stanza: Stanza, sender: ClientSession): Promise<void> {
    if (!sender.isHeard) return;
    try {
      // RFC 6120 §13.12, fifth item.
      if (!this.#isWithinLimit(stanza, sender)) {
        const text = 'too many recipients within a minute';
        return this.#bounce(stanza, sender, { condition: 'policy-violation', type: 'wait', text, lang: 'en' });
      }
      const verdict = (await this.#settings.hooks.beforeRouting?.(stanza, sender)) ?? 'route';
      await this.#follow(verdict, stanza, sender);
    } catch (error) {
      this.#owner.report(error);
      this.#bounce(stanza, sender, { condition: 'internal-server-error' });
    }
  }

  async #follow(verdict: Verdict, stanza: Stanza, sender: ClientSession): Promise<void> {
    if (verdict === 'drop') return;
    if (verdict === 'route') return this.#route(stanza, sender);
    if ('route' in verdict) return this.#route(fromSender(verdict.route, sender), sender);
    this.#bounce(stanza, sender, verdict.bounce);
  }

  async #route(stanza: Stanza, sender: ClientSession): Promise<void> {
    const exists = await this.#addresseeExists(stanza.to, sender);
    if (stanza.kind === 'presence' && stanza.to !== undefined && isAvailability(stanza)) {
      const hasRoom = this.presences.noteDirected(stanza, stanza.to, sender);
      if (!hasRoom) return this.#bounce(stanza, sender, { condition: 'resource-constraint' });
    }
    for (const decision of route(stanza, this.#contextOf(sender, exists))) {
      // RFC 6121 §3 as far as it goes here: there are no subscriptions to ask for, to grant or to end.
      if (decision.action === 'handle' && isSubscription(stanza)) return this.#refuseSubscription(stanza, sender);
      await this.#carryOut(decision, stanza, sender, exists);
    }
  }

  async #carryOut(decision: Decision, stanza: Stanza, sender: ClientSession, exists: boolean): Promise<void> {
    switch (decision.action) {
      case 'deliver':
        return this.#deliver(decision.to, stanza, sender, exists);
      case 'bounce':
        return this.#bounce(stanza, sender, { condition: decision.condition, type: decision.type });
      case 'forward':
        if ((await this.#settings.hooks.forward?.(stanza, decision.domain, sender)) === true) return;
        // There are no streams to other servers, and no components: no domain but ours can be found (RFC 6120 §10.4.3).
        for (const next of routeUndelivered(stanza, 'unresolved')) await this.#carryOut(next, stanza, sender, exists);
        return;
      case 'handle':
        return this.#handle(stanza, targetOf(decision, stanza, sender), sender);
      case 'store':
        return this.#store(stanza, decision.account, sender);
      case 'ignore':
    }
  }

  async #store(stanza: Stanza, account: Jid, sender: ClientSession): Promise<void> {
    const { hooks } = this.#settings;
    if (stanza.kind === 'message' && (await hooks.storeMessage?.(stanza, account, sender)) === true) return;
    this.#bounce(stanza, sender, { condition: 'service-unavailable' });
  }

  #deliver(to: readonly Jid[], stanza: Stanza, sender: ClientSession, exists: boolean): void {
    const pending: Promise<boolean>[] = [];
    let isTaken = false;
    for (const jid of to) {
      const session = this.#table.find(jid);
      const outcome = session?.send(stanza);
      if (session === undefined || outcome === undefined) continue;
      // A stream that takes nothing any more is as good as gone: the next decision is made without it.
      if (outcome === false) this.#owner.endSession(session, true, TAKES_NOTHING);
      else if (outcome === true) isTaken = true;
      else pending.push(this.#awaitOutcome(outcome, session));
    }
    if (!isTaken) this.#unattended(this.#deliverElsewhere(pending, stanza, sender, exists));
  }

  async #deliverElsewhere(
    pending: readonly Promise<boolean>[],
    stanza: Stanza,
    sender: ClientSession,
    exists: boolean,
  ): Promise<void> {
    const outcomes = await Promise.all(pending);
    if (outcomes.includes(true)) return;
    for (const decision of route(stanza, this.#contextOf(sender, exists))) {
      await this.#carryOut(decision, stanza, sender, exists);
    }
  }

  async #awaitOutcome(outcome: Promise<boolean>, session: ClientSession): Promise<boolean> {
    const taken = await outcome;
    if (!taken) this.#owner.endSession(session, true, TAKES_NOTHING);
    return taken;
  }

  async #handle(stanza: Stanza, target: IqTarget, sender: ClientSession): Promise<void> {
    switch (stanza.kind) {
      case 'iq':
        // RFC 6120 §10.3.3 rule 3: results and errors answer nothing that the server asked.
        if (stanza.type !== 'get' && stanza.type !== 'set') return;
        void sender.send(await this.#iqs.answer(stanza, target, sender));
        return;
      case 'message':
        // RFC 6120 §10.5.1: a host reads no messages.
        return this.#bounce(stanza, sender, { condition: 'service-unavailable' });
      case 'presence':
        if (stanza.to === undefined) this.presences.broadcast(stanza, sender);
        else if (stanza.type === 'probe' && target.is !== 'server') {
          this.presences.answerProbe(stanza, stanza.to, sender);
        }
    }
  }

  // Nobody waits for asking, granting and ending what cannot be; who asks is told.
  #refuseSubscription(stanza: Presence, sender: ClientSession): void {
    if (stanza.type !== 'subscribe') return;
    const text = 'this server knows no subscriptions';
    this.#bounce(stanza, sender, { condition: 'feature-not-implemented', text, lang: 'en' });
  }

  #bounce(stanza: Stanza, sender: ClientSession, fields: StanzaErrorFields): void {
    const error = errorOf(stanza, fields);
    // RFC 6120 §8.1.1.1: what the server makes for a client is to its full JID, also where the stanza was from the bare one.
    if (error !== undefined) void sender.send(stamp(error, { to: sender.jid }));
  }

  /** What no client waits for; a failure of it is for the log. */
  #unattended(work: Promise<void>): void {
    work.catch((error: unknown) => this.#owner.report(error));
  }

  /** Answers do not count: who asked is as many as it likes. */
  #isWithinLimit({ kind, type, to }: Stanza, sender: ClientSession): boolean {
    if (to === undefined || type === 'error' || (kind === 'iq' && type === 'result')) return true;
    if (to.localpart === undefined && this.#settings.domains.has(to.domainpart)) return true;
    const [from, recipient] = [sender.jid.bare, to.bare];
    return (
      from.equals(recipient) || this.#recipients.admit(from.toString(), recipient.toString(), this.#settings.now())
    );
  }

  #contextOf(sender: ClientSession, exists: boolean): RoutingContext {
    const { domains } = this.#settings;
    return {
      sender: sender.jid,
      serviceOf: (domainpart) => (domains.has(domainpart) ? 'server' : 'remote'),
      // Whoever has logged in has an account, also without one in the store (ANONYMOUS).
      accountExists: (account) => exists || this.#table.of(account).length > 0,
      resourcesOf: (account) => this.#table.of(account),
      sharesPresence: (account, other) => this.presences.sharesPresence(account, other),
      storesOffline: this.#settings.hooks.storeMessage !== undefined,
    };
  }

  /** Whether there is the account that a stanza is for; not asked about the sender's own. */
  async #addresseeExists(to: Jid | undefined, sender: ClientSession): Promise<boolean> {
    if (to?.localpart === undefined || !this.#settings.domains.has(to.domainpart)) return false;
    return to.bare.equals(sender.jid.bare) || this.#settings.accounts.exists(to.bare);
  }
}

// RFC 6120 §8.1.2.1 rules 1 and 4, rules S18 and S24: without a 'from' it would be the word of the recipient's own account.
function fromSender(stanza: Stanza, { jid }: ClientSession): Stanza {
  return stanza.from === undefined ? stamp(stanza, { from: jid }) : stanza;
}

function isAvailability(stanza: Presence): boolean {
  return stanza.type === undefined || stanza.type === 'unavailable';
}

function isSubscription(stanza: Stanza): stanza is Presence {
  if (stanza.kind !== 'presence') return false;
  const { type } = stanza;
  return type === 'subscribe' || type === 'subscribed' || type === 'unsubscribe' || type === 'unsubscribed';
}

function targetOf(decision: Extract<Decision, { action: 'handle' }>, stanza: Stanza, sender: ClientSession): IqTarget {
  if (decision.as === 'server') return { is: 'server', jid: stanza.to ?? sender.jid.bare };
  const isOwn = decision.account.equals(sender.jid.bare);
  return { is: isOwn ? 'own-account' : 'other-account', jid: decision.account };
}
