import { base64Encode } from '../bytes/base64.ts';
import { bug, LocalProtocolError, unreachable } from '../errors.ts';
import { parseJid, type Jid, type JidPreparation } from '../jid/index.ts';
import type { XmlLimits } from '../limits.ts';
import { SERVER_NS, STREAM_NS, type ContentNamespace } from '../namespaces.ts';
import type { AcceptStreamAsk, StreamRefusal } from '../negotiation/asks.ts';
import { RECEIVING_ANSWERS } from '../negotiation/answer-shapes-receiving.ts';
import { authenticateReceiving } from '../negotiation/authenticate-receiving.ts';
import { bindReceiving } from '../negotiation/bind-receiving.ts';
import { addressOf, type Security, type Standing } from '../negotiation/facts.ts';
import type { ReceivingContext, ReceivingFeature, ReceivingNegotiation } from '../negotiation/feature.ts';
import { askFor, gaveUp, sendAndAwait, type Move, type NextMove } from '../negotiation/move.ts';
import { checkPolicy, domainOf, type StreamPolicy } from '../negotiation/policy.ts';
import { startTlsReceiving } from '../negotiation/starttls-receiving.ts';
import { streamErrorElement } from '../stream/stream-error.ts';
import { chooseLanguage } from '../stream/language.ts';
import { readStreamHeader, type StreamHeader } from '../stream/stream-header.ts';
import type { ViolationFound } from '../stream/violations.ts';
import { compareVersions, formatVersion, XMPP_1_0 } from '../stream/version.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import type { Engine } from './engine.ts';
import { classifyFirstLevel } from './first-level.ts';
import type { Role } from './role.ts';
import { problemOfInitialHeader, contentNamespaceOf } from './initial-header.ts';
import { RECEIVING_LEGAL, type ElementKind, type ReceivingPhase } from './phases.ts';
import { takeClientStanza, takeServerStanza } from './stanza-intake.ts';

const FEATURES: readonly ReceivingFeature[] = [startTlsReceiving, authenticateReceiving, bindReceiving];

/** Terms that were agreed on for a stream. */
interface Accepted {
  readonly policy: StreamPolicy;
  readonly domain: Jid;
  /** `to` of the header that was accepted: it may be another name of the host. */
  readonly to: string | undefined;
  /**
   * The bare address in the last header. SASL asks for it, and so does the header behind SASL; both come behind TLS alone
   * (rule S6), so that no address counts that was given in clear.
   */
  readonly claimed: Jid | undefined;
  /** Of our texts on the present stream. */
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
}

/**
 * The receiving entity's side of a stream (RFC 6120 §4.3).
 *
 * Over 300 lines because the states and all that leads from one to the next belong beside each other.
 */
export class ReceivingRole implements Role {
  readonly legal: typeof RECEIVING_LEGAL = RECEIVING_LEGAL;
  readonly answers: typeof RECEIVING_ANSWERS = RECEIVING_ANSWERS;
  readonly pendingViolation: undefined;
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
    return this.#accepted?.lang ?? this.#settings.lang;
  }

  get #accepted(): Accepted | undefined {
    return 'accepted' in this.#state ? this.#state.accepted : undefined;
  }

  get inputBudget(): number {
    // Rule S4: whoever is not authenticated gets little.
    return this.#state.standing.level === 'anonymous'
      ? Math.min(this.#settings.unauthenticatedLimits.stanzaBytes, this.#settings.maxBufferedInput)
      : this.#settings.maxBufferedInput;
  }

  classify(element: XmlElement): ElementKind | ViolationFound {
    const state = this.#state;
    const negotiations = state.phase === 'offering' || state.phase === 'negotiating' ? state.negotiations : [];
    const contentNamespace =
      'header' in state && 'accepted' in state ? state.accepted.contentNamespace : this.#settings.contentNamespaces[0];
    return classifyFirstLevel(element, contentNamespace, this.#settings.extensions, negotiations);
  }

  onHeader(element: XmlElement): void {
    const state = this.#state;
    if (state.phase !== 'awaiting-header') return;
    const { header, problem } = readStreamHeader(element);
    // RFC 6120 §4.7.5: only a header without a version is answered without one; to what is no version we say ours.
    const isVersioned = element.attribute('version') !== undefined;
    this.#peerHeader = isVersioned ? { ...header, version: header.version ?? XMPP_1_0 } : header;
    const found = problem ?? problemOfInitialHeader(element, header, this.#settings);
    if (found !== undefined) return this.#engine.violate(found.violation, found.detail);
    const contentNamespace = contentNamespaceOf(header, this.#settings.contentNamespaces);
    if (contentNamespace === undefined) throw bug('a header passed for a content namespace that is not served');
    if (state.accepted !== undefined) return this.#continueAfterSasl(header, state.standing, state.accepted);
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

  onElement(element: XmlElement, kind: ElementKind): void {
    const state = this.#state;
    // While we are closing, only what an established stream delivers still counts (RFC 6120 §4.4).
    if (!this.#engine.isOpen && state.phase !== 'established') return;
    switch (state.phase) {
      case 'offering':
      case 'negotiating': {
        const negotiation = state.negotiations.find((each) => each.claims(element));
        if (negotiation === undefined) throw bug('an element that no negotiation claims');
        this.#state = { ...state, phase: 'negotiating' };
        return this.#engine.perform(negotiation.receive(element, state.standing));
      }
      case 'established':
        if (kind === 'extension') return this.#engine.emit({ type: 'element', element });
        return this.#stanzaReceived(element, state.jid, state.header, state.accepted);
      case 'awaiting-header':
      case 'accepting':
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
        return;
      case 'ask':
        if (move.silence !== undefined) this.#state = { ...state, phase: 'switching-to-tls' };
        return;
      case 'rejected':
        this.#state = { ...state, phase: 'offering' };
        return;
      case 'done': {
        const { standing } = move;
        if (!move.restart) return this.#proceed({ ...state, standing });
        const authenticated = standing.level !== 'anonymous';
        this.#engine.restart(authenticated ? this.#settings.limits : this.#settings.unauthenticatedLimits);
        this.#peerHeader = undefined;
        // Rule S5: nothing learned before TLS survives; what SASL proved does.
        this.#state = { phase: 'awaiting-header', standing, accepted: authenticated ? state.accepted : undefined };
        return;
      }
    }
  }

  get onlyReceives(): boolean {
    return this.#accepted?.contentNamespace === SERVER_NS;
  }

  // RFC 6120 §4.9.1.2: an error during setup still has our header before it; §4.9.1.3: in a name of ours, or in none.
  writeMissingHeader(): void {
    if (this.#engine.headerWritten) return;
    this.#writeHeader(this.#accepted?.domain.domainpart ?? this.#settings.domain ?? '', this.lang);
  }

  establishedContentNamespace(): ContentNamespace {
    if (this.#state.phase === 'established') return this.#state.accepted.contentNamespace;
    throw new LocalProtocolError(
      'not-established',
      `stanzas may be sent once the 'established' event was returned; the stream is in phase ${this.#state.phase} (RFC 6120 §4.3.5)`,
    );
  }

  /** Makes what the answer to `accept-stream` says true; whatever can throw does so before anything is written. */
  #decided(
    answer: StreamPolicy | StreamRefusal,
    header: StreamHeader,
    contentNamespace: ContentNamespace,
    standing: Standing,
  ): Move {
    if ('refuse' in answer) {
      streamErrorElement(answer.refuse, this.#settings.lang);
      const domain =
        answer.domain === undefined
          ? this.#settings.domain
          : domainOf(answer.domain, this.#settings.jidPreparation).domainpart;
      this.#writeHeader(domain ?? '', this.#settings.lang);
      const { condition, text } = answer.refuse;
      const detail = `the stream for ${JSON.stringify(header.to)} was refused`;
      return gaveUp({ code: 'negotiation-failed', at: 'accept', condition, text, detail }, { error: answer.refuse });
    }
    const domain = checkPolicy(answer, this.#settings.jidPreparation);
    return this.#offer(header, { policy: answer, domain, to: header.to, contentNamespace }, standing);
  }

  // RFC 6120 §4.3.3: the stream after SASL is the same peer's at the same host; anything else is a change of identity.
  #continueAfterSasl(header: StreamHeader, standing: Standing, accepted: Accepted): void {
    const { jidPreparation } = this.#settings;
    const to = header.to === undefined || header.to === accepted.to ? undefined : parseJid(header.to, jidPreparation);
    if (to !== undefined && !(to.ok && to.jid.equals(accepted.domain))) {
      const detail = `the stream was authenticated for ${accepted.domain.toString()}, the new header is to ${JSON.stringify(header.to)}`;
      return this.#engine.violate('header-to-changed', detail);
    }
    // RFC 6120 §4.9.3.9, rule S11: one identity, made by SASL.
    const from = this.#bareFrom(header);
    const proved = standing.level === 'authenticated' ? standing.identity.jid : undefined;
    if (from !== undefined && !(proved?.equals(from) === true || accepted.claimed?.equals(from) === true)) {
      const detail = `the stream is authenticated as ${String(proved)}, the new header is from ${from.toString()}`;
      return this.#engine.violate('header-from-changed', detail);
    }
    if (contentNamespaceOf(header, this.#settings.contentNamespaces) !== accepted.contentNamespace) {
      const came = JSON.stringify(header.contentNamespace);
      const detail = `expected ${accepted.contentNamespace} as before the restart, came ${came}`;
      return this.#engine.violate('content-namespace-differs', detail);
    }
    this.#engine.perform(this.#offer(header, accepted, standing));
  }

  // RFC 6120 §4.3.2: our header, then the features of this stage.
  #offer(header: StreamHeader, terms: Omit<Accepted, 'claimed' | 'lang'>, standing: Standing): Move {
    const { policy, domain, contentNamespace } = terms;
    const [first = this.#settings.lang, ...others] = policy.languages ?? [];
    const claimed = this.#bareFrom(header);
    const accepted: Accepted = { ...terms, claimed, lang: chooseLanguage(header.lang, [first, ...others]) };
    const context: ReceivingContext = {
      policy,
      domain,
      lang: accepted.lang,
      contentNamespace,
      jidPreparation: this.#settings.jidPreparation,
      claimed,
      random: (length) => this.#engine.random(length),
    };
    const negotiations = FEATURES.map((feature) => feature.serve(context));
    const offered = negotiations.flatMap((each) => each.advertise(standing));
    const extra = standing.level === 'anonymous' ? undefined : policy.extraFeatures;
    const features = xml('features', { xmlns: STREAM_NS }, offered, extra);
    this.#writeHeader(domain.domainpart, accepted.lang);
    this.#engine.emit({ type: 'stream-opened', header });
    this.#state = { phase: 'offering', standing, header, accepted, negotiations };
    if (offered.length === 0 && this.#isIncomplete(standing, contentNamespace)) {
      // RFC 6120 §6.4.5: a peer that cannot authenticate here need not wait for it.
      const detail = `none of ${policy.mechanisms.join(', ')} can be offered on this connection`;
      return gaveUp(
        { code: 'negotiation-failed', at: 'sasl', condition: undefined, text: undefined, detail },
        { error: { condition: 'policy-violation' } },
      );
    }
    this.#engine.write(features);
    this.#proceed(this.#state);
    return sendAndAwait();
  }

  // RFC 6120 §4.3.5: complete as soon as nothing mandatory is left.
  #proceed(state: Extract<State, { readonly phase: 'offering' | 'negotiating' | 'switching-to-tls' }>): void {
    const { standing, header, accepted } = state;
    if (this.#isIncomplete(standing, accepted.contentNamespace)) {
      this.#state = state;
      return;
    }
    if (standing.level === 'anonymous') throw bug('established without authentication');
    const jid = standing.level === 'bound' ? standing.jid : addressOf(standing.identity);
    // Where SASL restarts nothing, this is where the peer has earned our ordinary limits.
    this.#engine.framing.useLimits(this.#settings.limits);
    const { timers } = this.#engine;
    timers.disarm('negotiation');
    timers.arm('idle', this.#settings.timeouts.idle);
    if (this.#engine.framing.whitespaceKeepalive) timers.arm('keepalive', this.#settings.timeouts.keepalive);
    this.#state = { phase: 'established', standing, header, accepted, jid };
    this.#engine.emit({ type: 'established', by: standing.level, jid });
  }

  #isIncomplete(standing: Standing, contentNamespace: ContentNamespace): boolean {
    return FEATURES.some((feature) => feature.isMandatory(standing, contentNamespace));
  }

  #stanzaReceived(element: XmlElement, jid: Jid, header: StreamHeader, accepted: Accepted): void {
    const { contentNamespace, domain } = accepted;
    const between = contentNamespace === SERVER_NS;
    const intake = {
      element,
      jid,
      domain,
      contentNamespace,
      lang: header.lang,
      preparation: this.#settings.jidPreparation,
    };
    const taken = between ? takeServerStanza(intake) : takeClientStanza(intake);
    if ('violation' in taken) return this.#engine.violate(taken.violation, taken.detail);
    if (taken.type === 'stanza') return this.#engine.emit(taken);
    const { problem, reply } = taken;
    // RFC 6120 §4.5, §4.9.1.4: an answer to a server goes out on a stream to that server, and this one comes from it.
    const sent = !between && reply !== undefined && this.#engine.write(reply.element);
    this.#engine.emit({ type: 'stanza-refused', problem, reply, sent });
  }

  #writeHeader(domain: string, lang: string): void {
    const peer = this.#peerHeader;
    const theirs = peer?.version;
    // RFC 6120 §4.7.5: the lower of both versions, compared as numbers; none for a peer that sent none.
    const version = theirs === undefined || compareVersions(theirs, XMPP_1_0) > 0 ? XMPP_1_0 : theirs;
    const { contentNamespaces } = this.#settings;
    const contentNamespace =
      (peer === undefined ? undefined : contentNamespaceOf(peer, contentNamespaces)) ?? contentNamespaces[0];
    const from = peer === undefined ? undefined : this.#bareFrom(peer);
    this.#engine.writeHeader({
      from: domain,
      // RFC 6120 §4.7.2: the bare JID that a client gave, the domain of a server, and nothing where there is none.
      to: contentNamespace === SERVER_NS ? from?.domainpart : from?.toString(),
      // RFC 6120 §4.7.3: unique, unpredictable, new for each stream.
      streamId: base64Encode(this.#engine.random(18)),
      lang,
      version: peer !== undefined && theirs === undefined ? undefined : formatVersion(version),
      contentNamespace,
    });
  }

  #bareFrom(header: StreamHeader): Jid | undefined {
    const from = header.from === undefined ? undefined : parseJid(header.from, this.#settings.jidPreparation);
    return from?.ok === true ? from.jid.bare : undefined;
  }
}
