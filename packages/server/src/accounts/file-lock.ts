import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError, systemCodeOf } from '../server-error.ts';
import type { AccountFileSystem } from './file-system.ts';

/** A lock that is held. */
export interface FileLock {
  release(): Promise<void>;
}

/** Marks that this process made and has not taken back: a process id alone would not tell, in a container where all are 1. */
const held = new Set<string>();

/** Milliseconds after which a mark that nobody touched is left over, and after which its owner touches it. */
const LEFT_OVER = 30_000;
const HEARTBEAT = 10_000;
const POLL = 20;

/**
 * Takes a lock that works between processes: a mark beside the file with the id of the process and the name of the machine.
 * A mark whose process has ended, on this machine, or that has not been touched for half a minute counts for nothing.
 *
 * @param patience milliseconds to wait for whoever has it.
 * @throws ServerError `accounts-in-use`, `accounts-not-written`.
 */
export async function lockFile(fs: AccountFileSystem, file: string, patience: number): Promise<FileLock> {
  const giveUp = performance.now() + patience;
  while (!(await take(fs, file))) {
    if (await isLeftOver(fs, file)) await takeAway(fs, file);
    else if (performance.now() >= giveUp) throw await inUse(fs, file);
    else await sleep(POLL + Math.random() * POLL);
  }
  const heartbeat = setInterval(() => void fs.touchMark(file).catch(() => {}), HEARTBEAT).unref();
  return {
    async release() {
      clearInterval(heartbeat);
      await letGo(fs, file);
    },
  };
}

async function take(fs: AccountFileSystem, file: string): Promise<boolean> {
  if (held.has(file)) return false;
  held.add(file);
  try {
    await fs.mark(file, `${process.pid}@${hostname()}`);
    return true;
  } catch (error) {
    held.delete(file);
    if (systemCodeOf(error) === 'EEXIST') return false;
    throw new ServerError('accounts-not-written', `${file} cannot be made: ${String(error)}`, error);
  }
}

// What was done under the lock is done. A mark that cannot be taken away is seen to be ours, or left over, by whoever comes next.
async function letGo(fs: AccountFileSystem, file: string): Promise<void> {
  await fs.unlink(file).catch(() => {});
  held.delete(file);
}

async function isLeftOver(fs: AccountFileSystem, file: string): Promise<boolean> {
  if (held.has(file)) return false;
  const mark = await readMark(fs, file);
  if (mark === undefined) return false;
  if (Date.now() - mark.touched > LEFT_OVER) return true;
  const [, pid = '', host = ''] = /^(\d+)@(.*)$/.exec(mark.text) ?? [];
  if (host !== hostname()) return false;
  return Number(pid) === process.pid || !isAlive(Number(pid));
}

// One process takes a mark away at a time and looks again before it does: it may be somebody's new one by now.
async function takeAway(fs: AccountFileSystem, file: string): Promise<void> {
  const guard = `${file}.breaking`;
  if (!(await take(fs, guard))) {
    if (await isLeftOver(fs, guard)) await fs.unlink(guard).catch(() => {});
    await sleep(POLL);
    return;
  }
  try {
    if (await isLeftOver(fs, file)) await fs.unlink(file);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  } finally {
    await letGo(fs, guard);
  }
}

async function readMark(
  fs: AccountFileSystem,
  file: string,
): Promise<{ readonly text: string; readonly touched: number } | undefined> {
  try {
    return await fs.readMark(file);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}

async function inUse(fs: AccountFileSystem, file: string): Promise<ServerError> {
  const owner = (await readMark(fs, file))?.text ?? 'nobody any more';
  return new ServerError(
    'accounts-in-use',
    `${file} is held by process ${owner}: end that one, or wait half a minute if it has ended`,
  );
}
