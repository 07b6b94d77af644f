// ejabberd from Debian's package, with a configuration of this run alone: one Erlang machine in the foreground, not
// part of a cluster, so that it needs neither a name service nor a port for Erlang itself.
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Child } from '../lib/child.mjs';
import { answers, freePorts, within } from '../lib/wait.mjs';
import { DOMAIN, PASSWORD } from '../lib/world.mjs';

export const packages = ['ejabberd'];

/** Each virtual host is one way a server can be. */
export const HOSTS = /** @type {const} */ ({
  good: DOMAIN,
  expired: 'expired.localhost',
  untrusted: 'untrusted.localhost',
  anonymous: 'anonymous.localhost',
  /** Refuses a resource that is taken instead of ending the older session. */
  strict: 'strict.localhost',
});

/**
 * @param {import('../lib/world.mjs').World} world
 * @param {{ accounts: readonly string[], folder?: string }} options a folder of its own for each start of one run
 */
export async function startEjabberd(world, { accounts, folder: name = 'ejabberd' }) {
  const folder = world.makeFolder(name);
  const [port = 0, directPort = 0, tls12Port = 0, clearPort = 0, httpPort = 0] = await freePorts(5);
  const leaves = [
    await world.certificateFor(HOSTS.good),
    await world.expired(HOSTS.expired),
    await world.ofAnotherAuthority(HOSTS.untrusted),
    await world.certificateFor(HOSTS.anonymous),
    await world.certificateFor(HOSTS.strict),
  ];
  /** @param {number} each @param {Record<string, unknown>} more */
  const listener = (each, more) => ({ port: each, ip: '127.0.0.1', module: 'ejabberd_c2s', ...more });
  // JSON is YAML.
  const config = {
    hosts: Object.values(HOSTS),
    loglevel: 'debug',
    certfiles: leaves.flatMap((leaf) => [leaf.certificateFile, leaf.keyFile]),
    ca_file: world.authority.caFile,
    auth_method: 'internal',
    auth_password_format: 'plain',
    listen: [
      listener(port, { starttls_required: true }),
      listener(directPort, { tls: true }),
      listener(tls12Port, { starttls_required: true, protocol_options: ['no_sslv3', 'no_tlsv1_3'] }),
      listener(clearPort, { starttls: false }),
      listener(httpPort, { module: 'ejabberd_http', request_handlers: { '/ws': 'ejabberd_http_ws' } }),
    ],
    host_config: {
      [HOSTS.anonymous]: {
        auth_method: 'anonymous',
        anonymous_protocol: 'sasl_anon',
        disable_sasl_mechanisms: ['PLAIN'],
      },
      [HOSTS.strict]: { resource_conflict: 'closenew' },
    },
    modules: {
      mod_roster: {},
      mod_disco: {},
      mod_ping: {},
      mod_private: {},
      mod_privacy: {},
      mod_blocking: {},
      mod_carboncopy: {},
      mod_stream_mgmt: { resume_timeout: 10 },
    },
  };
  const configFile = path.join(folder, 'ejabberd.yml');
  writeFileSync(configFile, JSON.stringify(config, undefined, 2));
  const inetFile = path.join(folder, 'inetrc');
  writeFileSync(inetFile, '{lookup, [file]}.\n{host, {127,0,0,1}, ["localhost"]}.\n');
  const logFile = path.join(folder, 'ejabberd.log');

  const registrations = Object.values(HOSTS)
    .filter((host) => host !== HOSTS.anonymous)
    .flatMap((host) => accounts.map((account) => registration(account, host)));
  const child = new Child(
    'ejabberd',
    'erl',
    [
      '-noshell',
      '-mnesia',
      'dir',
      JSON.stringify(path.join(folder, 'spool')),
      '-s',
      'ejabberd',
      '-eval',
      `${registrations.join(', ')}, io:format("accounts registered~n"), ${WAIT_FOR_STOP}.`,
    ],
    {
      cwd: folder,
      env: {
        HOME: folder,
        ERL_LIBS: librariesOfErlang(),
        ERL_INETRC: inetFile,
        ERL_CRASH_DUMP: path.join(folder, 'crash.dump'),
        EJABBERD_CONFIG_PATH: configFile,
        EJABBERD_LOG_PATH: logFile,
        EJABBERD_PID_PATH: path.join(folder, 'ejabberd.pid'),
      },
    },
  );
  const log = () => `${child.log}\n${existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''}`;
  try {
    await child.until('ejabberd to register accounts', 40_000, () => child.log.includes('accounts registered'));
    for (const each of [port, directPort, tls12Port, clearPort, httpPort]) {
      await child.until(`ejabberd on port ${each}`, 5000, () => answers(each));
    }
  } catch (error) {
    throw new Error(`ejabberd did not start: ${log().slice(-3000)}`, { cause: error });
  }
  const shutDown = async () => {
    child.write('stop\n');
    await within('ejabberd to shut down', 10_000, child.exited);
  };
  const webSocket = { url: `ws://127.0.0.1:${httpPort}/ws`, domain: HOSTS.good };
  return { port, directPort, tls12Port, clearPort, webSocket, log, shutDown, stop: () => child.stop(6000) };
}

// What `ejabberdctl stop` does: a signal alone ends it so fast that now and then a client is not told why.
const WAIT_FOR_STOP =
  'spawn(fun() -> case io:get_line("") of "stop\\n" -> ejabberd_admin:stop(); _ -> init:stop() end end)';

/** @param {string} account @param {string} host */
const registration = (account, host) =>
  `ok = ejabberd_auth:try_register(<<${JSON.stringify(account)}>>, <<${JSON.stringify(host)}>>, <<${JSON.stringify(PASSWORD)}>>)`;

// Debian puts ejabberd and its libraries into the folder of the architecture, where Erlang does not look by itself.
function librariesOfErlang() {
  const folders = readdirSync('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join('/usr/lib', name))
    .filter((folder) => readdirSync(folder).some((name) => name.startsWith('ejabberd-')));
  return folders.join(':');
}
