import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { message, presence } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import type { XmppConnection } from '@xmpp-wire/node-tcp';
import type { ServerOptions } from '../../src/index.ts';
import { closed, cutter, HEADER, heard, plain, STARTTLS, startTcpWorld, type TcpWorld } from '../support/tcp-world.ts';

const PING = xml('ping', { xmlns: 'urn:xmpp:ping' });
const worlds: TcpWorld[] = [];

afterEach(async () => {
  await Promise.all(worlds.splice(0).map(async ({ server }) => server.stop(200)));
});

async function start(options: Partial<ServerOptions> = {}): Promise<TcpWorld> {
  const world = await startTcpWorld(options);
  worlds.push(world);
  return world;
}

/** Whoever was there before goes on unharmed. */
async function isServed(connection: XmppConnection): Promise<boolean> {
  return (await connection.request({ type: 'get', payload: PING })).type === 'result';
}

describe('what is not meant for the server', () => {
  it('is named, answered where that can be, and harms nobody', async () => {
    const world = await start();
    const juliet = await world.login();
    const says = async (text: string | Uint8Array): Promise<string> => {
      const socket = await world.tcp();
      const answer = heard(socket, '</stream:stream>');
      socket.end(text);
      return answer;
    };
    expect(await says(HEADER.replace('im.example.com', 'example.net'))).toContain('<host-unknown');
    expect(await says('GET / HTTP/1.1\r\nHost: im.example.com\r\n\r\n')).toContain('<not-well-formed');
    expect(await says(Uint8Array.of(0xff, 0xfe, 0x00, 0x80))).toContain('<stream:error>');
    expect(await says("<html xmlns='http://www.w3.org/1999/xhtml'>")).toContain('<stream:error>');
    expect(await says(`${HEADER}<message/>`)).toContain('<not-authorized');
    expect(await says('')).toBe('');
    expect(await world.failed(6)).toEqual(['unknown-domain', 'not-xmpp', 'not-xmpp', 'not-xmpp', 'rule-broken', 'cut']);
    expect(await isServed(juliet)).toBe(true);
    expect(world.errors).toEqual([]);
  });

  it('TLS to the port of STARTTLS, and the reverse, have names of their own', async () => {
    const world = await start();
    const tls = connectTls({ host: '127.0.0.1', port: world.starttls });
    tls.on('error', () => {});
    await closed(tls);
    const socket = await world.tcp(world.directTls);
    socket.write(HEADER);
    await closed(socket);
    const http = await world.tcp(world.directTls);
    http.write('GET / HTTP/1.1\r\n\r\n');
    await closed(http);
    expect(await world.failed(3)).toEqual([
      'tls-on-starttls-port',
      'clear-text-on-direct-tls-port',
      'clear-text-on-direct-tls-port',
    ]);
  });

  it('bytes of chance at every phase end the connection and nothing else', async () => {
    const world = await start();
    const juliet = await world.login();
    let state = 7;
    const noise = (): Uint8Array =>
      Uint8Array.from({ length: 200 }, () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 24);
    for (const before of ['', HEADER, `${HEADER}${STARTTLS}`]) {
      const socket = await world.tcp();
      socket.write(before);
      if (before !== '') await heard(socket, before === HEADER ? '</stream:features>' : '<proceed');
      socket.write(noise());
      socket.resume();
      await closed(socket);
    }
    for (const before of ['', HEADER, `${HEADER}${plain('romeo', 'secret')}`]) {
      const socket = await world.tls();
      socket.write(before);
      if (before !== '') await heard(socket, before === HEADER ? '</stream:features>' : '<success');
      socket.write(noise());
      socket.resume();
      socket.on('end', () => socket.end());
      await closed(socket);
    }
    await world.failed(6);
    expect(world.failures).toHaveLength(6);
    expect(await isServed(juliet)).toBe(true);
    expect(world.server.sessions).toHaveLength(1);
  });
});

describe('a peer that says nothing', () => {
  const timeouts = { negotiation: 1500, handshake: 1500, closing: 100 };

  it('is cut at each phase of STARTTLS', async () => {
    const world = await start({ timeouts });
    const scripts: readonly [before: string, until: string][] = [
      ['', ''],
      [HEADER.slice(0, 20), ''],
      [HEADER, '</stream:features>'],
      [`${HEADER}${STARTTLS}`, '<proceed'],
    ];
    await Promise.all(
      scripts.map(async ([before, until]) => {
        const socket = await world.tcp();
        socket.write(before);
        if (until !== '') await heard(socket, until);
        socket.resume();
        socket.on('end', () => socket.end());
        await closed(socket);
      }),
    );
    expect(await world.failed(4)).toEqual(['silent', 'silent', 'silent', 'silent']);
  });

  it('is cut at each phase of direct TLS', async () => {
    const world = await start({ timeouts });
    const scram = `${HEADER}<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>${Buffer.from('n,,n=juliet,r=fyko+d2lbbFgONRv9qkxdawL').toString('base64')}</auth>`;
    const bound = `${HEADER}${plain('juliet', 'secret')}`;
    const scripts: readonly [before: string, until: string][] = [
      ['', ''],
      [HEADER, '</stream:features>'],
      [scram, '<challenge'],
      [bound, '<success'],
    ];
    const mute = async (): Promise<void> => closed(await world.tcp(world.directTls));
    await Promise.all([
      mute(),
      ...scripts.map(async ([before, until]) => {
        const socket = await world.tls();
        socket.write(before);
        if (until !== '') await heard(socket, until);
        if (before === bound) socket.write(HEADER);
        socket.resume();
        socket.on('end', () => socket.end());
        await closed(socket);
      }),
    ]);
    const names = await world.failed(5);
    expect(names.toSorted()).toEqual(['cut', 'silent', 'silent', 'silent', 'silent']);
    expect(world.server.sessions).toEqual([]);
  });
});

describe('a peer that never reads', () => {
  it('is cut off at the limit; who writes to it and everybody else go on', async () => {
    const world = await start({ limits: { bufferedOutput: 300_000 } });
    const juliet = await world.login('juliet');
    const nurse = await world.login('nurse');
    const deaf = await world.tls();
    deaf.write(`${HEADER}${plain('romeo', 'secret')}`);
    await heard(deaf, '<success');
    deaf.write(
      `${HEADER}<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>deaf</resource></bind></iq><presence/>`,
    );
    await heard(deaf, '<presence');
    deaf.pause();
    const romeo = world.server.sessions.find(({ jid }) => jid.localpart === 'romeo');
    if (romeo === undefined) throw new Error('romeo is not there');
    let sent = 0;
    while (world.server.sessions.length === 3 && sent < 5000) {
      await juliet.send(message({ to: romeo.jid, type: 'chat', body: 'x'.repeat(20_000) }));
      sent += 1;
      if (sent % 50 === 0) await sleep(1);
    }
    expect(world.server.sessions.map(({ jid }) => jid.localpart)).toEqual(['juliet', 'nurse']);
    expect([await isServed(nurse), await isServed(juliet)]).toEqual([true, true]);
    deaf.destroy();
  });
});

describe('a flood of logins', () => {
  it('[R13.12-2] [R13.12-4] [R13.12-5] is slowed to the limits while who is logged in goes on, and ends with it', async () => {
    let now = 0;
    let checked = 0;
    const world = await start({
      now: () => now,
      accounts: {
        checkPassword: (_, password) => {
          checked += 1;
          return password === 'secret' ? 'accepted' : 'not-authorized';
        },
        exists: () => true,
      },
      limits: { connectionsPerMinute: 60, connectionsPerAddress: 20, failedLoginsPerMinute: 10 },
    });
    const juliet = await world.login();
    const attempts = Array.from({ length: 150 }, async (_, at) => {
      await sleep(at);
      const socket = connectTls({ host: '127.0.0.1', port: world.directTls, rejectUnauthorized: false });
      socket.on('error', () => {});
      socket.on('secureConnect', () => socket.write(`${HEADER}${plain('romeo', `guess ${at}`)}`));
      const answer = heard(socket, '</stream:stream>');
      const guessed = await Promise.race([answer, heard(socket, '<failure')]);
      socket.destroy();
      return guessed;
    });
    const answers = await Promise.all(attempts);
    expect(await isServed(juliet)).toBe(true);
    // The one that was right before, the tokens there were, and those that were under way when they ran out.
    expect(checked).toBeLessThanOrEqual(1 + 10 + 20);
    expect(answers.filter((answer) => answer.includes('<policy-violation')).length).toBeGreaterThan(0);
    // Beyond the rate connections are cut before anything is spent on them.
    expect(answers.filter((answer) => answer === '').length).toBeGreaterThanOrEqual(150 - 60);
    await expect(world.login('nurse')).rejects.toThrow(Error);
    now = 60_000;
    expect(await isServed(await world.login('nurse'))).toBe(true);
  });
});

describe('a connection over TLS that is cut', () => {
  it.each(['client', 'server'] as const)(
    'behind bytes of the %s of chance fails by name on both sides',
    async (of) => {
      const world = await start({ timeouts: { closing: 100 } });
      const juliet = await world.login('juliet');
      await juliet.send(presence());
      let state = of === 'client' ? 11 : 23;
      for (let round = 0; round < 25; round++) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        const proxy = await cutter(world.starttls, { of, after: (state >>> 16) % (of === 'client' ? 1500 : 2500) });
        const outcome: unknown = await world.login('romeo', { port: proxy.port }).then(
          async (connection) => (await connection.closed).cause.code,
          (error: { readonly name?: string }) => error.name,
        );
        expect(['XmppConnectError', 'unexpected-eof', 'closed-by-peer']).toContain(outcome);
        proxy.close();
      }
      await expect.poll(() => world.server.sessions.length, { timeout: 5000 }).toBe(1);
      expect(await isServed(juliet)).toBe(true);
      expect(world.errors).toEqual([]);
    },
    60_000,
  );
});
