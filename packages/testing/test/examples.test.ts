import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';

const folder = new URL('../examples/', import.meta.url);

/** What an example says it prints: the comments behind its calls of console.log. */
const promised = (file: string): string[] =>
  [...readFileSync(new URL(file, folder), 'utf8').matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(
    ([, text]) => text ?? '',
  );

describe('examples', () => {
  it.each(readdirSync(folder))('%s prints what it says', async (file) => {
    const lines: string[] = [];
    const log = vi
      .spyOn(console, 'log')
      .mockImplementation((...values: unknown[]) => void lines.push(values.join(' ')));
    await import(/* @vite-ignore */ new URL(file, folder).href);
    log.mockRestore();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines).toEqual(promised(file));
  });
});
