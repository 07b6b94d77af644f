import * as z from 'zod/mini';
import type { TextCodec } from './bytes/text-codec.ts';
import type { Milliseconds } from './events.ts';
import { LocalProtocolError } from './errors.ts';
import { asciiPreparation, parseJid, type Jid, type JidPreparation } from './jid/index.ts';
import {
  DEFAULT_INITIATING_UNAUTHENTICATED_LIMITS,
  DEFAULT_LIMITS,
  DEFAULT_UNAUTHENTICATED_LIMITS,
  MIN_STANZA_BYTES,
  type XmlLimits,
} from './limits.ts';
import { CLIENT_NS, isContentNamespace, SERVER_NS, STREAM_NS, XMPP_URNS, type ContentNamespace } from './namespaces.ts';
import type { Security } from './negotiation/facts.ts';
import type { InitiatingSettings, PasswordCredentials } from './negotiation/settings.ts';
import { checkCredentials } from './sasl/index.ts';
import { isLanguageTag } from './stream/language.ts';
import type { Transport } from './stream/new-framing.ts';
import type { TraceHook } from './trace.ts';

/** Fills exactly `length` bytes from a cryptographic generator: the only randomness core has (rule S9). */
export type RandomSource = (length: number) => Uint8Array;

/** Deadlines; `undefined` in place of a number switches one off. */
export interface Timeouts {
  /** From the first `nextTimeout` of the connection until `established`. Default 30 000. */
  readonly negotiation?: Milliseconds | undefined;
  /** From our closing tag until the peer's (RFC 6120 §4.4). Default 5 000. */
  readonly closing?: Milliseconds | undefined;
  /**
   * An established stream on which nothing arrived for this long is broken (RFC 6120 §4.6.2): it is closed with
   * connection-timeout. Off by default: it needs a peer that is known to send something.
   */
  readonly idle?: Milliseconds | undefined;
  /**
   * An established stream on which nothing arrived for this long gets a space (RFC 6120 §4.6.1), and again each time.
   * Default 300 000, the least the RFC recommends.
   */
  readonly keepalive?: Milliseconds | undefined;
}

/** What both roles are configured with. */
export interface EntityConfig {
  readonly random: RandomSource;
  /** Our language (RFC 6120 §4.7.4). Default `en`. */
  readonly lang?: string;
  /**
   * What carries the stream. `bytes` (the default) is TCP and its like; `messages` is WebSocket (RFC 7395), where
   * `receiveMessage` and `takeMessage` stand for `receive` and `takeOutput` and where `security` has to be there first.
   */
  readonly transport?: Transport;
  /** What protects the connection below the stream before it begins; default: nothing, so STARTTLS comes first. */
  readonly security?: Security;
  /** What the peer may make us spend, before and after authentication; parts override the defaults. */
  readonly limits?: Partial<XmlLimits>;
  readonly unauthenticatedLimits?: Partial<XmlLimits>;
  /** Bytes of unparsed input from which on no more is wanted; less before authentication. Default 1 MiB. */
  readonly maxBufferedInput?: number;
  readonly timeouts?: Timeouts;
  /** Namespaces of first-level elements that come as `element` events and that `sendElement` takes. */
  readonly extensions?: readonly string[];
  /** How bytes become text; adapters pass one that is fast on their runtime. */
  readonly textCodec?: TextCodec;
  /** How addresses are prepared; default: ASCII and IP literals (RFC 7622 needs `@xmpp-wire/core/jid/unicode` for the rest). */
  readonly jidPreparation?: JidPreparation;
  readonly onTrace?: TraceHook;
}

/** Configuration of an initiating entity. */
export interface InitiatingConfig extends EntityConfig {
  /** The domain the user asked for. TLS is verified against it and against nothing else (rule S7). */
  readonly to: string;
  /** Our own address, sent once the connection is protected (RFC 6120 §4.7.1). */
  readonly from?: string;
  /** Default `jabber:client`. */
  readonly contentNamespace?: typeof CLIENT_NS | typeof SERVER_NS;
  /** With a password: SCRAM and PLAIN. */
  readonly credentials?: PasswordCredentials;
  /** Whom to act as where that is not the account itself: a bare JID, or a domain between servers (RFC 6120 §6.3.8). */
  readonly authzid?: string;
  /** `certificate`: the transport presented one, so EXTERNAL, and a password where that is not offered. `none`: ANONYMOUS. Default: by password. */
  readonly authenticateBy?: 'password' | 'certificate' | 'none';
  /** Mechanisms that may be used, the most wanted first. Default: every SCRAM, -PLUS before plain, stronger before weaker, then PLAIN. */
  readonly mechanisms?: readonly string[];
  /** The mechanism of the last session: nothing weaker is accepted (rule S10). */
  readonly pinnedMechanism?: string;
  /** The resource to ask for; default: the server makes one (RFC 6120 §7.6). */
  readonly resource?: string;
}

/** Configuration of a receiving entity; what depends on the host is the answer to its `accept-stream` ask. */
export interface ReceivingConfig extends EntityConfig {
  /** Which kinds of stream are accepted. Default `['jabber:client']`. */
  readonly contentNamespaces?: readonly (typeof CLIENT_NS | typeof SERVER_NS)[];
  /** A name of ours for headers that are sent before any host was accepted (RFC 6120 §4.9.1.3). Default: the empty string. */
  readonly domain?: string;
  /**
   * Whether white space right behind `<starttls/>` is passed over. RFC 6120 §5.3.3 forbids it and the default is to cut the
   * connection as for any other byte (rule S5); clients such as go-sendxmpp send a newline there. Anything else stays fatal,
   * and so does a space that arrives once `<proceed/>` was written.
   */
  readonly whitespaceBehindStarttls?: boolean;
}

const milliseconds = z.optional(z.number().check(z.positive()));
const count = z.int().check(z.positive());
const counts = {
  depth: z.optional(count),
  elements: z.optional(count),
  attributes: z.optional(count),
  namespaceDeclarations: z.optional(count),
  nameBytes: z.optional(count),
  attributeValueBytes: z.optional(count),
};
const languageTag = z
  .string()
  .check(z.refine(isLanguageTag, { error: 'expected a language tag such as "en" or "de-CH"' }));
const contentNamespace = z.enum([CLIENT_NS, SERVER_NS]);
const callable = z.custom((value) => typeof value === 'function', { error: 'expected a function' });

/** Namespaces of the protocol itself are never an extension's. */
function isExtension(namespace: string): boolean {
  return (
    namespace !== '' && namespace !== STREAM_NS && !isContentNamespace(namespace) && !namespace.startsWith(XMPP_URNS)
  );
}

const common = {
  random: callable,
  transport: z.optional(z.enum(['bytes', 'messages'])),
  lang: z.optional(languageTag),
  security: z.optional(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('clear') }),
      z.object({ kind: z.literal('trusted') }),
      z.object({
        kind: z.literal('tls'),
        tls: z.object({ version: z.enum(['TLSv1.2', 'TLSv1.3']), channelBindings: z.instanceof(Map) }),
      }),
    ]),
  ),
  // RFC 6120 §13.12: no deployed server may take less.
  limits: z.optional(z.strictObject({ ...counts, stanzaBytes: z.optional(z.int().check(z.gte(MIN_STANZA_BYTES))) })),
  unauthenticatedLimits: z.optional(z.strictObject({ ...counts, stanzaBytes: z.optional(count) })),
  maxBufferedInput: z.optional(z.int().check(z.positive())),
  timeouts: z.optional(
    z.strictObject({ negotiation: milliseconds, closing: milliseconds, idle: milliseconds, keepalive: milliseconds }),
  ),
  extensions: z.optional(
    z.array(
      z
        .string()
        .check(
          z.refine(isExtension, { error: 'expected the namespace of an extension, not one that XMPP itself uses' }),
        ),
    ),
  ),
  textCodec: z.optional(z.object({ latin1: callable, utf8: callable })),
  jidPreparation: z.optional(z.object({ localpart: callable, domainpart: callable, resourcepart: callable })),
  onTrace: z.optional(callable),
};

const initiatingSchema = z.strictObject({
  ...common,
  to: z.string(),
  from: z.optional(z.string()),
  contentNamespace: z.optional(contentNamespace),
  credentials: z.optional(
    z.strictObject({
      authcid: z.string().check(z.minLength(1)),
      password: z.string().check(z.minLength(1)),
      authzid: z.optional(z.string()),
    }),
  ),
  authzid: z.optional(z.string()),
  authenticateBy: z.optional(z.enum(['password', 'certificate', 'none'])),
  mechanisms: z.optional(z.array(z.string()).check(z.minLength(1))),
  pinnedMechanism: z.optional(z.string()),
  resource: z.optional(z.string().check(z.minLength(1))),
});

const receivingSchema = z.strictObject({
  ...common,
  contentNamespaces: z.optional(z.array(contentNamespace).check(z.minLength(1))),
  domain: z.optional(z.string()),
  whitespaceBehindStarttls: z.optional(z.boolean()),
});

/** A configuration that was checked, with its defaults filled in, as the engine and the role take it. */
export interface CompleteConfig {
  readonly lang: string;
  readonly transport: Transport;
  readonly security: Security;
  readonly limits: XmlLimits;
  readonly unauthenticatedLimits: XmlLimits;
  readonly maxBufferedInput: number;
  readonly extensions: ReadonlySet<string>;
  readonly jidPreparation: JidPreparation;
  readonly timeouts: {
    readonly negotiation: Milliseconds | undefined;
    readonly closing: Milliseconds | undefined;
    readonly idle: Milliseconds | undefined;
    readonly keepalive: Milliseconds | undefined;
  };
  readonly random: RandomSource;
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws a zod error for a shape that cannot be; LocalProtocolError `configuration-invalid`, `jid-invalid`, for values that cannot.
 */
export function completeInitiatingConfig(
  config: InitiatingConfig,
): CompleteConfig & Omit<InitiatingSettings, 'random'> {
  z.parse(initiatingSchema, config);
  const complete = completeCommon(config);
  const domain = addressOf('to', config.to, complete.jidPreparation);
  if (!domain.isDomain)
    throw invalid(`'to' is the domain to connect to, such as "example.com", not ${JSON.stringify(config.to)}`);
  const from = config.from === undefined ? undefined : addressOf('from', config.from, complete.jidPreparation).bare;
  const authenticateBy = config.authenticateBy ?? 'password';
  const { credentials } = config;
  if (authenticateBy === 'password' && credentials === undefined) {
    throw invalid("'credentials' are needed, or authenticateBy 'certificate' or 'none'");
  }
  if (authenticateBy === 'none' && (credentials !== undefined || config.authzid !== undefined)) {
    throw invalid("who authenticates by 'none' has no credentials and no authzid; leave them out");
  }
  checkCredentials({ password: config.credentials, authzid: config.authzid });
  const authzid =
    config.authzid === undefined ? undefined : addressOf('authzid', config.authzid, complete.jidPreparation);
  // RFC 6120 §6.3.8: a bare JID for a client, a domain for a server.
  if (authzid?.isBare === false) throw invalid(`an authzid is a bare JID, not ${JSON.stringify(config.authzid)}`);
  const contentNamespace = config.contentNamespace ?? CLIENT_NS;
  // RFC 6120 §4.7.1: a server says which of its domains it speaks for.
  if (contentNamespace === SERVER_NS && from?.isDomain !== true) {
    throw invalid(`a server that calls needs 'from', the domain it speaks for, not ${JSON.stringify(config.from)}`);
  }
  return {
    ...complete,
    unauthenticatedLimits: override(DEFAULT_INITIATING_UNAUTHENTICATED_LIMITS, config.unauthenticatedLimits),
    domain,
    from,
    contentNamespace,
    credentials: config.credentials,
    authzid,
    authenticateBy,
    mechanisms: config.mechanisms,
    pinnedMechanism: config.pinnedMechanism,
    resource: config.resource,
  };
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @throws a zod error for a shape that cannot be; LocalProtocolError `configuration-invalid`, `jid-invalid`, for values that cannot.
 */
export function completeReceivingConfig(config: ReceivingConfig): CompleteConfig & {
  readonly domain: string | undefined;
  readonly contentNamespaces: readonly [ContentNamespace, ...ContentNamespace[]];
} {
  z.parse(receivingSchema, config);
  const complete = completeCommon(config);
  const [first = CLIENT_NS, ...others] = config.contentNamespaces ?? [];
  const domain =
    config.domain === undefined ? undefined : addressOf('domain', config.domain, complete.jidPreparation).domainpart;
  return { ...complete, domain, contentNamespaces: [first, ...others] };
}

const DEFAULT_MAX_BUFFERED_INPUT = 1_048_576;
const DEFAULT_NEGOTIATION_TIMEOUT = 30_000;
const DEFAULT_CLOSING_TIMEOUT = 5_000;
// RFC 6120 §4.6.4: no check more often than every five minutes is recommended.
const DEFAULT_KEEPALIVE = 300_000;

function completeCommon(config: EntityConfig): CompleteConfig {
  const { random, timeouts = {}, transport = 'bytes' } = config;
  // RFC 7395 §3.9: there is no STARTTLS on WebSocket.
  if (transport === 'messages' && (config.security ?? { kind: 'clear' }).kind === 'clear') {
    throw invalid(
      "transport 'messages' needs 'security': the facts of TLS, or { kind: 'trusted' } behind wss: or a proxy",
    );
  }
  return {
    lang: config.lang ?? 'en',
    transport,
    security: config.security ?? { kind: 'clear' },
    limits: override(DEFAULT_LIMITS, config.limits),
    unauthenticatedLimits: override(DEFAULT_UNAUTHENTICATED_LIMITS, config.unauthenticatedLimits),
    maxBufferedInput: config.maxBufferedInput ?? DEFAULT_MAX_BUFFERED_INPUT,
    extensions: new Set(config.extensions),
    jidPreparation: config.jidPreparation ?? asciiPreparation,
    timeouts: {
      negotiation: 'negotiation' in timeouts ? timeouts.negotiation : DEFAULT_NEGOTIATION_TIMEOUT,
      closing: 'closing' in timeouts ? timeouts.closing : DEFAULT_CLOSING_TIMEOUT,
      idle: timeouts.idle,
      keepalive: 'keepalive' in timeouts ? timeouts.keepalive : DEFAULT_KEEPALIVE,
    },
    random,
  };
}

function override(defaults: XmlLimits, parts: Partial<XmlLimits> | undefined): XmlLimits {
  const set = Object.entries(parts ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}

function addressOf(name: string, text: string, preparation: JidPreparation): Jid {
  const parsed = parseJid(text, preparation);
  if (parsed.ok) return parsed.jid;
  throw new LocalProtocolError('jid-invalid', `'${name}' is no address: ${parsed.error.message}`);
}

function invalid(message: string): LocalProtocolError {
  return new LocalProtocolError('configuration-invalid', message);
}
