import { runInThisContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { Control } from '../control.mjs';
import { drawn } from '../draw.mjs';
import { countTurns, instrument } from '../instrument.mjs';

/** Runs instrumented code with one mutant switched on. @param {string} code @param {Control} control @param {string} returns */
function run(code, control, returns) {
  // The instrumented text finds its switches on the global object.
  Object.assign(globalThis, { xwMutation: control });
  return runInThisContext(`(() => { ${code}\nreturn ${returns}; })()`);
}

const changes = (/** @type {string} */ text) =>
  instrument('a.ts', text).mutants.map(({ original, replacement }) => `${original} => ${replacement}`);

describe('changes', () => {
  it.each([
    ['a === b', ['a === b => a !== b']],
    ['a < b', ['a < b => a <= b', 'a < b => a >= b']],
    ['a && b', ['a => !(a)', 'a && b => a || b']],
    ['a ?? b', ['a ?? b => a']],
    ['!a', ['!a => a']],
    ['[x]', ['[x] => []']],
    ["'abc'", ["'abc' => ''"]],
    ["'two words'", []],
    ['list.some(f)', ['list.some(f) => list.every(f)']],
    ['list?.some(f)', []],
    ['{ detail: `${a}` }', []],
  ])('%s', (expression, expected) => {
    expect(changes(`const x = ${expression};`)).toEqual(expected);
  });

  it('of statements', () => {
    expect(changes('function f() { g(); return 1; }')).toEqual([
      'g(); => ;',
      '1 => (1 + 1)',
      'return 1; => return;',
      '{ g(); return 1; } => {}',
    ]);
    expect(changes("function f() { throw bug('a state that cannot be'); }")).toEqual([]);
    expect(changes("function f(a) { switch (a) { case 'b': case 'c': throw bug('no'); } }")).toEqual([]);
    expect(changes('function f() { return false; }')).toEqual(['false => true']);
  });

  it('that happen when a module is loaded are told apart', () => {
    const { mutants } = instrument('a.ts', 'const a = 1; const b = () => 2; class C { d = 3; static e = 4; }');
    expect(mutants.map(({ isStatic }) => isStatic)).toEqual([true, false, true, false, true]);
  });

  it('leave else where it belongs', () => {
    const { code, mutants } = instrument('a.ts', 'function f(a) { let r = 0; if (a) r = 1; else r = 2; return r; }');
    const statement = mutants.find(({ original }) => original === 'r = 1;');
    const control = new Control({ 'a.ts': 0 });
    control.active = statement?.id ?? 0;
    expect(run(code, control, '[f(true), f(false)]')).toEqual([0, 2]);
    control.active = 0;
    expect(run(code, control, '[f(true), f(false)]')).toEqual([1, 2]);
  });
});

describe('control', () => {
  it('knows what was come by, and ends loops that a mutant keeps going', async () => {
    const control = new Control({ 'a.ts': 10 });
    const { code, mutants } = instrument('a.ts', 'function f() { let n = 0; while (n < 5) { n += 1; } return n; }');
    const f = run(code, control, 'f');
    const { covered, steps } = await control.watch(f);
    expect(covered).toHaveLength(mutants.length);
    expect(steps).toBeGreaterThan(5);
    const endless = mutants.find(({ original }) => original === 'n += 1;');
    expect(await control.kills(10 + (endless?.id ?? 0), steps, f)).toBe(true);
    expect(await control.kills(9999, steps, f)).toBe(false);
  });

  it('counts the turns of code that is not changed', () => {
    expect(countTurns('b.ts', 'for (const a of b) c(a);')).toBe(
      'const $t = globalThis.xwMutation.tick; for (const a of b) { $t(); c(a); }',
    );
  });
});

it('drawing is the same for the same seed, and keeps the order', () => {
  const list = Array.from({ length: 100 }, (_, index) => index);
  expect(drawn(list, 10, 1)).toEqual(drawn(list, 10, 1));
  expect(drawn(list, 10, 1)).not.toEqual(drawn(list, 10, 2));
  expect(drawn(list, 10, 1)).toEqual(drawn(list, 10, 1).toSorted((one, other) => one - other));
});
