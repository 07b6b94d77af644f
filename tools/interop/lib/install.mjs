// Debian packages of the peers: which are there, and installing the rest. Nothing of this starts a service.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import process from 'node:process';

const INSTALL_MS = 240_000;
const POLICY = '/usr/sbin/policy-rc.d';
const DENY = '#!/bin/sh\nexit 101\n';

/**
 * Makes every package present that can be, and says of each one that cannot be why not.
 * @param {readonly string[]} names Debian package names
 * @param {{ allowed: boolean, onInstall: (names: readonly string[]) => void }} options
 * @returns {Map<string, string>} the packages that are still missing, each with the reason
 */
export function installPackages(names, options) {
  const missing = missingPackages(names);
  if (missing.length === 0) return new Map();
  const reason = whyNotInstall(options.allowed);
  if (reason !== undefined) return new Map(missing.map((name) => [name, reason]));
  options.onInstall(missing);
  withoutServiceStarts(() => install(missing));
  return new Map(missingPackages(missing).map((name) => [name, 'apt-get could not install it']));
}

/** @param {readonly string[]} names @returns {string[]} those that are not fully installed */
export function missingPackages(names) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\n', ...names], { encoding: 'utf8' });
  if (query.error !== undefined) return [...names];
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.slice(0, line.indexOf(' '))),
  );
  return names.filter((name) => !installed.has(name));
}

/** @param {string} name @returns {string} the installed version, without epoch and Debian revision */
export function packageVersion(name) {
  const query = spawnSync('dpkg-query', ['-W', '-f=${Version}', name], { encoding: 'utf8' });
  const full = query.status === 0 ? query.stdout.trim() : '';
  return full.replace(/^\d+:/, '').replace(/[-~+].*$/, '');
}

/** @param {boolean} allowed @returns {string | undefined} */
function whyNotInstall(allowed) {
  if (!allowed) return 'not installed, and --no-install was given';
  if (!existsSync('/usr/bin/apt-get')) return 'not installed, and there is no apt-get here';
  if (process.getuid?.() !== 0) return 'not installed, and only root can install it';
  return undefined;
}

// One package that a mirror lacks must not cost the others: after a failed attempt for all, each is tried alone.
/** @param {readonly string[]} names */
function install(names) {
  if (!hasPackageLists()) aptGet(['update']);
  if (aptGet(installArguments(names))) return;
  aptGet(['update']);
  if (aptGet(installArguments(names))) return;
  for (const name of names) aptGet(installArguments([name]));
}

/** @param {readonly string[]} names */
const installArguments = (names) => ['install', '--yes', '--no-install-recommends', ...names];

/** @param {string[]} args */
function aptGet(args) {
  const result = spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'ignore'],
    timeout: INSTALL_MS,
  });
  return result.status === 0;
}

function hasPackageLists() {
  const folder = '/var/lib/apt/lists';
  return existsSync(folder) && readdirSync(folder).some((name) => name.includes('_Packages'));
}

// A package's own install script would start its service on the standard port. A `policy-rc.d` that denies prevents
// that; one that is there already and denies is left alone, any other is put back afterwards.
/** @param {() => void} work */
function withoutServiceStarts(work) {
  const before = existsSync(POLICY) ? readFileSync(POLICY, 'utf8') : undefined;
  if (before !== undefined && /^exit 101$/m.test(before)) {
    work();
    return;
  }
  const aside = `${POLICY}.before-interop`;
  if (before !== undefined) renameSync(POLICY, aside);
  writeFileSync(POLICY, DENY, { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(POLICY, { force: true });
    if (before !== undefined) renameSync(aside, POLICY);
  }
}
