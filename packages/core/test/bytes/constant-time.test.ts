import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/bytes/constant-time.ts';

describe('[S12] equalBytes', () => {
  it('is true for equal bytes only', () => {
    const bytes = fc.uint8Array({ maxLength: 3, max: 2 });
    fc.assert(
      fc.property(bytes, bytes, (left, right) => {
        expect(equalBytes(left, right)).toBe(left.join() === right.join());
        expect(equalBytes(left, left.slice())).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('sees a difference of one bit anywhere', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
        const other = bytes.slice();
        other[at % bytes.length] = (other[at % bytes.length] ?? 0) ^ (1 << bit);
        expect(equalBytes(bytes, other)).toBe(false);
      }),
    );
  });

  it('reads every byte, also after the first difference', () => {
    const reads: string[] = [];
    const spied = (bytes: Uint8Array) =>
      new Proxy(bytes, {
        get(target, key) {
          if (key === 'length') return target.length;
          reads.push(String(key));
          return target[Number(key)];
        },
      });
    expect(equalBytes(spied(Uint8Array.of(1, 2, 3)), Uint8Array.of(9, 2, 3))).toBe(false);
    expect(reads).toEqual(['0', '1', '2']);
  });
});
