import { runInThisContext } from 'node:vm';
import { Prng } from '@xmpp-wire/testing';
import { describe, expect, it } from 'vitest';
import { withCounters } from '../counters.mjs';
import { Coverage, endless } from '../coverage.mjs';
import { bytesOf, cutAs, mark, stretchesOf, textOf } from '../input.mjs';
import { fuzz, testCase } from '../loop.mjs';
import { targets } from '../targets.mjs';

/** What a text returns, with counters in it. @param {string} text @param {Coverage} coverage */
function run(text, coverage = new Coverage()) {
  const { code, count } = withCounters(text);
  // As a module would find them.
  Object.assign(globalThis, { xwTest: { $c: coverage.take(count), $endless: endless } });
  return runInThisContext(`(() => { const { $c, $endless } = xwTest; ${code}\n})()`);
}

describe('counters', () => {
  it.each([
    ['return [1, 2, 3].map((n) => ({ n })).length', 3],
    ['let n = 0; for (let i = 0; i < 5; i++) if (i % 2) n += i; else n -= 1; return n', 1],
    ['let n = 5; do n--; while (n > 2); while (n > 0) { n--; if (n === 1) break; } return n', 1],
    ["const f = (x) => { switch (x) { case 'a': case ':': return 1; default: return 2; } }; return f(':') + f('b')", 3],
    ['const a = null; const b = a?.c ?? (false || 7); return b && a === null ? b : 0', 7],
    ['let a; a ??= 3; a &&= a + 1; a ||= 9; return a', 4],
    ['for (const x of [1]) for (const y of [2]) if (x) { if (y) return x + y; } return 0', 3],
  ])('change nothing of what %s', (text, expected) => {
    expect(run(text)).toBe(expected);
  });

  it('tell what is new: another way, or the same another number of times', () => {
    const coverage = new Coverage();
    const f = run(
      'return (n) => { for (let i = 0; i < n; i++) { if (i === 9) return true; } return false; }',
      coverage,
    );
    const isNew = [0, 0, 1, 2, 5, 6, 7, 9, 10, 10].map((n) => {
      coverage.begin();
      f(n);
      return coverage.end(8);
    });
    expect(isNew).toEqual([true, false, true, true, true, false, false, true, true, false]);
    expect(coverage.extent).toEqual({ all: 4, reached: 4 });
  });

  it('end a loop that has no end', () => {
    expect(() => run('for (;;);')).toThrow('a loop that does not end');
  });
});

describe('an input', () => {
  it('says where it is cut and what happens between its bytes', () => {
    const stretches = stretchesOf(bytesOf(`ab${mark('|')}c${mark('t')}${mark('e')}\x01d`));
    expect(stretches.map(({ pieces, mark }) => [...pieces.map(textOf), mark])).toEqual([
      ['ab', 'c', 't'],
      ['e'],
      ['\x01d', ''],
    ]);
    expect(cutAs(stretches[0]?.pieces ?? [], 'whole').map(textOf)).toEqual(['abc']);
    expect(cutAs(stretches[0]?.pieces ?? [], 'bytes').map(textOf)).toEqual(['a', 'b', 'c']);
  });
});

describe('the loop', () => {
  const planted = async (/** @type {number} */ seed) => {
    const coverage = new Coverage();
    const body = [...'bug!'].map((c, at) => `if (t[i + ${at}] !== '${c}') continue; `).join('');
    const find = run(
      `return (t) => { for (let i = 0; i < t.length; i++) { ${body} throw new Error('found at ' + i); } }`,
      coverage,
    );
    const target = {
      name: 'planted',
      seeds: ['aaaaaaaaaaaa'],
      words: ['b', 'u', 'g', '!'],
      run: (/** @type {Uint8Array} */ input) => find(textOf(input)),
    };
    let isFound = false;
    const goesOn = (/** @type {number} */ runs) => runs < 50_000 && !isFound;
    return fuzz(target, { prng: new Prng(seed), coverage, goesOn, onFailure: () => (isFound = true) });
  };

  it('finds what no input of the seeds is near to, by what it reaches, and makes it small', async () => {
    const { failures } = await planted(1);
    expect(failures.map(({ input }) => textOf(input))).toEqual(['bug!']);
    expect(testCase('planted', failures[0] ?? { input: bytesOf(''), problem: '' })).toMatch(
      /^it\("found at \d+", .*\n.*bytesOf\("bug!"\)/,
    );
  });

  it('does the same for the same seed', async () => {
    expect(await planted(7)).toEqual(await planted(7));
  });
});

describe.each(targets.map((each) => [each.name, each]))('the target %s', (_, target) => {
  it('has nothing to say against the inputs that it begins with', async () => {
    for (const seed of target.seeds) await target.run(bytesOf(seed));
    expect(target.seeds.length).toBeGreaterThan(1);
  });
});
