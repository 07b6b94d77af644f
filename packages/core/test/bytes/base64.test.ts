import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from '../../src/bytes/base64.ts';
import { utf8Encode } from '../../src/bytes/utf8.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('base64Encode', () => {
  // RFC 4648 §10.
  it.each([
    ['', ''],
    ['f', 'Zg=='],
    ['fo', 'Zm8='],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg=='],
    ['fooba', 'Zm9vYmE='],
    ['foobar', 'Zm9vYmFy'],
  ])('writes %j as %j, and back', (text, encoded) => {
    expect(base64Encode(utf8Encode(text))).toBe(encoded);
    expect(base64Decode(encoded)).toEqual(utf8Encode(text));
  });

  it('equals the encoder of the runtime', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(base64Encode(data)).toBe(Buffer.from(data).toString('base64'));
      }),
    );
  });
});

describe('base64Decode', () => {
  it('reads back all that base64Encode writes', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        expect(base64Decode(base64Encode(data))).toEqual(data);
      }),
    );
  });

  it('[R13.9.1-1] [R13.9.1-2] [R13.9.1-4] accepts a text only if it is the one way to write its bytes', () => {
    const char = fc.constantFrom(...'AQgwZ09+/=- _\n\u0000\u0141é');
    fc.assert(
      fc.property(fc.array(char, { maxLength: 9 }), (chars) => {
        const text = chars.join('');
        const decoded = base64Decode(text);
        const canonical = Buffer.from(text, 'base64').toString('base64') === text;
        expect(decoded && base64Encode(decoded)).toBe(canonical ? text : undefined);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['[R13.9.1-3] data after the padding', 'Zg==Zm9v'],
    ['white space at the start', ' Zg=='],
    ['white space at the end', 'Zg==\n'],
    ['white space within', 'Zm9v YmFy'],
    ['no padding', 'Zg'],
    ['half of the padding', 'Zg='],
    ['too much padding', 'Zm9v===='],
    ['padding alone', '===='],
    ['padding at the start', '=AAA'],
    ['padding in the middle', 'Zg==Zg=='],
    ['padding bits that are not zero, two of them', 'Zm9='],
    ['padding bits that are not zero, four of them', 'Zh=='],
    ['the alphabet of base64url', 'Zm-_'],
    ['a letter beyond ASCII', 'Zm9\u0176'],
    ['one character', 'Z'],
  ])('refuses %s', (_, text) => {
    expect(base64Decode(text)).toBeUndefined();
  });
});
