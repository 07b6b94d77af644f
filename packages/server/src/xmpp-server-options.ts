import { parseJid, type Jid, type JidPreparation, type RandomSource } from '@xmpp-wire/core';
import type { AccountStore } from './accounts/account-store.ts';
import { checkAccountStore } from './accounts/check-account-store.ts';
import { completePolicy, usableMechanisms, type CompletePolicy } from './complete-policy.ts';
import type { ServerHooks } from './hooks.ts';
import type { ChannelBindingOffer, HostPolicy } from './host-policy.ts';

/**
 * What happens when a client asks for a resource that another session of the account has (RFC 6120 §7.7.2.2).
 *
 * - `assign`: it gets another one, made from what it asked for.
 * - `refuse`: it is told `conflict` and may ask for another.
 * - `replace`: the session that is there ends with the stream error `conflict`.
 */
export type ResourceConflict = 'assign' | 'refuse' | 'replace';

/** What clients may make a server spend; XML has limits of its own (`XmlLimits`). */
export interface ServerLimits {
  /** Streams at once, those that are being negotiated included; one more is refused with resource-constraint. Default 10 000. */
  readonly streams?: number;
  /** Resources that one account can have at once; one more is refused with resource-constraint. Default 10. */
  readonly resourcesPerAccount?: number;
  /**
   * Bare addresses that one account can send stanzas to within a minute, answers not counted (RFC 6120 §13.12). What is
   * for one more comes back with policy-violation. Default 250.
   */
  readonly recipientsPerMinute?: number;
  /**
   * Connections from one address within a minute; for IPv6 an address is a network of 64 bits. One more is cut unheard.
   * They may come all at once. Default 120.
   */
  readonly connectionsPerMinute?: number;
  /**
   * Failed logins from one address within a minute. One more, and streams from there end with policy-violation until it
   * has been quiet. Default 20.
   */
  readonly failedLoginsPerMinute?: number;
  /** Entities that one session can send directed presence to while they are remembered (RFC 6121 §4.6). Default 256. */
  readonly directedPresences?: number;
}

/** What an {@link XmppServer} is made with. */
export interface XmppServerOptions {
  /** The domains it serves; the first is its name where no other fits (RFC 6120 §4.9.1.3). */
  readonly domains: readonly string[];
  /** Domains that it served once: streams to them end with host-gone instead of host-unknown (RFC 6120 §4.9.3.5). */
  readonly goneDomains?: readonly string[];
  readonly accounts: AccountStore;
  /** Fills exactly that many bytes from a cryptographic generator. */
  readonly random: RandomSource;
  readonly hooks?: ServerHooks;
  readonly limits?: ServerLimits;
  /** Default `assign`, which RFC 6120 §7.7.2.2 encourages. */
  readonly resourceConflict?: ResourceConflict;
  /**
   * SASL mechanisms to offer over TLS, in this order. Default: SCRAM with SHA-512, SHA-256 and SHA-1, as far as the account
   * store has `hashes`, with and without -PLUS, and PLAIN. EXTERNAL and ANONYMOUS have to be named.
   */
  readonly mechanisms?: readonly string[];
  /** Default `unless-tls-1.3`: every client can log in at the first try. Where all clients are modern, `always` is safer. */
  readonly offerChannelBinding?: ChannelBindingOffer;
  /** Times that a failed login may be tried again on one stream: 2 to 5 (RFC 6120 §6.4.5). Default 5. */
  readonly authenticationRetries?: number;
  /** What some of the domains have otherwise. */
  readonly hosts?: Readonly<Record<string, HostPolicy>>;
  /**
   * Advertise the session iq of RFC 3921, as optional, and answer it: some clients send it whatever is advertised. When
   * switched off it is answered like every unknown request. Default true.
   */
  readonly legacySession?: boolean;
  /** How addresses are prepared; it has to be the one that the entities are configured with. */
  readonly jidPreparation?: JidPreparation;
  /** The clock of the rates: milliseconds that never go back. Default: `performance.now`. */
  readonly now?: () => number;
  /** For the log: a hook or the account store failed. Default: nobody is told. */
  readonly onError?: (error: unknown) => void;
}

/** Options that were checked, with their defaults. */
export interface ServerSettings {
  readonly domains: ReadonlyMap<string, Jid>;
  readonly mainDomain: Jid;
  readonly goneDomains: ReadonlySet<string>;
  readonly accounts: AccountStore;
  readonly random: RandomSource;
  readonly hooks: ServerHooks;
  readonly limits: Required<ServerLimits>;
  readonly resourceConflict: ResourceConflict;
  /** The terms of each domain. */
  readonly policies: ReadonlyMap<string, CompletePolicy>;
  readonly legacySession: boolean;
  readonly jidPreparation: JidPreparation | undefined;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** Checks options and fills in the defaults. */
export function completeOptions(options: XmppServerOptions): ServerSettings {
  const { jidPreparation } = options;
  const domains = domainsOf(options);
  const [mainDomain] = domains;
  if (mainDomain === undefined) throw new TypeError(`a server needs a domain: 'domains' is empty; ${DOMAINS_ADVICE}`);
  checkAccountStore(options.accounts);
  return {
    domains: new Map(domains.map((domain) => [domain.domainpart, domain])),
    mainDomain,
    goneDomains: new Set((options.goneDomains ?? []).map((domain) => domainOf(domain, jidPreparation).domainpart)),
    accounts: options.accounts,
    random: options.random,
    hooks: options.hooks ?? {},
    limits: {
      streams: positive('limits.streams', options.limits?.streams ?? 10_000),
      resourcesPerAccount: positive('limits.resourcesPerAccount', options.limits?.resourcesPerAccount ?? 10),
      recipientsPerMinute: positive('limits.recipientsPerMinute', options.limits?.recipientsPerMinute ?? 250),
      connectionsPerMinute: positive('limits.connectionsPerMinute', options.limits?.connectionsPerMinute ?? 120),
      failedLoginsPerMinute: positive('limits.failedLoginsPerMinute', options.limits?.failedLoginsPerMinute ?? 20),
      directedPresences: positive('limits.directedPresences', options.limits?.directedPresences ?? 256),
    },
    resourceConflict: options.resourceConflict ?? 'assign',
    policies: policiesOf(
      options,
      domains.map((domain) => domain.domainpart),
    ),
    legacySession: options.legacySession ?? true,
    jidPreparation,
    now: options.now ?? (() => performance.now()),
    onError: options.onError ?? (() => {}),
  };
}

function policiesOf(options: XmppServerOptions, domains: readonly string[]): ReadonlyMap<string, CompletePolicy> {
  const { accounts, jidPreparation, hosts = {} } = options;
  const common: CompletePolicy = {
    mechanisms: options.mechanisms ?? usableMechanisms(accounts),
    offerChannelBinding: options.offerChannelBinding ?? 'unless-tls-1.3',
    authenticationRetries: options.authenticationRetries ?? 5,
  };
  const own = new Map(
    Object.entries(hosts).map(([domain, policy]) => [domainOf(domain, jidPreparation).domainpart, policy]),
  );
  for (const domain of own.keys()) {
    if (!domains.includes(domain)) throw new TypeError(`'hosts' has terms for ${domain}, which is none of 'domains'`);
  }
  return new Map(domains.map((domain) => [domain, completePolicy(own.get(domain), common, accounts, domain)]));
}

const DOMAINS_ADVICE = "expected names such as ['im.example.com']";

// Programs in JavaScript come this far with anything.
function domainsOf({ domains, jidPreparation }: { readonly domains?: unknown } & XmppServerOptions): readonly Jid[] {
  if (!Array.isArray(domains)) {
    const what = domains === undefined ? "'domains' is missing" : `'domains' is no list, but ${typeof domains}`;
    throw new TypeError(`a server needs a domain: ${what}; ${DOMAINS_ADVICE}`);
  }
  return domains.map((domain) => domainOf(domain, jidPreparation));
}

function domainOf(text: unknown, preparation: JidPreparation | undefined): Jid {
  if (typeof text !== 'string') throw new TypeError(`a domain is a text, not ${typeof text}: ${DOMAINS_ADVICE}`);
  const parsed = parseJid(text, preparation);
  if (parsed.ok && parsed.jid.isDomain) return parsed.jid;
  throw new TypeError(
    `${JSON.stringify(text)} is no domain: ${parsed.ok ? 'leave out what is before "@" and behind "/"' : parsed.error.message}`,
  );
}

function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`${name} is a whole number of 1 or more, not ${value}`);
}
