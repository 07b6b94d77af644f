import { describe, expect, it } from 'vitest';
import type { XmlLimits } from '../../src/limits.ts';
import { XmlStreamReader } from '../../src/xml/index.ts';
import { byteByByte, bytesOf, HEADER, pieces, readAll, UNLIMITED } from './support.ts';

const numbered = (count: number, each: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => each(at)).join('');

/** For each limit: text inside of a stream that spends exactly so much of it. */
const SPENDING: Record<keyof XmlLimits, readonly [violation: string, ...((amount: number) => string)[]]> = {
  stanzaBytes: [
    'stanza-too-large',
    (amount) => `<a>${'x'.repeat(amount - 7)}</a>`,
    (amount) => `<a${' '.repeat(amount - 4)}/>`,
    (amount) => `<a b='${'x'.repeat(amount - 9)}'/>`,
    (amount) => `<a><![CDATA[${'x'.repeat(amount - 19)}]]></a>`,
    (amount) => `<a>${'<b/>'.repeat((amount - 7) / 4)}${'x'.repeat((amount - 7) % 4)}</a>`,
    (amount) => `<a>${'x'.repeat(amount - 17)}</a${' '.repeat(10)}>`,
  ],
  depth: [
    'too-deep',
    (amount) => '<a>'.repeat(amount) + '</a>'.repeat(amount),
    (amount) => `${'<a>'.repeat(amount - 1)}<a/>${'</a>'.repeat(amount - 1)}`,
  ],
  elements: [
    'too-many-elements',
    (amount) => `<a>${'<b/>'.repeat(amount - 1)}</a>`,
    (amount) => '<a>'.repeat(amount) + '</a>'.repeat(amount),
  ],
  attributes: [
    'too-many-attributes',
    (amount) => `<a${numbered(amount, (at) => ` a${at}='1'`)}/>`,
    (amount) => `<a xmlns='x' xmlns:p='y'${numbered(amount, (at) => ` a${at}='1'`)}></a>`,
  ],
  namespaceDeclarations: [
    'too-many-namespace-declarations',
    // The header declares two.
    (amount) => `<a${numbered(amount - 2, (at) => ` xmlns:p${at}='x'`)}/>`,
    (amount) => `${numbered(amount - 2, (at) => `<a xmlns='u:${at}'>`)}${'</a>'.repeat(amount - 2)}`,
  ],
  nameBytes: [
    'name-too-long',
    (amount) => `<${'a'.repeat(amount)}/>`,
    (amount) => `<a ${'b'.repeat(amount)}='1'/>`,
    (amount) => `<p:${'a'.repeat(amount - 2)} xmlns:p='x'/>`,
    (amount) => `<${'é'.repeat(amount / 2)}${'a'.repeat(amount % 2)}/>`,
  ],
  attributeValueBytes: [
    'attribute-value-too-long',
    (amount) => `<a b='${'x'.repeat(amount)}'/>`,
    (amount) => `<a b="${'é'.repeat(amount / 2)}${'x'.repeat(amount % 2)}"/>`,
    (amount) => `<a xmlns='${'x'.repeat(amount)}'/>`,
    (amount) => `<a b='${'&amp;'.repeat(amount / 5)}${'x'.repeat(amount % 5)}'/>`,
  ],
};

const LIMIT = 60;

const cases = Object.entries(SPENDING).flatMap(([limit, [violation, ...texts]]) =>
  texts.map((text, at): [string, number, string, (amount: number) => string] => [limit, at, violation, text]),
);

describe.each(cases)('[S3] [S4] the limit %s, way %i', (limit, _at, violation, text) => {
  it.each([
    ['limit - 1', LIMIT - 1],
    ['limit', LIMIT],
    ['limit + 1', LIMIT + 1],
  ])('at %s', (_name, amount) => {
    const wanted = amount > LIMIT ? violation : undefined;
    // The header is read with other limits, as the engine does between phases.
    const limits = { ...UNLIMITED, [limit]: LIMIT };
    const body = bytesOf(text(amount));
    for (const chunks of [[body], byteByByte(body), pieces(body, 7)]) {
      const reader = new XmlStreamReader({ limits: UNLIMITED });
      reader.receive(bytesOf(HEADER));
      reader.next();
      reader.useLimits(limits);
      let last = '';
      for (const chunk of chunks) {
        reader.receive(chunk);
        for (let event = reader.next(); event !== undefined; event = reader.next()) {
          last = event.type === 'violation' ? event.violation : event.type;
          if (event.type === 'violation') break;
        }
      }
      expect(last).toBe(wanted ?? 'element');
    }
  });
});

describe('the stream header', () => {
  it.each([-1, 0, 1])('[S3] counts from the start of the stream, limit %i', (extra) => {
    const bytes = bytesOf(`<?xml version='1.0'?>\n  ${HEADER}`);
    const limits = { ...UNLIMITED, stanzaBytes: bytes.length - extra };
    for (const chunks of [[bytes], byteByByte(bytes)]) {
      expect(readAll(chunks, { limits }).at(-1)?.violation).toBe(extra > 0 ? 'stanza-too-large' : undefined);
    }
  });

  it('is called by its name, also when it comes in one piece', () => {
    const limits = { ...UNLIMITED, stanzaBytes: 50 };
    for (const [mode, what] of [
      ['stream', 'stream header'],
      ['document', 'first-level element'],
    ] as const) {
      const bytes = bytesOf(`<s xmlns='${'x'.repeat(50)}'/>`);
      for (const chunks of [[bytes], byteByByte(bytes)]) {
        expect(readAll(chunks, { limits, mode }).at(-1)?.detail).toBe(`a ${what} of more than 50 bytes`);
      }
    }
  });

  it('[S4] cannot be kept waiting for by white space', () => {
    const limits = { ...UNLIMITED, stanzaBytes: 1000 };
    expect(
      readAll(
        Array.from({ length: 50 }, () => bytesOf(' '.repeat(30))),
        { limits },
      ),
    ).toMatchObject([{ violation: 'stanza-too-large' }]);
  });
});

describe('[S4] what is not complete', () => {
  it.each(['<', '<a', "<a b='", '<a>x', '<a><![CDATA[', '<a><!', '</', '<a>&', '<?xml '])(
    'is bounded after %j',
    (start) => {
      const limits = { ...UNLIMITED, stanzaBytes: 1000 };
      const reader = new XmlStreamReader({ limits });
      if (!start.startsWith('<?')) reader.receive(bytesOf(HEADER));
      reader.receive(bytesOf(start));
      let bytes = 0;
      let event = reader.next();
      while (event?.type !== 'violation' && bytes < 5000) {
        if (event === undefined) {
          reader.receive(bytesOf('a'.repeat(10)));
          bytes += 10;
        }
        event = reader.next();
      }
      expect(event).toMatchObject({ type: 'violation' });
      expect(bytes).toBeLessThanOrEqual(1010);
      expect(reader.takeRest().length).toBeLessThanOrEqual(1010);
    },
  );

  it('is not counted by white space between first-level elements', () => {
    const limits = { ...UNLIMITED, stanzaBytes: 150 };
    const reader = new XmlStreamReader({ limits });
    reader.receive(bytesOf(HEADER));
    reader.next();
    for (let round = 0; round < 100; round++) {
      reader.receive(bytesOf(' '.repeat(100)));
      expect(reader.next()).toEqual({ type: 'whitespace', bytes: 100 });
    }
    reader.receive(bytesOf('<a/>'));
    expect(reader.next()?.type).toBe('element');
  });
});
