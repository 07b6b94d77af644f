import { describe, expect, it } from 'vitest';
import { jid } from '../../src/jid/index.ts';
import { CLIENT_NS, STANZA_ERRORS_NS } from '../../src/namespaces.ts';
import {
  errorOf,
  iq,
  isStanzaErrorCondition,
  message,
  presence,
  readStanza,
  readStanzaError,
  resultOf,
  STANZA_ERROR_CONDITIONS,
  type Stanza,
  type StanzaErrorCondition,
  type StanzaErrorType,
} from '../../src/stanza/index.ts';
import { xml, type XmlElement } from '../../src/xml/index.ts';

const xmlns = STANZA_ERRORS_NS;
const ping = xml('ping', { xmlns: 'urn:xmpp:ping' });
const invalid = expect.objectContaining({ code: 'stanza-invalid' }) as Error;
const to = jid('im.example.com');
const from = jid('juliet@im.example.com/balcony');
const request = iq({ type: 'get', id: 'x1', to, from }, ping);

function read(element: XmlElement): Stanza {
  const reading = readStanza(element, { contentNamespace: CLIENT_NS, lang: 'en' });
  if (reading?.ok !== true) throw new Error(`not read: ${element}`);
  return reading.stanza;
}

/** An error stanza whose `<error/>` has these attributes and children. */
function errorStanza(attributes: Record<string, string>, ...children: readonly XmlElement[]): Stanza {
  return read(xml('message', { type: 'error', from: 'a@b' }, xml('error', attributes, ...children)));
}

/** RFC 6120 §8.3.3.1 to §8.3.3.22: the condition, the associated types and the section. */
const CONDITIONS: readonly (readonly [string, StanzaErrorCondition, readonly StanzaErrorType[]])[] = [
  ['8.3.3.1', 'bad-request', ['modify']],
  ['8.3.3.2', 'conflict', ['cancel']],
  ['8.3.3.3', 'feature-not-implemented', ['cancel', 'modify']],
  ['8.3.3.4', 'forbidden', ['auth']],
  ['8.3.3.5', 'gone', ['cancel']],
  ['8.3.3.6', 'internal-server-error', ['cancel']],
  ['8.3.3.7', 'item-not-found', ['cancel']],
  ['8.3.3.8', 'jid-malformed', ['modify']],
  ['8.3.3.9', 'not-acceptable', ['modify']],
  ['8.3.3.10', 'not-allowed', ['cancel']],
  ['8.3.3.11', 'not-authorized', ['auth']],
  ['8.3.3.12', 'policy-violation', ['modify', 'wait']],
  ['8.3.3.13', 'recipient-unavailable', ['wait']],
  ['8.3.3.14', 'redirect', ['modify']],
  ['8.3.3.15', 'registration-required', ['auth']],
  ['8.3.3.16', 'remote-server-not-found', ['cancel']],
  ['8.3.3.17', 'remote-server-timeout', ['wait']],
  ['8.3.3.18', 'resource-constraint', ['wait']],
  ['8.3.3.19', 'service-unavailable', ['cancel']],
  ['8.3.3.20', 'subscription-required', ['auth']],
  ['8.3.3.21', 'undefined-condition', ['cancel', 'auth', 'continue', 'modify', 'wait']],
  ['8.3.3.22', 'unexpected-request', ['wait', 'modify']],
];

describe('the table of conditions', () => {
  it('[R8.3.2-3] has the 22 of RFC 6120 and no other', () => {
    expect(Object.keys(STANZA_ERROR_CONDITIONS)).toEqual(CONDITIONS.map(([, condition]) => condition));
    for (const name of ['payment-required', 'text', 'toString', '']) expect(isStanzaErrorCondition(name)).toBe(false);
  });

  it.each(CONDITIONS)('[R%s-1] [REC8.3.3-1] %s is sent with its type and read back', (_, condition, types) => {
    const sent = errorOf(request, { condition });
    expect(
      sent.element.equals(
        xml(
          'iq',
          { type: 'error', id: 'x1', to: from.toString(), from: to.toString() },
          xml('error', { type: types[0] }, xml(condition, { xmlns })),
        ),
      ),
    ).toBe(true);
    expect(readStanzaError(read(sent.element))).toMatchObject({ condition, texts: [], by: undefined });
    expect(types).toContain(readStanzaError(sent)?.type);
  });
});

describe('errorOf', () => {
  it('[R8.3.1-2] [R8.3.1-3] answers with the same kind and id, and swaps the addresses', () => {
    const bounced = errorOf(message({ to, from, id: 'm1', type: 'chat', body: 'x' }), { condition: 'forbidden' });
    expect(bounced).toMatchObject({ kind: 'message', type: 'error', id: 'm1' });
    expect(bounced?.to?.equals(from)).toBe(true);
    expect(bounced?.from?.equals(to)).toBe(true);
    const refused = errorOf(presence({ to, from }), { condition: 'forbidden' });
    expect(refused).toMatchObject({ kind: 'presence', type: 'error', id: undefined });
    expect(refused?.element.attribute('id')).toBeUndefined();
  });

  it('[R8.3.1-10] [R8.2.3-6] never answers an error or a result', () => {
    const condition = 'bad-request';
    const error = errorOf(request, { condition });
    for (const stanza of [
      error,
      resultOf(request),
      errorOf(message({}), { condition }),
      errorOf(presence({}), { condition }),
    ]) {
      expect(stanza && errorOf(stanza, { condition })).toBeUndefined();
    }
  });

  it('[R8.3.1-4] [R8.3.1-5] answers an iq without id with an empty one', () => {
    const reading = readStanza(xml('iq', { type: 'get' }, ping), { contentNamespace: CLIENT_NS });
    const answer = reading?.ok === false ? errorOf(reading.problem) : undefined;
    expect(answer).toMatchObject({ kind: 'iq', type: 'error', id: '' });
    expect(answer?.element.attribute('id')).toBe('');
    expect(answer && read(answer.element)).toMatchObject({ id: '' });
  });

  it('does not send a malformed address back, and takes another sender for it', () => {
    const reading = readStanza(xml('message', { to: 'a@b@c', from: 'x@y' }), { contentNamespace: CLIENT_NS });
    if (reading?.ok !== false) throw new Error('accepted');
    expect(errorOf(reading.problem)?.element.attribute('from')).toBeUndefined();
    const answer = errorOf(reading.problem, { from: to, text: 'Two at signs.', lang: 'en' });
    expect(answer?.element.attribute('from')).toBe('im.example.com');
    expect(answer && readStanzaError(answer)).toMatchObject({ condition: 'jid-malformed', type: 'modify' });
    const other = errorOf(reading.problem, { condition: 'item-not-found' });
    expect(other && readStanzaError(other)).toMatchObject({ condition: 'item-not-found', type: 'cancel' });
  });

  it('[R8.3.2-6] [R8.3.2-7] says all that it was given', () => {
    const application = xml('too-many-parameters', { xmlns: 'http://example.org/ns' });
    const error = errorOf(request, {
      condition: 'policy-violation',
      type: 'wait',
      by: to,
      text: 'Slowly.',
      lang: 'en',
      application,
    });
    expect(
      error.element
        .child('error')
        ?.equals(
          xml(
            'error',
            { type: 'wait', by: 'im.example.com' },
            xml('policy-violation', { xmlns }),
            xml('text', { xmlns, 'xml:lang': 'en' }, 'Slowly.'),
            application,
          ),
        ),
    ).toBe(true);
    expect(readStanzaError(read(error.element))).toMatchObject({
      condition: 'policy-violation',
      type: 'wait',
      by: to,
      texts: [{ lang: 'en', text: 'Slowly.' }],
      application,
    });
  });

  it.each(['gone', 'redirect'] as const)('%s has a new address', (condition) => {
    const uri = 'xmpp:romeo@afterlife.example.net';
    expect(readStanzaError(errorOf(request, { condition, uri }))).toMatchObject({ condition, uri });
    expect(readStanzaError(errorOf(request, { condition }))).toMatchObject({ condition, uri: undefined });
  });

  it('throws what the caller got wrong', () => {
    const wrong = [
      { condition: 'no-such-thing' as 'gone' },
      { condition: undefined as unknown as 'gone' },
      { condition: 'gone', type: 'fatal' as 'wait' },
      { condition: 'conflict', uri: 'xmpp:a@b' },
      { condition: 'gone', uri: 'romeo@afterlife.example.net' },
      { condition: 'redirect', uri: 'xmpp:romeo at home' },
      { condition: 'redirect', uri: '' },
      { condition: 'conflict', application: xml('own') },
      { condition: 'conflict', application: xml('own', { xmlns }) },
      { condition: 'conflict', application: xml('own', { xmlns: '' }) },
      { condition: 'conflict', application: xml('reset', { xmlns: 'urn:ietf:params:xml:ns:xmpp-streams' }) },
      { condition: 'conflict', application: xml('own', { xmlns: 'http://etherx.jabber.org/streams' }) },
    ] as const;
    for (const fields of wrong) expect(() => errorOf(request, fields)).toThrow(invalid);
    expect(() => errorOf(request, { condition: 'gone', lang: '-' })).toThrow(
      expect.objectContaining({ code: 'lang-invalid' }),
    );
  });
});

describe('readStanzaError', () => {
  it('[R8.3.1-9] reads nothing where the stanza is no error', () => {
    const element = xml('message', { type: 'chat' }, xml('error', { type: 'cancel' }, xml('gone', { xmlns })));
    expect(readStanzaError(read(element))).toBeUndefined();
  });

  it('[R8.3.2-4] takes a condition that nobody defined for undefined-condition', () => {
    expect(readStanzaError(errorStanza({ type: 'wait' }, xml('payment-required', { xmlns })))).toMatchObject({
      condition: 'undefined-condition',
      type: 'wait',
    });
  });

  it('[R8.3.1-6] [R8.3.2-5] finds undefined-condition where nothing is said', () => {
    expect(readStanzaError(errorStanza({}))).toMatchObject({ condition: 'undefined-condition', type: 'cancel' });
    expect(readStanzaError(read(xml('message', { type: 'error' })))).toEqual({
      condition: 'undefined-condition',
      type: 'cancel',
      by: undefined,
      texts: [],
      uri: undefined,
      application: undefined,
      element: undefined,
    });
  });

  it('[R8.3.2-2] takes the usual type where there is none that is defined', () => {
    for (const attributes of [{}, { type: 'fatal' }, { type: '' }]) {
      expect(readStanzaError(errorStanza(attributes, xml('forbidden', { xmlns })))).toMatchObject({ type: 'auth' });
    }
    for (const type of ['auth', 'cancel', 'continue', 'modify', 'wait']) {
      expect(readStanzaError(errorStanza({ type }, xml('gone', { xmlns })))).toMatchObject({ type });
    }
  });

  it('[R8.3.4-1] does not mind the order of the children, an old code, or conditions of applications', () => {
    const application = xml('own', { xmlns: 'urn:example:own' });
    const error = readStanzaError(
      errorStanza(
        { code: '404', type: 'cancel' },
        application,
        xml('text', { xmlns }, 'Nobody.'),
        xml('item-not-found', { xmlns }),
      ),
    );
    expect(error).toMatchObject({ condition: 'item-not-found', application, texts: [{ lang: 'en', text: 'Nobody.' }] });
    expect(error?.element?.attribute('code')).toBe('404');
  });

  it('reads the texts of all languages, each with the nearest xml:lang', () => {
    const stanza = read(
      xml(
        'message',
        { type: 'error', 'xml:lang': 'cs' },
        xml(
          'error',
          {},
          xml('gone', { xmlns }),
          xml('text', { xmlns, 'xml:lang': 'de' }, 'Fort.'),
          xml('text', { xmlns }, 'Pryč.'),
        ),
      ),
    );
    expect(readStanzaError(stanza)?.texts).toEqual([
      { lang: 'de', text: 'Fort.' },
      { lang: 'cs', text: 'Pryč.' },
    ]);
    const inner = errorStanza(
      { 'xml:lang': 'fr' },
      xml('text', { xmlns }, 'Non.'),
      xml('text', { xmlns, 'xml:lang': '' }, '?'),
    );
    expect(readStanzaError(inner)?.texts).toEqual([
      { lang: 'fr', text: 'Non.' },
      { lang: undefined, text: '?' },
    ]);
  });

  it('takes the address of gone and redirect without the space around it, and of no other', () => {
    const spaced = errorStanza({}, xml('gone', { xmlns }, '\n  xmpp:a@b\n'));
    expect(readStanzaError(spaced)?.uri).toBe('xmpp:a@b');
    expect(readStanzaError(errorStanza({}, xml('redirect', { xmlns }, ' ')))?.uri).toBeUndefined();
    expect(readStanzaError(errorStanza({}, xml('conflict', { xmlns }, 'xmpp:a@b')))?.uri).toBeUndefined();
  });

  it('believes the first condition', () => {
    const error = readStanzaError(errorStanza({}, xml('new-one', { xmlns }), xml('gone', { xmlns }, 'xmpp:a@b')));
    expect(error).toMatchObject({ condition: 'undefined-condition', uri: undefined });
  });

  it('[R8.3.2-7] takes nothing in the namespace of the stanza for a condition of an application', () => {
    const application = xml('own', { xmlns: 'urn:example:own' });
    const error = errorStanza({}, xml('text', {}, 'Old.'), xml('gone'), xml('forbidden', { xmlns }), application);
    expect(readStanzaError(error)).toMatchObject({ condition: 'forbidden', texts: [], application });
    expect(readStanzaError(errorStanza({}, xml('gone')))?.application).toBeUndefined();
  });

  it('leaves out a malformed by', () => {
    expect(readStanzaError(errorStanza({ by: '@' }, xml('gone', { xmlns })))?.by).toBeUndefined();
    expect(readStanzaError(errorStanza({ by: 'b' }, xml('gone', { xmlns })))?.by?.toString()).toBe('b');
  });
});
