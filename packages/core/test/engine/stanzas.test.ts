import { describe, expect, it } from 'vitest';
import { jid, type ReceivingEvent } from '../../src/index.ts';
import { join, newInitiating, newReceiving, TLS } from './support.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (output: Uint8Array | undefined): string => (output === undefined ? '' : new TextDecoder().decode(output));
const SECURED = { security: { kind: 'tls', tls: TLS } } as const;

/** What a receiving entity makes of a stanza of the client juliet@im.example.com/balcony, whose stream is in German. */
function fromClient(xml: string): { readonly event: ReceivingEvent; readonly answer: string } {
  const initiating = newInitiating({ ...SECURED, lang: 'de' });
  const receiving = newReceiving(SECURED);
  initiating.open();
  join(initiating, receiving);
  receiving.receive(bytes(xml), 0);
  const event = receiving.nextEvent();
  return { event, answer: text(receiving.takeOutput()) };
}

function stanzaOf(xml: string): string {
  const { event } = fromClient(xml);
  return event.type === 'stanza' ? event.stanza.element.toString() : event.type;
}

describe('stanzas from a client', () => {
  it.each([
    ["<message to='romeo@example.net'/>", 'juliet@im.example.com/balcony'],
    ["<message from='juliet@im.example.com' to='romeo@example.net'/>", 'juliet@im.example.com/balcony'],
    ["<message from='romeo@example.net' to='romeo@example.net'/>", 'juliet@im.example.com/balcony'],
    ["<message from='@@@' to='romeo@example.net'/>", 'juliet@im.example.com/balcony'],
    ["<presence to='romeo@example.net' type='subscribe'/>", 'juliet@im.example.com'],
    ["<presence to='romeo@example.net' type='unavailable'/>", 'juliet@im.example.com/balcony'],
  ])("[S24] [R8.1.2.1-1] 'from' is added or overridden: %s", (xml, from) => {
    const { event } = fromClient(xml);
    expect(event).toMatchObject({ type: 'stanza', origin: 'self', stanza: { from: jid(from) } });
    expect(stanzaOf(xml)).toContain(` from='${from}'`);
  });

  it('[R8.1.5-2] [R4.7.4-8] the language of the stream goes with a stanza that has none', () => {
    expect(stanzaOf("<message to='romeo@example.net'><body>Wo?</body></message>")).toContain("xml:lang='de'");
  });

  it('[R8.1.5-5] [R4.7.4-9] and never replaces one', () => {
    const xml = stanzaOf("<message to='romeo@example.net' xml:lang='en'><body>Wherefore?</body></message>");
    expect(xml).toContain("xml:lang='en'");
    expect(xml).not.toContain("'de'");
  });

  it.each([
    ["<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>", 'iq-without-id', 'bad-request'],
    ["<iq type='get' id='1'/>", 'iq-child-count', 'bad-request'],
    ["<iq type='subscribe' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", 'iq-type-invalid', 'bad-request'],
    ["<message to='@'/>", 'to-malformed', 'jid-malformed'],
  ])('[R8.3.1-1] a stanza that breaks a rule is answered and the stream goes on: %s', (xml, problem, condition) => {
    const { event, answer } = fromClient(xml);
    expect(event).toMatchObject({ type: 'stanza-refused', problem: { problem, condition }, sent: true });
    expect(answer).toContain(`<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>`);
    expect(answer).toContain("to='juliet@im.example.com/balcony'");
  });

  it.each([
    ["<iq type='get' id='1'/>", undefined],
    ["<presence type='available'/>", undefined],
    ["<iq type='get' id='1' to='juliet@im.example.com'/>", 'juliet@im.example.com'],
    ["<iq type='get' id='1' to='im.example.com/x'/>", 'im.example.com/x'],
    ["<iq type='get' id='1' to='romeo@example.net'/>", 'romeo@example.net'],
    ["<iq type='get' id='1' to='ro meo@example.net'><ping xmlns='urn:xmpp:ping'/></iq>", 'im.example.com'],
    ["<message to=''/>", 'im.example.com'],
  ])(
    '[R8.3.1-2] [R8.1.2.1-3] [R10.3.3-1] who answers is whom it was for, the own account or the host: %s',
    (xml, from) => {
      const { event, answer } = fromClient(xml);
      expect(event).toMatchObject({ type: 'stanza-refused', sent: true });
      expect(/ from='([^']*)'/.exec(answer)?.[1]).toBe(from);
    },
  );

  it('[R8.3.1-10] an error or a result that breaks a rule is not answered', () => {
    for (const type of ['error', 'result']) {
      const { event, answer } = fromClient(`<iq type='${type}' id='1' to='@'/>`);
      expect(event).toMatchObject({ type: 'stanza-refused', reply: undefined, sent: false });
      expect(answer).toBe('');
    }
  });
});

describe('stanzas to a client', () => {
  it.each([
    ['', 'account'],
    [" from='juliet@im.example.com'", 'account'],
    [" from='juliet@im.example.com/balcony'", 'self'],
    [" from='juliet@im.example.com/orchard'", 'other'],
    [" from='im.example.com'", 'server'],
    [" from='romeo@example.net'", 'other'],
  ])('[S18] says whose word a stanza is:%s', (from, origin) => {
    const initiating = newInitiating(SECURED);
    const receiving = newReceiving(SECURED);
    initiating.open();
    join(initiating, receiving);
    initiating.receive(bytes(`<iq type='set' id='push1'${from}><query xmlns='jabber:iq:roster'/></iq>`), 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza', origin });
  });

  it('[R8.2.3-3] a request that breaks a rule is answered', () => {
    const initiating = newInitiating(SECURED);
    const receiving = newReceiving(SECURED);
    initiating.open();
    join(initiating, receiving);
    initiating.receive(bytes("<iq type='get' id='x' from='im.example.com'/>"), 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza-refused', sent: true });
    expect(text(initiating.takeOutput())).toMatch(/^<iq to='im\.example\.com' id='x' type='error'>/);
  });

  it('while we are closing, nothing is said to have been answered', () => {
    const initiating = newInitiating(SECURED);
    const receiving = newReceiving(SECURED);
    initiating.open();
    join(initiating, receiving);
    initiating.close();
    initiating.takeOutput();
    initiating.receive(bytes("<iq type='get' id='x' from='im.example.com'/>"), 0);
    expect(initiating.nextEvent()).toMatchObject({ type: 'stanza-refused', sent: false, reply: { type: 'error' } });
    expect(initiating.takeOutput()).toBeUndefined();
  });
});
