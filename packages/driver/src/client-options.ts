import {
  jid as parseOwnJid,
  type InitiatingConfig,
  type InitiatingPhase,
  type Jid,
  type JidPreparation,
  type PasswordCredentials,
  type RandomSource,
  type Timeouts,
  type TraceHook,
  type XmlLimits,
} from '@xmpp-wire/core';
import type { TextCodec } from '@xmpp-wire/core/adapter';
import type { SaltedPasswordRequest } from '@xmpp-wire/core/sasl';
import { deriveSaltedPassword } from './key-derivation.ts';
import { pick } from './pick.ts';
import { webRandom } from './random.ts';

/** Deadlines that every client's connection has, in milliseconds. */
export interface ClientTimeouts extends Timeouts {
  /** An answer to a request. Default 60 000. */
  readonly request?: number;
  /** The peer's end of the connection, once the stream is over. Default 2000. */
  readonly lingering?: number;
}

/** As whom to connect, and how; an adapter adds where to. Give `jid`, or `domain` for ANONYMOUS and EXTERNAL. */
export interface ClientOptions {
  /** The account; a resourcepart is asked for (RFC 6120 §7.7), without one the server makes one. */
  readonly jid?: string;
  /** The domain, where there is no account to name. Whoever answers has to prove that it is this one, or that of `jid`. */
  readonly domain?: string;
  /** The password of the account. */
  readonly password?: string;
  /** Instead of `password`: another name to authenticate with, or another to act as. */
  readonly credentials?: PasswordCredentials;
  /** `certificate`: EXTERNAL by a certificate of the transport. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  readonly timeouts?: ClientTimeouts;
  /** Stops connecting: the promise rejects with the signal's reason. It means nothing once connected. */
  readonly signal?: AbortSignal;
  readonly mechanisms?: readonly string[];
  readonly pinnedMechanism?: string;
  readonly lang?: string;
  readonly extensions?: readonly string[];
  readonly limits?: Partial<XmlLimits>;
  readonly jidPreparation?: JidPreparation;
  readonly random?: RandomSource;
  readonly onTrace?: TraceHook;
  /** Called with each phase that the stream comes to; it must not throw. */
  readonly onPhase?: (phase: InitiatingPhase) => void;
  /** Events that may wait for a reader before nothing more is taken from the peer. Default 32. */
  readonly maxQueuedEvents?: number;
  /** Bytes that may wait for a peer that does not read before the connection is cut. Default 16 MiB. */
  readonly maxBufferedOutput?: number;
}

/** Answers a `derive-salted-password` ask. */
export type KeyDerivation = (request: SaltedPasswordRequest) => Promise<Uint8Array>;

/** What a runtime does better than what all of them have. */
export interface Platform {
  readonly random?: RandomSource;
  readonly textCodec?: TextCodec;
  readonly deriveSaltedPassword?: KeyDerivation;
}

/** Options with their defaults. */
export interface ClientSettings {
  readonly domain: string;
  /** Everything but what the connection decides. */
  readonly entity: Omit<InitiatingConfig, 'security' | 'transport'>;
  readonly signal: AbortSignal;
  readonly deriveSaltedPassword: KeyDerivation;
  readonly onPhase: ((phase: InitiatingPhase) => void) | undefined;
  readonly requestTimeout: number | undefined;
  readonly lingering: number;
  readonly maxQueuedEvents: number;
  readonly maxBufferedOutput: number;
}

/** Bytes that may wait for a peer that does not read. */
export const DEFAULT_MAX_BUFFERED_OUTPUT = 16_777_216;
/** Milliseconds that a peer has for ending the connection once the stream is over. */
export const DEFAULT_LINGERING = 2000;
/** Events that may wait for a reader. */
export const DEFAULT_MAX_QUEUED_EVENTS = 32;

/**
 * Fills in the defaults.
 *
 * @throws TypeError when `jid` and `domain` do not say where to connect; LocalProtocolError `jid-invalid`.
 */
export function completeClientOptions(options: ClientOptions, platform: Platform = {}): ClientSettings {
  const { timeouts = {} } = options;
  if ((options.jid === undefined) === (options.domain === undefined)) {
    throw new TypeError("connect() needs 'jid', or 'domain' where there is no account to name, and not both");
  }
  const address = parseOwnJid(options.jid ?? options.domain ?? '', options.jidPreparation);
  return {
    domain: address.domainpart,
    entity: {
      to: address.domainpart,
      random: options.random ?? platform.random ?? webRandom,
      timeouts: entityTimeouts(timeouts),
      ...credentialsOf(options, address),
      ...(address.localpart === undefined ? {} : { from: address.bare.toString() }),
      ...(address.resourcepart === undefined ? {} : { resource: address.resourcepart }),
      ...pick(platform, ['textCodec']),
      ...pick(options, [
        'authenticateBy',
        'mechanisms',
        'pinnedMechanism',
        'lang',
        'extensions',
        'limits',
        'jidPreparation',
        'onTrace',
      ]),
    },
    signal: options.signal ?? new AbortController().signal,
    deriveSaltedPassword: platform.deriveSaltedPassword ?? deriveSaltedPassword,
    onPhase: options.onPhase,
    requestTimeout: timeouts.request,
    lingering: timeouts.lingering ?? DEFAULT_LINGERING,
    maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
    maxBufferedOutput: options.maxBufferedOutput ?? DEFAULT_MAX_BUFFERED_OUTPUT,
  };
}

function credentialsOf({ credentials, password }: ClientOptions, address: Jid): { credentials?: PasswordCredentials } {
  if (credentials !== undefined) return { credentials };
  if (password === undefined || address.localpart === undefined) return {};
  // RFC 6120 §6.3.7: the simple user name is the localpart.
  return { credentials: { authcid: address.localpart, password } };
}

const ENTITY_TIMEOUTS = ['negotiation', 'closing', 'idle', 'keepalive'] as const satisfies readonly (keyof Timeouts)[];

// Of these a present `undefined` has a meaning: it switches the deadline off.
function entityTimeouts(timeouts: ClientTimeouts): Timeouts {
  return Object.fromEntries(ENTITY_TIMEOUTS.filter((name) => name in timeouts).map((name) => [name, timeouts[name]]));
}
