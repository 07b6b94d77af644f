import { literalOf } from './targets.ts';

/** Where a see-other-host points. It is a place to connect to and never a name to check a certificate for (rule S7). */
export interface Redirect {
  readonly host: string;
  /** Undefined for a name without a port: that one is resolved like any domain. */
  readonly port: number | undefined;
}

/** RFC 6120 §4.9.3.19: whoever follows redirections stops after five at the latest. */
export const MAX_REDIRECTS = 5;

/** How many redirections in a row are followed: three, or as many as are wanted within the bound. */
export function redirectLimit(wanted = 3): number {
  return Math.min(wanted, MAX_REDIRECTS);
}

/** What to say where no more redirections are followed. */
export function tooManyRedirects(domain: string, to: string, followed: number): string {
  const advice =
    followed < MAX_REDIRECTS
      ? 'raise maxRedirects if that is meant to be'
      : `no more than ${MAX_REDIRECTS} are followed (RFC 6120 §4.9.3.19); its operator has to correct that`;
  return `${domain} redirects to ${to}, redirection ${followed + 1}: ${advice}`;
}

/** Reads `host`, `host:port`, `[v6]` or `[v6]:port` (RFC 6120 §4.9.3.19); undefined for anything else. */
export function parseRedirect(text: string): Redirect | undefined {
  const match = /^(?<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@[\]]+)(?::(?<port>[0-9]{1,5}))?$/.exec(text.trim());
  const { host, port } = match?.groups ?? {};
  if (host === undefined) return undefined;
  if (host.startsWith('[') && literalOf(host) === undefined) return undefined;
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65_535)) return undefined;
  return { host, port: number };
}

/** Reads a see-other-uri (RFC 7395 §3.6.1): the address of a WebSocket; undefined for anything else. */
export function parseSeeOtherUri(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, href } = new URL(text);
  return protocol === 'wss:' || protocol === 'ws:' ? href : undefined;
}
