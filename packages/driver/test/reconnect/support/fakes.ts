import { jid, type CloseCause, type IqError, type IqResult, type RequestFields, type Stanza } from '@xmpp-wire/core';
import {
  startSession,
  type ClientOptions,
  type ConnectionEnd,
  type ConnectionEvent,
  type Elsewhere,
  type RequestOptions,
  type Scheduler,
  type SessionEvent,
  type SessionOptions,
  type XmppConnection,
  type XmppSession,
} from '../../../src/index.ts';
import { EventQueue } from '../../../src/event-queue.ts';

/** Lets everything that is ready to run do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A clock that stands still unless it is moved. */
export class FakeScheduler implements Scheduler {
  #now = 1_000_000;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { at: this.#now + delay, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How long each timer still has to run, the shortest first. */
  get waiting(): readonly number[] {
    return this.#timers.map(({ at }) => at - this.#now).toSorted((a, b) => a - b);
  }

  async advance(by: number): Promise<void> {
    const until = this.#now + by;
    for (;;) {
      const [next] = this.#timers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await settle();
    }
    this.#now = until;
    await settle();
  }
}

/** A connection that does what the test says. */
export class FakeConnection implements XmppConnection {
  readonly jid;
  readonly tls = undefined;
  readonly local = { address: '127.0.0.1', port: 1 };
  readonly remote = { address: '127.0.0.1', port: 5222 };
  readonly redirectsFollowed: number;
  readonly closed: Promise<ConnectionEnd>;
  readonly sent: Stanza[] = [];
  readonly requests: RequestFields[] = [];
  closeCalls = 0;
  answer: (fields: RequestFields) => Promise<IqResult | IqError> = async () => new Promise(() => {});
  readonly queue = new EventQueue<ConnectionEvent>(32, () => {});
  #end: (end: ConnectionEnd) => void = () => {};
  #isOver = false;

  constructor(address: string, redirectsFollowed: number) {
    this.jid = jid(address);
    this.redirectsFollowed = redirectsFollowed;
    this.closed = new Promise((resolve) => (this.#end = resolve));
  }

  end(cause: CloseCause, error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.queue.end();
    this.#end({ cause, error });
  }

  [Symbol.asyncIterator](): AsyncIterator<ConnectionEvent> {
    return this.queue[Symbol.asyncIterator]();
  }

  stanzas(): AsyncIterable<Stanza> {
    throw new Error('a session reads events');
  }

  async send(stanza: Stanza): Promise<boolean> {
    if (!this.#isOver) this.sent.push(stanza);
    return !this.#isOver;
  }

  async sendElement(): Promise<boolean> {
    return !this.#isOver;
  }

  async request(fields: RequestFields, _options?: RequestOptions): Promise<IqResult | IqError> {
    this.requests.push(fields);
    return this.answer(fields);
  }

  async close(): Promise<ConnectionEnd> {
    this.closeCalls++;
    this.end({ code: 'closed-locally', reason: undefined });
    return this.closed;
  }

  abort(): void {
    this.end({ code: 'unexpected-eof', detail: 'aborted' }, new Error('abort() was called'));
  }

  describe(): never {
    throw new Error('a fake has no description');
  }
}

/** What a session over fakes can be told. */
export interface FakeOptions extends Omit<ClientOptions, 'signal'>, SessionOptions {
  readonly maxRedirects?: number;
}

/** One call of `connect`, to be decided by the test. */
export interface Dialled {
  readonly options: FakeOptions;
  readonly elsewhere: Elsewhere;
  /** It succeeds, after as many redirections. */
  accept(address?: string, redirectsFollowed?: number): Promise<FakeConnection>;
  refuse(error: unknown): Promise<void>;
}

export interface FakeWorld {
  readonly session: XmppSession;
  readonly scheduler: FakeScheduler;
  readonly dialled: readonly Dialled[];
  /** All that the session has reported so far. */
  readonly events: readonly SessionEvent[];
  readonly types: () => readonly string[];
  /** The last call of `connect`. */
  readonly last: () => Dialled;
}

/** A session whose delays are at half of their window. */
export function makeFakeWorld(options: FakeOptions = {}, { read = true } = {}): FakeWorld {
  const scheduler = new FakeScheduler();
  const dialled: Dialled[] = [];
  const events: SessionEvent[] = [];
  const all: FakeOptions = {
    jid: 'juliet@im.example.com/balcony',
    password: 'R0m30',
    liveness: false,
    scheduler,
    random: (length) => Uint8Array.from({ length }, (_, index) => (index === 0 ? 0x80 : 0)),
    ...options,
  };
  const session = startSession(
    all,
    async (given, elsewhere) =>
      new Promise((resolve, reject) => {
        given.signal.addEventListener('abort', () => reject(given.signal.reason));
        dialled.push({
          options: given,
          elsewhere,
          async accept(address = 'juliet@im.example.com/balcony', redirectsFollowed = 0) {
            const connection = new FakeConnection(address, redirectsFollowed);
            resolve(connection);
            await settle();
            return connection;
          },
          async refuse(error) {
            reject(error);
            await settle();
          },
        });
      }),
  );
  const reading = async (): Promise<void> => {
    for await (const event of session) events.push(event);
  };
  if (read) void reading();
  return {
    session,
    scheduler,
    dialled,
    events,
    types: () => events.map(({ type }) => type),
    last() {
      const call = dialled.at(-1);
      if (call === undefined) throw new Error('nothing was dialled');
      return call;
    },
  };
}
