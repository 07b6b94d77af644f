import { lookup, Resolver } from 'node:dns/promises';

/** One SRV record (RFC 2782), as `node:dns` gives it. */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** The target; empty or `.` when the service is decidedly not available. */
  readonly name: string;
}

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
