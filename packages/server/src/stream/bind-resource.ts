import type { BindRefusal, Jid } from '@xmpp-wire/core';
import { parseJidParts } from '@xmpp-wire/core/jid';
import type { SessionTable } from '../session-table.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';

/** What a client that binds a resource gets. */
export type Binding =
  | { readonly jid: Jid; /** Whether a session that has the resource gives way. */ readonly replaces: boolean }
  | BindRefusal;

/** Decides which resource a client gets (RFC 6120 §7.6, §7.7). */
export function chooseResource(
  account: Jid,
  requested: string | undefined,
  table: SessionTable,
  settings: ServerSettings,
): Binding {
  const { limits, resourceConflict, jidPreparation } = settings;
  const wanted = requested === undefined ? undefined : account.withResource(requested, jidPreparation);
  const isTaken = wanted !== undefined && table.find(wanted) !== undefined;
  if (wanted !== undefined && isTaken && resourceConflict === 'replace') return { jid: wanted, replaces: true };
  // RFC 6120 §7.6.2.1.
  if (table.count(account) >= limits.resourcesPerAccount) {
    const most = limits.resourcesPerAccount;
    return { refuse: 'resource-constraint', text: `this account can have ${most} resources at once`, lang: 'en' };
  }
  if (wanted !== undefined && !isTaken) return { jid: wanted, replaces: false };
  // RFC 6120 §7.7.2.2, second way.
  if (isTaken && resourceConflict === 'refuse') return { refuse: 'conflict' };
  return { jid: unusedResource(account, requested, table, settings), replaces: false };
}

function unusedResource(
  account: Jid,
  requested: string | undefined,
  table: SessionTable,
  settings: ServerSettings,
): Jid {
  for (;;) {
    const unguessable = settings
      .random(RESOURCE_BYTES)
      .reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
    // RFC 6120 §7.7.2.2, first way: what was asked for stays to be seen, if it is not too long for that.
    const resourcepart = requested === undefined ? unguessable : `${requested}-${unguessable}`;
    const { localpart, domainpart } = account;
    const made = parseJidParts({ localpart, domainpart, resourcepart }, settings.jidPreparation);
    const jid = made.ok ? made.jid : account.withResource(unguessable);
    if (table.find(jid) === undefined) return jid;
  }
}

/** RFC 6120 §7.5: enough that nobody guesses it. */
const RESOURCE_BYTES = 10;
