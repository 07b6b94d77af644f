import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile, lstat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jid, type Jid } from '@xmpp-wire/core';
import { parseAccounts, printAccounts } from '../../src/accounts/account-file.ts';
import { nodeFileSystem, type AccountFileSystem, type WritableFile } from '../../src/accounts/file-system.ts';
import { FileAccounts, ServerError, type FileAccountsOptions } from '../../src/index.ts';
import { counter, derive } from '../support/world.ts';

const JULIET = jid('juliet@im.example.com');
const ROMEO = jid('romeo@im.example.com');
const NURSE = jid('nurse@im.example.com');

let folder = '';
let file = '';
const open: FileAccounts[] = [];
/** What a machine that stopped would have closed. */
const created: WritableFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'xmpp-wire-accounts-'));
  file = path.join(folder, 'accounts.jsonl');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (each) => each.close()));
  await Promise.all(created.splice(0).map(async (each) => each.close().catch(() => {})));
  await rm(folder, { recursive: true, force: true });
});

async function opened(options: FileAccountsOptions = {}): Promise<FileAccounts> {
  const accounts = await FileAccounts.open(file, {
    iterations: 4096,
    random: counter(),
    deriveSaltedPassword: derive,
    patience: 500,
    ...options,
  });
  open.push(accounts);
  return accounts;
}

async function names(accounts: FileAccounts): Promise<readonly string[]> {
  return (await accounts.list()).map(({ jid: each, standing }) => `${each.localpart ?? ''} ${standing}`);
}

describe('accounts in a file', () => {
  it('are there again after closing, with their keys and standings, and no password is', async () => {
    const accounts = await opened();
    expect(await names(accounts)).toEqual([]);
    await accounts.add(JULIET, 'R0m30 and nobody else');
    await accounts.add(ROMEO, 'secret');
    await accounts.changeStanding(ROMEO, 'account-disabled');
    const keys = await accounts.credentials(JULIET, 'SHA-256');
    await accounts.close();

    const again = await opened();
    expect(await names(again)).toEqual(['juliet active', 'romeo account-disabled']);
    expect(await again.credentials(JULIET, 'SHA-256')).toEqual(keys);
    expect(keys).toMatchObject({ iterations: 4096 });
    expect(await again.credentials(ROMEO, 'SHA-1')).toMatchObject({ accountState: 'account-disabled' });
    expect([await again.stateOf(JULIET), await again.stateOf(ROMEO)]).toEqual(['active', 'account-disabled']);
    expect([await again.exists(ROMEO), await again.exists(NURSE)]).toEqual([true, false]);
    expect(await again.credentials(NURSE, 'SHA-1')).toBe('unknown-account');
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain('R0m30');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['accounts.jsonl']);
  });

  it('[S21] keep the key of the decoys: it is made with the first account and stays, whoever writes', async () => {
    const accounts = await opened({ random: counter(1) });
    expect(accounts.decoySecret).toBeUndefined();
    await accounts.add(JULIET, 'secret');
    const made = accounts.decoySecret;
    expect(made).toHaveLength(32);
    await accounts.close();
    const again = await opened({ random: counter(2) });
    expect(again.decoySecret).toEqual(made);
    await again.add(ROMEO, 'secret');
    await again.remove(JULIET);
    expect(again.decoySecret).toEqual(made);
    expect((await opened()).decoySecret).toEqual(made);
  });

  it('[S21] of a file that has no such key yet are read, and the next change adds one', async () => {
    const accounts = await opened();
    await accounts.add(JULIET, 'secret');
    const { records } = parseAccounts(await readFile(file), file);
    await writeFile(file, printAccounts({ records, decoySecret: undefined }));
    const old = await opened();
    expect(old.decoySecret).toBeUndefined();
    expect(await names(old)).toEqual(['juliet active']);
    await old.add(ROMEO, 'secret');
    expect(old.decoySecret).toHaveLength(32);
  });

  it('can be removed and get other passwords; who was logged in is told of', async () => {
    const revoked: string[] = [];
    const accounts = await opened({ onRevoked: (all) => revoked.push(all.join(' ')) });
    for (const account of [JULIET, ROMEO, NURSE]) await accounts.add(account, 'secret');
    const before = await accounts.credentials(JULIET, 'SHA-1');
    await accounts.changePassword(JULIET, 'another');
    expect(await accounts.credentials(JULIET, 'SHA-1')).not.toEqual(before);
    await accounts.remove(ROMEO);
    await accounts.changeStanding(NURSE, 'credentials-expired');
    expect(await names(accounts)).toEqual(['juliet active', 'nurse credentials-expired']);
    await accounts.changePassword(NURSE, 'another');
    expect(await accounts.stateOf(NURSE)).toBe('active');
    expect(revoked).toEqual([JULIET, ROMEO, NURSE].map(String));
  });

  it('cannot be made twice, nor changed where there is none, nor be what is none', async () => {
    const accounts = await opened();
    await accounts.add(JULIET, 'secret');
    await expect(accounts.add(JULIET, 'secret')).rejects.toMatchObject({ code: 'account-exists' });
    for (const change of [
      async () => accounts.remove(ROMEO),
      async () => accounts.changePassword(ROMEO, 'secret'),
      async () => accounts.changeStanding(ROMEO, 'active'),
    ]) {
      await expect(change()).rejects.toMatchObject({ code: 'account-unknown' });
    }
    for (const [account, password] of [
      [jid('im.example.com'), 'secret'],
      [jid('romeo@im.example.com/orchard'), 'secret'],
      [ROMEO, '\u0007'],
    ] as const) {
      await expect(accounts.add(account, password)).rejects.toMatchObject({ code: 'account-unusable' });
    }
    expect(await names(accounts)).toEqual(['juliet active']);
    await expect(FileAccounts.open(file, { iterations: 1 })).rejects.toThrow(RangeError);
  });

  it('changed by somebody else are noticed at the next question', async () => {
    const revoked: Jid[] = [];
    const serving = await opened({ forServer: true, onRevoked: (all) => revoked.push(...all) });
    const command = await opened();
    await command.add(JULIET, 'secret');
    expect(await serving.exists(JULIET)).toBe(true);
    await command.changePassword(JULIET, 'another');
    await serving.refresh();
    expect(revoked.map(String)).toEqual([JULIET.toString()]);
  });

  it('lie where a link leads, and in a folder that is made for them', async () => {
    const real = path.join(folder, 'real.jsonl');
    await (await opened()).add(JULIET, 'secret');
    await writeFile(real, await readFile(file));
    await rm(file);
    await symlink(real, file);
    await (await opened()).add(ROMEO, 'secret');
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await names(await opened())).toEqual(['juliet active', 'romeo active']);
    file = path.join(folder, 'new', 'folder', 'accounts.jsonl');
    await (await opened()).add(JULIET, 'secret');
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
  });
});

describe('one server for a file', () => {
  it('keeps a second one out until it is closed', async () => {
    const first = await opened({ forServer: true });
    await expect(opened({ forServer: true })).rejects.toMatchObject({ code: 'accounts-in-use' });
    await first.close();
    await (await opened({ forServer: true })).add(JULIET, 'secret');
  });

  it.each([
    ['of a process that has ended', async () => `${await deadProcess()}@${hostname()}`, undefined],
    ['of an earlier process with our id', () => `${process.pid}@${hostname()}`, undefined],
    ['of a process that lives', () => `${process.ppid}@${hostname()}`, 'accounts-in-use'],
    ['of another machine', () => `1@elsewhere.example`, 'accounts-in-use'],
    ['that says nothing', () => 'x', 'accounts-in-use'],
  ])('a mark %s', async (_, text, code) => {
    await symlink(await text(), `${file}.server`);
    const outcome: unknown = await opened({ forServer: true }).then(
      () => undefined,
      (error: unknown) => (error instanceof ServerError ? error.code : error),
    );
    expect(outcome).toBe(code);
  });

  it('a mark of another machine counts for nothing when nobody has touched it for long', async () => {
    const mark = { text: '1@elsewhere.example', touched: Date.now() - 31_000 };
    let there = true;
    const fileSystem: AccountFileSystem = {
      ...nodeFileSystem,
      mark: async (name, text) => {
        if (name.endsWith('.server') && there) throw Object.assign(new Error('there'), { code: 'EEXIST' });
        return nodeFileSystem.mark(name, text);
      },
      readMark: async (name) => (name.endsWith('.server') && there ? mark : nodeFileSystem.readMark(name)),
      unlink: async (name) => {
        if (name.endsWith('.server') && there) there = false;
        else await nodeFileSystem.unlink(name);
      },
    };
    await expect(opened({ forServer: true, fileSystem })).resolves.toBeInstanceOf(FileAccounts);
    expect(there).toBe(false);
  });

  it('a mark in the way of a guard that was left over is taken away in the end', async () => {
    for (const name of ['.server', '.server.breaking'])
      await symlink(`${await deadProcess()}@${hostname()}`, file + name);
    const opening = FileAccounts.open(file, { forServer: true });
    // Nobody waits for a server; the second attempt finds the guard gone.
    const accounts = await opening.catch(async () => FileAccounts.open(file, { forServer: true }));
    open.push(accounts);
    expect((await readdir(folder)).filter((name) => name.includes('breaking'))).toEqual([]);
  });
});

describe('a damaged file', () => {
  it('is found out wherever it is cut off or changed, and nothing is written over it', async () => {
    const accounts = await opened();
    await accounts.add(JULIET, 'secret');
    await accounts.close();
    const whole = await readFile(file);
    expect(printAccounts(parseAccounts(whole, file))).toEqual(new Uint8Array(whole));
    for (let length = 0; length < whole.length; length++) {
      expect(() => parseAccounts(whole.subarray(0, length), file)).toThrow('is damaged');
    }
    for (let at = 0; at < whole.length; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => parseAccounts(changed, file)).toThrow('is damaged');
    }
    const half = whole.subarray(0, whole.length / 2);
    await writeFile(file, half);
    await expect(opened()).rejects.toMatchObject({ code: 'accounts-damaged' });
    expect(await readFile(file)).toEqual(half);
    expect(await readdir(folder)).toEqual(['accounts.jsonl']);
  });

  it('while it is open changes nothing: the accounts go on, and one is told once', async () => {
    const errors: unknown[] = [];
    const accounts = await opened({ onError: (error) => errors.push(error) });
    await accounts.add(JULIET, 'secret');
    await writeFile(file, 'so wise so young');
    expect(await accounts.exists(JULIET)).toBe(true);
    expect(await accounts.exists(ROMEO)).toBe(false);
    expect(errors).toMatchObject([{ code: 'accounts-damaged' }]);
    await expect(accounts.add(ROMEO, 'secret')).rejects.toMatchObject({ code: 'accounts-damaged' });
    expect(await readFile(file, 'utf8')).toBe('so wise so young');
  });

  it('has a checksum that fits but lines that do not, as from a later version', () => {
    const records = new Map([['juliet@im.example.com', { standing: 'asleep' as never, keys: new Map() }]]);
    expect(() => parseAccounts(printAccounts({ records, decoySecret: undefined }), file)).toThrow('is damaged');
  });

  it('that cannot be read at all has a name of its own', async () => {
    const denied: AccountFileSystem = {
      ...nodeFileSystem,
      readFile: () => Promise.reject(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })),
    };
    await expect(opened({ fileSystem: denied })).rejects.toMatchObject({ code: 'accounts-unreadable' });
  });
});

describe('a disk that fails', () => {
  /** Every operation that can change or lose something, in the order it happens. */
  function failing(
    at: number,
    how: 'fails' | 'stops',
  ): { readonly fileSystem: AccountFileSystem; count: () => number } {
    let count = 0;
    let isDead = false;
    const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      if (isDead) return new Promise(() => {});
      if (count++ !== at) return work();
      if (how === 'fails') throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      isDead = true;
      return new Promise(() => {});
    };
    const fileSystem: AccountFileSystem = {
      ...nodeFileSystem,
      mkdir: async (name) => step(() => nodeFileSystem.mkdir(name)),
      unlink: async (name) => step(() => nodeFileSystem.unlink(name)),
      rename: async (from, to) => step(() => nodeFileSystem.rename(from, to)),
      syncFolder: async (name) => step(() => nodeFileSystem.syncFolder(name)),
      mark: async (name, text) => step(() => nodeFileSystem.mark(name, text)),
      async create(name) {
        const handle = await step(() => nodeFileSystem.create(name));
        created.push(handle);
        return {
          // Half of it arrives.
          write: async (bytes) =>
            step(() => handle.write(bytes)).catch(async (error: unknown) => {
              await handle.write(bytes.subarray(0, bytes.length / 2));
              throw error;
            }),
          sync: async () => step(() => handle.sync()),
          close: async () => {
            await handle.close();
            await step(() => Promise.resolve());
          },
        };
      },
    };
    return { fileSystem, count: () => count };
  }

  it('at any step leaves the old accounts or the new ones, and says which', async () => {
    await (await opened()).add(JULIET, 'secret');
    const old = await readFile(file);
    const { fileSystem, count } = failing(-1, 'fails');
    await (await opened({ fileSystem })).add(ROMEO, 'secret');
    const steps = count();
    expect(steps).toBeGreaterThan(8);
    const outcomes = new Set<string>();
    for (let at = 0; at < steps; at++) {
      await writeFile(file, old);
      const accounts = await opened({ fileSystem: failing(at, 'fails').fileSystem });
      const outcome: unknown = await accounts.add(ROMEO, 'secret').then(
        () => 'kept',
        (error: unknown) => (error instanceof ServerError ? error.code : error),
      );
      const both = ['juliet active', 'romeo active'];
      expect({
        outcome,
        isOld: old.equals(await readFile(file)),
        there: await names(await opened()),
        here: await names(accounts),
      }).toEqual(
        outcome === 'kept'
          ? { outcome, isOld: false, there: both, here: both }
          : { outcome: 'accounts-not-written', isOld: true, there: ['juliet active'], here: ['juliet active'] },
      );
      outcomes.add(String(outcome));
      await rm(`${file}.writing`, { force: true });
    }
    expect([...outcomes].toSorted()).toEqual(['accounts-not-written', 'kept']);
  });

  it('a machine that stops at any step leaves a file that loads, with all that was promised', async () => {
    await (await opened()).add(JULIET, 'secret');
    const old = await readFile(file);
    const { fileSystem, count } = failing(-1, 'stops');
    await (await opened({ fileSystem })).add(ROMEO, 'secret');
    const steps = count();
    for (let at = 0; at < steps; at++) {
      await writeFile(file, old);
      const where = path.join(folder, String(at), 'accounts.jsonl');
      await nodeFileSystem.mkdir(path.dirname(where));
      await writeFile(where, old);
      const accounts = await FileAccounts.open(where, {
        iterations: 4096,
        deriveSaltedPassword: derive,
        fileSystem: failing(at, 'stops').fileSystem,
      });
      let promised = false;
      void accounts.add(ROMEO, 'secret').then(() => (promised = true));
      await new Promise((resolve) => setTimeout(resolve, 15));
      file = where;
      const found = await names(await opened());
      expect(found[0]).toBe('juliet active');
      expect(found.length).toBeGreaterThanOrEqual(promised ? 2 : 1);
      file = path.join(folder, 'accounts.jsonl');
    }
  });
});

describe('other processes', () => {
  const writer = fileURLToPath(new URL('../support/account-writer.mjs', import.meta.url));

  beforeEach(() => {
    const built = fileURLToPath(new URL('../../dist/accounts/file-accounts.js', import.meta.url));
    if (!existsSync(built)) throw new Error('packages/server/dist is missing: npm run build makes it');
  });

  function write(seed: number, count?: number) {
    const child = spawn(process.execPath, [
      writer,
      file,
      String(seed),
      ...(count === undefined ? [] : [String(count)]),
    ]);
    const promised: string[] = [];
    let pending = '';
    child.stdout.on('data', (chunk) => {
      const lines = (pending + String(chunk)).split('\n');
      pending = lines.pop() ?? '';
      promised.push(...lines);
    });
    let failure = '';
    child.stderr.on('data', (chunk) => (failure += String(chunk)));
    return { child, promised, ended: once(child, 'close'), failure: () => failure };
  }

  it('killed at any moment leave a file that loads, with all that they promised', async () => {
    let state = 20_260_105;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    const promised: string[] = [];
    for (let round = 0; round < 12; round++) {
      const { child, promised: now, ended, failure } = write(round);
      await Promise.race([once(child.stdout, 'data'), ended]);
      await new Promise((resolve) => setTimeout(resolve, random(60)));
      child.kill('SIGKILL');
      await ended;
      expect(failure()).toBe('');
      promised.push(...now);
      const found = (await (await opened()).list()).map(({ jid: each }) => each.toString());
      expect(found).toEqual(expect.arrayContaining(promised));
    }
    expect(promised.length).toBeGreaterThan(12);
    // The mark of the last one that was killed holds nobody up.
    await (await opened()).add(JULIET, 'secret');
    expect((await readdir(folder)).filter((name) => !/^accounts\.jsonl(\.new)?$/.test(name))).toEqual([]);
  });

  it('that change it at the same time lose nothing', async () => {
    const all = [1, 2, 3].map((seed) => write(seed, 10));
    for (const each of all) {
      expect(await each.ended).toEqual([0, null]);
      expect(each.failure()).toBe('');
    }
    expect(await (await opened()).list()).toHaveLength(30);
  });
});

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['--version']);
  await once(child, 'close');
  return child.pid ?? 0;
}
