// Prosody in the place of our server: what a client program does against it shows that the program and the cases are
// right before a difference is held against our server.
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.mjs';
import { PASSWORD } from '../lib/world.mjs';
import { HOSTS, packages, startProsody } from './prosody.mjs';

const ECHO = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'probes', 'xmpp-js-echo.mjs');

/** @type {import('../suites/program-suite.mjs').Target} */
export const reference = {
  name: 'Prosody',
  packages,
  mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS'],
  start: async (world) => {
    const prosody = await startProsody(world, { accounts: ['alice', 'bob', 'carol'] });
    /** @param {string} domain */
    const endpoint = (domain) => ({ domain, port: prosody.port, directPort: prosody.directPort });
    const echo = await startEcho(world, prosody.port);
    return {
      good: endpoint(HOSTS.good),
      anotherName: endpoint(HOSTS.anotherName),
      expired: endpoint(HOSTS.expired),
      peer: `bob@${HOSTS.good}/echo`,
      log: prosody.log,
      stop: async () => {
        await echo.stop();
        await prosody.stop();
      },
    };
  },
};

/** @param {import('../lib/world.mjs').World} world @param {number} port */
async function startEcho(world, port) {
  const echo = new Child('echo', process.execPath, [ECHO], {
    cwd: world.makeFolder('echo'),
    env: {
      XW_HOST: '127.0.0.1',
      XW_PORT: String(port),
      XW_JID: `bob@${HOSTS.good}/echo`,
      XW_PASSWORD: PASSWORD,
      NODE_EXTRA_CA_CERTS: world.authority.caFile,
    },
  });
  await echo.until('the echo to be ready', 15_000, () => echo.lines.includes('ready'));
  return echo;
}
