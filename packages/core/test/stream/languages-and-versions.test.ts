import { describe, expect, it } from 'vitest';
import { chooseLanguage, isLanguageTag } from '../../src/stream/language.ts';
import { compareVersions, formatVersion, parseVersion } from '../../src/stream/version.ts';

describe('language tags', () => {
  it('are of 255 characters at the most', () => {
    const tag = (length: number): string =>
      `en${'-abcd'.repeat((length - 2) / 5)}${'-abcdefgh'.slice(0, (length - 2) % 5)}`;
    expect(tag(254)).toHaveLength(254);
    expect(isLanguageTag(`a${tag(254)}`)).toBe(true);
    expect(isLanguageTag(`ab${tag(254)}`)).toBe(false);
  });

  it.each([
    ['de-CH', ['en', 'DE-ch'], 'de-CH'],
    ['DE', ['en', 'de'], 'DE'],
    ['zh-Hant-x-a', ['en', 'zh-Hant-x', 'zh-Hant'], 'zh-Hant'],
    ['a-b', ['en', 'a'], 'a'],
    ['x-private', ['en', 'x'], 'x'],
    ['de-a-bcd', ['en', 'de-a', 'de'], 'de'],
    ['fr-CA', ['en', 'f'], 'en'],
  ] as const)('[R4.7.4-4] [R4.7.4-5] [R4.7.4-6] asked in %s, having %o: %s', (asked, [first, ...others], chosen) => {
    expect(chooseLanguage(asked, [first, ...others])).toBe(chosen);
  });
});

describe('versions', () => {
  it.each([
    ['1.0', '1.0', 0],
    ['1.0', '1.1', -1],
    ['1.10', '1.9', 1],
    ['2.0', '1.9', 1],
    ['0.9', '1.0', -1],
  ])('[R4.7.5-6] %s against %s', (one, other, sign) => {
    const [a, b] = [parseVersion(one), parseVersion(other)];
    if (a === undefined || b === undefined) throw new Error('no version');
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });

  it('[R4.7.5-2] lose their leading zeros', () => {
    const version = parseVersion('06.01');
    expect(version && formatVersion(version)).toBe('6.1');
  });

  it.each(['', '1', '1.', '.0', '1.0.0', '-1.0', '1.0 ', 'a.b', '1,0', '1234567890.0'])('%j is none', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});
