import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asciiPreparation, jid, jidFromParts, parseJid, type JidPart, type PartProblem } from '../../src/jid/index.ts';
import { prepareUsername } from '../../src/jid/prepare/localpart.ts';
import { unicodePreparation } from '../../src/jid/unicode.ts';
import precis from '../data/precis.json' with { type: 'json' };
import { isValid, JID_VECTORS } from './vectors.ts';

const PARTS = ['localpart', 'domainpart', 'resourcepart'] as const satisfies readonly JidPart[];

/** What the rules are about, and what maps to it. */
const TELLING: readonly string[] = [
  'a',
  'L',
  'l',
  '1',
  '.',
  '-',
  '@',
  'xn--',
  'é',
  'e\u0301',
  'ß',
  'Σ',
  'İ',
  '\u0327',
  '·',
  '\u0375',
  'α',
  'א',
  '\u05f3',
  'ا',
  '١',
  '۱',
  'ب',
  '\u200c',
  '\u200d',
  '\u094d',
  'क',
  '\u30fb',
  'カ',
  'ﾞ',
  'ｶ',
  'Ａ',
  '．',
  '。',
  '\u3000',
  '\u00a0',
  '♚',
  'ﬁ',
  '가',
  '\u1100',
  '\u034f',
  '\ud800',
  '\u{1f37a}',
  '\u{10ffff}',
  '\u{1e900}',
];

/** A text that is likely to be in one class or another, and likely to break a rule. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom(...TELLING),
    maxLength: 6,
  }),
);

function problemOf(part: JidPart, text: string): PartProblem {
  const result = unicodePreparation[part](text);
  if (typeof result === 'string') throw new Error(`${text} is a ${part}: ${result}`);
  return result;
}

describe('parseJid for all of Unicode', () => {
  it.each(JID_VECTORS.filter(isValid))('reads $id $input', ({ input, expected: { text, ...parts } }) => {
    expect(parseJid(input, unicodePreparation)).toMatchObject({ ok: true, jid: parts });
    expect(jid(input, unicodePreparation).toString()).toBe(text);
  });

  it.each(JID_VECTORS.filter((vector) => !isValid(vector)))('refuses $id $input', ({ input, badParts }) => {
    const result = parseJid(input, unicodePreparation);
    expect(result.ok ? 'none' : result.error.part).toSatisfy((part: string) => badParts.includes(part));
  });

  it('never throws, and reads back what it wrote', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (localpart, domainpart, resourcepart) => {
        const result = parseJid(`${localpart}@${domainpart}/${resourcepart}`, unicodePreparation);
        const again = result.ok ? parseJid(result.jid.toString(), unicodePreparation) : result;
        expect(again).toEqual(result);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('PRECIS', () => {
  // Neither profile has an empty string; a JID never asks.
  const rows = precis.filter(({ input }) => input !== '');

  it.each(rows)('$id $profile $input', ({ profile, input, expect: { valid, output } }) => {
    const result = profile === 'OpaqueString' ? unicodePreparation.resourcepart(input) : prepareUsername(input);
    expect(typeof result === 'string' ? result : undefined).toBe(valid ? output : undefined);
  });
});

describe('unicodePreparation', () => {
  it.each(PARTS)('answers for a %s the same as the ASCII preparation, where that can tell', (part) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 8 }), (text) => {
        const ascii = asciiPreparation[part](text);
        fc.pre(typeof ascii === 'string' || ascii.rule !== 'needs-preparation');
        expect(unicodePreparation[part](text)).toEqual(ascii);
      }),
    );
  });

  it.each(PARTS)('leaves alone a %s that it prepared', (part) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const result = unicodePreparation[part](text);
        const again = typeof result === 'string' && result !== '' ? unicodePreparation[part](result) : result;
        expect(again).toEqual(result);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['localpart', 'a♚', 'character', 0x265a],
    ['localpart', '\ud800', 'character', 0xd800],
    ['localpart', 'é＠b', 'character', 0x40],
    ['localpart', 'é·b', 'context', 0xb7],
    ['localpart', 'אa', 'bidi', undefined],
    ['localpart', '1א', 'bidi', undefined],
    ['localpart', 'א1١', 'bidi', undefined],
    ['resourcepart', 'é\u0000', 'character', 0],
    ['resourcepart', '\ud800', 'character', 0xd800],
    ['resourcepart', 'é\u200d', 'context', 0x200d],
    ['domainpart', 'é..b', 'label-empty', undefined],
    ['domainpart', 'é.-b', 'label-hyphen', undefined],
    ['domainpart', 'é-.b', 'label-hyphen', undefined],
    ['domainpart', 'éb--c', 'label-hyphen', undefined],
    ['domainpart', '\u{10428}b--c', 'label-hyphen', undefined],
    ['domainpart', 'é.a_b', 'character', 0x5f],
    ['domainpart', 'ab♚', 'character', 0x265a],
    ['domainpart', '\u0301a', 'label-mark', 0x301],
    ['domainpart', 'é·b', 'context', 0xb7],
    ['domainpart', 'a．é', 'character', 0xff0e],
    ['domainpart', 'a。é', 'character', 0x3002],
    ['domainpart', 'ﾡￂ', 'character', 0xffa1],
    ['localpart', 'ﾡￂ', 'character', 0xffa1],
    ['localpart', '￣', 'character', 0xffe3],
    ['domainpart', 'xn--é', 'a-label', undefined],
    ['domainpart', '1a.א', 'bidi', undefined],
    ['domainpart', `é.${'a'.repeat(64)}`, 'label-too-long', undefined],
    ['domainpart', 'é'.repeat(60), 'label-too-long', undefined],
    ['domainpart', `xn--${'a'.repeat(60)}`, 'label-too-long', undefined],
    ['resourcepart', 'é'.repeat(5000), 'too-long', undefined],
  ] as const)('in a %s %j breaks the rule %s', (part, text, rule, codePoint) => {
    expect(problemOf(part, text)).toMatchObject({ rule, ...(codePoint === undefined ? {} : { codePoint }) });
  });

  it('takes what prepares to the longest part, however long it was', () => {
    const decomposed = 'α\u0313\u0301\u0345'.repeat(341);
    expect(jid(`example.com/${decomposed}`, unicodePreparation).resourcepart).toBe('ᾄ'.repeat(341));
    expect(parseJid(`example.com/${decomposed}ab`, unicodePreparation)).toMatchObject({ error: { rule: 'too-long' } });
  });

  // What stands beside a code point is looked at when all is mapped (RFC 8264 §7).
  it.each([
    ['localpart', 'PARAL·LEL', 'paral·lel'],
    ['localpart', 'Ｌ·Ｌ', 'l·l'],
    // NFC moves the nukta before the virama, and the virama to the joiner.
    ['localpart', 'क\u094d\u093c\u200d', 'क\u093c\u094d\u200d'],
    ['resourcepart', 'क\u094d\u093c\u200c', 'क\u093c\u094d\u200c'],
    ['resourcepart', 'l\u0387l', 'l·l'],
    ['domainpart', 'COL·LEGI.cat', 'col·legi.cat'],
  ] as const)('in a %s makes of %j, and then takes, %j', (part, text, expected) => {
    expect(unicodePreparation[part](text)).toBe(expected);
  });

  it('lets hyphens be second and third behind a letter of two code units', () => {
    expect(unicodePreparation.domainpart('\u{10428}--a')).toBe('\u{10428}--a');
  });

  it('refuses what is another text each time it is prepared', () => {
    // NFC makes ļ of the second l, and the middle dot no longer stands between two l.
    expect(problemOf('localpart', 'l·l\u0327')).toMatchObject({ rule: 'context', codePoint: 0xb7 });
    expect(problemOf('resourcepart', 'l·l\u0327')).toMatchObject({ rule: 'context', codePoint: 0xb7 });
    // Each of the two may be in a localpart; what NFC makes of them may not, so the outcome is judged as well.
    expect(problemOf('localpart', 'a=\u0338')).toMatchObject({ rule: 'character', codePoint: 0x2260 });
  });

  it('does not know the final sigma', () => {
    expect(unicodePreparation.localpart('ΟΔΟΣ')).toBe('οδοσ');
    expect(unicodePreparation.localpart('οδος')).toBe('οδος');
  });

  it.each([
    ['a.1b.א', '"1b"'],
    ['xn--e-xbb.example', '"xn--e-xbb"'],
  ])('names the label of %s that is at fault', (text, label) => {
    expect(problemOf('domainpart', text).message).toContain(label);
  });

  describe('A-labels', () => {
    it.each([
      ['xn--bcher-kva', 'bücher'],
      ['XN--BCHER-KVA', 'bücher'],
      ['xn--fa-hia', 'faß'],
      ['xn--80ak6aa92e', 'аррӏе'],
      ['xn--mgbh0fb', 'مثال'],
      ['xn--4gbrim.xn----ymcbaaajlc6dj7bxne2c.xn--wgbh1c', 'موقع.وزارة-الاتصالات.مصر'],
    ])('%s becomes %s', (text, expected) => {
      expect(unicodePreparation.domainpart(text)).toBe(expected);
    });

    it.each([
      ['xn--a', 'not Punycode to its end'],
      ['xn--abc-', 'ends with a hyphen'],
      ['xn--example-', 'stands for ASCII'],
      ['xn--99999999', 'too large a number'],
      ['xn--a!b', 'no letter, digit or hyphen'],
      ['xn--bcher-KVA0000', 'beyond the last code point'],
      ['xn--ab-eda', 'hyphens'],
      ['xn--Bcher-kva8445foa', 'a capital inside'],
      ['xn--kda3k', 'a symbol or another'],
      ['xn--e-xbb', 'not in normalization form C'],
      ['xn--xn---epa', 'the prefix again'],
    ])('%s is none: %s', (text) => {
      expect(typeof unicodePreparation.domainpart(text)).toBe('object');
    });
  });

  it('makes JIDs of parts', () => {
    const parts = { localpart: 'Ｊuliet', domainpart: 'BÜCHER.example', resourcepart: 'a\u00a0b' };
    expect(jidFromParts(parts, unicodePreparation).toString()).toBe('juliet@bücher.example/a b');
    expect(jid('a@b').withResource('♚', unicodePreparation).toString()).toBe('a@b/♚');
  });
});
