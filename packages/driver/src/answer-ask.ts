import type { Ask, AskName, RandomSource } from '@xmpp-wire/core';
import { base64Encode } from '@xmpp-wire/core/adapter';
import type { Driver } from './drive.ts';
import type { DrivenAsk } from './driven.ts';
import type { KeyDerivation } from './platform.ts';
import type { AskHandlers, Peer } from './server-options.ts';

/** What answering an ask of a receiving entity takes. */
export interface AskContext {
  readonly handlers: AskHandlers;
  readonly peer: Peer;
  readonly random: RandomSource;
  readonly deriveSaltedPassword: KeyDerivation;
  readonly onError: (error: unknown) => void;
}

/** A multiple of three, so that its base64 has no padding. */
const RESOURCE_BYTES = 12;

/** Has the embedding server answer an ask. What it does not answer, or fails to, is refused for the time being. */
export async function answerAsk(ask: DrivenAsk, driver: Driver, context: AskContext): Promise<void> {
  const { handlers, peer, onError } = context;

  // One body for all asks: the type of the answer is tied to the ask, by `answer` as by the handler.
  async function settle<A>(
    question: Ask<AskName, A>,
    handler: (() => A | Promise<A>) | undefined,
    otherwise: NoInfer<A>,
  ): Promise<void> {
    let answer = otherwise;
    try {
      if (handler !== undefined) answer = await handler();
      driver.answer<A>(question, answer);
    } catch (error) {
      onError(error);
      driver.answer<A>(question, otherwise);
    }
  }

  switch (ask.ask) {
    case 'accept-stream':
      return settle(ask, () => handlers['accept-stream'](ask, peer), {
        refuse: { condition: 'internal-server-error' },
      });
    case 'look-up-credentials':
      return settle(ask, handlers[ask.ask] && (() => handlers[ask.ask]?.(ask, peer) ?? TRY_LATER), TRY_LATER);
    case 'check-password':
      return settle(ask, handlers[ask.ask] && (() => handlers[ask.ask]?.(ask, peer) ?? TRY_LATER), TRY_LATER);
    case 'authorize':
      return settle(
        ask,
        handlers[ask.ask] && (() => handlers[ask.ask]?.(ask, peer) ?? 'not-authorized'),
        'not-authorized',
      );
    case 'bind-resource': {
      const handler = handlers['bind-resource'];
      const bind = handler === undefined ? undefined : () => handler(ask, peer);
      // RFC 6120 §7.6: what the client would like, or one that nobody can guess (§7.5).
      const resource = ask.requested ?? resourceOf(context.random(RESOURCE_BYTES));
      return settle(ask, bind ?? (() => ask.account.withResource(resource)), { refuse: 'internal-server-error' });
    }
    case 'derive-salted-password':
      return context.deriveSaltedPassword(ask).then(
        (salted) => driver.answer(ask, salted),
        (error: unknown) => {
          onError(error);
          driver.abort(error instanceof Error ? error : new Error(String(error)));
        },
      );
  }
}

const TRY_LATER = 'temporary-auth-failure';

function resourceOf(bytes: Uint8Array): string {
  return base64Encode(bytes).replaceAll('+', '-').replaceAll('/', '_');
}
