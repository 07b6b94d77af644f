import type { TextCodec } from './bytes/text-codec.ts';
import type { Milliseconds } from './events.ts';
import { LocalProtocolError } from './errors.ts';
import { asciiPreparation, parseJid, type Jid, type JidPreparation } from './jid/index.ts';
import { DEFAULT_LIMITS, DEFAULT_UNAUTHENTICATED_LIMITS, MIN_STANZA_BYTES, type XmlLimits } from './limits.ts';
import { choice, needed, object, optional, type Member } from './members.ts';
import { isExtensionNamespace } from './namespaces.ts';
import type { Security } from './negotiation/facts.ts';
import { arrayOf, either, isFunction, oneOf, shapeOf, type Fits } from './negotiation/shape.ts';
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
   * An established stream on which nothing arrived for this long is idle (RFC 6120 §4.6.3): it is closed with
   * policy-violation. Off by default: it needs a peer that is known to send something.
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

/** Namespaces of the protocol itself are never an extension's. */
const isExtension: Fits = (value) => typeof value === 'string' && isExtensionNamespace(value);

const isPositive: Fits = (value) => typeof value === 'number' && value > 0 && value < Infinity;
const isCount: Fits = (value) => Number.isSafeInteger(value) && isPositive(value);
const count = optional('a whole number above 0', isCount);
const milliseconds = optional('a number above 0', isPositive);
const counts = {
  depth: count,
  elements: count,
  attributes: count,
  namespaceDeclarations: count,
  nameBytes: count,
  attributeValueBytes: count,
};

/** The members that both roles have. */
export const commonMembers: Readonly<Record<keyof EntityConfig, Member>> = {
  random: needed('a function', isFunction),
  transport: choice('bytes', 'messages'),
  lang: optional(
    'a language tag such as "en" or "de-CH"',
    (value) => typeof value === 'string' && isLanguageTag(value),
  ),
  security: optional(
    "{ kind: 'clear' }, { kind: 'trusted' } or { kind: 'tls', tls: { version: 'TLSv1.2' or 'TLSv1.3', channelBindings: a Map } }",
    either(
      shapeOf({ kind: oneOf('clear', 'trusted') }),
      shapeOf({
        kind: oneOf('tls'),
        tls: shapeOf({
          version: oneOf('TLSv1.2', 'TLSv1.3'),
          channelBindings: (value) => value instanceof Map,
        }),
      }),
    ),
  ),
  // RFC 6120 §13.12: no deployed server may take less.
  limits: object({
    ...counts,
    stanzaBytes: optional(
      `a whole number of at least ${MIN_STANZA_BYTES}`,
      (value) => isCount(value) && Number(value) >= MIN_STANZA_BYTES,
    ),
  }),
  unauthenticatedLimits: object({ ...counts, stanzaBytes: count }),
  maxBufferedInput: count,
  timeouts: object({ negotiation: milliseconds, closing: milliseconds, idle: milliseconds, keepalive: milliseconds }),
  extensions: optional(
    'an array with the namespace of an extension each, not one that XMPP itself uses',
    arrayOf(isExtension),
  ),
  textCodec: optional('a TextCodec', shapeOf({ latin1: isFunction, utf8: isFunction })),
  jidPreparation: optional(
    'a JidPreparation',
    shapeOf({ localpart: isFunction, domainpart: isFunction, resourcepart: isFunction }),
  ),
  onTrace: optional('a function', isFunction),
};

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

const DEFAULT_MAX_BUFFERED_INPUT = 1_048_576;
const DEFAULT_NEGOTIATION_TIMEOUT = 30_000;
const DEFAULT_CLOSING_TIMEOUT = 5_000;
// RFC 6120 §4.6.4: no check more often than every five minutes is recommended.
const DEFAULT_KEEPALIVE = 300_000;

/** Fills in the defaults of what both roles are configured with. */
export function completeCommon(config: EntityConfig): CompleteConfig {
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

/** Limits of which some are set. */
export function override(defaults: XmlLimits, parts: Partial<XmlLimits> | undefined): XmlLimits {
  const set = Object.entries(parts ?? {}).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(set) };
}

/** @throws LocalProtocolError `jid-invalid`. */
export function addressOf(name: string, text: string, preparation: JidPreparation): Jid {
  const parsed = parseJid(text, preparation);
  if (parsed.ok) return parsed.jid;
  throw new LocalProtocolError('jid-invalid', `'${name}' is no address: ${parsed.error.message}`);
}

/** The error for values that cannot be together. */
export function invalid(message: string): LocalProtocolError {
  return new LocalProtocolError('configuration-invalid', message);
}
