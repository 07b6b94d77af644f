// Prosody from Debian's package, with a configuration of this run alone, in the foreground.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Child } from '../lib/child.mjs';
import { answers, freePorts } from '../lib/wait.mjs';
import { DOMAIN, PASSWORD } from '../lib/world.mjs';

export const packages = ['prosody', 'prosody-modules', 'lua-sec', 'lua-event'];
const PLUGINS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'peers', 'prosody-plugins');

/** Each virtual host is one way a server can be. */
export const HOSTS = /** @type {const} */ ({
  /** TLS required, accounts with every mechanism Prosody knows. */
  good: DOMAIN,
  expired: 'expired.localhost',
  anotherName: 'another-name.localhost',
  untrusted: 'untrusted.localhost',
  /** TLS 1.2 at most: only there has Prosody 0.12 a channel binding. */
  tls12: 'tls12.localhost',
  /** Stores SCRAM-SHA-256 keys. */
  hashed: 'hashed.localhost',
  anonymous: 'anonymous.localhost',
  /** Knows its users by their certificates. */
  external: 'external.localhost',
  /** Has no TLS at all. */
  clear: 'clear.localhost',
  /** Refuses a resource that is taken instead of ending the older session. */
  strict: 'strict.localhost',
  /** Sends everybody away to the other port, once the stream is encrypted. */
  moved: 'moved.localhost',
});

/**
 * @param {import('../lib/world.mjs').World} world
 * @param {{ accounts: readonly string[], folder?: string }} options a folder of its own for each start of one run
 */
export async function startProsody(world, { accounts, folder: name = 'prosody' }) {
  const folder = world.makeFolder(name);
  const [port = 0, otherPort = 0, directPort = 0, httpPort = 0] = await freePorts(4);
  /** @type {Record<string, import('../lib/world.mjs').Leaf>} */
  const certificates = {
    [HOSTS.good]: await world.certificateFor(HOSTS.good),
    [HOSTS.expired]: await world.expired(HOSTS.expired),
    [HOSTS.anotherName]: await world.ofAnotherName(),
    [HOSTS.untrusted]: await world.ofAnotherAuthority(HOSTS.untrusted),
    [HOSTS.tls12]: await world.certificateFor(HOSTS.tls12),
    [HOSTS.hashed]: await world.certificateFor(HOSTS.hashed),
    [HOSTS.anonymous]: await world.certificateFor(HOSTS.anonymous),
    [HOSTS.external]: await world.certificateFor(HOSTS.external),
    [HOSTS.strict]: await world.certificateFor(HOSTS.strict),
    [HOSTS.moved]: await world.certificateFor(HOSTS.moved),
  };
  /** @param {string} domain */
  const tls = (domain) => {
    const leaf = certificates[domain];
    if (leaf === undefined) throw new Error(`no certificate was made for ${domain}`);
    return `certificate = ${lua(leaf.certificateFile)}, key = ${lua(leaf.keyFile)}`;
  };
  const alice = await world.authority.leaf('alice', { subject: `E=alice@${HOSTS.external}` });
  const withTls = Object.keys(certificates).filter((host) => host !== HOSTS.tls12 && host !== HOSTS.external);
  const config = [
    'daemonize = false',
    `run_as_root = ${process.getuid?.() === 0}`,
    `pidfile = ${lua(path.join(folder, 'prosody.pid'))}`,
    `data_path = ${lua(path.join(folder, 'data'))}`,
    // Prosody indexes this folder recursively and picks by name; the hosts below name their files themselves.
    `certificates = ${lua(world.makeFolder(path.join(name, 'certificates')))}`,
    `plugin_paths = { ${lua(PLUGINS)} }`,
    'log = { debug = "*stdout" }',
    'interfaces = { "127.0.0.1" }',
    `c2s_ports = { ${port}, ${otherPort} }`,
    `c2s_direct_tls_ports = { ${directPort} }`,
    `c2s_direct_tls_ssl = { ${tls(HOSTS.good)} }`,
    's2s_ports = { }',
    `http_ports = { ${httpPort} }`,
    'http_interfaces = { "127.0.0.1" }',
    `http_default_host = ${lua(HOSTS.good)}`,
    'consider_websocket_secure = true',
    'https_ports = { }',
    'c2s_require_encryption = true',
    'allow_unencrypted_plain_auth = false',
    'authentication = "internal_plain"',
    'limits = { }',
    // With its own event loop Prosody 0.12.3 now and then shuts down before it has written its last words: the stream
    // error is lost. Over libevent it does not.
    'network_backend = "event"',
    'modules_enabled = { "roster", "saslauth", "tls", "disco", "ping", "smacks", "private", "blocklist", "carbons", "websocket" }',
    'modules_disabled = { "s2s", "s2s_bidi" }',
    ...withTls.flatMap((host) => [`VirtualHost ${lua(host)}`, `  ssl = { ${tls(host)} }`, ...extras(host, otherPort)]),
    `VirtualHost ${lua(HOSTS.tls12)}`,
    `  ssl = { ${tls(HOSTS.tls12)}, protocol = "tlsv1_2" }`,
    `VirtualHost ${lua(HOSTS.external)}`,
    `  ssl = { ${tls(HOSTS.external)}, verify = { "peer" }, cafile = ${lua(world.authority.caFile)} }`,
    '  authentication = "ccert"',
    '  certificate_match = "email"',
    `VirtualHost ${lua(HOSTS.clear)}`,
    '  modules_disabled = { "tls" }',
    '  c2s_require_encryption = false',
  ];
  const configFile = path.join(folder, 'prosody.cfg.lua');
  writeFileSync(configFile, `${config.join('\n')}\n`);
  for (const host of Object.values(HOSTS)) for (const account of accounts) writeAccount(folder, host, account);

  const child = new Child('prosody', 'prosody', ['--config', configFile, '-F'], { cwd: folder });
  for (const each of [port, otherPort, directPort, httpPort]) {
    await child.until(`prosody on port ${each}`, 15_000, () => answers(each));
  }
  const certificateOfAlice = { cert: alice.certificate, key: alice.key };
  const webSocket = { url: `ws://127.0.0.1:${httpPort}/xmpp-websocket`, domain: HOSTS.good };
  return {
    child,
    port,
    otherPort,
    directPort,
    webSocket,
    certificateOfAlice,
    log: () => child.log,
    stop: () => child.stop(),
  };
}

/** @param {string} host @param {number} otherPort */
function extras(host, otherPort) {
  switch (host) {
    case HOSTS.hashed:
      return ['  authentication = "internal_hashed"', '  password_hash = "SHA-256"'];
    case HOSTS.anonymous:
      return ['  authentication = "anonymous"'];
    case HOSTS.strict:
      return ['  conflict_resolve = "kick_new"'];
    case HOSTS.moved:
      return ['  modules_enabled = { "interop_redirect" }', `  interop_redirect_port = ${otherPort}`];
    default:
      return [];
  }
}

// Prosody turns a stored password into keys by itself at the first login of a host that stores keys.
/** @param {string} folder @param {string} host @param {string} account */
function writeAccount(folder, host, account) {
  const encoded = host.replace(/[^a-z0-9]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  const accounts = path.join(folder, 'data', encoded, 'accounts');
  mkdirSync(accounts, { recursive: true });
  writeFileSync(path.join(accounts, `${account}.dat`), `return { ["password"] = ${lua(PASSWORD)} };\n`);
}

/** @param {string} text */
const lua = (text) => JSON.stringify(text);
