import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deriveSaltedPassword } from '@xmpp-wire/node-tcp';
import { MemoryAccounts } from '../accounts/memory-accounts.ts';
import { makeSelfSignedCertificate } from '../certificate/self-signed.ts';
import type { Server } from '../create-server.ts';
import { makeAccount, type DemoAccount } from './accounts.ts';
import { answerVisitors, converse } from './conversation.ts';
import { invite } from './instructions.ts';
import type { DemoOptions } from './options.ts';
import type { Screen } from './screen.ts';
import { startServer, type StartedServer } from './start-server.ts';
import { TracePrinter } from './trace-printer.ts';
import { webPage } from './web-page.ts';

/**
 * Runs the demo: a server, two clients that talk to each other, the trace of it all, and then the server for everybody.
 *
 * @param stop ends it: every stream is closed with system-shutdown.
 * @throws what keeps the server from starting or the clients from talking, unless it was stopped before.
 */
export async function runDemo(options: DemoOptions, screen: Screen, stop: AbortSignal): Promise<void> {
  const { domain } = options;
  const [juliet, romeo] = [makeAccount('juliet', domain), makeAccount('romeo', domain)];
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const accounts = new MemoryAccounts({ random, deriveSaltedPassword });
  for (const { jid, password } of [juliet, romeo]) await accounts.add(jid, password);
  const certificate = await makeSelfSignedCertificate([domain]);
  const folder = await mkdtemp(path.join(tmpdir(), 'xmpp-wire-'));
  const tracer = new TracePrinter(screen);
  try {
    const caFile = path.join(folder, 'ca.pem');
    await writeFile(caFile, certificate.ca);
    const numberOf = numbering();
    const started = await startServer(
      {
        domains: [domain],
        accounts,
        certificate,
        onTrace: (entry, peer) => tracer.print(entry, { id: numberOf(peer) }),
        onFailure: (failed) => tracer.printFailure({ ...failed, peer: { ...failed.peer, id: numberOf(failed.peer) } }),
      },
      { starttls: options.port, directTls: options.directTlsPort, web: options.webPort },
      options.once ? undefined : await webPage([juliet, romeo]),
      (port) => screen.line(`Port ${port} is taken: another one is picked.`),
    );
    await during(started.server, screen, stop, async () => {
      welcome(screen, domain, started, [juliet, romeo]);
      tracer.legend();
      const cast = await converse({ screen, started, stop, ca: certificate.ca, juliet, romeo });
      screen.heading('Juliet closes her stream');
      await cast.juliet.close();
      if (options.once) {
        screen.heading('Romeo closes his, and the server ends');
        await cast.romeo.close();
        return;
      }
      invite(screen, { domain, accounts: [juliet, romeo], started, caFile, fingerprint: certificate.fingerprint });
      screen.line();
      const friend = screen.colours.bold(romeo.jid.toString());
      screen.line(`Romeo stays and answers what is written to ${friend}. Ctrl-C ends the server.`);
      await Promise.all([answerVisitors(cast.romeo), aborted(stop)]);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Numbers the connections of all listeners together. */
function numbering(): (peer: object) => number {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  return (peer) => {
    const number = numbers.get(peer) ?? ++last;
    numbers.set(peer, number);
    return number;
  };
}

/** Milliseconds that clients have for their closing tags. */
const SHUTDOWN = 2000;

/** Does something while a server runs, and ends the server with it. What fails because it was stopped does not count. */
async function during(server: Server, screen: Screen, stop: AbortSignal, play: () => Promise<void>): Promise<void> {
  const shutDown = (): void => {
    screen.heading('The server shuts down: system-shutdown and the closing tag for everybody');
    void server.stop(SHUTDOWN);
  };
  stop.addEventListener('abort', shutDown, { once: true });
  try {
    if (!stop.aborted) await play();
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    stop.removeEventListener('abort', shutDown);
    await server.stop(SHUTDOWN);
  }
}

function welcome(screen: Screen, domain: string, started: StartedServer, accounts: readonly DemoAccount[]): void {
  const { bold } = screen.colours;
  const { starttls, directTls } = started;
  const ports = `port ${bold(String(starttls.port))} (STARTTLS) and ${bold(String(directTls.port))} (direct TLS)`;
  screen.line(`xmpp-wire serves ${bold(domain)} at ${starttls.address}, ${ports}.`);
  for (const { jid, password } of accounts) {
    screen.line(`Account ${bold(jid.toString())}, password ${bold(password)}`);
  }
  screen.line();
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
