import { describe, expect, it } from 'vitest';
import { jid } from '../../src/jid/index.ts';
import { CLIENT_NS } from '../../src/namespaces.ts';
import { message, presence, readStanza, stamp } from '../../src/stanza/index.ts';
import { xml } from '../../src/xml/index.ts';

const juliet = jid('juliet@im.example.com/balcony');
const romeo = jid('romeo@example.net');

describe('stamp', () => {
  it('[S24] [R8.1.2.1-1] overrides whatever from the sender claimed, malformed ones too', () => {
    for (const claim of [undefined, 'mallory@im.example.com', juliet.toString(), '@@@']) {
      const reading = readStanza(xml('message', { from: claim, id: '1' }, xml('body', {}, 'x')), {
        contentNamespace: CLIENT_NS,
        ignoreFrom: true,
      });
      if (reading?.ok !== true) throw new Error('refused');
      const stamped = stamp(reading.stanza, { from: juliet });
      expect(stamped.from).toBe(juliet);
      expect(stamped.element.attribute('from')).toBe('juliet@im.example.com/balcony');
      expect(stamped.element.childText('body')).toBe('x');
    }
  });

  it('[S20] leaves no second from behind, however it was written', () => {
    const claimed = message({ from: romeo, to: romeo });
    const stamped = stamp(claimed, { from: juliet.bare, to: juliet });
    const addresses = stamped.element.attributes.filter(({ name }) => name === 'from' || name === 'to');
    expect(addresses.map(({ name, namespace, value }) => [name, namespace, value])).toEqual([
      ['from', '', 'juliet@im.example.com'],
      ['to', '', 'juliet@im.example.com/balcony'],
    ]);
  });

  it('[R8.1.1.1-3] leaves alone what it is not given, and the stanza it was given', () => {
    const line = message({ to: romeo, from: juliet, id: '1', type: 'chat', body: 'x' });
    const before = line.element.toString();
    expect(stamp(line, {})).toEqual(line);
    expect(stamp(line, { from: juliet }).element).toBe(line.element);
    stamp(line, { from: romeo });
    expect(line.element.toString()).toBe(before);
  });

  it('[R8.1.5-2] [R8.1.5-5] adds a language where there is none, and changes none', () => {
    expect(stamp(presence(), { lang: 'en' })).toMatchObject({ lang: 'en' });
    expect(stamp(presence(), { lang: 'en' }).element.attribute('xml:lang')).toBe('en');
    expect(stamp(presence({ lang: 'de' }), { lang: 'en' }).element.attribute('xml:lang')).toBe('de');
    const unknown = readStanza(xml('presence', { 'xml:lang': '' }), { contentNamespace: CLIENT_NS, lang: 'en' });
    expect(unknown?.ok === true && stamp(unknown.stanza, { lang: 'en' }).lang).toBeUndefined();
    expect(() => stamp(presence(), { lang: 'no tag' })).toThrow(expect.objectContaining({ code: 'lang-invalid' }));
  });
});
