import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputBuffer } from '../../src/bytes/output-buffer.ts';
import { ReceiveBuffer } from '../../src/bytes/receive-buffer.ts';
import { utf8Encode } from '../../src/bytes/utf8.ts';

const text = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : new TextDecoder().decode(bytes);

describe('ReceiveBuffer', () => {
  it('is a queue of chunks', () => {
    const buffer = new ReceiveBuffer();
    expect(buffer.shift()).toBeUndefined();
    buffer.push(utf8Encode('ab'));
    buffer.push(new Uint8Array());
    buffer.push(utf8Encode('cde'));
    expect(buffer.length).toBe(5);
    expect(text(buffer.shift())).toBe('ab');
    expect(buffer.length).toBe(3);
    buffer.push(utf8Encode('f'));
    expect(text(buffer.takeAll(utf8Encode('>')))).toBe('>cdef');
    expect(buffer.length).toBe(0);
    expect(text(buffer.takeAll())).toBe('');
  });
});

describe('OutputBuffer', () => {
  it('hands over what was written, once', () => {
    const buffer = new OutputBuffer();
    expect(buffer.take()).toBeUndefined();
    buffer.appendText('äb');
    buffer.appendByte(0x63);
    buffer.appendTwo(0x64, 0x65);
    buffer.append(utf8Encode('f'));
    expect(buffer.length).toBe(7);
    expect(text(buffer.take())).toBe('äbcdef');
    expect(buffer.length).toBe(0);
    expect(buffer.take()).toBeUndefined();
  });

  it('never writes into what it has handed over', () => {
    const buffer = new OutputBuffer();
    const taken: Uint8Array[] = [];
    const expected: string[] = [];
    for (let round = 0; round < 200; round++) {
      const line = `${round}:${'x'.repeat((round * 37) % 300)}`;
      buffer.appendText(line);
      expected.push(line);
      taken.push(buffer.take() ?? new Uint8Array());
    }
    expect(taken.map(text)).toEqual(expected);
  });

  it('takes back what was written last', () => {
    const buffer = new OutputBuffer();
    buffer.appendText('keep');
    buffer.take();
    buffer.appendText('abc');
    const mark = buffer.length;
    buffer.appendText('x'.repeat(5000));
    buffer.truncate(mark);
    buffer.truncate(100);
    buffer.appendText('d');
    expect(text(buffer.take())).toBe('abcd');
  });

  it('closes with a name that it has written', () => {
    const buffer = new OutputBuffer();
    buffer.appendText('x'.repeat(8180));
    buffer.take();
    buffer.appendText('<name>');
    buffer.appendEndTag(1, 5);
    expect(text(buffer.take())).toBe('<name></name>');
  });

  it('writes any strings as UTF-8, and says what bytes were in them', () => {
    const classes = Uint8Array.from({ length: 256 }, (_, byte) =>
      byte < 0x20 ? 1 : byte === 0x26 ? 2 : byte >= 0x80 ? 4 : 0,
    );
    const strings = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.string({ unit: fc.constantFrom('今', '日', 'a', '😀', '&', '\n'), maxLength: 340 }),
      fc.string({ unit: fc.constantFrom('é', 'a', '&'), maxLength: 340 }),
      fc.string({ unit: 'grapheme-ascii', maxLength: 340 }),
      fc.string({ unit: fc.constantFrom(...'aA0 ~', '\u007F', '\u001F', '\n'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(fc.array(strings, { maxLength: 12 }), (list) => {
        const buffer = new OutputBuffer();
        for (const each of list) {
          const found = buffer.appendClassified(each, classes, 0x27);
          const expected = utf8Encode(each).reduce((all, byte) => all | (classes[byte] ?? 0), 0);
          // Of what is not ASCII only the first byte of U+F000 and above need be told.
          expect(found & 3).toBe(expected & 3);
          const start = buffer.length;
          const ascii = utf8Encode(each).length === each.length;
          expect(buffer.appendText(each)).toBe(ascii);
          expect(ascii && buffer.hasControlSince(start)).toBe(ascii && utf8Encode(each).some((byte) => byte < 0x20));
        }
        expect(text(buffer.take()) ?? '').toBe(
          // A lone surrogate becomes U+FFFD.
          list
            .map((each) => text(utf8Encode(`${each}'`)) ?? '')
            .flatMap((each) => [each, each.slice(0, -1)])
            .join(''),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('writes names of the characters given, or nothing', () => {
    const allowed = Uint8Array.from({ length: 256 }, (_, code) => (code >= 0x61 && code <= 0x7a ? 1 : 0));
    const buffer = new OutputBuffer();
    expect(buffer.appendName(0x3c, 'name', allowed, false)).toBe(true);
    expect(buffer.appendName(0x20, 'a b', allowed, true)).toBe(false);
    expect(buffer.appendName(0x20, 'é', allowed, true)).toBe(false);
    expect(buffer.appendName(0x20, 'to', allowed, true)).toBe(true);
    expect(text(buffer.take())).toBe("<name to='");
  });
});
