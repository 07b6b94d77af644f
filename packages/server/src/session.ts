import type { CloseCause, ConnectedResource, Jid, Presence, Stanza, StreamErrorFields } from '@xmpp-wire/core';
import type { Awaitable } from './awaitable.ts';

/** What the server needs of an established stream: a few lines over an entity, or over an adapter's connection. */
export interface Channel {
  /**
   * Sends a stanza. False: the stream is closing or closed and nothing was sent. It may also promise as much, when the
   * transport knows later; the stanza is then on its way in its place all the same.
   */
  send(stanza: Stanza): Awaitable<boolean>;
  /** Closes the stream; it does not wait until that is done. */
  close(reason?: StreamErrorFields): unknown;
}

/** One connected resource of an account, as users of the server see it. */
export interface Session {
  /** The full JID that is bound to the stream. */
  readonly jid: Jid;
  /** Whom its connection comes from, as the transport says it. */
  readonly remote: string;
  /** Priority of its available presence (RFC 6121 §4.7.2.3); undefined: connected, but not available. */
  readonly priority: number | undefined;
  /** Its last available presence; undefined while it is not available. */
  readonly presence: Presence | undefined;
  /** Sends to this client and to nobody else. False once the session has ended. It never rejects. */
  send(stanza: Stanza): Awaitable<boolean>;
  /** Ends the session: nothing is delivered to it any more, the stream is closed. */
  close(reason?: StreamErrorFields): void;
}

/** Whom a session belongs to: the server as a whole. */
export interface SessionOwner {
  /** Ends a session; `heard` tells whether stanzas that still arrive from it count. */
  endSession(session: ClientSession, heard: boolean, cause: CloseCause): void;
  /** For the log. */
  report(error: unknown): void;
}

/** Each state owns what exists only in it. */
type State =
  /** The resource is promised to a client that is not told yet. */
  | { readonly is: 'reserved' }
  | { readonly is: 'live'; readonly channel: Channel }
  /** `heard`: what still arrives counts (RFC 6120 §4.4), unless an error has ended the stream (§4.9.1.1). */
  | { readonly is: 'ended'; readonly heard: boolean };

/** A session with what the server itself knows and does about it. */
export class ClientSession implements Session, ConnectedResource {
  readonly jid: Jid;
  readonly remote: string;
  /** Entities that got directed presence of this session, by address (RFC 6121 §4.6.3). */
  readonly directed: Map<string, Jid> = new Map();
  readonly #owner: SessionOwner;
  #state: State = { is: 'reserved' };
  #available: { readonly presence: Presence; readonly priority: number } | undefined;

  constructor(jid: Jid, remote: string, owner: SessionOwner) {
    this.jid = jid;
    this.remote = remote;
    this.#owner = owner;
  }

  get priority(): number | undefined {
    return this.#available?.priority;
  }

  get presence(): Presence | undefined {
    return this.#available?.presence;
  }

  get isLive(): boolean {
    return this.#state.is === 'live';
  }

  /** Whether stanzas that arrive on its stream count. */
  get isHeard(): boolean {
    return this.#state.is === 'live' || (this.#state.is === 'ended' && this.#state.heard);
  }

  start(channel: Channel): void {
    this.#state = { is: 'live', channel };
  }

  /** Nothing is sent any more. To end a session for the server as a whole there is `close`. */
  end(heard: boolean): void {
    this.#state = { is: 'ended', heard };
    this.#available = undefined;
  }

  becomeAvailable(presence: Presence, priority: number): void {
    this.#available = { presence, priority };
  }

  becomeUnavailable(): void {
    this.#available = undefined;
  }

  send(stanza: Stanza): Awaitable<boolean> {
    if (this.#state.is !== 'live') return false;
    try {
      const outcome = this.#state.channel.send(stanza);
      return typeof outcome === 'boolean' ? outcome : outcome.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      return this.#fail(error);
    }
  }

  close(reason?: StreamErrorFields): void {
    if (this.#state.is !== 'live') return;
    const { channel } = this.#state;
    this.#owner.endSession(this, reason === undefined, { code: 'closed-locally', reason });
    channel.close(reason);
  }

  /** A channel that throws is of no use any more. */
  #fail(error: unknown): false {
    this.#owner.report(error);
    this.close({ condition: 'internal-server-error' });
    return false;
  }
}
