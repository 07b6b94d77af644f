import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFileSystem, type AccountFileSystem } from '../../src/accounts/file-system.ts';
import {
  checkCertificate,
  keepSelfSignedCertificate,
  readCertificate,
  type KeepCertificateOptions,
} from '../../src/index.ts';
import { makeClientCertificate } from '../support/client-certificate.ts';

const DAY = 86_400_000;
let folder = '';
let files = { cert: '', key: '' };

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'xmpp-wire-certificate-'));
  files = { cert: path.join(folder, 'new', 'server.pem'), key: path.join(folder, 'new', 'server.key') };
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function keep(domains = ['im.example.com'], options: KeepCertificateOptions = {}) {
  return keepSelfSignedCertificate(domains, files, options);
}

/** The file system, until it fails at one thing. */
function failing(at: keyof AccountFileSystem, code: string, file = ''): AccountFileSystem {
  return {
    ...nodeFileSystem,
    [at]: async (first: string, ...rest: string[]) => {
      if (first.includes(file)) throw Object.assign(new Error(`${code}, ${at}`), { code });
      const outcome: unknown = await Reflect.apply(nodeFileSystem[at], nodeFileSystem, [first, ...rest]);
      return outcome;
    },
  };
}

describe('a certificate of ones own', () => {
  it('is named by the file that cannot be read, the certificate before the key', async () => {
    await keep();
    await rm(files.key);
    await expect(readCertificate(files)).rejects.toThrow(`${files.key} cannot be read`);
    await rm(files.cert);
    await expect(readCertificate(files)).rejects.toThrow(`${files.cert} cannot be read`);
  });
});

describe('a self-signed certificate that is kept', () => {
  it('is made once, for its owner alone, and is the same from then on', async () => {
    const first = await keep();
    expect(first.madeBecause).toBe('there was none');
    const again = await keep();
    expect(again).toEqual({ ...first, madeBecause: undefined });
    expect((await readdir(path.dirname(files.key))).toSorted()).toEqual(['server.key', 'server.pem']);
    for (const file of Object.values(files)) expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(files.cert, 'utf8')).toBe(first.cert);
    expect(await readFile(files.cert, 'utf8')).not.toContain('PRIVATE');
    expect(first.cert.endsWith(first.ca)).toBe(true);
    // The two are what the options of a server take, too.
    expect(checkCertificate(await readCertificate(files)).fingerprint).toBe(first.fingerprint);
  });

  it('is made again when it has expired, and not a day before', async () => {
    const first = await keep();
    const end = checkCertificate(first).validTo.getTime();
    expect((await keep(undefined, { now: new Date(end - DAY) })).madeBecause).toBeUndefined();
    const second = await keep(undefined, { now: new Date(end) });
    expect(second.madeBecause).toBe('it had expired');
    expect(second.fingerprint).not.toBe(first.fingerprint);
    expect(await readFile(files.cert, 'utf8')).toBe(second.cert);
    expect(await keep()).toEqual({ ...second, madeBecause: undefined });
  });

  it('is made again for a domain that it does not name, and is not for one fewer', async () => {
    await keep(['im.example.com']);
    const both = await keep(['im.example.com', 'bücher.example', '[2001:db8::1]']);
    expect(both.madeBecause).toBe('it was not for all domains');
    expect((await keep(['bücher.example'])).madeBecause).toBeUndefined();
  });

  it('is whole after a kill between its two files: the one for clients is written again', async () => {
    const first = await keep();
    for (const text of [undefined, 'an older one']) {
      if (text === undefined) await rm(files.cert);
      else await writeFile(files.cert, text);
      await writeFile(`${files.key}.new`, 'half of');
      expect(await keep()).toEqual({ ...first, madeBecause: undefined });
      expect(await readFile(files.cert, 'utf8')).toBe(first.cert);
    }
  });

  it.each<[string, (text: string) => string]>([
    ['empty', () => ''],
    ['cut off', (text) => text.slice(0, -30)],
    ['without its authority', (text) => text.slice(0, text.lastIndexOf('-----BEGIN'))],
    ['without a key', (text) => text.slice(text.indexOf('-----BEGIN CERT'))],
    ['another key', (text) => text.replace(/(?<=KEY-----\n)[\s\S]{40}/, (start) => [...start].toReversed().join(''))],
    ['something else', () => 'not a certificate'],
  ])('that is damaged (%s) is named and stays as it is', async (_, damage) => {
    await keep();
    const damaged = damage(await readFile(files.key, 'utf8'));
    await writeFile(files.key, damaged);
    const failure = await keep().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'certificate-unusable', message: expect.stringContaining('server.key') });
    expect(failure).toMatchObject({ message: expect.stringContaining('move it away') });
    expect(await readFile(files.key, 'utf8')).toBe(damaged);
  });

  it('does not write over a certificate of somebody else, but over one of its own', async () => {
    const first = await keep();
    await rm(files.key);
    expect((await keep()).fingerprint).not.toBe(first.fingerprint);
    await rm(files.key);
    const foreign = await makeClientCertificate(['juliet@im.example.com']);
    for (const text of [foreign.cert, '-----BEGIN CERTIFICATE-----\nx']) {
      await writeFile(files.cert, text);
      await expect(keep()).rejects.toMatchObject({
        code: 'certificate-unusable',
        message: expect.stringContaining('not made here'),
      });
      expect(await readFile(files.cert, 'utf8')).toBe(text);
    }
  });

  it('with the authority of another is damaged', async () => {
    const first = await keep();
    await rm(files.key);
    const second = await keep();
    await writeFile(files.key, first.key + first.cert.replace(first.ca, second.ca));
    await expect(keep()).rejects.toThrow('did not issue');
  });

  it.each(['server.key', 'server.pem'])('that cannot be read (%s) is named', async (name) => {
    await keep();
    const fileSystem = failing('readFile', 'EACCES', name);
    await expect(keep(undefined, { fileSystem })).rejects.toMatchObject({
      code: 'certificate-unusable',
      message: expect.stringContaining(`${name} cannot be read`),
    });
  });

  it.each<[keyof AccountFileSystem, string, string]>([
    ['create', 'ENOSPC', 'the disk is full'],
    ['rename', 'EIO', 'EIO, rename'],
    ['mkdir', 'EROFS', 'EROFS, mkdir'],
  ])('that cannot be written (%s, %s) is named, and nothing is left behind', async (at, code, words) => {
    const failure = keep(undefined, { fileSystem: failing(at, code) });
    await expect(failure).rejects.toMatchObject({
      code: 'certificate-not-written',
      message: expect.stringContaining(words),
    });
    const left = await readdir(path.dirname(files.key)).catch(() => []);
    expect(left).toEqual([]);
  });
});
