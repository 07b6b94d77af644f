import type {
  InitiatingEntity,
  InitiatingEvent,
  ReceivingEntity,
  ReceivingEvent,
  StreamPolicy,
} from '../../src/index.ts';
import { answerInitiating, answerReceiving, newInitiating, newReceiving, POLICY, TLS } from './support.ts';

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (output: Uint8Array | undefined): string =>
  output === undefined ? '' : new TextDecoder().decode(output);

export const SASL_NS = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const SECURED = { security: { kind: 'tls', tls: TLS } } as const;

/** A stream header with the usual namespaces. */
export function header(attributes: string, xmlns = 'jabber:client'): string {
  return `<?xml version='1.0'?><stream:stream xmlns='${xmlns}' xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>`;
}

export const HEADER: string = header("to='im.example.com' version='1.0'");
export const RESPONSE: string = header("from='im.example.com' id='s1' version='1.0'");

/** Features that offer mechanisms; with a -PLUS form among them, tls-exporter is announced (XEP-0440). */
export function mechanisms(...names: readonly string[]): string {
  const list = names.map((name) => `<mechanism>${name}</mechanism>`).join('');
  const types = names.some((name) => name.endsWith('-PLUS'))
    ? "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/></sasl-channel-binding>"
    : '';
  return `<stream:features><mechanisms xmlns='${SASL_NS}'>${list}</mechanisms>${types}</stream:features>`;
}

/** What came of one input. */
export interface Step<Event> {
  readonly said: string;
  readonly events: readonly Event[];
}

export type Answers<Entity, Event> = (entity: Entity, event: Event) => void;

/** One side of a stream, driven by what the other side is made to say. */
export class Script<
  Entity extends InitiatingEntity | ReceivingEntity,
  Event extends InitiatingEvent | ReceivingEvent = ReturnType<Entity['nextEvent']> & (InitiatingEvent | ReceivingEvent),
> {
  readonly entity: Entity;
  readonly #answer: Answers<Entity, Event>;

  constructor(entity: Entity, answer: Answers<Entity, Event>) {
    this.entity = entity;
    this.#answer = answer;
  }

  /** Lets the peer say something and returns what is said and reported because of it. */
  peer(input: string): Step<Event> {
    if (input !== '') this.entity.receive(bytes(input), 0);
    let said = '';
    const events: Event[] = [];
    for (;;) {
      // The entity's own events; both classes return them by this method.
      const event = this.entity.nextEvent() as Event;
      said += text(this.entity.takeOutput());
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') return { said, events };
      events.push(event);
      this.#answer(this.entity, event);
    }
  }
}

/** A receiving entity behind direct TLS that has had the header and offered its mechanisms. */
export function server(
  policy: Partial<StreamPolicy> = {},
  config: Parameters<typeof newReceiving>[0] = SECURED,
  answers?: Answers<ReceivingEntity, ReceivingEvent>,
): Script<ReceivingEntity, ReceivingEvent> {
  const fallback: Answers<ReceivingEntity, ReceivingEvent> = (entity, event) =>
    answerReceiving(entity, event, { ...POLICY, ...policy });
  return new Script<ReceivingEntity, ReceivingEvent>(newReceiving(config), answers ?? fallback);
}

/** An initiating entity behind direct TLS that has opened its stream. */
export function client(
  config: Parameters<typeof newInitiating>[0] = {},
  answers: Answers<InitiatingEntity, InitiatingEvent> = answerInitiating,
): Script<InitiatingEntity, InitiatingEvent> {
  const script = new Script<InitiatingEntity, InitiatingEvent>(newInitiating({ ...SECURED, ...config }), answers);
  script.entity.open();
  script.peer('');
  return script;
}

export const plain = (authcid: string, password: string, authzid = ''): string =>
  btoa(`${authzid}\0${authcid}\0${password}`);

/** The peer's closing tag. */
export const CLOSING = '</stream:stream>';

export const auth = (mechanism: string, response: string): string =>
  `<auth xmlns='${SASL_NS}' mechanism='${mechanism}'>${response}</auth>`;

export const failure = (condition: string): string => `<failure xmlns='${SASL_NS}'><${condition}/></failure>`;
