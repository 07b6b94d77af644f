import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, describe, expect, it } from 'vitest';
import { withLock } from '../../xw/lock.mjs';

const home = mkdtempSync(path.join(tmpdir(), 'xw-lock-'));
afterAll(() => rmSync(home, { recursive: true }));

const lockOf = (/** @type {string} */ name) => path.join(home, name, 'lock');

/** The id of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['--version']).pid;

/** @param {string} lock @param {string} pid */
function leaveBehind(lock, pid) {
  mkdirSync(lock, { recursive: true });
  if (pid !== '') writeFileSync(path.join(lock, 'pid'), pid);
}

describe('the lock of a clone', () => {
  it('lets one in at a time, also after a failure', async () => {
    const lock = lockOf('turns');
    let inside = 0;
    let most = 0;
    const work = (/** @type {number} */ number) => async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      if (number === 2) throw new Error('two');
      return number;
    };
    const results = await Promise.allSettled([1, 2, 3, 4].map((number) => withLock(lock, work(number))));
    expect(most).toBe(1);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(existsSync(lock)).toBe(false);
  });

  it('is taken from an owner that has ended', async () => {
    const lock = lockOf('dead');
    leaveBehind(lock, String(deadPid()));
    await expect(withLock(lock, async () => 'done')).resolves.toBe('done');
  });

  it('is taken from an owner that never wrote its id, once it is old', async () => {
    const lock = lockOf('nobody');
    leaveBehind(lock, '');
    utimesSync(lock, 1, 1);
    await expect(withLock(lock, async () => 'done')).resolves.toBe('done');
  });

  it('waits for an owner that lives, and says so', async () => {
    const lock = lockOf('living');
    const owner = spawn(process.execPath, ['--eval', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    leaveBehind(lock, String(owner.pid));
    /** @type {number[]} */
    const waited = [];
    const done = withLock(
      lock,
      async () => 'done',
      (pid) => {
        waited.push(pid);
        owner.stdin.end();
      },
    );
    await once(owner, 'exit');
    await expect(done).resolves.toBe('done');
    expect(waited).toEqual([owner.pid]);
  });
});
