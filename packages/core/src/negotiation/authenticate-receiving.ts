import { base64Decode, base64Encode } from '../bytes/base64.ts';
import { unreachable } from '../errors.ts';
import { parseJid, parseJidParts, type Jid } from '../jid/index.ts';
import { CHANNEL_BINDING_NS, SASL_NS, SERVER_NS } from '../namespaces.ts';
import type { SaslErrorCondition, ServerConversation, ServerStep } from '../sasl/index.ts';
import { xml, type XmlElement } from '../xml/index.ts';
import { isProtected, type Identity, type Security, type Standing } from './facts.ts';
import type { ReceivingContext, ReceivingFeature, ReceivingNegotiation } from './feature.ts';
import { offerOf, serveMechanism } from './mechanism-offer.ts';
import { done, rejected, sendAndAwait, violated, type Move } from './move.ts';
import { askSasl, readData, writeData } from './sasl-envelope.ts';

/** RFC 6120 §6.4.5: at least 2. */
const DEFAULT_RETRIES = 2;
const NO_BYTES = new Uint8Array();

/** SASL, receiving side (RFC 6120 §6). */
export const authenticateReceiving: ReceivingFeature = {
  isMandatory: (standing: Standing): boolean => standing.level === 'anonymous',
  serve: (context: ReceivingContext): ReceivingNegotiation => new AuthenticationService(context),
};

type Success = Extract<ServerStep, { readonly type: 'success' }>;

class AuthenticationService implements ReceivingNegotiation {
  readonly #context: ReceivingContext;
  #conversation: ServerConversation | undefined;
  #failures = 0;

  constructor(context: ReceivingContext) {
    this.#context = context;
  }

  advertise(standing: Standing): readonly XmlElement[] {
    const { mechanisms, channelBindingTypes } = offerOf(this.#context.policy, standing.security);
    // RFC 6120 §6.3.4, §13.8: nothing to log in with before the connection is protected (rule S6).
    if (standing.level !== 'anonymous' || !isProtected(standing.security) || mechanisms.length === 0) return [];
    const list = xml(
      'mechanisms',
      { xmlns: SASL_NS },
      mechanisms.map((name) => xml('mechanism', {}, name)),
    );
    if (channelBindingTypes === undefined) return [list];
    // XEP-0440: which types of channel binding can be used here.
    return [
      list,
      xml(
        'sasl-channel-binding',
        { xmlns: CHANNEL_BINDING_NS },
        channelBindingTypes.map((type) => xml('channel-binding', { type })),
      ),
    ];
  }

  claims(element: XmlElement): boolean {
    return element.namespace === SASL_NS;
  }

  receive(element: XmlElement, standing: Standing): Move {
    if (standing.level !== 'anonymous')
      return violated('element-out-of-order', `<${element.name}/> came on a stream that is ${standing.level}`);
    switch (element.name) {
      case 'auth':
        return this.#begin(element, standing.security);
      case 'response':
        return this.#continue(element, standing.security);
      case 'abort':
        // RFC 6120 §6.4.4.
        return this.#fail('aborted', 'the peer aborted');
      default:
        return this.#fail('malformed-request', `<${element.name}/> is nothing that an initiating entity sends`);
    }
  }

  #begin(element: XmlElement, security: Security): Move {
    const mechanism = element.attribute('mechanism');
    // RFC 6120 §6.5.4, rule S6.
    if (!isProtected(security))
      return this.#fail('encryption-required', 'authentication was tried before TLS', mechanism);
    // RFC 6120 §6.4.2: a new <auth/> discards the exchange that was running. It was a try all the same, or asking for
    // credentials would be free.
    if (this.#conversation !== undefined) {
      this.#conversation = undefined;
      this.#failures += 1;
      if (this.#failures > this.#retries)
        return violated('too-many-authentication-attempts', `${this.#failures} tries came to nothing`);
    }
    // RFC 6120 §6.5.7.
    if (mechanism === undefined) return this.#fail('invalid-mechanism', '<auth/> names no mechanism');
    // RFC 6120 §6.4.2: there may be an initial response, or none.
    const response = readData(element);
    // RFC 6120 §6.5.5.
    if (response === 'incorrect-encoding')
      return this.#fail('incorrect-encoding', 'the initial response is not base64', mechanism);
    const conversation = serveMechanism(mechanism, this.#context, security);
    this.#conversation = conversation;
    return this.#show(conversation.receive(response), mechanism, security);
  }

  #continue(element: XmlElement, security: Security): Move {
    const conversation = this.#conversation;
    if (conversation === undefined) return this.#fail('malformed-request', '<response/> came without an exchange');
    const { text } = element;
    const response = text === '=' ? NO_BYTES : base64Decode(text);
    if (response === undefined) return this.#fail('incorrect-encoding', 'the response is not base64');
    return this.#show(conversation.receive(response), conversation.mechanism, security);
  }

  #show(step: ServerStep, mechanism: string, security: Security): Move {
    switch (step.type) {
      case 'challenge':
        return sendAndAwait(xml('challenge', { xmlns: SASL_NS }, base64Encode(step.data)));
      case 'question':
        return this.#ask(step, mechanism, security);
      case 'failure':
        return this.#fail(step.condition, step.detail);
      case 'success':
        return this.#succeed(step, mechanism, security);
      default:
        return unreachable(step, 'a SASL step');
    }
  }

  #ask(step: Extract<ServerStep, { readonly type: 'question' }>, mechanism: string, security: Security): Move {
    // RFC 6120 §6.3.8, §6.5.6: an authorization identity of the wrong form can be nobody's, and need not be asked about.
    if (
      step.name === 'authorize' &&
      step.request.authzid !== undefined &&
      this.#identityOf(step.request.authzid) === undefined
    ) {
      return this.#show(step.resume('invalid-authzid'), mechanism, security);
    }
    const { claimed } = this.#context;
    return askSasl(step, (next: ServerStep) => this.#show(next, mechanism, security), { security, claimed });
  }

  #succeed(step: Success, mechanism: string, security: Security): Move {
    const jid = this.#addressOf(step);
    if (jid === undefined)
      return this.#fail(
        'not-authorized',
        `${JSON.stringify(step.authzid ?? step.authcid)} is no address of ${this.#context.domain.toString()}`,
      );
    // RFC 6120 §6.4.6: whoever named itself behind TLS and then proves to be somebody else is not served. It may have
    // named the account that authenticated or the one it acts for.
    const { claimed, domain, jidPreparation } = this.#context;
    const account = parseJidParts({ localpart: step.authcid, domainpart: domain.domainpart }, jidPreparation);
    if (claimed !== undefined && !claimed.equals(jid) && !(account.ok && claimed.equals(account.jid))) {
      return violated(
        'header-from-changed',
        `the stream header was from ${claimed.toString()}, SASL proved ${jid.toString()}`,
      );
    }
    const identity: Identity = { jid, mechanism, channelBinding: step.channelBinding };
    const { additionalData } = step;
    const text = additionalData === undefined ? undefined : writeData(additionalData);
    return done(
      { level: 'authenticated', security, identity },
      {
        send: [xml('success', { xmlns: SASL_NS }, text)],
        events: [{ type: 'authenticated', identity }],
        restart: true,
      },
    );
  }

  // RFC 6120 §4.3.6, rule S11: the authorization identity, or the account's own address, and nothing else from here on.
  #addressOf({ authcid, authzid }: Success): Jid | undefined {
    const { domain, jidPreparation, contentNamespace } = this.#context;
    if (authzid !== undefined || contentNamespace === SERVER_NS) return this.#identityOf(authzid ?? authcid);
    const made = parseJidParts({ localpart: authcid, domainpart: domain.domainpart }, jidPreparation);
    return made.ok ? made.jid : undefined;
  }

  // RFC 6120 §6.3.8: a client is a bare JID, a server a domain.
  #identityOf(text: string): Jid | undefined {
    const { jidPreparation, contentNamespace } = this.#context;
    const parsed = parseJid(text, jidPreparation);
    return parsed.ok && parsed.jid.isBare && parsed.jid.isDomain === (contentNamespace === SERVER_NS)
      ? parsed.jid
      : undefined;
  }

  get #retries(): number {
    return this.#context.policy.authenticationRetries ?? DEFAULT_RETRIES;
  }

  // RFC 6120 §6.4.5: the peer may try again, a few times.
  #fail(condition: SaslErrorCondition, detail: string, mechanism: string = this.#conversation?.mechanism ?? ''): Move {
    this.#conversation = undefined;
    this.#failures += 1;
    const extras = {
      send: [xml('failure', { xmlns: SASL_NS }, xml(condition))],
      events: [{ type: 'authentication-failed', mechanism, condition, detail } as const],
    };
    if (this.#failures > this.#retries)
      return violated('too-many-authentication-attempts', `${this.#failures} tries to authenticate failed`, extras);
    return rejected(extras);
  }
}
