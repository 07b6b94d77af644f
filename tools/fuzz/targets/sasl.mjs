// SASL on both sides, message by message: no exception, and no success without a proof that is checked here once more.
import { createHash, createHmac } from 'node:crypto';
import { createClientConversation, createServerConversation, saslPrep } from '@xmpp-wire/core/sasl';
import { madeUpTls } from '@xmpp-wire/testing';
import { mark, stretchesOf, textOf } from '../input.mjs';
import { answersOf, DOMAIN, expect, keysOf, PASSWORD } from '../support.mjs';

/** @import { ChannelBindings, ClientStep, ScramHash, ServerStep } from '@xmpp-wire/core/sasl' */

const MECHANISMS = /** @type {const} */ ([
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-256-PLUS',
  'PLAIN',
  'EXTERNAL',
  'ANONYMOUS',
  'SCRAM-SHA-512',
  'SCRAM-SHA-1-PLUS',
]);
const { channelBindings } = madeUpTls();
const BINDING = channelBindings.get('tls-exporter') ?? new Uint8Array();
const ADVERTISED = {
  mechanisms: MECHANISMS.filter((each) => each !== 'EXTERNAL'),
  channelBindingTypes: ['tls-exporter'],
};

/** What the first byte says. @param {number} byte */
function styleOf(byte) {
  const mechanism = MECHANISMS[byte & 7] ?? 'PLAIN';
  const hash = /** @type {ScramHash} */ (/SHA-\d+/.exec(mechanism)?.[0] ?? 'SHA-256');
  return {
    mechanism,
    hash,
    isStranger: (byte & 16) !== 0,
    other: (byte & 32) !== 0,
    advertised: (byte & 64) === 0 ? undefined : ADVERTISED,
  };
}

/** @param {number} byte */
function newServer(byte) {
  const { mechanism, other, advertised } = styleOf(byte);
  /** @type {ChannelBindings} */
  const none = new Map();
  return createServerConversation(mechanism, {
    offered: other ? MECHANISMS.filter((each) => !each.endsWith('-PLUS')) : MECHANISMS,
    channelBindings: other ? none : channelBindings,
    domain: DOMAIN,
    nonce: 'U2VydmVyTm9uY2U5ODc2',
    plain: other ? { check: 'application' } : { check: 'scram-keys', hash: 'SHA-256' },
    decoy: { secret: Buffer.from('a secret for decoys, 16 or more'), iterations: 4096 },
    advertised,
  });
}

/** @param {number} byte */
function newClient(byte) {
  const { mechanism, other, advertised } = styleOf(byte);
  return createClientConversation(
    {
      mechanism,
      channelBinding: mechanism.endsWith('-PLUS')
        ? { flag: 'p', type: 'tls-exporter', data: BINDING }
        : { flag: other ? 'y' : 'n' },
      requireDowngradeProtection: advertised !== undefined && other,
    },
    {
      credentials:
        mechanism === 'EXTERNAL' || mechanism === 'ANONYMOUS'
          ? {}
          : { password: { authcid: 'juliet', password: PASSWORD } },
      nonce: 'Q2xpZW50Tm9uY2UxMjM0',
      advertised,
    },
  );
}

/** Answers what is asked until there is another step. @template {ClientStep | ServerStep} Step @param {Step} first @param {number} byte @param {boolean} isClient @param {Uint8Array[]} [derived] */
function settle(first, byte, isClient, derived) {
  const answers = answersOf({ isStranger: styleOf(byte).isStranger, isClient });
  let step = first;
  while (step.type === 'question') {
    // Each answer goes to the question of its own name.
    const question = /** @type {{ name: keyof typeof answers, request: never, resume(answer: unknown): Step }} */ (
      /** @type {unknown} */ (step)
    );
    const answer = answers[question.name](question.request);
    if (answer instanceof Uint8Array) derived?.push(answer);
    step = question.resume(answer);
  }
  return /** @type {Exclude<Step, { type: 'question' }>} */ (step);
}

/** RFC 5802 §3, as it stands there. @param {readonly Uint8Array[]} messages client, server, client, and maybe server */
function authMessageOf(messages) {
  const [clientFirst = '', serverFirst = '', clientFinal = ''] = messages.map((each) => textOf(each));
  return Buffer.from(
    `${clientFirst.replace(/^[^,]*,[^,]*,/, '')},${serverFirst},${clientFinal.replace(/,p=[^,]*$/, '')}`,
    'latin1',
  );
}

/** @param {number} byte @param {readonly Uint8Array[]} messages */
function isProven(byte, messages) {
  const { hash, mechanism, isStranger } = styleOf(byte);
  if (isStranger) return false;
  const last = textOf(messages.at(-1) ?? new Uint8Array());
  // RFC 4616 §2: what was presented is prepared first.
  if (mechanism === 'PLAIN')
    return (
      last
        .split('\0')
        .slice(1)
        .map((each) => saslPrep(Buffer.from(each, 'latin1').toString(), 'query'))
        .join(' ') === `juliet ${PASSWORD}`
    );
  if (!mechanism.startsWith('SCRAM')) return true;
  const name = hash.replace('-', '').toLowerCase();
  const { storedKey } = keysOf(hash, false);
  const signature = createHmac(name, storedKey).update(authMessageOf(messages)).digest();
  const proof = Buffer.from(/,p=([^,]*)$/.exec(last)?.[1] ?? '', 'base64');
  const key = signature.map((each, at) => each ^ (proof[at] ?? 0));
  return proof.length === key.length && createHash(name).update(key).digest().equals(storedKey);
}

/** @param {number} byte @param {readonly Uint8Array[]} messages @param {readonly Uint8Array[]} derived */
function isVerified(byte, messages, derived) {
  const { hash, mechanism, isStranger } = styleOf(byte);
  if (!mechanism.startsWith('SCRAM')) return messages.slice(1).every((each) => each.length === 0);
  const name = hash.replace('-', '').toLowerCase();
  const serverKey = createHmac(name, derived.at(-1) ?? '')
    .update('Server Key')
    .digest();
  const signature = createHmac(name, serverKey).update(authMessageOf(messages)).digest('base64');
  return !isStranger && textOf(messages[3] ?? new Uint8Array()).split(',')[0] === `v=${signature}`;
}

/** A conversation that goes well: what each side says. @param {number} byte */
function conversation(byte) {
  const [client, server] = [newClient(byte), newServer(byte)];
  /** @type {{ client: string[], server: string[] }} */
  const said = { client: [], server: [] };
  for (let step = settle(client.start(), byte, true); step.type === 'response';) {
    said.client.push(textOf(step.data));
    const reply = settle(server.receive(step.data), byte, false);
    if (reply.type === 'challenge') {
      said.server.push(textOf(reply.data));
      step = settle(client.receive(reply.data), byte, true);
    } else {
      if (reply.type === 'success')
        said.server.push(reply.additionalData === undefined ? mark('s') : textOf(reply.additionalData) + mark('S'));
      break;
    }
  }
  return said;
}

const STYLES = [0, 1, 2, 3, 4, 5, 6, 7, 33, 35, 66, 98].map((byte) => ({ byte, said: conversation(byte) }));
const WORDS = [
  ',',
  '=',
  'n,,',
  'y,,',
  'p=tls-exporter,,',
  'a=romeo',
  'a=',
  'n=',
  'r=',
  'c=biws',
  's=',
  'i=4096',
  'i=2000000',
  'i=1e9',
  'p=',
  'v=',
  'e=other-error',
  'm=',
  'h=',
  'x=y',
  '=2C',
  '=3D',
  '=2c',
  '\0',
  'juliet',
  PASSWORD,
  '\xc2\xad',
  '\xc2\xa0',
];

/** @type {import('../loop.mjs').Target} */
export const saslServer = {
  name: 'sasl-server',
  seeds: STYLES.map(({ byte, said }) => String.fromCharCode(byte) + said.client.join(mark('|'))),
  words: WORDS,
  run(input) {
    const byte = input[0] ?? 0;
    const server = newServer(byte);
    /** @type {Uint8Array[]} */
    const messages = [];
    let isOver = false;
    for (const { pieces, mark } of stretchesOf(input.subarray(1))) {
      for (const piece of [...pieces, ...(mark === 'n' ? [undefined] : [])]) {
        if (piece !== undefined) messages.push(piece);
        const step = settle(server.receive(piece), byte, false);
        if (step.type === 'success') expect(!isOver && isProven(byte, messages), '[S8] success without a proof');
        if (isOver) expect(step.type === 'failure', 'a conversation goes on after its end');
        if (step.type === 'challenge' && step.data.length > 0) messages.push(step.data);
        isOver ||= step.type !== 'challenge';
      }
    }
  },
};

/** @type {import('../loop.mjs').Target} */
export const saslClient = {
  name: 'sasl-client',
  seeds: STYLES.map(({ byte, said }) => String.fromCharCode(byte) + said.server.join(mark('|'))),
  words: WORDS,
  run(input) {
    const byte = input[0] ?? 0;
    const client = newClient(byte);
    /** @type {Uint8Array[]} */
    const derived = [];
    const first = settle(client.start(), byte, true, derived);
    expect(first.type === 'response', 'no initial response');
    const messages = first.type === 'response' ? [first.data] : [];
    let failed = '';
    for (const { pieces, mark } of stretchesOf(input.subarray(1))) {
      const last = mark === 'S' ? pieces.at(-1) : undefined;
      const steps = [
        ...(last === undefined ? pieces : pieces.slice(0, -1)).map((piece) => ({
          piece,
          call: () => client.receive(piece),
        })),
        ...(mark === 's' || mark === 'S' ? [{ piece: last, call: () => client.succeed(last) }] : []),
      ];
      for (const { piece, call } of steps) {
        if (piece !== undefined) messages.push(piece);
        const step = settle(call(), byte, true, derived);
        if (step.type === 'response') messages.push(step.data);
        if (step.type === 'verified') {
          expect(
            failed === '' &&
              isVerified(
                byte,
                messages.filter((each, at) => at < 4 || each.length > 0),
                derived,
              ),
            '[S8] verified without a proof',
          );
          return;
        }
        if (failed !== '') expect(step.type === 'failed' && step.reason === failed, 'a failure is forgotten');
        if (step.type === 'failed') failed = step.reason;
      }
    }
  },
};
