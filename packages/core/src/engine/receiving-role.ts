import { base64Encode } from '../bytes/base64.ts';
import { LocalProtocolError } from '../errors.ts';
import { parseJid, type Jid, type JidPreparation } from '../jid/index.ts';
import type { XmlLimits } from '../limits.ts';
import { SERVER_NS, STREAM_NS, type ContentNamespace } from '../namespaces.ts';
import type { AcceptStreamAsk, StreamRefusal } from '../negotiation/asks.ts';
import { authenticateReceiving } from '../negotiation/authenticate-receiving.ts';
import { bindReceiving } from '../negotiation/bind-receiving.ts';
import { isProtected, type Security, type Standing } from '../negotiation/facts.ts';
import type { ReceivingContext, ReceivingFeature, ReceivingNegotiation } from '../negotiation/feature.ts';
import { askFor, gaveUp, sendAndAwait, type Move, type NextMove } from '../negotiation/move.ts';
import { checkPolicy, type StreamPolicy } from '../negotiation/policy.ts';
import { startTlsReceiving } from '../negotiation/starttls-receiving.ts';
import { streamErrorElement } from '../stream/stream-error.ts';
import { chooseLanguage } from '../stream/language.ts';
import { readStreamHeader, type StreamHeader } from '../stream/stream-header.ts';
import { compareVersions, formatVersion, XMPP_1_0 } from '../stream/version.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { Engine, Role } from './engine.ts';
import { classifyFirstLevel } from './first-level.ts';
import { RECEIVING_LEGAL, type Incoming, type ReceivingPhase } from './phases.ts';
import { takeClientStanza, takeServerStanza } from './stanza-intake.ts';

const FEATURES: readonly ReceivingFeature[] = [startTlsReceiving, authenticateReceiving, bindReceiving];

/** Terms that were agreed on for a stream. */
interface Accepted {
  readonly policy: StreamPolicy;
  readonly domain: Jid;
  readonly lang: string;
  readonly contentNamespace: ContentNamespace;
}

/** Each state owns what exists only in it. */
type State =
  /** `accepted` after SASL only: the terms of the authenticated stream hold for the restarted one. */
  | { readonly phase: 'awaiting-header'; readonly standing: Standing; readonly accepted: Accepted | undefined }
  | { readonly phase: 'accepting'; readonly standing: Standing; readonly header: StreamHeader }
  | {
      readonly phase: 'offering' | 'negotiating' | 'switching-to-tls';
      readonly standing: Standing;
      readonly header: StreamHeader;
      readonly accepted: Accepted;
      readonly negotiations: readonly ReceivingNegotiation[];
    }
  | {
      readonly phase: 'established';
      readonly standing: Standing;
      readonly header: StreamHeader;
      readonly accepted: Accepted;
      readonly jid: Jid;
    };

export interface ReceivingRoleSettings {
  readonly lang: string;
  readonly security: Security;
  readonly domain: string | undefined;
  readonly contentNamespaces: readonly [ContentNamespace, ...ContentNamespace[]];
  readonly jidPreparation: JidPreparation;
  readonly limits: XmlLimits;
  readonly unauthenticatedLimits: XmlLimits;
  readonly maxBufferedInput: number;
  readonly extensions: ReadonlySet<string>;
  readonly timeouts: {
    readonly negotiation: number | undefined;
    readonly idle: number | undefined;
    readonly keepalive: number | undefined;
  };
  random(length: number): Uint8Array;
}

/** The receiving entity's side of a stream (RFC 6120 §4.3). */
export class ReceivingRole implements Role {
  readonly #engine: Engine;
  readonly #settings: ReceivingRoleSettings;
  #state: State;
  /** The peer's header of the present stream, as far as it could be read: our own answers to it even when it is refused. */
  #peerHeader: StreamHeader | undefined;

  constructor(engine: Engine, settings: ReceivingRoleSettings) {
    this.#engine = engine;
    this.#settings = settings;
    this.#state = {
      phase: 'awaiting-header',
      standing: { level: 'anonymous', security: settings.security },
      accepted: undefined,
    };
    engine.attach(this);
    engine.timers.arm('negotiation', settings.timeouts.negotiation);
  }

  get phase(): ReceivingPhase {
    return this.#state.phase;
  }

  get lang(): string {
    return 'accepted' in this.#state && this.#state.accepted !== undefined
      ? this.#state.accepted.lang
      : this.#settings.lang;
  }

  get inputBudget(): number {
    // Rule S4: whoever is not authenticated gets little.
    return this.#state.standing.level === 'anonymous'
      ? Math.min(this.#settings.unauthenticatedLimits.stanzaBytes, this.#settings.maxBufferedInput)
      : this.#settings.maxBufferedInput;
  }

  onHeader(element: XmlElement): void {
    const state = this.#state;
    if (state.phase !== 'awaiting-header') return;
    const { header, problem } = readStreamHeader(element);
    this.#peerHeader = header;
    if (problem !== undefined) return this.#engine.violate(problem.violation, problem.detail);
    const contentNamespace = this.#contentNamespaceOf(header);
    if (contentNamespace === undefined) {
      return this.#engine.violate(
        'content-namespace-unsupported',
        `expected ${this.#settings.contentNamespaces.join(' or ')}, the header declares ${JSON.stringify(header.contentNamespace)}`,
      );
    }
    // RFC 6120 §4.7.5: XMPP 0.9 has neither TLS nor SASL, so there is nothing we could do for it.
    if (header.version === undefined)
      return this.#engine.violate('version-absent', 'the header has no version; XMPP 1.0 is needed');
    if (header.version.major < XMPP_1_0.major) {
      return this.#engine.violate(
        'version-unsupported',
        `expected version 1.0 or higher, the header says ${formatVersion(header.version)}`,
      );
    }
    const from = header.from === undefined ? undefined : parseJid(header.from, this.#settings.jidPreparation);
    if (from?.ok === false)
      return this.#engine.violate('header-from-malformed', `'from' is no JID: ${from.error.message}`);
    if (state.accepted !== undefined) return this.#continueAfterSasl(header, from?.jid, state.standing, state.accepted);
    this.#state = { phase: 'accepting', standing: state.standing, header };
    const ask: AcceptStreamAsk = {
      type: 'ask',
      ask: 'accept-stream',
      to: header.to,
      from: header.from,
      lang: header.lang,
      contentNamespace,
      security: state.standing.security,
    };
    this.#engine.perform(
      askFor(ask, (answer: StreamPolicy | StreamRefusal) =>
        this.#decided(answer, header, contentNamespace, state.standing),
      ),
    );
  }

  onElement(element: XmlElement): void {
    const state = this.#state;
    if ((state.phase === 'offering' || state.phase === 'negotiating') && this.#engine.isOpen) {
      const negotiation = state.negotiations.find((each) => each.claims(element));
      if (negotiation !== undefined) {
        this.#state = { ...state, phase: 'negotiating' };
        return this.#engine.perform(negotiation.receive(element, state.standing));
      }
    }
    if (state.phase === 'awaiting-header' || state.phase === 'accepting') return;
    const kind = classifyFirstLevel(element, state.accepted.contentNamespace, this.#settings.extensions);
    if (typeof kind === 'object') {
      if (this.#engine.isOpen) this.#engine.violate(kind.violation, kind.detail);
      return;
    }
    // While we are closing, only what an established stream delivers still counts (RFC 6120 §4.4).
    if (!this.#engine.isOpen && state.phase !== 'established') return;
    const legal: readonly Incoming[] = RECEIVING_LEGAL[state.phase];
    if (!legal.includes(kind)) {
      // RFC 6120 §4.3.5: stanzas are not accepted before the negotiation is complete.
      const violation = kind === 'stanza' ? 'stanza-before-completion' : 'element-out-of-order';
      return this.#engine.violate(violation, `<${element.name}/> in ${element.namespace} came in phase ${state.phase}`);
    }
    if (state.phase !== 'established') return;
    if (kind === 'extension') return this.#engine.emit({ type: 'element', element });
    const intake = {
      element,
      jid: state.jid,
      domain: state.accepted.domain,
      contentNamespace: state.accepted.contentNamespace,
      lang: state.header.lang,
      preparation: this.#settings.jidPreparation,
    };
    const taken = state.accepted.contentNamespace === SERVER_NS ? takeServerStanza(intake) : takeClientStanza(intake);
    if ('violation' in taken) return this.#engine.violate(taken.violation, taken.detail);
    if (taken.answer !== undefined) this.#engine.write(taken.answer);
    this.#engine.emit(taken.event);
  }

  onMove(move: Extract<NextMove, { readonly type: 'await' | 'done' | 'rejected' | 'ask' }>): void {
    const state = this.#state;
    if (state.phase !== 'negotiating' && state.phase !== 'switching-to-tls') return;
    switch (move.type) {
      case 'await':
        return;
      case 'ask':
        if (move.silence !== undefined) this.#state = { ...state, phase: 'switching-to-tls' };
        return;
      case 'rejected':
        this.#state = { ...state, phase: 'offering' };
        return;
      case 'done': {
        const { standing } = move;
        if (!move.restart) return this.#proceed({ ...state, phase: 'offering', standing });
        const authenticated = standing.level !== 'anonymous';
        this.#engine.framing.restart(authenticated ? this.#settings.limits : this.#settings.unauthenticatedLimits);
        this.#engine.restarted();
        this.#peerHeader = undefined;
        // Rule S5: nothing learned before TLS survives; what SASL proved does.
        this.#state = { phase: 'awaiting-header', standing, accepted: authenticated ? state.accepted : undefined };
        return;
      }
    }
  }

  // RFC 6120 §4.9.1.2: an error during setup still has our header before it.
  writeMissingHeader(): void {
    if (!this.#engine.headerWritten) this.#writeHeader(this.#settings.domain ?? '', this.lang);
  }

  establishedContentNamespace(): ContentNamespace {
    if (this.#state.phase === 'established') return this.#state.accepted.contentNamespace;
    throw new LocalProtocolError(
      'not-established',
      `stanzas may be sent once the 'established' event was returned; the stream is in phase ${this.#state.phase} (RFC 6120 §4.3.5)`,
    );
  }

  /** Makes what the answer to `accept-stream` says true. */
  #decided(
    answer: StreamPolicy | StreamRefusal,
    header: StreamHeader,
    contentNamespace: ContentNamespace,
    standing: Standing,
  ): Move {
    if ('refuse' in answer) {
      // Throws for an error that cannot be written, while nothing is.
      streamErrorElement(answer.refuse, this.#settings.lang);
      this.#writeHeader(answer.domain ?? this.#settings.domain ?? '', this.#settings.lang);
      const { condition, text } = answer.refuse;
      return gaveUp(
        {
          code: 'negotiation-failed',
          at: 'accept',
          condition,
          text,
          detail: `the stream for ${JSON.stringify(header.to)} was refused`,
        },
        { error: answer.refuse },
      );
    }
    const domain = checkPolicy(answer, this.#settings.jidPreparation);
    const { languages } = answer;
    const [first, ...others] = languages ?? [];
    const lang = chooseLanguage(header.lang, first === undefined ? [this.#settings.lang] : [first, ...others]);
    this.#offer(header, { policy: answer, domain, lang, contentNamespace }, standing);
    return sendAndAwait();
  }

  // RFC 6120 §4.3.3: the stream after SASL is the same peer's at the same host; anything else is a change of identity.
  #continueAfterSasl(header: StreamHeader, from: Jid | undefined, standing: Standing, accepted: Accepted): void {
    const to = header.to === undefined ? undefined : parseJid(header.to, this.#settings.jidPreparation);
    if (to !== undefined && !(to.ok && to.jid.equals(accepted.domain))) {
      return this.#engine.violate(
        'header-to-changed',
        `the stream was authenticated for ${accepted.domain.toString()}, the new header is to ${JSON.stringify(header.to)}`,
      );
    }
    // RFC 6120 §4.9.3.9, rule S11: one identity, made by SASL.
    if (from !== undefined && standing.level !== 'anonymous' && !from.bare.equals(standing.identity.jid)) {
      return this.#engine.violate(
        'header-from-changed',
        `the stream is authenticated as ${standing.identity.jid.toString()}, the new header is from ${from.toString()}`,
      );
    }
    if (this.#contentNamespaceOf(header) !== accepted.contentNamespace) {
      return this.#engine.violate(
        'content-namespace-differs',
        `expected ${accepted.contentNamespace} as before the restart, came ${JSON.stringify(header.contentNamespace)}`,
      );
    }
    this.#offer(header, accepted, standing);
  }

  // RFC 6120 §4.3.2: our header, then the features of this stage.
  #offer(header: StreamHeader, accepted: Accepted, standing: Standing): void {
    const { policy, domain, lang, contentNamespace } = accepted;
    this.#writeHeader(domain.domainpart, lang);
    this.#engine.emit({ type: 'stream-opened', header });
    const context: ReceivingContext = {
      policy,
      domain,
      contentNamespace,
      jidPreparation: this.#settings.jidPreparation,
      claimed: isProtected(standing.security) ? this.#bareFrom(header) : undefined,
      random: (length) => this.#settings.random(length),
    };
    const negotiations = FEATURES.map((feature) => feature.serve(context));
    const extra = standing.level === 'anonymous' ? [] : (policy.extraFeatures ?? []);
    this.#engine.write(
      xml(
        'features',
        { xmlns: STREAM_NS },
        negotiations.map((each) => each.advertise(standing)),
        extra,
      ),
    );
    this.#proceed({ phase: 'offering', standing, header, accepted, negotiations });
  }

  // RFC 6120 §4.3.5: complete as soon as nothing mandatory is left.
  #proceed(state: Extract<State, { readonly phase: 'offering' | 'negotiating' | 'switching-to-tls' }>): void {
    const { standing, header, accepted } = state;
    if (
      standing.level === 'anonymous' ||
      FEATURES.some((feature) => feature.isMandatory(standing, accepted.contentNamespace))
    ) {
      this.#state = state;
      return;
    }
    const jid = standing.level === 'bound' ? standing.jid : standing.identity.jid;
    const { timers } = this.#engine;
    timers.disarm('negotiation');
    timers.arm('idle', this.#settings.timeouts.idle);
    if (this.#engine.framing.whitespaceKeepalive) timers.arm('keepalive', this.#settings.timeouts.keepalive);
    this.#state = { phase: 'established', standing, header, accepted, jid };
    this.#engine.emit({ type: 'established', by: standing.level, jid });
  }

  #writeHeader(domain: string, lang: string): void {
    const peer = this.#peerHeader;
    // RFC 6120 §4.7.5: the lower of both versions, compared as numbers; none for a peer that sent none.
    const version = peer?.version === undefined && peer !== undefined ? undefined : peer?.version;
    const ours = version === undefined || compareVersions(version, XMPP_1_0) > 0 ? XMPP_1_0 : version;
    this.#engine.writeHeader({
      from: domain,
      // RFC 6120 §4.7.2: the bare JID that the peer gave, and nothing where it gave none.
      to: peer === undefined ? undefined : this.#bareFrom(peer)?.toString(),
      // RFC 6120 §4.7.3: unique, unpredictable, new for each stream.
      streamId: base64Encode(this.#settings.random(18)),
      lang,
      version: peer !== undefined && peer.version === undefined ? undefined : formatVersion(ours),
      contentNamespace:
        (peer === undefined ? undefined : this.#contentNamespaceOf(peer)) ?? this.#settings.contentNamespaces[0],
    });
  }

  #bareFrom(header: StreamHeader): Jid | undefined {
    const from = header.from === undefined ? undefined : parseJid(header.from, this.#settings.jidPreparation);
    return from?.ok === true ? from.jid.bare : undefined;
  }

  #contentNamespaceOf(header: StreamHeader): ContentNamespace | undefined {
    const { contentNamespaces } = this.#settings;
    if (header.contentNamespace === undefined) return contentNamespaces[0];
    return contentNamespaces.find((each) => each === header.contentNamespace);
  }
}
