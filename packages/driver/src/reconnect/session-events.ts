import type { CloseCause, Jid, TlsFacts } from '@xmpp-wire/core';
import type { ConnectionEvent } from '../connection.ts';
import type { ConnectionEnd } from '../driven.ts';
import type { Endpoint } from '../link.ts';
import type { ReconnectAdvice } from './advice.ts';

/** Stanzas may be sent. Whatever the server keeps for one connection only is gone: send presence, join rooms again. */
export interface SessionConnected {
  readonly type: 'connected';
  /** The address of this connection; its resource may be another than before. */
  readonly jid: Jid;
  readonly tls: TlsFacts | undefined;
  readonly remote: Endpoint;
  /** How many attempts it took. */
  readonly attempts: number;
}

/** When the next attempt is due. */
export interface NextAttempt {
  /** Counts from the last connection on, from 1. */
  readonly attempt: number;
  /** Milliseconds to wait. */
  readonly delay: number;
  /** The point in time, in milliseconds since 1970. */
  readonly at: number;
}

/** The connection ended; comes once for each `connected`. Nothing can be sent until the next one. */
export interface SessionDisconnected {
  readonly type: 'disconnected';
  readonly end: ConnectionEnd;
  readonly advice: ReconnectAdvice;
  /** Undefined: there is none, the session is over. */
  readonly next: NextAttempt | undefined;
}

/** An attempt to connect failed: with an `XmppConnectError`, unless the program is wrong. */
export interface SessionAttemptFailed {
  readonly type: 'attempt-failed';
  readonly error: Error;
  readonly advice: ReconnectAdvice;
  readonly next: NextAttempt | undefined;
}

/** The session is over by itself: nothing comes after this. */
export interface SessionGaveUp {
  readonly type: 'gave-up';
  readonly trouble: CloseCause | Error;
  readonly advice: ReconnectAdvice;
}

/** What a session reports: its own ups and downs, and in between what arrives on its connection. */
export type SessionEvent =
  | SessionConnected
  | SessionDisconnected
  | SessionAttemptFailed
  | SessionGaveUp
  | ConnectionEvent;

/** What a session is doing. */
export type SessionState =
  | { readonly name: 'connecting'; readonly attempt: number }
  | { readonly name: 'connected'; readonly jid: Jid; readonly tls: TlsFacts | undefined }
  | { readonly name: 'waiting'; readonly next: NextAttempt }
  | { readonly name: 'ended'; readonly end: SessionEnd };

/** How a session ended. */
export type SessionEnd = { readonly by: 'stop' } | (Omit<SessionGaveUp, 'type'> & { readonly by: 'gave-up' });
