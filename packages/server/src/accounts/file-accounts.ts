import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { parseJid, type Jid, type JidPreparation, type RandomSource } from '@xmpp-wire/core';
import type { AccountState, SaltedPasswordRequest, ScramCredentials, ScramHash } from '@xmpp-wire/core/sasl';
import { deriveSaltedPassword } from '@xmpp-wire/node-tcp';
import type { Awaitable } from '../awaitable.ts';
import { messageOf, ServerError, systemCodeOf } from '../server-error.ts';
import {
  readAccounts,
  writeAccounts,
  type AccountFile,
  type AccountRecord,
  type AccountRecords,
  type AccountStanding,
} from './account-file.ts';
import type { AccountStore } from './account-store.ts';
import { lockFile, type FileLock } from './file-lock.ts';
import { nodeFileSystem, type AccountFileSystem } from './file-system.ts';
import { checkIterations, DEFAULT_ITERATIONS, makeKeys, type KeyMaking } from './scram-keys.ts';

/** What {@link FileAccounts} is opened with. */
export interface FileAccountsOptions {
  /**
   * Keep other servers from the file as long as it is open; default false. Who only changes accounts does without: a server
   * notices.
   */
  readonly forServer?: boolean;
  /** Rounds of PBKDF2 for new passwords. Default 10 000; RFC 7677 §4 wants 4096 or more. */
  readonly iterations?: number;
  /** How addresses are prepared; it has to be the one that the server is made with. */
  readonly jidPreparation?: JidPreparation;
  /** These accounts were removed, disabled, or have another password: whoever is logged in should not be any longer. */
  readonly onRevoked?: (accounts: readonly Jid[]) => void;
  /** The file was changed to something that cannot be read; the accounts that were there before go on. Told once for each change. */
  readonly onError?: (error: unknown) => void;
  /** Milliseconds to wait for another process that changes the file. Default 5000. */
  readonly patience?: number;
  readonly random?: RandomSource;
  readonly deriveSaltedPassword?: (request: SaltedPasswordRequest) => Awaitable<Uint8Array>;
  readonly fileSystem?: AccountFileSystem;
}

/** An account, as a list shows it. */
export interface ListedAccount {
  readonly jid: Jid;
  readonly standing: AccountStanding;
}

/**
 * Accounts in a file. Of a password it holds nothing but the keys that SCRAM is checked with (RFC 5802 §9).
 *
 * Each change writes a new file and puts it in the place of the old one, so that whoever is killed, at whatever moment,
 * leaves a whole one. Several processes may change it, one after the other; what they did is noticed before the next login.
 *
 * @example
 * ```ts
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import path from 'node:path';
 * import { jid } from '@xmpp-wire/core';
 * import { FileAccounts } from '@xmpp-wire/server';
 *
 * const folder = await mkdtemp(path.join(tmpdir(), 'accounts-'));
 * const accounts = await FileAccounts.open(path.join(folder, 'accounts.jsonl'));
 * await accounts.add(jid('juliet@im.example.com'), 'R0m30');
 * await accounts.exists(jid('juliet@im.example.com')); // true
 * await accounts.close();
 * ```
 */
export class FileAccounts implements AccountStore {
  readonly iterations: number;
  readonly #file: string;
  readonly #fs: AccountFileSystem;
  readonly #options: FileAccountsOptions;
  readonly #making: KeyMaking;
  readonly #serverLock: FileLock | undefined;
  #content: AccountFile;
  #version: string;
  /** What happens to the file in this process happens in turn. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: string, options: FileAccountsOptions, opened: Opened) {
    const { iterations = DEFAULT_ITERATIONS, random = nodeRandom } = options;
    this.iterations = iterations;
    this.#file = file;
    this.#fs = options.fileSystem ?? nodeFileSystem;
    this.#options = options;
    this.#making = { random, iterations, derive: options.deriveSaltedPassword ?? deriveSaltedPassword };
    this.#serverLock = opened.lock;
    this.#content = opened.content;
    this.#version = opened.version;
  }

  /**
   * Opens an account file. One that is not there has no accounts, and the first account makes it. Close it at the end.
   *
   * @throws ServerError `accounts-damaged`, `accounts-unreadable`, `accounts-in-use`, `accounts-not-written`.
   */
  static async open(file: string, options: FileAccountsOptions = {}): Promise<FileAccounts> {
    checkIterations(options.iterations ?? DEFAULT_ITERATIONS);
    const fs = options.fileSystem ?? nodeFileSystem;
    const real = await realPath(fs, file);
    const lock = options.forServer === true ? await lockForServer(fs, real) : undefined;
    try {
      const version = await versionOf(fs, real);
      return new FileAccounts(real, options, { lock, version, content: await readAccounts(fs, real) });
    } catch (error) {
      await lock?.release();
      throw error;
    }
  }

  /** Key of the decoy salts: of the file, so that they outlast a restart as the salts of accounts do (rule S21). */
  get decoySecret(): Uint8Array | undefined {
    return this.#content.decoySecret;
  }

  /** Lets other servers have the file. */
  async close(): Promise<void> {
    await this.#last;
    await this.#serverLock?.release();
  }

  /**
   * Makes an account.
   *
   * @throws ServerError `account-exists`, `account-unusable`, `accounts-…`: nothing was changed.
   */
  async add(account: Jid, password: string): Promise<void> {
    const keys = await makeKeys(account, password, this.#making);
    await this.#change((records) => {
      if (records.has(account.toString())) throw alreadyThere(account);
      return records.set(account.toString(), { standing: 'active', keys });
    });
  }

  /**
   * Gives an account another password; one that had expired is active again.
   *
   * @throws ServerError `account-unknown`, `account-unusable`, `accounts-…`: nothing was changed.
   */
  async changePassword(account: Jid, password: string): Promise<void> {
    const keys = await makeKeys(account, password, this.#making);
    await this.#changeOne(account, ({ standing }) => ({
      standing: standing === 'credentials-expired' ? 'active' : standing,
      keys,
    }));
  }

  /**
   * Says whether an account may be used.
   *
   * @throws ServerError `account-unknown`, `accounts-…`: nothing was changed.
   */
  async changeStanding(account: Jid, standing: AccountStanding): Promise<void> {
    await this.#changeOne(account, ({ keys }) => ({ standing, keys }));
  }

  /**
   * Takes an account away.
   *
   * @throws ServerError `account-unknown`, `accounts-…`: nothing was changed.
   */
  async remove(account: Jid): Promise<void> {
    await this.#change((records) => {
      if (!records.delete(account.toString())) throw unknown(account);
      return records;
    });
  }

  /** All accounts, by address. */
  async list(): Promise<readonly ListedAccount[]> {
    await this.refresh();
    return [...this.#content.records].flatMap(([text, { standing }]) => {
      const jid = this.#jidOf(text);
      return jid === undefined ? [] : [{ jid, standing }];
    });
  }

  async credentials(account: Jid, hash: ScramHash): Promise<ScramCredentials | 'unknown-account' | AccountState> {
    const record = await this.#find(account);
    const keys = record?.keys.get(hash);
    if (record === undefined || keys === undefined) return 'unknown-account';
    return record.standing === 'active' ? keys : { ...keys, accountState: record.standing };
  }

  async exists(account: Jid): Promise<boolean> {
    return (await this.#find(account)) !== undefined;
  }

  async stateOf(account: Jid): Promise<'active' | AccountState> {
    return (await this.#find(account))?.standing ?? 'account-disabled';
  }

  /** Takes notice of what other processes have changed; every question about an account does that anyhow. It never rejects. */
  async refresh(): Promise<void> {
    const version = await versionOf(this.#fs, this.#file);
    if (version === this.#version) return;
    await this.#inTurn(async () => {
      if (version === this.#version) return;
      this.#version = version;
      try {
        this.#adopt(await readAccounts(this.#fs, this.#file));
      } catch (error) {
        this.#options.onError?.(error);
      }
    });
  }

  async #find(account: Jid): Promise<AccountRecord | undefined> {
    await this.refresh();
    return this.#content.records.get(account.toString());
  }

  async #changeOne(account: Jid, change: (record: AccountRecord) => AccountRecord): Promise<void> {
    await this.#change((records) => {
      const record = records.get(account.toString());
      if (record === undefined) throw unknown(account);
      return records.set(account.toString(), change(record));
    });
  }

  async #change(change: (records: Map<string, AccountRecord>) => AccountRecords): Promise<void> {
    await this.#inTurn(async () => {
      const fs = this.#fs;
      await makeFolder(fs, this.#file);
      const lock = await lockFile(fs, `${this.#file}.writing`, this.#options.patience ?? DEFAULT_PATIENCE);
      try {
        // What is there counts, and not what was there when it was read last. What is damaged is not overwritten.
        const there = await readAccounts(fs, this.#file);
        const content = {
          records: change(new Map(there.records)),
          decoySecret: there.decoySecret ?? this.#making.random(DECOY_SECRET_BYTES),
        };
        await writeAccounts(fs, this.#file, content);
        this.#version = await versionOf(fs, this.#file);
        this.#adopt(content);
      } finally {
        await lock.release();
      }
    });
  }

  #adopt(content: AccountFile): void {
    const before = this.#content.records;
    this.#content = content;
    const revoked = [...before]
      .filter(([account, record]) => isRevoked(record, content.records.get(account)))
      .flatMap(([account]) => this.#jidOf(account) ?? []);
    if (revoked.length > 0) this.#options.onRevoked?.(revoked);
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #jidOf(text: string): Jid | undefined {
    const parsed = parseJid(text, this.#options.jidPreparation);
    return parsed.ok ? parsed.jid : undefined;
  }
}

interface Opened {
  readonly lock: FileLock | undefined;
  readonly version: string;
  readonly content: AccountFile;
}

const DECOY_SECRET_BYTES = 32;
const DEFAULT_PATIENCE = 5000;

function isRevoked(before: AccountRecord, after: AccountRecord | undefined): boolean {
  if (before.standing !== 'active') return false;
  if (after?.standing !== 'active') return true;
  const [old, now] = [before.keys.get('SHA-256'), after.keys.get('SHA-256')];
  return old !== undefined && (now === undefined || Buffer.compare(old.storedKey, now.storedKey) !== 0);
}

async function lockForServer(fs: AccountFileSystem, file: string): Promise<FileLock> {
  await makeFolder(fs, file);
  return lockFile(fs, `${file}.server`, 0);
}

async function makeFolder(fs: AccountFileSystem, file: string): Promise<void> {
  try {
    await fs.mkdir(path.dirname(file));
  } catch (error) {
    throw new ServerError('accounts-not-written', `the folder of ${file} cannot be made: ${messageOf(error)}`, error);
  }
}

/** Each file that was put in the place of another has another version. */
async function versionOf(fs: AccountFileSystem, file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await fs.stat(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch (error) {
    return systemCodeOf(error) ?? 'unknown';
  }
}

/** A link stays what it is: what it leads to is replaced. */
async function realPath(fs: AccountFileSystem, file: string): Promise<string> {
  try {
    return await fs.realpath(file);
  } catch {
    return path.resolve(file);
  }
}

export function alreadyThere(account: Jid): ServerError {
  return new ServerError('account-exists', `there is an account ${account.toString()} already`);
}

function unknown(account: Jid): ServerError {
  return new ServerError('account-unknown', `there is no account ${account.toString()}`);
}

function nodeRandom(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
