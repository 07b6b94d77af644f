import { isSaslMechanism, SASL_MECHANISMS } from '@xmpp-wire/core/sasl';
import type { AccountStore } from './accounts/account-store.ts';
import { hashesOf } from './accounts/check-account-store.ts';
import type { ChannelBindingOffer, HostPolicy } from './host-policy.ts';

/** The terms of a host, with the server's where it has none of its own. */
export interface CompletePolicy extends HostPolicy {
  readonly mechanisms: readonly string[];
  readonly offerChannelBinding: ChannelBindingOffer;
  readonly authenticationRetries: number;
}

// Clients that know one mechanism only are about evenly divided between SCRAM-SHA-1 and PLAIN. All of it is over TLS.
const DEFAULT_MECHANISMS: readonly string[] = [
  'SCRAM-SHA-512-PLUS',
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1',
  'PLAIN',
];

/** The mechanisms that are offered where none are named: those that the account store can check. */
export function usableMechanisms(accounts: AccountStore): readonly string[] {
  return DEFAULT_MECHANISMS.filter((name) => whyNot(accounts, name) === undefined);
}

/**
 * Completes the terms of a host.
 *
 * @throws TypeError, RangeError for terms that cannot be kept.
 */
export function completePolicy(
  own: HostPolicy | undefined,
  common: CompletePolicy,
  accounts: AccountStore,
  domain: string,
): CompletePolicy {
  const set = Object.fromEntries(Object.entries(own ?? {}).filter(([, value]) => value !== undefined));
  const policy: CompletePolicy = { ...common, ...set };
  checkMechanisms(policy.mechanisms, accounts, domain);
  const { authenticationRetries, offerChannelBinding } = policy;
  // RFC 6120 §6.4.5.
  if (!Number.isInteger(authenticationRetries) || authenticationRetries < 2 || authenticationRetries > 5) {
    throw new RangeError(`authenticationRetries is 2 to 5, not ${authenticationRetries}`);
  }
  if (!OFFERS.has(offerChannelBinding)) {
    throw new TypeError(`offerChannelBinding is ${[...OFFERS].join(', ')}, not ${JSON.stringify(offerChannelBinding)}`);
  }
  return policy;
}

const OFFERS: ReadonlySet<unknown> = new Set<ChannelBindingOffer>(['always', 'unless-tls-1.3', 'never']);

function checkMechanisms(mechanisms: readonly string[], accounts: AccountStore, domain: string): void {
  if (mechanisms.length === 0) {
    const nothing = accounts.credentials === undefined && accounts.checkPassword === undefined;
    const advice = nothing
      ? "the account store has neither 'credentials' nor 'checkPassword': give it one of them, or name EXTERNAL or ANONYMOUS in 'mechanisms'"
      : "'mechanisms' is empty: leave it out for those that the account store can check";
    throw new TypeError(`nobody could log in at ${domain}: ${advice}`);
  }
  for (const name of mechanisms) {
    if (!isSaslMechanism(name)) {
      throw new TypeError(
        `${JSON.stringify(name)} is no mechanism that is spoken here; there are ${SASL_MECHANISMS.join(', ')}`,
      );
    }
    const reason = whyNot(accounts, name);
    if (reason !== undefined) throw new TypeError(`${name} cannot be offered at ${domain}: ${reason}`);
  }
}

/** Why a store cannot check what a mechanism says; undefined: it can. */
function whyNot(accounts: AccountStore, mechanism: string): string | undefined {
  const hasKeys = accounts.credentials !== undefined;
  if (mechanism === 'PLAIN') {
    const can = hasKeys || accounts.checkPassword !== undefined;
    return can ? undefined : "the account store has neither 'credentials' nor 'checkPassword'";
  }
  const [, hash] = /^SCRAM-(.+?)(?:-PLUS)?$/.exec(mechanism) ?? [];
  if (hash === undefined) return undefined;
  if (!hasKeys) return "the account store has no 'credentials'";
  const hashes = hashesOf(accounts);
  if (hashes.some((each) => each === hash)) return undefined;
  return `the account store has keys for ${hashes.join(', ')} only, by its 'hashes'`;
}
