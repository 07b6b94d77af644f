// Servers of others with a WebSocket on loopback, each with a configuration of this run alone.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { PASSWORD } from './our-server.mjs';

/** @import { Place } from './our-server.mjs' */
/** @typedef {Omit<Place, 'friend'>} OtherServer */

const DOMAIN = 'localhost';

/** @type {readonly { name: string, start: () => Promise<OtherServer | undefined> }[]} */
export const webSocketServers = [
  { name: 'Prosody', start: startProsody },
  { name: 'ejabberd', start: startEjabberd },
];

/** @returns {Promise<OtherServer | undefined>} */
async function startProsody() {
  if (!isInstalled('prosody')) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'prosody-'));
  const [port, c2s] = [await freePort(), await freePort()];
  const accounts = path.join(folder, 'data', DOMAIN, 'accounts');
  mkdirSync(accounts, { recursive: true });
  writeFileSync(path.join(accounts, 'alice.dat'), `return { ["password"] = "${PASSWORD}" };\n`);
  const config = path.join(folder, 'prosody.cfg.lua');
  writeFileSync(
    config,
    [
      'daemonize = false',
      `run_as_root = ${process.getuid?.() === 0}`,
      `pidfile = "${folder}/prosody.pid"`,
      `data_path = "${folder}/data"`,
      `certificates = "${folder}"`,
      'log = { info = "*stdout" }',
      'interfaces = { "127.0.0.1" }',
      `c2s_ports = { ${c2s} }`,
      's2s_ports = { }',
      `http_ports = { ${port} }`,
      'https_ports = { }',
      'http_interfaces = { "127.0.0.1" }',
      'consider_websocket_secure = true',
      'authentication = "internal_plain"',
      'modules_enabled = { "roster", "saslauth", "disco", "ping", "websocket" }',
      'modules_disabled = { "s2s" }',
      `VirtualHost "${DOMAIN}"`,
    ].join('\n'),
  );
  return run('prosody', ['--config', config, '-F'], folder, port, '/xmpp-websocket');
}

/** @returns {Promise<OtherServer | undefined>} */
async function startEjabberd() {
  if (!isInstalled('ejabberdctl')) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), 'ejabberd-'));
  const port = await freePort();
  const config = path.join(folder, 'ejabberd.yml');
  const handlers = { '/ws': 'ejabberd_http_ws' };
  // JSON is YAML.
  writeFileSync(
    config,
    JSON.stringify({
      hosts: [DOMAIN],
      loglevel: 'warning',
      auth_method: 'internal',
      auth_password_format: 'plain',
      listen: [{ port, ip: '127.0.0.1', module: 'ejabberd_http', request_handlers: handlers }],
      modules: { mod_roster: {}, mod_disco: {}, mod_ping: {} },
    }),
  );
  const inet = path.join(folder, 'inetrc');
  writeFileSync(inet, '{lookup, [file]}.\n{host, {127,0,0,1}, ["localhost"]}.\n');
  const register = `ok = ejabberd_auth:try_register(<<"alice">>, <<"${DOMAIN}">>, <<"${PASSWORD}">>)`;
  const spool = JSON.stringify(path.join(folder, 'spool'));
  const args = ['-noshell', '-mnesia', 'dir', spool, '-s', 'ejabberd', '-eval', `${register}, io:format("ready~n").`];
  return run('erl', args, folder, port, '/ws', {
    until: 'ready',
    env: {
      HOME: folder,
      ERL_LIBS: librariesOfErlang(),
      ERL_INETRC: inet,
      ERL_CRASH_DUMP: path.join(folder, 'crash.dump'),
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: path.join(folder, 'ejabberd.log'),
      EJABBERD_PID_PATH: path.join(folder, 'ejabberd.pid'),
    },
  });
}

// Debian puts ejabberd and its libraries into the folder of the architecture, where Erlang does not look by itself.
function librariesOfErlang() {
  return readdirSync('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join('/usr/lib', name))
    .filter((folder) => readdirSync(folder).some((name) => name.startsWith('ejabberd-')))
    .join(':');
}

/**
 * @param {string} command @param {string[]} args @param {string} folder @param {number} port @param {string} at
 * @param {{ until?: string, env?: NodeJS.ProcessEnv }} [more] `until`: what it says when it is ready
 * @returns {Promise<OtherServer>}
 */
async function run(command, args, folder, port, at, { until = '', env = {} } = {}) {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += String(chunk)));
  const ended = new Promise((resolve) => child.once('close', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`${command} ended: ${log.slice(-500)}`);
    if (log.includes(until) && (await answers(port)))
      return { url: `ws://127.0.0.1:${port}${at}`, domain: DOMAIN, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${command} does not listen: ${log.slice(-500)}`);
}

/** @param {number} port @returns {Promise<boolean>} */
function answers(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** @param {string} command */
const isInstalled = (command) => spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;
