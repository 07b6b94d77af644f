import { utf8Encode } from './bytes/utf8.ts';
import { completeReceivingConfig, type ReceivingConfig } from './receiving-config.ts';
import type { EntityDescription } from './engine/description.ts';
import { Engine } from './engine/engine.ts';
import { ReceivingRole } from './engine/receiving-role.ts';
import type { ReceivingPhase } from './engine/phases.ts';
import { sendExtension, sendStanza } from './engine/send.ts';
import type { ReceivingEvent, Milliseconds } from './events.ts';
import type { Ask, ReceivingAsk } from './negotiation/asks.ts';
import type { Stanza } from './stanza/index.ts';
import type { StreamErrorFields } from './stream/stream-error.ts';
import { expectBytes, expectTransport, newFraming, type Transport } from './stream/new-framing.ts';
import type { XmlElement } from './xml/index.ts';

/**
 * The side that accepts the connection: a server (RFC 6120 §1.4). One object is one connection; it begins by itself when
 * bytes arrive. Its members are those of `InitiatingEntity`, in the same words and the same order of use; it asks more:
 * `accept-stream` (on what terms), the SASL asks, `bind-resource`.
 *
 * @example
 * ```ts
 * import { ReceivingEntity } from '@xmpp-wire/core';
 *
 * const entity = new ReceivingEntity({ random: (length) => crypto.getRandomValues(new Uint8Array(length)) });
 * const header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>";
 * entity.receive(new TextEncoder().encode(header), 0);
 * const event = entity.nextEvent();
 * if (event.type === 'ask' && event.ask === 'accept-stream') {
 *   console.log(event.to); // im.example.com
 *   entity.answer(event, { domain: 'im.example.com', mechanisms: ['SCRAM-SHA-256'], decoySecret: new Uint8Array(16).fill(7) });
 * }
 * console.log(entity.nextEvent().type); // stream-opened
 * ```
 */
export class ReceivingEntity {
  readonly #engine: Engine;
  readonly #role: ReceivingRole;
  readonly #extensions: ReadonlySet<string>;
  readonly #transport: Transport;

  /**
   * @throws a zod error when the configuration has a wrong shape.
   * @throws LocalProtocolError `configuration-invalid`, `jid-invalid`.
   */
  constructor(config: ReceivingConfig) {
    const settings = completeReceivingConfig(config);
    this.#engine = new Engine({
      framing: newFraming(settings.transport, settings.unauthenticatedLimits, config.textCodec),
      closingTimeout: settings.timeouts.closing,
      onTrace: config.onTrace,
      random: settings.random,
      toleratesWhitespace: config.whitespaceBehindStarttls ?? false,
    });
    this.#role = new ReceivingRole(this.#engine, settings);
    this.#extensions = settings.extensions;
    this.#transport = settings.transport;
  }

  /** Where the stream is (RFC 6120 §4.3.7). */
  get phase(): ReceivingPhase {
    // Every phase of an ReceivingRole and of a closing engine is an ReceivingPhase.
    return this.#engine.phase as ReceivingPhase;
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
  answer<A>(ask: Ask<ReceivingAsk['ask'], A>, answer: NoInfer<A>): boolean {
    return this.#engine.answer(ask, answer);
  }

  /** The next event; parses up to it and not one byte further. */
  nextEvent(): ReceivingEvent {
    // The engine's events are both roles'; an ReceivingRole emits only the receiving ones.
    return this.#engine.nextEvent() as ReceivingEvent;
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
