import { once } from 'node:events';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { message, presence } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { connect, type ConnectOptions, type FailedConnection, type XmppConnection } from '@xmpp-wire/node-tcp';
import { createServer, makeSelfSignedCertificate, type Server, type ServerOptions } from '../src/index.ts';
import { makeClientCertificate } from './support/client-certificate.ts';
import { accounts } from './support/world.ts';

const certificate = await makeSelfSignedCertificate(['im.example.com', 'example.org']);
const PING = xml('ping', { xmlns: 'urn:xmpp:ping' });
const running: Server[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map(async (server) => server.stop(500)));
});

async function start(options: Partial<ServerOptions> = {}): Promise<Server> {
  const server = createServer({
    domains: ['im.example.com', 'example.org'],
    accounts,
    certificate,
    ports: { starttls: 0, directTls: 0 },
    ...options,
  });
  running.push(server);
  await server.start();
  return server;
}

async function login(server: Server, name: string, options: Partial<ConnectOptions> = {}): Promise<XmppConnection> {
  return connect({
    jid: name,
    password: 'secret',
    host: '127.0.0.1',
    port: server.address?.port ?? 0,
    tls: { ca: certificate.ca },
    ...options,
  });
}

async function nextStanza(connection: XmppConnection): Promise<string> {
  for await (const event of connection)
    if (event.type === 'stanza') return event.stanza.element.childText('body') ?? '';
  return 'nothing more';
}

describe('a server over TCP', () => {
  it('takes clients by STARTTLS and by direct TLS, and lets them talk', async () => {
    const traced = new Set<number>();
    const server = await start({ onTrace: (_, peer) => traced.add(peer.id) });
    expect(server.addresses.map(({ tls, address }) => [tls, address])).toEqual([
      ['starttls', '127.0.0.1'],
      ['direct', '127.0.0.1'],
    ]);
    const juliet = await login(server, 'juliet@im.example.com/balcony');
    const romeo = await login(server, 'romeo@im.example.com/orchard', {
      port: server.addresses[1]?.port ?? 0,
      directTls: 'only',
    });
    expect([juliet.tls?.version, romeo.tls?.version]).toEqual(['TLSv1.3', 'TLSv1.3']);
    await romeo.send(presence());
    expect((await romeo.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) })).type).toBe(
      'result',
    );
    await juliet.send(message({ to: romeo.jid.bare, type: 'chat', body: 'Art thou not Romeo?' }));
    await nextStanza(romeo);
    expect(await nextStanza(romeo)).toBe('Art thou not Romeo?');
    expect(server.sessions.map((session) => session.jid.toString())).toEqual([
      'juliet@im.example.com/balcony',
      'romeo@im.example.com/orchard',
    ]);
    expect(server.sessions[0]?.remote).toBe(`127.0.0.1:${juliet.local.port}`);
    await juliet.close();
    expect((await romeo.request({ type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) })).type).toBe(
      'result',
    );
    expect(server.sessions).toHaveLength(1);
    expect([...traced]).toEqual([1, 2]);
  });

  it('delivers a flood in order to a client that reads slowly', async () => {
    const server = await start();
    const juliet = await login(server, 'juliet@im.example.com/balcony');
    const romeo = await login(server, 'romeo@im.example.com/orchard');
    const count = 500;
    const sent = (async () => {
      for (let at = 0; at < count; at++) {
        await juliet.send(message({ to: romeo.jid, body: `${at} ${'x'.repeat(2000)}` }));
      }
    })();
    const bodies: number[] = [];
    for await (const event of romeo) {
      if (event.type === 'stanza') bodies.push(Number.parseInt(event.stanza.element.childText('body') ?? '', 10));
      if (bodies.length === count) break;
    }
    await sent;
    expect(bodies).toEqual(Array.from({ length: count }, (_, at) => at));
  });

  it('stops with system-shutdown for everybody, also for who was not through', async () => {
    const failed: FailedConnection[] = [];
    const server = await start({ onFailure: (each) => failed.push(each) });
    const juliet = await login(server, 'juliet@im.example.com/balcony');
    const socket = connectTcp(server.address?.port ?? 0, '127.0.0.1');
    socket.write(
      "<stream:stream to='im.example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    await once(socket, 'data');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += String(chunk);
      if (heard.endsWith('</stream:stream>')) socket.end('</stream:stream>');
    });
    const stopped = server.stop();
    const end = await juliet.closed;
    expect(end.cause).toMatchObject({ code: 'stream-error-received', error: { condition: 'system-shutdown' } });
    await stopped;
    expect(heard).toMatch(/<system-shutdown.*<\/stream:stream>$/);
    expect(failed).toHaveLength(1);
    expect(server.sessions).toEqual([]);
  });

  it('makes a certificate when it is given none, and takes one for each domain', async () => {
    const without = await start({ certificate: undefined } as never);
    await expect(login(without, 'juliet@im.example.com')).rejects.toMatchObject({ code: 'tls-certificate-untrusted' });

    const own = await makeSelfSignedCertificate(['im.example.com']);
    const other = await makeSelfSignedCertificate(['example.org']);
    const server = await start({ certificate: { 'im.example.com': own, 'example.org': other } });
    await login(server, 'juliet@im.example.com', { tls: { ca: own.ca } });
    await login(server, 'paris@example.org', { tls: { ca: other.ca } });
    await expect(login(server, 'paris@example.org', { tls: { ca: own.ca } })).rejects.toThrow('example.org');
    // A client that names no domain gets the first one's.
    const socket = connectTls({ host: '127.0.0.1', port: server.addresses[1]?.port ?? 0, ca: own.ca });
    await once(socket, 'secureConnect');
    expect(socket.getPeerCertificate().subject.CN).toBe('im.example.com');
    socket.destroy();
  });

  it('presents another certificate from one moment to the next, by SNI and by the stream, and nobody is disconnected', async () => {
    const [first, second] = await Promise.all([1, 2].map(async () => makeSelfSignedCertificate(['im.example.com'])));
    if (first === undefined || second === undefined) throw new Error('two were made');
    const server = await start({ certificate: first });
    const juliet = await login(server, 'juliet@im.example.com', { tls: { ca: first.ca } });
    expect(() => server.useCertificate({ cert: second.cert, key: first.key })).toThrow(
      expect.objectContaining({ code: 'certificate-unusable' }),
    );
    await (await login(server, 'romeo@im.example.com', { tls: { ca: first.ca } })).close();
    server.useCertificate({ 'im.example.com': second, 'example.org': first });
    await login(server, 'romeo@im.example.com', { tls: { ca: second.ca } });
    const direct = { port: server.addresses[1]?.port ?? 0, directTls: 'only' } as const;
    await login(server, 'nurse@im.example.com', { tls: { ca: second.ca }, ...direct });
    await expect(login(server, 'romeo@im.example.com', { tls: { ca: first.ca } })).rejects.toMatchObject({
      step: 'tls',
    });
    expect((await juliet.request({ type: 'get', payload: PING })).type).toBe('result');
    expect(server.sessions).toHaveLength(3);
  });

  it('takes a client by its certificate, and one without by password', async () => {
    const own = await makeClientCertificate(['juliet@im.example.com']);
    const server = await start({ mechanisms: ['EXTERNAL', 'PLAIN'], clientCertificates: { ca: own.cert } });
    const juliet = await connect({
      domain: 'im.example.com',
      authenticateBy: 'certificate',
      host: '127.0.0.1',
      port: server.address?.port ?? 0,
      tls: { ca: certificate.ca, certificate: { cert: own.cert, key: own.key } },
    });
    expect(juliet.jid.bare.toString()).toBe('juliet@im.example.com');
    const stranger = await makeClientCertificate(['romeo@im.example.com']);
    const refused = connect({
      domain: 'im.example.com',
      authenticateBy: 'certificate',
      host: '127.0.0.1',
      port: server.address?.port ?? 0,
      tls: { ca: certificate.ca, certificate: { cert: stranger.cert, key: stranger.key } },
    });
    await expect(refused).rejects.toMatchObject({ code: 'sasl-no-mechanism' });
    await login(server, 'romeo@im.example.com');
    expect(server.sessions).toHaveLength(2);
  });

  it('says which port is taken, listens on none then, and can be started again later', async () => {
    const blocker = createTcpServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    // A server that listens on a port has an AddressInfo.
    const { port } = blocker.address() as AddressInfo;
    const server = createServer({
      domains: ['im.example.com'],
      accounts,
      certificate,
      ports: { starttls: false, directTls: port },
    });
    running.push(server);
    await expect(server.start()).rejects.toMatchObject({ code: 'port-taken', cause: { port } });
    expect(server.address).toBeUndefined();
    blocker.close();
    await once(blocker, 'close');
    await server.start();
    expect(server.addresses).toEqual([{ address: '127.0.0.1', port, tls: 'direct' }]);
    await expect(server.start()).rejects.toThrow('started before');
  });

  it('stopped while it starts does not listen afterwards, and does not start again', async () => {
    const server = createServer({ domains: ['im.example.com'], accounts, ports: { starttls: 0, directTls: 0 } });
    const starting = server.start();
    await server.stop();
    await starting;
    expect(server.addresses).toEqual([]);
    await expect(server.start()).rejects.toThrow('started before');
  });

  it('refuses a connection too many and cuts what comes beyond that', async () => {
    const server = await start({ limits: { streams: 1, connectionsPerAddress: 3, xml: { stanzaBytes: 10_000 } } });
    await login(server, 'juliet@im.example.com');
    await expect(login(server, 'romeo@im.example.com')).rejects.toThrow('resource-constraint');
  });

  it('reports what fails to onError, and to the process when nobody listens', async () => {
    const errors: unknown[] = [];
    const hooks = {
      sessionStarted: () => {
        throw new Error('oops');
      },
    };
    await login(await start({ hooks, onError: (error) => errors.push(error) }), 'juliet@im.example.com');
    expect(errors).toEqual([new Error('oops')]);
    // Node's own listener would print it.
    const others = process.listeners('warning');
    process.removeAllListeners('warning');
    const warned = once(process, 'warning');
    await login(await start({ hooks }), 'juliet@im.example.com');
    expect(await warned).toEqual([new Error('oops')]);
    for (const other of others) process.on('warning', other);
  });

  it('[S5] goes on behind a line break after <starttls/> unless it is told not to', async () => {
    const answerTo = async (server: Server): Promise<string> => {
      const socket = connectTcp({ host: '127.0.0.1', port: server.address?.port ?? 0 });
      let heard = '';
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString();
        if (heard.includes('<proceed')) socket.destroy();
      });
      socket.write(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' version='1.0'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n",
      );
      await once(socket, 'close');
      return heard;
    };
    expect(await answerTo(await start({ whitespaceBehindStarttls: false }))).not.toContain('<proceed');
    expect(await answerTo(await start())).toContain('<proceed');
  });

  it('makes no sense without a port', () => {
    const ports = { starttls: false, directTls: false } as const;
    expect(() => createServer({ domains: ['im.example.com'], accounts, ports })).toThrow("'ports' switches both off");
  });
});
