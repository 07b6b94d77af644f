import { utf8Encode } from './bytes/utf8.ts';
import { completeInitiatingConfig, type InitiatingConfig } from './initiating-config.ts';
import type { EntityDescription } from './engine/description.ts';
import { Engine } from './engine/engine.ts';
import { InitiatingRole } from './engine/initiating-role.ts';
import type { InitiatingPhase } from './engine/phases.ts';
import { sendExtension, sendStanza } from './engine/send.ts';
import type { InitiatingEvent, Milliseconds } from './events.ts';
import type { Ask, InitiatingAsk } from './negotiation/asks.ts';
import type { Stanza } from './stanza/index.ts';
import type { StreamErrorFields } from './stream/stream-error.ts';
import { expectBytes, expectTransport, newFraming, type Transport } from './stream/new-framing.ts';
import type { XmlElement } from './xml/index.ts';

/**
 * The side that opens the connection: a client, or a server that dials out (RFC 6120 §1.4). One object is one
 * connection. It does no I/O: give it bytes and the time, take bytes and events from it.
 *
 * Four families of members. **Getters** have no effects. **Inputs** (`receive`, `receiveEof`, `handleTimeout`) say what
 * happened in the world and never throw because of the peer. **Commands** (`open`, `send`, `sendElement`, `close`,
 * `answer`) say what the application wants. **Drains** say what came of it, always in this order: `nextEvent`, then all
 * of `takeOutput`, then act on the event; again until `need-input`, `paused` or `ended`; then arm one timer by
 * `nextTimeout`. On a `start-tls` ask stop reading before writing the output.
 *
 * @example
 * ```ts
 * import { InitiatingEntity } from '@xmpp-wire/core';
 *
 * const entity = new InitiatingEntity({
 *   to: 'im.example.com',
 *   credentials: { authcid: 'juliet', password: 'R0m30' },
 *   random: (length) => crypto.getRandomValues(new Uint8Array(length)),
 * });
 * entity.open();
 * console.log(entity.nextEvent().type); // need-input
 * console.log(new TextDecoder().decode(entity.takeOutput())); // <?xml version='1.0'?><stream:stream …
 * ```
 */
export class InitiatingEntity {
  readonly #engine: Engine;
  readonly #role: InitiatingRole;
  readonly #extensions: ReadonlySet<string>;
  readonly #transport: Transport;

  /**
   * @throws a zod error when the configuration has a wrong shape.
   * @throws LocalProtocolError `configuration-invalid`, `jid-invalid`.
   */
  constructor(config: InitiatingConfig) {
    const settings = completeInitiatingConfig(config);
    this.#engine = new Engine({
      framing: newFraming(settings.transport, settings.unauthenticatedLimits, config.textCodec),
      closingTimeout: settings.timeouts.closing,
      onTrace: config.onTrace,
      random: settings.random,
      toleratesWhitespace: false,
    });
    this.#role = new InitiatingRole(this.#engine, settings);
    this.#extensions = settings.extensions;
    this.#transport = settings.transport;
  }

  /** Where the stream is (RFC 6120 §4.3.7). */
  get phase(): InitiatingPhase {
    // Every phase of an InitiatingRole and of a closing engine is an InitiatingPhase.
    return this.#engine.phase as InitiatingPhase;
  }

  /** Whether to go on reading from the transport. While false, stop: what is there waits for the application. */
  get wantsInput(): boolean {
    return this.#engine.wantsInput;
  }

  /** Bytes stored and not yet parsed. */
  get bufferedInput(): number {
    return this.#engine.framing.bufferedInput;
  }

  /** Bytes waiting to be taken. */
  get bufferedOutput(): number {
    return this.#engine.framing.bufferedOutput;
  }

  /**
   * Bytes arrived. They are stored; `nextEvent` parses them. Until it has returned `need-input` the chunk belongs to the
   * entity and must not change.
   *
   * @throws LocalProtocolError `clock-went-backwards`, `wrong-transport`.
   */
  receive(bytes: Uint8Array, now: Milliseconds): void {
    expectTransport(this.#transport, 'bytes', 'receive');
    expectBytes(bytes);
    if (bytes.length > 0) this.#engine.receive(bytes, now);
  }

  /**
   * One whole WebSocket message arrived (RFC 7395); for `transport: 'messages'`.
   *
   * @throws LocalProtocolError `clock-went-backwards`, `wrong-transport`.
   */
  receiveMessage(message: string | Uint8Array, now: Milliseconds): void {
    expectTransport(this.#transport, 'messages', 'receiveMessage');
    this.#engine.receive(typeof message === 'string' ? utf8Encode(message) : message, now);
  }

  /**
   * The peer will send nothing more.
   *
   * @throws LocalProtocolError `clock-went-backwards`.
   */
  receiveEof(now: Milliseconds): void {
    this.#engine.receiveEof(now);
  }

  /**
   * The time that `nextTimeout` named has come.
   *
   * @throws LocalProtocolError `clock-went-backwards`.
   */
  handleTimeout(now: Milliseconds): void {
    this.#engine.handleTimeout(now);
  }

  /**
   * Opens the stream: the initial stream header goes out (RFC 6120 §4.2).
   *
   * @throws LocalProtocolError `already-opened` the second time; `already-closed` once it was closed.
   */
  open(): void {
    this.#role.open();
  }

  /**
   * Sends a stanza (RFC 6120 §8). False once the stream is closing or closed: an ordinary race, nothing is sent.
   *
   * @throws LocalProtocolError `not-established` before `established` was returned; `stanza-invalid`.
   */
  send(stanza: Stanza): boolean {
    return sendStanza(this.#engine, this.#role, stanza);
  }

  /**
   * Sends a first-level element of a registered extension. False once the stream is closing or closed.
   *
   * @throws LocalProtocolError `element-not-allowed` for a namespace that is not in `extensions`; `not-established`.
   */
  sendElement(element: XmlElement): boolean {
    return sendExtension(this.#engine, this.#role, this.#extensions, element);
  }

  /**
   * Closes the stream (RFC 6120 §4.4), with a stream error if one is given. Stanzas of the peer still arrive until its
   * closing tag, the end of its input or the deadline; then `closed`. Closing twice does nothing.
   *
   * @throws LocalProtocolError `configuration-invalid`, `xml-character-forbidden` for a reason that cannot be written.
   */
  close(reason?: StreamErrorFields): void {
    this.#engine.close(reason);
  }

  /**
   * Answers an ask. False when the ask has lapsed, because the stream was closed or timed out meanwhile: nothing happens.
   *
   * @throws LocalProtocolError `ask-already-answered`, `ask-foreign`, `answer-invalid` (the ask stays open).
   */
  answer<A>(ask: Ask<InitiatingAsk['ask'], A>, answer: NoInfer<A>): boolean {
    return this.#engine.answer(ask, answer);
  }

  /** The next event; parses up to it and not one byte further. */
  nextEvent(): InitiatingEvent {
    // The engine's events are both roles'; an InitiatingRole emits only the initiating ones.
    return this.#engine.nextEvent() as InitiatingEvent;
  }

  /** The bytes to write, all of them, as an array that is the caller's; undefined when there are none. */
  takeOutput(): Uint8Array | undefined {
    expectTransport(this.#transport, 'bytes', 'takeOutput');
    return this.#engine.takeOutput();
  }

  /** The next WebSocket message to send; undefined when there is none. For `transport: 'messages'`. */
  takeMessage(): string | undefined {
    expectTransport(this.#transport, 'messages', 'takeMessage');
    return this.#engine.takeMessage();
  }

  /**
   * When to call `handleTimeout`, on the clock of `now`; undefined: no need. The same question has the same answer.
   *
   * @throws LocalProtocolError `clock-went-backwards`.
   */
  nextTimeout(now: Milliseconds): Milliseconds | undefined {
    return this.#engine.nextTimeout(now);
  }

  /** A snapshot for logs. Holds no secret. */
  describe(): EntityDescription {
    return this.#engine.describe();
  }
}
