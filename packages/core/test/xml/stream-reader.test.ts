import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../src/bytes/utf8.ts';
import { DEFAULT_LIMITS } from '../../src/limits.ts';
import { type XmlStreamEvent, XmlStreamReader } from '../../src/xml/index.ts';
import { byteByByte, bytesOf, CLOSING_TAG, HEADER, inStream, outcome, plain, readAll, UNLIMITED } from './support.ts';

const reader = (): XmlStreamReader => new XmlStreamReader({ limits: UNLIMITED });

function drain(from: XmlStreamReader): string[] {
  const types: string[] = [];
  for (let event = from.next(); event !== undefined; event = from.next()) types.push(event.type);
  return types;
}

describe('events of a stream', () => {
  it('are the header, first-level elements, white space, and the closing tag', () => {
    const subject = reader();
    subject.receive(bytesOf(`<?xml version='1.0'?>${HEADER} <a/>\n<b>x</b>${CLOSING_TAG}`));
    expect(drain(subject)).toEqual(['header', 'whitespace', 'element', 'whitespace', 'element', 'closing-tag']);
  });

  it('give the header with its attributes, prefix and declarations, and no children', () => {
    const subject = reader();
    subject.receive(bytesOf(HEADER));
    const event = subject.next();
    const element = event?.type === 'header' ? event.element : undefined;
    expect(element).toMatchObject({
      name: 'stream',
      prefix: 'stream',
      namespace: 'http://etherx.jabber.org/streams',
      children: [],
    });
    expect(element?.attribute('to')).toBe('example.com');
    expect([...(element?.declarations ?? [])]).toEqual([
      ['', 'jabber:client'],
      ['stream', 'http://etherx.jabber.org/streams'],
    ]);
  });

  it('stop after the closing tag and leave what follows alone', () => {
    const subject = reader();
    subject.receive(bytesOf(`${HEADER}${CLOSING_TAG}<more`));
    expect(drain(subject)).toEqual(['header', 'closing-tag']);
    expect(subject.bufferedInput).toBe(5);
    expect(subject.next()).toBeUndefined();
  });

  it('take an empty-element root for a header and a closing tag', () => {
    expect(readAll([bytesOf("<s xmlns='urn:x'/>")]).map(({ type }) => type)).toEqual(['header', 'closing-tag']);
  });

  it('give white space once a chunk and keep none of it', () => {
    const subject = reader();
    subject.receive(bytesOf(HEADER));
    drain(subject);
    for (let round = 0; round < 3; round++) {
      subject.receive(bytesOf(' \n\t '));
      expect(subject.next()).toEqual({ type: 'whitespace', bytes: 4 });
      expect(subject.eventBytes).toBe(4);
      expect(subject.next()).toBeUndefined();
    }
  });

  it('repeat a violation for ever', () => {
    const subject = reader();
    subject.receive(bytesOf(`${HEADER}<a></b><c/>`));
    expect(subject.next()?.type).toBe('header');
    const violation = subject.next();
    expect(violation).toMatchObject({ type: 'violation', violation: 'tag-mismatch' });
    subject.receive(bytesOf('<d/>'));
    expect(subject.next()).toBe(violation);
    expect(subject.next()).toBe(violation);
  });

  it('[S1] refuse a second stream header', () => {
    expect(inStream(HEADER).at(-1)).toMatchObject({ violation: 'second-header' });
    expect(inStream(`<a>${HEADER}`)).toEqual([]);
  });

  it('never throw because the peer sends the name of a property', () => {
    const [element] = inStream("<__proto__ constructor='1' __proto__='2'><toString/></__proto__>");
    expect(element?.tree).toMatchObject({
      name: '__proto__',
      attrs: [
        ['', '__proto__', '2'],
        ['', 'constructor', '1'],
      ],
    });
  });
});

describe('laziness', () => {
  it('[rule 2] parses up to the next event and not one byte further', () => {
    const subject = reader();
    subject.receive(bytesOf(`${HEADER}<a/><b></wrong>`));
    subject.next();
    expect(subject.next()?.type).toBe('element');
    expect(subject.bufferedInput).toBe('<b></wrong>'.length);
    expect(subject.next()?.type).toBe('violation');
  });

  it('[rule 4] refers to no chunk once it has asked for more', () => {
    const subject = reader();
    const chunks = [HEADER + "<a to='", "x'>te", 'xt</a'].map(bytesOf);
    for (const chunk of chunks) {
      subject.receive(chunk);
      drain(subject);
      chunk.fill(0x3c);
    }
    subject.receive(bytesOf('>'));
    const event = subject.next();
    expect(event?.type === 'element' && plain(event.element)).toMatchObject({
      attrs: [['', 'to', 'x']],
      children: ['text'],
    });
  });

  it('takes several chunks before it is asked', () => {
    const subject = reader();
    for (const chunk of byteByByte(bytesOf(`${HEADER}<a>x</a>`))) subject.receive(chunk);
    expect(subject.bufferedInput).toBe(HEADER.length + 8);
    expect(drain(subject)).toEqual(['header', 'element']);
    expect(subject.bufferedInput).toBe(0);
  });

  it('says how many bytes each event took', () => {
    const subject = reader();
    const sizes: [string, number][] = [];
    for (const chunk of byteByByte(bytesOf(`<?xml version='1.0'?> ${HEADER}<a>é</a><b/>${CLOSING_TAG}`))) {
      subject.receive(chunk);
      for (let event = subject.next(); event !== undefined; event = subject.next())
        sizes.push([event.type, subject.eventBytes]);
    }
    expect(sizes).toEqual([
      ['header', 22 + HEADER.length],
      ['element', 9],
      ['element', 4],
      ['closing-tag', CLOSING_TAG.length],
    ]);
  });

  it('hands over what it has not read, a cut token included, and is then at its end', () => {
    const subject = reader();
    subject.receive(bytesOf(`${HEADER}<a/><b attr`));
    subject.next();
    subject.next();
    subject.receive(bytesOf("='1'/>"));
    subject.receive(bytesOf('<c/>'));
    expect(new TextDecoder().decode(subject.takeRest())).toBe("<b attr='1'/><c/>");
    expect(subject.next()).toBeUndefined();
    expect(subject.bufferedInput).toBe(0);

    const cut = reader();
    cut.receive(bytesOf(`${HEADER}<a/><b attr`));
    drain(cut);
    cut.receive(bytesOf('ibute'));
    expect(new TextDecoder().decode(cut.takeRest())).toBe('<b attribute');
  });

  it('uses other limits when told to', () => {
    const subject = new XmlStreamReader({ limits: { ...UNLIMITED, stanzaBytes: 200 } });
    subject.receive(bytesOf(HEADER));
    subject.next();
    subject.useLimits(UNLIMITED);
    subject.receive(bytesOf(`<a>${'x'.repeat(300)}</a>`));
    expect(subject.next()?.type).toBe('element');
  });

  it('works with the default limits and codec', () => {
    const subject = new XmlStreamReader({ limits: DEFAULT_LIMITS });
    subject.receive(utf8Encode(`${HEADER}<message><body>Grüße, 世界 😀</body></message>`));
    subject.next();
    const event = subject.next();
    expect(event?.type === 'element' && event.element.childText('body')).toBe('Grüße, 世界 😀');
  });
});

describe('documents', () => {
  const read = (text: string): XmlStreamEvent[] => {
    const subject = new XmlStreamReader({ limits: UNLIMITED, mode: 'document' });
    subject.receive(bytesOf(text));
    const events: XmlStreamEvent[] = [];
    for (let event = subject.next(); event !== undefined && events.at(-1) !== event; event = subject.next())
      events.push(event);
    const atEnd = subject.end();
    return atEnd === undefined || events.at(-1) === atEnd ? events : [...events, atEnd];
  };

  it('are one element', () => {
    expect(read(" <a xmlns='urn:x'><b/></a>\n").map(outcome)).toMatchObject([
      { type: 'element', tree: { name: 'a', ns: 'urn:x' } },
    ]);
  });

  it.each([
    ['<a>', 'incomplete-document'],
    ['', 'incomplete-document'],
    ['<a/><b/>', 'content-after-root'],
    ['<a/>x', 'content-after-root'],
    ['<a/><', 'content-after-root'],
    ['<a></a><b', 'content-after-root'],
    ['<a/></a>', 'content-after-root'],
    ['<a/><![CDATA[x]]>', 'content-after-root'],
  ])('%j is refused as %s', (text, violation) => {
    expect(read(text).at(-1)).toMatchObject({ type: 'violation', violation });
  });
});

describe('after a violation', () => {
  it('[S4] nothing is stored any longer', () => {
    const subject = reader();
    subject.receive(bytesOf(`${HEADER}<a></b>${'x'.repeat(1000)}`));
    drainUntilViolation(subject);
    for (let round = 0; round < 100; round++) subject.receive(bytesOf('y'.repeat(1000)));
    expect(subject.bufferedInput).toBe(0);
    expect(subject.takeRest().length).toBe(0);
    expect(subject.next()).toMatchObject({ violation: 'tag-mismatch' });
  });

  it('names the first character that is wrong', () => {
    expect(inStream('<a>\u0002\u0001</a>').at(-1)?.detail).toBe('XML 1.0 allows no U+0002');
  });
});

function drainUntilViolation(from: XmlStreamReader): void {
  for (let event = from.next(); event !== undefined && event.type !== 'violation'; event = from.next());
}
