import { describe, expect, it } from 'vitest';
import { jid, message, readStanza, type StreamPolicy, type TlsFacts } from '../../src/index.ts';
import { saltPassword, scramCredentials } from '../../src/sasl/index.ts';
import { RESPONSE, Script, server, text } from '../engine/script.ts';
import { answerReceiving, newInitiating, newReceiving, POLICY, TLS } from '../engine/support.ts';
import {
  asSent,
  canonOfItem,
  canonOfWire,
  isInitiator,
  namesOf,
  parse,
  ROOT,
  sessions,
  stepsOf,
  type SaidItem,
} from './figures.ts';

const only = (id: string): readonly (readonly [string])[] =>
  sessions.filter((session) => session.id === id).map((session) => [session.id] as const);

/** Without channel binding, as in the RFC. */
const UNBOUND: TlsFacts = { ...TLS, channelBindings: new Map() };
const PASSWORD = 'r0m30myr0m30';
/** The randomness behind the nonce of the RFC's client. */
const NONCE = Uint8Array.from(atob('oMsTAAwAAAAMAAAANP0TAAAAAABPU0AA'), (char) => char.codePointAt(0) ?? 0);
const IDS: ReadonlySet<string> = new Set(['id']);

/** What one side was to say and what it said. */
interface Comparison {
  readonly expected: unknown[];
  readonly actual: unknown[];
}

it('the sessions are all here, or none of them', () => {
  expect(['', 'rfc6120-session-9.1 rfc6120-session-9.2 rfc6121-session-7']).toContain(
    sessions.map((session) => session.id).join(' '),
  );
});

describe.each(only('rfc6120-session-9.1'))('%s', (id) => {
  it('our client says what the client of the RFC says', () => {
    let drawn = 0;
    const entity = newInitiating({
      from: 'juliet@im.example.com',
      credentials: { authcid: 'juliet', password: PASSWORD },
      mechanisms: ['SCRAM-SHA-1'],
      resource: 'balcony',
      random: (length) => (length === NONCE.length ? NONCE : new Uint8Array(length).fill((drawn += 1))),
    });
    const script = new Script(entity, (_, event) => {
      if (event.type !== 'ask') return;
      if (event.ask === 'start-tls') entity.answer(event, UNBOUND);
      else entity.answer(event, saltPassword(event));
    });
    entity.open();
    let ours = script.peer('').said;
    let bindId = '';
    const compared: Comparison = { expected: [], actual: [] };
    const heard: string[] = [];
    for (const item of stepsOf(id)) {
      if (item.name === 'message' && isInitiator(item)) {
        entity.send(
          message({
            from: jid('juliet@im.example.com/balcony'),
            to: jid('romeo@example.net'),
            id: 'ju2ba41c',
            type: 'chat',
            lang: 'en',
            body: 'Art thou not Romeo, and a Montague?',
          }),
        );
        ours += text(entity.takeOutput());
      }
      if (!isInitiator(item)) {
        const { said, events } = script.peer(asSent(item).replace("'yhc13a95'", `'${bindId}'`));
        ours += said;
        heard.push(...events.map(({ type }) => type));
        continue;
      }
      if (item.kind === 'stream-close') {
        entity.close();
        ours += script.peer('').said;
      }
      // The first header is in clear, where we do not say who we are (RFC 6120 §4.7.1).
      const without = item.ref.endsWith('9.1.1-1') ? new Set(['id', 'from']) : IDS;
      compared.expected.push(canonOfItem(item, without));
      compared.actual.push(...canonOfWire(ours, without));
      bindId = /<iq [^>]*id='([^']+)'/.exec(ours)?.[1] ?? bindId;
      ours = '';
    }
    expect(compared.actual).toEqual(compared.expected);
    expect(heard.filter((type) => type === 'established' || type === 'stanza' || type === 'closed')).toEqual([
      'established',
      'stanza',
      'closed',
    ]);
  });

  it('our server answers it as the server of the RFC does', () => {
    const salt = new Uint8Array(16).fill(1);
    const credentials = scramCredentials({ hash: 'SHA-1', password: PASSWORD, salt, iterations: 4096 });
    const policy: StreamPolicy = { ...POLICY, mechanisms: ['SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1', 'PLAIN'] };
    const script = server({}, {}, (entity, event) => {
      if (event.type === 'ask' && event.ask === 'start-tls') entity.answer(event, TLS);
      else if (event.type === 'ask' && event.ask === 'look-up-credentials') entity.answer(event, credentials);
      else answerReceiving(entity, event, policy);
    });
    const compared: Comparison = { expected: [], actual: [] };
    let last = '';
    let features = '';
    for (const item of stepsOf(id)) {
      if (isInitiator(item)) {
        // The proof of the RFC answers a nonce of the RFC's server; to ours a client that knows the password answers.
        last = script.peer(item.name === 'response' ? responseTo(last, features) : asSent(item)).said;
        features = /<stream:features>.*SCRAM.*<\/stream:features>/.exec(last)?.[0] ?? features;
        compared.actual.push(...canonOfWire(last, IDS).map(withoutData));
      } else if (item.name !== 'message') compared.expected.push(withoutData(canonOfItem(item, IDS)));
    }
    expect(compared.actual).toEqual(compared.expected);
  });
});

/** A challenge and a success, made of randomness, and mechanisms, to which we add the types of channel binding, by name. */
function withoutData(item: unknown): unknown {
  const [name] = namesOf([item]);
  return /challenge|success/.test(String(name)) || JSON.stringify(item).includes('SCRAM') ? name : item;
}

/** The response of a client that knows the password, and was offered just that (XEP-0474), to a challenge of our server. */
function responseTo(challenge: string, features: string): string {
  const entity = newInitiating({
    credentials: { authcid: 'juliet', password: PASSWORD },
    mechanisms: ['SCRAM-SHA-1'],
    security: { kind: 'tls', tls: UNBOUND },
    random: (length) => (length === NONCE.length ? NONCE : new Uint8Array(length)),
  });
  const script = new Script(entity, (_, event) => {
    if (event.type === 'ask' && event.ask === 'derive-salted-password') entity.answer(event, saltPassword(event));
  });
  entity.open();
  script.peer('');
  script.peer(RESPONSE + features);
  return script.peer(challenge).said;
}

describe.each(only('rfc6120-session-9.2'))('%s', (id) => {
  it('our server says what the dialling server of the RFC says', () => {
    const entity = newInitiating({
      to: 'example.net',
      from: 'im.example.com',
      contentNamespace: 'jabber:server',
      authenticateBy: 'certificate',
    });
    const script = new Script(entity, (_, event) => {
      if (event.type === 'ask' && event.ask === 'start-tls') entity.answer(event, TLS);
    });
    entity.open();
    let wire = script.peer('').said;
    const expected: unknown[] = [];
    for (const item of stepsOf(id)) {
      if (item.name === 'message') {
        entity.send(stanzaOf(item));
        wire += script.peer('').said;
      } else if (item.kind === 'stream-close' && isInitiator(item)) {
        entity.close();
        wire += script.peer('').said;
      } else if (!isInitiator(item)) wire += script.peer(asSent(item)).said;
      if (isInitiator(item)) expected.push(canonOfItem(item, IDS));
    }
    // By name: in clear we do not say who we are, and EXTERNAL says which name we mean (XEP-0178 §3).
    expect(namesOf(canonOfWire(wire, IDS)).map(withoutContent)).toEqual(namesOf(expected).map(withoutContent));
    expect(entity.phase).toBe('closed');
  });

  it('our server answers it as the receiving server of the RFC does', () => {
    const tls = { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted: true } };
    const script = new Script(newReceiving({ contentNamespaces: ['jabber:server'] }), (entity, event) => {
      if (event.type === 'ask' && event.ask === 'start-tls') entity.answer(event, tls);
      else if (event.type === 'ask' && event.ask === 'authorize')
        entity.answer(event, { authcid: 'im.example.com', authzid: undefined });
      else answerReceiving(entity, event, { ...POLICY, domain: 'example.net', mechanisms: ['EXTERNAL'] });
    });
    const compared: Comparison = { expected: [], actual: [] };
    const without = new Set(['id', 'xml:lang']);
    const stanzas: string[] = [];
    for (const item of stepsOf(id)) {
      if (isInitiator(item)) {
        const { said, events } = script.peer(asSent(item));
        compared.actual.push(...canonOfWire(said, without));
        stanzas.push(...events.flatMap((event) => (event.type === 'stanza' ? [String(event.stanza.from)] : [])));
      } else compared.expected.push(canonOfItem(item, without));
    }
    expect(compared.actual).toEqual(compared.expected);
    expect(stanzas).toEqual(['juliet@im.example.com/balcony']);
  });
});

/** The stanza of a step; between servers, so it goes out as it is. */
function stanzaOf(item: SaidItem) {
  const [element] = parse(
    `${ROOT.replace('jabber:client', 'jabber:server')}${item.xml}</stream:stream>`,
  ).childElements();
  const reading = element && readStanza(element, { contentNamespace: 'jabber:server' });
  if (reading?.ok !== true) throw new Error(`no stanza: ${item.xml}`);
  return reading.stanza;
}

const withoutContent = (name: unknown): unknown => String(name).replace(/^jabber:(client|server) /, '');
