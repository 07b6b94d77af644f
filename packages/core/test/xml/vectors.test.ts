import { describe, expect, it } from 'vitest';
import { XML_VIOLATIONS, type XmlViolation } from '../../src/xml/index.ts';
import vectors from '../data/xml-wellformed.json' with { type: 'json' };
import {
  byteByByte,
  bytesOf,
  CLOSING_TAG,
  CODECS,
  concat,
  everyCut,
  HEADER,
  type Outcome,
  readAll,
} from './support.ts';

interface Row {
  readonly id: string;
  readonly source: string;
  readonly context: string;
  readonly input?: string;
  readonly inputBase64?: string;
  readonly expect: {
    readonly acceptable: boolean | null;
    readonly streamErrors?: readonly string[];
    readonly tree?: unknown;
  };
}

// `as`: the JSON's inferred type is a union of hundreds of shapes.
const rows = vectors as unknown as readonly Row[];

describe.each(CODECS)('well-formedness vectors, %s codec', (_, textCodec) => {
  it.each(rows.map((row) => [row.id, row] as const))('[S1] %s', (_id, row) => {
    const stream = row.context === 'stream';
    const body =
      row.input === undefined ? new Uint8Array(Buffer.from(row.inputBase64 ?? '', 'base64')) : bytesOf(row.input);
    const bytes = stream ? concat(bytesOf(HEADER), body, bytesOf(CLOSING_TAG)) : body;
    const whole = readAll([bytes], { textCodec, mode: stream ? 'stream' : 'document' });
    for (const [how, chunks] of everyCut(bytes)) {
      const outcomes = readAll(chunks, { textCodec, mode: stream ? 'stream' : 'document' });
      // The comparison that says where it differs is slow, and needed only then.
      if (JSON.stringify(outcomes) !== JSON.stringify(whole)) throw new Error(`${how}: ${JSON.stringify(outcomes)}`);
    }
    expect(verdictOn(row, whole)).toEqual(expectedOf(row, whole));

    // A long chunk is read by words: the same, in all four places that the first byte can have in one.
    const mode = stream ? 'stream' : 'document';
    for (const length of [300, 301, 302, 303]) {
      const padding = bytesOf(' '.repeat(length));
      const longer = stream ? concat(bytesOf(HEADER), padding, body, bytesOf(CLOSING_TAG)) : concat(body, padding);
      const expected = stream ? whole : readAll(byteByByte(longer), { textCodec, mode });
      expect(readAll([longer], { textCodec, mode })).toEqual(expected);
    }
  });
});

/** What we said: a tree, or the stream error. */
function verdictOn(row: Row, outcomes: readonly Outcome[]): unknown {
  const violation = outcomes.at(-1)?.violation;
  // `as`: the name comes from a violation event.
  if (violation !== undefined) return XML_VIOLATIONS[violation as XmlViolation].condition;
  const trees = outcomes.filter(({ type }) => type === 'element').map((each) => each.tree);
  return row.context === 'stream' ? trees : trees[0];
}

/** What the row wants, given what we said where it leaves a choice. */
function expectedOf(row: Row, outcomes: readonly Outcome[]): unknown {
  const { acceptable, streamErrors = [], tree } = row.expect;
  if (acceptable !== false) return tree;
  const [first] = streamErrors;
  const said = verdictOn(row, outcomes);
  // With both of these the order of mistakes in the input decides, and ours is the first one.
  const either = ['restricted-xml', 'not-well-formed'];
  return either.every((condition) => streamErrors.includes(condition)) && either.includes(String(said)) ? said : first;
}
