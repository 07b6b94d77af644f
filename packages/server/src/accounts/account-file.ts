import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { ScramCredentials, ScramHash } from '@xmpp-wire/core/sasl';
import { messageOf, ServerError, systemCodeOf } from '../server-error.ts';
import type { AccountFileSystem } from './file-system.ts';
import { replaceFile } from './replace-file.ts';
import { HASHES, type ScramKeys } from './scram-keys.ts';

/** Whether an account may be used. */
export type AccountStanding = 'active' | 'account-disabled' | 'credentials-expired';

/** An account as the file has it. */
export interface AccountRecord {
  readonly standing: AccountStanding;
  readonly keys: ScramKeys;
}

export type AccountRecords = ReadonlyMap<string, AccountRecord>;

/** What an account file holds. */
export interface AccountFile {
  readonly records: AccountRecords;
  /** Key of the decoy salts (rule S21); undefined before anything was written. */
  readonly decoySecret: Uint8Array | undefined;
}

// The file has a line of JSON that says what it is, one for each account, and one with the SHA-256 of all before it: what is
// damaged anywhere, or cut off anywhere, is found out.
const FORMAT = { format: 'xmpp-wire accounts', version: 1 } as const;

const base64 = z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/));
const keySchema = z.strictObject({ salt: base64, iterations: z.int(), storedKey: base64, serverKey: base64 });
const headerSchema = z.strictObject({
  format: z.literal(FORMAT.format),
  version: z.literal(FORMAT.version),
  decoySecret: z.optional(base64),
});
const recordSchema = z.strictObject({
  account: z.string(),
  standing: z.enum(['active', 'account-disabled', 'credentials-expired']),
  keys: z.strictObject({
    'SHA-1': z.optional(keySchema),
    'SHA-256': z.optional(keySchema),
    'SHA-512': z.optional(keySchema),
  }),
});

/** The bytes of an account file. */
export function printAccounts({ records, decoySecret }: AccountFile): Uint8Array {
  const header = decoySecret === undefined ? FORMAT : { ...FORMAT, decoySecret: textOf(decoySecret) };
  const lines = [...records]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, { standing, keys }]) =>
      JSON.stringify({ account, standing, keys: Object.fromEntries([...keys].map(printKeys)) }),
    );
  const body = [JSON.stringify(header), ...lines, ''].join('\n');
  return new TextEncoder().encode(`${body}${JSON.stringify({ sha256: digest(body) })}\n`);
}

/**
 * Reads the bytes of an account file.
 *
 * @throws ServerError `accounts-damaged`, which names the file and says what to do.
 */
export function parseAccounts(bytes: Uint8Array, file: string): AccountFile {
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ServerError(
      'accounts-damaged',
      `${file} is damaged: ${messageOf(error)}. Nothing was changed. Put a backup in its place, or move it away to begin without accounts`,
      error,
    );
  }
}

/**
 * Reads an account file; one that is not there has no accounts.
 *
 * @throws ServerError `accounts-damaged`, `accounts-unreadable`.
 */
export async function readAccounts(fs: AccountFileSystem, file: string): Promise<AccountFile> {
  let bytes: Uint8Array;
  try {
    bytes = await fs.readFile(file);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return { records: new Map(), decoySecret: undefined };
    throw new ServerError('accounts-unreadable', `${file} cannot be read: ${messageOf(error)}`, error);
  }
  return parseAccounts(bytes, file);
}

/**
 * Puts an account file in the place of the one there is. Whatever happens, and whenever, one of the two is there whole.
 *
 * @throws ServerError `accounts-not-written`: the old one is there.
 */
export async function writeAccounts(fs: AccountFileSystem, file: string, content: AccountFile): Promise<void> {
  try {
    await replaceFile(fs, file, printAccounts(content));
  } catch (error) {
    const why = systemCodeOf(error) === 'ENOSPC' ? 'the disk is full' : messageOf(error);
    throw new ServerError(
      'accounts-not-written',
      `${file} could not be written: ${why}. The accounts are as they were`,
      error,
    );
  }
}

function parse(text: string): AccountFile {
  const lines = text.split('\n');
  const { decoySecret } = readHeader(lines[0] ?? '');
  // The last line is the checksum, and a line break ends it.
  const end = lines.length - 2;
  const body = lines.slice(0, end).join('\n');
  if (end < 1 || lines[end] !== JSON.stringify({ sha256: digest(`${body}\n`) })) {
    throw new Error('its checksum does not fit, so something was cut off or changed');
  }
  const records = new Map<string, AccountRecord>();
  for (const line of lines.slice(1, end)) {
    const { account, standing, keys } = z.parse(recordSchema, JSON.parse(line));
    const entries = HASHES.flatMap((hash) => {
      const stored = keys[hash];
      return stored === undefined ? [] : [[hash, readKeys(stored)] as const];
    });
    records.set(account, { standing, keys: new Map(entries) });
  }
  return { records, decoySecret: decoySecret === undefined ? undefined : bytesOf(decoySecret) };
}

function readHeader(line: string): z.infer<typeof headerSchema> {
  try {
    return z.parse(headerSchema, JSON.parse(line));
  } catch {
    throw new Error('its first line is not that of an account file');
  }
}

function readKeys(stored: z.infer<typeof keySchema>): ScramCredentials {
  const { salt, iterations, storedKey, serverKey } = stored;
  return { salt: bytesOf(salt), iterations, storedKey: bytesOf(storedKey), serverKey: bytesOf(serverKey) };
}

function printKeys([hash, keys]: readonly [ScramHash, ScramCredentials]): readonly [ScramHash, object] {
  const { salt, iterations, storedKey, serverKey } = keys;
  return [hash, { salt: textOf(salt), iterations, storedKey: textOf(storedKey), serverKey: textOf(serverKey) }];
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
