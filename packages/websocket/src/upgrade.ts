import { SUBPROTOCOL } from './web-socket.ts';

/**
 * Which web pages may connect. Browsers say where a page is from; other clients say nothing and are let in.
 *
 * - `same-host`: pages of the host that is connected to.
 * - `any`: every page. Who logs in by password is safe with that: no cookie comes along by itself.
 * - a list: pages of these origins, such as `https://chat.example.com`.
 */
export type OriginPolicy = 'same-host' | 'any' | readonly string[];

/** What a request for a WebSocket says, and what decides about it. */
export interface UpgradeRequest {
  /** The path without the query. */
  readonly path: string;
  readonly origin: string | undefined;
  readonly host: string | undefined;
  /** The subprotocols on offer, as the header says them. */
  readonly protocols: string | undefined;
}

/** Where the WebSocket of a server is, and for whom. */
export interface UpgradePolicy {
  /** Default `/xmpp-websocket`. */
  readonly path?: string;
  /** Default `same-host`. */
  readonly origins?: OriginPolicy;
}

/** Why a request gets no WebSocket, as HTTP says it. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly reason: string;
}

export const DEFAULT_PATH = '/xmpp-websocket';

/** Decides about a request for a WebSocket; undefined: it may have one. */
export function refuseUpgrade(request: UpgradeRequest, policy: UpgradePolicy): UpgradeRefusal | undefined {
  const { path = DEFAULT_PATH, origins = 'same-host' } = policy;
  if (request.path !== path) return { status: 404, reason: 'Not Found' };
  if (!allowsOrigin(origins, request)) return { status: 403, reason: 'Forbidden' };
  // RFC 7395 §3.1: without the subprotocol there is no XMPP.
  const offered = (request.protocols ?? '').split(',').map((name) => name.trim());
  return offered.includes(SUBPROTOCOL) ? undefined : { status: 400, reason: 'Bad Request' };
}

/**
 * The path of a request's target, without the query. RFC 9112 §3.2: it is a path, or a whole address; what is neither has
 * no path. A path is taken as it was sent: as part of an address `//` would begin the name of a host.
 */
export function pathOf(target: string): string {
  if (target.startsWith('/')) return target.split('?')[0] ?? '';
  return URL.canParse(target) ? new URL(target).pathname : '';
}

// RFC 6455 §10.2.
function allowsOrigin(policy: OriginPolicy, { origin, host }: UpgradeRequest): boolean {
  if (origin === undefined || policy === 'any') return true;
  if (policy === 'same-host') return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
  return policy.includes(origin);
}
