import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jid } from '../../src/jid/index.ts';
import { CLIENT_NS } from '../../src/namespaces.ts';
import { iq, message, presence, readStanza, resultOf, type IqRequest, type Stanza } from '../../src/stanza/index.ts';
import { xml } from '../../src/xml/index.ts';

const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
const invalid = expect.objectContaining({ code: 'stanza-invalid' }) as Error;

function readBack(stanza: Stanza): Stanza | undefined {
  const reading = readStanza(stanza.element, { contentNamespace: CLIENT_NS });
  return reading?.ok === true ? reading.stanza : undefined;
}

describe('message', () => {
  it('has the attributes and the texts that it was given', () => {
    const line = message(
      {
        to: jid('romeo@example.net'),
        from: jid('juliet@im.example.com/balcony'),
        id: 'ktx72v49',
        type: 'chat',
        lang: 'en',
        subject: 'I implore you!',
        body: 'Art thou not Romeo?',
        thread: 'e0ffe42b',
      },
      xml('active', { xmlns: 'http://jabber.org/protocol/chatstates' }),
    );
    expect(line).toMatchObject({ kind: 'message', type: 'chat', id: 'ktx72v49', lang: 'en' });
    expect(
      line.element.equals(
        xml(
          'message',
          {
            to: 'romeo@example.net',
            from: 'juliet@im.example.com/balcony',
            id: 'ktx72v49',
            type: 'chat',
            'xml:lang': 'en',
          },
          xml('subject', {}, 'I implore you!'),
          xml('body', {}, 'Art thou not Romeo?'),
          xml('thread', {}, 'e0ffe42b'),
          xml('active', { xmlns: 'http://jabber.org/protocol/chatstates' }),
        ),
      ),
    ).toBe(true);
  });

  it('is normal without a type, and writes none', () => {
    const line = message({ body: 'x' });
    expect(line.type).toBe('normal');
    expect(line.element.attribute('type')).toBeUndefined();
  });

  it('[R8.3.1-9] has no <error/>, nor has a presence', () => {
    expect(() => message({ body: 'x' }, xml('error', { type: 'cancel' }))).toThrow(invalid);
    expect(() => presence({}, xml('error', { type: 'cancel' }))).toThrow(invalid);
    expect(() => message({}, xml('error', { xmlns: 'urn:example:own' }))).not.toThrow();
  });

  it.each(['error', 'shout', ''])('refuses the type %j', (type) => {
    // A program in JavaScript can pass anything.
    expect(() => message({ type: type as 'chat' })).toThrow(invalid);
  });

  it('[R8.1.5-4] refuses what is no language tag, and what XML cannot hold', () => {
    expect(() => message({ lang: 'english language' })).toThrow(expect.objectContaining({ code: 'lang-invalid' }));
    expect(message({ lang: 'de-CH-1996' }).lang).toBe('de-CH-1996');
    expect(() => message({ body: '\0' })).toThrow(expect.objectContaining({ code: 'xml-character-forbidden' }));
  });
});

describe('a program without types', () => {
  it.each(['to', 'from'])('is told that %s is no string', (name) => {
    const fields = { [name]: 'romeo@example.net' } as object;
    for (const build of [
      () => message(fields),
      () => presence(fields),
      () => iq({ ...fields, type: 'get', id: '1' }, ping),
    ]) {
      expect(build).toThrow(
        expect.objectContaining({
          code: 'stanza-invalid',
          message: `'${name}' is a Jid, not a string: write jid("romeo@example.net")`,
        }) as Error,
      );
    }
  });
});

describe('presence', () => {
  it('means available without a type', () => {
    const there = presence({ show: 'dnd', status: 'Wooing Juliet', priority: -1, lang: 'en' });
    expect(there).toMatchObject({ kind: 'presence', type: undefined });
    expect(there.element.childElements().map((child) => [child.name, child.text])).toEqual([
      ['show', 'dnd'],
      ['status', 'Wooing Juliet'],
      ['priority', '-1'],
    ]);
    expect(presence().element.equals(xml('presence'))).toBe(true);
  });

  it('has a type and children', () => {
    const asked = presence({ to: jid('romeo@example.net'), type: 'subscribe' }, ping);
    expect(asked.type).toBe('subscribe');
    expect(asked.element.childElements()).toEqual([ping]);
  });

  it('refuses what RFC 6121 does not know', () => {
    expect(() => presence({ type: 'error' as 'probe' })).toThrow(invalid);
    expect(() => presence({ type: 'available' as 'probe' })).toThrow(invalid);
    expect(() => presence({ show: 'busy' as 'dnd' })).toThrow(invalid);
    for (const priority of [-129, 128, 1.5, Number.NaN]) expect(() => presence({ priority })).toThrow(invalid);
  });
});

describe('iq', () => {
  it('[R8.2.3-7] is a request with one payload', () => {
    const request = iq({ type: 'get', id: 'c2s1', to: jid('im.example.com') }, ping);
    expect(request).toMatchObject({ kind: 'iq', type: 'get', id: 'c2s1', payload: ping });
    expect(request.element.equals(xml('iq', { type: 'get', id: 'c2s1', to: 'im.example.com' }, ping))).toBe(true);
    expect(() => iq({ type: 'set', id: '1' }, undefined as unknown as typeof ping)).toThrow(invalid);
  });

  it('[R8.2.3-8] is a result with one payload or none', () => {
    expect(iq({ type: 'result', id: '1' })).toMatchObject({ type: 'result', payload: undefined });
    expect(iq({ type: 'result', id: '1' }, ping)).toMatchObject({ type: 'result', payload: ping });
  });

  it('[R8.2.3-1] needs an id that is not empty', () => {
    expect(() => iq({ type: 'get', id: '' }, ping)).toThrow(invalid);
    expect(() => iq({ type: 'get', id: undefined as unknown as string }, ping)).toThrow(invalid);
  });

  it('[R8.2.3-3] refuses other types, and sends errors to errorOf', () => {
    expect(() => iq({ type: 'subscribe' as 'get', id: '1' }, ping)).toThrow(invalid);
    expect(() => iq({ type: 'error' as 'get', id: '1' }, ping)).toThrow(/errorOf/);
  });

  it('[R8.4-2] wants its payload in a namespace of its own', () => {
    for (const payload of [
      xml('query'),
      xml('query', { xmlns: 'jabber:server' }),
      xml('query', { xmlns: 'http://etherx.jabber.org/streams' }),
    ]) {
      expect(() => iq({ type: 'get', id: '1' }, payload)).toThrow(invalid);
    }
  });
});

describe('resultOf', () => {
  const request = iq(
    { type: 'set', id: 'x', to: jid('im.example.com'), from: jid('juliet@im.example.com/balcony') },
    ping,
  );

  it('[R8.2.3-4] [R8.2.3-5] keeps the id and swaps the addresses', () => {
    expect(
      resultOf(request, ping).element.equals(
        xml('iq', { type: 'result', id: 'x', to: 'juliet@im.example.com/balcony', from: 'im.example.com' }, ping),
      ),
    ).toBe(true);
    expect(resultOf(request).payload).toBeUndefined();
  });

  it('[R8.2.3-6] answers requests only', () => {
    for (const stanza of [resultOf(request), message({}), presence()]) {
      expect(() => resultOf(stanza as unknown as IqRequest)).toThrow(invalid);
    }
  });
});

it('what was built reads back as the same stanza', () => {
  const address = fc.option(fc.constantFrom(jid('a@b'), jid('b'), jid('a@b/c d')), { nil: undefined });
  const text = fc.option(fc.string({ unit: fc.constantFrom(...'ab<&>\'"é\n') }), { nil: undefined });
  const common = { to: address, from: address, lang: fc.option(fc.constant('en'), { nil: undefined }) };
  const optionalId = { id: fc.option(fc.string({ unit: 'grapheme-ascii' }), { nil: undefined }) };
  const id = { id: fc.string({ unit: 'grapheme-ascii', minLength: 1 }) };
  fc.assert(
    fc.property(
      fc.oneof(
        fc
          .record({
            ...common,
            ...optionalId,
            type: fc.constantFrom(undefined, 'chat', 'headline'),
            body: text,
            subject: text,
          })
          .map((fields) => message(fields)),
        fc
          .record({
            ...common,
            ...optionalId,
            type: fc.constantFrom(undefined, 'unavailable', 'subscribe'),
            status: text,
          })
          .map((fields) => presence(fields)),
        fc.record({ ...common, ...id, type: fc.constantFrom('get', 'set') }).map((fields) => iq(fields, ping)),
        fc.record({ ...common, ...id, type: fc.constant('result') }).map((fields) => iq(fields)),
      ),
      (stanza) => {
        expect(readBack(stanza)).toEqual(stanza);
      },
    ),
  );
});
