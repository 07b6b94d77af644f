import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyBytes, anyDocument, anyMutant, chunksOf, RUNS, TIMEOUT } from './generators.ts';
import { byteByByte, bytesOf, CODECS, concat, HEADER, readAll } from './support.ts';

const someCuts = fc.array(fc.nat(), { maxLength: 6 });
/** With this behind them short inputs are read like long ones, by words. */
const anyPadding = fc.constantFrom('', ' '.repeat(300));

describe.each(CODECS)('chunks, %s codec', (_, textCodec) => {
  it('[S1] [S23] cuts change no event of a document, right or wrong', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(fc.oneof(anyDocument, anyMutant), anyPadding, someCuts, (text, padding, cuts) => {
        const bytes = bytesOf(text + padding);
        const whole = readAll([bytes], { textCodec, mode: 'document' });
        expect(readAll(chunksOf(bytes, cuts), { textCodec, mode: 'document' })).toEqual(whole);
        expect(readAll(byteByByte(bytes), { textCodec, mode: 'document' })).toEqual(whole);
      }),
      { numRuns: 400 * RUNS },
    );
  });

  it('[S1] [S23] cuts change no event of a stream, whatever the bytes', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyBytes, anyMutant.map(bytesOf)), { maxLength: 4 }),
        anyPadding,
        someCuts,
        (parts, padding, cuts) => {
          const bytes = concat(bytesOf(HEADER), ...parts, bytesOf(padding));
          const whole = readAll([bytes], { textCodec });
          expect(readAll(chunksOf(bytes, cuts), { textCodec })).toEqual(whole);
          expect(readAll(byteByByte(bytes), { textCodec })).toEqual(whole);
        },
      ),
      { numRuns: 400 * RUNS },
    );
  });

  it('[S4] cuts change no event where limits are met', { timeout: TIMEOUT }, () => {
    const limits = {
      stanzaBytes: 200,
      depth: 4,
      elements: 6,
      attributes: 3,
      namespaceDeclarations: 4,
      nameBytes: 12,
      attributeValueBytes: 20,
    };
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyDocument, anyMutant), { maxLength: 4 }),
        anyPadding,
        someCuts,
        (parts, padding, cuts) => {
          const bytes = bytesOf(HEADER.slice(0, 108) + parts.join(' ') + padding);
          const whole = readAll([bytes], { textCodec, limits });
          expect(readAll(chunksOf(bytes, cuts), { textCodec, limits })).toEqual(whole);
          expect(readAll(byteByByte(bytes), { textCodec, limits })).toEqual(whole);
        },
      ),
      { numRuns: 400 * RUNS },
    );
  });
});

describe('codecs', () => {
  it('[S1] both read the same', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const [first, second] = CODECS.map(([, textCodec]) => readAll([bytes], { textCodec, mode: 'document' }));
        expect(second).toEqual(first);
      }),
      { numRuns: 600 * RUNS },
    );
  });
});
