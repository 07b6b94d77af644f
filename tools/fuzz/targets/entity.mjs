// An entity, driven as an adapter drives it by what the input says: bytes of the peer, answers, commands, time.
import {
  DEFAULT_LIMITS,
  errorOf,
  InitiatingEntity,
  iq,
  jid,
  LocalProtocolError,
  message,
  presence,
  readStanzaError,
  ReceivingEntity,
  RequestTracker,
  route,
} from '@xmpp-wire/core';
import { jidFromParts } from '@xmpp-wire/core/jid';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { parseXml, xml, XmlStreamReader } from '@xmpp-wire/core/xml';
import { counter, describeValue } from '@xmpp-wire/testing';
import { cutAs, stretchesOf, textOf, wordsOf } from '../input.mjs';
import { answersOf, expect, streamSeeds, styleOf } from '../support.mjs';

/** @import { InitiatingAsk, InitiatingEvent, ReceivingAsk, ReceivingEvent, RoutingContext, StanzaReceived } from '@xmpp-wire/core' */
/** @import { Cut, Stretch } from '../input.mjs' */
/** @import { Role } from '../support.mjs' */
/** @typedef {InitiatingAsk | ReceivingAsk} AnyAsk */

const MOST_EVENTS = 20_000;
const LAST = ['established', 'closing', 'closed'];
const PEER = jid('romeo@example.net/orchard');
const SENT = {
  s: message({ from: jid('juliet@example.net/a'), to: PEER, body: 'Art thou not Romeo?' }),
  p: presence({ type: 'subscribe', to: PEER.bare }),
  q: iq({ type: 'get', id: 'v1', to: PEER }, xml('query', { xmlns: 'jabber:iq:version' })),
};
const WRONG = [
  undefined,
  null,
  'nonsense',
  42,
  {},
  [],
  new Uint8Array(3),
  { refuse: null },
  { refuse: { condition: 'see-other-host' } },
  { domain: 5 },
  { version: 'TLSv1.1' },
  { authcid: '' },
];
const REFUSALS = /** @type {Record<string, unknown>} */ ({
  'accept-stream': { refuse: { condition: 'host-unknown' } },
  'start-tls': 'failed',
  'look-up-credentials': 'temporary-auth-failure',
  'check-password': 'account-disabled',
  authorize: 'not-authorized',
  'bind-resource': { refuse: 'conflict' },
});

/** An account and a service for everything that can be decided about a stanza. @type {RoutingContext} */
const ROUTING = {
  sender: jid('juliet@im.example.com/balcony'),
  serviceOf: (domainpart) =>
    domainpart === 'im.example.com' ? 'server' : domainpart.startsWith('s') ? 'local-service' : 'remote',
  accountExists: ({ localpart }) => localpart !== 'nobody',
  resourcesOf: (account) =>
    ['balcony', 'a'].map((resource, at) => ({
      jid: account.withResource(resource),
      priority: at === 0 ? 1 : undefined,
    })),
  sharesPresence: (_, other) => other.localpart === 'romeo',
  storesOffline: true,
};

/** What programs do with a stanza that arrived. @param {StanzaReceived} event @param {RequestTracker} tracker what to answer */
function use({ stanza }, tracker) {
  describeValue(readStanzaError(stanza));
  expect(route(stanza, ROUTING).length > 0, 'nothing is decided');
  const { matched } = tracker.receive(stanza);
  expect(
    !matched || (stanza.kind === 'iq' && stanza.from?.equals(PEER) === true),
    '[S16] [S17] answered by somebody else',
  );
  const reply = errorOf(stanza, { condition: 'gone', uri: 'xmpp:a', text: stanza.id, by: stanza.to });
  const isRequest = stanza.type !== 'error' && stanza.type !== 'result';
  expect((reply !== undefined) === isRequest, 'what may not be answered is, or the other way round');
  return reply;
}

class Drive {
  /** What is compared with other ways to cut. @type {string[]} */
  trace = [];
  output = '';
  #style;
  #entity;
  #isMessages;
  #now = 0;
  #seen = new Set();
  #phase = '';
  /** @type {AnyAsk | undefined} */
  #ask;
  /** How the next asks are answered: marks. @type {string[]} */
  #plans = [];
  #isSwitching = false;
  #wrongs = 0;
  #tracker = new RequestTracker({ random: counter(), self: jid('juliet@im.example.com/balcony') });

  /** @param {Role} role @param {number} byte */
  constructor(role, byte) {
    this.#style = styleOf(byte);
    this.#isMessages = this.#style.isMessages;
    this.#entity =
      role === 'initiating' ? new InitiatingEntity(this.#style.initiating) : new ReceivingEntity(this.#style.receiving);
  }

  /** @param {readonly Stretch[]} stretches @param {Cut} cut */
  run(stretches, cut) {
    const entity = this.#entity;
    if (entity instanceof InitiatingEntity) entity.open();
    this.#tracker.request({ type: 'get', to: PEER, payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) }, { now: 0 });
    this.#drain();
    for (const { pieces, mark } of stretches) {
      for (const piece of cutAs(pieces, cut)) {
        const chunk = piece.slice();
        if (this.#isMessages) entity.receiveMessage(chunk, this.#now);
        else entity.receive(chunk, this.#now);
        // From here on nothing may refer to the chunk.
        if (this.#drain() === 'need-input') chunk.fill(0x21);
      }
      // As if the handshake had taken until here: bytes before this are bytes in clear.
      if (this.#isSwitching) this.#answer();
      this.#act(mark);
      this.#drain();
    }
    this.#checkOutput();
  }

  #drain() {
    const entity = this.#entity;
    for (let count = 0; ; count++) {
      expect(count < MOST_EVENTS, 'events without end');
      const event = entity.nextEvent();
      const output = this.#take();
      expect(output === '' || !this.#isSwitching, 'output between the start-tls ask and its answer');
      this.#checkPhase(event);
      if (event.type === 'need-input' || event.type === 'paused' || event.type === 'ended') {
        this.#atRest(event.type);
        return event.type;
      }
      this.#check(event);
      this.trace.push(describeValue(event));
      const reply = event.type === 'stanza' ? use(event, this.#tracker) : undefined;
      if (reply !== undefined) this.#attempt(() => entity.send(reply));
      if (event.type !== 'ask') continue;
      this.#ask = event;
      if (event.ask === 'start-tls') this.#isSwitching = true;
      else this.#answer();
    }
  }

  #take() {
    let output = '';
    if (this.#isMessages) {
      for (let next = this.#entity.takeMessage(); next !== undefined; next = this.#entity.takeMessage()) {
        const read = parseXml(next);
        expect(!('violation' in read), `it sends what is no XML: ${next}`);
        output += next;
      }
    } else output = textOf(this.#entity.takeOutput() ?? new Uint8Array());
    this.output += output;
    return output;
  }

  /** @param {InitiatingEvent | ReceivingEvent} event */
  #checkPhase(event) {
    const { phase } = this.#entity;
    expect(LAST.indexOf(phase) >= LAST.indexOf(this.#phase), `from ${this.#phase} to ${phase}`);
    this.#phase = phase;
    expect(this.#entity.describe().phase === phase, 'it describes another phase');
    expect(
      (event.type === 'ended') === this.#seen.has('closed'),
      `${event.type} although closed was ${this.#seen.has('closed') ? '' : 'not '}returned`,
    );
  }

  /** @param {string} type */
  #atRest(type) {
    const entity = this.#entity;
    const due = entity.nextTimeout(this.#now);
    expect(due === entity.nextTimeout(this.#now), 'nextTimeout twice is another');
    if (type === 'ended')
      expect(
        due === undefined && !entity.wantsInput && entity.bufferedInput === 0,
        'it waits for something although it has ended',
      );
    if (type === 'need-input')
      expect(entity.bufferedInput === 0 || this.#isMessages, 'it wants more and has not read all');
    expect(entity.bufferedOutput === 0, 'output is left');
  }

  /** What may only come behind something else. @param {InitiatingEvent | ReceivingEvent} event */
  #check(event) {
    const seen = this.#seen;
    const { security } = this.#style.initiating;
    const isProtected = security?.kind !== 'clear' || seen.has('secured');
    switch (event.type) {
      case 'authenticated': {
        const { mechanism } = event.identity;
        expect(isProtected, '[S6] authenticated in clear');
        const isProof = this.#entity instanceof ReceivingEntity || mechanism.startsWith('SCRAM');
        expect(!isProof || !this.#style.isStranger, `[S8] authenticated by ${mechanism} without the secret`);
        break;
      }
      case 'established':
        expect(seen.has('authenticated'), 'established without authentication');
        break;
      case 'element':
        expect(seen.has('established'), 'an element before completion');
        break;
      case 'stanza':
      case 'stanza-refused':
        expect(
          seen.has(this.#entity instanceof ReceivingEntity ? 'established' : 'authenticated'),
          'a stanza before completion',
        );
        break;
      case 'secured':
        expect(!this.#isSwitching && !isProtected, 'secured without an answer');
        break;
      case 'closed':
        this.#isSwitching = false;
        this.#ask = undefined;
        break;
      default:
    }
    seen.add(event.type);
  }

  #answer() {
    const ask = this.#ask;
    const plan = this.#plans.shift();
    if (ask === undefined || (plan === 'n' && ask.ask !== 'start-tls')) return;
    this.#isSwitching = false;
    if (plan === 'w') this.#give(ask, WRONG[this.#wrongs++ % WRONG.length]);
    this.#give(ask, plan === 'f' && ask.ask in REFUSALS ? REFUSALS[ask.ask] : this.#usual(ask));
    this.#ask = undefined;
    this.#drain();
  }

  /** @param {AnyAsk} ask @param {unknown} value */
  #give(ask, value) {
    // Wrong answers are wanted too.
    const entity = /** @type {{ answer(ask: AnyAsk, value: unknown): boolean }} */ (
      /** @type {unknown} */ (this.#entity)
    );
    this.#attempt(() => entity.answer(ask, value));
  }

  /** @param {AnyAsk} ask @returns {unknown} */
  #usual(ask) {
    if (ask.ask === 'accept-stream') return this.#style.policy;
    if (ask.ask === 'bind-resource') {
      const { localpart, domainpart } = ask.account;
      return jidFromParts({ localpart, domainpart, resourcepart: ask.requested ?? 'made' }, unicodePreparation);
    }
    const isClient = this.#entity instanceof InitiatingEntity;
    // Each function is called with the ask of its own name.
    const answer = /** @type {(ask: AnyAsk) => unknown} */ (answersOf({ ...this.#style, isClient })[ask.ask]);
    return answer(ask);
  }

  /** What the caller may not do it is told, and nothing else. @param {() => unknown} call */
  #attempt(call) {
    try {
      call();
    } catch (error) {
      if (!(error instanceof LocalProtocolError)) throw error;
      this.trace.push(error.code);
    }
  }

  /** @param {string} mark */
  #act(mark) {
    const entity = this.#entity;
    switch (mark) {
      case 'f':
      case 'n':
      case 'w':
        this.#plans.push(mark);
        return;
      case 'a':
        return this.#answer();
      case 's':
      case 'p':
      case 'q':
        return this.#attempt(() => entity.send(SENT[mark]));
      case 'x':
        return this.#attempt(() => entity.sendElement(xml('r', { xmlns: 'urn:xmpp:sm:3' })));
      case 'c':
        return entity.close();
      case 'C':
        return this.#attempt(() =>
          entity.close({ condition: 'policy-violation', text: 'Enough <&> said.', lang: 'en' }),
        );
      case 'e':
        return entity.receiveEof(this.#now);
      case 't':
      case 'T': {
        const due = entity.nextTimeout(this.#now);
        this.#now = mark === 'T' ? this.#now + 40_000 : (due ?? this.#now);
        entity.handleTimeout(this.#now);
      }
    }
  }

  /** Each stream of what was written can be read by the strict reader, and is whole as far as it goes. */
  #checkOutput() {
    if (this.#isMessages) return;
    for (const stream of this.output.split("<?xml version='1.0'?>")) {
      const reader = new XmlStreamReader({ limits: DEFAULT_LIMITS });
      reader.receive(Buffer.from(`${stream}<probe xmlns='urn:probe'/>`, 'latin1'));
      let last = '';
      for (let event = reader.next(); event !== undefined && last !== 'violation'; event = reader.next())
        last = event.type === 'element' ? event.element.name : event.type;
      expect(stream === '' || last === 'probe' || last === 'closing-tag', `it sends what is no XML: ${this.output}`);
    }
  }
}

const BYTES_IN_CLEAR = /"violation":"bytes-(behind|during)-[^"]*","detail":"[^"]*"/;

/** @param {Drive} drive */
function compared({ trace }) {
  // Rule S5 cuts in any case; whether the bytes came with the element or behind it makes a difference in words.
  const cut = trace.findIndex((each) => BYTES_IN_CLEAR.test(each));
  const ask = trace[cut - 1]?.includes('"ask":"start-tls"') === true ? cut - 1 : -1;
  return trace
    .filter((_, at) => at !== ask)
    .map((each) => each.replace(BYTES_IN_CLEAR, '"S5"'))
    .join('\n');
}

/** @param {Role} role @returns {import('../loop.mjs').Target} */
const entity = (role) => ({
  name: role,
  seeds: streamSeeds(role),
  words: wordsOf(`
    <stream:error><host-gone xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>
    <abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>  <iq type='get'/>  <message from='@'>
    <iq from='romeo@example.net/orchard' id='000102030405060708090a0b0c0d0e0f' type='result'/>  type='error'
    <error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>xmpp:a</gone></error>
    to='juliet@im.example.com/balcony'  to='im.example.com'  to='s.example'  type='probe'  type='headline'
    <r xmlns='urn:xmpp:sm:3'/>  <!-- -->  &lol;  =  </stream:stream>
    <close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://a'/>`),
  run(input) {
    const stretches = stretchesOf(input.subarray(1));
    const run = (/** @type {Cut} */ cut) => {
      const drive = new Drive(role, input[0] ?? 0);
      drive.run(stretches, cut);
      return drive;
    };
    const given = run('given');
    if (styleOf(input[0] ?? 0).isMessages) return;
    for (const cut of /** @type {const} */ (['whole', 'bytes'])) {
      const other = run(cut);
      expect(
        compared(other) === compared(given),
        `other events when cut (${cut}):\n${compared(other)}\nas given:\n${compared(given)}`,
      );
      // What was not taken yet when a connection is cut is not written any more.
      const [short = '', long = ''] = [given.output, other.output].toSorted((one, two) => one.length - two.length);
      expect(
        short === long || (long.startsWith(short) && given.trace.some((each) => each.endsWith('"transport":"abort"}'))),
        `other output when cut (${cut}): ${other.output} and ${given.output}`,
      );
    }
  },
});

export const receiving = entity('receiving');
export const initiating = entity('initiating');
