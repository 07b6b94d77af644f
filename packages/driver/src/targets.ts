import { messageOf, XmppConnectError } from './connect-error.ts';
import { orderSrvRecords, type Draw, type SrvRecord } from './srv-order.ts';

/**
 * Asks for the SRV records of a name: none where there are none.
 *
 * @throws whatever keeps it from knowing.
 */
export type SrvLookup = (name: string) => Promise<readonly SrvRecord[]>;

/** Where a connection can be tried. None of this is ever the name that a certificate is checked for (rule S7). */
export interface Target {
  /** A host name or an address literal without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS comes before XMPP here (XEP-0368) or by STARTTLS (RFC 6120 §5). */
  readonly tls: 'direct' | 'starttls';
}

/** When direct TLS is used: as the records mix it with STARTTLS, always, or never. */
export type DirectTls = 'auto' | 'only' | 'never';

/** What to find targets for. */
export interface TargetQuery {
  /** The domain that the user asked for. */
  readonly domain: string;
  /** Set by the user: connect here instead of asking for SRV records. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly directTls: DirectTls;
  /** The service without its `xmpp-` or `xmpps-`. */
  readonly service: 'client' | 'server';
}

/** The ports that are used where nothing names one. */
const DEFAULT_PORTS = {
  client: { starttls: 5222, direct: 5223 },
  server: { starttls: 5269, direct: 5270 },
} as const;

/**
 * Finds where to connect for a domain (RFC 6120 §3.2, XEP-0368), in the order in which to try.
 *
 * @throws {@link XmppConnectError} `dns-service-unavailable`, `dns-no-direct-tls`; `dns-no-address`, or what a lookup was ended
 * with, where only direct TLS is wanted and nobody says where it is.
 */
export async function findTargets(query: TargetQuery, lookUp: SrvLookup, draw: Draw): Promise<Target[]> {
  const { domain, service, directTls } = query;
  const fixed = query.host ?? literalOf(domain);
  // RFC 6120 §3.2.3: a host that was set by hand stands in for the records. An address has none.
  if (fixed !== undefined || query.port !== undefined) return [fixedTarget(query, fixed ?? domain)];

  const name = asciiDomain(domain);
  const [starttls, direct] = await Promise.all([
    directTls === 'only' ? NOT_ASKED : askForRecords(lookUp, `_xmpp-${service}._tcp.${name}`),
    directTls === 'never' ? NOT_ASKED : askForRecords(lookUp, `_xmpps-${service}._tcp.${name}`),
  ]);
  const records = [
    ...starttls.records.map((record) => ({ ...record, tls: 'starttls' as const })),
    ...direct.records.map((record) => ({ ...record, tls: 'direct' as const })),
  ].filter((record) => !isRoot(record.name));
  if (records.length > 0) {
    // XEP-0368 §3: both kinds count as one set of records.
    return orderSrvRecords(records, draw).map(({ name: host, port, tls }) => ({ host: withoutDot(host), port, tls }));
  }

  // RFC 6120 §3.2.1 and XEP-0368 §5: a target of "." means decidedly not here, so no fallback to address records.
  if (starttls.records.length > 0 || direct.records.length > 0) {
    throw new XmppConnectError(
      'dns-service-unavailable',
      `the SRV records of ${domain} say that it has no XMPP service for ${service}s (target "."): check the domain, or give host and port if you know better`,
    );
  }
  if (directTls === 'only') {
    if (direct.failure !== undefined) throw unknownDirectTls(domain, direct.failure);
    throw new XmppConnectError(
      'dns-no-direct-tls',
      `${domain} has no _xmpps-${service} SRV record, so nobody knows where its direct TLS is: give host and port, or allow STARTTLS`,
    );
  }
  // RFC 6120 §3.2.2: the domain itself, on the registered port.
  return [{ host: name, port: DEFAULT_PORTS[service].starttls, tls: 'starttls' }];
}

/** That there is no answer is no word about the domain: it may be another one in a moment. */
function unknownDirectTls(domain: string, failure: unknown): XmppConnectError {
  if (failure instanceof XmppConnectError) return failure;
  return new XmppConnectError(
    'dns-no-address',
    `where the direct TLS of ${domain} is could not be looked up (${messageOf(failure)}): check the network, or give host and port`,
    failure,
  );
}

/** The form of a domain that DNS, SNI and certificates know: A-labels, no final dot, no brackets. */
export function asciiDomain(domain: string): string {
  const literal = literalOf(domain);
  if (literal !== undefined) return literal;
  const url = `http://${withoutDot(domain)}`;
  // A name that has no such form fails where it is used; nothing is cut off to give it one.
  return /[/?#@:\\%]/.test(domain) || !URL.canParse(url) ? domain : new URL(url).hostname;
}

/** The address in a domain that is an address literal, without brackets; undefined for a name. */
export function literalOf(domain: string): string | undefined {
  const bare = domain.startsWith('[') && domain.endsWith(']') ? domain.slice(1, -1) : domain;
  return IPV4.test(bare) || isIpv6(bare) ? bare : undefined;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isIpv6(text: string): boolean {
  // RFC 4007 §11: an address of one link only comes with the zone of this machine that it is in.
  const address = text.replace(/%[\w.~-]+$/, '');
  return /^[0-9A-Fa-f:.]+$/.test(address) && address.includes(':') && URL.canParse(`http://[${address}]`);
}

interface Answer {
  readonly records: readonly SrvRecord[];
  /** Why nothing is known, where it is more than that there are no records. */
  readonly failure?: unknown;
}

const NOT_ASKED: Answer = { records: [] };

// RFC 6120 §3.2.1 rule 9: no answer to the query is treated like an answer without records, the fallback comes next.
async function askForRecords(lookUp: SrvLookup, name: string): Promise<Answer> {
  try {
    return { records: await lookUp(name) };
  } catch (error) {
    return { records: [], failure: error };
  }
}

function fixedTarget({ service, directTls, port }: TargetQuery, host: string): Target {
  const tls = directTls === 'only' ? 'direct' : 'starttls';
  return { host: literalOf(host) ?? asciiDomain(host), port: port ?? DEFAULT_PORTS[service][tls], tls };
}

function isRoot(name: string): boolean {
  return name === '' || name === '.';
}

function withoutDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}
