import { parseXml } from '@xmpp-wire/core/xml';

const XRD_NS = 'http://docs.oasis-open.org/ns/xri/xrd-1.0';
const WEBSOCKET = 'urn:xmpp:alt-connections:websocket';

/**
 * The WebSockets that a host-meta file in XML names (XEP-0156 §2.1), read by the parser of the streams.
 *
 * @throws Error for what is no XRD document.
 */
export function readXrd(file: Uint8Array): readonly string[] {
  const root = parseXml(file);
  if ('violation' in root) throw new Error(`the host-meta file cannot be read: ${root.detail}`);
  if (!root.is('XRD', XRD_NS)) throw new Error(`the host-meta file is a ${root.name} and no XRD document`);
  return root
    .childElements('Link')
    .filter((link) => link.attribute('rel') === WEBSOCKET)
    .flatMap((link) => secureUrl(link.attribute('href')));
}

/**
 * The WebSockets that a host-meta file in JSON names (RFC 6415 appendix A).
 *
 * @throws Error for what is no such document.
 */
export function readJrd(file: Uint8Array): readonly string[] {
  const root: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
  const links = memberOf(root, 'links');
  if (!Array.isArray(links)) throw new Error('the host-meta file has no list of links');
  return links
    .filter((link) => memberOf(link, 'rel') === WEBSOCKET)
    .flatMap((link) => secureUrl(memberOf(link, 'href')));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

// XEP-0156 §2.2: an address that TLS does not protect is none.
function secureUrl(href: unknown): readonly string[] {
  if (typeof href !== 'string' || !URL.canParse(href)) return [];
  const url = new URL(href);
  return url.protocol === 'wss:' ? [url.href] : [];
}
