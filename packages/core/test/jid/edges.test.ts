import { describe, expect, it } from 'vitest';
import { asciiPreparation, jid, jidFromParts, parseJid, type JidPreparation } from '../../src/jid/index.ts';
import { isIpv4Address, isIpv6Address } from '../../src/jid/ip-literal.ts';
import { enforced, kindOf } from '../../src/jid/prepare/code-points.ts';
import { outOfContext } from '../../src/jid/prepare/context.ts';
import { prepareDomainpart } from '../../src/jid/prepare/domainpart.ts';
import { prepareUsername } from '../../src/jid/prepare/localpart.ts';
import { decodePunycode, encodePunycode } from '../../src/jid/prepare/punycode.ts';

const codePoints = (text: string): number[] => Array.from(text, (character) => character.codePointAt(0) ?? 0);

function messageOf(text: string): string {
  const result = parseJid(text);
  if (result.ok) throw new Error(`${text} is a JID`);
  return result.error.message;
}

describe('labels in ASCII (RFC 5890 §2.3.1)', () => {
  it.each(['abc-d.example', 'ab-cd.example', 'a-b', 'a.b-c'])('%s has its hyphens where they may be', (text) => {
    expect(jid(text).domainpart).toBe(text);
  });

  it.each([
    ['', 'the domainpart is empty: every JID has one'],
    [`example.${'a'.repeat(64)}`, 'is 64 bytes long'],
    [`example.${'a'.repeat(64)}.org`, 'is 64 bytes long'],
    [Array.from({ length: 20 }, () => 'a'.repeat(59)).join('.'), 'the domainpart is 1199 bytes long'],
    ['@example.com', 'the localpart is empty: leave it out'],
    ['example.com/', 'the resourcepart is empty: leave it out'],
    ['\u00e9@example.com', 'U+00E9'],
  ])('says of %j what is wrong: %s', (text, words) => {
    expect(messageOf(text)).toContain(words);
  });

  it('ends before U+0080', () => {
    expect(asciiPreparation.localpart('\u007f')).toMatchObject({ rule: 'character', codePoint: 0x7f });
    expect(asciiPreparation.localpart('\u0080')).toMatchObject({ rule: 'needs-preparation', codePoint: 0x80 });
  });
});

describe('parts', () => {
  it('are named in the error of those that make no JID', () => {
    expect(() => jidFromParts({ localpart: 'ju liet', domainpart: 'im.example.com', resourcepart: 'balcony' })).toThrow(
      '"ju liet | im.example.com | balcony"',
    );
  });

  it('without a character are refused before any preparation is asked', () => {
    const asked: string[] = [];
    const ask = (text: string): string => {
      asked.push(text);
      return text;
    };
    const preparation: JidPreparation = { localpart: ask, domainpart: ask, resourcepart: ask };
    expect(parseJid('@', preparation)).toMatchObject({ error: { part: 'localpart', rule: 'empty' } });
    expect(parseJid('/', preparation)).toMatchObject({ error: { part: 'domainpart', rule: 'empty' } });
    expect(parseJid('a/', preparation)).toMatchObject({ error: { part: 'resourcepart', rule: 'empty' } });
    expect(asked).toEqual(['a']);
  });
});

describe('IP addresses (RFC 3986 §3.2.2)', () => {
  it('have numbers up to 255', () => {
    expect([isIpv4Address('255.255.255.255'), isIpv4Address('255.255.255.256')]).toEqual([true, false]);
    expect([isIpv6Address('::255.0.0.255'), isIpv6Address('::1:2:3:4:5:6:7:8'), isIpv6Address('1:g::')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the table of code points', () => {
  it('has U+0000, which is nothing that a JID takes', () => {
    expect(kindOf(0)).toBe(kindOf(0x1f));
    expect(kindOf(0)).not.toBe(kindOf(0x20));
  });

  it('is asked for as much as could become a part of a JID', () => {
    const longest = 'a'.repeat(4 * 1023);
    const same = (text: string): string => text;
    expect(enforced(longest, same)).toBe(longest);
    expect(enforced(`${longest}a`, same)).toMatchObject({ rule: 'too-long' });
  });

  it('tells what a user name is', () => {
    expect(prepareUsername('♚')).toMatchObject({ rule: 'character', codePoint: 0x265a });
    expect(prepareUsername('Ｊｕｌｉｅｔ')).toBe('juliet');
  });
});

describe('digits of two kinds (RFC 5892, A.8 and A.9)', () => {
  it.each([
    ['the first and the first', [0x660, 0x6f0], 0x660],
    ['the last and the last', [0x669, 0x6f9], 0x669],
    ['the other way round', [0x6f9, 0x669], 0x6f9],
    ['behind a letter', [0x61, 0x660, 0x6f0], 0x660],
    ['one kind alone', [0x660, 0x669], undefined],
    ['the other kind alone', [0x6f0, 0x6f9], undefined],
    ['beside what comes before and behind them', [0x65f, 0x66a, 0x6f0], undefined],
    ['beside what comes before and behind the others', [0x660, 0x6ef, 0x6fa], undefined],
  ])('%s', (_what, text, found) => {
    expect(outOfContext(text)).toBe(found);
  });
});

describe('labels in Unicode (RFC 5890 §2.3.2)', () => {
  it('are mapped in case and width', () => {
    expect(prepareDomainpart('ＢÜｃｈｅｒ.example')).toBe('bücher.example');
  });

  it('have A-labels of 63 bytes at the most', () => {
    const label = (length: number): string => `${'a'.repeat(length - 'xn---'.length - encodePunycode([0xe9]).length)}é`;
    const bytes = (text: string): number => `xn--${encodePunycode(codePoints(text))}`.length;
    const longest = [62, 63, 64, 65].map(label).findLast((each) => bytes(each) === 63) ?? '';
    expect(prepareDomainpart(longest)).toBe(longest);
    expect(prepareDomainpart(`a${longest}`)).toMatchObject({ rule: 'label-too-long' });
    expect(prepareDomainpart('é'.repeat(64))).toMatchObject({ rule: 'label-too-long' });
    expect(prepareDomainpart(`♚${'a'.repeat(62)}`)).toMatchObject({ rule: 'character' });
    expect(prepareDomainpart(`♚${'a'.repeat(63)}`)).toMatchObject({ rule: 'label-too-long' });
    expect(prepareDomainpart(`é.${'a'.repeat(63)}`)).toBe(`é.${'a'.repeat(63)}`);
  });

  it.each(['xn--abc-', 'xn---tda', 'xn--', 'xn--bcher-k'])('%s is no A-label', (text) => {
    expect(prepareDomainpart(text)).toMatchObject({ rule: 'a-label' });
  });
});

// Strings and what other implementations of RFC 3492 make of them.
describe('Punycode (RFC 3492)', () => {
  it.each([
    ['bücher', 'bcher-kva'],
    ['\u0080', 'a'],
    ['\u{10ffff}', 'dn32g'],
    ['3年B組金八先生', '3B-ww4c5e180e575a65lsy2b'],
    // The first number is just as much as the bias is adapted from without a division (RFC 3492 §6.1): 455 of it.
    ['abc\uf954\uf95c', 'abc-d91shb'],
    ['abc\uf954\u4e00', 'abc-s18d5549e'],
    ['abc\uf954\uf955\u00e9', 'abc-dma88092aga'],
    ['abc\uf954\u0e01\u4e00', 'abc-gkl2314d228k'],
  ])('of %s is %s', (text, punycode) => {
    expect(encodePunycode(codePoints(text))).toBe(punycode);
    expect(decodePunycode(punycode)).toBe(text);
  });

  it.each([
    ['ends in the middle of a number', 'bcher-k'],
    ['has a character that is no digit', 'bcher-k!a'],
    ['is beyond the last code point', encodePunycode([0x110000])],
  ])('is none when it %s', (_why, text) => {
    expect(decodePunycode(text)).toBeUndefined();
  });
});
