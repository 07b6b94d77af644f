import {
  InitiatingEntity,
  ReceivingEntity,
  type InitiatingAsk,
  type InitiatingEvent,
  type ReceivingAsk,
  type ReceivingEvent,
} from '@xmpp-wire/core';
import { utf8Encode } from '@xmpp-wire/core/adapter';
import { jid } from '@xmpp-wire/core/jid';
import { UNANSWERED } from '../answers.ts';
import { initiatingConfig, receivingConfig } from '../default-config.ts';
import type { RoleName } from '../faults.ts';
import { describeValue, fromJson } from '../values.ts';
import { configOf } from './json.ts';
import type { Script } from './script.ts';
import { Tape } from './tape.ts';
import type { AnswerText, AskOfAnyRole, CallLine, Command } from './transcript.ts';

type AnyAsk = InitiatingAsk | ReceivingAsk;
type AnyEvent = InitiatingEvent | ReceivingEvent;

/** Events that a transcript may pass over in silence. */
const QUIET: ReadonlySet<string> = new Set(['stream-opened', 'features']);

/** An entity that a transcript drives. */
export class Actor {
  readonly entity: InitiatingEntity | ReceivingEntity;
  readonly tape: Tape = new Tape();
  readonly #script: Script;
  readonly #role: RoleName;
  readonly #asks = new Map<AskOfAnyRole, AnyAsk>();
  /** Events that no line has looked at yet; asks that the transcript does not mention were answered and are not here. */
  readonly #pending: AnyEvent[] = [];
  readonly #trace: string[] = [];
  /** How many of the reports that the transcript expects have come. */
  #reported = 0;

  constructor(script: Script, role: RoleName) {
    const { initiating, protection, receiving } = script.transcript.settings;
    this.#script = script;
    this.#role = role;
    this.entity =
      role === 'initiating'
        ? new InitiatingEntity(initiatingConfig(initiating, undefined, protection))
        : new ReceivingEntity(receivingConfig(receiving, undefined, protection));
  }

  /** All events so far with all they carry. */
  get trace(): readonly string[] {
    return this.#trace;
  }

  /** The first event that a line has to mention; it and those before it are taken away. */
  takeEvent(type: string): AnyEvent | undefined {
    for (let event = this.#pending.shift(); event !== undefined; event = this.#pending.shift()) {
      if (event.type === type || !QUIET.has(event.type)) return event;
    }
    return undefined;
  }

  /** Does what a command says. */
  perform(command: Command, now: number): void {
    const { entity } = this;
    switch (command.do) {
      case 'open':
        if (!(entity instanceof InitiatingEntity)) throw new Error('a receiving entity has no open()');
        return entity.open();
      case 'eof':
        return entity.receiveEof(now);
      case 'close':
        return entity.close(command.reason);
      case 'send':
        return expectReturned('send', entity.send(command.stanza), command.sent);
      case 'send-element':
        return expectReturned('sendElement', entity.sendElement(command.element), command.sent);
      case 'answer': {
        const ask = this.#asks.get(command.ask);
        if (ask === undefined)
          throw new Error(`${command.ask} was not asked, or no line says "ask ${command.ask}" before`);
        return expectReturned('answer', this.#answer(ask, this.#valueOf(ask, command.value)), command.taken);
      }
    }
  }

  /** Events and output, until there are no more. Returns the next deadline. */
  pump(now: number): number | undefined {
    for (;;) {
      const event: AnyEvent = this.entity.nextEvent();
      const output = this.entity.takeOutput();
      if (output !== undefined) this.tape.append(output);
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      this.#note(event);
    }
    return this.entity.nextTimeout(now);
  }

  #note(event: AnyEvent): void {
    this.#trace.push(describeValue(event));
    const next = this.#script.expected[this.#role][this.#reported];
    const mentioned = next !== undefined && isMentioned(event, next);
    if (mentioned) this.#reported += 1;
    if (event.type !== 'ask' || mentioned) this.#pending.push(event);
    if (event.type !== 'ask') return;
    this.#asks.set(event.ask, event);
    if (mentioned) return;
    const value = this.#default(event);
    if (value !== UNANSWERED) this.#answer(event, value);
  }

  #answer(ask: AnyAsk, value: unknown): boolean {
    // The defaults fit their asks; what a transcript writes is checked by the entity.
    const answer = this.entity.answer.bind(this.entity) as (ask: AnyAsk, value: unknown) => boolean;
    return answer(ask, value);
  }

  #default(ask: AnyAsk): unknown {
    // The map's type ties each answer to the ask of its name.
    const answers = this.#script.answers[this.#role] as Readonly<
      Record<string, ((ask: AnyAsk) => unknown) | undefined>
    >;
    return answers[ask.ask]?.(ask);
  }

  #valueOf(ask: AnyAsk, text: AnswerText): unknown {
    const { accounts } = this.#script;
    if ('word' in text) {
      if (text.word === 'default') return this.#default(ask);
      return ask.ask === 'bind-resource' ? jid(text.word) : text.word;
    }
    const { json } = text;
    const password = json['password'];
    if (ask.ask === 'look-up-credentials' && typeof password === 'string') {
      const state = json['accountState'];
      const credentials = accounts.credentialsOf(ask.hash, ask.authcid, password);
      return state === undefined ? credentials : { ...credentials, accountState: state };
    }
    if (ask.ask === 'derive-salted-password' && typeof password === 'string') {
      return accounts.saltedPassword({ ...ask, password: utf8Encode(password) });
    }
    // A policy is written by what is special about it.
    if (ask.ask === 'accept-stream' && !('refuse' in json)) return { ...Object(this.#default(ask)), ...configOf(json) };
    return fromJson(json);
  }
}

function isMentioned(event: AnyEvent, { action }: CallLine): boolean {
  if (action.do === 'event') return action.type === event.type;
  return action.do === 'ask' && event.type === 'ask' && event.ask === action.ask;
}

/** What a command returns is part of what is expected of it. */
function expectReturned(call: string, returned: boolean, expected: boolean): void {
  if (returned !== expected) throw new Error(`${call}() returned ${returned}, expected ${expected}`);
}
