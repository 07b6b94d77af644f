import { describe, expect, it } from 'vitest';
import { house } from '../house.mjs';

const check = (
  /** @type {string} */ path,
  /** @type {string} */ text,
  /** @type {Record<string, string>} */ longFiles = {},
) => house([{ path, text }], longFiles).map(({ line, message }) => `${line}: ${message}`);

const source = 'packages/core/src/probe.ts';
const test = 'packages/core/test/probe.test.ts';

// In pieces, or the check would find this file.
const join = (/** @type {string[]} */ ...parts) => parts.join('');

describe('house rules', () => {
  it.each([
    [source, join("const file = '/wo", "rk/xmpp/a';")],
    ['README.md', join('Look into /ho', 'me/me/xmpp.')],
    ['docs/guide.md', join('file:///Us', 'ers/me/a')],
    ['package.json', join('"https://registry.npm', 'js.org/a"')],
    [source, join('// TO', 'DO: the rest')],
    ['tools/bench/run.mjs', join('// FIX', 'ME')],
    [test, join('it.sk', "ip('a', () => {});")],
    [test, join('describe.on', "ly('a', () => {});")],
    [test, join('it.to', "do('a');")],
    [test, join('x', "it('a', () => {});")],
    [source, join('/* v8 ig', 'nore next */')],
    [source, join('/* istanbul ig', 'nore if */')],
    ['pnpm-lock.yaml', join('    resolution: {tarball: ht', 'tps://example.com/a.tgz}')],
    ['.npmrc', join('regis', 'try=example')],
    ['packages/core/src/StreamHeader.ts', 'export {};'],
    [source, 'export const a: string = JSON.parse("1") as string;'],
    [source, '// One is checked.\nconst a = b as string;\n\nconst c = d as string;'],
    [source, '// `as number`: it is one.\nimport b from "./b.ts";\n\nexport const a: string = b as string;'],
  ])('refuses %s with %s', (path, text) => {
    expect(check(path, text)).toHaveLength(1);
  });

  it.each([
    [source, 'const href = "https://xmpp.org/rfcs/root/work";'],
    [source, 'const path = "../work/a";'],
    [source, 'export const list = ["a"] as const;'],
    [source, '// The schema has checked it.\nexport const a: string = JSON.parse("1") as string;'],
    [source, 'export const a: string = JSON.parse("1") as string; // the schema has checked it'],
    [source, '// Both are checked.\nconst a = b as string;\nconst c = d as string;'],
    [
      source,
      '// `as string`: the schema has checked it.\nimport b from "./b.ts";\n\nexport const a: string = b as string;',
    ],
    [source, '// The schema has checked it.\nexport const a: string = parse(\n  text as string,\n);'],
    [test, 'it.each([1])("%s", () => {});'],
    [test, 'it.skipIf(process.platform === "win32")("a", () => {});'],
    ['packages/core/test/data/vectors.json', join('"/ho', 'me/juliet"')],
    ['tools/checks/purity.mjs', 'export {};'],
  ])('accepts %s with %s', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  it('counts lines and wants a reason for more than 500', () => {
    const lines = (/** @type {number} */ count) => 'export {};\n'.repeat(count);
    expect(check(source, lines(500))).toEqual([]);
    expect(check(source, lines(501))).toEqual([expect.stringMatching(/^501: 501 lines/)]);
    expect(check(source, lines(501), { [source]: 'a generated table' })).toEqual([]);
    expect(check(source, lines(501), { [source]: ' ' })).toEqual([expect.stringMatching(/without a reason/)]);
    expect(check(source, lines(500), { [source]: 'a generated table' })).toEqual([
      expect.stringMatching(/no exception/),
    ]);
  });

  it('names the line of what it found', () => {
    expect(check(source, join('export {};\n\n// TO', 'DO later'))[0]).toMatch(/^3: /);
  });
});
