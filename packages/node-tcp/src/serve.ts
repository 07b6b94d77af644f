import type { Socket } from 'node:net';
import { ReceivingEntity, type ReceivingConfig, type Security, type StreamErrorFields } from '@xmpp-wire/core';
import { answerAsk } from './answer-ask.ts';
import { DEFAULT_LINGERING, DEFAULT_MAX_BUFFERED_OUTPUT } from './connect-options.ts';
import { Connection, DEFAULT_MAX_QUEUED_EVENTS } from './connection.ts';
import { Driver } from './drive.ts';
import type { DriverHooks } from './driven.ts';
import type { ListenOptions, Peer } from './listen-options.ts';
import { pick } from './pick.ts';
import { nodeRandom } from './random.ts';
import { nodeTextCodec } from './text-codec.ts';
import { factsOf } from './tls/facts.ts';
import type { ServerTls } from './tls/server-tls.ts';

/** One connection of a listener, from its first byte to its end. */
export interface Served {
  /** Closes the stream, wherever it is. */
  close(reason: StreamErrorFields): void;
  /** Cuts the connection. */
  abort(error: Error): void;
}

/** What serving a connection takes beside its socket. */
export interface ServeContext {
  readonly options: ListenOptions;
  readonly entity: ReceivingConfig;
  readonly tls: ServerTls;
  readonly peer: Peer;
  readonly security: Security;
  readonly onError: (error: unknown) => void;
  readonly onEstablished: (connection: Connection) => void;
  readonly onEnd: (connection: Connection | undefined) => void;
}

/** The part of a listener's options that configures its entities. */
export function entityConfigOf(options: ListenOptions): ReceivingConfig {
  return {
    random: options.random ?? nodeRandom,
    textCodec: nodeTextCodec,
    ...pick(options, [
      'contentNamespaces',
      'domain',
      'lang',
      'limits',
      'unauthenticatedLimits',
      'maxBufferedInput',
      'timeouts',
      'extensions',
      'whitespaceBehindStarttls',
      'jidPreparation',
    ]),
  };
}

/** Serves one connection: the receiving entity's side of RFC 6120 on a socket. */
export function serve(socket: Socket, context: ServeContext): Served {
  const { options, tls, peer, onError } = context;
  const { onTrace } = options;
  const { random } = context.entity;
  const entity = new ReceivingEntity({
    ...context.entity,
    security: context.security,
    ...(onTrace === undefined ? {} : { onTrace: (entry) => onTrace(entry, peer) }),
  });
  let facts = context.security.kind === 'tls' ? context.security.tls : undefined;
  let connection: Connection | undefined;
  const hooks: DriverHooks = {
    isBehind: () => connection?.isBehind ?? false,
    onDrain: () => connection?.drained(),
    async startTls(ask, raw) {
      const secured = await tls.secure(raw, ask.domain);
      return { socket: secured, facts: factsOf(secured, 'server', ask.domain) };
    },
    onAsk: (ask) => void answerAsk(ask, driver, { handlers: options.asks, peer, random, onError }),
    onEvent(event) {
      if (event.type === 'secured') facts = event.tls;
      if (event.type !== 'established') {
        connection?.deliver(event);
        return;
      }
      connection = new Connection(driver, {
        jid: event.jid,
        tls: facts,
        random,
        requestTimeout: options.requestTimeout,
        maxQueuedEvents: options.maxQueuedEvents ?? DEFAULT_MAX_QUEUED_EVENTS,
        watchCertificate: facts?.peerCertificate?.trusted === true,
      });
      context.onEstablished(connection);
    },
    onStreamClosed: () => connection?.streamClosed(),
    onEnd(end) {
      connection?.end(end);
      context.onEnd(connection);
      if (connection === undefined) options.onFailure?.({ peer, ...end });
    },
  };
  const driver = new Driver(entity, socket, hooks, {
    maxBufferedOutput: options.maxBufferedOutput ?? DEFAULT_MAX_BUFFERED_OUTPUT,
    lingering: options.lingering ?? DEFAULT_LINGERING,
  });
  driver.start();
  return { close: (reason) => driver.close(reason), abort: (error) => driver.abort(error) };
}
