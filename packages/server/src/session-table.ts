import type { Jid } from '@xmpp-wire/core';
import type { ClientSession } from './session.ts';

/** All sessions by account and resource. A resource has one session at most, promised ones included. */
export class SessionTable {
  readonly #accounts = new Map<string, Map<string, ClientSession>>();

  add(session: ClientSession): void {
    const account = session.jid.bare.toString();
    const resources = this.#accounts.get(account) ?? new Map<string, ClientSession>();
    resources.set(session.jid.resourcepart ?? '', session);
    this.#accounts.set(account, resources);
  }

  /** False when it is not there, or another has its place. */
  remove(session: ClientSession): boolean {
    if (this.find(session.jid) !== session) return false;
    const account = session.jid.bare.toString();
    const resources = this.#accounts.get(account);
    resources?.delete(session.jid.resourcepart ?? '');
    if (resources?.size === 0) this.#accounts.delete(account);
    return true;
  }

  find(jid: Jid): ClientSession | undefined {
    return this.#accounts.get(jid.bare.toString())?.get(jid.resourcepart ?? '');
  }

  /** How many resources an account has, promised ones included. */
  count(account: Jid): number {
    return this.#accounts.get(account.toString())?.size ?? 0;
  }

  /** The sessions of an account that can be delivered to. */
  of(account: Jid): readonly ClientSession[] {
    const resources = this.#accounts.get(account.toString());
    return resources === undefined ? [] : [...resources.values()].filter((session) => session.isLive);
  }

  /** All that can be delivered to. */
  all(): readonly ClientSession[] {
    return [...this.#accounts.values()].flatMap((resources) => [...resources.values()]).filter((each) => each.isLive);
  }
}
