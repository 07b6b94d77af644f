// Every example in the documentation is a program: it is compiled and run. A block fenced with `ts` in README.md,
// packages/*/README.md, docs/ and in the TSDoc of the packages stands for a file of its own. What may follow `ts`:
//   continued           the block goes on from the one before it in the same document
//   no-run: <reason>    the block is compiled only
// `expression; // literal` claims the value of the expression, `expression; // throws Name` claims an exception, and
// both claims are tested.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { withClaims } from './claims.mjs';
import { lineAt, root } from './files.mjs';

/** @import { File, Finding } from './files.mjs' */
/** @typedef {{ path: string, line: number, code: string, run: boolean }} Example */

const DOCUMENT = /^(README\.md|packages\/[^/]+\/README\.md|docs\/.*\.md)$/;
const SOURCE = /^packages\/[^/]+\/src\/.*\.ts$/;
const TIMEOUT_MS = 60_000;
const here = fileURLToPath(new URL('.', import.meta.url));

/** @param {File[]} files @param {(summary: string) => void} [log] @returns {Promise<Finding[]>} */
export async function checkExamples(files, log = () => {}) {
  const { examples, findings } = extract(files);
  const folder = path.join(here, '.examples', String(process.pid));
  mkdirSync(folder, { recursive: true });
  try {
    const programs = examples.map((example) => ({ example, file: path.join(folder, fileName(example)) }));
    for (const { example, file } of programs) writeFileSync(`${file}.ts`, example.code);
    findings.push(...(await compileAll(folder, programs)));
    const waiting = findings.length > 0 ? [] : programs.filter(({ example }) => example.run);
    const count = waiting.length;
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        findings.push(...(await runOne(next.example, `${next.file}.mjs`)));
      }
    };
    await Promise.all(Array.from({ length: availableParallelism() }, worker));
    log(`${examples.length} examples compiled, ${count} run`);
    return findings;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {File[]} files @returns {{ examples: Example[], findings: Finding[] }} */
export function extract(files) {
  /** @type {{ examples: Example[], findings: Finding[] }} */
  const all = { examples: [], findings: [] };
  for (const file of files) {
    if (DOCUMENT.test(file.path)) fences(file.path, file.text, 1, all);
    else if (SOURCE.test(file.path)) comments(file, all);
  }
  return all;
}

/** @param {File} file @param {{ examples: Example[], findings: Finding[] }} all */
function comments(file, all) {
  for (const match of file.text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const text = match[0].replace(/^[ \t]*\* ?/gm, '');
    const line = lineAt(file.text, match.index);
    for (const [at, ...parts] of sections(text)) {
      const body = parts.join('\n');
      if (/^```ts/m.test(body)) fences(file.path, body, line + at, all);
      else
        all.findings.push({ path: file.path, line: line + at, message: 'an @example without a block fenced with ts' });
    }
  }
}

/** The @example sections of a comment, each with its first line's number in it. @param {string} comment @returns {[number, ...string[]][]} */
function sections(comment) {
  /** @type {[number, ...string[]][]} */
  const found = [];
  let inside = false;
  for (const [index, line] of comment.split('\n').entries()) {
    if (/^@example\b/.test(line)) found.push([index]);
    if (/^@\w/.test(line)) inside = line.startsWith('@example');
    if (inside) found.at(-1)?.push(line);
  }
  return found;
}

/** @param {string} file @param {string} text @param {number} firstLine @param {{ examples: Example[], findings: Finding[] }} all */
function fences(file, text, firstLine, all) {
  /** @type {Example | undefined} */
  let previous;
  for (const match of text.matchAll(/^([ \t]*)```ts[ \t]*(.*)\n([\s\S]*?)^\1```[ \t]*$/gm)) {
    const [, indent = '', info = '', block = ''] = match;
    const line = firstLine + lineAt(text, match.index) - 1;
    const code = block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    const reason = /^no-run:\s*(\S.*)$/.exec(info)?.[1];
    if (info === 'continued') {
      if (previous === undefined) all.findings.push({ path: file, line, message: 'there is no block to continue' });
      else previous.code += code;
    } else if (info === '' || reason !== undefined) {
      previous = { path: file, line: line + 1, code, run: reason === undefined };
      all.examples.push(previous);
    } else {
      const message = `after \`ts\` stands \`continued\` or \`no-run: <reason>\`, not \`${info}\``;
      all.findings.push({ path: file, line, message });
    }
  }
}

/** @param {Example} example */
const fileName = ({ path: file, line }) => `${file.replaceAll('/', '__')}-line-${line}`;

/** @param {string} folder @param {{ example: Example, file: string }[]} programs @returns {Promise<Finding[]>} */
async function compileAll(folder, programs) {
  if (programs.length === 0) return [];
  const compilerOptions = {
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    noEmit: true,
    noUnusedLocals: false,
    customConditions: [],
    types: ['node'],
  };
  const configuration = { extends: path.join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify(configuration));
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { code, output } = await capture([tsc, '-p', folder, '--pretty', 'false']);
  if (code === 0) return [];
  return output
    .trim()
    .split('\n')
    .map((message) => {
      const [, name, line] = /([^/\\]+)\.ts\((\d+),/.exec(message) ?? [];
      const example = programs.find(({ file }) => path.basename(file) === name)?.example;
      const place = example ?? { path: 'tools/checks/examples.mjs', line: 1 };
      return {
        path: place.path,
        line: place.line + Number(line ?? 1) - 1,
        message: message.replace(/^.*?: error /, ''),
      };
    });
}

/** @param {Example} example @param {string} file @returns {Promise<Finding[]>} */
async function runOne({ path: where, line, code }, file) {
  const support = path.join(here, 'claims-support.mjs');
  const { code: script } = transformSync(withClaims(code, line, support), {
    loader: 'ts',
    format: 'esm',
    target: 'node20',
  });
  writeFileSync(file, script);
  const { code: status, output } = await capture([file]);
  return status === 0 ? [] : [{ path: where, line, message: `the example failed\n${output.trimEnd()}` }];
}

/** @param {string[]} args @returns {Promise<{ code: number | null, output: string }>} */
function capture(args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code, output: code === null ? `${output}\nstopped after ${TIMEOUT_MS} ms` : output }),
    );
  });
}
