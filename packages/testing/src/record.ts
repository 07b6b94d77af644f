import { InitiatingEntity, ReceivingEntity, type InitiatingConfig, type ReceivingConfig } from '@xmpp-wire/core';
import { base64Encode } from '@xmpp-wire/core/adapter';
import type { RecordedCall, Recording } from './recording.ts';
import { toJson, type JsonValue } from './values.ts';

/** An entity whose calls are kept. */
export interface Recorded<Entity> {
  /** Behaves as any other. */
  readonly entity: Entity;
  /** Grows with each call; `JSON.stringify` it when something went wrong. */
  readonly recording: Recording;
}

/**
 * Makes an entity that keeps every call and what came of it, so that a failure of a fuzzer or of a service in production can be
 * replayed with {@link replay}. The configuration is not in the recording: its functions cannot be.
 *
 * @throws what the constructor of the entity throws.
 *
 * @example
 * ```ts
 * import { counter, record } from '@xmpp-wire/testing';
 *
 * const { entity, recording } = record('receiving', { random: counter() });
 * entity.receive(new TextEncoder().encode('<nonsense'), 0);
 * entity.nextEvent();
 * recording.calls.length; // 2
 * ```
 */
export function record(role: 'initiating', config: InitiatingConfig): Recorded<InitiatingEntity>;
export function record(role: 'receiving', config: ReceivingConfig): Recorded<ReceivingEntity>;
export function record(
  role: 'initiating' | 'receiving',
  config: InitiatingConfig | ReceivingConfig,
): Recorded<InitiatingEntity | ReceivingEntity> {
  const random: string[] = [];
  const calls: RecordedCall[] = [];
  const recordedConfig = {
    ...config,
    random: (length: number): Uint8Array => {
      const bytes = config.random(length);
      random.push(base64Encode(bytes));
      return bytes;
    },
  };
  // The overloads tie the configuration to the role.
  const entity =
    role === 'initiating'
      ? new InitiatingEntity(recordedConfig as InitiatingConfig)
      : new ReceivingEntity(recordedConfig);
  return {
    entity: new Proxy(entity, recorder(calls)),
    recording: { format: 'xmpp-wire-recording', version: 1, role, random, calls },
  };
}

/** Asks of one entity and their numbers. */
export class AskNumbers {
  readonly #numbers = new Map<object, number>();
  readonly #asks: object[] = [];

  /** Gives an ask that was returned its number. */
  note(event: unknown): void {
    if (
      typeof event !== 'object' ||
      event === null ||
      !('type' in event) ||
      event.type !== 'ask' ||
      this.#numbers.has(event)
    )
      return;
    this.#numbers.set(event, this.#asks.length);
    this.#asks.push(event);
  }

  /** Arguments of a call as JSON, asks by their numbers. */
  toJson(value: unknown): JsonValue {
    const number = typeof value === 'object' && value !== null ? this.#numbers.get(value) : undefined;
    return number === undefined ? toJson(value) : { $ask: number };
  }

  /** The ask of a number. */
  ask(number: number): object | undefined {
    return this.#asks[number];
  }
}

/** Methods are called on the entity itself, whose private fields a proxy has not; getters are read through. */
function recorder(calls: RecordedCall[]): ProxyHandler<InitiatingEntity | ReceivingEntity> {
  const asks = new AskNumbers();
  return {
    get(entity, name) {
      const member: unknown = Reflect.get(entity, name, entity);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...given: readonly unknown[]): unknown => {
        const call = { call: name, arguments: given.map((each) => asks.toJson(each)) };
        try {
          const returned: unknown = Reflect.apply(member, entity, given);
          calls.push(returned === undefined ? call : { ...call, returned: toJson(returned) });
          asks.note(returned);
          return returned;
        } catch (error) {
          calls.push({ ...call, threw: nameOf(error) });
          throw error;
        }
      };
    },
  };
}

/** What of an exception is compared. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.name;
}
