// What the targets share: how a broken promise is told, keys without the cost of PBKDF2, and streams to begin with.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { CLIENT_NS, DEFAULT_LIMITS, iq, jid, message, SERVER_NS } from '@xmpp-wire/core';
import { bufferTextCodec } from '@xmpp-wire/core/adapter';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { scramCredentials } from '@xmpp-wire/core/sasl';
import { serializeXml, xml, XmlStreamReader } from '@xmpp-wire/core/xml';
import { counter, createPair, fromJson, madeUpTls, parseTranscripts } from '@xmpp-wire/testing';
import { mark, textOf } from './input.mjs';

/** @import { InitiatingConfig, ReceivingConfig, Security, StreamPolicy, TraceEntry } from '@xmpp-wire/core' */
/** @import { SaltedPasswordRequest, ScramHash } from '@xmpp-wire/core/sasl' */
/** @import { PairOptions } from '@xmpp-wire/testing' */
/** @typedef {'initiating' | 'receiving'} Role */

/** @param {boolean} holds @param {string} problem */
export function expect(holds, problem) {
  if (!holds) throw new Error(problem);
}

const LENGTHS = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-512': 64 };
export const DOMAIN = 'im.example.com';
export const PASSWORD = 'R0m30';
const SALT = Buffer.from('salt of juliet');
const ITERATIONS = 4096;
/** Made of what no input holds. */
const SECRET = createHash('sha256').update('what nobody says').digest('hex');

/** In place of PBKDF2: as good for who does not look inside. @param {SaltedPasswordRequest} request */
export function saltedPassword({ hash, password, salt, iterations }) {
  const made = createHash('sha512').update(password).update(salt).update(String(iterations)).digest();
  return new Uint8Array(made.subarray(0, LENGTHS[hash]));
}

/** @param {ScramHash} hash @param {boolean} isStranger whether nobody can know the password */
export function keysOf(hash, isStranger) {
  const request = { hash, password: Buffer.from(isStranger ? SECRET : PASSWORD), salt: SALT, iterations: ITERATIONS };
  return scramCredentials({ hash, salt: SALT, iterations: ITERATIONS, saltedPassword: saltedPassword(request) });
}

/**
 * What the application says to what the entity or the conversation asks, by the name of the question.
 * @param {{ isStranger: boolean, between?: boolean, isClient: boolean }} style
 */
export const answersOf = ({ isStranger, between = false, isClient }) => ({
  'start-tls': tlsFacts,
  'derive-salted-password': (/** @type {SaltedPasswordRequest} */ request) =>
    isClient && isStranger ? keysOf(request.hash, true).storedKey : saltedPassword(request),
  'look-up-credentials': (/** @type {{ authcid: string, hash: ScramHash }} */ { authcid, hash }) =>
    authcid === 'juliet' ? keysOf(hash, isStranger) : UNKNOWN,
  'check-password': (/** @type {{ authcid: string, password: string }} */ { authcid, password }) =>
    authcid === 'juliet' && password === PASSWORD && !isStranger ? ACCEPTED : REFUSED,
  authorize: (/** @type {{ authcid: string | undefined }} */ { authcid }) =>
    isStranger ? REFUSED : { authcid: between ? 'example.net' : (authcid ?? 'juliet'), authzid: undefined },
});
const UNKNOWN = /** @type {const} */ ('unknown-account');
const ACCEPTED = /** @type {const} */ ('accepted');
const REFUSED = /** @type {const} */ ('not-authorized');

/** @type {StreamPolicy} */
export const POLICY = {
  domain: DOMAIN,
  mechanisms: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1', 'PLAIN', 'EXTERNAL', 'ANONYMOUS'],
  decoySecret: Buffer.from('a secret for decoys, 16 or more'),
};

/** @type {StreamPolicy} */
const APPLICATION_POLICY = { ...POLICY, plain: { check: 'application' } };

/** What the first byte of an input chooses. @param {number} byte */
export function styleOf(byte) {
  /** @type {Security} */
  const below = (byte & 3) === 1 ? { kind: 'tls', tls: tlsFacts() } : { kind: (byte & 3) === 2 ? 'trusted' : 'clear' };
  const isMessages = (byte & 8) !== 0 && below.kind !== 'clear';
  /** @type {'bytes' | 'messages'} */
  const transport = isMessages ? 'messages' : 'bytes';
  const between = (byte & 4) !== 0 && !isMessages;
  const other = (byte & 32) !== 0;
  const common = {
    security: below,
    transport,
    ...((byte & 64) !== 0 && {
      extensions: ['urn:xmpp:sm:3'],
      jidPreparation: unicodePreparation,
      textCodec: bufferTextCodec(Buffer.prototype),
      timeouts: { idle: 60_000, keepalive: 20_000 },
      onTrace: (/** @type {TraceEntry} */ { direction, xml }) =>
        expect(direction === 'in' || !xml.includes('AGp1bGlldABSMG0zMA'), 'the trace shows the password'),
    }),
    ...((byte & 128) !== 0 && { unauthenticatedLimits: { stanzaBytes: 900, depth: 4, elements: 12, attributes: 6 } }),
  };
  const credentials = { authcid: 'juliet', password: PASSWORD };
  const account = { credentials, from: `juliet@${DOMAIN}`, resource: 'balcony' };
  /** @type {InitiatingConfig} */
  const initiating = {
    ...common,
    random: counter(),
    to: DOMAIN,
    ...(between
      ? { contentNamespace: SERVER_NS, from: 'example.net', authenticateBy: 'certificate' }
      : other
        ? { authenticateBy: 'none' }
        : account),
  };
  /** @type {ReceivingConfig} */
  const receiving = {
    ...common,
    random: counter(128),
    domain: DOMAIN,
    contentNamespaces: between ? [SERVER_NS] : [CLIENT_NS],
  };
  return {
    initiating,
    receiving,
    between,
    isMessages,
    isStranger: (byte & 16) !== 0,
    policy: other ? APPLICATION_POLICY : POLICY,
  };
}

export const tlsFacts = () => ({ ...madeUpTls(), peerCertificate: { der: new Uint8Array(1), trusted: true } });

/** Streams that the entity of this role understands: the first byte says how it is configured. @param {Role} role */
export const streamSeeds = (role) => [...conversations(role), ...transcripts(role)];

/** What peers say from the first header to the closing tag. @param {Role} role */
function conversations(role) {
  /** @type {[style: number, mechanisms: readonly string[]][]} */
  const kinds = [
    [0, POLICY.mechanisms],
    [1, ['PLAIN']],
    [2, ['SCRAM-SHA-1']],
    [33, ['ANONYMOUS']],
    [65, ['SCRAM-SHA-256-PLUS']],
    [66, ['PLAIN']],
    [5, ['EXTERNAL']],
    [4, ['EXTERNAL']],
  ];
  return kinds.flatMap(([byte, mechanisms]) => {
    const bytes = conversation(role, byte, mechanisms);
    const header = String.fromCharCode(byte);
    const messages = (byte & 3) === 1 && (byte & 4) === 0 ? [String.fromCharCode(byte | 8) + asMessages(bytes)] : [];
    return [header + bytes, ...messages];
  });
}

/** @param {Role} role @param {number} byte @param {readonly string[]} mechanisms */
function conversation(role, byte, mechanisms) {
  const { initiating, receiving, between, policy } = styleOf(byte);
  const sender = between ? 'example.net' : `juliet@${DOMAIN}/balcony`;
  /** @type {PairOptions} */
  const options = {
    record: true,
    initiating:
      role === 'receiving' && !between && initiating.credentials !== undefined
        ? { ...initiating, mechanisms }
        : initiating,
    receiving,
    policy: role === 'receiving' ? policy : { ...policy, mechanisms },
    tls: (byte & 3) === 1 ? 'direct' : (byte & 3) === 2 ? 'trusted' : 'starttls',
    answers: {
      initiating: answersOf({ isStranger: false, isClient: true }),
      receiving: answersOf({ isStranger: false, isClient: false, between }),
    },
  };
  const pair = createPair(options);
  pair.initiating.open();
  pair.runUntilIdle();
  pair.initiating.send(message({ from: jid(sender), to: jid(`romeo@${DOMAIN}`), body: 'Art thou not Romeo?' }));
  pair.initiating.send(
    iq({ from: jid(sender), type: 'get', id: 'v1', to: jid(DOMAIN) }, xml('query', { xmlns: 'jabber:iq:version' })),
  );
  if (!between)
    pair.receiving.send(
      message({ to: jid(sender), from: jid('romeo@example.net/orchard'), body: 'Neither, fair saint.' }),
    );
  pair.runUntilIdle();
  pair.initiating.close();
  pair.runUntilIdle();
  let seed = '';
  for (const { call, arguments: given } of pair[role].recording?.calls ?? []) {
    if (call === 'receive') seed += mark('|') + textOf(/** @type {Uint8Array} */ (fromJson(given[0] ?? null)));
    if (call === 'answer' && seed.includes('<starttls xmlns') && /<(starttls|proceed)[^>]*>$/.test(seed))
      seed += mark('r');
  }
  return seed;
}

/** The same conversation over WebSocket (RFC 7395). @param {string} seed */
function asMessages(seed) {
  const text = seed.replaceAll(/\x01./gs, '');
  return text
    .split("<?xml version='1.0'?>")
    .flatMap((stream) => {
      const reader = new XmlStreamReader({ limits: DEFAULT_LIMITS });
      reader.receive(Buffer.from(stream, 'latin1'));
      const messages = [];
      for (let event = reader.next(); event !== undefined; event = reader.next()) {
        const framing = { xmlns: 'urn:ietf:params:xml:ns:xmpp-framing' };
        if (event.type === 'header') {
          const given = Object.fromEntries(
            ['to', 'from', 'id', 'version'].map((name) => [name, event.element.attribute(name)]),
          );
          messages.push(serializeXml(xml('open', { ...framing, ...given })));
        } else if (event.type === 'element')
          messages.push(serializeXml(event.element, { contentNamespace: CLIENT_NS }));
        else if (event.type === 'closing-tag') messages.push(serializeXml(xml('close', framing)));
      }
      return messages;
    })
    .join(mark('|'));
}

/** What the transcripts of core send to this role, and what its application does. @param {Role} role */
function transcripts(role) {
  const folder = new URL('../../packages/core/test/transcripts/', import.meta.url);
  const read = (/** @type {string} */ name) => readFileSync(new URL(name, folder), 'utf8');
  const files = readdirSync(folder).filter((name) => name.endsWith('.transcript'));
  const commands = new Map([
    ['close', 'c'],
    ['send', 's'],
    ['send-element', 'x'],
    ['eof', 'e'],
    ['answer', 'r'],
  ]);
  return files.flatMap((name) =>
    parseTranscripts(read(name), { name, include: read })
      .filter(({ settings }) => settings.driven.has(role))
      .map(({ lines, settings }) => {
        const between =
          role === 'initiating'
            ? settings.initiating.contentNamespace === SERVER_NS
            : settings.receiving.contentNamespaces?.includes(SERVER_NS);
        const style = { starttls: 0, direct: 1, trusted: 2 }[settings.protection] + (between === true ? 4 : 0);
        const parts = lines.map((line) => {
          if (line.kind === 'clock') return mark('T');
          if (line.kind === 'wire') return line.from === role ? mark('|') : textOf(line.bytes);
          return line.role === role && commands.has(line.action.do) ? mark(commands.get(line.action.do) ?? 'r') : '';
        });
        return String.fromCharCode(style) + parts.join('');
      }),
  );
}
