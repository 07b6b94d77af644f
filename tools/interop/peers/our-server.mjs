// Our server, in this process, with every stanza of every client in its log.
import { jid } from '@xmpp-wire/core';
import { createServer, MemoryAccounts } from '@xmpp-wire/server';
import { randomBytes } from 'node:crypto';
import { startEcho } from '../lib/client.mjs';
import { DOMAIN, PASSWORD } from '../lib/world.mjs';

const ANOTHER_NAME = 'another-name.localhost';
const EXPIRED = 'expired.localhost';
const ACCOUNTS = ['alice', 'bob', 'carol'];

/** @type {import('../suites/program-suite.mjs').Target} */
export const ourServer = {
  name: 'our server',
  packages: [],
  mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'SCRAM-SHA-1-PLUS'],
  start: async (world) => {
    const server = await startOurServer(world, { accounts: ACCOUNTS });
    const echo = await startEcho({
      jid: `bob@${DOMAIN}/echo`,
      port: server.good.port,
      directTls: 'never',
      tls: { ca: world.authority.ca },
    });
    return {
      ...server,
      peer: echo.jid.toString(),
      stop: async () => {
        await echo.close();
        await server.stop();
      },
    };
  },
};

/**
 * @param {import('../lib/world.mjs').World} world
 * @param {{ accounts: readonly string[] } & Pick<import('@xmpp-wire/server').ServerOptions, 'limits'>} options
 */
export async function startOurServer(world, { accounts: names, ...options }) {
  /** @type {string[]} */
  const log = [];
  const accounts = new MemoryAccounts({ random: (length) => new Uint8Array(randomBytes(length)), iterations: 4096 });
  // The other two domains are there for their certificates only: nobody gets as far as an account.
  for (const account of names) await accounts.add(jid(`${account}@${DOMAIN}`), PASSWORD);
  const [good, anotherName, expired] = await Promise.all([
    world.certificateFor(DOMAIN),
    world.ofAnotherName(),
    world.expired(EXPIRED),
  ]);
  /** @param {import('../lib/world.mjs').Leaf} leaf */
  const certificate = ({ certificate: cert, key }) => ({ cert, key });
  const server = createServer({
    domains: [DOMAIN, ANOTHER_NAME, EXPIRED],
    accounts,
    certificate: {
      [DOMAIN]: certificate(good),
      [ANOTHER_NAME]: certificate(anotherName),
      [EXPIRED]: certificate(expired),
    },
    ports: { starttls: 0, directTls: 0 },
    webSocket: { port: 0, protection: 'none' },
    ...options,
    onTrace: ({ direction, phase, xml }, { id }) =>
      log.push(`client ${id} ${direction === 'in' ? '->' : '<-'} [${phase}] ${xml}`),
    onFailure: ({ peer, cause, error }) =>
      log.push(`client ${peer.id} came to nothing: ${cause?.code ?? 'no stream'} ${error?.message ?? ''}`),
    onError: (error) => log.push(`error: ${error instanceof Error ? error.stack : String(error)}`),
  });
  await server.start();
  const [starttls, direct] = server.addresses;
  if (starttls === undefined || direct === undefined) throw new Error('it does not listen on two ports');
  /** @param {string} domain */
  const endpoint = (domain) => ({ domain, port: starttls.port, directPort: direct.port });
  return {
    good: endpoint(DOMAIN),
    anotherName: endpoint(ANOTHER_NAME),
    expired: endpoint(EXPIRED),
    webSocket: { url: server.webSocket?.url ?? '', domain: DOMAIN },
    log: () => log.join('\n'),
    stop: () => server.stop(2000),
  };
}
