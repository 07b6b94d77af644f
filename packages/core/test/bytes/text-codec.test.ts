import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferTextCodec, portableTextCodec, type TextCodec } from '../../src/bytes/text-codec.ts';
import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import { CODECS } from '../xml/support.ts';

/** The oracle. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const sequences: readonly (readonly [string, readonly number[]])[] = [
  ['U+007F', [0x7f]],
  ['U+0080', [0xc2, 0x80]],
  ['U+07FF', [0xdf, 0xbf]],
  ['U+0800', [0xe0, 0xa0, 0x80]],
  ['U+D7FF', [0xed, 0x9f, 0xbf]],
  ['U+E000', [0xee, 0x80, 0x80]],
  ['U+FEFF', [0xef, 0xbb, 0xbf]],
  ['U+FFFF', [0xef, 0xbf, 0xbf]],
  ['U+10000', [0xf0, 0x90, 0x80, 0x80]],
  ['U+10FFFF', [0xf4, 0x8f, 0xbf, 0xbf]],
];

const wrong: readonly (readonly [string, readonly number[]])[] = [
  ['an overlong form of two bytes', [0xc0, 0xaf]],
  ['an overlong form of two bytes, the last', [0xc1, 0xbf]],
  ['an overlong form of three bytes', [0xe0, 0x9f, 0xbf]],
  ['an overlong form of four bytes', [0xf0, 0x8f, 0xbf, 0xbf]],
  ['the first surrogate', [0xed, 0xa0, 0x80]],
  ['the last surrogate', [0xed, 0xbf, 0xbf]],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ['U+110000', [0xf4, 0x90, 0x80, 0x80]],
  ['a lead of F5', [0xf5, 0x80, 0x80, 0x80]],
  ['five bytes', [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ['FF', [0xff]],
  ['a lone continuation', [0x80]],
  ['a lead and ASCII', [0xc3, 0x28]],
  ['two bytes cut short', [0xc3]],
  ['three bytes cut short', [0xe4, 0xbb]],
  ['four bytes cut short', [0xf0, 0x9f, 0x98]],
  ['three bytes with a bad third', [0xe4, 0xbb, 0x28]],
  ['four bytes with a bad fourth', [0xf0, 0x9f, 0x98, 0x28]],
];

const methods: readonly (readonly [string, (bytes: Uint8Array) => string | undefined])[] = [
  ['utf8Decode', utf8Decode],
  ...CODECS.map(([name, codec]): [string, (bytes: Uint8Array) => string | undefined] => [
    `${name} codec`,
    (bytes) => codec.utf8(bytes, 0, bytes.length),
  ]),
];

describe.each(methods)('%s', (_, decode) => {
  it.each(sequences)('[S1] reads %s', (_name, bytes) => {
    const text = decoded(Uint8Array.from(bytes));
    expect(text).toBeDefined();
    for (const before of [0, 1, 30, 2000]) {
      const all = Uint8Array.from([...Array.from({ length: before }, () => 0x61), ...bytes]);
      expect(decode(all)).toBe('a'.repeat(before) + text);
    }
  });

  it.each(wrong)('[S1] refuses %s', (_name, bytes) => {
    for (const before of [0, 1, 30, 2000]) {
      for (const after of [[], [0x61, 0x61, 0x61, 0x61]]) {
        expect(
          decode(Uint8Array.from([...Array.from({ length: before }, () => 0x61), ...bytes, ...after])),
        ).toBeUndefined();
      }
    }
  });

  it('[S1] agrees with a fatal TextDecoder on any bytes', () => {
    const nearlyUtf8 = fc
      .tuple(fc.string({ unit: 'binary', maxLength: 20 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 2 }))
      .map(([text, edits]) => {
        const bytes = utf8Encode(text);
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 12 }), nearlyUtf8), (bytes) => {
        expect(decode(bytes)).toBe(decoded(bytes));
      }),
      { numRuns: 2000 },
    );
  });
});

describe.each(CODECS)('the %s codec', (_, codec: TextCodec) => {
  it('reads a part of the bytes', () => {
    const bytes = utf8Encode('aé今😀b');
    expect(codec.utf8(bytes, 1, 10)).toBe('é今😀');
    expect(codec.latin1(bytes, 0, 1)).toBe('a');
    expect(codec.utf8(bytes, 3, 3)).toBe('');
    expect(codec.latin1(bytes, 3, 3)).toBe('');
  });

  it('reads one character a byte, at least up to the first byte outside of ASCII', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const text = codec.latin1(bytes, 0, bytes.length);
        const high = bytes.findIndex((byte) => byte >= 0x80);
        const ascii = high === -1 ? bytes.length : high;
        expect(text.length).toBeGreaterThanOrEqual(ascii);
        expect(text.length).toBeLessThanOrEqual(bytes.length);
        expect(text.slice(0, ascii)).toBe(String.fromCharCode(...bytes.slice(0, ascii)));
        // What is beyond may be anything, but in its place.
        const places = Array.from({ length: text.length }, (_unit, at) => at).filter((at) => (bytes[at] ?? 0) < 0x80);
        expect(places.map((at) => text.charCodeAt(at))).toEqual(places.map((at) => bytes[at]));
      }),
    );
  });
});

describe('codecs in one process', () => {
  it('share nothing that one call leaves to the next', () => {
    const long = portableTextCodec.utf8(utf8Encode('今'.repeat(300)), 0, 900);
    const short = portableTextCodec.utf8(utf8Encode('é'), 0, 2);
    expect([long, short]).toEqual(['今'.repeat(300), 'é']);
  });

  it('are made of the methods given', () => {
    const calls: string[] = [];
    const codec = bufferTextCodec({
      latin1Slice(start, end) {
        calls.push(`latin1 ${start} ${end}`);
        return 'x';
      },
      ucs2Slice(start, end) {
        calls.push(`ucs2 ${start} ${end}`);
        return 'y';
      },
    });
    codec.latin1(Uint8Array.of(0x61, 0x62), 0, 2);
    codec.utf8(utf8Encode('é'), 0, 2);
    codec.utf8(utf8Encode('今'), 0, 3);
    expect(calls).toEqual(['latin1 0 2', 'latin1 0 1', 'ucs2 0 2']);
  });
});
