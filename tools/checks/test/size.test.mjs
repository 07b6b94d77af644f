import { describe, expect, it } from 'vitest';
import { bundle, judge } from '../size.mjs';

describe('size', () => {
  it('refuses what is larger than its ceiling, and a ceiling without a reason', () => {
    const ceiling = { import: '*', from: '@xmpp-wire/core', brotli: 100, reason: 'enough' };
    expect(judge(ceiling, 100)).toEqual([]);
    expect(judge(ceiling, 101)).toHaveLength(1);
    expect(judge({ ...ceiling, reason: '' }, 1)).toHaveLength(1);
  });

  it('measures a bundle for a browser', async () => {
    const { minified, compressed } = await bundle(
      { import: '{ sha256 }', from: '@noble/hashes/sha2.js' },
      new URL('../../../packages/core/', import.meta.url),
    );
    expect(minified).toBeGreaterThan(1000);
    expect(compressed).toBeLessThan(minified);
  });

  it('fails on an import that no browser has', async () => {
    await expect(bundle({ import: '*', from: 'node:net' })).rejects.toThrow(/node:net/);
  });
});
