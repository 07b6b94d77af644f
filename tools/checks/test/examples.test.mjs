import { describe, expect, it } from 'vitest';
import { checkExamples, extract } from '../examples.mjs';

const block = (/** @type {string} */ code, info = '') => `\`\`\`ts${info}\n${code}\n\`\`\`\n`;
const readme = (/** @type {string} */ text) => [{ path: 'README.md', text }];
const run = async (/** @type {string} */ text) =>
  (await checkExamples(readme(text))).map(({ path, line, message }) => `${path}:${line}: ${message}`);

describe('examples', () => {
  it('finds the blocks of documents, with their lines', () => {
    const text = `# A\n\n${block('a();')}\n\`\`\`sh\nnpm test\n\`\`\`\n${block('b();', ' no-run: it needs a server')}`;
    expect(extract(readme(text))).toEqual({
      examples: [
        { path: 'README.md', line: 4, code: 'a();\n', run: true },
        { path: 'README.md', line: 11, code: 'b();\n', run: false },
      ],
      findings: [],
    });
  });

  it('joins a continued block to the one before it', () => {
    const { examples, findings } = extract(readme(`${block('a();')}${block('b();', ' continued')}`));
    expect(examples.map(({ code }) => code)).toEqual(['a();\nb();\n']);
    expect(findings).toEqual([]);
    expect(extract(readme(block('b();', ' continued'))).findings).toHaveLength(1);
  });

  it.each([' no-run', ' no-run: ', ' whatever'])('refuses a block marked%s', (info) => {
    expect(extract(readme(block('a();', info))).findings).toHaveLength(1);
  });

  it('finds the examples of TSDoc, with their lines', () => {
    const text = `export {};

/**
 * One.
 *
 * @example
 * \`\`\`ts
 * one();
 *   two();
 * \`\`\`
 * @throws nothing
 */
export const one = 1;`;
    expect(extract([{ path: 'packages/core/src/one.ts', text }]).examples).toEqual([
      { path: 'packages/core/src/one.ts', line: 8, code: 'one();\n  two();\n', run: true },
    ]);
  });

  it('refuses an @example without a block', () => {
    const text = '/** @example */\n/**\n * @example one();\n */';
    expect(extract([{ path: 'packages/core/src/one.ts', text }]).findings.map(({ line }) => line)).toEqual([3]);
  });

  it('runs what compiles and tests what comments claim', async () => {
    const good = `const list: readonly number[] = [1, 2];
list.length; // 2
list.map((each) => each + 1); // => [2, 3]
list.at(5); // undefined
({ name: 'a' }); // { name: 'a' }
JSON.parse('{'); // throws SyntaxError
await Promise.resolve('a'); // 'a'
list.length; // is the length`;
    await expect(run(block(good))).resolves.toEqual([]);
  });

  it.each([
    ['const text: string = 1;', /^README\.md:2: TS2322/],
    ["throw new Error('no');", /^README\.md:2: the example failed/],
    ['[1].length; // 2', /line 2: the value is not the one in the comment/],
    ['[1].length; // throws TypeError', /nothing was thrown/],
    ["JSON.parse('{'); // throws TypeError", /another error than TypeError/],
  ])('refuses %s', async (code, message) => {
    await expect(run(block(code))).resolves.toEqual([expect.stringMatching(message)]);
  });

  it('compiles and does not run what is marked no-run', async () => {
    await expect(run(block("throw new Error('no');", ' no-run: to see that it is not'))).resolves.toEqual([]);
    await expect(run(block('const text: string = 1;', ' no-run: to see that it is compiled'))).resolves.toHaveLength(1);
  });
});
