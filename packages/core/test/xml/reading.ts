import { expect } from 'vitest';
import { XML_VIOLATIONS, type XmlViolation } from '../../src/xml/index.ts';
import { byteByByte, bytesOf, CLOSING_TAG, CODECS, concat, HEADER, type Outcome, pieces, readAll } from './support.ts';

/** What is read: a stream error, or else the text or the first attribute's value of the first element. */
export type Reading = string | { readonly text: string } | { readonly value: string };
export type Case = readonly [input: string | Uint8Array, wanted: Reading];

/** The same whole, byte by byte, in pieces, and by words, under both codecs. */
function read(body: Uint8Array, mode: 'stream' | 'document'): Outcome[] {
  const parts = mode === 'stream' ? [bytesOf(HEADER), body, bytesOf(CLOSING_TAG)] : [body];
  const all = concat(...parts);
  const padded = mode === 'stream' ? concat(bytesOf(HEADER), bytesOf(' '.repeat(300)), ...parts.slice(1)) : all;
  const readings = CODECS.flatMap(([, textCodec]) =>
    [[all], byteByByte(all), pieces(all, 3), [padded]].map((chunks) => readAll(chunks, { textCodec, mode })),
  );
  const [first = []] = readings;
  // The comparison that says where it differs is slow, and needed only then.
  for (const each of readings) if (JSON.stringify(each) !== JSON.stringify(first)) expect(each).toEqual(first);
  return first;
}

function readingOf(outcomes: readonly Outcome[], wanted: Reading): Reading {
  const violation = outcomes.at(-1)?.violation;
  // `as`: the name comes from a violation event.
  if (violation !== undefined) return XML_VIOLATIONS[violation as XmlViolation].condition;
  if (typeof wanted === 'string') return 'accepted';
  const tree = outcomes.find(({ type }) => type === 'element')?.tree;
  if ('value' in wanted) return { value: tree?.attrs[0]?.[2] ?? 'no attribute' };
  return { text: tree?.children.filter((child) => typeof child === 'string').join('') ?? 'no element' };
}

/** Those of the inputs that are not read as they should be: `accepted`, or as what is said. */
export function mistakes(cases: Iterable<Case>, mode: 'stream' | 'document' = 'stream'): unknown[] {
  const found: unknown[] = [];
  for (const [input, wanted] of cases) {
    const reading = readingOf(read(typeof input === 'string' ? bytesOf(input) : input, mode), wanted);
    if (JSON.stringify(reading) !== JSON.stringify(wanted)) found.push({ input: String(input), wanted, reading });
  }
  return found;
}

/** Cases that are all to be read as the same. */
export function all(inputs: readonly (string | Uint8Array)[], wanted: Reading): Case[] {
  return inputs.map((input) => [input, wanted]);
}
