// Where things are, and with which environment every child runs. Plain JavaScript without dependencies on purpose:
// it runs before anything is installed, on every Node from 20.19 on.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A path inside the repository. */
export const at = (/** @type {string[]} */ ...parts) => path.join(root, ...parts);

/** The exact pnpm that `packageManager` in package.json names. */
export const pnpmVersion = pinnedPnpm();
export const pnpmHome = at('.tools', `pnpm-${pnpmVersion}`);
export const pnpmEntry = path.join(pnpmHome, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');

export const env = childEnvironment();

/**
 * Ends the run with a message and exit code 1.
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  console.error(`xw: ${message}`);
  process.exit(1);
}

export function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node 20.19 or newer is needed, this is ${process.version}`);
}

function pinnedPnpm() {
  const { packageManager } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return String(packageManager)
    .replace(/^pnpm@/, '')
    .replace(/\+.*$/, '');
}

// What `npm run` exports about itself must not leak into pnpm; the user's registry, proxy and CA settings must.
// NODE_ENV and npm's omit settings go too: with NODE_ENV=production pnpm would leave the tools out.
function childEnvironment() {
  const leaking =
    /^(npm_(package_|lifecycle_|command$|execpath$|node_execpath$|config_(user_agent|local_prefix|prefix|nodedir|node_gyp|init_module|global_prefix|omit|include|production|only)$).*|NODE_ENV)$/i;
  /** @type {NodeJS.ProcessEnv} */
  const result = {};
  for (const [key, value] of Object.entries(process.env)) if (!leaking.test(key)) result[key] = value;
  Object.assign(result, {
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    COREPACK_ENABLE_STRICT: '0',
  });
  const pathKey = Object.keys(result).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folders = [at('node_modules', '.bin'), path.join(pnpmHome, 'node_modules', '.bin'), result[pathKey]];
  result[pathKey] = folders.filter((folder) => folder !== undefined).join(path.delimiter);
  return result;
}
