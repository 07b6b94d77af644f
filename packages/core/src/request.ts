import { LocalProtocolError } from './errors.ts';
import type { Milliseconds } from './events.ts';
import type { Jid } from './jid/index.ts';
import { iq, type IqError, type IqRequest, type IqResult, type Stanza, type StanzaProblem } from './stanza/index.ts';
import type { XmlElement } from './xml/index.ts';

/** What a {@link RequestTracker} is made with. */
export interface RequestTrackerOptions {
  /** Unpredictable bytes of that length: the ids are made of them, so that nobody can answer what it was not asked. */
  readonly random: (length: number) => Uint8Array;
  /**
   * The address this side has on its stream: a client's full JID, a server's or a component's domain. A client's own
   * server may answer in several names (RFC 6120 §8.1.2.1), and this tells which.
   */
  readonly self: Jid;
  /** How long a request waits where it does not say itself. 60 seconds unless said otherwise. */
  readonly timeout?: Milliseconds | undefined;
}

/** What to ask, and of whom. */
export interface RequestFields {
  readonly type: 'get' | 'set';
  /** Left out, which only clients may: the own account and its server (RFC 6120 §10.3.3). */
  readonly to?: Jid | undefined;
  /** A client leaves it out, its server sets it; between servers it has to be there (RFC 6120 §8.1.2.2). */
  readonly from?: Jid | undefined;
  readonly lang?: string | undefined;
  readonly payload: XmlElement;
}

/** When a request is made, and how long it waits. */
export interface RequestTiming {
  readonly now: Milliseconds;
  readonly timeout?: Milliseconds | undefined;
}

/**
 * What {@link RequestTracker.receive} makes of a stanza. `matched`: it is the one answer to that request; a response
 * that breaks a rule of RFC 6120 §8.2.3 is one too, as a problem. Otherwise it answers nothing that is open: ignore it
 * if it is a result or an error (RFC 6120 §10.3.3), never answer it.
 */
export type RequestMatch =
  | {
      readonly matched: true;
      readonly request: IqRequest;
      readonly response: IqResult | IqError | StanzaProblem;
    }
  | { readonly matched: false; readonly because: 'not-a-response' | 'unknown-id' | 'foreign-responder' };

const DEFAULT_TIMEOUT = 60_000;
const ID_BYTES = 16;

/**
 * Finds the answers to iq requests (RFC 6120 §8.2.3): by the id, which nobody can guess, and by who may answer. It sends
 * nothing and reads no clock: send what `request` returns, give it what arrives, call `handleTimeout` at `nextTimeout`.
 *
 * @example
 * ```ts
 * import { iq, jid, RequestTracker, resultOf } from '@xmpp-wire/core';
 * import { xml } from '@xmpp-wire/core/xml';
 *
 * const tracker = new RequestTracker({
 *   random: (length) => crypto.getRandomValues(new Uint8Array(length)),
 *   self: jid('juliet@im.example.com/balcony'),
 * });
 * const ping = tracker.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) }, { now: 0 });
 * tracker.receive(resultOf(ping)).matched; // true
 * ```
 */
export class RequestTracker {
  readonly #random: (length: number) => Uint8Array;
  readonly #self: Jid;
  readonly #timeout: Milliseconds;
  readonly #open = new Map<string, OpenRequest>();
  /** A binary heap by deadline; what was answered meanwhile is dropped when it comes up. */
  #deadlines: OpenRequest[] = [];

  constructor(options: RequestTrackerOptions) {
    this.#random = options.random;
    this.#self = options.self;
    this.#timeout = checkedTimeout(options.timeout ?? DEFAULT_TIMEOUT);
  }

  /** How many requests have no answer yet. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Makes a request with an id of its own and waits for its answer. Send it.
   *
   * @throws {@link LocalProtocolError} `random-too-short`, `request-id-taken` when the random bytes repeat,
   * `stanza-invalid` when `to` is missing and this side is no client, or the timeout is no length of time.
   */
  request(fields: RequestFields, timing: RequestTiming): IqRequest {
    const { payload, ...addressed } = fields;
    if (fields.to === undefined && this.#self.isDomain) {
      throw new LocalProtocolError(
        'stanza-invalid',
        "only a client may leave out 'to' (RFC 6120 §8.1.1.2): say whom to ask",
      );
    }
    const timeout = timing.timeout === undefined ? this.#timeout : checkedTimeout(timing.timeout);
    const id = this.#newId();
    const request = iq({ ...addressed, id }, payload);
    const open: OpenRequest = { request, deadline: timing.now + timeout };
    this.#open.set(id, open);
    push(this.#deadlines, open);
    return request;
  }

  /** Looks whether a stanza, or one that breaks a rule, answers an open request; if so the request is done. */
  receive(stanza: Stanza | StanzaProblem): RequestMatch {
    const response = responseOf(stanza);
    if (response === undefined || response.id === undefined) return { matched: false, because: 'not-a-response' };
    const open = this.#open.get(response.id);
    if (open === undefined) return { matched: false, because: 'unknown-id' };
    // An address that is malformed is absent from a problem, and is nobody's that was asked.
    const isMalformed = 'problem' in response && response.problem === 'from-malformed';
    if (isMalformed || !mayAnswer(response.from, open.request.to, this.#self)) {
      return { matched: false, because: 'foreign-responder' };
    }
    this.#forget(response.id);
    return { matched: true, request: open.request, response };
  }

  /** Gives up on the requests whose time is over by now and returns them, the oldest deadline first. */
  handleTimeout(now: Milliseconds): readonly IqRequest[] {
    const late: IqRequest[] = [];
    for (let first = this.#first(); first !== undefined && first.deadline <= now; first = this.#first()) {
      this.#open.delete(first.request.id);
      late.push(first.request);
    }
    return late;
  }

  /** The point in time of the nearest deadline; undefined: nothing is open. */
  nextTimeout(): Milliseconds | undefined {
    return this.#first()?.deadline;
  }

  /** Gives up on one request: its answer will match nothing. Returns it, or undefined when it was not open. */
  cancel(id: string): IqRequest | undefined {
    return this.#forget(id)?.request;
  }

  /** Gives up on all of them, in the order they were made: the stream is over. */
  cancelAll(): readonly IqRequest[] {
    const requests = Array.from(this.#open.values(), (open) => open.request);
    this.#open.clear();
    this.#deadlines = [];
    return requests;
  }

  #newId(): string {
    const bytes = this.#random(ID_BYTES);
    if (bytes.length < ID_BYTES) {
      throw new LocalProtocolError(
        'random-too-short',
        `random(${ID_BYTES}) returned ${bytes.length} bytes: return as many as asked`,
      );
    }
    const id = Array.from(bytes.subarray(0, ID_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (this.#open.has(id)) {
      throw new LocalProtocolError(
        'request-id-taken',
        'random() repeated itself: give the tracker a source that is random',
      );
    }
    return id;
  }

  #forget(id: string): OpenRequest | undefined {
    const open = this.#open.get(id);
    if (open === undefined) return undefined;
    this.#open.delete(id);
    // What was answered leaves the heap when it comes up, or here once it is most of it: memory stays linear.
    if (this.#deadlines.length > 2 * this.#open.size + 16) {
      this.#deadlines = [...this.#open.values()].toSorted((a, b) => a.deadline - b.deadline);
    }
    return open;
  }

  #first(): OpenRequest | undefined {
    let first = this.#deadlines[0];
    while (first !== undefined && this.#open.get(first.request.id) !== first) {
      pop(this.#deadlines);
      first = this.#deadlines[0];
    }
    return first;
  }
}

interface OpenRequest {
  readonly request: IqRequest;
  readonly deadline: Milliseconds;
}

/** Only an iq of type result or error answers an iq (rule S17), whatever id another stanza has. */
function responseOf(stanza: Stanza | StanzaProblem): IqResult | IqError | StanzaProblem | undefined {
  if (stanza.kind !== 'iq') return undefined;
  if ('problem' in stanza) return stanza.type === 'result' || stanza.type === 'error' ? stanza : undefined;
  return stanza.type === 'result' || stanza.type === 'error' ? stanza : undefined;
}

/**
 * Rule S16: who may answer. Another entity only as the very address that was asked. The own server overrides 'from' on
 * whatever others send (RFC 6120 §8.1.2.1), so what comes in its name or the own account's is from it; and it answers
 * what was asked of the account without a 'from', in the account's name, in its own, or, before RFC 6120, in the full
 * JID's.
 */
function mayAnswer(from: Jid | undefined, to: Jid | undefined, self: Jid): boolean {
  if (to !== undefined && from !== undefined && from.equals(to)) return true;
  // A server or a component: nobody speaks for another there, and 'from' is always present.
  if (self.localpart === undefined) return false;
  // RFC 6120 §8.1.2.1 rules 3 and 4: no 'from' means the own account, by the hand of its server.
  const ownServer = to !== undefined && to.isDomain && to.domainpart === self.domainpart;
  if (from === undefined) return to === undefined || to.equals(self.bare) || ownServer;
  if (to !== undefined) return false;
  return from.equals(self.bare) || from.equals(self) || (from.isDomain && from.domainpart === self.domainpart);
}

function checkedTimeout(timeout: Milliseconds): Milliseconds {
  if (timeout > 0) return timeout;
  throw new LocalProtocolError('stanza-invalid', `a request waits for more than 0 milliseconds, not ${timeout}`);
}

function push(heap: OpenRequest[], item: OpenRequest): void {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || parent.deadline <= item.deadline) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = item;
}

function pop(heap: OpenRequest[]): void {
  const item = heap.pop();
  if (item === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    const right = heap[2 * index + 2];
    const isRight = left !== undefined && right !== undefined && right.deadline < left.deadline;
    const child = isRight ? right : left;
    if (child === undefined || child.deadline >= item.deadline) break;
    heap[index] = child;
    index = 2 * index + (isRight ? 2 : 1);
  }
  heap[index] = item;
}
