import type {
  AcceptStreamAsk,
  AuthorizeAsk,
  BindRefusal,
  BindResourceAsk,
  Jid,
  LookUpCredentialsAsk,
  ReceivingEvent,
  StreamPolicy,
  StreamRefusal,
} from '@xmpp-wire/core';
import { parseJidParts } from '@xmpp-wire/core/jid';
import type { AccountState, AuthorizedIdentity, ScramCredentials } from '@xmpp-wire/core/sasl';
import type { SessionTable } from '../session-table.ts';
import { ClientSession, type Channel, type Session, type SessionOwner } from '../session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';
import { acceptStream, type ServerState } from './accept-stream.ts';
import { chooseResource } from './bind-resource.ts';

/** What a stream needs of its server. */
export interface StreamHost {
  readonly settings: ServerSettings;
  readonly table: SessionTable;
  readonly state: ServerState;
  readonly owner: SessionOwner;
  /** The stream is over; called once. */
  forget(stream: ClientStream): void;
  started(session: ClientSession): void;
  receive(event: ReceivingEvent, session: ClientSession): Promise<void>;
}

/** What a stream has come to. */
type State =
  | { readonly is: 'negotiating'; readonly domain: string }
  | { readonly is: 'bound'; readonly session: ClientSession }
  | { readonly is: 'over' };

/**
 * The server's side of one connection of a client, without the connection: it answers the asks of a receiving entity and
 * takes its events. Whoever owns the entity passes on what comes, in the order it comes, one at a time, and calls `ended`
 * at the end in any case.
 */
export class ClientStream {
  /** Whom the connection comes from, as the transport says it. */
  readonly remote: string;
  readonly #host: StreamHost;
  readonly #isSurplus: boolean;
  #state: State = { is: 'negotiating', domain: '' };

  constructor(host: StreamHost, remote: string, isSurplus: boolean) {
    this.#host = host;
    this.remote = remote;
    this.#isSurplus = isSurplus;
  }

  /** Answers `accept-stream`; it is asked anew after TLS. */
  acceptStream(ask: AcceptStreamAsk): StreamPolicy | StreamRefusal {
    const answer = acceptStream(ask, this.#host.settings, this.#host.state, this.#isSurplus);
    this.#state = { is: 'negotiating', domain: answer.domain ?? '' };
    return answer;
  }

  /** Answers `look-up-credentials`. */
  async lookUpCredentials(ask: LookUpCredentialsAsk): Promise<ScramCredentials | 'unknown-account' | AccountState> {
    const { accounts, jidPreparation, onError } = this.#host.settings;
    // RFC 6120 §6.3.7: the simple user name is the localpart.
    const account = parseJidParts({ localpart: ask.authcid, domainpart: this.#domain }, jidPreparation);
    if (!account.ok) return 'unknown-account';
    try {
      return await accounts.credentials(account.jid, ask.hash);
    } catch (error) {
      onError(error);
      return 'temporary-auth-failure';
    }
  }

  /** Answers `authorize`: nobody is anybody else unless a hook says so. */
  async authorize(
    ask: AuthorizeAsk,
  ): Promise<AuthorizedIdentity | 'not-authorized' | 'invalid-authzid' | AccountState> {
    const { hooks, onError } = this.#host.settings;
    // RFC 6120 §6.5.6: also the condition for an identity that one may not act as.
    if (hooks.authorize === undefined) return 'invalid-authzid';
    const { mechanism, authcid, authzid, trace, claimed, security } = ask;
    try {
      const domain = this.#domain;
      return await hooks.authorize({ mechanism, authcid, authzid, trace, domain, claimed, security });
    } catch (error) {
      onError(error);
      return 'temporary-auth-failure';
    }
  }

  /** Answers `bind-resource`. The resource is the client's from now on; `established` begins its session. */
  async bindResource(ask: BindResourceAsk): Promise<Jid | BindRefusal> {
    const { settings, table } = this.#host;
    const refusal = await this.#admit(ask);
    if (refusal !== undefined) return refusal;
    const binding = chooseResource(ask.account, ask.requested, table, settings);
    if ('refuse' in binding) return binding;
    // The transport may have ended while a hook was thinking: then nobody will have the resource.
    if (this.#state.is !== 'negotiating') return { refuse: 'internal-server-error' };
    if (binding.replaces) {
      // RFC 6120 §7.7.2.2, third way.
      const there = table.find(binding.jid);
      there?.close({ condition: 'conflict', text: 'the same resource was bound by another connection' });
      if (there !== undefined) table.remove(there);
    }
    const session = new ClientSession(binding.jid, this.remote, this.#host.owner);
    table.add(session);
    this.#state = { is: 'bound', session };
    return binding.jid;
  }

  /** The stream is established: its session begins. Stanzas for it go to this channel. */
  established(channel: Channel): Session | undefined {
    const { table, state } = this.#host;
    if (this.#state.is !== 'bound') return undefined;
    const { session } = this.#state;
    if (state.isStopping()) {
      channel.close({ condition: 'system-shutdown' });
      return undefined;
    }
    // Somebody else bound the same resource before this client heard that it has it.
    if (table.find(session.jid) !== session) {
      channel.close({ condition: 'conflict' });
      return undefined;
    }
    session.start(channel);
    this.#host.started(session);
    return session;
  }

  /** Takes an event of the established stream. RFC 6120 §10.1: wait for this before the next one. */
  async receive(event: ReceivingEvent): Promise<void> {
    if (this.#state.is === 'bound') await this.#host.receive(event, this.#state.session);
  }

  /** The connection is over, whatever it had come to. */
  ended(): void {
    if (this.#state.is === 'over') return;
    if (this.#state.is === 'bound') this.#host.owner.endSession(this.#state.session, false);
    this.#state = { is: 'over' };
    this.#host.forget(this);
  }

  get #domain(): string {
    return this.#state.is === 'negotiating' ? this.#state.domain : '';
  }

  async #admit(ask: BindResourceAsk): Promise<BindRefusal | undefined> {
    const { hooks, onError } = this.#host.settings;
    if (hooks.admit === undefined) return undefined;
    const request = { account: ask.account, requestedResource: ask.requested, remote: this.remote };
    try {
      const answer = await hooks.admit(request);
      return answer === 'admit' ? undefined : answer;
    } catch (error) {
      onError(error);
      return { refuse: 'internal-server-error' };
    }
  }
}
