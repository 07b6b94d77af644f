import { describe, expect, it } from 'vitest';
import { purity } from '../purity.mjs';

const check = (/** @type {string} */ text, path = 'packages/core/src/probe.ts') =>
  purity([{ path, text }]).map(({ line, message }) => `${line}: ${message}`);

describe('purity', () => {
  it.each([
    'export const now: number = Date.now();',
    'export const now: Date = new Date();',
    'export const now = (): number => performance.now();',
    'export const chance: number = Math.random();',
    'setTimeout(() => {}, 1);',
    'queueMicrotask(() => {});',
    'export const bytes: unknown = crypto.getRandomValues(new Uint8Array(8));',
    'export const home: unknown = process.env;',
    'export const bytes: unknown = Buffer.from("a");',
    'console.log("hello");',
    'export const answer: unknown = fetch("a");',
    'export const same: unknown = globalThis;',
    'export const call: unknown = { run: setTimeout };',
    'export const call: unknown = { setTimeout };',
    'export const made: unknown = new Function("return 1");',
    'export const made: unknown = eval("1");',
    'export const order: number = "a".localeCompare("b");',
    'export const lower: string = "I".toLocaleLowerCase();',
    'export const where: string = import.meta.url;',
    'import { connect } from "node:net";',
    'import { z } from "zod";',
    'import { sha256 } from "@noble/hashes";',
    'import { jid } from "@xmpp-wire/core";',
    'export { z } from "zod";',
    'export const load = (): unknown => import("./other.ts");',
    'let count = 0; export const next = (): number => ++count;',
    'let last = ""; export function keep(text: string): void { last = text; }',
  ])('refuses %s', (text) => {
    expect(check(text)).toHaveLength(1);
  });

  it.each([
    '// Date.now() and Math.random() are arguments.',
    'export const text: string = "setTimeout(process.env)";',
    'export const text: string = `console.log(${1})`;',
    '/** @example new Date() */\nexport const one: number = 1;',
    'export const named = (crypto: { sign(): void }): void => crypto.sign();',
    'export interface Facts { readonly process: string; performance: number }',
    'export const facts: { process: string } = { process: "a" };',
    'export const value = (facts: { process: string }): string => facts.process;',
    'export type Clock = Date;',
    'import * as z from "zod/mini";\nimport { sha256 } from "@noble/hashes/sha2.js";',
    'let make: () => Thing;\nexport class Thing { static { make = () => new Thing(); } }\nexport const thing: Thing = make();',
    'let table: string[] | undefined; export const read = (): string[] => (table ??= "a b".split(" "));',
    'export const longest: number = Math.max(1, 2);',
  ])('accepts %s', (text) => {
    expect(check(text)).toEqual([]);
  });

  it('names the line, and looks at nothing outside the sources of core', () => {
    expect(check('\n\nexport const now: number = Date.now();')[0]).toMatch(/^3: core knows no Date/);
    expect(check('Date.now();', 'packages/node-tcp/src/probe.ts')).toEqual([]);
    expect(check('Date.now();', 'packages/core/test/probe.test.ts')).toEqual([]);
  });
});
