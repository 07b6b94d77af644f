import { domainToASCII } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf, widthMapped } from '../../src/jid/prepare/code-points.ts';
import { KINDS, RUNS, UNICODE_VERSION } from '../../src/jid/prepare/precis-table.ts';
import { decodePunycode, encodePunycode } from '../../src/jid/prepare/punycode.ts';

const codePointsWithoutSurrogates = Array.from({ length: 0x110000 }, (_, code) => code).filter(
  (code) => code < 0xd800 || code > 0xdfff,
);

/** Where a code point is valid by RFC 8264 §8 and RFC 5892 §3, of what the regular expressions of this runtime know. */
function validity(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  if (/[\u00df\u03c2\u06fd\u06fe\u0f0b\u3007]/.test(character)) return 'D';
  if (/[\u00b7\u0375\u05f3\u05f4\u30fb\u0660-\u0669\u06f0-\u06f9\u200c\u200d]/.test(character)) return 'C';
  if (['\u0640', '\u07fa', '\u302e', '\u302f', '\u303b'].includes(character) || /[\u3031-\u3035]/.test(character))
    return '-';
  if (/[!-~]/.test(character)) return /[a-z0-9-]/.test(character) ? 'D' : 'I';
  if (/[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7c6\ud7cb-\ud7fb]/.test(character)) return '-';
  if (/\p{Default_Ignorable_Code_Point}|\p{Noncharacter_Code_Point}|\p{Cc}|\p{Cn}/u.test(character)) return '-';
  if (character.normalize('NFKC') !== character) return 'F';
  if (/[\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}]/u.test(character)) {
    const isInIgnoredBlock = /[\u20d0-\u20ff\u{1d100}-\u{1d24f}]/u.test(character);
    return /\p{Changes_When_NFKC_Casefolded}/u.test(character) || isInIgnoredBlock ? 'I' : 'D';
  }
  return /[\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}]/u.test(character) ? 'F' : '-';
}

describe('the table of code points', () => {
  it('covers all of Unicode, every kind of it', () => {
    const runs = Array.from(
      RUNS.matchAll(/([A-Za-z])(\d*)/g),
      ([, letter = '', length]) => [letter, Number(length || 1)] as const,
    );
    expect(runs.reduce((sum, [, length]) => sum + length, 0)).toBe(0x110000);
    expect(new Set(runs.map(([letter]) => letter)).size).toBe(KINDS.length);
    expect(UNICODE_VERSION).toBe('15.0.0');
  });

  it('has each code point where the properties that this runtime knows put it', () => {
    // What this runtime has assigned since is unassigned in the table, and nothing else may differ.
    const differing = codePointsWithoutSurrogates.filter((code) => kindOf(code).charAt(0) !== validity(code));
    expect(differing.filter((code) => kindOf(code) !== '-----')).toEqual([]);
    const ofTable = codePointsWithoutSurrogates.filter((code) => kindOf(code) !== '-----').length;
    expect(ofTable).toBe(148_384);
  });

  it('has no surrogate valid anywhere', () => {
    for (let code = 0xd800; code <= 0xdfff; code += 1) expect(kindOf(code)).toBe('-----');
  });

  it('has the scripts and the marks that this runtime knows', () => {
    const scripts: readonly (readonly [RegExp, string])[] = [
      [/\p{Script=Greek}/u, 'G'],
      [/\p{Script=Hebrew}/u, 'H'],
      [/[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u, 'J'],
    ];
    const differing = codePointsWithoutSurrogates.filter((code) => {
      const kind = kindOf(code);
      if (kind === '-----') return false;
      const character = String.fromCodePoint(code);
      const script = scripts.find(([pattern]) => pattern.test(character))?.[1] ?? '-';
      const mark = /^[CD]/.test(kind) && /\p{M}/u.test(character) ? 'M' : '-';
      return kind.slice(3) !== script + mark;
    });
    expect(differing).toEqual([]);
  });

  it('maps the width of exactly the forms that are there for their width', () => {
    expect(widthMapped('Ａｶﾞ￥\u3000')).toBe('Aカ\u3099¥ ');
    expect(widthMapped('ﬁ²①')).toBe('ﬁ²①');
  });
});

describe('Punycode', () => {
  it('is what the runtime makes of a label', () => {
    const label = fc.string({ unit: fc.constantFrom(...'abc09-éüßאبカ가𐎀'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(label, (text) => {
        const host = domainToASCII(`a${text}é`);
        fc.pre(host.startsWith('xn--'));
        const codePoints = Array.from(`a${text}é`, (character) => character.codePointAt(0) ?? 0);
        expect(`xn--${encodePunycode(codePoints)}`).toBe(host);
      }),
    );
  });

  it('decodes what it encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }), (text) => {
        const codePoints = Array.from(text, (character) => character.codePointAt(0) ?? 0);
        expect(decodePunycode(encodePunycode(codePoints))).toBe(text);
      }),
    );
  });

  it('never throws at anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'abz09-!é'), maxLength: 63 }), (text) => {
        expect(['string', 'undefined']).toContain(typeof decodePunycode(text));
      }),
      { numRuns: 2000 },
    );
  });
});
