import { messageOf, XmppConnectError } from '@xmpp-wire/driver';
import { readJrd, readXrd } from './host-meta.ts';

/** How {@link discover} asks. */
export interface DiscoverOptions {
  /** Default: the runtime's. */
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
}

/** What is used of `fetch`. */
export type Fetch = (
  url: string,
  init: { readonly redirect: 'manual' | 'follow'; readonly signal?: AbortSignal; readonly credentials: 'omit' },
) => Promise<Response>;

/** Bytes of a host-meta file that are read; real ones have some hundred. */
const MAX_BYTES = 65_536;
const MAX_REDIRECTS = 5;

/**
 * Finds the WebSockets of a domain by its host-meta files, JSON first (XEP-0156). Only over https, and only `wss` addresses
 * count (XEP-0156 §2.2, §4); their order means nothing.
 *
 * @throws XmppConnectError `discovery-failed`, `discovery-none`; the signal's reason.
 *
 * @example
 * ```ts
 * import { discover } from '@xmpp-wire/websocket';
 *
 * const links = [{ rel: 'urn:xmpp:alt-connections:websocket', href: 'wss://web.example.com/ws' }];
 * const urls = await discover('example.com', { fetch: async () => new Response(JSON.stringify({ links })) });
 * urls[0]; // 'wss://web.example.com/ws'
 * ```
 */
export async function discover(domain: string, options: DiscoverOptions = {}): Promise<readonly string[]> {
  const { signal } = options;
  const fetch = options.fetch ?? (async (url, init) => globalThis.fetch(url, init));
  const failures: unknown[] = [];
  for (const [file, read] of [
    ['host-meta.json', readJrd],
    ['host-meta', readXrd],
  ] as const) {
    try {
      const urls = read(await download(`https://${domain}/.well-known/${file}`, fetch, signal));
      if (urls.length > 0) return urls;
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
    }
  }
  if (failures.length < 2) {
    throw new XmppConnectError(
      'discovery-none',
      `${domain} names no WebSocket in its host-meta file (XEP-0156): give 'url', or ask its operator`,
      failures[0],
    );
  }
  throw new XmppConnectError(
    'discovery-failed',
    `the host-meta file of ${domain} cannot be had (${failures.map(messageOf).join('; ')}): give 'url', or ask its operator`,
    new AggregateError(failures),
  );
}

async function download(url: string, fetch: Fetch, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await follow(url, fetch, signal);
  if (response.ok) return bodyOf(response, url);
  // A body that nobody reads would keep its connection.
  await response.body?.cancel();
  throw new Error(`${url} says ${response.status}`);
}

// RFC 6415 §2: redirections are followed. Each step has to be https, or somebody on the way could name a WebSocket.
async function follow(start: string, fetch: Fetch, signal: AbortSignal | undefined): Promise<Response> {
  const init = { credentials: 'omit', ...(signal === undefined ? {} : { signal }) } as const;
  let url = start;
  for (let followed = 0; followed <= MAX_REDIRECTS; followed++) {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    if (response.type === 'opaqueredirect')
      return followBlindly(url, await fetch(url, { ...init, redirect: 'follow' }));
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, url);
    if (next.protocol !== 'https:') throw new Error(`${url} redirects to ${next.href}, which is not https`);
    url = next.href;
  }
  throw new Error(`${start} redirects more than ${MAX_REDIRECTS} times`);
}

// A browser does not show the steps, but goes from no secure page to http; where it came to is shown.
function followBlindly(url: string, response: Response): Response {
  if (new URL(response.url).protocol === 'https:') return response;
  throw new Error(`${url} redirects to ${response.url}, which is not https`);
}

async function bodyOf(response: Response, url: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) break;
    chunks.push(chunk.value);
    length += chunk.value.length;
    if (length > MAX_BYTES) {
      await reader?.cancel();
      throw new Error(`${url} has more than ${MAX_BYTES} bytes`);
    }
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
