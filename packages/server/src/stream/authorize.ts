import { parseJid, parseJidParts } from '@xmpp-wire/core/jid';
import type { Jid } from '@xmpp-wire/core';
import type { AccountState, AuthorizedIdentity } from '@xmpp-wire/core/sasl';
import { presentedNames } from '@xmpp-wire/node-tcp';
import type { ActAsRequest } from '../hooks.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';

/** What authorization comes to. */
export type Authorization = AuthorizedIdentity | 'not-authorized' | 'invalid-authzid' | AccountState;

/** Who somebody is where no hook says so. */
export async function authorizeByDefault(request: ActAsRequest, settings: ServerSettings): Promise<Authorization> {
  switch (request.mechanism) {
    case 'ANONYMOUS':
      return { authcid: unguessableName(settings), authzid: undefined };
    case 'EXTERNAL':
      return authorizeByCertificate(request, settings);
    default:
      // RFC 6120 §6.5.6: also the condition for an identity that one may not act as.
      return 'invalid-authzid';
  }
}

// XEP-0178 §2, and RFC 6120 §13.7.2.2: the account is one that the certificate names by an XmppAddr.
async function authorizeByCertificate(request: ActAsRequest, settings: ServerSettings): Promise<Authorization> {
  const { authzid, claimed, security, domain } = request;
  const certificate = security.kind === 'tls' ? security.tls.peerCertificate : undefined;
  if (certificate?.trusted !== true) return 'not-authorized';
  const named = accountsOf(presentedNames(certificate.der).xmpp, domain, settings);
  const account = choose(named, authzid, claimed, settings);
  if (account === undefined) return authzid === undefined ? 'not-authorized' : 'invalid-authzid';
  if (account.localpart === undefined || !(await settings.accounts.exists(account))) return 'not-authorized';
  const state = (await settings.accounts.stateOf?.(account)) ?? 'active';
  return state === 'active' ? { authcid: account.localpart, authzid: undefined } : state;
}

function accountsOf(addresses: readonly string[], domain: string, { jidPreparation }: ServerSettings): readonly Jid[] {
  return addresses.flatMap((address) => {
    const parsed = parseJid(address, jidPreparation);
    const isAccount = parsed.ok && parsed.jid.localpart !== undefined && parsed.jid.domainpart === domain;
    return isAccount ? [parsed.jid.bare] : [];
  });
}

function choose(
  named: readonly Jid[],
  authzid: string | undefined,
  claimed: Jid | undefined,
  { jidPreparation }: ServerSettings,
): Jid | undefined {
  if (authzid !== undefined) {
    const wanted = parseJid(authzid, jidPreparation);
    return wanted.ok ? named.find((each) => each.equals(wanted.jid)) : undefined;
  }
  // Of several the stream header may have named one; otherwise there is no telling which is meant.
  if (claimed !== undefined) return named.find((each) => each.equals(claimed));
  return named.length === 1 ? named[0] : undefined;
}

/** RFC 4505 §2: an address that nobody has and nobody guesses. */
function unguessableName({ random, jidPreparation, mainDomain }: ServerSettings): string {
  const name = random(NAME_BYTES).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
  const made = parseJidParts({ localpart: name, domainpart: mainDomain.domainpart }, jidPreparation);
  if (!made.ok) throw new Error(`the preparation of addresses refuses ${JSON.stringify(name)}`);
  return name;
}

const NAME_BYTES = 16;
