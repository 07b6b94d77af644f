import { describe, expect, it } from 'vitest';
import {
  errorOf,
  iq,
  jid,
  message,
  presence,
  readStanza,
  readStanzaError,
  resultOf,
  route,
  STANZA_ERROR_CONDITIONS,
  stamp,
  type Decision,
  type RoutingContext,
  type Stanza,
} from '../../src/index.ts';
import { parseXml, xml, XmlElement } from '../../src/xml/index.ts';
import { bytes } from '../engine/script.ts';
import {
  boundClient,
  boundServer,
  federatedServer,
  STANZA_ERRORS_NS,
  stanzaIn,
  stanzaOf,
  streamErrorIn,
} from './streams.ts';

const CLIENT = 'jabber:client';

function element(text: string): XmlElement {
  const parsed = parseXml(text.replace(/^<(\w+)/, `<$1 xmlns='${CLIENT}'`));
  if (parsed instanceof XmlElement) return parsed;
  throw new Error(parsed.detail);
}

function stanza(text: string): Stanza {
  const reading = readStanza(element(text), { contentNamespace: CLIENT });
  if (reading?.ok === true) return reading.stanza;
  throw new Error(`no stanza: ${text}`);
}

const KINDS = [
  "<message to='romeo@example.net' from='juliet@im.example.com/balcony' id='m1' type='chat' xml:lang='it'/>",
  "<presence to='romeo@example.net' from='juliet@im.example.com/balcony' id='p1' type='unavailable' xml:lang='it'/>",
  "<iq to='romeo@example.net/x' from='juliet@im.example.com/balcony' id='i1' type='get' xml:lang='it'><ping xmlns='urn:xmpp:ping'/></iq>",
] as const;

describe('the three kinds (RFC 6120 §8)', () => {
  it.each([
    ['message', message({ body: 'Hist!' })],
    ['presence', presence({ show: 'dnd' })],
    ['iq', iq({ type: 'get', id: 'i1' }, xml('ping', { xmlns: 'urn:xmpp:ping' }))],
  ] as const)('[F-stanza-kind-%s] [R8-1] is sent by one side and read by the other', (kind, built) => {
    const sender = boundClient();
    expect(sender.entity.send(built)).toBe(true);
    const { said } = sender.peer('');
    const { events } = boundServer().peer(said);
    expect(events).toMatchObject([{ type: 'stanza', stanza: { kind } }]);
  });

  it.each(KINDS)('[F-stanza-attribute-to] [F-stanza-attribute-from] [F-stanza-attribute-id] %s', (text) => {
    const read = stanza(text);
    expect(read.to?.bare.toString()).toBe('romeo@example.net');
    expect(read.from?.toString()).toBe('juliet@im.example.com/balcony');
    expect(read.id).toBe(`${read.kind.slice(0, 1)}1`);
  });

  it.each(KINDS)('[F-stanza-attribute-type] [F-stanza-attribute-xmllang] [C8.1.4] %s', (text) => {
    const read = stanza(text);
    expect(read.type).toBe(/type='(\w+)'/.exec(text)?.[1]);
    expect(read.lang).toBe('it');
  });

  it('[R8-2] a stanza counts once all of it is there, however its bytes come', () => {
    const script = boundServer();
    const input = bytes("<message to='romeo@example.net'><body>Wherefore</body></message>");
    for (let at = 0; at < input.length - 1; at += 1) {
      script.entity.receive(input.subarray(at, at + 1), at);
      expect(script.peer('').events).toEqual([]);
    }
    script.entity.receive(input.subarray(-1), input.length);
    expect(script.peer('').events).toMatchObject([{ type: 'stanza' }]);
  });
});

describe('addresses (RFC 6120 §8.1.1, §8.1.2)', () => {
  it("[R8.1.1.1-2] [R8.2.2-1] what is for the server to act on has no 'to': presence for all", () => {
    expect(presence().element.attribute('to')).toBeUndefined();
    expect(
      iq({ type: 'get', id: 'r1' }, xml('query', { xmlns: 'jabber:iq:roster' })).element.attribute('to'),
    ).toBeUndefined();
    expect(stanzaOf(boundServer().peer('<presence/>'))).not.toContain(' to=');
  });

  it("[R8.1.1.1-4] a client takes a stanza without 'to' for its own", () => {
    const { events } = boundClient().peer("<message from='im.example.com'><body>maintenance at ten</body></message>");
    expect(events).toMatchObject([{ type: 'stanza', stanza: { kind: 'message', to: undefined }, origin: 'server' }]);
  });

  it("[R8.1.2.1-4] one without 'from' is the word of its own account", () => {
    const { events } = boundClient().peer("<iq type='set' id='push1'><query xmlns='jabber:iq:roster'/></iq>");
    expect(events).toMatchObject([{ type: 'stanza', origin: 'account', stanza: { from: undefined } }]);
  });

  it("[F-stanza-attribute-from-stamp] whatever a client says, 'from' is who it is bound as", () => {
    for (const from of ['', "from='romeo@example.net' ", "from='juliet@im.example.com/other' "]) {
      expect(stanzaOf(boundServer().peer(`<message ${from}to='romeo@example.net'/>`))).toContain(
        "from='juliet@im.example.com/balcony'",
      );
    }
  });
});

describe('subscriptions (RFC 6120 §8.1.2.1)', () => {
  it.each(['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'])(
    '[R8.1.2.1-1] [F-stanza-attribute-from-stamp] %s is from the bare JID',
    (type) => {
      const xmlText = stanzaOf(boundServer().peer(`<presence to='romeo@example.net' type='${type}'/>`));
      expect(xmlText).toContain("from='juliet@im.example.com'");
    },
  );

  it.each(['unavailable', 'probe', 'error'])('[R8.1.2.1-1] presence of type %s is from the full JID', (type) => {
    const xmlText = stanzaOf(boundServer().peer(`<presence to='romeo@example.net' type='${type}'/>`));
    expect(xmlText).toContain("from='juliet@im.example.com/balcony'");
  });

  it('[R8.1.2.1-1] a message is too, whatever it calls itself', () => {
    const xmlText = stanzaOf(boundServer().peer("<message to='romeo@example.net' type='subscribe'/>"));
    expect(xmlText).toContain("from='juliet@im.example.com/balcony'");
  });
});

describe('stanzas of servers (RFC 6120 §8.1.1.2, §8.1.2.2)', () => {
  const stanzaFrom = (attributes: string, lang = ''): ReturnType<ReturnType<typeof federatedServer>['peer']> =>
    federatedServer({}, lang).peer(`<message ${attributes}/>`);

  it("[R8.1.1.2-1] [F-stanza-attribute-to-validate] without 'to', or with one that is no JID: improper-addressing", () => {
    expect(streamErrorIn(stanzaFrom("from='romeo@example.net'"))).toBe('improper-addressing');
    expect(streamErrorIn(stanzaFrom("from='romeo@example.net' to='@'"))).toBe('improper-addressing');
  });

  it("[R8.1.2.2-1] without 'from', or with one that is no JID: improper-addressing", () => {
    expect(streamErrorIn(stanzaFrom("to='juliet@im.example.com'"))).toBe('improper-addressing');
    expect(streamErrorIn(stanzaFrom("from='@' to='juliet@im.example.com'"))).toBe('improper-addressing');
  });

  it('[R8.1.1.2-2] [R8.1.2.2-2] [F-stanza-attribute-from-validate] for another domain, or from one: host-unknown, invalid-from', () => {
    expect(streamErrorIn(stanzaFrom("from='romeo@example.net' to='juliet@example.org'"))).toBe('host-unknown');
    expect(streamErrorIn(stanzaFrom("from='romeo@example.org' to='juliet@im.example.com'"))).toBe('invalid-from');
  });

  it('[S18] the domain itself speaks for the server, everybody else for themselves', () => {
    const origins = ['example.net', 'romeo@example.net', 'example.net/x'].map((from) => {
      const { events } = stanzaFrom(`from='${from}' to='juliet@im.example.com'`);
      return events[0]?.type === 'stanza' ? events[0].origin : events[0]?.type;
    });
    expect(origins).toEqual(['server', 'other', 'other']);
  });

  it('[R8.1.5-2] [R8.1.5-5] the language of the stream goes with a stanza that has none', () => {
    const addresses = "from='romeo@example.net' to='juliet@im.example.com'";
    expect(stanzaOf(stanzaFrom(addresses, "xml:lang='it' "))).toContain("xml:lang='it'");
    expect(stanzaOf(stanzaFrom(`${addresses} xml:lang='de'`, "xml:lang='it' "))).toContain("xml:lang='de'");
    expect(stanzaOf(stanzaFrom(addresses))).not.toContain('xml:lang');
  });
});

describe('language (RFC 6120 §8.1.5)', () => {
  it('[R8.1.5-1] [R12-3] whoever writes a text can say what it is in', () => {
    expect(message({ body: 'Wo?', lang: 'de' }).element.toString()).toContain("xml:lang='de'");
    expect(presence({ status: 'Weg', lang: 'de' }).lang).toBe('de');
    expect(() => message({ body: 'Wo?', lang: 'the German' })).toThrow(
      expect.objectContaining({ code: 'lang-invalid' }),
    );
  });
});

describe('requests and answers (RFC 6120 §8.2.3)', () => {
  const request = stanza(KINDS[2]);

  it('[F-stanza-iq-id] [F-stanza-iq-type] an iq without an id, or of no type that there is, is refused', () => {
    for (const attributes of ["id='1'", "id='1' type='ask'", "type='get'"]) {
      const { events, said } = boundServer().peer(`<iq ${attributes}><ping xmlns='urn:xmpp:ping'/></iq>`);
      expect(events).toMatchObject([{ type: 'stanza-refused' }]);
      expect(said).toContain('<bad-request ');
    }
    // The types forbid both; the mistake is the caller's.
    const invalid = expect.objectContaining({ code: 'stanza-invalid' });
    expect(() => iq({ type: 'get', id: '' }, xml('a', { xmlns: 'urn:a' }))).toThrow(invalid);
    expect(() => iq({ type: 'ask' as 'get', id: '1' }, xml('a', { xmlns: 'urn:a' }))).toThrow(invalid);
  });

  it.each([
    ['get', 0, false],
    ['get', 1, true],
    ['get', 2, false],
    ['set', 0, false],
    ['set', 1, true],
    ['result', 0, true],
    ['result', 1, true],
    ['result', 2, false],
  ] as const)('[F-stanza-iq-child] an iq of type %s with %i children: legal is %s', (type, count, legal) => {
    const children = "<a xmlns='urn:a'/>".repeat(count);
    const reading = readStanza(element(`<iq type='${type}' id='1'>${children}</iq>`), { contentNamespace: CLIENT });
    expect(reading?.ok).toBe(legal);
  });

  it('[R8.1.3-2] [F-stanza-error-id] result and error have the id of the request', () => {
    if (request.kind !== 'iq' || request.type !== 'get') throw new Error('no request');
    expect(resultOf(request).id).toBe('i1');
    expect(errorOf(request, { condition: 'forbidden' }).element.attribute('id')).toBe('i1');
    for (const text of KINDS) expect(errorOf(stanza(text), { condition: 'gone' })?.id).toBe(stanza(text).id);
  });

  it('[R8.2.1-1] a message goes to whom it is for', () => {
    const to = jid('romeo@im.example.com/orchard');
    expect(decide(message({ to, body: 'Hist!' }), { resources: ['romeo@im.example.com/orchard'] })).toEqual([
      { action: 'deliver', to: [to] },
    ]);
  });
});

describe('errors (RFC 6120 §8.3)', () => {
  it.each(KINDS)(
    '[F-stanza-error] [F-stanza-error-child] [R8.3.2-1] %s is answered by its own kind, with <error/>',
    (text) => {
      const error = errorOf(stanza(text), { condition: 'item-not-found' });
      expect(error?.kind).toBe(stanza(text).kind);
      expect(error?.type).toBe('error');
      expect(error?.element.childElements()).toHaveLength(1);
      expect(error?.element.child('error')?.child('item-not-found', STANZA_ERRORS_NS)).toBeDefined();
      expect(error && readStanzaError(error)?.condition).toBe('item-not-found');
    },
  );

  it('[F-stanza-error-reply] an error gets no error, built or sent', () => {
    for (const kind of ['message', 'presence', 'iq']) {
      const text = `<${kind} type='error' id='e1' from='romeo@example.net'><error type='cancel'/></${kind}>`;
      expect(errorOf(stanza(text), { condition: 'bad-request' })).toBeUndefined();
      expect(boundClient().peer(text.replace("from='romeo@example.net'", "from='@'")).said).toBe('');
    }
  });

  it('[R8.3.1-7] [R8.3.1-8] our errors bring nothing back, and theirs are read with or without it', () => {
    const { said } = boundServer().peer("<iq type='get' id='1' to='@'><ping xmlns='urn:xmpp:ping'/></iq>");
    expect(said).not.toContain('ping');
    for (const payload of ['', "<ping xmlns='urn:xmpp:ping'/>"]) {
      const read = stanza(
        `<iq type='error' id='1'>${payload}<error type='wait'><resource-constraint xmlns='${STANZA_ERRORS_NS}'/></error></iq>`,
      );
      expect(readStanzaError(read)).toMatchObject({ condition: 'resource-constraint', type: 'wait' });
    }
  });

  it('[R8.3.2-8] [R8.3.2-9] a text changes nothing and is told apart from what is for programs', () => {
    const condition = `<gone xmlns='${STANZA_ERRORS_NS}'>xmpp:romeo@example.org</gone>`;
    const text = `<text xmlns='${STANZA_ERRORS_NS}' xml:lang='en'>not-allowed</text>`;
    const plainly = readStanzaError(
      stanza(`<message type='error'><error type='cancel'>${condition}</error></message>`),
    );
    const wordy = readStanzaError(
      stanza(`<message type='error'><error type='cancel'>${text}${condition}</error></message>`),
    );
    expect(wordy).toMatchObject({ condition: plainly?.condition, type: plainly?.type, uri: plainly?.uri });
    expect(wordy?.texts).toEqual([{ lang: 'en', text: 'not-allowed' }]);
  });

  it('[R8.3.3.14-2] [R8.3.3.14-3] a redirect is told to the application and followed by nobody', () => {
    const script = boundClient();
    const step = script.peer(
      `<message type='error' from='romeo@example.net'><error type='modify'><redirect xmlns='${STANZA_ERRORS_NS}'>xmpp:romeo@example.org</redirect></error></message>`,
    );
    expect(step.said).toBe('');
    expect(readStanzaError(stanzaIn(step))?.uri).toBe('xmpp:romeo@example.org');
  });

  it('[CA.8] every condition is an element of its namespace, inside <error/> with one of five types', () => {
    for (const condition of Object.keys(STANZA_ERROR_CONDITIONS) as (keyof typeof STANZA_ERROR_CONDITIONS)[]) {
      const application = condition === 'undefined-condition' ? xml('odd', { xmlns: 'urn:example:x' }) : undefined;
      const error = errorOf(message({ body: 'x' }), { condition, application, text: 'y', lang: 'en' })?.element.child(
        'error',
      );
      expect(['auth', 'cancel', 'continue', 'modify', 'wait']).toContain(error?.attribute('type'));
      const children = error?.childElements() ?? [];
      expect(children.slice(0, 2).map((child) => [child.name, child.namespace])).toEqual([
        [condition, STANZA_ERRORS_NS],
        ['text', STANZA_ERRORS_NS],
      ]);
    }
  });
});

describe('extensions (RFC 6120 §8.4)', () => {
  const EXTENDED =
    "<message to='romeo@example.net' xmlns:x='urn:example:x' x:unknown='1'><x:odd/><body>Hist!</body><b xmlns='urn:example:b'><c/></b></message>";

  it('[R8.4-1] a request carries what it asks in a namespace of its own', () => {
    for (const payload of [xml('query'), xml('query', { xmlns: CLIENT })]) {
      expect(() => iq({ type: 'get', id: '1' }, payload)).toThrow(expect.objectContaining({ code: 'stanza-invalid' }));
    }
    expect(iq({ type: 'get', id: '1' }, xml('query', { xmlns: 'urn:example:x' })).payload.namespace).toBe(
      'urn:example:x',
    );
  });

  it('[R8.4-3] no builder writes an attribute in a foreign namespace', () => {
    const built = [message({ to: jid('a@b'), id: '1', lang: 'en', body: 'x' }), presence({ priority: 1 })];
    for (const { element: made } of built) {
      const names = [...made.toString().matchAll(/ ([\w:]+)=/g)].map(([, name]) => name);
      expect(names.every((name) => /^(to|from|id|type|xml:lang|xmlns)$/.test(name ?? ''))).toBe(true);
    }
  });

  it('[R8.4-4] [R8.4-5] [R8.4-11] what is passed on is as it came: prefixes, declarations, order, all that nobody here knows', () => {
    const xmlText = stanzaOf(boundServer().peer(EXTENDED));
    const again = parseXml(xmlText);
    if (!(again instanceof XmlElement)) throw new Error(again.detail);
    expect(again.childElements().map((child) => [child.name, child.namespace])).toEqual([
      ['odd', 'urn:example:x'],
      ['body', CLIENT],
      ['b', 'urn:example:b'],
    ]);
    expect(again.attribute('unknown', 'urn:example:x')).toBe('1');
    expect(xmlText).toContain("xmlns:x='urn:example:x'");
    expect(xmlText).toContain('<x:odd/>');
  });

  it('[R8.4-6] [R8.4-9] [R11.4-1] what nobody asks for does nothing, and what is known is found beside it', () => {
    const script = boundClient();
    const step = script.peer(EXTENDED.replace(" to='romeo@example.net'", " from='romeo@example.net'"));
    expect(step.said).toBe('');
    expect(stanzaIn(step).type).toBe('normal');
    expect(stanzaIn(step).element.childText('body')).toBe('Hist!');
  });

  it('[R8.4-7] a message with nothing but an unknown child can be left or answered', () => {
    const received = stanzaIn(
      boundClient().peer("<message from='romeo@example.net' id='1'><odd xmlns='urn:example:x'/></message>"),
    );
    expect(errorOf(received, { condition: 'service-unavailable' })?.element.toString()).toContain(
      '<service-unavailable ',
    );
  });

  it('[R8.4-8] a presence with nothing but an unknown child is one without', () => {
    const { events } = boundClient().peer("<presence from='romeo@example.net'><odd xmlns='urn:example:x'/></presence>");
    expect(events).toMatchObject([{ type: 'stanza', stanza: { kind: 'presence', type: undefined } }]);
  });
});

interface World {
  readonly resources?: readonly string[];
  readonly exists?: boolean;
  readonly storesOffline?: boolean;
  readonly sender?: string;
  readonly sharesPresence?: boolean;
}

function decide(given: Stanza, world: World = {}): readonly Decision[] {
  const context: RoutingContext = {
    sender: jid(world.sender ?? 'juliet@im.example.com/balcony'),
    serviceOf: (domain) =>
      domain === 'im.example.com' ? 'server' : domain === 'rooms.im.example.com' ? 'local-service' : 'remote',
    accountExists: () => world.exists ?? true,
    resourcesOf: () => (world.resources ?? []).map((each) => ({ jid: jid(each), priority: 0 })),
    sharesPresence: () => world.sharesPresence ?? false,
    storesOffline: world.storesOffline ?? false,
  };
  return route(given, context);
}

describe('routing (RFC 6120 §10)', () => {
  const ping = (to: string) => iq({ type: 'get', id: 'p1', to: jid(to) }, xml('ping', { xmlns: 'urn:xmpp:ping' }));

  it('[R10.1-1] elements are handed over one after the other, in the order they came', () => {
    const script = boundServer();
    const input = [1, 2, 3, 4, 5]
      .map((n) => `<message id='${n}' to='romeo@example.net${n % 2 === 0 ? '/x' : ''}'/>`)
      .join('');
    const { events } = script.peer(input);
    expect(events.map((event) => (event.type === 'stanza' ? event.stanza.id : event.type))).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
    ]);
  });

  it("[R10.3-2] a stanza without 'to' is for nobody's account when it comes from no user of ours", () => {
    expect(decide(message({ body: 'x' }), { sender: 'example.net' })).toEqual([{ action: 'handle', as: 'server' }]);
  });

  it('[R10.5-3] [R10.5-4] what is for a domain of ours never leaves it', () => {
    const kinds: readonly Stanza[] = [
      message({ to: jid('romeo@im.example.com'), body: 'x' }),
      presence({ to: jid('romeo@im.example.com') }),
      ping('romeo@im.example.com'),
      ping('romeo@im.example.com/x'),
      ping('im.example.com'),
      ping('im.example.com/x'),
    ];
    for (const each of kinds) {
      for (const exists of [true, false]) {
        for (const decision of decide(each, { exists })) {
          expect(decision).not.toMatchObject({ action: 'forward', to: 'remote-domain' });
        }
      }
    }
  });

  it.each([true, false])(
    '[C10.2] [C13.11] [R13.10.2-2] with storing %s, a stranger hears the same of accounts that are there and of those that are not, by bare and by full JID',
    (storesOffline) => {
      const heard = (given: Stanza, exists: boolean) =>
        decide(given, { exists, storesOffline, sender: 'mallory@example.net/x' }).filter(
          ({ action }) => action === 'bounce',
        );
      for (const to of ['romeo@im.example.com', 'romeo@im.example.com/x']) {
        for (const given of [message({ to: jid(to), type: 'chat', body: 'x' }), presence({ to: jid(to) })]) {
          expect(heard(given, true)).toEqual(heard(given, false));
        }
      }
      const full = ping('romeo@im.example.com/x');
      expect(heard(full, true)).toEqual(heard(full, false));
      const chat = (to: string) => message({ to: jid(to), type: 'chat', body: 'x' });
      expect(heard(chat('romeo@im.example.com'), true)).toEqual(heard(chat('romeo@im.example.com/x'), true));
    },
  );

  it('[R8.3.3.7-2] [R8.3.3.13-2] [R8.3.3.19-2] nothing that is decided about a user says more than service-unavailable', () => {
    const sent = ['romeo@im.example.com', 'romeo@im.example.com/x'].flatMap((to) => [
      message({ to: jid(to), body: 'x' }),
      message({ to: jid(to), type: 'chat', body: 'x' }),
      message({ to: jid(to), type: 'groupchat', body: 'x' }),
      presence({ to: jid(to) }),
      presence({ to: jid(to), type: 'probe' }),
      ping(to),
    ]);
    const worlds: readonly World[] = [
      { exists: false },
      { exists: true },
      { resources: ['romeo@im.example.com/x'] },
      { resources: ['romeo@im.example.com/y'] },
    ];
    const said = sent.flatMap((given) =>
      worlds.flatMap((world) => decide(given, { ...world, sender: 'mallory@example.net/x' })),
    );
    const conditions = said.flatMap((decision) => (decision.action === 'bounce' ? [decision.condition] : []));
    expect([...new Set(conditions)]).toEqual(['service-unavailable']);
  });
});

describe('stamping', () => {
  it('[R12-4] sets what is asked and leaves the rest', () => {
    const given = stanza("<message to='romeo@example.net' xml:lang='it'><body>Ove?</body></message>");
    const stamped = stamp(given, { from: jid('juliet@im.example.com'), lang: 'de' });
    expect(stamped.lang).toBe('it');
    expect(stamped.element.childText('body')).toBe('Ove?');
  });
});
