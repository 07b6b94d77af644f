import { parseJid, type AcceptStreamAsk, type StreamPolicy, type StreamRefusal } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import type { ServerSettings } from '../xmpp-server-options.ts';
import { SESSION_NS } from '../services/legacy-session.ts';

/** How things stand with the server when a stream comes. */
export interface ServerState {
  /** It takes no more streams. */
  isStopping(): boolean;
  /** Key of the decoy salts (rule S21). */
  readonly decoySecret: Uint8Array;
}

/**
 * Decides about a stream header: the terms of its host, or why there are none.
 *
 * @param isSurplus there were as many streams as there may be when this one came.
 */
export function acceptStream(
  ask: AcceptStreamAsk,
  settings: ServerSettings,
  state: ServerState,
  isSurplus: boolean,
): StreamPolicy | StreamRefusal {
  const host = hostOf(ask.to, settings);
  // RFC 6120 §4.9.1.3: an authoritative name of ours, when the host is none.
  const domain = host.is === 'served' ? host.domain : settings.mainDomain.domainpart;
  if (state.isStopping()) return { refuse: { condition: 'system-shutdown' }, domain };
  if (host.is === 'gone') return { refuse: { condition: 'host-gone' }, domain };
  if (host.is === 'unknown') return { refuse: { condition: 'host-unknown' }, domain };
  if (isSurplus) return { refuse: { condition: 'resource-constraint' }, domain };
  return {
    domain,
    mechanisms: settings.mechanisms,
    plain: { check: 'scram-keys', hash: 'SHA-256' },
    decoySecret: state.decoySecret,
    decoyIterations: settings.accounts.iterations,
    ...(settings.legacySession ? { extraFeatures: [LEGACY_SESSION_FEATURE] } : {}),
  };
}

/** The session of RFC 3921, which nobody has to ask for any more. */
const LEGACY_SESSION_FEATURE = xml('session', { xmlns: SESSION_NS }, xml('optional'));

type Host = { readonly is: 'served'; readonly domain: string } | { readonly is: 'gone' | 'unknown' };

function hostOf(to: string | undefined, settings: ServerSettings): Host {
  // RFC 6120 §4.7.2: be liberal towards a header without 'to'; with several hosts there is no telling which.
  if (to === undefined && settings.domains.size === 1) return { is: 'served', domain: settings.mainDomain.domainpart };
  const parsed = parseJid(to ?? '', settings.jidPreparation);
  if (!parsed.ok || !parsed.jid.isDomain) return { is: 'unknown' };
  const { domainpart } = parsed.jid;
  if (settings.domains.has(domainpart)) return { is: 'served', domain: domainpart };
  return { is: settings.goneDomains.has(domainpart) ? 'gone' : 'unknown' };
}
