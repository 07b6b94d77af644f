// One connection of the probe: bytes out as they are given, and what comes back as a list of words that a case can name.
// What comes is read by our strict parser, so that a peer's own mistakes are seen as well.
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { DEFAULT_LIMITS } from '@xmpp-wire/core';
import { XmlStreamReader } from '@xmpp-wire/core/xml';
import { within } from '../lib/wait.mjs';

/**
 * @typedef {import('@xmpp-wire/core/xml').XmlElement} XmlElement
 * @typedef {{ word: string, element?: XmlElement }} Item
 */

const CONNECT_MS = 5000;
// What comes back of a case about limits is as large as what was sent.
const LIMITS = {
  ...DEFAULT_LIMITS,
  stanzaBytes: 4_194_304,
  attributeValueBytes: 4_194_304,
  depth: 2000,
  attributes: 20_000,
};
const STREAM_ERROR_NS = 'urn:ietf:params:xml:ns:xmpp-streams';
const STANZA_ERROR_NS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const SASL_NS = 'urn:ietf:params:xml:ns:xmpp-sasl';
const TLS_NS = 'urn:ietf:params:xml:ns:xmpp-tls';

/** A peer did something else than what the case expects. */
export class Difference extends Error {
  /** @param {string} expected @param {string} came what the peer did, in words that are the same in every run */
  constructor(expected, came) {
    super(`expected ${expected}; came ${came}`);
    this.name = 'Difference';
    this.came = came;
  }
}

export class Wire {
  /** @type {import('node:net').Socket} */
  #socket;
  #reader = new XmlStreamReader({ limits: LIMITS });
  /** @type {Item[]} */
  #items = [];
  #wake = () => {};
  /** @type {() => void} */
  #unlisten = () => {};
  #ended = false;
  #violated = false;
  /** @type {string[]} */
  #log;
  #patience;

  /** @param {number} port @param {string[]} log @param {number} patience milliseconds to wait for what has to come */
  static async open(port, log, patience) {
    const socket = connectTcp({ host: '127.0.0.1', port, noDelay: true });
    await within('the connection', CONNECT_MS, eventOf(socket, 'connect'));
    return new Wire(socket, log, patience);
  }

  /** @param {import('node:net').Socket} socket @param {string[]} log @param {number} patience */
  constructor(socket, log, patience) {
    this.#patience = patience;
    this.#log = log;
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Writes bytes, or a text as UTF-8, and nothing else. @param {string | Uint8Array} bytes */
  write(bytes) {
    this.#note('->', Buffer.from(bytes));
    this.#socket.write(bytes);
  }

  /** Every byte in a write of its own. @param {string} text */
  async writeByteByByte(text) {
    this.#note('-> byte by byte', Buffer.from(text));
    for (const byte of Buffer.from(text)) {
      this.#socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Ends our direction of the connection. */
  endOutput() {
    this.#log.push('-> (end of our bytes)');
    this.#socket.end();
  }

  destroy() {
    this.#socket.destroy();
  }

  /** A new stream begins in both directions. */
  restart() {
    const rest = this.#reader.takeRest();
    this.#reader = new XmlStreamReader({ limits: LIMITS });
    if (rest.length > 0) this.#read(rest);
  }

  /** TLS from here on, as client. @param {{ domain: string, ca: string }} options */
  async encrypt({ domain, ca }) {
    const rest = this.#reader.takeRest();
    if (rest.length > 0) throw new Difference('TLS', `bytes behind <proceed/>: ${JSON.stringify(text(rest))}`);
    const plain = this.#socket;
    this.#unlisten();
    const secure = connectTls({ socket: plain, servername: domain, ca });
    plain.on('error', () => {});
    this.#reader = new XmlStreamReader({ limits: LIMITS });
    this.#socket = secure;
    this.#listen(secure);
    await within('the TLS handshake', CONNECT_MS, eventOf(secure, 'secureConnect'));
    this.#log.push(`-- ${secure.getProtocol()}`);
  }

  /** The next thing that comes; the word is `nothing` when nothing does. @param {number} [ms] @returns {Promise<Item>} */
  async next(ms = this.#patience) {
    const deadline = performance.now() + ms;
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) return item;
      if (this.#ended) return { word: 'end' };
      const left = deadline - performance.now();
      if (left <= 0) return { word: 'nothing' };
      const late = new AbortController();
      const woken = new Promise((resolve) => {
        this.#wake = () => resolve(undefined);
      });
      await Promise.race([woken, sleep(left, undefined, { signal: late.signal }).catch(() => {})]);
      late.abort();
    }
  }

  /** @param {import('node:net').Socket} socket */
  #listen(socket) {
    /** @param {Uint8Array} bytes */
    const data = (bytes) => {
      this.#note('<-', bytes);
      this.#read(bytes);
    };
    socket.on('data', data);
    // However it ends: a peer that cuts the connection with our bytes unread resets it.
    const end = () => {
      if (this.#ended) return;
      this.#ended = true;
      this.#log.push('<- (end)');
      this.#wake();
    };
    socket.on('error', (error) => this.#log.push(`-- ${error.message}`));
    socket.on('end', end);
    socket.on('close', end);
    this.#unlisten = () => socket.off('data', data).off('end', end).off('close', end);
  }

  /** @param {Uint8Array} bytes */
  #read(bytes) {
    if (this.#violated) return;
    this.#reader.receive(bytes.slice());
    for (let event = this.#reader.next(); event !== undefined; event = this.#reader.next()) {
      if (event.type === 'whitespace') continue;
      if (event.type === 'violation') {
        this.#violated = true;
        this.#items.push({ word: `what is not XML (${event.violation})` });
        break;
      }
      if (event.type === 'header') this.#items.push({ word: 'header', element: event.element });
      else if (event.type === 'closing-tag') this.#items.push({ word: 'closing tag' });
      else this.#items.push({ word: wordFor(event.element), element: event.element });
      // What follows is of another stream or is TLS, and whoever reads the item says which.
      if (this.#items.at(-1)?.word === 'success' || this.#items.at(-1)?.word === 'proceed') break;
    }
    this.#wake();
  }

  /** @param {string} direction @param {Uint8Array} bytes */
  #note(direction, bytes) {
    const whole = text(bytes);
    this.#log.push(
      `${direction} ${whole.length > 700 ? `${whole.slice(0, 500)} … ${bytes.length} bytes … ${whole.slice(-100)}` : whole}`,
    );
  }
}

/** The same for the same behaviour in every run: no ids, no random values. @param {XmlElement} element */
function wordFor(element) {
  const { name, namespace } = element;
  if (name === 'error' && namespace === 'http://etherx.jabber.org/streams')
    return `stream error ${conditionIn(element, STREAM_ERROR_NS)}`;
  if (namespace === TLS_NS && name === 'failure') return 'TLS failure';
  if (namespace === SASL_NS && name === 'failure') return `failure ${conditionIn(element, SASL_NS)}`;
  const type = element.attribute('type');
  if (type === 'error') {
    const error = element.childElements().find((child) => child.name === 'error');
    return `${name} error ${error === undefined ? 'without <error/>' : conditionIn(error, STANZA_ERROR_NS)}`;
  }
  return name === 'iq' || name === 'presence' ? `${name}${type === undefined ? '' : ` ${type}`}` : name;
}

/** @param {XmlElement} element @param {string} namespace */
const conditionIn = (element, namespace) =>
  element.childElements().find((child) => child.namespace === namespace && child.name !== 'text')?.name ??
  'without a condition';

/** @param {Uint8Array} bytes */
const text = (bytes) => Buffer.from(bytes).toString('utf8');

/** @param {import('node:net').Socket} socket @param {'connect' | 'secureConnect'} name @returns {Promise<void>} */
function eventOf(socket, name) {
  return new Promise((resolve, reject) => {
    socket.once(name, () => resolve());
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`the connection ended before '${name}'`)));
  });
}
