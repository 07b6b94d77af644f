import { InitiatingEntity, type Security } from '@xmpp-wire/core';
import { SASL_MECHANISMS } from '@xmpp-wire/core/sasl';
import {
  checkOptions as checkKinds,
  CLIENT_OPTIONS,
  CLIENT_TIMEOUTS,
  completeClientOptions,
  explained,
  joined,
  negotiate,
  NegotiationEnded,
  OPTION_KINDS,
  parseSeeOtherUri,
  XmppConnectError,
  type ClientOptions,
  type ClientSettings,
  type ClientTimeouts,
  type OptionKinds,
  type TcpTimeouts,
  type XmppConnection,
  redirectLimit,
  timerDelay,
  tooManyRedirects,
} from '@xmpp-wire/driver';
import { discover, type Fetch } from './discover.ts';
import { openSocket } from './open-socket.ts';
import { WebSocketLink } from './web-socket-link.ts';
import type { WebSocketConstructor } from './web-socket.ts';

/** Deadlines of a client's connection, in milliseconds. */
export interface ConnectTimeouts extends ClientTimeouts {
  /** Finding the WebSocket by host-meta. Default 10 000. */
  readonly discovery?: number;
  /** Opening one WebSocket. Default 15 000. */
  readonly websocket?: number;
}

/** What to connect to, as whom, and how. */
export interface ConnectOptions extends Omit<ClientOptions, 'timeouts'> {
  /** Where the WebSocket is, `wss://…`; without it the domain's host-meta file is asked (XEP-0156). */
  readonly url?: string;
  /**
   * Also takes a `ws://` address. Nothing protects such a connection: for tests on one machine. A password is then never
   * sent itself, unless `mechanisms` says so.
   */
  readonly allowPlaintext?: boolean;
  /** Makes the WebSocket. Default: the runtime's; Node 20 has none: pass that of the package `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  /** Asks for the host-meta file. Default: the runtime's. */
  readonly fetch?: Fetch;
  /** Redirections by see-other-uri that are followed (RFC 7395 §3.6.1). Default 3, at most 5 (RFC 6120 §4.9.3.19). */
  readonly maxRedirects?: number;
  readonly timeouts?: ConnectTimeouts;
}

/** What the options have to be. */
export const CONNECT_OPTIONS: OptionKinds<ConnectOptions> = {
  ...CLIENT_OPTIONS,
  url: OPTION_KINDS.text,
  allowPlaintext: OPTION_KINDS.flag,
  WebSocket: OPTION_KINDS.function,
  fetch: OPTION_KINDS.function,
  maxRedirects: OPTION_KINDS.number,
};

// Programs that connect over TCP as well have one set of deadlines for both.
const TIMEOUTS: OptionKinds<ConnectTimeouts & TcpTimeouts> = {
  ...CLIENT_TIMEOUTS,
  dns: undefined,
  tcp: undefined,
  tls: undefined,
  discovery: OPTION_KINDS.number,
  websocket: OPTION_KINDS.number,
};

/**
 * Connects to an XMPP server as a client over WebSocket (RFC 7395). Resolves once stanzas may be sent.
 *
 * @throws {@link XmppConnectError} whose code begins with the step that failed: discovery, websocket, stream, sasl or bind.
 * @throws TypeError, LocalProtocolError, a zod error: the options make no sense; nothing was done.
 *
 * @example
 * ```ts no-run: it needs a server
 * import { jid, message } from '@xmpp-wire/core';
 * import { connect } from '@xmpp-wire/websocket';
 *
 * const connection = await connect({ jid: 'juliet@im.example.com', password: 'R0m30' });
 * await connection.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo, and a Montague?' }));
 * await connection.close();
 * ```
 */
export async function connect(options: ConnectOptions): Promise<XmppConnection> {
  checkKinds('connect()', options, CONNECT_OPTIONS);
  const { connection } = await connectTo(options, undefined);
  return connection;
}

/** An established stream, and the address of its WebSocket. */
export interface Connected {
  readonly connection: XmppConnection;
  readonly url: string;
}

/** Where an established stream was redirected to. */
export interface SeeOther {
  readonly uri: string;
  /** The address of the WebSocket that said so. */
  readonly from: string;
}

/** As {@link connect}, but where an established stream was redirected to, if it was. */
export async function connectTo(options: ConnectOptions, seeOther: SeeOther | undefined): Promise<Connected> {
  const { settings, WebSocket } = checkOptions(options);
  const { signal, domain } = settings;
  signal.throwIfAborted();
  const { timeouts = {} } = options;
  const maxRedirects = redirectLimit(options.maxRedirects);
  // As every address here: in the one spelling that settingsFor and safeRedirect compare.
  let urls = options.url === undefined ? undefined : [new URL(options.url).href];
  if (seeOther !== undefined) {
    const { uri, from } = seeOther;
    const next = safeRedirect(uri, from);
    if (next === undefined) throw new XmppConnectError('stream-redirected', lessProtected(domain, uri, from));
    urls = [next];
  }
  for (let followed = 0; ; followed++) {
    urls ??= [...(await find(settings, options))];
    const { socket, url } = await openFirst(urls, WebSocket, timeouts.websocket ?? 15_000, settings);
    try {
      const terms = { ...settingsFor(url, settings), redirectsFollowed: followed };
      return { connection: await negotiate(new WebSocketLink(socket), TRUSTED, terms), url };
    } catch (error) {
      const to = redirectOf(error);
      if (to === undefined) throw explained(error);
      const next = followed < maxRedirects ? safeRedirect(to, url) : undefined;
      if (next === undefined) {
        throw new XmppConnectError(
          'stream-redirected',
          followed < maxRedirects ? lessProtected(domain, to, url) : tooManyRedirects(domain, to, followed),
          error instanceof NegotiationEnded ? error.end.cause : error,
        );
      }
      urls = [next];
    }
  }
}

/**
 * The options with their defaults. The caller's mistakes show here, before anything goes over the wire.
 *
 * @throws TypeError, LocalProtocolError, a zod error.
 */
export function checkOptions(options: ConnectOptions): {
  readonly settings: ClientSettings;
  readonly WebSocket: WebSocketConstructor;
} {
  const settings = completeClientOptions(options);
  if (options.timeouts !== undefined)
    checkKinds<ConnectTimeouts & TcpTimeouts>("'timeouts'", options.timeouts, TIMEOUTS);
  const { WebSocket = runtimeWebSocket() } = options;
  new InitiatingEntity({ ...settings.entity, transport: 'messages', security: TRUSTED }).close();
  if (options.url !== undefined) checkUrl(options.url, options);
  return { settings, WebSocket };
}

// RFC 7395 §3.9, §6: TLS is the WebSocket's, and the runtime has checked its certificate for the host of the address.
const TRUSTED: Security = { kind: 'trusted' };

function runtimeWebSocket(): WebSocketConstructor {
  // Not every runtime has one, whatever the types say.
  const { WebSocket } = globalThis as { WebSocket?: WebSocketConstructor };
  if (WebSocket !== undefined) return WebSocket;
  throw new TypeError("this runtime has no WebSocket: pass one, such as that of the package 'ws', in 'WebSocket'");
}

function checkUrl(url: string, { allowPlaintext = false }: ConnectOptions): void {
  const { protocol, href } = new URL(url);
  // RFC 6455 §3: it cannot be sent, and runtimes refuse it.
  if (href.includes('#'))
    throw new TypeError(`the address of a WebSocket has no fragment: leave out the '#' of ${url}`);
  if (protocol === 'wss:' || (protocol === 'ws:' && allowPlaintext)) return;
  throw new TypeError(
    protocol === 'ws:'
      ? `nothing protects ${url}: use wss, or say allowPlaintext where nobody else can listen`
      : `the address of a WebSocket begins with wss, not with ${protocol}`,
  );
}

// Whoever reads a ws connection would read the password of PLAIN.
function settingsFor(url: string, settings: ClientSettings): ClientSettings {
  const { entity } = settings;
  if (!url.startsWith('ws:') || entity.mechanisms !== undefined || entity.credentials === undefined) return settings;
  return { ...settings, entity: { ...entity, mechanisms: SASL_MECHANISMS.filter((name) => name.startsWith('SCRAM')) } };
}

async function find({ domain, signal }: ClientSettings, options: ConnectOptions): Promise<readonly string[]> {
  const limit = options.timeouts?.discovery ?? 10_000;
  const deadline = AbortSignal.timeout(timerDelay(limit));
  try {
    return await discover(domain, {
      signal: AbortSignal.any([signal, deadline]),
      ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    });
  } catch (error) {
    if (!deadline.aborted || signal.aborted) throw error;
    throw new XmppConnectError(
      'discovery-timed-out',
      `${domain} did not send its host-meta file within ${limit} ms: give 'url', or try again`,
      error,
    );
  }
}

async function openFirst(
  urls: readonly string[],
  WebSocket: WebSocketConstructor,
  timeout: number,
  { signal, domain }: ClientSettings,
): Promise<Awaited<ReturnType<typeof openSocket>>> {
  const failures: unknown[] = [];
  for (const url of urls) {
    try {
      return await openSocket(url, WebSocket, timeout, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(error);
    }
  }
  throw joined(failures, `WebSockets of ${domain} could be opened`);
}

function redirectOf(error: unknown): string | undefined {
  if (!(error instanceof NegotiationEnded)) return undefined;
  const { cause } = error.end;
  return cause.code === 'closed-by-peer' ? cause.seeOtherUri : undefined;
}

// RFC 7395 §3.6.1: never to something less protected.
function safeRedirect(to: string, from: string): string | undefined {
  const url = parseSeeOtherUri(to);
  return url?.startsWith('ws:') === true && !from.startsWith('ws:') ? undefined : url;
}

function lessProtected(domain: string, to: string, from: string): string {
  return `${domain} redirects to ${JSON.stringify(to)}: that is no WebSocket, or a less protected one than ${from} (RFC 7395 §3.6.1)`;
}
