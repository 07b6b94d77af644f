import { lookup, Resolver } from 'node:dns/promises';
import type { SrvLookup, SrvRecord } from '@xmpp-wire/driver';
import { systemCodeOf } from '../system-code.ts';

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** What connecting asks of DNS. Pass your own to resolve over HTTPS, with DNSSEC, or in a test. */
export interface DnsResolver {
  /** The SRV records of a name; rejects with the `code` of `node:dns` (`ENODATA`, `ENOTFOUND`, …) when there are none. */
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** The addresses of a host, the most wanted first; rejects or is empty when there are none. */
  addresses(host: string): Promise<readonly HostAddress[]>;
}

/**
 * The resolver of the system: SRV records from its name servers, addresses from getaddrinfo, which honours the hosts
 * file and the destination order of RFC 6724.
 *
 * @param timeout milliseconds for one try of an SRV query; there are two.
 */
export function systemResolver(timeout = 3000): DnsResolver {
  const resolver = new Resolver({ timeout, tries: 2 });
  return {
    srv: (name) => resolver.resolveSrv(name),
    async addresses(host) {
      const found = await lookup(host, { all: true, verbatim: true });
      return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
    },
  };
}

/** The codes of `node:dns` that say: there are no records. */
const NO_RECORDS: ReadonlySet<string | undefined> = new Set(['ENODATA', 'ENOTFOUND']);

/** How the driver asks a resolver for SRV records. */
export function srvLookupBy(resolver: DnsResolver): SrvLookup {
  return async (name) => {
    try {
      return await resolver.srv(name);
    } catch (error) {
      if (NO_RECORDS.has(systemCodeOf(error))) return [];
      throw error;
    }
  };
}
