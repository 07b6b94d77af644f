import {
  InitiatingEntity,
  LocalProtocolError,
  type InitiatingAsk,
  type InitiatingEvent,
  type ReceivingAsk,
  type ReceivingEntity,
  type ReceivingEvent,
} from '@xmpp-wire/core';
import { Accounts } from '../accounts.ts';
import { initiatingAnswers, receivingAnswers } from '../answers.ts';
import { DEFAULT_DOMAIN, DEFAULT_PASSWORDS } from '../default-config.ts';
import type { EntityCommand } from './commands.ts';

type AnyAsk = InitiatingAsk | ReceivingAsk;

/**
 * Does to an entity what commands say. The caller's mistakes that the entity reports by throwing are kept; anything else
 * that is thrown goes through: it is a bug.
 *
 * @example
 * ```ts
 * import { ReceivingEntity } from '@xmpp-wire/core';
 * import { counter } from '@xmpp-wire/testing';
 * import { commandLists, Performer } from '@xmpp-wire/testing/generators';
 * import * as fc from 'fast-check';
 *
 * fc.assert(
 *   fc.property(commandLists(), (commands) => {
 *     const performer = new Performer(new ReceivingEntity({ random: counter() }));
 *     for (const command of commands) performer.perform(command);
 *     return performer.events.filter((event) => event.type === 'closed').length <= 1;
 *   }),
 *   { numRuns: 20 },
 * );
 * ```
 */
export class Performer<Entity extends InitiatingEntity | ReceivingEntity> {
  readonly entity: Entity;
  /** What `nextEvent` returned, in order. */
  readonly events: (InitiatingEvent | ReceivingEvent)[] = [];
  /** What was taken with `takeOutput`, in order. */
  readonly output: Uint8Array[] = [];
  /** The codes of what the entity threw, in order. */
  readonly thrown: string[] = [];
  readonly #answers: Readonly<Record<string, ((ask: AnyAsk) => unknown) | undefined>>;
  #ask: AnyAsk | undefined;
  #now = 0;

  constructor(entity: Entity, accounts: Accounts = new Accounts(DEFAULT_PASSWORDS)) {
    this.entity = entity;
    const sources = { accounts, domain: DEFAULT_DOMAIN, policy: {} };
    const answers = { ...receivingAnswers(sources), ...initiatingAnswers(sources) };
    // Each function is called with the ask of its own name.
    this.#answers = answers as Readonly<Record<string, ((ask: AnyAsk) => unknown) | undefined>>;
  }

  /** Milliseconds that the commands waited. */
  get now(): number {
    return this.#now;
  }

  perform(command: EntityCommand): void {
    try {
      this.#perform(command);
    } catch (error) {
      if (!(error instanceof LocalProtocolError)) throw error;
      this.thrown.push(error.code);
    }
  }

  #perform(command: EntityCommand): void {
    const { entity } = this;
    switch (command.do) {
      case 'open':
        // Of a receiving entity the peer opens the stream.
        if (entity instanceof InitiatingEntity) entity.open();
        return;
      case 'receive':
        return entity.receive(command.bytes, this.#now);
      case 'eof':
        return entity.receiveEof(this.#now);
      case 'wait':
        return this.#wait(command.milliseconds);
      case 'send':
        entity.send(command.stanza);
        return;
      case 'send-element':
        entity.sendElement(command.element);
        return;
      case 'close':
        return entity.close(command.reason);
      case 'answer':
        return this.#answer(command);
      case 'events':
        for (let count = 0; count < command.most; count++) this.#takeEvent();
        return;
      case 'output': {
        const output = entity.takeOutput();
        if (output !== undefined) this.output.push(output);
      }
    }
  }

  /** As an adapter does: every deadline on the way is met. */
  #wait(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.entity.nextTimeout(this.#now); next !== undefined && next <= end;) {
      this.#now = Math.max(this.#now, next);
      this.entity.handleTimeout(this.#now);
      next = this.entity.nextTimeout(this.#now);
    }
    this.#now = end;
  }

  #answer(command: Extract<EntityCommand, { readonly do: 'answer' }>): void {
    const ask = this.#ask;
    if (ask === undefined) return;
    const value = command.with === 'default' ? this.#answers[ask.ask]?.(ask) : command.value;
    // Wrong answers are wanted here; right ones come from the map, by the name of the ask.
    const answer = this.entity.answer.bind(this.entity) as (ask: AnyAsk, value: unknown) => boolean;
    answer(ask, value);
  }

  #takeEvent(): void {
    const event = this.entity.nextEvent();
    this.events.push(event);
    if (event.type === 'ask') this.#ask = event;
  }
}
