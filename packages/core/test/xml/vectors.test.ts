import { describe, expect, it } from 'vitest';
import { XML_VIOLATIONS, type XmlViolation } from '../../src/xml/index.ts';
import vectors from '../data/xml-wellformed.json' with { type: 'json' };
import { bytesOf, CLOSING_TAG, CODECS, concat, everyCut, HEADER, type Outcome, readAll } from './support.ts';

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
    let whole: Outcome[] | undefined;
    for (const [how, chunks] of everyCut(bytes)) {
      const outcomes = readAll(chunks, { textCodec, mode: stream ? 'stream' : 'document' });
      whole ??= outcomes;
      if (how !== 'whole' && JSON.stringify(outcomes) !== JSON.stringify(whole))
        expect({ how, outcomes }).toEqual({ how, outcomes: whole });
    }
    judge(row, whole ?? []);
  });
});

function judge(row: Row, outcomes: readonly Outcome[]): void {
  const { acceptable, streamErrors = [], tree } = row.expect;
  const violation = outcomes.at(-1)?.violation;
  if (acceptable !== null) expect(violation === undefined).toBe(acceptable);
  if (violation === undefined) {
    const trees = outcomes.filter(({ type }) => type === 'element').map((each) => each.tree);
    expect(row.context === 'stream' ? trees : trees[0]).toEqual(tree);
  } else {
    // `as`: the name comes from a violation event.
    const { condition } = XML_VIOLATIONS[violation as XmlViolation];
    // With both of these the order of mistakes in the input decides, and ours is the first one.
    const either = streamErrors.includes('restricted-xml') && streamErrors.includes('not-well-formed');
    expect(either ? ['restricted-xml', 'not-well-formed', streamErrors[0]] : [streamErrors[0]]).toContain(condition);
  }
}
