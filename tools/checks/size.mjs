// How much a browser has to load. Bundling for a browser also fails on any `node:` import, so this is a second check
// of the border around core.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';

/** @import { Finding } from './files.mjs' */
/** @typedef {{ import: string, from: string, brotli: number, reason: string, with?: string[] }} Ceiling `with`: modules that are loaded beside it */

/** @returns {Promise<Finding[]>} */
export async function checkSize() {
  /** @type {Ceiling[]} */
  const ceilings = JSON.parse(readFileSync(new URL('size.json', import.meta.url), 'utf8'));
  const findings = await Promise.all(
    ceilings.map(async (ceiling) => {
      const { minified, compressed } = await bundle(ceiling);
      console.log(
        `size of ${ceiling.import} from ${[ceiling.from, ...(ceiling.with ?? [])].join(' and ')}: ${minified} bytes, ${compressed} with brotli (at most ${ceiling.brotli})`,
      );
      return judge(ceiling, compressed);
    }),
  );
  return findings.flat();
}

/** @param {Ceiling} ceiling @param {number} compressed @returns {Finding[]} */
export function judge({ import: name, from, brotli, reason }, compressed) {
  const here = { path: 'tools/checks/size.json', line: 1 };
  if (reason.trim() === '') return [{ ...here, message: `the ceiling of ${from} has no reason` }];
  if (compressed <= brotli) return [];
  return [{ ...here, message: `${name} from ${from} is ${compressed} bytes with brotli, ${brotli} are allowed` }];
}

/**
 * @param {{ import: string, from: string, with?: string[], without?: string[] }} what `without`: imports that are left as they are
 * @param {URL} [folder] from which `from` is resolved
 * @returns {Promise<{ code: Uint8Array, minified: number, compressed: number, parts: Map<string, number> }>} `parts`: how
 * many bytes of the minified code are of which file
 */
export async function bundle(
  { import: name, from, with: others = [], without = [] },
  folder = new URL('.', import.meta.url),
) {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: [
        `export ${name} from ${JSON.stringify(from)};`,
        ...others.map((other, index) => `export * as other${index} from ${JSON.stringify(other)};`),
      ].join('\n'),
      resolveDir: fileURLToPath(folder),
    },
    bundle: true,
    external: without,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const parts = new Map(
    Object.values(metafile.outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput]),
    ),
  );
  return { code, minified: code.length, compressed: brotliCompressSync(code).length, parts };
}
