/**
 * Compiled sketches of what the engine's shape has to carry later; see docs/adr/0003-paper-transcripts.md. Nothing here
 * runs. Each sketch says how a kind of stream fits into the types that exist, and the compiler says whether it does.
 */
import type { Jid } from '../../src/jid/index.ts';
import type { Ask, AskName } from '../../src/negotiation/asks.ts';
import type { Identity, Security, Standing } from '../../src/negotiation/facts.ts';
import type { InitiatingFeature, ReceivingFeature } from '../../src/negotiation/feature.ts';
import type { Framing } from '../../src/stream/framing.ts';
import type { XmlElement } from '../../src/xml/index.ts';

// --- 1. Two domain pairs on one server-to-server connection, while a third is verified; then bidirectional.

/** One sender and one recipient domain. */
export interface DomainPair {
  readonly from: string;
  readonly to: string;
}

/** What a stream between servers stands for: any number of pairs, never one peer identity. */
export type ServerStanding = Extract<Standing, { level: 'anonymous' }> | PairedStanding;

export interface PairedStanding {
  readonly level: 'paired';
  readonly security: Security;
  /** What the peer may send to us, by `from` and `to`; grows while the stream lives. */
  readonly inbound: ReadonlyMap<string, AuthorisedPair>;
  /** What we may send: empty until XEP-0288 is negotiated, or until we asked. */
  readonly outbound: ReadonlyMap<string, AuthorisedPair>;
}

export interface AuthorisedPair extends DomainPair {
  readonly by: { readonly method: 'dialback' } | { readonly method: 'sasl'; readonly identity: Identity };
}

/** A concurrent ask: does not pause parsing; many are open, each has its own deadline. */
export interface VerifyDialbackKeyAsk extends Ask<AskName, 'valid' | 'invalid' | 'remote-server-not-found'> {
  readonly concurrent: true;
  readonly pair: DomainPair;
  readonly streamId: string;
  readonly key: string;
}

/** The commands that such a stream adds; `send` refuses a pair that is not in `outbound`. */
export interface ServerCommands {
  requestPair(pair: DomainPair, key: string): boolean;
  verifyKey(pair: DomainPair, streamId: string, key: string): boolean;
}

// --- 2. A component: no features, no TLS of its own, one handshake (XEP-0114).

/** A feature that the stream header itself offers: there is no <features/>, so `advertises` has nothing to read. */
export const component: Pick<InitiatingFeature, 'name' | 'isDue' | 'tryUnadvertised'> = {
  name: 'handshake',
  isDue: (standing) => standing.level === 'anonymous' && standing.security.kind === 'trusted',
  tryUnadvertised: true,
};

// --- 3. WebSocket messages (RFC 7395): another framing, the same engine.

/** One message in, one message out: the byte members store the message's text, a closing tag is <close/>. */
export interface MessageFraming extends Omit<Framing, 'takeOutput'> {
  readonly whitespaceKeepalive: false;
  takeMessage(): string | undefined;
}

// --- 4. Resumption instead of binding (XEP-0198).

/** Fits beside `bound`: the address comes from the session that is resumed. */
export interface ResumedStanding {
  readonly level: 'resumed';
  readonly security: Security;
  readonly identity: Identity;
  readonly jid: Jid;
  /** Modulo 2^32. */
  readonly handled: number;
}

/** What `detach()` gives and the next configuration's `resume` takes. */
export interface SessionState {
  readonly id: string;
  readonly jid: string;
  readonly handled: number;
  readonly unacknowledged: readonly string[];
}

// --- 5. SASL2 with inline features: success without a restart, and bind or resume inside of it (XEP-0388, XEP-0386).

/** A record may declare an inline form: an element that rides in <authenticate/>, and what it does with its answer. */
export interface InlineForm {
  request(): XmlElement;
  result(element: XmlElement, standing: Standing): Standing;
}

export type InlineInitiatingFeature = InitiatingFeature & { readonly inline: InlineForm };

export type InlineReceivingFeature = ReceivingFeature & { readonly serveInline: (request: XmlElement) => XmlElement };
