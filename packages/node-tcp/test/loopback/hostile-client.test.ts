import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FailedConnection } from '../../src/index.ts';
import { rawClient, readAll, readUntil } from '../support/sockets.ts';
import { DOMAIN, makeWorld, type World, type WorldOptions } from '../support/world.ts';

const HEADER = `<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${DOMAIN}' version='1.0'>`;
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABSMG0zMA==</auth>";

let world: World;
let failures: FailedConnection[];
let failed: () => void;
const build = async (options: WorldOptions = {}) => {
  failures = [];
  world = await makeWorld({
    ...options,
    onFailure: (failure) => {
      failures.push(failure);
      failed();
    },
  });
};
beforeEach(async () => build());
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await world.close();
});

const sockets: Socket[] = [];

/** A raw client that is gone after the test. */
async function dial(port: number): Promise<Socket> {
  const socket = await rawClient(port);
  sockets.push(socket);
  return socket;
}

const nextFailure = async (): Promise<void> => new Promise((resolve) => (failed = resolve));

/** Asks for TLS and waits for <proceed/>. */
async function proceed(): Promise<Socket> {
  const socket = await dial(world.ports.starttls);
  socket.write(HEADER);
  await readUntil(socket, '</stream:features>');
  socket.write(STARTTLS);
  await readUntil(socket, '<proceed');
  return socket;
}

describe('a certificate that cannot be looked up', () => {
  it('ends the connection that asked for it, and nothing else', async () => {
    const { certificate } = world;
    await world.close();
    const certificates = (domain: string | undefined) => {
      if (domain === 'broken.example') throw new Error('the store is gone');
      return certificate;
    };
    await build({ certificate, tls: { certificates } });
    const ended = nextFailure();
    const client = tlsConnect({ port: world.ports.direct, host: '127.0.0.1', servername: 'broken.example' });
    sockets.push(client.on('error', () => {}));
    await ended;
    expect(failures).toMatchObject([{ error: { message: 'the store is gone' } }]);
    const { ports } = world;
    const other = tlsConnect({ port: ports.direct, host: '127.0.0.1', servername: DOMAIN, rejectUnauthorized: false });
    sockets.push(other);
    await once(other, 'secureConnect');
  });
});

describe('[S5] bytes injected behind <starttls/>', () => {
  it.each([' ', HEADER, AUTH])('%j in one piece with it is fatal', async (injected) => {
    const ended = nextFailure();
    const socket = await dial(world.ports.starttls);
    socket.write(HEADER);
    await readUntil(socket, '</stream:features>');
    socket.write(STARTTLS + injected);
    expect(await readAll(socket)).not.toContain('<success');
    await ended;
    expect(failures).toMatchObject([{ cause: { code: 'peer-misbehaved', violation: 'bytes-behind-starttls' } }]);
    expect(world.served).toEqual([]);
  });

  it('instead of a ClientHello it is fatal, and nothing of it is ever XMPP', async () => {
    const ended = nextFailure();
    const socket = await proceed();
    socket.write(HEADER + AUTH);
    const rest = await readAll(socket);
    expect(rest).not.toContain('<');
    await ended;
    expect(failures).toMatchObject([{ cause: { code: 'negotiation-failed', at: 'tls' } }]);
  });
});

describe('[S6] a client that does without TLS', () => {
  it('is offered nothing else, and refused when it authenticates all the same', async () => {
    const socket = await dial(world.ports.starttls);
    socket.write(HEADER);
    const features = await readUntil(socket, '</stream:features>');
    expect(features).toContain('<required/>');
    expect(features).not.toContain('mechanism');
    socket.write(AUTH);
    expect(await readUntil(socket, '</failure>')).toContain('encryption-required');
    expect(world.served).toEqual([]);
  });
});

describe('[S15] TLS of a client', () => {
  it('[R13.9.5-1] older than 1.2 is refused', async () => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port: world.ports.direct,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    const ended = nextFailure();
    await once(socket, 'error');
    await ended;
    expect(failures[0]?.cause).toBeUndefined();
    expect(failures[0]?.error?.message).toMatch(/unsupported protocol/);
  });

  it('[R5.3.5-2] may not be renegotiated', async () => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port: world.ports.direct,
      maxVersion: 'TLSv1.2',
      ca: world.authority.cert,
      servername: DOMAIN,
    });
    socket.on('error', () => {});
    await once(socket, 'secureConnect');
    const ended = nextFailure();
    const closed = once(socket, 'close');
    socket.renegotiate({}, () => {});
    await Promise.all([ended, closed]);
    expect(failures[0]?.error?.message).toMatch(/renegotiation/);
  });

  it('for another protocol is refused (XEP-0368 §3)', async () => {
    const socket = tlsConnect({
      host: '127.0.0.1',
      port: world.ports.direct,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    const ended = nextFailure();
    const [error] = await once(socket, 'error');
    expect(String(error)).toMatch(/no application protocol/);
    await ended;
  });
});

describe('connections that do nothing', () => {
  it('a silent client is told so and cut', async () => {
    await world.close();
    await build({ timeouts: { negotiation: 30 }, lingering: 10 });
    const ended = nextFailure();
    const socket = await dial(world.ports.starttls);
    expect(await readAll(socket)).toContain('connection-timeout');
    await ended;
    expect(failures).toMatchObject([{ cause: { code: 'timed-out', timer: 'negotiation' } }]);
    expect(world.listener.size).toBe(0);
  });

  it('a handshake that never comes is cut, by direct TLS and by STARTTLS', async () => {
    await world.close();
    await build({ timeouts: { negotiation: 60 }, handshakeTimeout: 30, lingering: 10 });
    const first = nextFailure();
    const direct = await dial(world.ports.direct);
    expect(await readAll(direct)).toBe('');
    await first;
    const second = nextFailure();
    const socket = await proceed();
    expect(await readAll(socket)).toBe('');
    await second;
    expect(failures.map(({ cause }) => cause?.code)).toEqual([undefined, 'timed-out']);
    expect(world.listener.size).toBe(0);
  });

  it.each(['direct', 'starttls'] as const)(
    'a client that ends its half in the handshake is gone at once: %s',
    async (way) => {
      const ended = nextFailure();
      const socket = way === 'direct' ? await dial(world.ports.direct) : await proceed();
      socket.end();
      expect(await readAll(socket)).toBe('');
      await ended;
      expect(world.listener.size).toBe(0);
    },
  );

  it('[R13.12-3] connections beyond the limit are cut, and there is room again when one ends', async () => {
    await world.close();
    await build({ maxConnections: 2 });
    const pair = [await dial(world.ports.starttls), await dial(world.ports.starttls)];
    for (const socket of pair) {
      socket.write(HEADER);
      await readUntil(socket, '</stream:features>');
    }
    expect(await readAll(await dial(world.ports.starttls))).toBe('');
    const ended = nextFailure();
    pair[0]?.destroy();
    await ended;
    expect(world.listener.size).toBe(1);
    const third = await dial(world.ports.starttls);
    third.write(HEADER);
    expect(await readUntil(third, '</stream:features>')).toContain('starttls');
  });

  it('[R13.12-2] [R13.12-3] one address gets so many connections and no more', async () => {
    await world.close();
    await build({ maxConnectionsPerAddress: 1 });
    const socket = await dial(world.ports.starttls);
    socket.write(HEADER);
    await readUntil(socket, '</stream:features>');
    expect(await readAll(await dial(world.ports.starttls))).toBe('');
  });
});
