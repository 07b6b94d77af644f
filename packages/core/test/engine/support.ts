import {
  InitiatingEntity,
  ReceivingEntity,
  jid,
  type InitiatingConfig,
  type InitiatingEvent,
  type ReceivingConfig,
  type ReceivingEvent,
  type StreamPolicy,
  type TlsFacts,
} from '../../src/index.ts';
import { saltPassword, scramCredentials, type ScramCredentials, type ScramHash } from '../../src/sasl/index.ts';

/** Randomness that is the same in every run: a counter. */
export function counter(seed = 0): (length: number) => Uint8Array {
  let next = seed;
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
}

export const BINDING: Uint8Array = new Uint8Array(32).fill(7);

export const TLS: TlsFacts = { version: 'TLSv1.3', channelBindings: new Map([['tls-exporter', BINDING]]) };

export const POLICY: StreamPolicy = {
  domain: 'im.example.com',
  mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'PLAIN'],
  decoySecret: new Uint8Array(16).fill(1),
};

const cache = new Map<string, ScramCredentials>();

/** Keys of the one password that all tests use. */
export function credentialsFor(hash: ScramHash): ScramCredentials {
  const known = cache.get(hash);
  if (known !== undefined) return known;
  const made = scramCredentials({ hash, password: 'r0m30', salt: new Uint8Array(16).fill(3), iterations: 4096 });
  cache.set(hash, made);
  return made;
}

export function newInitiating(config: Partial<InitiatingConfig> = {}): InitiatingEntity {
  return new InitiatingEntity({
    to: 'im.example.com',
    credentials: { authcid: 'juliet', password: 'r0m30' },
    random: counter(),
    ...config,
  });
}

export function newReceiving(config: Partial<ReceivingConfig> = {}): ReceivingEntity {
  return new ReceivingEntity({ random: counter(100), ...config });
}

/** Answers every ask the way a friendly application would. */
export function answerInitiating(entity: InitiatingEntity, event: InitiatingEvent): void {
  if (event.type !== 'ask') return;
  if (event.ask === 'start-tls') entity.answer(event, TLS);
  else entity.answer(event, saltPassword(event));
}

export function answerReceiving(entity: ReceivingEntity, event: ReceivingEvent, policy: StreamPolicy = POLICY): void {
  if (event.type !== 'ask') return;
  switch (event.ask) {
    case 'accept-stream':
      entity.answer(event, policy);
      return;
    case 'start-tls':
      entity.answer(event, TLS);
      return;
    case 'look-up-credentials':
      entity.answer(event, event.authcid === 'juliet' ? credentialsFor(event.hash) : 'unknown-account');
      return;
    case 'derive-salted-password':
      entity.answer(event, saltPassword(event));
      return;
    case 'check-password':
      entity.answer(event, event.authcid === 'juliet' && event.password === 'r0m30' ? 'accepted' : 'not-authorized');
      return;
    case 'authorize':
      entity.answer(event, 'invalid-authzid');
      return;
    case 'bind-resource':
      entity.answer(event, jid(`${event.account.toString()}/${event.requested ?? 'balcony'}`));
  }
}

/** Everything an entity has to say, as text, with the events that it reported. */
export interface Side<Event> {
  readonly events: Event[];
  wire: string;
}

/** Joins two entities until neither has anything to do. */
export function join(
  initiating: InitiatingEntity,
  receiving: ReceivingEntity,
  policy: StreamPolicy = POLICY,
): { readonly initiating: Side<InitiatingEvent>; readonly receiving: Side<ReceivingEvent> } {
  const left: Side<InitiatingEvent> = { events: [], wire: '' };
  const right: Side<ReceivingEvent> = { events: [], wire: '' };
  const decoder = new TextDecoder();
  for (let busy = true; busy;) {
    busy = false;
    for (let event = initiating.nextEvent(); ; event = initiating.nextEvent()) {
      const output = initiating.takeOutput();
      if (output !== undefined) {
        left.wire += decoder.decode(output);
        receiving.receive(output, 0);
        busy = true;
      }
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      left.events.push(event);
      answerInitiating(initiating, event);
    }
    for (let event = receiving.nextEvent(); ; event = receiving.nextEvent()) {
      const output = receiving.takeOutput();
      if (output !== undefined) {
        right.wire += decoder.decode(output);
        initiating.receive(output, 0);
        busy = true;
      }
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      right.events.push(event);
      answerReceiving(receiving, event, policy);
    }
  }
  return { initiating: left, receiving: right };
}
