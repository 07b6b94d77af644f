import type { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connect, XmppConnectError, type ConnectOptions } from '../../src/index.ts';
import { ServerTls } from '../../src/tls/server-tls.ts';
import { dnsNames, makeAuthority, type Authority, type Issued } from '../support/certificates.ts';
import { rawServer, readUntil, type RawServer } from '../support/sockets.ts';
import { DOMAIN, makeWorld, PASSWORD } from '../support/world.ts';

const HEADER = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='1' from='${DOMAIN}' version='1.0'>`;
const STARTTLS =
  "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const PLAIN = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>";
/** OpenSSL lets nobody speak it otherwise. */
const OLD = 'ALL:@SECLEVEL=0';
const SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";

let authority: Authority;
let leaf: Issued;
let server: RawServer | undefined;
beforeAll(async () => {
  authority = await makeAuthority();
  leaf = await authority.issue(dnsNames(DOMAIN));
});
afterEach(async () => server?.close());

/** Connects to a server that does what the test says; what it heard, and the error that the client ended with. */
async function against(
  script: (socket: Socket, hear: (end: string) => Promise<string>) => Promise<void>,
  more: Partial<ConnectOptions> = {},
) {
  let heard = '';
  const scripts: Promise<void>[] = [];
  server = await rawServer((socket) => {
    const hear = async (end: string): Promise<string> => {
      const text = await readUntil(socket, end);
      heard += text;
      return text;
    };
    scripts.push(script(socket, hear).catch(() => {}));
  });
  const error = await connect({
    jid: `juliet@${DOMAIN}`,
    password: PASSWORD,
    host: '127.0.0.1',
    port: server.port,
    tls: { ca: authority.cert },
    ...more,
  }).then(
    () => new Error('it connected'),
    (reason: unknown) => reason,
  );
  for (const socket of server.sockets) socket.resume();
  await Promise.all(scripts);
  expect(error).toBeInstanceOf(XmppConnectError);
  // Asserted in the line above.
  return { error: error as XmppConnectError, heard };
}

/** Goes with STARTTLS up to and with `<proceed/>`, and does the handshake. */
async function upgrade(socket: Socket, hear: (end: string) => Promise<string>) {
  await hear('>');
  socket.write(HEADER + STARTTLS);
  await hear('<starttls');
  socket.write(PROCEED);
  const secured = await new ServerTls({ certificates: { [DOMAIN]: leaf } }, 'client').secure(socket, DOMAIN);
  await readUntil(secured, 'version=');
  return secured;
}

describe('[S5] bytes injected before TLS', () => {
  it.each([
    ['a success', SUCCESS],
    ['a space', ' '],
    ['features', HEADER + STARTTLS],
  ])('in one piece with <proceed/>: %s', async (_, injected) => {
    const { error, heard } = await against(async (socket, hear) => {
      await hear('>');
      socket.write(HEADER + STARTTLS);
      await hear('<starttls');
      socket.write(PROCEED + injected);
      await hear('</never>');
    });
    expect(error).toMatchObject({ code: 'tls-unexpected-bytes', step: 'tls' });
    expect(error.message).toMatch(/somebody on the way interferes/);
    expect(heard).not.toContain('<auth');
  });

  it('behind <proceed/>, where TLS should be', async () => {
    const { error } = await against(async (socket, hear) => {
      await hear('>');
      socket.write(HEADER + STARTTLS);
      await hear('<starttls');
      socket.write(PROCEED);
      // The ClientHello has come; an answer in clear is no TLS.
      await new Promise((resolve) => socket.once('data', resolve).resume());
      socket.write(SUCCESS);
    });
    expect(error).toMatchObject({ step: 'tls', code: 'tls-handshake-failed' });
  });

  it('nothing that was learned before TLS survives it', async () => {
    const { error } = await against(async (socket, hear) => {
      await hear('>');
      // Mechanisms in clear text, which are not to be remembered.
      socket.write(
        `${HEADER}<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>${PLAIN}</stream:features>`,
      );
      await hear('<starttls');
      socket.write(PROCEED);
      const secured = await new ServerTls({ certificates: { [DOMAIN]: leaf } }, 'client').secure(socket, DOMAIN);
      await readUntil(secured, 'version=');
      secured.end(`${HEADER}<stream:features/>`);
    });
    expect(error).toMatchObject({ code: 'sasl-no-mechanism' });
  });
});

describe('[S6] STARTTLS that was taken out', () => {
  it('is tried all the same, and nothing secret is said when it fails', async () => {
    const { error, heard } = await against(async (socket, hear) => {
      await hear('>');
      socket.write(`${HEADER}<stream:features>${PLAIN}</stream:features>`);
      await hear('<starttls');
      socket.end(`${FAILURE}</stream:stream>`);
    });
    expect(error).toMatchObject({ code: 'tls-not-offered', step: 'tls' });
    expect(error.message).toMatch(/nothing secret was sent/);
    expect(heard).not.toContain('<auth');
    expect(heard).not.toContain('juliet');
  });

  it('is not offered either where the server takes it for something it does not know', async () => {
    const { error, heard } = await against(async (socket, hear) => {
      await hear('>');
      socket.write(`${HEADER}<stream:features>${PLAIN}</stream:features>`);
      await hear('<starttls');
      socket.end(
        "<stream:error><unsupported-stanza-type xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
      );
    });
    expect(error).toMatchObject({ code: 'tls-not-offered', step: 'tls' });
    expect(heard).not.toContain('<auth');
  });

  it('a success that nobody asked for is no way around it', async () => {
    const { error, heard } = await against(async (socket, hear) => {
      await hear('>');
      socket.write(`${HEADER}<stream:features/>${SUCCESS}`);
      await hear('</never>');
    });
    expect(error.step).toMatch(/tls|stream/);
    expect(heard).not.toContain('<auth');
  });
});

describe('[S7] redirections', () => {
  const seeOther = (host: string) =>
    `${HEADER}<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>${host}</see-other-host></stream:error></stream:stream>`;

  const redirectingTo = (host: () => string) => async (socket: Socket, hear: (end: string) => Promise<string>) => {
    await hear('>');
    socket.end(seeOther(host()));
  };

  it('[R4.9.3.19-2] [R4.9.3.19-4] [R4.9.3.19-5] are followed, and the domain that was asked for is verified at their end', async () => {
    const world = await makeWorld({ authority });
    const first = await rawServer((socket) => {
      void readUntil(socket, '>').then(() => socket.end(seeOther(`127.0.0.1:${world.ports.starttls}`)));
    });
    const connection = await connect({ ...world.options('starttls'), port: first.port });
    expect(connection.remote.port).toBe(world.ports.starttls);
    expect(connection.redirectsFollowed).toBe(1);
    await connection.close();
    await first.close();
    await world.close();
  });

  it('do not make their target the name that a certificate is for', async () => {
    const certificate = await authority.issue(dnsNames('localhost', 'other.example.com'));
    const world = await makeWorld({ authority, certificate });
    const { error } = await against(redirectingTo(() => `localhost:${world.ports.starttls}`));
    expect(error).toMatchObject({ code: 'tls-certificate-name' });
    await world.close();
  });

  it('[R4.9.3.19-7] come to an end', async () => {
    const { error } = await against(
      redirectingTo(() => `127.0.0.1:${server?.port ?? 0}`),
      { maxRedirects: 2 },
    );
    expect(error).toMatchObject({ code: 'stream-redirected' });
    expect(server?.sockets).toHaveLength(3);
  });

  it('are not followed when they point nowhere', async () => {
    const { error } = await against(redirectingTo(() => 'not a host'));
    expect(error).toMatchObject({ code: 'stream-redirected' });
    expect(error.message).toMatch(/no host and port/);
  });
});

describe('a connection that is cut', () => {
  it.each<[string, (socket: Socket, hear: (end: string) => Promise<string>) => Promise<void>, object]>([
    ['at once', async (socket) => void socket.destroy(), { code: 'stream-cut', step: 'stream' }],
    [
      'behind the header',
      async (socket, hear) => {
        await hear('>');
        socket.end(HEADER);
      },
      { code: 'stream-cut' },
    ],
    [
      'instead of <proceed/>',
      async (socket, hear) => {
        await hear('>');
        socket.write(HEADER + STARTTLS);
        await hear('<starttls');
        socket.destroy();
      },
      { code: 'tls-cut', step: 'tls' },
    ],
    [
      'in the handshake',
      async (socket, hear) => {
        await hear('>');
        socket.write(HEADER + STARTTLS);
        await hear('<starttls');
        socket.write(PROCEED);
        await new Promise((resolve) => socket.once('data', resolve).resume());
        socket.destroy();
      },
      { code: 'tls-cut', step: 'tls' },
    ],
    [
      'behind the handshake',
      async (socket, hear) => {
        (await upgrade(socket, hear)).destroy();
      },
      { code: 'stream-cut' },
    ],
    [
      'in the authentication',
      async (socket, hear) => {
        const secured = await upgrade(socket, hear);
        secured.write(`${HEADER}<stream:features>${PLAIN}</stream:features>`);
        await readUntil(secured, '</auth>');
        secured.destroy();
      },
      { code: 'sasl-cut', step: 'sasl' },
    ],
    [
      'before binding',
      async (socket, hear) => {
        const secured = await upgrade(socket, hear);
        secured.write(`${HEADER}<stream:features>${PLAIN}</stream:features>`);
        await readUntil(secured, '</auth>');
        secured.write(SUCCESS);
        await readUntil(secured, 'version=');
        secured.write(`${HEADER}<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>`);
        await readUntil(secured, '</iq>');
        secured.destroy();
      },
      { code: 'bind-cut', step: 'bind' },
    ],
  ])('%s', async (_, script, expected) => {
    const { error } = await against(script);
    expect(error).toMatchObject(expected);
    expect(error.message).toContain(DOMAIN);
  });
});

describe('[S15] a server that has nothing newer than TLS 1.1', () => {
  const secure = (socket: Socket) =>
    new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext({ ...leaf, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: OLD }),
    }).on('error', () => {});

  it.each<[string, Partial<ConnectOptions>, (socket: Socket, hear: (end: string) => Promise<string>) => Promise<void>]>(
    [
      [
        'by STARTTLS',
        {},
        async (socket, hear) => {
          await hear('>');
          socket.write(HEADER + STARTTLS);
          await hear('<starttls');
          socket.write(PROCEED);
          secure(socket);
        },
      ],
      ['by direct TLS', { directTls: 'only' }, async (socket) => void secure(socket)],
    ],
  )('is refused, %s', async (_, options, script) => {
    const { error } = await against(script, options);
    expect(error).toMatchObject({ code: 'tls-version', step: 'tls' });
    expect(error.message).toMatch(/TLS 1\.2/);
  });
});

describe('a server that falls silent', () => {
  it.each<[string, (socket: Socket, hear: (end: string) => Promise<string>) => Promise<void>, object, number]>([
    [
      'instead of <proceed/>',
      async (socket, hear) => {
        await hear('>');
        socket.write(HEADER + STARTTLS);
        await hear('</never>');
      },
      { code: 'tls-timed-out' },
      100,
    ],
    [
      'in the handshake',
      async (socket, hear) => {
        await hear('>');
        socket.write(HEADER + STARTTLS);
        await hear('<starttls');
        socket.write(PROCEED);
        await hear('</never>');
      },
      { code: 'tls-timed-out' },
      100,
    ],
    [
      'in the authentication',
      async (socket, hear) => {
        const secured = await upgrade(socket, hear);
        secured.write(`${HEADER}<stream:features>${PLAIN}</stream:features>`);
        await readUntil(secured, '</never>');
      },
      { code: 'sasl-timed-out' },
      // The handshake of TLS has to be over by then.
      1000,
    ],
  ])('%s', async (_, script, expected, negotiation) => {
    const { error } = await against(script, { timeouts: { negotiation, lingering: 10 } });
    expect(error).toMatchObject(expected);
  });
});
