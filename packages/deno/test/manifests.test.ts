import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// deno.json and package.json say the same, or a release on JSR would not be the one on npm.
const read = (path: string): Record<string, unknown> =>
  // Manifests are objects.
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')) as Record<string, unknown>;

describe.each(['core', 'driver', 'deno'])('the manifests of %s', (name) => {
  const [npm, jsr] = [read(`${name}/package.json`), read(`${name}/deno.json`)];

  it('agree on the name and the version', () => {
    expect([jsr['name'], jsr['version'], jsr['license']]).toEqual([npm['name'], npm['version'], npm['license']]);
  });

  it('agree on the entries', () => {
    // The entries of a manifest are a map; those of npm map conditions.
    const exports = npm['exports'] as Record<string, Record<string, string>>;
    const sources = Object.entries(exports).map(([entry, conditions]) => [entry, conditions['@xmpp-wire/source']]);
    // JSR lets a package with one entry name it alone.
    const entries = jsr['exports'] as string | Record<string, string>;
    expect(typeof entries === 'string' ? [['.', entries]] : Object.entries(entries)).toEqual(sources);
  });
});
