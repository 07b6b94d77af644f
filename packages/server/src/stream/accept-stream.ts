import { parseJid, type AcceptStreamAsk, type Security, type StreamPolicy, type StreamRefusal } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { plainHashOf } from '../accounts/check-account-store.ts';
import { completePolicy, type CompletePolicy } from '../complete-policy.ts';
import { offersChannelBinding } from '../host-policy.ts';
import { SESSION_NS } from '../services/legacy-session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';

/** How things stand with the server when a stream comes. */
export interface ServerState {
  /** It takes no more streams. */
  isStopping(): boolean;
  /** Key of the decoy salts where the accounts have none of their own (rule S21). */
  readonly decoySecret: Uint8Array;
}

/** Why a connection is served or not before anything was said. */
export type Standing = 'welcome' | 'surplus' | 'nuisance';

/** Decides about a stream header: the terms of its host, or why there are none. */
export async function acceptStream(
  ask: AcceptStreamAsk,
  settings: ServerSettings,
  state: ServerState,
  standing: Standing,
  remote: string,
): Promise<StreamPolicy | StreamRefusal> {
  const host = hostOf(ask.to, settings);
  // RFC 6120 §4.9.1.3: an authoritative name of ours, when the host is none.
  const domain = host.is === 'served' ? host.domain : settings.mainDomain.domainpart;
  if (state.isStopping()) return { refuse: { condition: 'system-shutdown' }, domain };
  if (standing === 'nuisance') {
    const text = 'too many failed logins: try again later';
    return { refuse: { condition: 'policy-violation', text, lang: 'en' }, domain };
  }
  if (host.is === 'gone') return { refuse: { condition: 'host-gone' }, domain };
  if (host.is === 'unknown') return { refuse: { condition: 'host-unknown' }, domain };
  if (standing === 'surplus') return { refuse: { condition: 'resource-constraint' }, domain };
  const answer = await termsOf(domain, ask, settings, remote);
  if ('refuse' in answer) return { domain, ...answer };
  return {
    domain,
    mechanisms: mechanismsOf(answer, ask.security),
    authenticationRetries: answer.authenticationRetries,
    plain:
      settings.accounts.checkPassword === undefined
        ? { check: 'scram-keys', hash: plainHashOf(settings.accounts) }
        : { check: 'application' },
    decoySecret: settings.accounts.decoySecret ?? state.decoySecret,
    ...(settings.accounts.iterations === undefined ? {} : { decoyIterations: settings.accounts.iterations }),
    ...(answer.languages === undefined ? {} : { languages: answer.languages }),
    extraFeatures: [...(settings.legacySession ? [LEGACY_SESSION_FEATURE] : []), ...(answer.features ?? [])],
  };
}

async function termsOf(
  domain: string,
  { from, lang, security }: AcceptStreamAsk,
  { policies, hooks, accounts, onError }: ServerSettings,
  remote: string,
): Promise<CompletePolicy | StreamRefusal> {
  const common = policies.get(domain);
  if (common === undefined) throw new Error(`the server has a bug: no terms for ${domain}`);
  if (hooks.acceptStream === undefined) return common;
  try {
    const answer = await hooks.acceptStream({ domain, from, lang, security, remote });
    if (answer !== undefined && 'refuse' in answer) return answer;
    return completePolicy(answer, common, accounts, domain);
  } catch (error) {
    onError(error);
    return { refuse: { condition: 'internal-server-error' } };
  }
}

// A server that offers -PLUS has to mean it: clients that know channel binding take it as a promise (RFC 5802 §6).
function mechanismsOf({ mechanisms, offerChannelBinding }: CompletePolicy, security: Security): readonly string[] {
  if (offersChannelBinding(offerChannelBinding, security)) return mechanisms;
  const without = mechanisms.filter((name) => !name.endsWith('-PLUS'));
  return without.length > 0 ? without : mechanisms;
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
