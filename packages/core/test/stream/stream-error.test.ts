import { describe, expect, it } from 'vitest';
import { STREAM_ERROR_CONDITIONS, type StreamErrorFields } from '../../src/index.ts';
import { readStreamError, streamErrorElement } from '../../src/stream/stream-error.ts';
import { parseXml, xml, XmlElement } from '../../src/xml/index.ts';
import { client, HEADER, mechanisms, RESPONSE, SASL_NS, server } from '../engine/script.ts';

const NS = 'urn:ietf:params:xml:ns:xmpp-streams';
const APPLICATION = xml('too-late', { xmlns: 'urn:example:app' });

function fieldsFor(condition: (typeof STREAM_ERROR_CONDITIONS)[number]): StreamErrorFields {
  if (condition === 'see-other-host') return { condition, host: '[2001:db8::1]:5222' };
  return condition === 'undefined-condition' ? { condition, application: APPLICATION } : { condition };
}

describe('stream errors (RFC 6120 §4.9)', () => {
  it('[R4.9.2-1] there are 25 conditions', () => {
    expect(new Set(STREAM_ERROR_CONDITIONS).size).toBe(25);
  });

  it.each([...STREAM_ERROR_CONDITIONS])(
    '[R4.9.1.1-1] [R4.9.1.1-2] %s is sent and understood, and closes both ways',
    (condition) => {
      const sender = server();
      sender.peer(HEADER);
      sender.entity.close({ ...fieldsFor(condition), text: 'Good night' });
      const { said } = sender.peer('');
      expect(said).toMatch(/^<stream:error>.*<\/stream:error><\/stream:stream>$/);
      const receiver = client({ mechanisms: ['PLAIN'] });
      receiver.peer(RESPONSE + mechanisms('PLAIN'));
      const heard = receiver.peer(said);
      expect(heard.said).toBe('</stream:stream>');
      expect(heard.events).toMatchObject([
        {
          type: 'closed',
          transport: 'end',
          cause: { code: 'stream-error-received', error: { condition, text: 'Good night', lang: 'en' } },
        },
      ]);
    },
  );

  it('[R4.9.2-4] a text has a language: its own, or that of the stream', () => {
    expect(String(streamErrorElement({ condition: 'reset', text: 'Bis gleich', lang: 'de' }, 'en'))).toContain(
      "xml:lang='de'",
    );
    expect(String(streamErrorElement({ condition: 'reset', text: 'See you' }, 'en'))).toContain("xml:lang='en'");
  });

  it('[R4.9.2-5] [R4.9.4-1] an application-specific condition stands beside the defined one', () => {
    const error = readStreamError(
      streamErrorElement({ condition: 'policy-violation', application: APPLICATION }, 'en'),
    );
    expect(error).toMatchObject({ condition: 'policy-violation' });
    expect(error.application?.equals(APPLICATION)).toBe(true);
  });

  it.each([
    [{ condition: 'see-other-host' }],
    [{ condition: 'see-other-host', host: '' }],
    [{ condition: 'reset', host: 'example.net' }],
    [{ condition: 'reset', host: '' }],
    [{ condition: 'undefined-condition' }],
    [{ condition: 'bye' as 'reset' }],
    [{} as { condition: 'reset' }],
    ['reset' as never],
    [{ condition: 'reset', application: xml('x', { xmlns: NS }) }],
    [{ condition: 'reset', application: xml('x', { xmlns: 'http://etherx.jabber.org/streams' }) }],
    [{ condition: 'reset', application: xml('conflict', { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }) }],
    // Without a namespace of its own it would be in that of the error.
    [{ condition: 'reset', application: xml('x') }],
    [{ condition: 'reset', application: xml('x', { xmlns: '' }) }],
    [{ condition: 'reset', application: 'x' as never }],
    [{ condition: 'made-up' as never }],
  ] as const)('[R4.9.2-1] [R4.9.3.21-1] [R4.9.2-5] %o cannot be sent, and throws with nothing done', (fields) => {
    const sender = server();
    sender.peer(HEADER);
    expect(() => sender.entity.close(fields)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
    expect(sender.peer('').said).toBe('');
    expect(sender.entity.phase).toBe('offering');
  });

  it.each([
    [`<unheard-of xmlns='${NS}'/>`, 'undefined-condition'],
    ['', 'undefined-condition'],
    [`<text xmlns='${NS}'>only text</text>`, 'undefined-condition'],
    [`<text xmlns='${NS}'>first</text><reset xmlns='${NS}'/><conflict xmlns='${NS}'/>`, 'reset'],
  ])('[R4.9.2-2] %s reads as %s', (content, condition) => {
    const parsed = parseXml(`<error xmlns='http://etherx.jabber.org/streams'>${content}</error>`);
    if (!(parsed instanceof XmlElement)) throw new Error('not XML');
    expect(readStreamError(parsed).condition).toBe(condition);
  });

  it.each(['not a language', ''])('[R4.9.2-4] %j is no language of a text, and throws with nothing done', (lang) => {
    const sender = server();
    sender.peer(HEADER);
    expect(() => sender.entity.close({ condition: 'reset', text: 'Soon', lang })).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
    expect(sender.peer('').said).toBe('');
  });

  it.each([
    'im2.example.com',
    'im2.example.com:9090',
    'bücher.example:1',
    '192.0.2.1:65535',
    '[2001:db8::1]',
    '[2001:41D0:1:A49b::1]:9222',
  ])('[R4.9.3.19-1] [R4.9.3.19-3] %s is a place that see-other-host can name', (host) => {
    const error = streamErrorElement({ condition: 'see-other-host', host }, 'en');
    expect(readStreamError(error).host).toBe(host);
  });

  it.each([
    '2001:db8::1',
    '[2001:db8::1',
    '[2001:db8::1]9222',
    '[2001:db8::1::]:9222',
    '[im2.example.com]',
    '[]',
    'im2.example.com:',
    'im2.example.com:0',
    'im2.example.com:65536',
    'im2.example.com:https',
    'romeo@im2.example.com',
    'im2.example.com/x',
    'im2 example',
    ' im2.example.com',
    ':9090',
  ])('[R4.9.3.19-1] [R4.9.3.19-3] %s is none', (host) => {
    expect(() => streamErrorElement({ condition: 'see-other-host', host }, 'en')).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });

  it('[R4.9.3.19-1] see-other-host says where', () => {
    const element = (host: string): XmlElement =>
      xml('error', { xmlns: 'http://etherx.jabber.org/streams' }, xml('see-other-host', { xmlns: NS }, host));
    expect(readStreamError(element(' im2.example.com:9090\n')).host).toBe('im2.example.com:9090');
    expect(readStreamError(element('')).host).toBeUndefined();
  });

  it('[S19] a stream error counts at the first level alone', () => {
    const script = client({ mechanisms: ['PLAIN'] });
    script.peer(RESPONSE + mechanisms('PLAIN'));
    script.peer(`<success xmlns='${SASL_NS}'/>`);
    const bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
    const id =
      /id='([^']+)'/.exec(script.peer(`${RESPONSE}<stream:features>${bind}</stream:features>`).said)?.[1] ?? '';
    script.peer(
      `<iq type='result' id='${id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>j@im.example.com/x</jid></bind></iq>`,
    );
    const { events } = script.peer(`<message><stream:error><reset xmlns='${NS}'/></stream:error></message>`);
    expect(events).toMatchObject([{ type: 'stanza' }]);
    expect(script.entity.phase).toBe('established');
  });
});
