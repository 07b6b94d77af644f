import { LocalProtocolError } from '../errors.ts';
import type { StanzaOrigin } from '../events.ts';
import { parseJid, type Jid } from '../jid/index.ts';
import type { XmlLimits } from '../limits.ts';
import { STREAM_NS, type ContentNamespace } from '../namespaces.ts';
import { authenticateInitiating } from '../negotiation/authenticate-initiating.ts';
import { bindInitiating } from '../negotiation/bind-initiating.ts';
import type { InitiatingContext, InitiatingConversation, InitiatingFeature } from '../negotiation/feature.ts';
import { isProtected, type Security, type Standing } from '../negotiation/facts.ts';
import type { NextMove } from '../negotiation/move.ts';
import type { InitiatingSettings } from '../negotiation/settings.ts';
import { startTlsInitiating } from '../negotiation/starttls-initiating.ts';
import { errorOf, readStanza, stanzaKindOf, type Stanza } from '../stanza/index.ts';
import { readStreamHeader, type StreamHeader } from '../stream/stream-header.ts';
import { compareVersions, formatVersion, XMPP_1_0 } from '../stream/version.ts';
import type { XmlElement } from '../xml/index.ts';
import type { Engine, Role } from './engine.ts';
import { classifyFirstLevel } from './first-level.ts';
import { INITIATING_LEGAL, type Incoming, type InitiatingPhase } from './phases.ts';

/** In the order of layers: TLS, then SASL, then a resource (RFC 6120 §13.3). */
const FEATURES: readonly InitiatingFeature[] = [startTlsInitiating, authenticateInitiating, bindInitiating];

/** Each state owns what exists only in it. */
type State =
  | { readonly phase: 'unopened'; readonly standing: Standing }
  | { readonly phase: 'awaiting-header'; readonly standing: Standing }
  | { readonly phase: 'awaiting-features'; readonly standing: Standing; readonly header: StreamHeader }
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

/** The initiating entity's side of a stream (RFC 6120 §4.3.7). */
export class InitiatingRole implements Role {
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
    if (this.#state.phase !== 'unopened' || !this.#engine.isOpen) {
      throw new LocalProtocolError(
        'already-opened',
        'open() is for once; make a new InitiatingEntity for a new connection',
      );
    }
    this.#engine.timers.arm('negotiation', this.#settings.timeouts.negotiation);
    this.#openStream(this.#state.standing);
  }

  onHeader(element: XmlElement): void {
    const state = this.#state;
    if (state.phase !== 'awaiting-header') return;
    const { header, problem } = readStreamHeader(element);
    if (problem !== undefined) return this.#engine.violate(problem.violation, problem.detail);
    // RFC 6120 §4.8.2: both streams have the same content namespace.
    if (header.contentNamespace !== undefined && header.contentNamespace !== this.#settings.contentNamespace) {
      return this.#engine.violate(
        'content-namespace-differs',
        `expected ${this.#settings.contentNamespace}, the response header declares ${JSON.stringify(header.contentNamespace)}`,
      );
    }
    this.#state = { phase: 'awaiting-features', standing: state.standing, header };
    this.#engine.emit({ type: 'stream-opened', header });
    // RFC 6120 §4.7.5: without a version, or with another major one, no features will come that we could use.
    if (header.version === undefined)
      return this.#engine.violate('version-absent', 'the response header has no version; XMPP 1.0 is needed');
    if (header.version.major !== XMPP_1_0.major || compareVersions(header.version, XMPP_1_0) > 0) {
      this.#engine.violate(
        'version-unsupported',
        `expected version 1.0, the response header says ${formatVersion(header.version)}`,
      );
    }
  }

  onElement(element: XmlElement): void {
    const state = this.#state;
    if (state.phase === 'negotiating' && this.#engine.isOpen) {
      const move = state.conversation.receive(element);
      if (move !== undefined) return this.#engine.perform(move);
    }
    if (state.phase === 'awaiting-features' && this.#engine.isOpen)
      return this.#expectFeatures(element, state.standing, state.header);
    const kind = classifyFirstLevel(element, this.#settings.contentNamespace, this.#settings.extensions);
    if (typeof kind === 'object') {
      if (this.#engine.isOpen) this.#engine.violate(kind.violation, kind.detail);
      return;
    }
    // While we are closing, only what an established stream delivers still counts (RFC 6120 §4.4).
    if (!this.#engine.isOpen && state.phase !== 'established') return;
    const legal: readonly Incoming[] = INITIATING_LEGAL[state.phase];
    if (!legal.includes(kind)) {
      const violation = kind === 'stanza' ? 'stanza-before-completion' : 'element-out-of-order';
      return this.#engine.violate(violation, `<${element.name}/> in ${element.namespace} came in phase ${state.phase}`);
    }
    if (state.phase !== 'established') return;
    if (kind === 'extension') this.#engine.emit({ type: 'element', element });
    // RFC 6120 §4.3.5: once complete, an empty <features/> may come and means nothing.
    if (kind === 'stanza') this.#stanzaReceived(element, state.header, state.jid);
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
        this.#engine.framing.restart(
          standing.level === 'anonymous' ? this.#settings.unauthenticatedLimits : this.#settings.limits,
        );
        this.#engine.restarted();
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

  // RFC 6120 §4.3.2: <features/> is the first thing behind the response header.
  #expectFeatures(element: XmlElement, standing: Standing, header: StreamHeader): void {
    if (element.is('features', STREAM_NS)) return this.#featuresReceived(element, standing, header);
    const isStanza = stanzaKindOf(element, this.#settings.contentNamespace) !== undefined;
    this.#engine.violate(
      isStanza ? 'stanza-before-completion' : 'features-expected',
      `expected <features/>, came <${element.name}/> in ${element.namespace}`,
    );
  }

  #featuresReceived(features: XmlElement, standing: Standing, header: StreamHeader): void {
    const { domain, jidPreparation } = this.#settings;
    // RFC 6120 §4.7.1: the peer speaks for the domain we asked for. Looked at here and not at the header, because a
    // header that precedes a stream error may name another one (§4.9.1.3). Old servers leave it out.
    if (header.from !== undefined) {
      const from = parseJid(header.from, jidPreparation);
      if (!from.ok || !from.jid.equals(domain)) {
        return this.#engine.violate(
          'response-from-wrong',
          `expected a response header from ${domain.toString()}, it is from ${JSON.stringify(header.from)}`,
        );
      }
    }
    this.#engine.emit({ type: 'features', features });
    this.#negotiate(features, standing, header);
  }

  // RFC 6120 §4.3.7: negotiate what is due; when nothing is, the negotiation is complete.
  #negotiate(features: XmlElement, standing: Standing, header: StreamHeader): void {
    const settings = this.#settings;
    const due = FEATURES.find((feature) => feature.isDue(standing, settings.contentNamespace));
    if (due === undefined) return this.#established(features, standing, header);
    if (!due.tryUnadvertised && !features.childElements().some((child) => due.advertises(child))) {
      return this.#incompatible(
        due.name,
        `expected the server to offer ${due.name} now; it offers ${offersOf(features)}`,
      );
    }
    const context: InitiatingContext = { settings, standing, features };
    const conversation = due.converse(context);
    this.#state = { phase: 'negotiating', standing, header, features, conversation };
    this.#engine.perform(conversation.begin());
  }

  #established(features: XmlElement, standing: Standing, header: StreamHeader): void {
    // RFC 6120 §4.9.3.23: a mandatory feature that we do not have.
    const unknown = features
      .childElements()
      .find((child) => isMarkedRequired(child) && !FEATURES.some((feature) => feature.advertises(child)));
    if (unknown !== undefined)
      return this.#incompatible(unknown.namespace, `the server requires <${unknown.name}/> in ${unknown.namespace}`);
    if (standing.level === 'anonymous') throw new Error('xmpp-wire has a bug: established without authentication');
    const jid = standing.level === 'bound' ? standing.jid : standing.identity.jid;
    const { timers } = this.#engine;
    timers.disarm('negotiation');
    timers.arm('idle', this.#settings.timeouts.idle);
    if (this.#engine.framing.whitespaceKeepalive) timers.arm('keepalive', this.#settings.timeouts.keepalive);
    this.#state = { phase: 'established', standing, header, jid };
    this.#engine.emit({ type: 'established', by: standing.level, jid });
  }

  #incompatible(missing: string, detail: string): void {
    this.#engine.fail({ condition: 'unsupported-feature' }, { code: 'peer-incompatible', missing, detail });
  }

  #stanzaReceived(element: XmlElement, header: StreamHeader, jid: Jid): void {
    const { contentNamespace, jidPreparation, domain } = this.#settings;
    const reading = readStanza(element, { contentNamespace, lang: header.lang, preparation: jidPreparation });
    if (reading === undefined) return;
    if (reading.ok)
      return this.#engine.emit({
        type: 'stanza',
        stanza: reading.stanza,
        origin: originOf(reading.stanza, jid, domain),
      });
    // RFC 6120 §8.2.3, §8.3.1: a request that breaks a rule is answered, whatever else is not.
    const { problem } = reading;
    const answer =
      problem.kind === 'iq' && problem.problem !== 'from-malformed'
        ? errorOf(problem, { condition: problem.condition })
        : undefined;
    if (answer !== undefined) this.#engine.write(answer.element);
    this.#engine.emit({
      type: 'stanza-refused',
      problem,
      answered: answer === undefined ? undefined : problem.condition,
    });
  }
}

/** Rule S18: whose word a stanza is. */
function originOf(stanza: Stanza, jid: Jid, domain: Jid): StanzaOrigin {
  const { from } = stanza;
  // RFC 6120 §8.1.2.1: a stanza without 'from' is from the account itself.
  if (from === undefined) return jid.localpart === undefined ? 'server' : 'account';
  if (from.equals(jid)) return 'self';
  if (from.equals(jid.bare)) return 'account';
  return from.equals(domain) ? 'server' : 'other';
}

/** RFC 6120 §4.3.2: the mark that new mandatory features carry. */
function isMarkedRequired(feature: XmlElement): boolean {
  return feature.child('required') !== undefined;
}

function offersOf(features: XmlElement): string {
  return (
    features
      .childElements()
      .map((child) => `<${child.name}/>`)
      .join(', ') || 'nothing'
  );
}
