import { InitiatingEntity, ReceivingEntity, type InitiatingConfig, type ReceivingConfig } from '@xmpp-wire/core';
import { base64Decode } from '@xmpp-wire/core/adapter';
import { AskNumbers, nameOf } from './record.ts';
import type { RecordedCall, Recording } from './recording.ts';
import { fromJson, toJson, type JsonValue } from './values.ts';

/** What became of a replay. */
export type ReplayOutcome =
  | { readonly same: true; readonly calls: number }
  /** The first call that came out in another way. */
  | { readonly same: false; readonly at: number; readonly recorded: RecordedCall; readonly replayed: RecordedCall };

/**
 * Makes all calls of a recording again, on a new entity, and compares what comes of each. Randomness comes from the recording; the
 * rest of the configuration is the one to give here.
 *
 * @throws Error for something that is no recording.
 *
 * @example
 * ```ts
 * import { counter, record, replay } from '@xmpp-wire/testing';
 *
 * const { entity, recording } = record('receiving', { random: counter() });
 * entity.receive(new TextEncoder().encode('<nonsense/>'), 0);
 * console.log(entity.nextEvent().type, entity.takeOutput()?.length);
 * const kept = JSON.stringify(recording);
 * replay(JSON.parse(kept), {}); // { same: true, calls: 3 }
 * ```
 */
export function replay(
  recording: Recording,
  config: Omit<InitiatingConfig, 'random'> | Omit<ReceivingConfig, 'random'>,
): ReplayOutcome {
  if (recording.format !== 'xmpp-wire-recording' || recording.version !== 1) {
    throw new Error('expected a recording of format xmpp-wire-recording, version 1');
  }
  const random = recording.random.values();
  const complete = { ...config, random: () => base64Decode(random.next().value ?? '') ?? new Uint8Array() };
  // Whoever recorded knows which role's configuration it was; the constructor checks it.
  const entity =
    recording.role === 'initiating'
      ? new InitiatingEntity(complete as unknown as InitiatingConfig)
      : new ReceivingEntity(complete);
  const asks = new AskNumbers();
  for (const [at, recorded] of recording.calls.entries()) {
    const replayed = callAgain(entity, recorded, asks, config);
    if (JSON.stringify(outcomeOf(recorded)) !== JSON.stringify(outcomeOf(replayed)))
      return { same: false, at, recorded, replayed };
  }
  return { same: true, calls: recording.calls.length };
}

function callAgain(
  entity: InitiatingEntity | ReceivingEntity,
  recorded: RecordedCall,
  asks: AskNumbers,
  { jidPreparation }: Pick<InitiatingConfig, 'jidPreparation'>,
): RecordedCall {
  const { call } = recorded;
  const given = recorded.arguments.map((json) => askOf(json, asks) ?? fromJson(json, jidPreparation));
  const member: unknown = Reflect.get(entity, call, entity);
  if (typeof member !== 'function')
    throw new Error(`the recording calls ${call}, which the ${recorded.call} entity does not have`);
  try {
    const returned: unknown = Reflect.apply(member, entity, given);
    asks.note(returned);
    return returned === undefined
      ? { call, arguments: recorded.arguments }
      : { call, arguments: recorded.arguments, returned: toJson(returned) };
  } catch (error) {
    return { call, arguments: recorded.arguments, threw: nameOf(error) };
  }
}

function askOf(json: JsonValue, asks: AskNumbers): object | undefined {
  if (typeof json !== 'object' || json === null || !('$ask' in json)) return undefined;
  return typeof json['$ask'] === 'number' ? asks.ask(json['$ask']) : undefined;
}

function outcomeOf({ returned, threw }: RecordedCall): readonly (JsonValue | undefined)[] {
  return [returned ?? null, threw ?? null];
}
