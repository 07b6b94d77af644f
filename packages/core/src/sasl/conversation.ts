import { LocalProtocolError } from '../errors.ts';
import type {
  ClientConversation,
  ClientFailed,
  ClientSaslFailure,
  ClientStep,
  NamedQuestion,
  Question,
  SaslErrorCondition,
  SaslQuestionName,
  ServerConversation,
  ServerStep,
} from './mechanism.ts';

/**
 * A client's move: the step it shows, and what may follow it. Mechanisms are written as functions from what arrived to the
 * next move, so what a moment does not allow has no function there, and what a moment knows is in its closure.
 */
export type ClientMove =
  | {
      readonly type: 'response';
      readonly data: Uint8Array;
      onChallenge(challenge: Uint8Array): ClientMove;
      onSuccess(additionalData: Uint8Array | undefined): ClientMove;
    }
  | NamedQuestion<'derive-salted-password', ClientMove>
  | { readonly type: 'verified' }
  | ClientFailed;

/** A server's move: the step it shows, and what it makes of the response. */
export type ServerMove =
  | { readonly type: 'challenge'; readonly data: Uint8Array; readonly onResponse: (response: Uint8Array) => ServerMove }
  | NamedQuestion<'derive-salted-password', ServerMove>
  | NamedQuestion<'look-up-credentials', ServerMove>
  | NamedQuestion<'check-password', ServerMove>
  | NamedQuestion<'authorize', ServerMove>
  | Extract<ServerStep, { type: 'success' | 'failure' }>;

/** The move with which a client gives up. */
export function fail(reason: ClientSaslFailure, detail: string, serverError?: string): ClientFailed {
  return { type: 'failed', reason, detail, serverError };
}

/** The move with which a server gives up. */
export function refuse(condition: SaslErrorCondition, detail: string): Extract<ServerStep, { type: 'failure' }> {
  return { type: 'failure', condition, detail };
}

/** Makes a conversation of a client's first move. */
export function clientConversation(mechanism: string, begin: () => ClientMove): ClientConversation {
  return new MovingClient(mechanism, begin);
}

/** Makes a conversation of what a server does with the initial response. */
export function serverConversation(
  mechanism: string,
  onInitialResponse: (response: Uint8Array) => ServerMove,
): ServerConversation {
  return new MovingServer(mechanism, onInitialResponse);
}

class MovingClient implements ClientConversation {
  readonly mechanism: string;
  readonly #begin: () => ClientMove;
  #at: ClientMove | undefined;

  constructor(mechanism: string, begin: () => ClientMove) {
    this.mechanism = mechanism;
    this.#begin = begin;
  }

  start(): ClientStep {
    return this.#enter(
      this.#at === undefined ? this.#begin() : fail('unexpected-challenge', 'the conversation began twice'),
    );
  }

  receive(challenge: Uint8Array): ClientStep {
    const at = this.#at;
    if (at?.type === 'failed') return at;
    if (at?.type === 'response') return this.#enter(at.onChallenge(challenge));
    return this.#enter(fail('unexpected-challenge', `a challenge where ${this.mechanism} has none`));
  }

  succeed(additionalData: Uint8Array | undefined): ClientStep {
    const at = this.#at;
    if (at?.type === 'failed') return at;
    // Rule S8: success counts only where the mechanism is through.
    if (at?.type === 'response') return this.#enter(at.onSuccess(additionalData));
    return this.#enter(fail('unexpected-success', `success before ${this.mechanism} was through`));
  }

  #enter(move: ClientMove): ClientStep {
    this.#at = move;
    if (move.type === 'response') return { type: 'response', data: move.data };
    if (move.type !== 'question') return move;
    return relay(
      move,
      () => this.#at === move,
      (result) => this.#enter(result),
      (): ClientStep =>
        this.#at?.type === 'failed' ? this.#at : fail('unexpected-challenge', 'the answer came too late'),
    );
  }
}

class MovingServer implements ServerConversation {
  readonly mechanism: string;
  /** What takes the next response; undefined while a question is open and when the conversation is over. */
  #onResponse: ((response: Uint8Array) => ServerMove) | undefined;
  #began = false;
  #open: Question<ServerMove> | undefined;

  constructor(mechanism: string, onInitialResponse: (response: Uint8Array) => ServerMove) {
    this.mechanism = mechanism;
    this.#onResponse = onInitialResponse;
  }

  receive(response: Uint8Array | undefined): ServerStep {
    const onResponse = this.#onResponse;
    if (onResponse === undefined)
      return this.#enter(refuse('malformed-request', `a response where ${this.mechanism} has none`));
    // RFC 4422 §5.1: a mechanism in which the client speaks first is asked to speak by an empty challenge.
    if (response === undefined && !this.#began) {
      this.#began = true;
      return { type: 'challenge', data: new Uint8Array() };
    }
    this.#began = true;
    return this.#enter(onResponse(response ?? new Uint8Array()));
  }

  #enter(move: ServerMove): ServerStep {
    this.#onResponse = move.type === 'challenge' ? move.onResponse : undefined;
    this.#open = move.type === 'question' ? move : undefined;
    if (move.type === 'challenge') return { type: 'challenge', data: move.data };
    if (move.type !== 'question') return move;
    const question: NamedQuestion<SaslQuestionName, ServerMove> = move;
    // `as`: name, request and answer come from one member of the union and stay together; the compiler cannot know.
    return relay(
      question,
      () => this.#open === move,
      (result) => this.#enter(result),
      (): ServerStep => refuse('malformed-request', 'the answer came too late'),
    ) as Question<ServerStep>;
  }
}

/** Turns a question whose answer leads to a move into one whose answer leads to a step. */
function relay<Name extends SaslQuestionName, Move, Step>(
  question: NamedQuestion<Name, Move>,
  isOpen: () => boolean,
  enter: (move: Move) => Step,
  lapsed: () => Step,
): NamedQuestion<Name, Step> {
  let answered = false;
  return {
    type: 'question',
    name: question.name,
    request: question.request,
    resume(answer) {
      if (answered) {
        throw new LocalProtocolError(
          'ask-already-answered',
          `${question.name} is answered already; answer a question once`,
        );
      }
      if (!isOpen()) return lapsed();
      // It may throw: then the answer did not fit, and the question stays open.
      const move = question.resume(answer);
      answered = true;
      return enter(move);
    },
  };
}
