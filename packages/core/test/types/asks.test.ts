import { describe, expect, it } from 'vitest';
import {
  jid,
  type AskName,
  type BindResourceAsk,
  type InitiatingAsk,
  type InitiatingEntity,
  type LookUpCredentialsAsk,
  type ReceivingAsk,
  type ReceivingEntity,
  type StartTlsAsk,
} from '../../src/index.ts';
import { newInitiating, newReceiving, TLS } from '../engine/support.ts';

/** Lines that must not compile; never called. Each `@ts-expect-error` is an error by itself when its line does compile. */
export function mustNotCompile(
  initiating: InitiatingEntity,
  receiving: ReceivingEntity,
  bind: BindResourceAsk,
  startTls: StartTlsAsk,
  lookUp: LookUpCredentialsAsk,
  anyAsk: ReceivingAsk,
): void {
  // @ts-expect-error an answer of another type
  receiving.answer(bind, TLS);
  // @ts-expect-error an answer of another type
  receiving.answer(startTls, jid('juliet@im.example.com/balcony'));
  // @ts-expect-error a union that was not narrowed
  receiving.answer(anyAsk, TLS);
  // @ts-expect-error the ask of the other role
  initiating.answer(bind, jid('juliet@im.example.com/balcony'));
  // @ts-expect-error the ask of the other role
  initiating.answer(lookUp, 'unknown-account');
  // @ts-expect-error a condition that this ask does not know
  receiving.answer(lookUp, 'not-authorized');
}

export function mustCompile(
  initiating: InitiatingEntity,
  receiving: ReceivingEntity,
  ask: ReceivingAsk,
  own: InitiatingAsk,
): boolean {
  if (own.ask === 'start-tls') return initiating.answer(own, 'failed');
  if (ask.ask === 'bind-resource') return receiving.answer(ask, { refuse: 'conflict' });
  if (ask.ask === 'look-up-credentials') return receiving.answer(ask, 'account-disabled');
  return ask.ask === 'start-tls' && receiving.answer(ask, TLS);
}

describe('types of asks', () => {
  it('[rule 5] an ask of the wrong role, or an answer to nothing, is refused at run time too', () => {
    const name: AskName = 'bind-resource';
    // A program without types can pass anything.
    const stranger = { type: 'ask', ask: name } as never;
    for (const entity of [newInitiating(), newReceiving()]) {
      expect(() => entity.answer(stranger, undefined as never)).toThrow(
        expect.objectContaining({ code: 'ask-foreign' }),
      );
    }
  });
});
