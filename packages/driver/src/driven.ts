import type {
  Ask,
  AskName,
  CloseCause,
  EntityDescription,
  InitiatingAsk,
  InitiatingEvent,
  ReceivingAsk,
  ReceivingEvent,
  Stanza,
  StartTlsAsk,
  StreamErrorFields,
  TlsFacts,
} from '@xmpp-wire/core';
import type { XmlElement } from '@xmpp-wire/core/xml';
import type { ByteLink } from './link.ts';
import type { Defer } from './platform.ts';

/** What both roles of an entity have, as far as a transport needs it. */
export interface DrivenEntity {
  readonly wantsInput: boolean;
  readonly bufferedOutput: number;
  readonly phase: string;
  receive(bytes: Uint8Array, now: number): void;
  receiveMessage(message: string | Uint8Array, now: number): void;
  receiveEof(now: number): void;
  handleTimeout(now: number): void;
  send(stanza: Stanza): boolean;
  sendElement(element: XmlElement): boolean;
  close(reason?: StreamErrorFields): void;
  answer<A>(ask: Ask<AskName, A>, answer: NoInfer<A>): boolean;
  nextEvent(): InitiatingEvent | ReceivingEvent;
  takeOutput(): Uint8Array | undefined;
  takeMessage(): string | undefined;
  nextTimeout(now: number): number | undefined;
  describe(): EntityDescription;
}

/** Events that are for whoever uses the connection; the driver deals with the others. */
export type DrivenEvent = Exclude<
  InitiatingEvent | ReceivingEvent,
  { readonly type: 'need-input' | 'paused' | 'ended' | 'closed' | 'ask' }
>;

/** Asks that the driver passes on; `start-tls` it deals with. */
export type DrivenAsk = Exclude<InitiatingAsk | ReceivingAsk, StartTlsAsk>;

/** How a connection ended. */
export interface ConnectionEnd {
  /** What the stream itself says about its end. */
  readonly cause: CloseCause;
  /** What the transport says about it, where it failed: an error of the socket, of TLS, or of the adapter. */
  readonly error: Error | undefined;
}

/** A connection that TLS protects now, and what is known of that. */
export interface SecuredLink {
  readonly link: ByteLink;
  readonly facts: TlsFacts;
}

/** What a driver calls. None of them may throw. */
export interface DriverHooks {
  onEvent(event: DrivenEvent): void;
  onAsk(ask: DrivenAsk): void;
  /** Whether whoever takes the events wants no more of them for now; call `pump` when that is over. */
  isBehind(): boolean;
  /** Does the handshake on a link that was released. When it rejects the link is cut. */
  startTls(ask: StartTlsAsk, link: ByteLink): Promise<SecuredLink>;
  /** The entity came to another phase. */
  readonly onPhase?: (() => void) | undefined;
  /** The link has room again, or there is no link any more. */
  onDrain(): void;
  /** The stream is over; the link may still be. */
  onStreamClosed(end: ConnectionEnd): void;
  /** The link is gone; nothing comes after this. */
  onEnd(end: ConnectionEnd): void;
}

/** What a driver may spend, and how it puts things off. */
export interface DriverSettings {
  /** Bytes that may wait for a peer that does not read before the connection is cut. */
  readonly maxBufferedOutput: number;
  /** Milliseconds that the peer has for ending the connection once the stream is over. */
  readonly lingering: number;
  readonly defer: Defer;
}
