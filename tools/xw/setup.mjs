// From a fresh clone to a built tree: the pinned pnpm, the dependencies of the lockfile, the build. Each part is
// skipped when nothing it depends on has changed.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { at, env, pnpmEntry, pnpmHome, pnpmVersion } from './environment.mjs';
import { withLock } from './lock.mjs';
import { run, tool } from './run.mjs';

const stampFile = at('node_modules', '.xw-stamp');

/**
 * Installs what is missing, builds if asked, and then does `work`, all under the lock of this clone.
 * @param {{ build: boolean }} what
 * @param {() => Promise<void>} [work]
 */
export function prepare({ build }, work = async () => {}) {
  return withLock(
    at('.tools', 'lock'),
    async () => {
      await install();
      if (build) await buildPackages();
      await work();
    },
    (owner) => console.log(`xw: process ${owner} is installing or building here, waiting for it`),
  );
}

async function install() {
  const stamp = installStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!existsSync(path.join(pnpmHome, 'ready'))) await installPnpm();
  console.log('xw: installing the dependencies of pnpm-lock.yaml');
  // CI=true: a changed layout would otherwise stop for a question where there is no terminal.
  const args = [pnpmEntry, 'install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn'];
  await run(process.execPath, args, { env: { ...env, CI: 'true' } });
  writeFileSync(stampFile, stamp);
}

async function installPnpm() {
  console.log(`xw: getting pnpm ${pnpmVersion}`);
  mkdirSync(pnpmHome, { recursive: true });
  writeFileSync(path.join(pnpmHome, 'package.json'), '{ "private": true }\n');
  const quiet = [
    '--no-save',
    '--no-package-lock',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefer-offline',
    '--no-update-notifier',
  ];
  await npm(['install', '--prefix', pnpmHome, '--ignore-scripts', ...quiet, `pnpm@${pnpmVersion}`], pnpmHome);
  // npm 12 runs no install scripts by itself; without this one the pnpm on PATH stays a placeholder without a
  // shebang, which a shell runs but turbo cannot ("Exec format error").
  await run(process.execPath, [path.join(pnpmHome, 'node_modules', 'pnpm', 'install.js')], { cwd: pnpmHome });
  writeFileSync(path.join(pnpmHome, 'ready'), '');
}

/** Runs the npm that runs us, or the one on PATH. @param {string[]} args @param {string} cwd */
export function npm(args, cwd) {
  const script = process.env['npm_execpath'];
  if (script !== undefined && /npm-cli\.[cm]?js$/.test(script))
    return run(process.execPath, [script, ...args], { cwd });
  return run('npm', args, { cwd, shell: process.platform === 'win32' });
}

const buildPackages = () =>
  tool('turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only', '--log-order=grouped', '--no-update-notifier');

// Everything an installed tree depends on. A stamp of all that is equal means that there is nothing to do.
function installStamp() {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];
  for (const group of ['packages', 'tools', 'examples']) {
    for (const name of readdirSync(at(group)).toSorted()) files.push(`${group}/${name}/package.json`);
  }
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${pnpmVersion}`);
  for (const file of files) if (existsSync(at(file))) hash.update(file).update(readFileSync(at(file)));
  return hash.digest('hex');
}
