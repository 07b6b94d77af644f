import type {
  Ask,
  AskName,
  CloseCause,
  RandomSource,
  ReceivingAsk,
  ReceivingConfig,
  TraceEntry,
} from '@xmpp-wire/core';
import { checkOptions, checkValues, OPTION_KINDS, type OptionKinds } from './check-options.ts';
import type { XmppConnection } from './connection.ts';
import type { Endpoint } from './link.ts';

/** Who is at the other end of a connection that is still being negotiated. */
export interface Peer {
  /** Counts the connections of a server; for logs. */
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

/** The type of the answer that an ask takes. */
export type AnswerOf<A> = A extends Ask<AskName, infer Answer> ? Answer : never;

/** The asks that the embedding server answers; `start-tls` and `derive-salted-password` are answered by the adapter. */
export type ServerAsk = Exclude<ReceivingAsk, { readonly ask: 'start-tls' | 'derive-salted-password' }>;

/** The ask of a name. */
export type AskNamed<Name extends ServerAsk['ask']> = Extract<ServerAsk, { readonly ask: Name }>;

/** Answers one kind of ask; what it throws is reported to `onError`, and the peer is told to try again later. */
export type AskHandler<Name extends ServerAsk['ask']> = (
  ask: AskNamed<Name>,
  peer: Peer,
) => AnswerOf<AskNamed<Name>> | Promise<AnswerOf<AskNamed<Name>>>;

/** How the embedding server answers; what is left out is refused, except that a resource is then made up. */
export type AskHandlers = { readonly 'accept-stream': AskHandler<'accept-stream'> } & {
  readonly [Name in Exclude<ServerAsk['ask'], 'accept-stream'>]?: AskHandler<Name>;
};

/** A connection that ended before its stream was established. */
export interface FailedConnection {
  readonly peer: Peer;
  /** Undefined: it failed before there was a stream. */
  readonly cause: CloseCause | undefined;
  readonly error: Error | undefined;
}

/** What the entities of a server are told as it is; everything else the adapter knows, or {@link ServeOptions} says in its own way. */
export type ServerEntityOptions = Omit<ReceivingConfig, 'random' | 'security' | 'textCodec' | 'onTrace' | 'transport'>;

/** The names of {@link ServerEntityOptions}; the entities judge them themselves. */
export const ENTITY_OPTIONS: OptionKinds<ServerEntityOptions> = {
  contentNamespaces: undefined,
  domain: undefined,
  lang: undefined,
  limits: undefined,
  unauthenticatedLimits: undefined,
  maxBufferedInput: undefined,
  timeouts: undefined,
  extensions: undefined,
  whitespaceBehindStarttls: undefined,
  jidPreparation: undefined,
};

/** How to serve connections; an adapter adds what to listen on. */
export interface ServeOptions extends ServerEntityOptions {
  readonly asks: AskHandlers;
  /** A stream is established: read the connection, and send. */
  readonly onConnection: (connection: XmppConnection, peer: Peer) => void | Promise<void>;
  /** For the log: a connection came to nothing. */
  readonly onFailure?: (failed: FailedConnection) => void;
  /** For the log: a handler threw, or the system refused to accept connections for a while. Default: the console. */
  readonly onError?: (error: unknown) => void;
  /** Called for each thing that crosses the wire, with the connection that it crosses; it must not throw. */
  readonly onTrace?: (entry: TraceEntry, peer: Peer) => void;
  readonly random?: RandomSource;
  /** Connections at once, those being negotiated included; one more is cut. Default 10 000. */
  readonly maxConnections?: number;
  /** The same for one remote address. Default: no such limit. */
  readonly maxConnectionsPerAddress?: number;
  /** Whether to take a connection from there at all, asked before anything is spent on it; else it is cut. Default: yes. */
  readonly admit?: (remote: Endpoint) => boolean;
  /** Events that may wait for a reader before nothing more is taken from a peer. Default 32. */
  readonly maxQueuedEvents?: number;
  /** Bytes that may wait for a peer that does not read before its connection is cut. Default 16 MiB. */
  readonly maxBufferedOutput?: number;
  /** Milliseconds that the peer has for ending the connection once the stream is over. Default 2000. */
  readonly lingering?: number;
  /** Milliseconds that a request waits for its answer. Default 60 000. */
  readonly requestTimeout?: number;
}

const { number, function: handler } = OPTION_KINDS;

/** What the options of every server have to be; those of its entities they judge themselves. */
export const SERVE_OPTIONS: OptionKinds<ServeOptions> = {
  asks: OPTION_KINDS.object,
  onConnection: handler,
  onFailure: handler,
  onError: handler,
  onTrace: handler,
  random: handler,
  maxConnections: number,
  maxConnectionsPerAddress: number,
  admit: handler,
  maxQueuedEvents: number,
  maxBufferedOutput: number,
  lingering: number,
  requestTimeout: number,
  ...ENTITY_OPTIONS,
};

const ASKS: OptionKinds<AskHandlers> = {
  'accept-stream': handler,
  'look-up-credentials': handler,
  'check-password': handler,
  authorize: handler,
  'bind-resource': handler,
};

/** @throws TypeError that names the option which is missing or of another kind. */
export function checkServeOptions(options: ServeOptions): void {
  checkValues('the server', options, SERVE_OPTIONS);
  // Programs in JavaScript come this far with anything.
  const { asks, onConnection }: { readonly asks?: AskHandlers; readonly onConnection?: unknown } = options;
  if (asks === undefined) throw new TypeError("a server needs 'asks', its answers: 'accept-stream' at least");
  checkOptions("'asks'", asks, ASKS);
  const { 'accept-stream': acceptStream }: Partial<AskHandlers> = asks;
  if (acceptStream === undefined) throw new TypeError("a server needs 'accept-stream' among its 'asks'");
  if (onConnection === undefined) throw new TypeError("a server needs 'onConnection', which reads the connections");
}
