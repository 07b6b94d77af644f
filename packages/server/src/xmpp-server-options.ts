import { parseJid, type Jid, type JidPreparation, type RandomSource } from '@xmpp-wire/core';
import type { AccountStore } from './accounts/account-store.ts';
import type { ServerHooks } from './hooks.ts';

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
  /** SASL mechanisms to offer over TLS, in this order. Default: SCRAM with SHA-512, SHA-256 and SHA-1, with and without -PLUS, and PLAIN. */
  readonly mechanisms?: readonly string[];
  /**
   * Advertise the session iq of RFC 3921, as optional, and answer it: some clients send it whatever is advertised. When
   * switched off it is answered like every unknown request. Default true.
   */
  readonly legacySession?: boolean;
  /** How addresses are prepared; it has to be the one that the entities are configured with. */
  readonly jidPreparation?: JidPreparation;
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
  readonly mechanisms: readonly string[];
  readonly legacySession: boolean;
  readonly jidPreparation: JidPreparation | undefined;
  readonly onError: (error: unknown) => void;
}

/** Checks options and fills in the defaults. */
export function completeOptions(options: XmppServerOptions): ServerSettings {
  const { jidPreparation } = options;
  const domains = options.domains.map((domain) => domainOf(domain, jidPreparation));
  const [mainDomain] = domains;
  if (mainDomain === undefined) throw new TypeError("a server needs a domain: 'domains' is empty");
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
      directedPresences: positive('limits.directedPresences', options.limits?.directedPresences ?? 256),
    },
    resourceConflict: options.resourceConflict ?? 'assign',
    mechanisms: options.mechanisms ?? DEFAULT_MECHANISMS,
    legacySession: options.legacySession ?? true,
    jidPreparation,
    onError: options.onError ?? (() => {}),
  };
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

function domainOf(text: string, preparation: JidPreparation | undefined): Jid {
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
