import type {
  AcceptStreamAsk,
  Ask,
  AskName,
  BindResourceAsk,
  InitiatingAsk,
  ReceivingAsk,
  StreamPolicy,
  TlsFacts,
} from '@xmpp-wire/core';
import { utf8Encode } from '@xmpp-wire/core/adapter';
import { jidFromParts } from '@xmpp-wire/core/jid';
import type { Accounts } from './accounts.ts';

/** In place of an answer: the ask stays open until the test answers it, or for ever. */
export const UNANSWERED: unique symbol = Symbol('unanswered');

/** The type of the answer to an ask. */
export type AnswerTo<A> = A extends Ask<AskName, infer Answer> ? Answer : never;

/** A function for each ask of a role; it answers, or leaves the ask open. */
export type Answers<A extends InitiatingAsk | ReceivingAsk> = {
  readonly [Name in A['ask']]: (
    ask: Extract<A, { readonly ask: Name }>,
  ) => AnswerTo<Extract<A, { readonly ask: Name }>> | typeof UNANSWERED;
};

export type InitiatingAnswers = Answers<InitiatingAsk>;
export type ReceivingAnswers = Answers<ReceivingAsk>;

/** What the answers of a pair are made of. */
export interface AnswerSources {
  readonly accounts: Accounts;
  readonly domain: string;
  readonly policy: Partial<StreamPolicy>;
}

/** The mechanisms a pair's server offers unless its policy says otherwise. */
export const DEFAULT_MECHANISMS: readonly string[] = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN'];

/**
 * TLS that never took place: the facts of a TLS 1.3 connection, with the same channel-binding data for everybody who asks.
 *
 * @example
 * ```ts
 * import { madeUpTls } from '@xmpp-wire/testing';
 *
 * madeUpTls().version; // 'TLSv1.3'
 * ```
 */
export function madeUpTls(): TlsFacts {
  return {
    version: 'TLSv1.3',
    channelBindings: new Map([
      ['tls-exporter', utf8Encode('exported by a handshake of none!')],
      ['tls-server-end-point', utf8Encode('hash of a certificate of nobody!')],
    ]),
    cipher: 'TLS_AES_128_GCM_SHA256',
  };
}

/** What an initiating entity hears unless a test says otherwise. */
export function initiatingAnswers({ accounts }: AnswerSources): InitiatingAnswers {
  return {
    'start-tls': () => madeUpTls(),
    'derive-salted-password': (ask) => accounts.saltedPassword(ask),
  };
}

/** What a receiving entity hears unless a test says otherwise. */
export function receivingAnswers({ accounts, domain, policy }: AnswerSources): ReceivingAnswers {
  return {
    'accept-stream': (ask) => policyFor(ask, domain, policy),
    'start-tls': () => madeUpTls(),
    'look-up-credentials': (ask) => accounts.credentials(ask),
    'derive-salted-password': (ask) => accounts.saltedPassword(ask),
    'check-password': (ask) => accounts.check(ask.authcid, ask.password),
    authorize: (ask) => {
      // ANONYMOUS authenticates nobody and gets a name; everybody else may act as the account that was proved.
      if (ask.mechanism === 'ANONYMOUS') return { authcid: 'anonymous', authzid: undefined };
      return 'invalid-authzid';
    },
    'bind-resource': bindAsRequested,
  };
}

function policyFor(
  ask: AcceptStreamAsk,
  domain: string,
  policy: Partial<StreamPolicy>,
): StreamPolicy | { readonly refuse: { readonly condition: 'host-unknown' } } {
  if (ask.to !== domain) return { refuse: { condition: 'host-unknown' } };
  return {
    domain,
    mechanisms: DEFAULT_MECHANISMS,
    decoySecret: utf8Encode('a secret for decoys, 16 or more'),
    ...policy,
  };
}

function bindAsRequested({ account, requested }: BindResourceAsk): AnswerTo<BindResourceAsk> {
  const { localpart, domainpart } = account;
  return jidFromParts({ localpart, domainpart, resourcepart: requested ?? 'made-by-the-server' });
}
