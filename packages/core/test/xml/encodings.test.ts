import { describe, expect, it } from 'vitest';
import { all, mistakes } from './reading.ts';
import { bytesOf, concat } from './support.ts';

const ENCODING = 'unsupported-encoding';

describe('[S1] bytes that are not UTF-8', () => {
  const WRONG = 'C3 80-80 C0-AF E0-9F-BF E2-82 ED-A0-80 F0-8F-BF-BF F0-9F-98 F4-90-80-80 F5-80-80-80 F8 FF E9 80 BF';
  const sequences = WRONG.split(' ').map((each) =>
    Uint8Array.from(each.split('-'), (byte) => Number.parseInt(byte, 16)),
  );

  const sequencesIn = (place: string) => {
    const [before = '', after = ''] = place.split('|');
    return sequences.map((bytes) => concat(bytesOf(before), bytes, bytesOf(after)));
  };

  // RFC 6120 §4.9.3.22: whatever else is wrong there.
  it.each([
    '<a>|</a>',
    "<a b='|'/>",
    "<a xmlns:p='|'/>",
    '<a><![CDATA[|]]></a>',
    '<|/>',
    '<a|/>',
    '<a|:b/>',
    "<a |='1'/>",
    "<a b|='1'/>",
    "<a xmlns:|='1'/>",
    '<a></|>',
    '<a></a|>',
    '<a></a |>',
    '<a/|>',
    "<a b |='1'/>",
    "<a b=|'1'/>",
    "<a b='1'|/>",
    '</stream:stream|>',
    '<a>&|;</a>',
    '|',
    '<a/>|<b/>',
  ])('are found in %s', (place) => {
    expect(mistakes(all(sequencesIn(place), ENCODING))).toEqual([]);
  });

  it.each(['|', '|<a/>', '<a/>|', '<a>|', "<a b='|", '<a><![CDATA[|', '<|', "<?xml version='1.0'|?><a/>"])(
    'are found in the document %s',
    (place) => {
      expect(mistakes(all(sequencesIn(place), ENCODING), 'document')).toEqual([]);
    },
  );

  it('are those of UTF-16 and UTF-32 too', () => {
    const wide = (text: string, width: number, high: boolean) =>
      Uint8Array.from(
        text.split('').flatMap((c) => {
          const bytes = Array.from({ length: width }, (_, at) => (c.charCodeAt(0) >> (at * 8)) & 0xff);
          return high ? bytes.toReversed() : bytes;
        }),
      );
    const texts = ['<a/>', "<?xml version='1.0' encoding='UTF-16'?><a/>", '\uFEFF<日/>', '\uFEFF <a/>'];
    const inputs = texts.flatMap((text) =>
      [2, 4].flatMap((width) => [true, false].map((high) => wide(text, width, high))),
    );
    expect(mistakes(all(inputs, ENCODING), 'document')).toEqual([]);
  });
});
