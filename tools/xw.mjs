// Runs one job of this repository from a fresh clone with nothing but Node >= 20.19 and npm.
// Plain JavaScript without dependencies on purpose: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);
const manifest = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const pnpmVersion = manifest.packageManager.replace(/^pnpm@/, '').split('+')[0];
const toolHome = at('.tools', `pnpm-${pnpmVersion}`);
const pnpmEntry = path.join(toolHome, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
const stampFile = at('node_modules', '.xw-stamp');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) fail(`Node >= 20.19 is needed, this is ${process.version}`);

// What `npm run` exports about itself must not leak into pnpm; the user's registry, proxy and CA settings must.
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', COREPACK_ENABLE_STRICT: '0' };
for (const key of Object.keys(env)) {
  if (
    /^npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(user_agent|local_prefix|prefix|nodedir|node_gyp|init_module|global_prefix)$)/i.test(
      key,
    )
  )
    delete env[key];
}
const pathKey = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
env[pathKey] = [at('node_modules', '.bin'), path.join(toolHome, 'node_modules', '.bin'), env[pathKey]].join(
  path.delimiter,
);

function fail(message) {
  console.error(`xw: ${message}`);
  process.exit(1);
}
function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: 'inherit', ...options });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.status !== 0) process.exit(result.status ?? 1);
}
const node = (...args) => run(process.execPath, args);
const pnpm = (...args) => run(process.execPath, [pnpmEntry, ...args], { env: { ...env, CI: env.CI ?? 'true' } });
const bin = (name, ...args) => node(at('node_modules', ...name.split('/')), ...args);

function lockStamp() {
  const hash = createHash('sha256');
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];
  for (const group of ['packages', 'tools'])
    for (const dir of readdirSync(at(group))) files.push(`${group}/${dir}/package.json`);
  for (const file of files) if (existsSync(at(file))) hash.update(file).update(readFileSync(at(file)));
  return hash.update(`${process.platform}-${process.arch}-${pnpmVersion}`).digest('hex');
}

function install() {
  const stamp = lockStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  if (!existsSync(pnpmEntry)) {
    console.log(`xw: getting pnpm ${pnpmVersion} from the npm registry`);
    mkdirSync(toolHome, { recursive: true });
    writeFileSync(path.join(toolHome, 'package.json'), '{"private":true}\n');
    const npmCli = process.env.npm_execpath;
    const args = [
      'install',
      '--prefix',
      toolHome,
      '--no-save',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--loglevel=error',
      '--prefer-offline',
      `pnpm@${pnpmVersion}`,
    ];
    if (npmCli?.endsWith('.js')) run(process.execPath, [npmCli, ...args], { cwd: toolHome });
    else run('npm', args, { cwd: toolHome, shell: process.platform === 'win32' });
    // npm 12 runs no install scripts by itself; without this the pnpm on PATH stays a shebang-less
    // placeholder, which shells run but turbo cannot ("Exec format error").
    run(process.execPath, [path.join(toolHome, 'node_modules', 'pnpm', 'install.js')], { cwd: toolHome });
  }
  console.log('xw: installing dependencies from pnpm-lock.yaml');
  pnpm('install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn');
  writeFileSync(stampFile, stamp);
}

const build = () =>
  bin('turbo/bin/turbo', 'run', 'build', '--output-logs=errors-only', '--log-order=grouped', '--no-update-notifier');

const jobs = {
  setup() {
    install();
  },
  build() {
    install();
    build();
  },
  start(...args) {
    install();
    build();
    node(at('packages/server/dist/demo/main.js'), ...args);
  },
  test(...args) {
    install();
    build();
    bin('vitest/vitest.mjs', 'run', ...args);
  },
};
const [job = 'start', ...rest] = process.argv.slice(2);
if (!(job in jobs)) fail(`unknown job ${job}; one of: ${Object.keys(jobs).join(', ')}`);
jobs[job](...rest);
