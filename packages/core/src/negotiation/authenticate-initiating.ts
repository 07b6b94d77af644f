import { base64Decode, base64Encode } from '../bytes/base64.ts';
import { bug, unreachable } from '../errors.ts';
import { parseJidParts, type Jid } from '../jid/index.ts';
import { CHANNEL_BINDING_NS, SASL_NS } from '../namespaces.ts';
import type { ClientStep, SaslErrorCondition } from '../sasl/index.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import { isProtected, type Standing } from './facts.ts';
import type { InitiatingContext, InitiatingConversation, InitiatingFeature } from './feature.ts';
import { done, gaveUp, sendAndAwait, violated, type Move } from './move.ts';
import { beginConversation, type Begun } from './mechanism-choice.ts';
import { askSaltedPassword, isSaslErrorCondition, readData, writeData } from './sasl-envelope.ts';

/** SASL, initiating side (RFC 6120 §6). */
export const authenticateInitiating: InitiatingFeature = {
  name: 'mechanism',
  // RFC 6120 §6.3.1, rule S6: mandatory, behind TLS, once.
  isDue: (standing: Standing): boolean => standing.level === 'anonymous' && isProtected(standing.security),
  advertises: (advertisement: XmlElement): boolean => advertisement.is('mechanisms', SASL_NS),
  tryUnadvertised: false,
  converse: (context: InitiatingContext): InitiatingConversation => new Authenticate(context),
};

/** Mechanisms that are tried one after the other when the peer turns out not to have one that it offered. */
const MAX_ATTEMPTS = 3;

class Authenticate implements InitiatingConversation {
  readonly #context: InitiatingContext;
  readonly #failed: string[] = [];
  #begun: Begun | undefined;

  constructor(context: InitiatingContext) {
    this.#context = context;
  }

  begin(): Move {
    const { features } = this.#context;
    const offered =
      features
        .child('mechanisms', SASL_NS)
        ?.childElements('mechanism')
        .map((each) => each.text.trim()) ?? [];
    // XEP-0440: the channel-binding types the server has.
    const announced = features
      .child('sasl-channel-binding', CHANNEL_BINDING_NS)
      ?.childElements('channel-binding')
      .map((each) => each.attribute('type') ?? '');
    const begun = beginConversation(
      this.#context,
      { mechanisms: offered, channelBindingTypes: announced },
      this.#failed,
    );
    if ('detail' in begun) {
      return gaveUp({ code: 'peer-incompatible', missing: 'mechanism', detail: begun.detail });
    }
    this.#begun = begun;
    return this.#show(begun.conversation.start(), begun, 'auth');
  }

  claims(element: XmlElement): boolean {
    return (
      this.#begun !== undefined &&
      element.namespace === SASL_NS &&
      (element.name === 'challenge' || element.name === 'success' || element.name === 'failure')
    );
  }

  receive(element: XmlElement): Move {
    const begun = this.#begun;
    if (begun === undefined) throw bug('SASL went on before it began');
    if (element.name === 'failure') return this.#failure(element, begun.conversation.mechanism);
    if (element.name === 'challenge') {
      const challenge = base64Decode(element.text);
      // RFC 6120 §6.4.3, §13.9.1.
      if (challenge === undefined) return abort('the challenge is not base64');
      return this.#show(begun.conversation.receive(challenge), begun, 'response');
    }
    // RFC 6120 §6.4.6: there may be data, or none.
    const data = readData(element);
    if (data === 'incorrect-encoding') return violated('success-unverified', 'the data of <success/> is not base64');
    const step = begun.conversation.succeed(data);
    // Rule S8: success counts once the mechanism itself has verified its peer.
    if (step.type === 'verified') return this.#verified(begun);
    const detail =
      step.type === 'failed'
        ? `${begun.conversation.mechanism}: ${step.reason}: ${step.detail}`
        : 'the mechanism was not through';
    return violated('success-unverified', detail);
  }

  #show(step: ClientStep, begun: Begun, name: 'auth' | 'response'): Move {
    switch (step.type) {
      case 'response': {
        // RFC 6120 §6.4.2: an initial response of length zero is a single equals sign; a later one is an empty element.
        const text = name === 'auth' ? writeData(step.data) : base64Encode(step.data);
        const attributes = { xmlns: SASL_NS, mechanism: name === 'auth' ? begun.conversation.mechanism : undefined };
        return sendAndAwait(xml(name, attributes, text));
      }
      case 'question':
        return askSaltedPassword(step, (next: ClientStep) => this.#show(next, begun, name));
      case 'failed':
        return abort(
          `${step.reason}: ${step.detail}${step.serverError === undefined ? '' : ` (e=${step.serverError})`}`,
        );
      case 'verified':
        // The mechanism has nothing more to say; the peer's <success/> decides.
        return sendAndAwait();
      default:
        return unreachable(step, 'a SASL step');
    }
  }

  // RFC 6120 §6.4.5.
  #failure(element: XmlElement, mechanism: string): Move {
    const named = element.childElements().find((child) => child.namespace === SASL_NS && child.name !== 'text');
    // RFC 6120 §6.5: what nobody defined counts as not-authorized.
    const condition: SaslErrorCondition =
      named !== undefined && isSaslErrorCondition(named.name) ? named.name : 'not-authorized';
    const text = element.childElements('text').find((each) => each.text !== '')?.text;
    if (condition === 'invalid-mechanism' && this.#failed.length + 1 < MAX_ATTEMPTS) {
      // The peer does not have what it offered. Nothing secret was shown, so the next one may be tried; a password that was
      // refused is never tried again with a weaker mechanism (rule S10).
      this.#failed.push(mechanism);
      const move = this.begin();
      const detail = `${mechanism} was offered and then refused`;
      return { ...move, events: [{ type: 'authentication-failed', mechanism, condition, detail }, ...move.events] };
    }
    const detail = `the server refused ${mechanism}: ${condition}${adviceFor(condition)}`;
    return gaveUp({ code: 'negotiation-failed', at: 'sasl', condition, text, detail });
  }

  #verified(begun: Begun): Move {
    const { standing } = this.#context;
    const identity = {
      jid: accountOf(this.#context),
      mechanism: begun.conversation.mechanism,
      channelBinding: begun.channelBinding,
    };
    // RFC 6120 §6.3.2: the stream restarts.
    return done(
      { level: 'authenticated', security: standing.security, identity },
      { events: [{ type: 'authenticated', identity }], restart: true },
    );
  }
}

/** RFC 6120 §6.4.4: ends the exchange, and with it the stream; nothing that the peer says now can change why. */
function abort(detail: string): Move {
  const cause = { code: 'negotiation-failed', at: 'sasl', condition: 'aborted', text: undefined, detail } as const;
  return gaveUp(cause, { send: [xml('abort', { xmlns: SASL_NS })] });
}

/** Whom we authenticated as, as far as we know before the server tells us by binding (RFC 6120 §4.3.6). */
function accountOf({ settings }: InitiatingContext): Jid | undefined {
  const { credentials, authzid, domain, from, jidPreparation } = settings;
  if (authzid !== undefined || from !== undefined) return authzid ?? from;
  if (credentials === undefined) return undefined;
  const simple = parseJidParts({ localpart: credentials.authcid, domainpart: domain.domainpart }, jidPreparation);
  return simple.ok ? simple.jid : undefined;
}

function adviceFor(condition: SaslErrorCondition): string {
  switch (condition) {
    case 'not-authorized':
      return '; check the name and the password';
    case 'credentials-expired':
      return '; the password has to be changed by other means first';
    case 'account-disabled':
      return '; ask the operator of the server';
    case 'temporary-auth-failure':
      return '; try again later';
    case 'mechanism-too-weak':
      return '; allow a stronger mechanism';
    case 'invalid-authzid':
      return '; this account may not act for that address';
    default:
      return '';
  }
}
