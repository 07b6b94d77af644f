import type {
  AcceptStreamAsk,
  AuthorizeAsk,
  BindRefusal,
  BindResourceAsk,
  CheckPasswordAsk,
  CloseCause,
  Jid,
  LookUpCredentialsAsk,
  ReceivingEvent,
  StreamPolicy,
  StreamRefusal,
} from '@xmpp-wire/core';
import { parseJidParts } from '@xmpp-wire/core/jid';
import type { AccountState, ScramCredentials } from '@xmpp-wire/core/sasl';
import type { Gatekeeper } from '../limits/gatekeeper.ts';
import type { FailedLogin } from '../hooks.ts';
import type { SessionTable } from '../session-table.ts';
import { ClientSession, type Channel, type Session, type SessionOwner } from '../session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';
import { acceptStream, type ServerState } from './accept-stream.ts';
import { authorizeByDefault, type Authorization } from './authorize.ts';
import { chooseResource } from './bind-resource.ts';

/** What a stream needs of its server. */
export interface StreamHost {
  readonly settings: ServerSettings;
  readonly table: SessionTable;
  readonly state: ServerState;
  readonly owner: SessionOwner;
  readonly gatekeeper: Gatekeeper;
  /** The stream is over; called once. */
  forget(stream: ClientStream): void;
  started(session: ClientSession): void;
  loginFailed(login: FailedLogin): void;
  receive(event: ReceivingEvent, session: ClientSession): Promise<void>;
}

/** Whom a stream belongs to. */
export interface Caller {
  /** Whom the connection comes from, as the transport says it. */
  readonly remote: string;
  readonly address: string;
  /** There were as many streams as there may be when this one came. */
  readonly isSurplus: boolean;
}

/** What a stream has come to. */
type State =
  | {
      readonly is: 'negotiating';
      readonly domain: string;
      /** The name that was tried, as long as it is not known whether it was right. */
      readonly trying: string | undefined;
    }
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
  /** The same without what tells connections apart: what counts for limits. */
  readonly #address: string;
  readonly #host: StreamHost;
  readonly #isSurplus: boolean;
  #state: State = { is: 'negotiating', domain: '', trying: undefined };

  constructor(host: StreamHost, { remote, address, isSurplus }: Caller) {
    this.#host = host;
    this.remote = remote;
    this.#address = address;
    this.#isSurplus = isSurplus;
  }

  /** Answers `accept-stream`; it is asked anew after TLS. */
  async acceptStream(ask: AcceptStreamAsk): Promise<StreamPolicy | StreamRefusal> {
    const { settings, state, gatekeeper } = this.#host;
    const standing = this.#isSurplus ? 'surplus' : gatekeeper.hears(this.#address) ? 'welcome' : 'nuisance';
    const answer = await acceptStream(ask, settings, state, standing, this.remote);
    // The transport may have ended while a hook was thinking.
    if (this.#state.is === 'negotiating') this.#state = { ...this.#state, domain: answer.domain ?? '' };
    return answer;
  }

  /** Answers `look-up-credentials`. */
  async lookUpCredentials(ask: LookUpCredentialsAsk): Promise<ScramCredentials | 'unknown-account' | AccountState> {
    const { accounts, onError } = this.#host.settings;
    if (!this.#try(ask.authcid)) return 'temporary-auth-failure';
    const account = this.#accountOf(ask.authcid);
    if (account === undefined) return 'unknown-account';
    try {
      return (await accounts.credentials?.(account, ask.hash)) ?? 'unknown-account';
    } catch (error) {
      onError(error);
      return 'temporary-auth-failure';
    }
  }

  /** Answers `check-password`: PLAIN, where the account store checks passwords itself. */
  async checkPassword(ask: CheckPasswordAsk): Promise<'accepted' | 'not-authorized' | AccountState> {
    const { accounts, onError } = this.#host.settings;
    if (!this.#try(ask.authcid)) return 'temporary-auth-failure';
    const account = this.#accountOf(ask.authcid);
    if (account === undefined) return 'not-authorized';
    try {
      return (await accounts.checkPassword?.(account, ask.password)) ?? 'not-authorized';
    } catch (error) {
      onError(error);
      return 'temporary-auth-failure';
    }
  }

  /** Answers `authorize`: nobody is anybody else unless a hook says so. */
  async authorize(ask: AuthorizeAsk): Promise<Authorization> {
    const { settings } = this.#host;
    const { hooks, onError } = settings;
    const { mechanism, authcid, authzid, trace, claimed, security } = ask;
    // Where a password was checked before, that was the attempt.
    if (authcid === undefined && !this.#try(mechanism)) return 'temporary-auth-failure';
    try {
      const request = { mechanism, authcid, authzid, trace, domain: this.#domain, claimed, security };
      return (await hooks.authorize?.(request)) ?? (await authorizeByDefault(request, settings));
    } catch (error) {
      onError(error);
      return 'temporary-auth-failure';
    }
  }

  /** Answers `bind-resource`. The resource is the client's from now on; `established` begins its session. */
  async bindResource(ask: BindResourceAsk): Promise<Jid | BindRefusal> {
    const { settings, table } = this.#host;
    // Only who has authenticated is asked for a resource: the attempt was none that failed.
    if (this.#state.is === 'negotiating') this.#state = { ...this.#state, trying: undefined };
    const refusal = await this.#admit(ask);
    if (refusal !== undefined) return refusal;
    const binding = chooseResource(ask.account, ask.requested, table, settings);
    if ('refuse' in binding) return binding;
    // The transport may have ended while a hook was thinking: then nobody will have the resource.
    if (this.#state.is !== 'negotiating') return { refuse: 'internal-server-error' };
    if (binding.replaces) {
      // RFC 6120 §7.7.2.2, third way.
      const there = table.find(binding.jid);
      const text = 'the same resource was bound by another connection';
      there?.close({ condition: 'conflict', text, lang: 'en' });
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

  /**
   * The connection is over, whatever it had come to.
   *
   * @param cause why, as the `closed` event says. Default: it was cut.
   */
  ended(cause: CloseCause = { code: 'unexpected-eof', detail: 'the connection is over' }): void {
    if (this.#state.is === 'over') return;
    this.#noteFailure();
    if (this.#state.is === 'bound') this.#host.owner.endSession(this.#state.session, false, cause);
    this.#state = { is: 'over' };
    this.#host.forget(this);
  }

  get #domain(): string {
    return this.#state.is === 'negotiating' ? this.#state.domain : '';
  }

  /** RFC 6120 §6.3.7: the simple user name is the localpart. */
  #accountOf(authcid: string): Jid | undefined {
    const { jidPreparation } = this.#host.settings;
    const account = parseJidParts({ localpart: authcid, domainpart: this.#domain }, jidPreparation);
    return account.ok ? account.jid : undefined;
  }

  /** Somebody tries to log in; whoever tries again has failed before. False: nobody from there is heard for now. */
  #try(name: string): boolean {
    this.#noteFailure();
    if (!this.#host.gatekeeper.hears(this.#address)) return false;
    if (this.#state.is === 'negotiating') this.#state = { ...this.#state, trying: name };
    return true;
  }

  #noteFailure(): void {
    if (this.#state.is !== 'negotiating' || this.#state.trying === undefined) return;
    const { domain, trying: name } = this.#state;
    this.#state = { ...this.#state, trying: undefined };
    this.#host.gatekeeper.loginFailed(this.#address);
    this.#host.loginFailed({ name, domain, remote: this.remote });
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
