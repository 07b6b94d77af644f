// What a case is written with: one entity that speaks to the server under test, stage by stage or byte by byte.
import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { xml } from '@xmpp-wire/core/xml';
import { PASSWORD } from '../lib/world.mjs';
import { Difference, Wire } from './wire.mjs';

/**
 * @typedef {import('./wire.mjs').XmlElement} XmlElement
 *
 * @typedef {object} Subject the server under test
 * @property {string} domain
 * @property {number} port for STARTTLS
 * @property {string} ca
 *
 * @typedef {object} HeaderParts undefined leaves a part out
 * @property {string | undefined} [to]
 * @property {string | undefined} [from]
 * @property {string | undefined} [version]
 * @property {string | undefined} [lang]
 * @property {string} [content] the content namespace
 * @property {string} [streams] the stream namespace
 * @property {string} [declaration]
 * @property {string} [more] attributes as they are to be written
 */

export const STREAMS = 'http://etherx.jabber.org/streams';
const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
export const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';
export const STARTTLS = `<starttls xmlns='${TLS}'/>`;
/** A request that no server knows. */
export const UNKNOWN = `<query xmlns='urn:example:unknown'/>`;

const deriveKey = promisify(pbkdf2);
const NO_ELEMENT = xml('none');
let barriers = 0;

/** How a stream ends by an error, header and closing tag included (RFC 6120 §4.9.1). @param {string} condition */
export const refused = (condition) => `header, ${broken(condition)}`;
/** The same when the header has come already. @param {string} condition */
export const broken = (condition) => `stream error ${condition}, closing tag, end`;

/** @param {Uint8Array | string} bytes */
export const base64 = (bytes) => Buffer.from(bytes).toString('base64');
/** @param {string} authcid @param {string} password @param {string} [authzid] */
export const plain = (authcid, password = PASSWORD, authzid = '') => base64(`${authzid}\0${authcid}\0${password}`);
/** @param {string} mechanism @param {string} [data] */
export const auth = (mechanism, data = '') => `<auth xmlns='${SASL}' mechanism='${mechanism}'>${data}</auth>`;
/** @param {string} data */
export const response = (data) => `<response xmlns='${SASL}'>${data}</response>`;
/** @param {string} payload @param {string} [attributes] */
export const bind = (payload, attributes = `id='bind' type='set'`) =>
  `<iq ${attributes}><bind xmlns='${BIND}'>${payload}</bind></iq>`;

export class Entity {
  /** @type {Wire | undefined} */
  #wire;
  /** @type {XmlElement | undefined} */
  #header;
  /** @type {Entity[]} */
  #others = [];

  /**
   * @param {Subject} subject
   * @param {string} account its localpart
   * @param {number} patience milliseconds to wait for what has to come
   */
  constructor(subject, account, patience) {
    this.patience = patience;
    this.subject = subject;
    this.domain = subject.domain;
    this.account = account;
    this.bare = `${account}@${subject.domain}`;
    /** The full JID, once bound. */
    this.full = '';
    /** @type {string[]} */
    this.log = [];
  }

  get wire() {
    if (this.#wire === undefined) throw new Error('the case is not connected');
    return this.#wire;
  }

  /** The header of the server that came last. */
  get header() {
    if (this.#header === undefined) throw new Error('no header came');
    return this.#header;
  }

  /** Another connection, by default of the same account. @param {string} [account] */
  other(account = this.account) {
    const other = new Entity(this.subject, account, this.patience);
    other.log = this.log;
    this.#others.push(other);
    return other;
  }

  end() {
    this.#wire?.destroy();
    for (const other of this.#others) other.end();
  }

  /** @param {string | Uint8Array} bytes */
  write(bytes) {
    this.wire.write(bytes);
  }

  /** @param {HeaderParts} [parts] */
  headerText(parts = {}) {
    const all = { to: this.domain, version: '1.0', lang: 'en', ...parts };
    /** @param {string} name @param {string | undefined} value */
    const attribute = (name, value) => (value === undefined ? '' : ` ${name}='${value}'`);
    return [
      all.declaration ?? `<?xml version='1.0'?>`,
      `<stream:stream xmlns='${all.content ?? 'jabber:client'}' xmlns:stream='${all.streams ?? STREAMS}'`,
      attribute('from', all.from),
      attribute('to', all.to),
      attribute('version', all.version),
      attribute('xml:lang', all.lang),
      all.more === undefined ? '' : ` ${all.more}`,
      '>',
    ].join('');
  }

  // What has to come.

  /**
   * Reads until what came is one of `expected`, each a list of words in their order. The first word that fits none of
   * them is the difference.
   * @param {...string} expected @returns {Promise<XmlElement>} the last element that came
   */
  async sees(...expected) {
    /** @type {string[]} */
    const came = [];
    for (;;) {
      const { word, element } = await this.wire.next();
      came.push(word);
      if (word === 'header') this.#header = element;
      const all = came.join(', ');
      if (expected.includes(all)) return element ?? this.#header ?? NO_ELEMENT;
      if (!expected.some((each) => each.startsWith(`${all}, `))) throw new Difference(expected.join(' or '), all);
    }
  }

  /** Holds, or it is a difference. @param {boolean} holds @param {string} expected @param {string} came */
  check(holds, expected, came) {
    if (!holds) throw new Difference(expected, came);
  }

  /**
   * That the stream lives and nothing else came: the answer to a request is the next thing that comes.
   * @param {string} [text] what to write before it, in the same write
   */
  async goesOn(text = '') {
    barriers += 1;
    const id = `goes-on-${barriers}`;
    this.write(`${text}<iq type='get' id='${id}' to='${this.domain}'>${UNKNOWN}</iq>`);
    const answer = await this.sees('iq error service-unavailable');
    this.check(answer.attribute('id') === id, 'the answer to the request that came last', 'an answer to another one');
  }

  // Stages. Each goes through the ones before it.

  async connect() {
    this.#wire = await Wire.open(this.subject.port, this.log, this.patience);
  }

  /** A stream in clear text, its features read. @param {HeaderParts} [parts] */
  async openClear(parts) {
    await this.connect();
    return this.open(parts);
  }

  /** Sends a header and reads the header and the features of the server. @param {HeaderParts} [parts] */
  async open(parts) {
    this.write(this.headerText(parts));
    return this.sees('header, features');
  }

  /** TLS is there, and no stream in it yet. */
  async secure() {
    await this.openClear();
    this.write(STARTTLS);
    await this.sees('proceed');
    await this.wire.encrypt(this.subject);
  }

  /** A stream in TLS, its features read. @param {HeaderParts} [parts] */
  async openSecure(parts) {
    await this.secure();
    return this.open(parts);
  }

  /** SASL has succeeded, and the stream after it is not open yet. @param {HeaderParts} [parts] */
  async authenticate(parts) {
    await this.openSecure(parts);
    await this.logIn();
  }

  /** PLAIN on a stream that offers it. */
  async logIn() {
    this.write(auth('PLAIN', plain(this.account)));
    const success = await this.sees('success');
    this.wire.restart();
    return success;
  }

  /** The stream after SASL, its features read. @param {HeaderParts} [parts] */
  async openAuthenticated(parts) {
    await this.authenticate();
    return this.open(parts);
  }

  /** A resource is bound. @param {{ resource?: string, lang?: string, available?: boolean }} [options] */
  async bound({ resource = 'probe', lang = 'en', available = false } = {}) {
    await this.openAuthenticated({ lang });
    this.write(bind(`<resource>${resource}</resource>`));
    this.full = jidIn(await this.sees('iq result'));
    if (!available) return;
    this.write('<presence/>');
    await this.sees('presence');
  }

  /**
   * The first messages of SCRAM-SHA-1 are exchanged.
   * @param {{ account?: string, password?: string, start?: (first: string) => Promise<XmlElement> }} [options]
   * @returns {Promise<{ final: string, signature: string, nonce: string }>}
   */
  async beginScram({ account = this.account, password = PASSWORD, start } = {}) {
    const clientFirst = `n=${account},r=${randomBytes(12).toString('hex')}`;
    const challenge = await (start ?? ((data) => this.#sendInitial(data)))(base64(`n,,${clientFirst}`));
    const serverFirst = Buffer.from(challenge.text, 'base64').toString();
    const [, nonce = '', salt = '', count = '0'] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(serverFirst) ?? [];
    this.check(
      nonce.length > 0 && Number(count) > 0,
      'the first message of a SCRAM server',
      'a challenge that is none',
    );
    const salted = await deriveKey(password, Buffer.from(salt, 'base64'), Number(count), 20, 'sha1');
    const withoutProof = `c=${base64('n,,')},r=${nonce}`;
    const authMessage = `${clientFirst},${serverFirst},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const proof = hmac(createHash('sha1').update(clientKey).digest(), authMessage);
    for (const [at, byte] of clientKey.entries()) proof[at] = (proof[at] ?? 0) ^ byte;
    return {
      final: base64(`${withoutProof},p=${base64(proof)}`),
      signature: base64(`v=${base64(hmac(hmac(salted, 'Server Key'), authMessage))}`),
      nonce,
    };
  }

  /** @param {string} data */
  async #sendInitial(data) {
    this.write(auth('SCRAM-SHA-1', data));
    return this.sees('challenge');
  }
}

/** @param {XmlElement} result of a bind request @returns {string} */
export const jidIn = (result) => result.child('bind', BIND)?.childText('jid') ?? '';

/** @param {Uint8Array} key @param {string} data */
const hmac = (key, data) => createHmac('sha1', key).update(data).digest();
