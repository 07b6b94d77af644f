import {
  lstat,
  lutimes,
  mkdir,
  open,
  readFile,
  readlink,
  realpath,
  rename,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';

/** What an account file needs of a file system; errors are those of Node. Replace it to simulate failures. */
export interface AccountFileSystem {
  readFile(file: string): Promise<Uint8Array>;
  /** Where a file really lies. */
  realpath(file: string): Promise<string>;
  stat(file: string): Promise<{ readonly ino: number; readonly mtimeMs: number; readonly size: number }>;
  /** Makes a folder and those above it, readable for its owner alone. */
  mkdir(folder: string): Promise<unknown>;
  /** Opens a new file for writing, readable for its owner alone; fails where there is one. */
  create(file: string): Promise<WritableFile>;
  /** Waits until what happened in a folder has reached the disk. */
  syncFolder(folder: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(file: string): Promise<void>;
  /** Makes a mark that holds a text, in one step; fails with EEXIST where there is one. */
  mark(file: string, text: string): Promise<void>;
  /** The text of a mark, and when it was touched last. */
  readMark(file: string): Promise<{ readonly text: string; readonly touched: number }>;
  touchMark(file: string): Promise<void>;
}

/** A file that is being written. */
export interface WritableFile {
  write(bytes: Uint8Array): Promise<unknown>;
  /** Waits until it has reached the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

const OWNER_ONLY = 0o600;

export const nodeFileSystem: AccountFileSystem = {
  readFile,
  realpath: async (file) => realpath(file),
  stat: async (file) => stat(file),
  mkdir: async (folder) => mkdir(folder, { recursive: true, mode: 0o700 }),
  async create(file) {
    const handle = await open(file, 'wx', OWNER_ONLY);
    return {
      write: async (bytes) => handle.writeFile(bytes),
      sync: async () => handle.sync(),
      close: async () => handle.close(),
    };
  },
  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  unlink,
  // A symbolic link gets its text in the step that makes it: no other process sees it half made.
  async mark(file, text) {
    try {
      await symlink(text, file);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === 'EEXIST') throw error;
      // Where there are none, or not for this user (Windows).
      await writeFile(file, text, { flag: 'wx', mode: OWNER_ONLY });
    }
  },
  async readMark(file) {
    const { mtimeMs, isSymbolicLink } = await lookAt(file);
    return { text: isSymbolicLink ? await readlink(file) : await readFile(file, 'utf8'), touched: mtimeMs };
  },
  async touchMark(file) {
    const now = new Date();
    await lutimes(file, now, now);
  },
};

async function lookAt(file: string): Promise<{ readonly mtimeMs: number; readonly isSymbolicLink: boolean }> {
  const found = await lstat(file);
  return { mtimeMs: found.mtimeMs, isSymbolicLink: found.isSymbolicLink() };
}
