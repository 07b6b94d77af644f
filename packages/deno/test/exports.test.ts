import { describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

describe('the entries of @xmpp-wire/deno', () => {
  it.each(Object.entries(manifest.exports))(
    '%s names its source first, then types, then the built file',
    async (_, entry) => {
      expect(Object.keys(entry)).toEqual(['@xmpp-wire/source', 'types', 'default']);
      expect(entry.types).toBe(entry['@xmpp-wire/source'].replace('./src/', './dist/').replace(/\.ts$/, '.d.ts'));
      expect(entry.default).toBe(entry.types.replace(/\.d\.ts$/, '.js'));
      await expect(import(/* @vite-ignore */ `../${entry['@xmpp-wire/source']}`)).resolves.toBeTypeOf('object');
    },
  );
});
