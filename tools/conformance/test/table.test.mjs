import { describe, expect, it } from 'vitest';
import { render } from '../markdown.mjs';
import { allRows, mistakesOf } from '../rows.mjs';
import { joinRows } from '../table.mjs';
import { mistakesIn, testsOf } from '../tests.mjs';

/** @param {Partial<import('../rows.mjs').Row>} more @returns {import('../rows.mjs').Row} */
const row = (more) => ({
  tag: 'R1.1-1',
  id: 'R1.1-1',
  kind: 'requirement',
  section: '1.1',
  level: 'MUST',
  by: 'core',
  in: ['packages/core/src/index.ts'],
  does: 'something holds',
  hook: undefined,
  why: undefined,
  ...more,
});

/** @param {string} title @param {string} [status] @param {string[]} [ancestorTitles] */
const report = (title, status = 'passed', ancestorTitles = []) =>
  testsOf({ testResults: [{ name: 'a.test.ts', message: '', assertionResults: [{ ancestorTitles, title, status }] }] });

describe('ids in titles', () => {
  it.each([
    ['[R4.9.1.1-2] an error', ['R4.9.1.1-2']],
    ['[F-bind-restart] [REC3.3-1] [S7] three', ['F-bind-restart', 'REC3.3-1', 'S7']],
    ['[C4.9.3.5] [CA.1] lines of the checklist', ['C4.9.3.5', 'CA.1']],
    ['[rule 4] and [1, 2] are none', []],
  ])('%s', (title, tags) => {
    expect(report(title)[0]?.tags).toEqual(tags);
  });

  it('count where they stand above a test too', () => {
    expect(report('accepts', 'passed', ['[S7] names'])[0]?.tags).toEqual(['S7']);
  });

  it('are known, and three at the most in one title', () => {
    const known = new Set(['S1', 'S2', 'S3', 'S4']);
    expect(mistakesIn(report('[S1] [S2] [S3] fine'), known)).toEqual([]);
    expect(mistakesIn(report('[S1] [S2] [S3] [S4] too many'), known)).toEqual([expect.stringContaining('4 ids')]);
    expect(mistakesIn(report('[S99] unknown'), known)).toEqual([expect.stringContaining('[S99] is no id')]);
  });
});

describe('a row', () => {
  it.each([
    ['is shown by a test that passes', row({}), '[R1.1-1] it', 'passed', 'shown'],
    ['is open when its test fails', row({}), '[R1.1-1] it', 'failed', 'open'],
    ['is open without a test', row({}), 'it', 'passed', 'open'],
    [
      'needs none where it does not apply',
      row({ by: 'not-applicable', why: 'binds people' }),
      'it',
      'passed',
      'reasoned',
    ],
    ['is open without a test of its hook', row({ by: 'application', hook: 'an ask' }), 'it', 'passed', 'open'],
    ['is apart between servers', row({ by: 's2s' }), 'it', 'passed', 's2s'],
  ])('%s', (_, given, title, status, standing) => {
    expect(joinRows([given], report(title, status))[0]?.standing).toBe(standing);
  });

  it('of the checklist is as good as what belongs to its section', () => {
    const line = row({ tag: 'C1', id: '1', kind: 'checklist', section: '1', by: undefined });
    expect(joinRows([row({}), line], report('[R1.1-1] it')).map(({ standing }) => standing)).toEqual([
      'shown',
      'shown',
    ]);
    expect(joinRows([row({}), line], report('it')).map(({ standing }) => standing)).toEqual(['open', 'open']);
    expect(joinRows([line], [])[0]?.standing).toBe('open');
  });

  it.each([
    [row({ in: [] }), 'names no file'],
    [row({ in: ['packages/core/src/nowhere.ts'] }), 'there is no'],
    [row({ by: 'application' }), 'names no hook'],
    [row({ by: 'not-applicable' }), 'gives no reason'],
    [row({ by: undefined }), 'nobody answers'],
    [row({ does: '' }), 'nothing says'],
  ])('is checked itself', (given, mistake) => {
    expect(mistakesOf([given])).toEqual([expect.stringContaining(mistake)]);
  });

  it('cannot break the table it stands in', () => {
    const text = render(joinRows([row({ does: 'a | b <c>' })], report('[R1.1-1] \u0000 | <x>\n')));
    expect(text).toContain('a \\| b &lt;c&gt;');
    expect(text).toContain('\\u{0} \\| &lt;x&gt;\\u{a}');
  });
});

it('every requirement and feature of RFC 6120 has a row, and each rule of security', () => {
  const count = (/** @type {string} */ kind) => allRows().filter((each) => each.kind === kind).length;
  expect([count('requirement'), count('feature'), count('security')]).toEqual([441, 63, 24]);
  expect(mistakesOf(allRows())).toEqual([]);
});
