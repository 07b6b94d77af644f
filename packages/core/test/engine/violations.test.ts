import { describe, expect, it } from 'vitest';
import { VIOLATIONS, type Closed, type Violation } from '../../src/index.ts';
import { answerInitiating, answerReceiving, join, newInitiating, newReceiving, POLICY, TLS } from './support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (output: Uint8Array | undefined): string => (output === undefined ? '' : new TextDecoder().decode(output));

const header = (attributes: string, xmlns = 'jabber:client'): string =>
  `<?xml version='1.0'?><stream:stream xmlns='${xmlns}' xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>`;
const HEADER = header("to='im.example.com' version='1.0'");
const RESPONSE = header("from='im.example.com' id='s1' version='1.0'");
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const MECHANISMS = `<stream:features><mechanisms xmlns='${SASL}'><mechanism>PLAIN</mechanism></mechanisms></stream:features>`;
const BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
const SECURED = { security: { kind: 'tls', tls: TLS } } as const;

interface Outcome {
  readonly closed: Closed;
  /** What the peer hears behind everything that was said before. */
  readonly said: string;
}

/** What a receiving entity makes of the last of several inputs. */
function receiving(config: Parameters<typeof newReceiving>[0], ...inputs: readonly string[]): Outcome {
  return run(newReceiving(config), answerReceiving, inputs);
}

/** What an initiating entity makes of the last of several inputs. */
function initiating(config: Parameters<typeof newInitiating>[0], ...inputs: readonly string[]): Outcome {
  const entity = newInitiating(config);
  entity.open();
  return run(entity, answerInitiating, inputs);
}

function run<Entity extends ReturnType<typeof newInitiating> | ReturnType<typeof newReceiving>>(
  entity: Entity,
  answer: (entity: Entity, event: never) => void,
  inputs: readonly string[],
): Outcome {
  let said = '';
  for (const input of inputs) {
    said = '';
    entity.receive(bytes(input), 0);
    for (
      let event = entity.nextEvent();
      event.type !== 'need-input' && event.type !== 'paused' && event.type !== 'ended';
      event = entity.nextEvent()
    ) {
      said += text(entity.takeOutput());
      if (event.type === 'closed') return { closed: event, said };
      answer(entity, event as never);
    }
    entity.takeOutput();
  }
  throw new Error(`not closed; the entity is ${entity.phase}`);
}

/** A receiving entity with a client that has bound a resource; `input` is what the client sends then. */
function fromClient(input: string): Outcome {
  const entity = newReceiving(SECURED);
  const client = newInitiating(SECURED);
  client.open();
  join(client, entity);
  return run(entity, answerReceiving, [input]);
}

/** The same for a server that authenticated as example.net. */
function fromServer(input: string): Outcome {
  const serverHeader = header("from='example.net' to='im.example.com' version='1.0'", 'jabber:server');
  const entity = newReceiving({
    contentNamespaces: ['jabber:server'],
    security: { kind: 'tls', tls: { ...TLS, peerCertificate: { der: new Uint8Array(1), trusted: true } } },
  });
  const answerServer: typeof answerReceiving = (server, event) => {
    if (event.type === 'ask' && event.ask === 'accept-stream')
      server.answer(event, { ...POLICY, mechanisms: ['EXTERNAL'] });
    else if (event.type === 'ask' && event.ask === 'authorize')
      server.answer(event, { authcid: 'example.net', authzid: undefined });
  };
  return run(entity, answerServer, [
    serverHeader,
    `<auth xmlns='${SASL}' mechanism='EXTERNAL'>=</auth>`,
    serverHeader,
    input,
  ]);
}

const plain = btoa('\0juliet\0r0m30');
const loggedIn = [RESPONSE + MECHANISMS, `<success xmlns='${SASL}'/>`];
const byPlain = { ...SECURED, mechanisms: ['PLAIN'] };
const inStream =
  (xml: string): (() => Outcome) =>
  () =>
    receiving(SECURED, HEADER, xml);

const LONG = 'a'.repeat(2000);
const many = (count: number, make: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join('');

/** One way to break each rule. */
const PROVOKE: Readonly<Record<Violation, () => Outcome>> = {
  comment: inStream('<!-- -->'),
  'processing-instruction': inStream('<?php ?>'),
  doctype: () => receiving({}, "<?xml version='1.0'?><!DOCTYPE x>"),
  'entity-reference': inStream('<a>&nbsp;</a>'),
  'invalid-utf8': () => {
    const entity = newReceiving(SECURED);
    entity.receive(bytes(`${HEADER}<a>`), 0);
    entity.receive(Uint8Array.of(0xc0, 0x80, 0x3c), 0);
    return run(entity, answerReceiving, [' ']);
  },
  'wrong-encoding': () => receiving({}, "<?xml version='1.0' encoding='ISO-8859-1'?>"),
  'invalid-character': inStream('<a>\u0001</a>'),
  'invalid-reference': inStream('<a>&#0;</a>'),
  'invalid-name': inStream('<1/>'),
  'malformed-tag': inStream('<a b=c/>'),
  'malformed-markup': inStream('<a><![CDATX[]]></a>'),
  'less-than-in-attribute': inStream("<a b='<'/>"),
  'section-end-in-text': inStream('<a>]]></a>'),
  'tag-mismatch': inStream('<a></b>'),
  'duplicate-attribute': inStream("<a b='1' b='2'/>"),
  'malformed-xml-declaration': () => receiving({}, '<?xml versio="1.0"?>'),
  'misplaced-xml-declaration': inStream("<?xml version='1.0'?>"),
  'unsupported-xml-version': () => receiving({}, "<?xml version='2.0'?>"),
  'text-outside-root': () => receiving({}, 'GET / HTTP/1.1'),
  'content-after-root': () => {
    throw new Error('a stream has nothing behind its root; whole documents do');
  },
  'incomplete-document': () => {
    throw new Error('a stream is never complete; whole documents are');
  },
  'unbound-prefix': inStream('<x:a/>'),
  'illegal-namespace-declaration': inStream("<a xmlns:x=''/>"),
  'text-at-first-level': inStream('hello'),
  'second-header': inStream(HEADER.replace("<?xml version='1.0'?>", '')),
  'stanza-too-large': inStream(`<a>${LONG.repeat(6)}</a>`),
  'too-deep': inStream('<a>'.repeat(17)),
  'too-many-elements': inStream(`<a>${'<b/>'.repeat(64)}</a>`),
  'too-many-attributes': inStream(`<a ${many(33, (index) => `a${index}='' `)}/>`),
  'too-many-namespace-declarations': inStream(`<a ${many(33, (index) => `xmlns:a${index}='u' `)}/>`),
  'name-too-long': inStream(`<${LONG}/>`),
  'attribute-value-too-long': inStream(`<a b='${LONG.repeat(3)}'/>`),

  'root-not-stream': () => receiving({}, HEADER.replace('stream:stream', 'stream:features')),
  'stream-namespace-wrong': () => receiving({}, HEADER.replace('etherx.jabber.org', 'wrong.namespace.example.org')),
  'content-namespace-is-stream-namespace': () =>
    receiving({}, header("to='im.example.com' version='1.0'", 'http://etherx.jabber.org/streams')),
  'content-namespace-unsupported': () =>
    receiving({}, header("to='im.example.com' version='1.0'", 'urn:example:other')),
  'content-namespace-differs': () =>
    initiating({}, `${header("from='im.example.com' id='s1' version='1.0'", 'jabber:server')}<stream:features/>`),
  'content-element-prefixed': () => fromClient("<c:message xmlns:c='jabber:client'/>"),
  'extension-namespace-in-header': () => receiving({}, HEADER.replace(' to=', " xmlns:x='urn:example:x' to=")),
  'version-absent': () => receiving({}, header("to='im.example.com'")),
  'version-malformed': () => receiving({}, header("to='im.example.com' version='one'")),
  'version-unsupported': () => receiving({}, header("to='im.example.com' version='0.9'")),
  'header-from-malformed': () => receiving({}, header("from='@' to='im.example.com' version='1.0'")),
  'header-from-changed': () =>
    receiving(
      SECURED,
      HEADER,
      `<auth xmlns='${SASL}' mechanism='PLAIN'>${plain}</auth>`,
      header("from='romeo@im.example.com' to='im.example.com' version='1.0'"),
    ),
  'header-to-changed': () =>
    receiving(
      SECURED,
      HEADER,
      `<auth xmlns='${SASL}' mechanism='PLAIN'>${plain}</auth>`,
      header("to='example.net' version='1.0'"),
    ),
  'response-from-wrong': () =>
    initiating({}, RESPONSE.replace("from='im.example.com'", "from='example.net'") + MECHANISMS),
  'features-expected': () => initiating({}, `${RESPONSE}<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>`),
  'first-level-element-unknown': () => fromClient("<foo xmlns='urn:example:foo'/>"),
  'stanza-before-completion': () => receiving(SECURED, HEADER, "<message to='romeo@example.net'/>"),
  'element-out-of-order': () => receiving(SECURED, HEADER, '<stream:features/>'),
  'bytes-behind-starttls': () => receiving({}, HEADER, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/> "),
  'bytes-behind-proceed': () =>
    initiating({}, `${RESPONSE}<stream:features/>`, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/> "),
  'bytes-during-tls-negotiation': () => {
    const entity = newReceiving();
    entity.receive(bytes(HEADER), 0);
    for (let event = entity.nextEvent(); event.type !== 'need-input'; event = entity.nextEvent())
      answerReceiving(entity, event);
    entity.receive(bytes("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"), 0);
    expect(entity.nextEvent()).toMatchObject({ ask: 'start-tls' });
    return run(entity, answerReceiving, ['<']);
  },
  'success-unverified': () =>
    initiating(
      { ...SECURED, mechanisms: ['SCRAM-SHA-256'] },
      RESPONSE + MECHANISMS.replace('PLAIN', 'SCRAM-SHA-256'),
      `<success xmlns='${SASL}'/>`,
    ),
  'too-many-authentication-attempts': () =>
    receiving(
      SECURED,
      HEADER,
      ...Array.from({ length: 3 }, () => `<auth xmlns='${SASL}' mechanism='PLAIN'>${btoa('\0juliet\0wrong')}</auth>`),
    ),
  'too-many-bind-attempts': () =>
    receiving(
      SECURED,
      HEADER,
      `<auth xmlns='${SASL}' mechanism='PLAIN'>${plain}</auth>`,
      HEADER,
      ...Array.from({ length: 6 }, () => `<iq type='get' id='b1'>${BIND}</iq>`),
    ),
  'bind-result-malformed': () =>
    initiating(
      byPlain,
      ...loggedIn,
      `${RESPONSE}<stream:features>${BIND}</stream:features>`,
      `<iq type='result' id='GBkaGxwdHh8g'>${BIND}</iq>`,
    ),
  'stanza-from-wrong': () => fromServer("<message from='romeo@example.org' to='juliet@im.example.com'/>"),
  'stanza-address-absent': () => fromServer("<message from='romeo@example.net'/>"),
  'stanza-address-malformed': () => fromServer("<message from='@' to='juliet@im.example.com'/>"),
  'stanza-against-direction': () => {
    const config = {
      ...SECURED,
      contentNamespace: 'jabber:server',
      from: 'example.net',
      authenticateBy: 'certificate',
      credentials: undefined,
    } as never;
    const response = header("from='im.example.com' id='s1' version='1.0'", 'jabber:server');
    const external = MECHANISMS.replace('PLAIN', 'EXTERNAL');
    return initiating(
      config,
      response + external,
      `<success xmlns='${SASL}'/>`,
      `${response}<stream:features/>`,
      "<message from='a@im.example.com' to='b@example.net'/>",
    );
  },
  'stanza-to-foreign': () => fromServer("<message from='romeo@example.net' to='juliet@example.org'/>"),
  'input-overrun': () => {
    const entity = newReceiving({ maxBufferedInput: 100 });
    entity.receive(new Uint8Array(262_244).fill(0x20), 0);
    entity.receive(new Uint8Array(1).fill(0x20), 0);
    return run(entity, answerReceiving, [' ']);
  },
};

/** Rules for whole documents: no stream can break them. */
const DOCUMENTS_ONLY: readonly Violation[] = ['content-after-root', 'incomplete-document'];

describe('every row of the table of violations', () => {
  it.each(Object.entries(VIOLATIONS).filter(([name]) => !DOCUMENTS_ONLY.some((each) => each === name)))(
    '%s is answered as the table says',
    (name, row) => {
      const { closed, said } = PROVOKE[name as Violation]();
      expect(closed.cause).toMatchObject({ code: 'peer-misbehaved', violation: name });
      // RFC 6120 §4.9.1.1: the error, the closing tag, nothing more. Where nothing may be written, nothing.
      const error = `<stream:error><${row.condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>`;
      expect(closed.transport).toBe(row.condition === undefined ? 'abort' : 'end');
      expect(said.slice(-error.length)).toBe(row.condition === undefined ? '' : error);
    },
  );

  it('[R4.9.1.2-1] an error in the header of the peer still has our header before it', () => {
    const { said } = receiving(
      { domain: 'im.example.com' },
      header("to='im.example.com' from='juliet@im.example.com/x' version='1.0'", 'urn:example:other'),
    );
    expect(said).toMatch(/^<\?xml version='1\.0'\?><stream:stream xmlns='jabber:client' /);
    expect(said).toContain("from='im.example.com'");
    expect(said).toContain("to='juliet@im.example.com'");
  });
});
