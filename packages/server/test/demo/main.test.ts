import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../dist/demo/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs what `npm start` runs, in a process of its own. */
function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [main, ...args], {
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', CI: 'true', ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  /** Waits for a text. */
  const shows = async (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (stdout.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      child.once('close', () => reject(new Error(`it ended without "${text}": ${stdout}${stderr}`)));
      look();
    });
  return { child, ended, shows, shown: () => stdout };
}

describe('npm start', () => {
  beforeAll(() => {
    if (!existsSync(main)) throw new Error('packages/server/dist is missing: npm run build makes it');
  });

  it('--once exits with 0 after the conversation', async () => {
    const { code, stdout, stderr } = await start(['--once', '--port', '0', '--direct-tls-port', '0', '--web-port', '0'])
      .ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Juliet: Art thou not Romeo, and a Montague?');
    expect(stdout).toMatch(/The conversation is over\.\n$/);
    expect(stdout).not.toContain('\u001B');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends in order with 0 at %s', async (signal) => {
    const { child, ended, shows } = start(['--port', '0', '--direct-tls-port', '0', '--web-port', '0']);
    await shows('Ctrl-C ends the server.');
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/C2 ← established .*<system-shutdown [^\n]*\nC2 ← established .*<\/stream:stream>\n/);
    expect(stdout).toMatch(/Ended\.\n$/);
  });

  it('ends at once at a second signal, when a client keeps it waiting', async () => {
    const { child, ended, shows, shown } = start(['--port', '0', '--direct-tls-port', '0', '--web-port', '0']);
    await shows('Ctrl-C ends the server.');
    const [, port] = /port (\d+) \(STARTTLS\)/.exec(shown()) ?? [];
    const mute = connect(Number(port), '127.0.0.1');
    mute.on('error', () => {});
    mute.write(
      "<stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    await shows('C3 ← accepting');
    child.kill('SIGINT');
    await shows('The server shuts down');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(130);
    mute.destroy();
  });

  it('explains itself, and what is wrong with its options', async () => {
    const help = await start(['--help']).ended;
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('--direct-tls-port <number>');
    const wrong = await start(['--port', 'x']).ended;
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('A port is a number');
  });

  it('has colours when it is told to', async () => {
    const args = ['--once', '--port', '0', '--direct-tls-port', '0', '--web-port', '0'];
    expect((await start(args, { FORCE_COLOR: '1' }).ended).stdout).toContain('\u001B[36mC1 →\u001B[39m');
    expect((await start([...args, '--no-color'], { FORCE_COLOR: '1' }).ended).stdout).not.toContain('\u001B');
  });
});
