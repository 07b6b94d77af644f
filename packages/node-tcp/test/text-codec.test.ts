import { portableTextCodec } from '@xmpp-wire/core/adapter';
import { describe, expect, it } from 'vitest';
import { nodeTextCodec } from '../src/text-codec.ts';

const bytesOf = (...parts: (string | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part)));

const CASES: readonly (readonly [string, Uint8Array])[] = [
  ['ASCII', bytesOf('<message/>')],
  ['all lengths of sequences', bytesOf('aé€😀')],
  ['a byte order mark at the start', bytesOf('\u{feff}x')],
  ['U+FFFD itself', bytesOf('\u{fffd}')],
  ['an overlong slash', bytesOf([0xc0, 0xaf])],
  ['an overlong NUL', bytesOf([0xc0, 0x80])],
  ['a surrogate', bytesOf([0xed, 0xa0, 0x80])],
  ['above U+10FFFF', bytesOf([0xf4, 0x90, 0x80, 0x80])],
  ['a sequence cut short', bytesOf('x', [0xe2, 0x82])],
  ['a lone continuation byte', bytesOf([0x80])],
  ['0xFF', bytesOf([0xff])],
  ['nothing', new Uint8Array()],
];

describe('bytes to text on Buffer', () => {
  it.each(CASES)('reads %s as the portable codec does', (_, bytes) => {
    // In the middle of other bytes, so that a wrong offset shows.
    const padded = bytesOf('(', [...bytes], ')');
    const expected = portableTextCodec.utf8(padded, 1, 1 + bytes.length);
    expect(nodeTextCodec.utf8(padded, 1, 1 + bytes.length)).toBe(expected);
    expect(nodeTextCodec.utf8(Buffer.from(padded), 1, 1 + bytes.length)).toBe(expected);
  });

  it.each(CASES)('reads %s in a long text as the portable codec does', (_, bytes) => {
    const long = bytesOf('x'.repeat(1000), [...bytes], '\u{e9}');
    const expected = portableTextCodec.utf8(long, 900, long.length);
    expect(nodeTextCodec.utf8(long, 900, long.length)).toBe(expected);
    expect(nodeTextCodec.utf8(long, 1000, long.length)).toBe(expected?.slice(100));
  });

  it('[S1] refuses what is not UTF-8 and replaces nothing', () => {
    expect(
      CASES.filter(([, bytes]) => nodeTextCodec.utf8(bytes, 0, bytes.length) === undefined).map(([name]) => name),
    ).toEqual([
      'an overlong slash',
      'an overlong NUL',
      'a surrogate',
      'above U+10FFFF',
      'a sequence cut short',
      'a lone continuation byte',
      '0xFF',
    ]);
  });

  it('reads one character a byte, in a view that begins within its memory', () => {
    const view = bytesOf('abc', [0xe9, 0x00, 0xff]).subarray(1);
    expect(nodeTextCodec.latin1(view, 1, 5)).toBe('c\u{e9}\u{0}\u{ff}');
  });
});
