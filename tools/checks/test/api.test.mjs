import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { reportsOf } from '../api.mjs';

const folder = mkdtempSync(path.join(tmpdir(), 'xw-api-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The report on a package whose main entry has these declarations. @param {string} index @param {string} [other] */
function report(index, other = '') {
  mkdirSync(path.join(folder, 'dist'), { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(path.join(folder, 'dist', 'index.d.ts'), index);
  writeFileSync(path.join(folder, 'dist', 'other.d.ts'), other);
  const [only] = reportsOf(folder, { name: '@xmpp-wire/probe', exports: { '.': { types: './dist/index.d.ts' } } });
  if (only === undefined) throw new Error('no report was made');
  return only;
}

describe('API report', () => {
  it('lists what is exported, sorted, without comments and private members', () => {
    const { text, values } = report(
      "export { b, type A } from './other.ts';",
      '/** Hidden. */\nexport declare const b: number;\nexport declare class A { private secret; #private; open(): void; }',
    );
    expect(values).toEqual(['A', 'b']);
    expect(text).toContain('class A {\n    open(): void;\n}\n\nconst b: number;');
    expect(text).not.toMatch(/secret|#private|Hidden|declare|export const/);
  });

  it('changes with a type that is not exported but can be reached', () => {
    const index = "import type { Hidden } from './other.ts';\nexport declare const a: Hidden;";
    const before = report(index, 'export interface Hidden { b: 1 }').text;
    expect(before).toContain('Named above, not exported:\n\ninterface Hidden {\n    b: 1;\n}');
    expect(report(index, 'export interface Hidden { b: 2 }').text).not.toBe(before);
    expect(report(index, 'export interface Hidden { b: 1 }\nexport interface Unused {}').text).toBe(before);
  });

  it('shows the other name of an export', () => {
    expect(report("export { a as b } from './other.ts';", 'export declare const a: number;').text).toContain(
      'const a: number;\n  (exported as b)',
    );
  });
});
