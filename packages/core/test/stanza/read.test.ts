import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jid } from '../../src/jid/index.ts';
import { CLIENT_NS, SERVER_NS } from '../../src/namespaces.ts';
import {
  errorOf,
  readStanza,
  stanzaKindOf,
  type ReadStanzaOptions,
  type StanzaProblem,
} from '../../src/stanza/index.ts';
import { xml, type XmlElement } from '../../src/xml/index.ts';

const options: ReadStanzaOptions = { contentNamespace: CLIENT_NS };
const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });

function accepted(element: XmlElement, overrides: Partial<ReadStanzaOptions> = {}) {
  const reading = readStanza(element, { ...options, ...overrides });
  if (reading?.ok !== true) throw new Error(`refused: ${JSON.stringify(reading?.problem)}`);
  return reading.stanza;
}

function refused(element: XmlElement, overrides: Partial<ReadStanzaOptions> = {}): StanzaProblem {
  const reading = readStanza(element, { ...options, ...overrides });
  if (reading?.ok !== false) throw new Error('accepted');
  return reading.problem;
}

describe('readStanza', () => {
  it('reads the common attributes', () => {
    const element = xml('message', { to: 'Romeo@example.net', from: 'juliet@im.example.com/balcony', id: 'ktx72v49' });
    expect(accepted(element)).toEqual({
      kind: 'message',
      type: 'normal',
      element,
      to: jid('romeo@example.net'),
      from: jid('juliet@im.example.com/balcony'),
      id: 'ktx72v49',
      lang: undefined,
    });
  });

  it('knows the three kinds in the content namespace of the stream alone', () => {
    expect(stanzaKindOf(xml('presence'), CLIENT_NS)).toBe('presence');
    expect(stanzaKindOf(xml('presence', { xmlns: SERVER_NS }), SERVER_NS)).toBe('presence');
    for (const element of [xml('presence', { xmlns: SERVER_NS }), xml('stanza'), xml('Message'), ping]) {
      expect(stanzaKindOf(element, CLIENT_NS)).toBeUndefined();
      expect(readStanza(element, options)).toBeUndefined();
    }
  });

  it.each(['normal', 'chat', 'groupchat', 'headline', 'error'])('reads a message of type %s', (type) => {
    expect(accepted(xml('message', { type }))).toMatchObject({ kind: 'message', type });
  });

  it.each([undefined, '', 'shout', 'Chat', 'get'])(
    'reads a message of type %j as normal, and keeps what was written',
    (type) => {
      const stanza = accepted(xml('message', { type }));
      expect(stanza.type).toBe('normal');
      expect(stanza.element.attribute('type')).toBe(type);
    },
  );

  it.each([undefined, 'error', 'probe', 'subscribe', 'subscribed', 'unavailable', 'unsubscribe', 'unsubscribed'])(
    'reads a presence of type %s',
    (type) => {
      expect(accepted(xml('presence', { type }))).toMatchObject({ kind: 'presence', type });
    },
  );

  it.each(['', 'available', 'Subscribe', 'constructor'])('refuses a presence of type %j with bad-request', (type) => {
    expect(refused(xml('presence', { type }))).toMatchObject({
      problem: 'presence-type-invalid',
      condition: 'bad-request',
      answerable: true,
      type,
    });
  });

  it.each(['get', 'set'])('[R8.2.3-7] an iq of type %s has exactly one child element', (type) => {
    const element = xml('iq', { type, id: '1' }, '\n', ping, '\n');
    expect(accepted(element)).toMatchObject({ kind: 'iq', type, id: '1', payload: ping });
    for (const children of [[], ['text'], [ping, ping]]) {
      expect(refused(xml('iq', { type, id: '1' }, ...children))).toMatchObject({
        problem: 'iq-child-count',
        condition: 'bad-request',
        answerable: true,
      });
    }
  });

  it('[R8.2.3-8] an iq of type result has at most one child element', () => {
    expect(accepted(xml('iq', { type: 'result', id: '1' }))).toMatchObject({ type: 'result', payload: undefined });
    expect(accepted(xml('iq', { type: 'result', id: '1' }, ping))).toMatchObject({ type: 'result', payload: ping });
    expect(refused(xml('iq', { type: 'result', id: '1' }, ping, ping))).toMatchObject({
      problem: 'iq-child-count',
      answerable: false,
    });
  });

  it('[R8.2.3-9] an iq of type error may bring back what was asked, before or after the error', () => {
    const error = xml('error', { type: 'cancel' });
    for (const children of [
      [error, ping],
      [ping, error],
    ]) {
      expect(accepted(xml('iq', { type: 'error', id: '1' }, ...children))).toMatchObject({
        type: 'error',
        payload: ping,
      });
    }
    expect(accepted(xml('iq', { type: 'error', id: '1' }, error))).toMatchObject({ payload: undefined });
  });

  it('[R8.2.3-1] [R8.1.3-1] an iq needs an id that is not empty', () => {
    for (const type of ['get', 'set', 'result']) {
      for (const id of [undefined, '']) {
        expect(refused(xml('iq', { type, id }, ping))).toMatchObject({
          problem: 'iq-without-id',
          condition: 'bad-request',
          answerable: type !== 'result',
        });
      }
    }
    expect(refused(xml('iq', { type: 'error' }))).toMatchObject({ problem: 'iq-without-id', answerable: false });
    // The error that answers a request without id has an empty one.
    expect(accepted(xml('iq', { type: 'error', id: '' }))).toMatchObject({ id: '' });
  });

  it.each([undefined, '', 'subscribe', 'GET', 'toString'])(
    '[R8.2.3-2] [R8.2.3-3] refuses an iq of type %j with bad-request',
    (type) => {
      const problem = refused(xml('iq', { type, id: 'zj3v142b', from: 'a@b/c', to: 'im.example.com' }, ping));
      expect(problem).toMatchObject({ problem: 'iq-type-invalid', condition: 'bad-request', answerable: true, type });
      expect(
        errorOf(problem)?.element.equals(
          xml(
            'iq',
            { from: 'im.example.com', id: 'zj3v142b', to: 'a@b/c', type: 'error' },
            xml('error', { type: 'modify' }, xml('bad-request', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' })),
          ),
        ),
      ).toBe(true);
    },
  );

  it.each(['to', 'from'] as const)(
    '[R8.3.3.8-1] [R8.1.1.1-1] a malformed %s address is jid-malformed, and still data',
    (name) => {
      const other = name === 'to' ? 'from' : 'to';
      const problem = refused(
        xml('presence', { [name]: 'ch@r@cters@muc.example.com/JulieC', [other]: 'a@b/c', id: 'y2bs71v4' }),
      );
      expect(problem).toMatchObject({
        problem: `${name}-malformed`,
        condition: 'jid-malformed',
        answerable: true,
        kind: 'presence',
        id: 'y2bs71v4',
        [name]: undefined,
        [other]: jid('a@b/c'),
        jidError: { part: 'domainpart', rule: 'character', codePoint: 0x40 },
      });
      expect(problem.message).toContain(`'${name}'`);
    },
  );

  it('never has a malformed error or result answered', () => {
    for (const kind of ['message', 'presence', 'iq']) {
      expect(refused(xml(kind, { to: '@', id: '1', type: 'error' }))).toMatchObject({ answerable: false });
    }
    expect(refused(xml('iq', { to: '@', id: '1', type: 'result' }))).toMatchObject({ answerable: false });
    // Only an iq has results: this message is a normal one.
    expect(refused(xml('message', { to: '@', type: 'result' }))).toMatchObject({ answerable: true });
  });

  it('leaves from unread where the server sets it anyway', () => {
    const element = xml('message', { from: '@@@', to: 'a@b' });
    expect(accepted(element, { ignoreFrom: true })).toMatchObject({ from: undefined, to: jid('a@b') });
  });

  it('has addresses judged by the preparation of its options', () => {
    const preparation = { localpart: () => 'x', domainpart: () => 'y', resourcepart: () => 'z' };
    expect(accepted(xml('message', { to: 'ä@ö/ü' }), { preparation }).to?.toString()).toBe('x@y/z');
  });

  it('[R8.1.5-3] takes the language of the stream where the stanza has none', () => {
    expect(accepted(xml('message'), { lang: 'de' }).lang).toBe('de');
    expect(accepted(xml('message', { 'xml:lang': 'en' }), { lang: 'de' }).lang).toBe('en');
    expect(accepted(xml('message', { 'xml:lang': '' }), { lang: 'de' }).lang).toBeUndefined();
    expect(accepted(xml('message'), { lang: undefined }).lang).toBeUndefined();
  });

  it('never throws, and never lets a rule slip, whatever the attributes', () => {
    const value = fc.option(fc.constantFrom('', 'get', 'set', 'result', 'error', 'chat', 'a@b', '@', 'ü@x', '1'), {
      nil: undefined,
    });
    const children = fc.array(fc.constantFrom(ping, xml('error'), 'text'), { maxLength: 3 });
    fc.assert(
      fc.property(
        fc.constantFrom('message', 'presence', 'iq'),
        fc.record({ to: value, from: value, id: value, type: value, 'xml:lang': value }),
        children,
        (kind, attributes, content) => {
          const reading = readStanza(xml(kind, attributes, ...content), options);
          const draft = reading?.ok === true ? reading.stanza : reading?.problem;
          expect(draft?.kind).toBe(kind);
          const isAnswerable = attributes.type !== 'error' && !(kind === 'iq' && attributes.type === 'result');
          expect(reading?.ok === false ? reading.problem.answerable : isAnswerable).toBe(isAnswerable);
          expect((draft && errorOf(draft as StanzaProblem, { condition: 'bad-request' })) !== undefined).toBe(
            isAnswerable,
          );
        },
      ),
    );
  });
});
