import {
  jid as parseOwnJid,
  type Jid,
  type JidPreparation,
  type PasswordCredentials,
  type RandomSource,
  type TraceHook,
  type XmlLimits,
  type InitiatingConfig,
  type Timeouts,
} from '@xmpp-wire/core';
import { systemResolver, type DnsResolver } from './dns/resolver.ts';
import type { DirectTls } from './dns/targets.ts';
import { pick } from './pick.ts';
import { nodeRandom } from './random.ts';
import { nodeTextCodec } from './text-codec.ts';
import type { ClientTlsOptions } from './tls/client-tls.ts';

/** Deadlines of a client's connection, in milliseconds. */
export interface ConnectTimeouts extends Timeouts {
  /** Looking up one name. Default 10 000. */
  readonly dns?: number;
  /** Connecting to one target over TCP, all its addresses together. Default 10 000. */
  readonly tcp?: number;
  /** The handshake of direct TLS; that of STARTTLS is part of `negotiation`. Default 15 000. */
  readonly tls?: number;
  /** An answer to a request. Default 60 000. */
  readonly request?: number;
  /** The peer's end of the connection, once the stream is over. Default 2000. */
  readonly lingering?: number;
}

/** What to connect to, as whom, and how. Give `jid`, or `domain` for ANONYMOUS and EXTERNAL. */
export interface ConnectOptions {
  /** The account; a resourcepart is asked for (RFC 6120 §7.7), without one the server makes one. */
  readonly jid?: string;
  /** The domain, where there is no account to name. The certificate is checked for it, or for the domain of `jid`, and for nothing else. */
  readonly domain?: string;
  /** The password of the account. */
  readonly password?: string;
  /** Instead of `password`: another name to authenticate with. */
  readonly credentials?: PasswordCredentials;
  /** Whom to act as where that is not the account itself: a bare JID (RFC 6120 §6.3.8). */
  readonly authzid?: string;
  /** `certificate`: EXTERNAL by `tls.certificate`. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  /** Connect here instead of where SRV records say. It has no say in whom the certificate has to name. */
  readonly host?: string;
  /** With `host`, or with the domain as the host. Default 5222; 5223 where `directTls` is `only`. */
  readonly port?: number;
  /** `auto`: as the SRV records say (XEP-0368); STARTTLS with `host` or `port`. */
  readonly directTls?: DirectTls;
  readonly tls?: ClientTlsOptions;
  readonly resolver?: DnsResolver;
  readonly timeouts?: ConnectTimeouts;
  /** Stops connecting: the promise rejects with the signal's reason. It means nothing once connected. */
  readonly signal?: AbortSignal;
  /** Redirections by see-other-host that are followed (RFC 6120 §4.9.3.19). Default 3. */
  readonly maxRedirects?: number;
  readonly mechanisms?: readonly string[];
  readonly pinnedMechanism?: string;
  readonly lang?: string;
  readonly extensions?: readonly string[];
  readonly limits?: Partial<XmlLimits>;
  readonly jidPreparation?: JidPreparation;
  readonly random?: RandomSource;
  readonly onTrace?: TraceHook;
  /** Events that may wait for a reader before nothing more is read from the socket. Default 32. */
  readonly maxQueuedEvents?: number;
  /** Bytes that may wait for a peer that does not read before the connection is cut. Default 16 MiB. */
  readonly maxBufferedOutput?: number;
}

/** Options with their defaults. */
export interface ConnectSettings {
  readonly options: ConnectOptions;
  readonly domain: string;
  readonly entity: InitiatingConfig;
  readonly resolver: DnsResolver;
  readonly timeouts: { readonly dns: number; readonly tcp: number; readonly tls: number; readonly lingering: number };
  readonly signal: AbortSignal;
}

/** Bytes that may wait for a peer that does not read. */
export const DEFAULT_MAX_BUFFERED_OUTPUT = 16_777_216;
/** Milliseconds that a peer has for ending the connection once the stream is over. */
export const DEFAULT_LINGERING = 2000;

/**
 * Fills in the defaults.
 *
 * @throws TypeError when `jid` and `domain` do not say where to connect; LocalProtocolError `jid-invalid`.
 */
export function completeConnectOptions(options: ConnectOptions): ConnectSettings {
  const { timeouts = {}, random = nodeRandom } = options;
  if ((options.jid === undefined) === (options.domain === undefined)) {
    throw new TypeError("connect() needs 'jid', or 'domain' where there is no account to name, and not both");
  }
  const address = parseOwnJid(options.jid ?? options.domain ?? '', options.jidPreparation);
  const entity: InitiatingConfig = {
    to: address.domainpart,
    random,
    textCodec: nodeTextCodec,
    timeouts: entityTimeouts(timeouts),
    ...credentialsOf(options, address),
    ...(address.localpart === undefined ? {} : { from: address.bare.toString() }),
    ...(address.resourcepart === undefined ? {} : { resource: address.resourcepart }),
    ...pick(options, [
      'authenticateBy',
      'authzid',
      'mechanisms',
      'pinnedMechanism',
      'lang',
      'extensions',
      'limits',
      'jidPreparation',
      'onTrace',
    ]),
  };
  return {
    options,
    domain: address.domainpart,
    entity,
    resolver: options.resolver ?? systemResolver(),
    timeouts: {
      dns: timeouts.dns ?? 10_000,
      tcp: timeouts.tcp ?? 10_000,
      tls: timeouts.tls ?? 15_000,
      lingering: timeouts.lingering ?? DEFAULT_LINGERING,
    },
    signal: options.signal ?? new AbortController().signal,
  };
}

function credentialsOf({ credentials, password }: ConnectOptions, address: Jid): { credentials?: PasswordCredentials } {
  if (credentials !== undefined) return { credentials };
  if (password === undefined || address.localpart === undefined) return {};
  // RFC 6120 §6.3.7: the simple user name is the localpart.
  return { credentials: { authcid: address.localpart, password } };
}

const ENTITY_TIMEOUTS = ['negotiation', 'closing', 'idle', 'keepalive'] as const satisfies readonly (keyof Timeouts)[];

// Of these a present `undefined` has a meaning: it switches the deadline off.
function entityTimeouts(timeouts: ConnectTimeouts): Timeouts {
  return Object.fromEntries(ENTITY_TIMEOUTS.filter((name) => name in timeouts).map((name) => [name, timeouts[name]]));
}
