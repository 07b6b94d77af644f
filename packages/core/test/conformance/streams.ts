import { expect } from 'vitest';
import type {
  CloseCause,
  InitiatingEntity,
  InitiatingEvent,
  ReceivingEntity,
  ReceivingEvent,
  Stanza,
} from '../../src/index.ts';
import {
  auth,
  client,
  header,
  HEADER,
  mechanisms,
  plain,
  RESPONSE,
  SASL_NS,
  Script,
  SECURED,
  server,
  type Step,
} from '../engine/script.ts';
import { answerInitiating, answerReceiving, newInitiating, type newReceiving, POLICY, TLS } from '../engine/support.ts';

export const TLS_NS = 'urn:ietf:params:xml:ns:xmpp-tls';
export const BIND_NS = 'urn:ietf:params:xml:ns:xmpp-bind';
export const STREAM_ERRORS_NS = 'urn:ietf:params:xml:ns:xmpp-streams';
export const STANZA_ERRORS_NS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

export const STARTTLS = `<starttls xmlns='${TLS_NS}'/>`;
export const PROCEED = `<proceed xmlns='${TLS_NS}'/>`;
export const OFFER_STARTTLS = `<stream:features><starttls xmlns='${TLS_NS}'><required/></starttls></stream:features>`;
export const SUCCESS = `<success xmlns='${SASL_NS}'/>`;
export const OFFER_BIND = `<stream:features><bind xmlns='${BIND_NS}'/></stream:features>`;
export const BIND = `<iq type='set' id='b1'><bind xmlns='${BIND_NS}'/></iq>`;
export const LOGIN: string = auth('PLAIN', plain('juliet', 'r0m30'));

type Server = Script<ReceivingEntity, ReceivingEvent>;
type Client = Script<InitiatingEntity, InitiatingEvent>;

/** A receiving entity on a connection without TLS. */
export function clearServer(config: Parameters<typeof newReceiving>[0] = {}): Server {
  return server({}, config);
}

/** An initiating entity on a connection without TLS, its stream opened. */
export function clearClient(config: Parameters<typeof newInitiating>[0] = {}): Client {
  const script: Client = new Script(newInitiating(config), answerInitiating);
  script.entity.open();
  return script;
}

/** A receiving entity whose client has authenticated and opened its stream anew. */
export function authenticatedServer(config: Parameters<typeof newReceiving>[0] = {}, attributes = ''): Server {
  const script = server({}, { ...SECURED, ...config });
  script.peer(HEADER);
  script.peer(LOGIN);
  script.peer(HEADER.replace('<stream:stream ', `<stream:stream ${attributes}`));
  return script;
}

/** A receiving entity whose client juliet@im.example.com has bound the resource `balcony`. */
export function boundServer(config: Parameters<typeof newReceiving>[0] = {}, attributes = ''): Server {
  const script = authenticatedServer(config, attributes);
  expect(script.peer(BIND).events.at(-1)).toMatchObject({ type: 'established' });
  return script;
}

/** An initiating entity that has authenticated by PLAIN and opened its stream anew. */
export function authenticatedClient(config: Parameters<typeof newInitiating>[0] = {}): Client {
  const script = client({ mechanisms: ['PLAIN'], ...config });
  script.peer(RESPONSE + mechanisms('PLAIN'));
  script.peer(SUCCESS);
  return script;
}

/** An initiating entity that is bound as juliet@im.example.com/balcony. */
export function boundClient(config: Parameters<typeof newInitiating>[0] = {}): Client {
  const script = authenticatedClient(config);
  const { said } = script.peer(RESPONSE + OFFER_BIND);
  const { events } = script.peer(bindResult(said));
  expect(events.at(-1)).toMatchObject({ type: 'established' });
  return script;
}

/** The answer to a request to bind. */
export function bindResult(request: string, address = 'juliet@im.example.com/balcony'): string {
  const id = /id='([^']+)'/.exec(request)?.[1];
  return `<iq type='result' id='${id}'><bind xmlns='${BIND_NS}'><jid>${address}</jid></bind></iq>`;
}

const CERTIFIED = {
  security: { kind: 'tls', tls: { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted: true } } },
} as const;
export const SERVER_HEADER: string = header("from='example.net' to='im.example.com' version='1.0'", 'jabber:server');

/** A receiving entity that example.net has dialled and proved itself to by certificate. */
export function federatedServer(config: Parameters<typeof newReceiving>[0] = {}, attributes = ''): Server {
  const script = server({}, { ...CERTIFIED, contentNamespaces: ['jabber:server'], ...config }, (entity, event) => {
    if (event.type === 'ask' && event.ask === 'accept-stream')
      entity.answer(event, { ...POLICY, mechanisms: ['EXTERNAL'] });
    else if (event.type === 'ask' && event.ask === 'authorize')
      entity.answer(event, { authcid: 'example.net', authzid: undefined });
    else answerReceiving(entity, event);
  });
  script.peer(SERVER_HEADER);
  script.peer(auth('EXTERNAL', '='));
  const again = SERVER_HEADER.replace('<stream:stream ', `<stream:stream ${attributes}`);
  expect(script.peer(again).events.at(-1)).toMatchObject({ type: 'established' });
  return script;
}

/** The stream error that was said, as its condition. */
export function streamErrorIn({ said }: Step<unknown>): string | undefined {
  return new RegExp(`<stream:error><([a-z-]+) xmlns='${STREAM_ERRORS_NS}'`).exec(said)?.[1];
}

/** The cause of the end, if it came. */
export function causeOf({ events }: Step<InitiatingEvent | ReceivingEvent>): CloseCause | undefined {
  const closed = events.find((event) => event.type === 'closed');
  return closed?.type === 'closed' ? closed.cause : undefined;
}

/** The stanza that was reported, as text. */
export function stanzaOf(step: Step<InitiatingEvent | ReceivingEvent>): string {
  return stanzaIn(step).element.toString();
}

/** The stanza that was reported. */
export function stanzaIn({ events }: Step<InitiatingEvent | ReceivingEvent>): Stanza {
  const event = events.find((each) => each.type === 'stanza');
  if (event?.type === 'stanza') return event.stanza;
  throw new Error(`no stanza came, but ${events.map(({ type }) => type).join(', ') || 'nothing'}`);
}

/** All stream headers in what was said. */
export function headersIn(said: string): readonly string[] {
  return said.match(/<stream:stream [^>]*>/g) ?? [];
}

/** The value of an attribute in a tag. */
export function attributeOf(tag: string | undefined, name: string): string | undefined {
  return new RegExp(`[ ]${name}='([^']*)'`).exec(tag ?? '')?.[1];
}
