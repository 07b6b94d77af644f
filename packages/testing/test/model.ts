import assert from 'node:assert/strict';
import type { InitiatingEntity, InitiatingPhase, ReceivingEntity, ReceivingPhase } from '@xmpp-wire/core';
import type * as fc from 'fast-check';
import type { EntityCommand, Performer } from '../src/generators/index.ts';
import { describeValue } from '../src/index.ts';

const END = ['closing', 'closed'] as const;

/** From where to where an initiating entity can go with one call. */
export const INITIATING_STEPS: Readonly<Record<InitiatingPhase, readonly InitiatingPhase[]>> = {
  unopened: ['awaiting-header', ...END],
  'awaiting-header': ['awaiting-features', ...END],
  'awaiting-features': ['negotiating', 'established', ...END],
  negotiating: ['switching-to-tls', 'awaiting-header', 'established', ...END],
  'switching-to-tls': ['awaiting-header', ...END],
  established: END,
  closing: ['closed'],
  closed: [],
};

/** The same of a receiving entity. */
export const RECEIVING_STEPS: Readonly<Record<ReceivingPhase, readonly ReceivingPhase[]>> = {
  'awaiting-header': ['accepting', 'offering', 'established', ...END],
  accepting: ['offering', ...END],
  offering: ['negotiating', 'switching-to-tls', 'awaiting-header', 'established', ...END],
  negotiating: ['offering', 'switching-to-tls', 'awaiting-header', 'established', ...END],
  'switching-to-tls': ['awaiting-header', ...END],
  established: END,
  closing: ['closed'],
  closed: [],
};

/** What a model of an entity has to know: where it was, and whether it has said that it is over. */
export interface Model<Phase> {
  phase: Phase;
  closed: boolean;
}

type Subject = Performer<InitiatingEntity | ReceivingEntity>;

/** One command, and what has to hold whatever it was. */
export class Step<Phase extends InitiatingPhase | ReceivingPhase> implements fc.Command<Model<Phase>, Subject> {
  readonly command: EntityCommand;
  readonly steps: Readonly<Record<Phase, readonly Phase[]>>;

  constructor(command: EntityCommand, steps: Readonly<Record<Phase, readonly Phase[]>>) {
    this.command = command;
    this.steps = steps;
  }

  check(): boolean {
    return true;
  }

  run(model: Model<Phase>, performer: Subject): void {
    const { command } = this;
    const most = command.do === 'events' ? command.most : 1;
    const single: EntityCommand = command.do === 'events' ? { do: 'events', most: 1 } : command;
    for (let count = 0; count < most; count++) this.#one(single, model, performer);
  }

  #one(command: EntityCommand, model: Model<Phase>, performer: Subject): void {
    const { entity, events, thrown } = performer;
    const throws = thrown.length;
    const described = describeValue(entity.describe());
    performer.perform(command);
    // A call that throws leaves the entity as it was.
    if (thrown.length > throws) assert.equal(describeValue(entity.describe()), described);

    // The table is of the role's phases, and the entity is of that role.
    const phase = entity.phase as Phase;
    if (phase !== model.phase) assert.ok(this.steps[model.phase].includes(phase), `${model.phase} → ${phase}`);
    model.phase = phase;

    const last = events.at(-1);
    if (model.closed && command.do === 'events') assert.equal(last?.type, 'ended');
    if (last?.type === 'closed') model.closed = true;
    assert.equal(entity.describe().phase, phase);
    if (phase !== 'closed') return;
    assert.equal(entity.wantsInput, false);
    assert.equal(entity.nextTimeout(performer.now), undefined);
    assert.equal(entity.bufferedInput, 0);
  }

  toString(): string {
    return describeValue(this.command);
  }
}
