import { createHash } from 'node:crypto';
import { saslprep as otherSaslPrep } from '@mongodb-js/saslprep';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saslPrep, type PreparationUse } from '../../src/sasl/saslprep.ts';
import vectors from '../data/saslprep.json' with { type: 'json' };
import sweep from '../data/saslprep-sweep.json' with { type: 'json' };

const uses: readonly PreparationUse[] = ['query', 'stored'];

describe('saslPrep', () => {
  it.each(vectors)('$id ($source)', ({ input, stored, expect: expected }) => {
    const output = saslPrep(input, stored ? 'stored' : 'query');
    expect(output).toBe(expected.valid ? expected.output : undefined);
  });

  it.each(uses)('gives an empty text for one that maps to nothing (%s)', (use) => {
    expect(saslPrep('\u00ad', use)).toBe('');
    expect(saslPrep('\ufeff\u2060\u034f', use)).toBe('');
    expect(saslPrep('', use)).toBe('');
  });

  it.each(uses)('refuses lone surrogates (%s)', (use) => {
    for (const text of ['\ud800', 'a\udfff', '\udc00\ud800', '\u0627\ud83d\u0627']) {
      expect(saslPrep(text, use)).toBeUndefined();
    }
  });

  it('lets code points that Unicode 3.2 does not assign pass in a query only, unchanged', () => {
    // U+1F600 an emoji, U+1D2C a modifier letter that later versions decompose (NFKC: A is U+1D2C), U+1DC4 a later mark.
    for (const text of ['\u{1f600}', '\u1d2c', 'a\u1dc4\u0323', '\u{1e900}']) {
      expect(saslPrep(text, 'query')).toBe(text);
      expect(saslPrep(text, 'stored')).toBeUndefined();
    }
  });

  it('maps U+200B to a space although it is in the table of what maps to nothing, too', () => {
    expect(saslPrep('a\u200bb', 'query')).toBe('a b');
  });
});

// In milliseconds: a second or two, and several on a machine that has other things to do.
const A_MILLION_TEXTS = 60_000;

describe('saslPrep over all of Unicode, against RFC 3454 as Python holds it', () => {
  it.each(sweep.sweeps)(
    'every code point in "$template" (stored: $stored)',
    ({ template, stored, sha256 }) => {
      const [before = '', after = ''] = template.split('{}');
      const use = stored ? 'stored' : 'query';
      const digest = new Digest();
      for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
        digest.add(saslPrep(before + String.fromCodePoint(codePoint) + after, use));
      }
      expect(digest.hex()).toBe(sha256);
    },
    A_MILLION_TEXTS,
  );

  it.each(sweep.mixed.digests)('strings of code points that interact (stored: $stored)', ({ stored, sha256 }) => {
    const { pool, count, length } = sweep.mixed;
    const digest = new Digest();
    let state = sweep.mixed.seed;
    for (let made = 0; made < count; made++) {
      const points: number[] = [];
      while (points.length < length) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        points.push(pool[(state >>> 0) % pool.length] ?? 0);
      }
      digest.add(saslPrep(String.fromCodePoint(...points), stored ? 'stored' : 'query'));
    }
    expect(digest.hex()).toBe(sha256);
  });
});
// A second opinion. It takes the runtime's NFKC for that of Unicode 3.2 and crashes on what maps to nothing.
describe('saslPrep and @mongodb-js/saslprep', () => {
  // Unicode 4.0 corrected the decompositions of these (Corrigendum 4).
  const corrected = [0x2f868, 0x2f874, 0x2f91f, 0x2f95f, 0x2f9bf];
  // Two noncharacters (RFC 3454, table C.4) that the other one lets pass.
  const missed = [0xffffe, 0xfffff];

  it('differ on a lone code point only where Unicode changed after 3.2, where it maps to nothing, and on two more', () => {
    const explained = new Set([...corrected, ...missed]);
    const unexplained: string[] = [];
    let decomposedLater = 0;
    // All planes that have characters, and the ends of the others.
    for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
      if (codePoint >= 0x30000 && (codePoint & 0xffff) > 0x1ff && (codePoint & 0xffff) < 0xfff0) continue;
      const char = String.fromCodePoint(codePoint);
      const output = saslPrep(char, 'query');
      if (output === opinion(char) || output === '' || explained.has(codePoint)) continue;
      // 3.2 does not assign it, and a later NFKC decomposes it.
      if (output === char && saslPrep(char, 'stored') === undefined && char.normalize('NFKC') !== char)
        decomposedLater++;
      else unexplained.push(codePoint.toString(16));
    }
    expect(unexplained).toEqual([]);
    expect(decomposedLater).toBeGreaterThan(0);
    for (const codePoint of explained) {
      const char = String.fromCodePoint(codePoint);
      expect(saslPrep(char, 'query')).not.toBe(opinion(char));
    }
  });

  it('agree on texts of assigned characters', () => {
    const pool = Array.from(
      'aZ9 =,\u00a0\u00aa\u00c5\u0301\u0323\u0627\u0661\u05d0\u3042\u4e2d\uac00\ufb01\uff21\u2168\u0007',
    );
    const char = fc.constantFrom(...pool);
    fc.assert(
      fc.property(fc.array(char, { minLength: 1, maxLength: 8 }), (chars) => {
        const text = chars.join('');
        expect(saslPrep(text, 'stored')).toBe(opinion(text));
      }),
      { numRuns: 2000 },
    );
  });
});

function opinion(text: string): string | undefined {
  try {
    return otherSaslPrep(text, { allowUnassigned: true });
  } catch {
    return undefined;
  }
}

class Digest {
  readonly #hash = createHash('sha256');
  readonly #buffer = Buffer.alloc(65_536);
  #used = 0;

  add(result: string | undefined): void {
    if (this.#used > 65_000) this.#flush();
    if (result === undefined) return this.#write(0xfffffffe);
    for (const char of result) this.#write(char.codePointAt(0) ?? 0);
    this.#write(0xffffffff);
  }

  hex(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #write(value: number): void {
    this.#used = this.#buffer.writeUInt32BE(value, this.#used);
  }

  #flush(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
