// Conversations that lead both entities through all of their phases, to see which way each thing that arrives takes them.
import { InitiatingEntity, jid, ReceivingEntity } from '@xmpp-wire/core';
import { saltPassword, scramCredentials } from '@xmpp-wire/core/sasl';

/** @typedef {{ from: string, to: string, label: string }} Step one thing that happened, and the phases before and behind it */
/** @typedef {InitiatingEntity | ReceivingEntity} Entity */

const TLS = /** @type {const} */ ({ version: 'TLSv1.3', channelBindings: new Map() });
const SECURED = /** @type {const} */ ({ kind: 'tls', tls: TLS });
const HEADER =
  "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>";
const RESPONSE = HEADER.replace(' to=', " id='s1' from=");
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const TLS_NS = 'urn:ietf:params:xml:ns:xmpp-tls';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
const EXTENSION = 'urn:example:extension';

/** What may arrive, as the tables of the engine call it, and an instance of it. @param {string} kind @param {string} xml */
const incoming = (kind, xml) => /** @type {const} */ ([kind, xml]);

const STANZA = incoming('stanza', "<message from='romeo@example.net' to='juliet@im.example.com'/>");
const ELEMENT = incoming('extension', `<a xmlns='${EXTENSION}'/>`);
const ERROR = incoming(
  'stream-error',
  "<stream:error><reset xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
);
const CLOSING_TAG = incoming('closing-tag', '</stream:stream>');
const SPACE = incoming('whitespace', ' ');
const NOTHING_OFFERED = incoming('features', '<stream:features/>');

/** @returns {readonly Step[]} */
export const initiatingSteps = () => {
  const security = SECURED;
  const start = () =>
    make(
      new InitiatingEntity({
        to: 'im.example.com',
        credentials: { authcid: 'juliet', password: 'r0m30' },
        mechanisms: ['PLAIN'],
        extensions: [EXTENSION],
        random: (length) => new Uint8Array(length).fill(7),
      }),
    );
  const opened = () => start().command('open()', (entity) => entity instanceof InitiatingEntity && entity.open());
  const headed = () => opened().peer('header', RESPONSE);
  const asked = () =>
    headed().peer('features', `<stream:features><starttls xmlns='${TLS_NS}'><required/></starttls></stream:features>`);
  const switching = () => asked().peer('negotiation', `<proceed xmlns='${TLS_NS}'/>`);
  const secured = () => switching().answer('start-tls', security.tls);
  const authenticating = () =>
    secured()
      .peer('header', RESPONSE)
      .peer(
        'features',
        `<stream:features><mechanisms xmlns='${SASL}'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`,
      );
  const binding = () =>
    authenticating()
      .peer('negotiation', `<success xmlns='${SASL}'/>`)
      .peer('header', RESPONSE)
      .peer('features', `<stream:features><bind xmlns='${BIND}'/></stream:features>`);
  const established = () => binding().bound();
  const closing = (/** @type {Conversation} */ conversation) =>
    conversation.command('close()', (entity) => entity.close());
  return [
    start().command('close()', (entity) => entity.close()),
    closing(opened())
      .peer('header', RESPONSE)
      .peer(...NOTHING_OFFERED)
      .peer(...CLOSING_TAG),
    closing(headed())
      .peer(...SPACE)
      .peer(...CLOSING_TAG),
    headed()
      .peer(...SPACE)
      .peer(...ERROR),
    headed().peer(...CLOSING_TAG),
    asked()
      .peer(...SPACE)
      .peer(...ERROR),
    binding()
      .peer(...STANZA)
      .peer(...CLOSING_TAG),
    closing(asked())
      .peer('negotiation', `<proceed xmlns='${TLS_NS}'/>`)
      .peer(...CLOSING_TAG),
    asked()
      .peer('negotiation', `<failure xmlns='${TLS_NS}'/>`)
      .peer(...CLOSING_TAG),
    switching().answer('start-tls', 'failed'),
    established()
      .peer(...STANZA)
      .peer(...ELEMENT)
      .peer(...NOTHING_OFFERED)
      .peer(...SPACE)
      .peer(...CLOSING_TAG),
    established().peer(...ERROR),
    closing(established())
      .peer(...STANZA)
      .peer(...ELEMENT)
      .peer(...ERROR),
  ].flatMap(({ steps }) => steps);
};

/** @returns {readonly Step[]} */
export const receivingSteps = () => {
  const start = (/** @type {{ security?: typeof SECURED }} */ config = {}) =>
    make(
      new ReceivingEntity({
        domain: 'im.example.com',
        extensions: [EXTENSION],
        random: (length) => new Uint8Array(length).fill(7),
        ...config,
      }),
    );
  const accepting = () => start().peer('header', HEADER);
  const offering = () => accepting().answer('accept-stream', POLICY);
  const switching = () => offering().peer('negotiation', `<starttls xmlns='${TLS_NS}'/>`);
  const secured = () => switching().answer('start-tls', TLS).peer('header', HEADER).answer('accept-stream', POLICY);
  const authenticating = () =>
    secured().peer('negotiation', `<auth xmlns='${SASL}' mechanism='PLAIN'>${btoa('\0juliet\0r0m30')}</auth>`);
  const authenticated = () =>
    authenticating().answer('look-up-credentials', CREDENTIALS).answer('derive-salted-password', undefined);
  const offeringBind = () => authenticated().peer('header', HEADER);
  const binding = () => offeringBind().peer('negotiation', `<iq type='set' id='b1'><bind xmlns='${BIND}'/></iq>`);
  const established = () => binding().answer('bind-resource', jid('juliet@im.example.com/balcony'));
  const challenged = () =>
    secured()
      .peer(
        'negotiation',
        `<auth xmlns='${SASL}' mechanism='SCRAM-SHA-256'>${btoa('n,,n=juliet,r=fyko+d2lbbFgONRv9qkxdawL')}</auth>`,
      )
      .answer('look-up-credentials', CREDENTIALS);
  const closing = (/** @type {Conversation} */ conversation) =>
    conversation.command('close()', (entity) => entity.close());
  return [
    start().command('close()', (entity) => entity.close()),
    accepting().answer('accept-stream', { refuse: { condition: 'host-unknown' } }),
    closing(offering())
      .peer('negotiation', `<starttls xmlns='${TLS_NS}'/>`)
      .peer(...SPACE)
      .peer(...CLOSING_TAG),
    offering()
      .peer(...SPACE)
      .peer(...ERROR),
    offering().peer(...CLOSING_TAG),
    switching().answer('start-tls', 'failed'),
    challenged()
      .peer(...SPACE)
      .peer('negotiation', `<abort xmlns='${SASL}'/>`)
      .peer(...CLOSING_TAG),
    challenged().peer(...ERROR),
    challenged().peer(...CLOSING_TAG),
    closing(start({ security: SECURED }).peer('header', HEADER)).peer(...CLOSING_TAG),
    established()
      .peer(...STANZA)
      .peer(...ELEMENT)
      .peer(...SPACE)
      .peer(...CLOSING_TAG),
    established().peer(...ERROR),
    closing(established())
      .peer(...STANZA)
      .peer(...ELEMENT)
      .peer(...ERROR),
    authenticated()
      .command('close()', (entity) => entity.close({ condition: 'reset' }))
      .peer('header', HEADER)
      .peer(...CLOSING_TAG),
  ].flatMap(({ steps }) => steps);
};

const POLICY = {
  domain: 'im.example.com',
  mechanisms: ['SCRAM-SHA-256', 'PLAIN'],
  decoySecret: new Uint8Array(16).fill(1),
};
const CREDENTIALS = scramCredentials({
  hash: 'SHA-256',
  password: 'r0m30',
  salt: new Uint8Array(16).fill(3),
  iterations: 4096,
});

/** @param {Entity} entity */
const make = (entity) => new Conversation(entity);

/** One entity, what was done to it, and where that took it. */
class Conversation {
  /** @type {Step[]} */
  steps = [];
  #entity;
  /** @type {any} */
  #ask;
  #written = '';

  /** @param {Entity} entity */
  constructor(entity) {
    this.#entity = entity;
  }

  /** @param {string} label @param {string} xml */
  peer(label, xml) {
    return this.#do(label, () => this.#entity.receive(new TextEncoder().encode(xml), 0));
  }

  /** @param {string} label @param {(entity: Entity) => void} command */
  command(label, command) {
    return this.#do(label, () => command(this.#entity));
  }

  /** @param {string} name @param {unknown} answer */
  answer(name, answer) {
    const ask = this.#ask;
    if (ask?.ask !== name) throw new Error(`${name} was not asked, but ${ask?.ask ?? 'nothing'}`);
    this.#ask = undefined;
    return this.#do(`answer to ${name}`, () => {
      const value = name === 'derive-salted-password' ? saltPassword(ask) : answer;
      this.#entity.answer(ask, value);
    });
  }

  /** The peer binds what was asked for. */
  bound() {
    const id = /id='([^']+)' *type='set'|type='set' *id='([^']+)'|<iq [^>]*id='([^']+)'/
      .exec(this.#written)
      ?.slice(1)
      .find(Boolean);
    return this.peer(
      'negotiation',
      `<iq type='result' id='${id}'><bind xmlns='${BIND}'><jid>juliet@im.example.com/balcony</jid></bind></iq>`,
    );
  }

  /** @param {string} label @param {() => void} action */
  #do(label, action) {
    let before = this.#entity.phase;
    let cause = label;
    action();
    let moved = false;
    for (let event = this.#entity.nextEvent(); ; event = this.#entity.nextEvent()) {
      const { phase } = this.#entity;
      if (phase !== before || !moved) {
        // Nothing else arrived: what comes behind the first move is our own doing.
        if (phase !== before && moved) cause = 'our closing tag';
        if (phase !== before || isLast(event)) {
          this.steps.push({ from: before, to: phase, label: cause });
          moved = true;
        }
        before = phase;
      }
      const output = this.#entity.takeOutput();
      if (output !== undefined) this.#written = new TextDecoder().decode(output);
      if (event.type === 'ask') this.#ask = event;
      if (isLast(event)) return this;
    }
  }
}

/** @param {{ type: string }} event */
const isLast = ({ type }) => type === 'need-input' || type === 'paused' || type === 'ended';
