import { errorOf, resultOf, type IqRequest, type IqResult, type IqError } from '@xmpp-wire/core';
import type { IqAnswer, IqTarget } from '../hooks.ts';
import type { Session } from '../session.ts';
import type { ServerSettings } from '../xmpp-server-options.ts';
import { disco } from './disco.ts';
import type { IqService } from './iq-service.ts';
import { legacySession } from './legacy-session.ts';
import { ping } from './ping.ts';
import { roster } from './roster.ts';

/** Answers the requests that are for the server itself, or that it answers for an account: each exactly once. */
export class IqHandler {
  readonly #services = new Map<string, IqService>();
  readonly #settings: ServerSettings;

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    const services = [ping, roster, ...(settings.legacySession ? [legacySession] : [])];
    for (const service of [...services, ...disco(services)]) {
      this.#services.set(keyOf(service.namespace, service.name), service);
    }
  }

  async answer(request: IqRequest, target: IqTarget, sender: Session): Promise<IqResult | IqError> {
    const answer = (await this.#find(request, target, sender)) ?? SERVICE_UNAVAILABLE;
    return 'error' in answer ? errorOf(request, answer.error) : resultOf(request, answer.result);
  }

  async #find(request: IqRequest, target: IqTarget, sender: Session): Promise<IqAnswer | undefined> {
    const { payload } = request;
    const known = this.#services.get(keyOf(payload.namespace, payload.name))?.answer(request, target);
    const { hooks, onError } = this.#settings;
    if (known !== undefined || hooks.unknownIq === undefined) return known;
    try {
      return await hooks.unknownIq(request, target, sender);
    } catch (error) {
      onError(error);
      return { error: { condition: 'internal-server-error' } };
    }
  }
}

// RFC 6120 §8.4, §10.3.3: what nobody understands.
const SERVICE_UNAVAILABLE: IqAnswer = { error: { condition: 'service-unavailable' } };

function keyOf(namespace: string, name: string): string {
  return `${namespace} ${name}`;
}
