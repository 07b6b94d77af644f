import { randomBytes } from 'node:crypto';
import { scramCredentials, SASL_MECHANISMS, type ScramCredentials, type ScramHash } from '@xmpp-wire/core/sasl';
import type { Stanza, StreamPolicy } from '@xmpp-wire/core';
import {
  connect,
  listen,
  type ConnectOptions,
  type Listener,
  type ListenOptions,
  type XmppConnection,
} from '../../src/index.ts';
import { dnsNames, makeAuthority, type Authority, type Issued } from './certificates.ts';

export const DOMAIN = 'im.example.com';
export const PASSWORD = 'R0m30';
const ITERATIONS = 4096;

/** The mechanisms that are by password. */
export const BY_PASSWORD: readonly string[] = SASL_MECHANISMS.filter(
  (name) => name !== 'EXTERNAL' && name !== 'ANONYMOUS',
);

/** A server of one domain with the account juliet, and what connecting to it takes. */
export interface World {
  readonly authority: Authority;
  readonly certificate: Issued;
  readonly listener: Listener;
  /** The port for STARTTLS, and the one for direct TLS. */
  readonly ports: { readonly starttls: number; readonly direct: number };
  /** Connections in the order in which they were established. */
  readonly served: readonly XmppConnection[];
  /** The next connection that is established at the server. */
  nextServed(): Promise<XmppConnection>;
  /** Options that connect to it by STARTTLS, or by direct TLS, as juliet. */
  options(tls: 'starttls' | 'direct', more?: Partial<ConnectOptions>): ConnectOptions;
  connect(tls: 'starttls' | 'direct', more?: Partial<ConnectOptions>): Promise<XmppConnection>;
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<Omit<ListenOptions, 'endpoints'>> {
  readonly policy?: Partial<StreamPolicy>;
  readonly certificate?: Issued;
  readonly authority?: Authority;
}

const stored = new Map<ScramHash, ScramCredentials>();

/** What the server keeps of juliet's password. */
export function credentialsOf(hash: ScramHash): ScramCredentials {
  const known =
    stored.get(hash) ?? scramCredentials({ hash, password: PASSWORD, salt: randomBytes(16), iterations: ITERATIONS });
  stored.set(hash, known);
  return known;
}

/** The terms on which the server accepts streams. */
export function policyOf(more: Partial<StreamPolicy> = {}): StreamPolicy {
  return {
    domain: DOMAIN,
    mechanisms: BY_PASSWORD,
    plain: { check: 'scram-keys', hash: 'SHA-256' },
    decoySecret: new Uint8Array(32).fill(7),
    decoyIterations: ITERATIONS,
    ...more,
  };
}

/** Starts a server; every connection of it ends with `close`. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { policy, certificate: given, authority: givenAuthority, ...listenOptions } = options;
  const authority = givenAuthority ?? (await makeAuthority());
  const certificate = given ?? (await authority.issue(dnsNames(DOMAIN)));
  const served: XmppConnection[] = [];
  let waiting: ((connection: XmppConnection) => void)[] = [];
  const listener = await listen({
    endpoints: [
      { port: 0, host: '127.0.0.1', tls: 'starttls' },
      { port: 0, host: '127.0.0.1', tls: 'direct' },
    ],
    tls: { certificates: { [DOMAIN]: certificate } },
    onError: (error) => {
      throw error;
    },
    ...listenOptions,
    asks: {
      'accept-stream': ({ to }) =>
        to === undefined || to === DOMAIN
          ? policyOf(policy)
          : { refuse: { condition: 'host-unknown' }, domain: DOMAIN },
      'look-up-credentials': ({ authcid, hash }) => (authcid === 'juliet' ? credentialsOf(hash) : 'unknown-account'),
      ...listenOptions.asks,
    },
    onConnection(connection, peer) {
      served.push(connection);
      const told = waiting;
      waiting = [];
      for (const tell of told) tell(connection);
      return listenOptions.onConnection?.(connection, peer);
    },
  });
  const [starttls = 0, direct = 0] = listener.endpoints.map(({ port }) => port);
  const optionsFor: World['options'] = (tls, more = {}) => ({
    jid: `juliet@${DOMAIN}`,
    password: PASSWORD,
    host: '127.0.0.1',
    port: tls === 'starttls' ? starttls : direct,
    directTls: tls === 'starttls' ? 'never' : 'only',
    ...more,
    tls: { ca: authority.cert, ...more.tls },
  });
  return {
    authority,
    certificate,
    listener,
    ports: { starttls, direct },
    served,
    nextServed: async () => new Promise((resolve) => waiting.push(resolve)),
    options: optionsFor,
    connect: async (tls, more) => connect(optionsFor(tls, more)),
    close: async () => listener.close(1000),
  };
}

/** The next stanza that arrives on a connection; rejects when the stream ends before. */
export async function nextStanza(connection: XmppConnection): Promise<Stanza> {
  for await (const stanza of connection.stanzas()) return stanza;
  throw new Error('the stream ended before a stanza came');
}
