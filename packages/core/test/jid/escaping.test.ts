import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeLocalpart, jidFromParts, unescapeLocalpart } from '../../src/jid/index.ts';
import rows from '../data/jid-escaping.json' with { type: 'json' };

describe('JID escaping (XEP-0106)', () => {
  it.each(rows.filter((row) => row.expect.escape))('$id escapes $unescaped', ({ unescaped, escaped }) => {
    expect(escapeLocalpart(unescaped)).toBe(escaped);
  });

  it.each(rows.filter((row) => row.expect.unescape))('$id unescapes $escaped', ({ unescaped, escaped }) => {
    expect(unescapeLocalpart(escaped)).toBe(unescaped);
  });

  it('has no escape for a space at either end', () => {
    for (const text of [' a', 'a ', ' ']) {
      expect(() => escapeLocalpart(text)).toThrow(expect.objectContaining({ code: 'jid-invalid' }));
    }
    expect(unescapeLocalpart('\\20a\\20b\\20')).toBe('\\20a b\\20');
  });

  it('escapes a backslash before capitals too, for the localpart loses them', () => {
    expect(escapeLocalpart('a\\2Fb')).toBe('a\\5c2Fb');
    const { localpart = '' } = jidFromParts({ localpart: escapeLocalpart('a\\2Fb'), domainpart: 'c' });
    expect(unescapeLocalpart(localpart)).toBe('a\\2fb');
  });

  it('makes a localpart of any visible ASCII and finds it again', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab2c05df\\ "&\'/:<>@'), minLength: 1 }), (text) => {
        fc.pre(!text.startsWith(' ') && !text.endsWith(' '));
        const { localpart = '' } = jidFromParts({ localpart: escapeLocalpart(text), domainpart: 'example.com' });
        expect(unescapeLocalpart(localpart)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
