import type { Jid, JidPreparation } from '../jid/index.ts';
import type { ContentNamespace } from '../namespaces.ts';
import type { XmlElement } from '../xml/index.ts';
import type { InitiatingSettings } from './settings.ts';
import type { Standing } from './facts.ts';
import type { Move } from './move.ts';
import type { StreamPolicy } from './policy.ts';

/** The state of one negotiation of one feature, initiating side. Lives from the first element to the last. */
export interface InitiatingConversation {
  begin(): Move;
  /** Tells whether an element that the peer sent now belongs to this conversation. */
  claims(element: XmlElement): boolean;
  /** The peer's next element, one that this conversation claims. */
  receive(element: XmlElement): Move;
}

/**
 * A stream feature as the initiating entity sees it (RFC 6120 §4.3.2). The loop over these records knows nothing of what
 * a feature does: it asks each in turn whether its time has come.
 */
export interface InitiatingFeature {
  readonly name: string;
  /** Whether this feature has to be negotiated from this standing before anything behind it in the list. */
  isDue(standing: Standing, contentNamespace: ContentNamespace): boolean;
  /** Tells whether an advertisement in `<features/>` is this feature's. */
  advertises(advertisement: XmlElement): boolean;
  /** Try it although it was not advertised (STARTTLS: rule S6). */
  readonly tryUnadvertised: boolean;
  converse(context: InitiatingContext): InitiatingConversation;
}

/** What a negotiation may know of its stream, initiating side. */
export interface InitiatingContext {
  readonly settings: InitiatingSettings;
  readonly standing: Standing;
  /** All of `<features/>`: what one feature offers can bear on another (XEP-0440). */
  readonly features: XmlElement;
  random(length: number): Uint8Array;
}

/** A feature at the receiving entity, for one stream: made at each header, so that nothing survives a restart. */
export interface ReceivingNegotiation {
  /** The advertisements, when it is offered at this standing. */
  advertise(standing: Standing): readonly XmlElement[];
  /** Tells whether a first-level element belongs to this feature, offered or not. */
  claims(element: XmlElement): boolean;
  /** The peer's element; legal or not, at any standing. */
  receive(element: XmlElement, standing: Standing): Move;
}

/** A stream feature as the receiving entity sees it. */
export interface ReceivingFeature {
  /** Whether stanzas have to wait for it at this standing (RFC 6120 §4.3.5). */
  isMandatory(standing: Standing, contentNamespace: ContentNamespace): boolean;
  serve(context: ReceivingContext): ReceivingNegotiation;
}

/** What a negotiation may know of its stream, receiving side. */
export interface ReceivingContext {
  readonly policy: StreamPolicy;
  /** The domain of the policy as an address. */
  readonly domain: Jid;
  /** Language of our texts on this stream. */
  readonly lang: string;
  readonly contentNamespace: ContentNamespace;
  readonly jidPreparation: JidPreparation;
  /** The bare address that the peer gave in its header; it counts where that header was protected (RFC 6120 §6.4.6). */
  readonly claimed: Jid | undefined;
  random(length: number): Uint8Array;
}
