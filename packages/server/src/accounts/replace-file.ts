import path from 'node:path';
import { systemCodeOf } from '../server-error.ts';
import type { AccountFileSystem } from './file-system.ts';

/**
 * Puts a file that only its owner can read in the place of the one there is, and makes the folder if need be. Whatever happens,
 * and whenever, one of the two is there whole. Who calls it makes sure that nobody else does it at the same time.
 *
 * @throws what the system says: the old one is there.
 */
export async function replaceFile(fs: AccountFileSystem, file: string, bytes: Uint8Array): Promise<void> {
  const [folder, draft] = [path.dirname(file), `${file}.new`];
  try {
    await fs.mkdir(folder);
    // Left over from a process that was killed.
    await discard(fs, draft);
    await writeDraft(fs, draft, bytes);
    await fs.rename(draft, file);
  } catch (error) {
    await discard(fs, draft).catch(() => {});
    throw error;
  }
  // The rename itself is on the disk once the folder is. Not every system lets folders be opened.
  await fs.syncFolder(folder).catch(() => {});
}

async function writeDraft(fs: AccountFileSystem, draft: string, bytes: Uint8Array): Promise<void> {
  const handle = await fs.create(draft);
  try {
    await handle.write(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function discard(fs: AccountFileSystem, file: string): Promise<void> {
  try {
    await fs.unlink(file);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw error;
  }
}
