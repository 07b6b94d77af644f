import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { duplex } from '../adapters/duplex.mjs';
import { adapterCases } from '../suite.mjs';

describe('the adapter of docs/writing-an-adapter.md', () => {
  it.each(adapterCases(duplex, { connections: 50 }))(
    '$name',
    async ({ run }) => {
      await expect(run()).resolves.toBeUndefined();
    },
    60_000,
  );

  it('is what the document says', () => {
    /** @param {string} path */
    const read = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
    const [adapter = '', trial] = read('docs/writing-an-adapter.md').split('\n## Both ends\n');
    expect(trial).toContain('new DuplexServer(');
    const blocks = [...adapter.matchAll(/^```ts.*\n([\s\S]*?)^```$/gm)];
    expect(blocks.map(([, code]) => code).join('\n')).toBe(read('examples/duplex-adapter/duplex-adapter.ts'));
  });
});
