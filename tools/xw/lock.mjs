// One run at a time installs and builds. The lock is a folder, because making a folder is atomic everywhere; the
// process id inside tells whether its owner still lives.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
/** A lock without a readable process id is abandoned after this long; its owner writes the id at once. */
const ANONYMOUS_MS = 10_000;

/**
 * Runs `work` while holding the lock folder `folder`, waiting as long as another living process holds it.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} [onWait] called once, when there is another owner to wait for
 * @returns {Promise<T>}
 */
export async function withLock(folder, work, onWait = () => {}) {
  mkdirSync(path.dirname(folder), { recursive: true });
  let told = false;
  while (!take(folder)) {
    const owner = ownerOf(folder);
    if (isAbandoned(folder, owner)) breakLock(folder);
    else if (!told && owner !== undefined) {
      told = true;
      onWait(owner);
    }
    await sleep(POLL_MS);
  }
  const release = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} folder */
function take(folder) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(path.join(folder, 'pid'), String(process.pid));
  return true;
}

// Only one process may break a lock, and it looks again first: otherwise two that saw the same dead owner could
// break the lock of a third that has just taken it.
/** @param {string} folder */
function breakLock(folder) {
  const guard = `${folder}.breaking`;
  if (!take(guard)) {
    if (isAbandoned(guard, ownerOf(guard))) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isAbandoned(folder, ownerOf(folder))) rmSync(folder, { recursive: true, force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

/** @param {string} folder @returns {number | undefined} */
function ownerOf(folder) {
  try {
    const pid = Number(readFileSync(path.join(folder, 'pid'), 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} folder @param {number | undefined} owner */
function isAbandoned(folder, owner) {
  if (owner !== undefined) return !isAlive(owner);
  try {
    return Date.now() - statSync(folder).mtimeMs > ANONYMOUS_MS;
  } catch {
    return false;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);
