import { pbkdf2Sync } from 'node:crypto';
import {
  InitiatingEntity,
  iq,
  jid,
  ReceivingEntity,
  type InitiatingConfig,
  type InitiatingEvent,
  type Iq,
  type Message,
  type Presence,
  type ReceivingConfig,
  type ReceivingEvent,
  type Security,
  type Stanza,
} from '@xmpp-wire/core';
import type { SaltedPasswordRequest } from '@xmpp-wire/core/sasl';
import type { XmlElement } from '@xmpp-wire/core/xml';
import { MemoryAccounts, XmppServer, type ClientStream, type XmppServerOptions } from '../../src/index.ts';

/** Randomness that is the same in every run. */
export function counter(seed = 0): (length: number) => Uint8Array {
  let next = seed;
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
}

export function derive({ hash, password, salt, iterations }: SaltedPasswordRequest): Uint8Array {
  const [name, length] = { 'SHA-1': ['sha1', 20], 'SHA-256': ['sha256', 32], 'SHA-512': ['sha512', 64] }[hash] as [
    string,
    number,
  ];
  return new Uint8Array(pbkdf2Sync(password, salt, iterations, length, name));
}

/** Accounts of the house: everybody's password is `secret`. */
export const accounts = new MemoryAccounts({ random: counter(), iterations: 4096, deriveSaltedPassword: derive });
for (const name of ['juliet', 'romeo', 'nurse']) await accounts.add(jid(`${name}@im.example.com`), 'secret');
await accounts.add(jid('paris@example.org'), 'secret');

const TLS: Security = {
  kind: 'tls',
  tls: { version: 'TLSv1.3', channelBindings: new Map([['tls-exporter', new Uint8Array(32).fill(7)]]) },
};

/** What makes a client different from juliet with a resource of the server's choice. */
export interface ClientOptions extends Partial<InitiatingConfig> {
  readonly password?: string;
  readonly receiving?: Partial<ReceivingConfig>;
  /** Where the client comes from. */
  readonly remote?: string;
  /** Runs PBKDF2 for both sides. */
  readonly derive?: (request: SaltedPasswordRequest) => Uint8Array;
  /** Bytes of one side after which the connection is cut, counted from its first one. */
  readonly cut?: { readonly of: 'client' | 'server'; readonly after: number };
}

/** A server in memory, with clients that are joined to it by hand. */
export class World {
  readonly server: XmppServer;
  readonly errors: unknown[] = [];
  readonly #clients: Client[] = [];

  constructor(options: Partial<XmppServerOptions> = {}) {
    this.server = new XmppServer({
      domains: ['im.example.com'],
      accounts,
      random: counter(100),
      onError: (error) => this.errors.push(error),
      ...options,
    });
  }

  /** Begins a connection; nothing was said yet. */
  connect(name = 'juliet', options: ClientOptions = {}): Client {
    const client = new Client(this.server, name, options);
    this.#clients.push(client);
    return client;
  }

  /** Logs a client in, by PLAIN because that is quick. */
  async login(name = 'juliet', resource?: string, options: ClientOptions = {}): Promise<Client> {
    const client = this.connect(name, {
      mechanisms: ['PLAIN'],
      ...(resource === undefined ? {} : { resource }),
      ...options,
    });
    await this.settle();
    return client;
  }

  /** Logs a client in and lets it send initial presence; what came of it is forgotten. */
  async available(name: string, resource: string, priority?: number): Promise<Client> {
    const client = await this.login(name, resource);
    client.sendXml('presence', priority === undefined ? '' : `<priority>${priority}</priority>`);
    await this.settle();
    for (const each of this.#clients) each.forget();
    return client;
  }

  /** Nothing is done any more for clients whose connection is over. */
  dropEnded(): void {
    const ended = this.#clients.filter((client) => client.isOver);
    for (const client of ended) this.#clients.splice(this.#clients.indexOf(client), 1);
  }

  /** Until nothing is on its way and nobody has anything to do. */
  async settle(): Promise<void> {
    for (let idle = 0; idle < 2;) {
      let busy = false;
      for (const client of this.#clients) busy = (await client.step()) || busy;
      idle = busy ? 0 : idle + 1;
      // What nobody waits for has its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** One client and the server's side of its connection. */
export class Client {
  readonly entity: InitiatingEntity;
  readonly receiving: ReceivingEntity;
  readonly stream: ClientStream;
  readonly events: InitiatingEvent[] = [];
  readonly serverEvents: ReceivingEvent[] = [];
  /** The bytes from the server, as text. */
  heard = '';
  /** Whether the server's side takes no stanza although nobody knows why, as when a transport breaks. */
  broken: false | 'now' | 'later' = false;
  /** Bytes that have gone to the other side. */
  readonly gone = { client: 0, server: 0 };
  readonly #cut: ClientOptions['cut'];
  readonly #derive: (request: SaltedPasswordRequest) => Uint8Array;
  #ids = 0;

  constructor(
    server: XmppServer,
    name: string,
    { password = 'secret', receiving, remote, cut, derive: ownDerive = derive, ...config }: ClientOptions,
  ) {
    this.#cut = cut;
    this.#derive = ownDerive;
    const to = config.to ?? 'im.example.com';
    this.entity = new InitiatingEntity({
      to,
      credentials: { authcid: name, password },
      random: counter(3),
      security: TLS,
      ...config,
    });
    this.receiving = new ReceivingEntity({ random: counter(50), security: TLS, ...receiving });
    this.stream = server.accept(remote ?? '192.0.2.1:50000');
    this.entity.open();
  }

  /** The address that was bound. */
  get jid(): string {
    const event = this.events.find((each) => each.type === 'established');
    return event?.type === 'established' ? event.jid.toString() : '';
  }

  get stanzas(): readonly Stanza[] {
    return this.events.flatMap((event) => (event.type === 'stanza' ? [event.stanza] : []));
  }

  get messages(): readonly Message[] {
    return this.stanzas.filter((stanza) => stanza.kind === 'message');
  }

  get bodies(): readonly (string | undefined)[] {
    return this.messages.map((message) => message.element.childText('body'));
  }

  get presences(): readonly Presence[] {
    return this.stanzas.filter((stanza) => stanza.kind === 'presence');
  }

  get iqs(): readonly Iq[] {
    return this.stanzas.filter((stanza) => stanza.kind === 'iq');
  }

  /** How its stream ended. */
  get cause(): Extract<InitiatingEvent, { type: 'closed' }>['cause'] | undefined {
    const closed = this.events.find((event) => event.type === 'closed');
    return closed?.type === 'closed' ? closed.cause : undefined;
  }

  /** The stream error it got. */
  get streamError(): string | undefined {
    return this.cause?.code === 'stream-error-received' ? this.cause.error.condition : undefined;
  }

  /** Forgets what arrived so far, but not its address. */
  forget(): void {
    const established = this.events.filter((event) => event.type === 'established');
    this.events.splice(0, Infinity, ...established);
  }

  send(stanza: Stanza): void {
    this.entity.send(stanza);
  }

  /** Sends XML as it is written, as a client of any make would. */
  sendXml(name: 'message' | 'presence' | 'iq', content = '', attributes = ''): void {
    this.#raw(`<${name} ${attributes}>${content}</${name}>`);
  }

  /** Sends an iq with this payload and tells its id. */
  request(type: 'get' | 'set', payload: XmlElement, to?: string): string {
    const id = `q${++this.#ids}`;
    this.send(iq({ type, id, to: to === undefined ? undefined : jid(to) }, payload));
    return id;
  }

  /** Whether both sides have said that it is over. */
  get isOver(): boolean {
    return [this.events, this.serverEvents].every((events) => events.some(({ type }) => type === 'closed'));
  }

  /** The connection is gone, from one moment to the next. */
  cut(): void {
    this.receiving.receiveEof(0);
    this.entity.receiveEof(0);
  }

  /** Lets both sides say and hear what there is; false when there was nothing. */
  async step(): Promise<boolean> {
    const before = this.events.length + this.serverEvents.length;
    const said = this.#runClient();
    const answered = await this.#runServer();
    return said || answered || this.events.length + this.serverEvents.length > before;
  }

  #raw(text: string): void {
    this.receiving.receive(new TextEncoder().encode(text), 0);
  }

  #runClient(): boolean {
    for (;;) {
      const event = this.entity.nextEvent();
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      this.events.push(event);
      if (event.type !== 'ask') continue;
      if (event.ask === 'derive-salted-password') this.entity.answer(event, this.#derive(event));
      else this.entity.answer(event, TLS.kind === 'tls' ? TLS.tls : 'failed');
    }
    const output = this.entity.takeOutput();
    if (output !== undefined) this.#pass(output, 'client');
    return output !== undefined;
  }

  async #runServer(): Promise<boolean> {
    for (;;) {
      const event = this.receiving.nextEvent();
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') break;
      this.serverEvents.push(event);
      await this.#serve(event);
    }
    const output = this.receiving.takeOutput();
    if (output === undefined) return false;
    this.heard += new TextDecoder().decode(output);
    this.#pass(output, 'server');
    return true;
  }

  /** Carries bytes of one side to the other, unless the connection is cut meanwhile. */
  #pass(output: Uint8Array, from: 'client' | 'server'): void {
    const before = this.gone[from];
    this.gone[from] += output.length;
    const left = this.#cut?.of === from ? this.#cut.after - before : Infinity;
    const arriving = output.subarray(0, Math.max(0, left));
    const to = from === 'client' ? this.receiving : this.entity;
    if (arriving.length > 0) to.receive(arriving, 0);
    if (arriving.length < output.length || left === arriving.length) this.cut();
  }

  async #serve(event: ReceivingEvent): Promise<void> {
    const { receiving, stream } = this;
    switch (event.type) {
      case 'ask':
        break;
      case 'established':
        stream.established({
          send: (stanza) => {
            if (this.broken === 'now') return false;
            return this.broken === 'later' ? Promise.resolve(false) : receiving.send(stanza);
          },
          close: (reason) => receiving.close(reason),
        });
        return;
      case 'closed':
        return stream.ended(event.cause);
      default:
        return stream.receive(event);
    }
    switch (event.ask) {
      case 'accept-stream':
        return void receiving.answer(event, await stream.acceptStream(event));
      case 'start-tls':
        return void receiving.answer(event, TLS.kind === 'tls' ? TLS.tls : 'failed');
      case 'look-up-credentials':
        return void receiving.answer(event, await stream.lookUpCredentials(event));
      case 'derive-salted-password':
        return void receiving.answer(event, this.#derive(event));
      case 'authorize':
        return void receiving.answer(event, await stream.authorize(event));
      case 'bind-resource':
        return void receiving.answer(event, await stream.bindResource(event));
      case 'check-password':
        return void receiving.answer(event, await stream.checkPassword(event));
    }
  }
}
