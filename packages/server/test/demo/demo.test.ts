import { existsSync, readFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { jid, message } from '@xmpp-wire/core';
import { connect } from '@xmpp-wire/node-tcp';
import { runDemo } from '../../src/demo/demo.ts';
import { Screen } from '../../src/demo/screen.ts';

const blockers: TcpServer[] = [];

afterEach(() => {
  for (const blocker of blockers.splice(0)) blocker.close();
});

async function takenPort(): Promise<number> {
  const blocker = createTcpServer().listen(0, '127.0.0.1');
  blockers.push(blocker);
  await once(blocker, 'listening');
  // A server that listens on a port has an AddressInfo.
  return (blocker.address() as AddressInfo).port;
}

/** Runs the demo in this process; the text is what it has shown so far. */
function run(options: Partial<Parameters<typeof runDemo>[0]> = {}) {
  const stop = new AbortController();
  const watchers = new Set<() => void>();
  const shown = { text: '' };
  const write = (more: string): void => {
    shown.text += more;
    for (const look of watchers) look();
  };
  const screen = new Screen({ write, colour: false, columns: () => undefined });
  const ended = runDemo(
    { domain: 'localhost', port: 0, directTlsPort: 0, webPort: 0, once: false, color: false, ...options },
    screen,
    stop.signal,
  );
  /** Waits for a text and gives what it was followed by on its line. */
  const seen = async (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const at = shown.text.indexOf(text);
        const end = shown.text.indexOf('\n', at);
        if (at === -1 || end === -1) return;
        watchers.delete(look);
        resolve(shown.text.slice(at + text.length, end));
      };
      watchers.add(look);
      ended.then(() => reject(new Error(`the demo ended without "${text}"`)), reject);
      look();
    });
  return { stop, shown, ended, seen };
}

describe('the demo', () => {
  it('with --once ends when the conversation is over', async () => {
    const { shown, ended } = run({ once: true });
    await ended;
    for (const line of [
      /^xmpp-wire serves localhost at 127\.0\.0\.1, port \d+ \(STARTTLS\) and \d+ \(direct TLS\)\.$/m,
      /^Account juliet@localhost, password \w{4}-\w{4}-\w{4}$/m,
      /^Account romeo@localhost, password \w{4}-\w{4}-\w{4}$/m,
      /^C1 → offering +\d+ B {2}asks for TLS §5\.4\.2\.1 +<starttls /m,
      /^C1 → offering +\d+ B {2}begins SASL §6\.4\.2 +<auth [^>]*mechanism='SCRAM-SHA-512'>…<\/auth>$/m,
      /^C2 → offering +\d+ B {2}begins SASL §6\.4\.2 +<auth /m,
      /^C2 ← established +\d+ B {2}message §8\.2\.1 +<message to='romeo@localhost' /m,
      /^ {3}Juliet: Art thou not Romeo, and a Montague\?$/m,
      /^C1 ← established +\d+ B {2}stanza error §8\.3 .*<service-unavailable /m,
      /^C1 ← closing +16 B {2}closing tag §4\.4 +<\/stream:stream>$/m,
      /^C2 ← closing +16 B {2}closing tag §4\.4 +<\/stream:stream>$/m,
    ]) {
      expect(shown.text).toMatch(line);
    }
    for (const [, password = ''] of shown.text.matchAll(/password (\S+)/g)) {
      expect(shown.text.replaceAll(`password ${password}`, '')).not.toContain(password);
    }
    expect(shown.text).not.toContain('Join with any');
  });

  it('stays up for any client, whom Romeo answers, until it is stopped', async () => {
    const { stop, shown, ended, seen } = run({ domain: 'im.example.com' });
    const [, port = ''] = /port (\d+)/.exec(await seen('xmpp-wire serves im.example.com at 127.0.0.1, ')) ?? [];
    const password = await seen('Account juliet@im.example.com, password ');
    await seen('Join with any XMPP client');
    const [caFile = ''] = /\S*ca\.pem/.exec(await seen('NODE_EXTRA_CA_CERTS=')) ?? [];
    await seen('Ctrl-C ends the server.');
    const visitor = await connect({
      jid: 'juliet@im.example.com/visitor',
      password,
      host: '127.0.0.1',
      port: Number(port),
      tls: { ca: readFileSync(caFile) },
    });
    for (const type of ['chat', 'normal'] as const) {
      await visitor.send(message({ to: jid('romeo@im.example.com'), type, body: `a ${type} line` }));
    }
    const answers: string[] = [];
    for await (const stanza of visitor.stanzas()) {
      answers.push(`${stanza.type} ${stanza.element.childText('body')}`);
      if (answers.length === 2) break;
    }
    expect(answers).toEqual([
      'chat I take thee at thy word, juliet: “a chat line”',
      'normal I take thee at thy word, juliet: “a normal line”',
    ]);
    stop.abort();
    expect((await visitor.closed).cause).toMatchObject({ error: { condition: 'system-shutdown' } });
    await ended;
    expect(shown.text).toMatch(/^C2 ← established .*<system-shutdown /m);
    expect(shown.text).toMatch(/^C3 ← established .*<system-shutdown /m);
    expect(existsSync(path.dirname(caFile))).toBe(false);
  });

  it('picks other ports than those that are taken, and says so', async () => {
    const [port, directTlsPort] = [await takenPort(), await takenPort()];
    const { shown, ended } = run({ once: true, port, directTlsPort });
    await ended;
    expect(shown.text).toContain(`Port ${port} is taken: another one is picked.`);
    expect(shown.text).toContain(`Port ${directTlsPort} is taken: another one is picked.`);
    expect(shown.text).not.toContain(`port ${port} (STARTTLS)`);
  });

  it('takes two ports also when the same is asked for twice', async () => {
    const port = await takenPort();
    for (const blocker of blockers.splice(0)) blocker.close();
    const { shown, ended } = run({ once: true, port, directTlsPort: port });
    await ended;
    expect(shown.text).toContain(`Port ${port} is taken: another one is picked.`);
    expect(shown.text).toContain('Neither, fair saint');
  });

  it('can be stopped in the middle of it, and before it has begun', async () => {
    const middle = run();
    await middle.seen('Juliet connects');
    middle.stop.abort();
    await middle.ended;
    expect(middle.shown.text).toContain('The server shuts down');
    expect(middle.shown.text).not.toContain('Join with any');

    const start = run();
    start.stop.abort();
    await start.ended;
    expect(start.shown.text).not.toContain('Juliet connects');
  });
});
