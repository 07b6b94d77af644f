import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, keepConnected, type ConnectOptions, type XmppConnection } from '@xmpp-wire/node-tcp';
import { makeSelfSignedCertificate } from '../../src/index.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

beforeEach(async () => {
  if (!existsSync(main)) throw new Error('packages/server/dist is missing: npm run build makes it');
  folder = await mkdtemp(path.join(tmpdir(), 'xmpp-wire-cli-'));
});

const children = new Set<ReturnType<typeof spawn>>();

afterEach(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
  children.clear();
  await rm(folder, { recursive: true, force: true });
});

/** A line of the log. */
interface Line {
  readonly event: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

function start(args: readonly string[], input?: string) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '' },
  });
  children.add(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  child.stdin.end(input ?? '');
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, out, err }));
  });
  const lines = (): readonly Line[] =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  /** Waits for so many lines of the log about an event, and gives the last. */
  const logged = async (event: string, times = 1): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines().filter((line) => line.event === event);
        if (found.length >= times) resolve(found.at(-1) as Line);
      };
      child.stdout.on('data', look);
      child.once('close', () => reject(new Error(`it ended without "${event}": ${out}${err}`)));
      look();
    });
  return { child, ended, logged, lines };
}

async function run(args: readonly string[], input?: string) {
  return start(args, input).ended;
}

async function writeCertificate(domains: readonly string[], name = 'server'): Promise<string> {
  const { cert, key, ca } = await makeSelfSignedCertificate(domains);
  await writeFile(path.join(folder, `${name}.pem`), cert);
  await writeFile(path.join(folder, `${name}.key`), key);
  return ca;
}

async function login(port: unknown, options: Partial<ConnectOptions>): Promise<XmppConnection> {
  return connect({ jid: 'juliet@localhost', password: 'R0m30', host: '127.0.0.1', port: Number(port), ...options });
}

describe('xmpp-wire-server', () => {
  it('explains itself, each command too, and what is wrong with a command line', async () => {
    const nothing = await run([]);
    expect([nothing.code, nothing.out]).toEqual([2, '']);
    expect(nothing.err).toContain('First steps:');
    const help = await run(['serve', '--help']);
    expect([help.code, help.err]).toEqual([0, '']);
    expect(help.out).toContain('SIGHUP reads certificates');
    for (const args of [['serve', '--port', 'x'], ['sing'], ['account', 'add', 'im.example.com'], ['serve', 'now']]) {
      expect(await run(args)).toMatchObject({ code: 2, out: '' });
    }
  });

  it('keeps accounts: add, list, password, disable, enable, expire, remove', async () => {
    const juliet = 'juliet@localhost';
    expect(await run(['account', 'add', juliet], 'R0m30\n')).toMatchObject({ code: 0, out: '' });
    expect(await run(['account', 'add', juliet], 'again\n')).toMatchObject({
      code: 3,
      err: expect.stringContaining('account-exists'),
    });
    const made = await run(['account', 'add', 'romeo@localhost', '--generate']);
    expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^(\w{4}-){3}\w{4}\n$/)]);
    expect(await run(['account', 'password', juliet], '')).toMatchObject({
      code: 3,
      err: expect.stringContaining('no password'),
    });
    expect((await run(['account', 'password', juliet], 'M0ntague')).code).toBe(0);
    expect((await run(['account', 'disable', juliet])).code).toBe(0);
    expect((await run(['account', 'list'])).out).toBe('juliet@localhost  account-disabled\nromeo@localhost\n');
    expect((await run(['account', 'enable', juliet])).code).toBe(0);
    expect((await run(['account', 'expire', juliet])).code).toBe(0);
    expect((await run(['account', 'list', '--json'])).out).toBe(
      '{"account":"juliet@localhost","standing":"credentials-expired"}\n{"account":"romeo@localhost","standing":"active"}\n',
    );
    expect((await run(['account', 'remove', juliet])).code).toBe(0);
    expect(await run(['account', 'remove', juliet])).toMatchObject({
      code: 3,
      err: expect.stringContaining('account-unknown'),
    });
  });

  it('serves, notices accounts that change, takes a renewed certificate at SIGHUP, and ends in order', async () => {
    const first = await writeCertificate(['localhost']);
    await run(['account', 'add', 'juliet@localhost'], 'R0m30');
    const args = ['--port', '0', '--direct-tls-port', 'off', '--json', '--cert', 'server.pem', '--key', 'server.key'];
    const server = start(['serve', ...args]);
    const { port } = await server.logged('listening');
    const juliet = await login(port, { tls: { ca: first } });
    expect((await server.logged('login')).message).toContain('juliet@localhost/');

    await run(['account', 'add', 'romeo@localhost'], 'secret');
    const romeo = await login(port, { jid: 'romeo@localhost', password: 'secret', tls: { ca: first } });
    await run(['account', 'disable', 'romeo@localhost']);
    expect((await romeo.closed).cause).toMatchObject({ error: { condition: 'not-authorized' } });
    await expect(login(port, { jid: 'romeo@localhost', password: 'secret', tls: { ca: first } })).rejects.toThrow(
      'account-disabled',
    );

    const second = await writeCertificate(['localhost']);
    server.child.kill('SIGHUP');
    await server.logged('reloaded');
    await expect(login(port, { tls: { ca: first } })).rejects.toMatchObject({ step: 'tls' });
    const again = await login(port, { tls: { ca: second } });
    await writeFile(path.join(folder, 'server.pem'), 'not a certificate');
    server.child.kill('SIGHUP');
    expect((await server.logged('reload-failed')).message).toContain('server.pem');
    expect(juliet.describe().entity.phase).toBe('established');

    server.child.kill('SIGTERM');
    for (const connection of [juliet, again]) {
      expect((await connection.closed).cause).toMatchObject({ error: { condition: 'system-shutdown' } });
    }
    expect((await server.ended).code).toBe(0);
    expect(server.lines().at(-1)?.event).toBe('stopped');
  });

  it('keeps the certificate that it makes: a session that trusts it goes on after a restart', async () => {
    await run(['account', 'add', 'juliet@localhost'], 'R0m30');
    const serve = (port = '0') => start(['serve', '--port', port, '--direct-tls-port', 'off', '--json']);
    const first = serve();
    const port = Number((await first.logged('listening'))['port']);
    const said = first.lines().find(({ event }) => event === 'certificate');
    expect(said).toMatchObject({ level: 'warn', message: expect.stringContaining('there was none') });
    const file = String(said?.['file']);
    expect(path.dirname(file)).toBe(await realpath(folder));
    expect((await readdir(folder)).toSorted()).toContain('xmpp-wire-certificate.key');
    const ca = await readFile(file, 'utf8');
    const session = keepConnected({
      jid: 'juliet@localhost',
      password: 'R0m30',
      host: '127.0.0.1',
      port,
      tls: { ca },
      reconnect: { first: { min: 0, max: 20 }, longest: 100 },
    });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of session) {
        seen.push(event.type);
        if (seen.filter((type) => type === 'connected').length === 2) await session.stop();
      }
    })();
    await session.untilConnected();
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    expect(first.lines().find(({ event }) => event === 'logout')).toMatchObject({
      reason: 'closed-locally/system-shutdown',
    });

    const second = serve(String(port));
    await reading;
    expect(await session.ended).toEqual({ by: 'stop' });
    const again = second.lines().find(({ event }) => event === 'certificate');
    expect(again).toMatchObject({ message: expect.stringContaining('from before'), trustedKey: said?.['trustedKey'] });
    const byKey = await login(port, { tls: { trustedKeys: [String(again?.['trustedKey'])] } });
    second.child.kill('SIGHUP');
    await second.logged('reloaded');
    await byKey.close();
    expect(await second.logged('logout', 2)).toMatchObject({
      reason: 'closed-by-peer',
      message: expect.stringContaining('it logged out'),
    });
    second.child.kill('SIGTERM');
    await second.ended;

    await writeFile(path.join(folder, 'xmpp-wire-certificate.key'), 'damaged');
    expect(await serve().ended).toMatchObject({ code: 5, err: expect.stringContaining('certificate-unusable') });
    expect(await readFile(path.join(folder, 'xmpp-wire-certificate.key'), 'utf8')).toBe('damaged');
  });

  it('warns of an account that no server serves', async () => {
    const served = await run(['account', 'add', 'juliet@localhost', '--generate']);
    expect(served.err).toBe('juliet@localhost: the account was made\n');
    const other = await run(['account', 'add', 'nope@example.com', '--generate']);
    expect(other).toMatchObject({ code: 0, err: expect.stringContaining('serve --domain example.com') });
    await writeFile(path.join(folder, 'config.json'), '{"domains": ["example.com", { "name": "example.org" }]}');
    for (const [address, warns] of [
      ['romeo@example.org', false],
      ['romeo@localhost', true],
    ] as const) {
      const { err } = await run(['account', 'add', address, '--generate', '--config', 'config.json']);
      expect([address, err.includes('warning')]).toEqual([address, warns]);
    }
  });

  it('ends at once at a second signal', async () => {
    const server = start(['serve', '--port', '0', '--direct-tls-port', 'off', '--json']);
    const { port } = await server.logged('listening');
    const mute = (await import('node:net')).connect(Number(port), '127.0.0.1');
    mute.on('error', () => {});
    mute.write(
      "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    await once(mute, 'data');
    server.child.kill('SIGINT');
    await server.logged('stopping');
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(130);
    mute.destroy();
  });

  it('has an exit code for each kind of trouble', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    // A server that listens on a port has an AddressInfo.
    const { port } = blocker.address() as AddressInfo;
    const serve = (...args: string[]) =>
      run(['serve', '--direct-tls-port', 'off', '--no-color', '--port', '0', ...args]);
    expect(await serve('--port', String(port))).toMatchObject({ code: 4, err: expect.stringContaining('port-taken') });
    expect(await serve('--host', '192.0.2.1')).toMatchObject({
      code: 4,
      err: expect.stringContaining('address-unavailable'),
    });
    blocker.close();
    expect(await serve('--cert', 'no.pem', '--key', 'no.key')).toMatchObject({
      code: 5,
      err: expect.stringContaining('no.pem'),
    });
    await writeFile(path.join(folder, 'config.json'), '{"limits": {"streams": "many"}}');
    expect(await serve('--config', 'config.json')).toMatchObject({
      code: 2,
      err: expect.stringContaining('limits.streams'),
    });
    await writeFile(path.join(folder, 'config.json'), '{"mechanisms": ["EXTERNALS"]}');
    expect((await serve('--config', 'config.json')).code).toBe(2);
    await writeFile(path.join(folder, 'xmpp-wire-accounts.jsonl'), 'damaged');
    expect(await serve()).toMatchObject({ code: 3, err: expect.stringContaining('accounts-damaged') });
    expect(await readFile(path.join(folder, 'xmpp-wire-accounts.jsonl'), 'utf8')).toBe('damaged');
  });

  it('lets one server have an account file, and warns of what is not right', async () => {
    await writeCertificate(['example.net']);
    const args = ['--port', '0', '--direct-tls-port', 'off', '--json', '--cert', 'server.pem', '--key', 'server.key'];
    const first = start(['serve', ...args]);
    await first.logged('listening');
    expect(first.lines().filter(({ level }) => level === 'warn')).toMatchObject([
      { event: 'accounts', message: expect.stringContaining('has no accounts') },
    ]);
    expect(await run(['serve', ...args])).toMatchObject({ code: 3, err: expect.stringContaining('accounts-in-use') });
    // Killed, so that it can take back nothing: the next one starts all the same.
    first.child.kill('SIGKILL');
    await first.ended;
    await cp(path.join(folder, 'server.pem'), path.join(folder, 'copy.pem'));
    const second = start(['serve', ...args]);
    await second.logged('listening');
  });
});
