import { BlockList, isIP } from 'node:net';
import { asciiDomain, literalOf } from '@xmpp-wire/driver';
import { presentedNames, type PresentedNames } from './certificate.ts';

/**
 * Tells whether a certificate is for a domain (RFC 6120 §13.7.2.1, RFC 6125 §6). Call it only for a certificate whose
 * path was validated, and only with the domain that the user asked for (rule S7).
 *
 * @param certificate in DER.
 * @param service `client` or `server`: which SRV-ID counts.
 */
export function certificateIsFor(certificate: Uint8Array, domain: string, service: 'client' | 'server'): boolean {
  const names = presentedNames(certificate);
  const literal = literalOf(domain);
  if (literal !== undefined) return names.ip.some((ip) => sameAddress(ip, literal)) || names.xmpp.includes(domain);
  const reference = asciiDomain(domain).toLowerCase();
  return (
    names.dns.some((presented) => matchesDnsId(presented, reference)) ||
    names.srv.some((presented) => matchesSrvId(presented, reference, service)) ||
    names.xmpp.some((presented) => !/[@/]/.test(presented) && asciiDomain(presented).toLowerCase() === reference)
  );
}

/** The names of a certificate as people read them, for messages. */
export function describeNames(certificate: Uint8Array): string {
  const { dns, srv, xmpp, ip }: PresentedNames = presentedNames(certificate);
  const all = [...dns, ...srv, ...xmpp, ...ip.map(formatAddress)];
  return all.length === 0 ? 'no name at all' : [...new Set(all)].join(', ');
}

// RFC 6125 §6.4.1, §6.4.3; RFC 6120 §13.7.1.2.1: a wildcard is the complete left-most label and stands for one label.
function matchesDnsId(presented: string, reference: string): boolean {
  const name = presented.toLowerCase();
  if (!name.includes('*')) return sameName(name, reference);
  const [star, ...rest] = name.split('.');
  const [first, ...others] = reference.split('.');
  // `*.com` would stand for every domain there is.
  if (star !== '*' || first === '' || rest.length < 2 || rest.some((label) => label.includes('*'))) return false;
  return sameName(rest.join('.'), others.join('.'));
}

// RFC 6125 §6.5.1: both the service and the name have to match. RFC 4985 knows no wildcard in an SRVName.
function matchesSrvId(presented: string, reference: string, service: 'client' | 'server'): boolean {
  const dot = presented.indexOf('.');
  if (dot === -1 || presented.slice(0, dot).toLowerCase() !== `_xmpp-${service}`) return false;
  return sameName(presented.slice(dot + 1).toLowerCase(), reference);
}

function sameName(name: string, reference: string): boolean {
  return reference !== '' && name === reference;
}

function sameAddress(presented: Uint8Array, literal: string): boolean {
  const address = formatAddress(presented);
  const family = isIP(address);
  if (family === 0 || family !== isIP(literal)) return false;
  // A list of one address compares addresses however they are written.
  const list = new BlockList();
  list.addAddress(address, family === 6 ? 'ipv6' : 'ipv4');
  return list.check(literal, family === 6 ? 'ipv6' : 'ipv4');
}

function formatAddress(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.');
  const groups: string[] = [];
  for (let at = 0; at + 1 < ip.length; at += 2) groups.push((((ip[at] ?? 0) << 8) | (ip[at + 1] ?? 0)).toString(16));
  return groups.join(':');
}
