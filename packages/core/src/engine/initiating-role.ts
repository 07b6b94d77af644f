import { bug, LocalProtocolError, unreachable } from '../errors.ts';
import type { StanzaOrigin } from '../events.ts';
import { parseJid, type Jid } from '../jid/index.ts';
import type { XmlLimits } from '../limits.ts';
import { SERVER_NS, type ContentNamespace } from '../namespaces.ts';
import { INITIATING_ANSWERS } from '../negotiation/answer-shapes.ts';
import { authenticateInitiating } from '../negotiation/authenticate-initiating.ts';
import { bindInitiating } from '../negotiation/bind-initiating.ts';
import type { InitiatingContext, InitiatingConversation, InitiatingFeature } from '../negotiation/feature.ts';
import { addressOf, isProtected, type Security, type Standing } from '../negotiation/facts.ts';
import { gaveUp, type NextMove } from '../negotiation/move.ts';
import type { InitiatingSettings } from '../negotiation/settings.ts';
import { startTlsInitiating } from '../negotiation/starttls-initiating.ts';
import { errorOf, readStanza, type Stanza } from '../stanza/index.ts';
import type { StreamErrorFields } from '../stream/stream-error.ts';
import { readStreamHeader, type StreamHeader } from '../stream/stream-header.ts';
import { formatVersion, XMPP_1_0 } from '../stream/version.ts';
import type { ViolationFound } from '../stream/violations.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Engine } from './engine.ts';
import { classifyFirstLevel } from './first-level.ts';
import type { Role } from './role.ts';
import { INITIATING_LEGAL, type ElementKind, type InitiatingPhase } from './phases.ts';

/** In the order of layers: TLS, then SASL, then a resource (RFC 6120 §13.3). */
const FEATURES: readonly InitiatingFeature[] = [startTlsInitiating, authenticateInitiating, bindInitiating];

/** Each state owns what exists only in it. */
type State =
  | { readonly phase: 'unopened'; readonly standing: Standing }
  | { readonly phase: 'awaiting-header'; readonly standing: Standing }
  | {
      readonly phase: 'awaiting-features';
      readonly standing: Standing;
      readonly header: StreamHeader;
      readonly problem: ViolationFound | undefined;
    }
  | {
      readonly phase: 'negotiating' | 'switching-to-tls';
      readonly standing: Standing;
      readonly header: StreamHeader;
      readonly features: XmlElement;
      readonly conversation: InitiatingConversation;
    }
  | { readonly phase: 'established'; readonly standing: Standing; readonly header: StreamHeader; readonly jid: Jid };

export interface InitiatingRoleSettings extends InitiatingSettings {
  readonly from: Jid | undefined;
  readonly lang: string;
  readonly security: Security;
  readonly limits: XmlLimits;
  readonly unauthenticatedLimits: XmlLimits;
  readonly maxBufferedInput: number;
  readonly extensions: ReadonlySet<string>;
  readonly timeouts: {
    readonly negotiation: number | undefined;
    readonly idle: number | undefined;
    readonly keepalive: number | undefined;
  };
}

/**
 * The initiating entity's side of a stream (RFC 6120 §4.3.7).
 *
 * Over 300 lines because the states and all that leads from one to the next belong beside each other.
 */
export class InitiatingRole implements Role {
  readonly legal: typeof INITIATING_LEGAL = INITIATING_LEGAL;
  readonly answers: typeof INITIATING_ANSWERS = INITIATING_ANSWERS;
  readonly onlyReceives = false;
  readonly #engine: Engine;
  readonly #settings: InitiatingRoleSettings;
  #state: State;

  constructor(engine: Engine, settings: InitiatingRoleSettings) {
    this.#engine = engine;
    this.#settings = settings;
    this.#state = { phase: 'unopened', standing: { level: 'anonymous', security: settings.security } };
    engine.attach(this);
  }

  get phase(): InitiatingPhase {
    return this.#state.phase;
  }

  get lang(): string {
    return this.#settings.lang;
  }

  get inputBudget(): number {
    return this.#settings.maxBufferedInput;
  }

  open(): void {
    if (!this.#engine.isOpen)
      throw new LocalProtocolError('already-closed', 'the stream was closed; make a new InitiatingEntity');
    if (this.#state.phase !== 'unopened') {
      throw new LocalProtocolError(
        'already-opened',
        'open() is for once; make a new InitiatingEntity for a new connection',
      );
    }
    this.#engine.timers.arm('negotiation', this.#settings.timeouts.negotiation);
    this.#openStream(this.#state.standing);
  }

  get pendingViolation(): ViolationFound | undefined {
    return this.#state.phase === 'awaiting-features' ? this.#state.problem : undefined;
  }

  classify(element: XmlElement): ElementKind | ViolationFound {
    const state = this.#state;
    const { contentNamespace, extensions } = this.#settings;
    const negotiations = state.phase === 'negotiating' ? [state.conversation] : [];
    const kind = classifyFirstLevel(element, contentNamespace, extensions, negotiations);
    // RFC 6120 §4.3.2: <features/> is the first thing behind the response header.
    if (state.phase === 'awaiting-features' && kind !== 'features' && kind !== 'stanza') {
      return {
        violation: 'features-expected',
        detail: `expected <features/>, came <${element.name}/> in ${element.namespace}`,
      };
    }
    return kind;
  }

  onHeader(element: XmlElement): void {
    const state = this.#state;
    if (state.phase !== 'awaiting-header') return;
    const { header, problem } = readStreamHeader(element);
    // Not even a stream: nothing that follows can be understood.
    if (problem !== undefined) return this.#engine.violate(problem.violation, problem.detail);
    this.#state = { phase: 'awaiting-features', standing: state.standing, header, problem: this.#problemOf(header) };
    this.#engine.emit({ type: 'stream-opened', header });
  }

  onElement(element: XmlElement, kind: ElementKind): void {
    const state = this.#state;
    // While we are closing, only what an established stream delivers still counts (RFC 6120 §4.4).
    if (!this.#engine.isOpen && state.phase !== 'established') return;
    switch (state.phase) {
      case 'awaiting-features':
        this.#engine.emit({ type: 'features', features: element });
        return this.#negotiate(element, state.standing, state.header);
      case 'negotiating': {
        if (kind === 'negotiation') return this.#engine.perform(state.conversation.receive(element));
        // A server that has something to say before a resource is bound may do so; before SASL nobody may.
        if (state.standing.level === 'authenticated') return this.#stanzaReceived(element, state.header, undefined);
        return this.#engine.violate('stanza-before-completion', `<${element.name}/> came before authentication`);
      }
      case 'established':
        if (kind === 'extension') this.#engine.emit({ type: 'element', element });
        // RFC 6120 §4.3.5: once complete, an empty <features/> may come and means nothing.
        if (kind === 'stanza') this.#stanzaReceived(element, state.header, state.jid);
        return;
      case 'unopened':
      case 'awaiting-header':
      case 'switching-to-tls':
        throw bug(`an element in phase ${state.phase}`);
      default:
        return unreachable(state, 'onElement');
    }
  }

  onMove(move: Extract<NextMove, { readonly type: 'await' | 'done' | 'rejected' | 'ask' }>): void {
    const state = this.#state;
    if (state.phase !== 'negotiating' && state.phase !== 'switching-to-tls') return;
    switch (move.type) {
      case 'await':
      case 'rejected':
        return;
      case 'ask':
        if (move.silence !== undefined) this.#state = { ...state, phase: 'switching-to-tls' };
        return;
      case 'done': {
        const { standing } = move;
        if (!move.restart) return this.#negotiate(state.features, standing, state.header);
        this.#engine.restart(
          standing.level === 'anonymous' ? this.#settings.unauthenticatedLimits : this.#settings.limits,
        );
        return this.#openStream(standing);
      }
    }
  }

  // Our header is the first thing we send (RFC 6120 §4.2), so nothing can be missing.
  writeMissingHeader(): void {}

  establishedContentNamespace(): ContentNamespace {
    if (this.#state.phase === 'established') return this.#settings.contentNamespace;
    throw new LocalProtocolError(
      'not-established',
      `stanzas may be sent once the 'established' event was returned; the stream is in phase ${this.#state.phase} (RFC 6120 §4.3.5)`,
    );
  }

  // RFC 6120 §4.7: what our header says.
  #openStream(standing: Standing): void {
    const { domain, from, lang, contentNamespace } = this.#settings;
    this.#engine.writeHeader({
      to: domain.domainpart,
      // RFC 6120 §4.7.1: private until the connection is protected.
      from: isProtected(standing.security) ? from?.toString() : undefined,
      streamId: undefined,
      lang,
      version: formatVersion(XMPP_1_0),
      contentNamespace,
    });
    this.#state = { phase: 'awaiting-header', standing };
  }

  // Judged when something other than a stream error follows the header: an error explains more, and the header before
  // it may be in any name (RFC 6120 §4.9.1.3).
  #problemOf(header: StreamHeader): ViolationFound | undefined {
    const { domain, contentNamespace, jidPreparation } = this.#settings;
    // RFC 6120 §4.8.2: both streams have the same content namespace.
    if (header.contentNamespace !== undefined && header.contentNamespace !== contentNamespace) {
      const came = JSON.stringify(header.contentNamespace);
      return {
        violation: 'content-namespace-differs',
        detail: `expected ${contentNamespace}, the response header declares ${came}`,
      };
    }
    // RFC 6120 §4.7.5: without a version there are no features; another major version is another protocol; minor ones do not count.
    if (header.version === undefined) {
      return { violation: 'version-absent', detail: 'the response header has no version; XMPP 1.0 is needed' };
    }
    if (header.version.major !== XMPP_1_0.major) {
      return {
        violation: 'version-unsupported',
        detail: `expected version 1.0, the response header says ${formatVersion(header.version)}`,
      };
    }
    // RFC 6120 §4.7.1: the peer speaks for the domain we asked for; old servers leave it out.
    const from = header.from === undefined ? undefined : parseJid(header.from, jidPreparation);
    if (from === undefined || (from.ok && from.jid.equals(domain))) return undefined;
    return {
      violation: 'response-from-wrong',
      detail: `expected a response header from ${domain.toString()}, it is from ${JSON.stringify(header.from)}`,
    };
  }

  // RFC 6120 §4.3.7: negotiate what is due; when nothing is, the negotiation is complete.
  #negotiate(features: XmlElement, standing: Standing, header: StreamHeader): void {
    const settings = this.#settings;
    const offers = features.childElements();
    // RFC 6120 §4.3.2, §4.9.3.23: among mandatory features we choose one of ours; when all that there are is foreign, that is
    // more than we can do.
    const foreign = offers.some((offer) => isOurs(offer))
      ? undefined
      : offers.find((offer) => offer.child('required') !== undefined);
    if (foreign !== undefined) {
      return this.#missing(foreign.namespace, `the server requires <${foreign.name}/>`, {
        error: { condition: 'unsupported-feature' },
      });
    }
    const due = FEATURES.find((feature) => feature.isDue(standing, settings.contentNamespace));
    if (due === undefined) return this.#established(standing, header);
    if (!due.tryUnadvertised && !offers.some((offer) => due.advertises(offer))) {
      return this.#missing(due.name, `expected the server to offer ${due.name} now; it offers ${offersOf(features)}`);
    }
    const context: InitiatingContext = {
      settings,
      standing,
      features,
      random: (length) => this.#engine.random(length),
    };
    const conversation = due.converse(context);
    this.#state = { phase: 'negotiating', standing, header, features, conversation };
    this.#engine.perform(conversation.begin());
  }

  #established(standing: Standing, header: StreamHeader): void {
    if (standing.level === 'anonymous') throw bug('established without authentication');
    const jid = standing.level === 'bound' ? standing.jid : addressOf(standing.identity);
    // Where SASL restarts nothing, this is where the peer has earned our ordinary limits.
    this.#engine.framing.useLimits(this.#settings.limits);
    const { timers } = this.#engine;
    timers.disarm('negotiation');
    timers.arm('idle', this.#settings.timeouts.idle);
    if (this.#engine.framing.whitespaceKeepalive) timers.arm('keepalive', this.#settings.timeouts.keepalive);
    this.#state = { phase: 'established', standing, header, jid };
    this.#engine.emit({ type: 'established', by: standing.level, jid });
  }

  // Nothing is wrong with the peer; it just does not have what we cannot do without.
  #missing(missing: string, detail: string, extras?: { readonly error: StreamErrorFields }): void {
    this.#engine.perform(gaveUp({ code: 'peer-incompatible', missing, detail }, extras));
  }

  #stanzaReceived(element: XmlElement, header: StreamHeader, jid: Jid | undefined): void {
    const { contentNamespace, jidPreparation, domain } = this.#settings;
    // RFC 6120 §4.5, rule S24: the stream of a server that we called carries our stanzas; its own come on a stream of theirs.
    if (contentNamespace === SERVER_NS) {
      return this.#engine.violate(
        'stanza-against-direction',
        `<${element.name}/> came from the server that this stream only sends to`,
      );
    }
    const reading = readStanza(element, { contentNamespace, lang: header.lang, preparation: jidPreparation });
    if (reading === undefined) return;
    if (reading.ok) {
      return this.#engine.emit({
        type: 'stanza',
        stanza: reading.stanza,
        origin: originOf(reading.stanza, jid, domain),
      });
    }
    // RFC 6120 §8.2.3, §8.3.1: a request that breaks a rule is answered, whatever else is not.
    const { problem } = reading;
    const reply = problem.kind === 'iq' && problem.problem !== 'from-malformed' ? errorOf(problem) : undefined;
    // RFC 6120 §4.3.5: nothing is said to others before a resource is bound.
    const sent = jid !== undefined && reply !== undefined && this.#engine.write(reply.element);
    this.#engine.emit({ type: 'stanza-refused', problem, reply, sent });
  }
}

/** Rule S18: whose word a stanza is; `jid` is unknown until a resource is bound. */
function originOf(stanza: Stanza, jid: Jid | undefined, domain: Jid): StanzaOrigin {
  const { from } = stanza;
  // RFC 6120 §8.1.2.1: a stanza without 'from' is from the account itself.
  if (from === undefined) return 'account';
  if (from.equals(domain)) return 'server';
  if (jid === undefined) return 'other';
  if (from.equals(jid)) return 'self';
  return from.equals(jid.bare) ? 'account' : 'other';
}

function isOurs(offer: XmlElement): boolean {
  return FEATURES.some((feature) => feature.advertises(offer));
}

function offersOf(features: XmlElement): string {
  return (
    features
      .childElements()
      .map((child) => `<${child.name}/>`)
      .join(', ') || 'nothing'
  );
}
