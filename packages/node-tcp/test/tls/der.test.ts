import { describe, expect, it } from 'vitest';
import { objectIdentifierOf, readDer, readInside } from '../../src/tls/der.ts';
import { der, oid } from '../support/der-writer.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

describe('reading DER (X.690)', () => {
  it('reads values one after the other', () => {
    expect(readDer(hex('02 01 05 04 00'))).toEqual([
      { tag: 2, content: hex('05') },
      { tag: 4, content: hex('') },
    ]);
  });

  it.each([0, 1, 127, 128, 255, 256, 65_535])('reads a length of %i', (length) => {
    const [value] = readDer(der(4, new Uint8Array(length))) ?? [];
    expect(value?.content.length).toBe(length);
  });

  it.each([
    ['a tag without length', '02'],
    ['content cut short', '02 02 05'],
    ['an indefinite length', '30 80 00 00'],
    ['a length cut short', '04 82 01'],
    ['a long form that was not needed', '04 81 05 01 02 03 04 05'],
    ['a long form with a leading zero', '04 82 00 80'],
    ['a length of four bytes', '04 84 00 00 00 01 00'],
    ['a tag of several bytes', '1f 81 01 00'],
    ['something behind that is broken', '02 01 05 04'],
  ])('refuses %s', (_, bytes) => expect(readDer(hex(bytes))).toBeUndefined());

  it('looks inside one value of the tag that is wanted, and only then', () => {
    expect(readInside(hex('30 03 02 01 05'), 0x30)).toEqual([{ tag: 2, content: hex('05') }]);
    expect(readInside(hex('31 03 02 01 05'), 0x30)).toEqual([]);
    expect(readInside(hex('30 00 30 00'), 0x30)).toEqual([]);
    expect(readInside(hex('30 02 02 01'), 0x30)).toEqual([]);
  });

  it.each(['1.2.840.113549.1.1.11', '2.5.29.17', '0.9.2342', '1.3.6.1.5.5.7.8.7', '2.16.840.1.101.3.4.2.1'])(
    'reads the object identifier %s',
    (dotted) => expect(objectIdentifierOf(readDer(oid(dotted))?.[0])).toBe(dotted),
  );

  it('reads no object identifier where there is none', () => {
    expect(objectIdentifierOf(undefined)).toBeUndefined();
    expect(objectIdentifierOf({ tag: 2, content: hex('01') })).toBeUndefined();
    expect(objectIdentifierOf({ tag: 6, content: hex('') })).toBeUndefined();
    expect(objectIdentifierOf({ tag: 6, content: hex('ff ff ff ff ff ff ff ff ff 01') })).toBeUndefined();
  });
});
