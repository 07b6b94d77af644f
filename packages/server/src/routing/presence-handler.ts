import { errorOf, presence, stamp, type Jid, type Presence } from '@xmpp-wire/core';
import type { SessionTable } from '../session-table.ts';
import type { ClientSession } from '../session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';

/**
 * What a server does about presence when there are no subscriptions (RFC 6121 §4): a user sees the own resources, and
 * whoever got directed presence learns of its end.
 */
export class PresenceHandler {
  readonly #table: SessionTable;
  readonly #settings: ServerSettings;
  readonly #route: (stanza: Presence, sender: ClientSession) => void;

  /** @param route routes a presence that the server makes for a session; nobody waits for it. */
  constructor(table: SessionTable, settings: ServerSettings, route: (stanza: Presence, sender: ClientSession) => void) {
    this.#table = table;
    this.#settings = settings;
    this.#route = route;
  }

  /** Presence without `to`: RFC 6121 §4.2.2, §4.4.2, §4.5.2. */
  broadcast(stanza: Presence, session: ClientSession): void {
    if (stanza.type === 'unavailable') {
      const seenBy = session.presence === undefined ? [] : this.#available(session.jid);
      session.becomeUnavailable();
      this.#tellOfEnd(stanza, session, seenBy);
      return;
    }
    const priority = priorityOf(stanza);
    if (priority === undefined) {
      const text = 'a priority is a whole number from -128 to 127';
      const error = errorOf(stanza, { condition: 'bad-request', text, lang: 'en' });
      if (error !== undefined) void session.send(error);
      return;
    }
    const others = session.presence === undefined ? this.#available(session.jid) : [];
    session.becomeAvailable(stanza, priority);
    // RFC 6121 §4.2.2, §4.4.2: to all available resources, the one that it comes from included.
    for (const each of this.#available(session.jid)) void each.send(stamp(stanza, { to: each.jid }));
    // The probe of RFC 6121 §4.3 to the user's own account, which the server need not send to itself.
    for (const other of others) {
      if (other.presence !== undefined) void session.send(stamp(other.presence, { to: session.jid }));
    }
  }

  /** The session is over, and no unavailable presence came of it: RFC 6121 §4.5.2 has the server make it. */
  ended(session: ClientSession, wasAvailable: boolean): void {
    const stanza = presence({ type: 'unavailable', from: session.jid });
    this.#tellOfEnd(stanza, session, wasAvailable ? this.#available(session.jid) : []);
  }

  /**
   * Presence with `to` goes out: RFC 6121 §4.6.3 has the server remember to whom. False when there is no room for it.
   * The own account need not be remembered: it learns of the end anyhow. Nothing gets to other domains.
   */
  noteDirected(stanza: Presence, to: Jid, session: ClientSession): boolean {
    if (to.bare.equals(session.jid.bare) || !this.#settings.domains.has(to.domainpart)) return true;
    const { directed } = session;
    const key = to.toString();
    if (stanza.type === 'unavailable') directed.delete(key);
    if (stanza.type !== undefined || directed.has(key)) return true;
    if (directed.size >= this.#settings.limits.directedPresences) return false;
    directed.set(key, to);
    return true;
  }

  /** Whether an account lets another entity see its presence: RFC 6121 §8.5.3.1. */
  sharesPresence(account: Jid, other: Jid): boolean {
    return this.#subscribes(account, other) || this.#table.of(account).some((session) => hasDirected(session, other));
  }

  /**
   * A probe for an account or for one of its resources (RFC 6121 §4.3.2, §4.6.6). Who may not know gets no answer:
   * an account that is not there gives none either (RFC 6120 §13.11).
   */
  answerProbe(probe: Presence, to: Jid, sender: ClientSession): void {
    const mayKnowAll = to.bare.equals(sender.jid.bare) || this.#subscribes(to.bare, sender.jid);
    const { id } = probe;
    const unavailable = presence({ type: 'unavailable', from: to, to: sender.jid, id });
    if (!to.isBare) {
      const session = this.#table.find(to);
      const isAvailable = session?.presence !== undefined;
      if (mayKnowAll) void sender.send(isAvailable ? presence({ from: to, to: sender.jid, id }) : unavailable);
      // RFC 6121 §4.6.6: who got directed presence hears that it still holds, and nothing more.
      else if (session !== undefined && hasDirected(session, sender.jid)) {
        void sender.send(presence({ from: to, to: sender.jid, id }));
      }
      return;
    }
    if (!mayKnowAll) return;
    const available = this.#available(to);
    if (available.length === 0) void sender.send(unavailable);
    for (const { presence: last } of available) {
      if (last !== undefined) void sender.send(stamp(last, { to: sender.jid }));
    }
  }

  /** There are no subscriptions but those that the embedding program knows of. */
  #subscribes(account: Jid, other: Jid): boolean {
    return this.#settings.hooks.sharesPresence?.(account, other) === true;
  }

  #tellOfEnd(stanza: Presence, session: ClientSession, seenBy: readonly ClientSession[]): void {
    for (const each of seenBy) void each.send(stamp(stanza, { to: each.jid }));
    const directed = [...session.directed.values()];
    session.directed.clear();
    for (const to of directed) this.#route(stamp(stanza, { to }), session);
  }

  #available(account: Jid): readonly ClientSession[] {
    return this.#table.of(account.bare).filter((session) => session.presence !== undefined);
  }
}

/** Presence was sent to this very address, or to the account that it belongs to. */
function hasDirected(session: ClientSession, other: Jid): boolean {
  return session.directed.has(other.toString()) || session.directed.has(other.bare.toString());
}

/** RFC 6121 §4.7.2.3: 0 when there is none; undefined when it is not what it has to be. */
function priorityOf(stanza: Presence): number | undefined {
  const text = stanza.element.childText('priority')?.trim();
  if (text === undefined) return 0;
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const priority = Number(text);
  return priority >= -128 && priority <= 127 ? priority : undefined;
}
