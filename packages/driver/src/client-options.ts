import {
  jid as parseOwnJid,
  type InitiatingConfig,
  type InitiatingPhase,
  type Jid,
  type PasswordCredentials,
  type RandomSource,
  type Timeouts,
} from '@xmpp-wire/core';
import { checkValues, OPTION_KINDS, type OptionKinds } from './check-options.ts';
import { deriveSaltedPassword } from './key-derivation.ts';
import { keysOf, pick } from './pick.ts';
import { soon, type Defer, type KeyDerivation, type Platform } from './platform.ts';
import { webRandom } from './random.ts';

/** Deadlines that every client's connection has, in milliseconds. */
export interface ClientTimeouts extends Timeouts {
  /** An answer to a request. Default 60 000. */
  readonly request?: number;
  /** The peer's end of the connection, once the stream is over. Default 2000. */
  readonly lingering?: number;
}

/**
 * What a client's entity is told as it is. The rest is made of other options, is the adapter's to know, or is left at its
 * default.
 */
export type ClientEntityOptions = Omit<
  InitiatingConfig,
  | ('to' | 'from' | 'resource' | 'credentials' | 'timeouts' | 'random')
  | ('security' | 'transport' | 'textCodec')
  | ('contentNamespace' | 'unauthenticatedLimits' | 'maxBufferedInput')
>;

// The entity judges them itself.
const ENTITY_OPTIONS: OptionKinds<ClientEntityOptions> = {
  authenticateBy: undefined,
  authzid: undefined,
  mechanisms: undefined,
  pinnedMechanism: undefined,
  lang: undefined,
  extensions: undefined,
  limits: undefined,
  jidPreparation: undefined,
  onTrace: undefined,
};

/** As whom to connect, and how; an adapter adds where to. Give `jid`, or `domain` for ANONYMOUS and EXTERNAL. */
export interface ClientOptions extends ClientEntityOptions {
  /** The account; a resourcepart is asked for (RFC 6120 §7.7), without one the server makes one. */
  readonly jid?: string;
  /** The domain, where there is no account to name. Whoever answers has to prove that it is this one, or that of `jid`. */
  readonly domain?: string;
  /** The password of the account. */
  readonly password?: string;
  /** Instead of `password`: another name to authenticate with. */
  readonly credentials?: PasswordCredentials;
  /** Whom to act as where that is not the account itself: a bare JID (RFC 6120 §6.3.8). */
  readonly authzid?: string;
  /** `certificate`: EXTERNAL by a certificate of the transport. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  readonly timeouts?: ClientTimeouts;
  /** Stops connecting: the promise rejects with the signal's reason. It means nothing once connected. */
  readonly signal?: AbortSignal;
  readonly random?: RandomSource;
  /** Called with each phase that the stream comes to; it must not throw. */
  readonly onPhase?: (phase: InitiatingPhase) => void;
  /** Events that may wait for a reader before nothing more is taken from the peer. Default 32. */
  readonly maxQueuedEvents?: number;
  /** Bytes that may wait for a peer that does not read before the connection is cut. Default 16 MiB. */
  readonly maxBufferedOutput?: number;
}

/** What the deadlines of every client have to be; those of the entity it judges itself. */
export const CLIENT_TIMEOUTS: OptionKinds<ClientTimeouts> = {
  negotiation: undefined,
  closing: undefined,
  idle: undefined,
  keepalive: undefined,
  request: OPTION_KINDS.number,
  lingering: OPTION_KINDS.number,
};

/** What the options of every client have to be; those of the entity it judges itself. */
export const CLIENT_OPTIONS: OptionKinds<ClientOptions> = {
  jid: OPTION_KINDS.text,
  domain: OPTION_KINDS.text,
  password: ['a text that is not empty', (value) => typeof value === 'string' && value !== ''],
  credentials: undefined,
  ...ENTITY_OPTIONS,
  timeouts: OPTION_KINDS.object,
  signal: ['an AbortSignal', (value) => value instanceof AbortSignal],
  random: OPTION_KINDS.function,
  onPhase: OPTION_KINDS.function,
  maxQueuedEvents: OPTION_KINDS.number,
  maxBufferedOutput: OPTION_KINDS.number,
};

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
  readonly defer: Defer;
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
 * @throws TypeError when `jid` and `domain` do not say where to connect, nothing says as whom, or an option is of another kind;
 * LocalProtocolError `jid-invalid`.
 */
export function completeClientOptions(options: ClientOptions, platform: Platform = {}): ClientSettings {
  checkValues('connect()', options, CLIENT_OPTIONS);
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
      ...pick(options, keysOf(ENTITY_OPTIONS)),
    },
    signal: options.signal ?? new AbortController().signal,
    deriveSaltedPassword: platform.deriveSaltedPassword ?? deriveSaltedPassword,
    onPhase: options.onPhase,
    requestTimeout: timeouts.request,
    lingering: timeouts.lingering ?? DEFAULT_LINGERING,
    maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
    maxBufferedOutput: options.maxBufferedOutput ?? DEFAULT_MAX_BUFFERED_OUTPUT,
    defer: platform.defer ?? soon,
  };
}

function credentialsOf(options: ClientOptions, address: Jid): { credentials?: PasswordCredentials } {
  const { credentials, password, authenticateBy = 'password' } = options;
  if (credentials !== undefined) return { credentials };
  if (authenticateBy === 'password' && password === undefined) {
    throw new TypeError(
      `'password' is needed for ${address.toString()}, or authenticateBy: 'certificate' (EXTERNAL) or 'none' (ANONYMOUS)`,
    );
  }
  if (authenticateBy === 'password' && address.localpart === undefined) {
    throw new TypeError(
      `with a password 'jid' names the account, such as 'juliet@${address.toString()}', not ${JSON.stringify(options.jid ?? options.domain)}`,
    );
  }
  if (password === undefined || address.localpart === undefined) return {};
  // RFC 6120 §6.3.7: the simple user name is the localpart.
  return { credentials: { authcid: address.localpart, password } };
}

const ENTITY_TIMEOUTS = ['negotiation', 'closing', 'idle', 'keepalive'] as const satisfies readonly (keyof Timeouts)[];

// Of these a present `undefined` has a meaning: it switches the deadline off.
function entityTimeouts(timeouts: ClientTimeouts): Timeouts {
  return Object.fromEntries(ENTITY_TIMEOUTS.filter((name) => name in timeouts).map((name) => [name, timeouts[name]]));
}
