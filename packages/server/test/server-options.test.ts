import { describe, expect, it } from 'vitest';
import { jid } from '@xmpp-wire/core';
import { checkCertificate, createServer, makeSelfSignedCertificate, MemoryAccounts } from '../src/index.ts';
import { accounts } from './support/world.ts';

const right = { domains: ['im.example.com'], accounts };

describe('what createServer() is not made with', () => {
  it.each([
    [undefined, 'createServer() takes an object, not undefined'],
    [{ mechanism: ['PLAIN'] }, "createServer() has no option 'mechanism'; there are domains, accounts, host,"],
    [{ port: 5222 }, "createServer() has no option 'port'"],
    [{ ports: 5222 }, "'ports' of createServer() is an object, not 5222"],
    [{ ports: { startTls: 0 } }, "'ports' has no option 'startTls'; there are starttls, directTls"],
    [{ ports: { starttls: 70_000 } }, "'starttls' of 'ports' is a number from 0 to 65535, or false, not 70000"],
    [{ certificate: 'server.pem' }, "'certificate' of createServer() is an object"],
    [{ clientCertificates: true }, "'clientCertificates' of createServer() is an object, not true"],
    [{ clientCertificates: { cas: '' } }, "'clientCertificates' has no option 'cas'"],
    [{ mechanisms: 'PLAIN' }, '\'mechanisms\' of createServer() is an array, not "PLAIN"'],
    [{ resourceConflict: 'kick' }, "'resourceConflict' of createServer() is 'assign' or 'refuse' or 'replace', not"],
    [{ limits: { stream: 5 } }, "'limits' has no option 'stream'; there are streams,"],
    [{ limits: { bufferedOutput: '1' } }, "'bufferedOutput' of 'limits' is a number of 0 or more, not \"1\""],
    [{ timeouts: { negotation: 5 } }, "'timeouts' has no option 'negotation'; there are negotiation,"],
    [{ hosts: { 'im.example.com': { mechanism: [] } } }, "'hosts' for im.example.com has no option 'mechanism'"],
    [{ hooks: { onAdmit: () => 'admit' } }, "'hooks' has no option 'onAdmit'; there are acceptStream,"],
    [{ hooks: { admit: true } }, "'admit' of 'hooks' is a function, not true"],
    [{ webSocket: true }, "'webSocket' of createServer() is an object, not true"],
    [{ webSocket: { port: 0 } }, "'webSocket' needs 'protection'"],
    [{ webSocket: { port: undefined, protection: 'none' } }, "'webSocket' needs 'port'"],
    [
      { webSocket: { port: 0, protection: 'tls' } },
      "'protection' of 'webSocket' is 'certificate' or 'proxy' or 'none'",
    ],
  ])('%o', (options, message) => {
    // What programs without types pass.
    const make = (): unknown => createServer((options === undefined ? undefined : { ...right, ...options }) as never);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

it.each([
  [{ limits: { xml: { stanza: 5 } } }, 'config.limits.stanza: expected one of depth,'],
  [{ limits: { unauthenticatedXml: { depth: 0 } } }, 'config.unauthenticatedLimits.depth'],
  [{ timeouts: { negotiation: -5 } }, 'config.timeouts.negotiation: expected a number above 0, came -5'],
])('%o shows when the server is made', (options, message) => {
  expect(() => createServer({ ...right, ...options } as never)).toThrow(message);
});

it('a certificate without its key cannot be used', async () => {
  const { cert } = await makeSelfSignedCertificate(['im.example.com']);
  expect(() => checkCertificate({ cert } as never)).toThrow("the certificate cannot be used: 'key' is missing");
});

it('accounts in memory need nothing to begin with', async () => {
  const own = new MemoryAccounts();
  await own.add(jid('juliet@im.example.com'), 'R0m30');
  expect(own.exists(jid('juliet@im.example.com'))).toBe(true);
});
