import { describe, expect, it } from 'vitest';
import { jid, message } from '../../src/index.ts';
import { client, header, HEADER, mechanisms, RESPONSE, SECURED, server } from '../engine/script.ts';
import { newInitiating, newReceiving } from '../engine/support.ts';
import {
  attributeOf,
  authenticatedClient,
  authenticatedServer,
  BIND,
  bindResult,
  boundClient,
  boundServer,
  clearClient,
  clearServer,
  federatedServer,
  headersIn,
  LOGIN,
  OFFER_BIND,
  SERVER_HEADER,
  stanzaOf,
  streamErrorIn,
} from './streams.ts';

const TO = "to='im.example.com' version='1.0'";
const headerOf = (said: string): string | undefined => headersIn(said)[0];

describe('which header has which attributes (RFC 6120 §4.7.6)', () => {
  it('[C4.7.6] an initial header: to, version, language; from once it is protected; never an id', () => {
    const clear = headerOf(clearClient({ from: 'juliet@im.example.com' }).peer('').said);
    expect(clear).toBe(
      "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0' xml:lang='en'>",
    );
    const entity = newInitiating({ ...SECURED, from: 'juliet@im.example.com/balcony' });
    entity.open();
    const secured = new TextDecoder().decode(entity.takeOutput());
    expect(attributeOf(headerOf(secured), 'from')).toBe('juliet@im.example.com');
  });

  it('[C4.7.6] a response header: all of them', () => {
    const { said } = server().peer(header(`from='juliet@im.example.com' ${TO}`));
    const tag = headerOf(said);
    for (const name of ['from', 'to', 'id', 'version', 'xml:lang']) expect(attributeOf(tag, name)).toBeDefined();
  });

  it('[F-stream-attribute-initial-to] [F-stream-attribute-initial-lang] to and xml:lang', () => {
    const tag = headerOf(clearClient({ lang: 'de-CH' }).peer('').said);
    expect(attributeOf(tag, 'to')).toBe('im.example.com');
    expect(attributeOf(tag, 'xml:lang')).toBe('de-CH');
  });

  it('[F-stream-attribute-initial-from] from, on each protected stream', () => {
    const script = authenticatedClient({ from: 'juliet@im.example.com' });
    const { said } = script.peer(RESPONSE + OFFER_BIND);
    expect(said).toContain('<iq ');
    const entity = newInitiating({ ...SECURED, from: 'juliet@im.example.com' });
    entity.open();
    expect(new TextDecoder().decode(entity.takeOutput())).toContain("from='juliet@im.example.com'");
  });

  it('[F-stream-attribute-response-from] [F-stream-attribute-response-id] from and id', () => {
    const tag = headerOf(clearServer().peer(HEADER).said);
    expect(attributeOf(tag, 'from')).toBe('im.example.com');
    expect(attributeOf(tag, 'id')).toMatch(/^\S{20,}$/);
  });

  it('[F-stream-attribute-response-to] to, where the peer named itself', () => {
    const named = server().peer(header(`from='juliet@im.example.com/balcony' ${TO}`)).said;
    expect(attributeOf(headerOf(named), 'to')).toBe('juliet@im.example.com');
    expect(attributeOf(headerOf(server().peer(HEADER).said), 'to')).toBeUndefined();
  });
});

describe('headers of older peers (RFC 6120 §4.7.1, §4.7.2)', () => {
  it('[R4.7.2-6] without to: the application decides which host that is', () => {
    const script = server();
    const { events, said } = script.peer(header("version='1.0'"));
    expect(events[0]).toMatchObject({ type: 'ask', ask: 'accept-stream', to: undefined });
    expect(said).toContain('<mechanisms');
    const dialled = client({ mechanisms: ['PLAIN'], from: 'juliet@im.example.com' });
    expect(dialled.peer(RESPONSE + mechanisms('PLAIN')).said).toContain('<auth');
  });

  it('[R4.7.1-5] without from and id', () => {
    const dialled = client({ mechanisms: ['PLAIN'] });
    expect(dialled.peer(header("version='1.0'") + mechanisms('PLAIN')).said).toContain('<auth');
  });
});

describe('languages (RFC 6120 §4.7.4, §12)', () => {
  it('[R12-2] [R4.7.4-2] [R4.7.4-3] both headers name one', () => {
    expect(attributeOf(headerOf(clearClient({ lang: 'it' }).peer('').said), 'xml:lang')).toBe('it');
    expect(attributeOf(headerOf(clearServer({ lang: 'it' }).peer(HEADER).said), 'xml:lang')).toBe('it');
  });

  it('[R4.7.4-7] that of the peer is remembered for its stanzas, whatever ours is', () => {
    const script = boundServer({ lang: 'en' }, "xml:lang='de-CH' ");
    expect(stanzaOf(script.peer("<message to='romeo@example.net'/>"))).toContain("xml:lang='de-CH'");
  });

  it('[R12-4] a server adds it to what has none and changes none', () => {
    const script = boundServer({}, "xml:lang='de' ");
    expect(stanzaOf(script.peer("<message to='romeo@example.net' xml:lang='it'/>"))).toContain("xml:lang='it'");
    expect(stanzaOf(script.peer("<message to='romeo@example.net'/>"))).toContain("xml:lang='de'");
    const plainStream = boundServer();
    expect(stanzaOf(plainStream.peer("<message to='romeo@example.net'/>"))).not.toContain('xml:lang');
  });
});

describe('versions (RFC 6120 §4.7.5)', () => {
  it.each(['1.1', '1.99', '1.010'])('[R4.7.5-3] a client of version %s is served like one of 1.0', (version) => {
    const script = server();
    const { said } = script.peer(header(`to='im.example.com' version='${version}'`));
    expect(attributeOf(headerOf(said), 'version')).toBe('1.0');
    expect(script.peer(LOGIN).said).toContain('<success');
  });
});

describe('content namespaces (RFC 6120 §4.8.2, §4.8.3)', () => {
  it('[F-xml-namespace-content-client] [R4.8.3-3] jabber:client as the default namespace, both sides', () => {
    expect(clearClient().peer('').said).toContain(" xmlns='jabber:client'");
    expect(clearServer().peer(HEADER).said).toContain(" xmlns='jabber:client'");
    expect(stanzaOf(boundServer().peer("<message to='romeo@example.net'/>"))).toContain('<message');
  });

  it('[F-xml-namespace-content-server] [R4.8.3-5] jabber:server beside it, where the receiving side is told to', () => {
    const both = { contentNamespaces: ['jabber:client', 'jabber:server'] } as const;
    for (const namespace of both.contentNamespaces) {
      const { said } = clearServer(both).peer(header(TO, namespace));
      expect(attributeOf(headerOf(said), 'xmlns')).toBe(namespace);
    }
    expect(streamErrorIn(clearServer().peer(SERVER_HEADER))).toBe('invalid-namespace');
  });

  it('[R4.8.3-1] addresses may be left out to and by a client; between servers they may not', () => {
    expect(stanzaOf(boundServer().peer('<presence/>'))).toContain('<presence');
    expect(streamErrorIn(federatedServer().peer('<presence/>'))).toBe('improper-addressing');
  });

  it('[R4.8.3-6] what is sent is in the content namespace of its stream, as the default namespace', () => {
    const dialled = newInitiating({
      ...SECURED,
      contentNamespace: 'jabber:server',
      from: 'im.example.com',
      to: 'example.net',
      credentials: { authcid: 'a', password: 'b' },
    });
    dialled.open();
    expect(new TextDecoder().decode(dialled.takeOutput())).toContain(" xmlns='jabber:server'");
    const script = boundClient();
    script.entity.send(message({ to: jid('romeo@example.net'), body: 'Hist!' }));
    expect(script.peer('').said).toBe("<message to='romeo@example.net'><body>Hist!</body></message>");
    expect(streamErrorIn(boundServer().peer("<message xmlns='jabber:server' to='romeo@example.net'/>"))).toBe(
      'invalid-namespace',
    );
  });

  it('a configuration with another content namespace is none', () => {
    // A mistake of the caller that the types forbid.
    const contentNamespace = 'urn:example:other' as 'jabber:client';
    expect(() => newInitiating({ contentNamespace })).toThrow(/contentNamespace/);
    expect(() => newReceiving({ contentNamespaces: [contentNamespace] })).toThrow(/contentNamespaces/);
  });
});

describe('the stream namespace (RFC 6120 §4.8.1, §4.8.5)', () => {
  it('[F-xml-namespace-streams-declaration] [R4.8.1-1] is declared in the header', () => {
    for (const said of [clearClient().peer('').said, clearServer().peer(HEADER).said]) {
      expect(attributeOf(headerOf(said), 'xmlns:stream')).toBe('http://etherx.jabber.org/streams');
    }
  });

  it('[F-xml-namespace-streams-prefix] its elements have the prefix of the header and no declaration of their own', () => {
    const script = clearServer();
    const { said } = script.peer(HEADER);
    expect(said).toMatch(/<stream:features>.*<\/stream:features>$/);
    const { said: end } = script.peer('<foo/>');
    expect(end).toMatch(/^<stream:error>.*<\/stream:error><\/stream:stream>$/);
  });

  it.each([
    ['another namespace', HEADER.replace('etherx.jabber.org', 'etherx.example.org'), 'invalid-namespace'],
    [
      'a prefix that nobody declared',
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0'>",
      'not-well-formed',
    ],
    ['no namespace', "<?xml version='1.0'?><stream version='1.0'>", 'invalid-namespace'],
  ])('[R4.8.1-2] [R4.8.5-1] %s closes the stream', (_, input, condition) => {
    expect(streamErrorIn(clearServer().peer(input))).toBe(condition);
    expect(streamErrorIn(clearClient().peer(input))).toBe(condition);
  });

  it.each(['flows', 's'])('the prefix %s is as good as any', (prefix) => {
    const input = HEADER.replaceAll('stream:stream', `${prefix}:stream`).replace('xmlns:stream', `xmlns:${prefix}`);
    expect(clearServer().peer(input).said).toContain('<stream:features>');
  });

  it('the stream namespace as the default namespace, with the content in its own', () => {
    const input =
      "<?xml version='1.0'?><stream xmlns='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'>";
    const script = server();
    expect(script.peer(input).said).toContain('<stream:features>');
    expect(script.peer(LOGIN).said).toContain('<success');
  });
});

describe('other namespaces (RFC 6120 §4.8.4, §4.8.5)', () => {
  it('[R4.8.4-1] [R4.8.4-2] data that is no stanza goes nowhere, and closes', () => {
    const step = boundServer().peer("<data xmlns='urn:example:data' to='romeo@example.net'/>");
    expect(step.events.map(({ type }) => type)).toEqual(['closed']);
    expect(streamErrorIn(step)).toBe('unsupported-stanza-type');
    const registered = boundServer({ extensions: ['urn:example:data'] });
    expect(registered.peer("<data xmlns='urn:example:data'/>").events).toMatchObject([{ type: 'element' }]);
  });

  it('[R4.8.5-3] nor is a resource bound by an iq with a prefix, whichever side sends it', () => {
    const prefixed = (xml: string): string =>
      xml.replace('<iq ', "<c:iq xmlns:c='jabber:client' ").replace('</iq>', '</c:iq>');
    const asked = authenticatedServer().peer(prefixed(BIND));
    expect(asked.events.map(({ type }) => type)).toEqual(['closed']);
    expect(streamErrorIn(asked)).toBe('bad-namespace-prefix');
    const script = authenticatedClient();
    const { said } = script.peer(RESPONSE + OFFER_BIND);
    const answered = script.peer(prefixed(bindResult(said)));
    expect(answered.events.map(({ type }) => type)).toEqual(['closed']);
    expect(streamErrorIn(answered)).toBe('bad-namespace-prefix');
  });

  it('[R4.8.3-2] nor asked for between servers, where an iq of a client is in a foreign content namespace', () => {
    const script = server({}, { ...SECURED, contentNamespaces: ['jabber:server'] });
    script.peer(SERVER_HEADER);
    expect(streamErrorIn(script.peer(BIND.replace('<iq ', "<iq xmlns='jabber:client' ")))).toBe('invalid-namespace');
  });

  it('[R4.8.5-3] a stanza that came with a prefix goes nowhere, and closes', () => {
    const step = boundServer().peer("<c:message xmlns:c='jabber:client' to='romeo@example.net'/>");
    expect(step.events.map(({ type }) => type)).toEqual(['closed']);
    expect(streamErrorIn(step)).toBe('bad-namespace-prefix');
  });

  it('[R4.8.5-4] declarations of a header end with its stream', () => {
    const script = server();
    script.peer(HEADER.replace(' to=', " xmlns:db='jabber:server:dialback' to="));
    script.peer(LOGIN);
    const step = script.peer(`${HEADER}<db:result/>`);
    expect(streamErrorIn(step)).toBe('not-well-formed');
  });

  it('[R4.8.5-5] our headers declare the two namespaces of streams and no other', () => {
    const tags = [clearClient().peer('').said, clearServer().peer(HEADER).said, SERVER_HEADER].map(headerOf);
    for (const tag of tags) {
      const declared = [...(tag ?? '').matchAll(/xmlns(?::(\w+))?=/g)].map(([, prefix]) => prefix ?? '');
      expect(declared.toSorted()).toEqual(['', 'stream']);
    }
  });

  it('[R4.8.5-6] a header that declares namespaces for stanzas closes', () => {
    expect(streamErrorIn(clearServer().peer(HEADER.replace(' to=', " xmlns:x='urn:example:x' to=")))).toBe(
      'invalid-namespace',
    );
  });

  it('[R4.8.5-2] [R4.8.5-7] what a client sent leaves with its own declarations, and without a prefix of ours', () => {
    const script = boundServer();
    const xml = stanzaOf(
      script.peer(
        "<message to='romeo@example.net' xmlns:x='urn:example:x'><x:a x:b='1'><c xmlns='urn:example:c'/></x:a></message>",
      ),
    );
    expect(xml).toMatch(/^<message /);
    expect(xml).toContain("xmlns:x='urn:example:x'");
    expect(xml).toContain("<c xmlns='urn:example:c'/>");
  });
});
