// profanity in a terminal. It logs every stanza, which tells more than its screen.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runToEnd } from '../lib/child.mjs';
import { packageVersion } from '../lib/install.mjs';
import { StepRecorder } from '../lib/steps.mjs';
import { Terminal } from '../lib/terminal.mjs';
import { until } from '../lib/wait.mjs';

const STEP_MS = 8000;

/** @type {import('../lib/steps.mjs').ClientProgram} */
export const profanity = {
  name: 'profanity',
  packages: ['profanity', 'tmux', 'openssl'],
  steps: ['login', 'roster', 'presence', 'self-bare', 'self-full', 'peer', 'ping', 'every-iq', 'close'],
  mechanisms: [],
  notes: ['Is libstrophe underneath; takes a folder of authorities, named by their hashes.'],
  directTls: true,
  refusal: /verification failed/i,
  version: () => packageVersion('profanity'),
  run,
};

/** @param {import('../lib/steps.mjs').Settings} settings @returns {Promise<import('../lib/steps.mjs').Outcome>} */
async function run(settings) {
  const { folder } = settings;
  const [bare = '', resource = 'profanity'] = settings.jid.split('/');
  writeConfiguration(settings, bare, resource);
  const logFile = path.join(folder, 'profanity.log');
  const log = () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const terminal = new Terminal(`profanity -l DEBUG -f ${logFile}`, {
    cwd: folder,
    env: { HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'data') },
  });
  const recorder = new StepRecorder();
  /** @param {string} what @param {RegExp} wanted */
  const logged = (what, wanted) => until(`${what} in the log`, STEP_MS, () => wanted.exec(log()) ?? undefined);
  try {
    await terminal.shows('the console', STEP_MS, /Logging to:|Profanity/);
    const loggedIn = await recorder.attempt('login', async () => {
      terminal.type('/connect interop');
      const [seen] = await terminal.shows(
        'the login',
        15_000,
        /logged in successfully|Login failed|Unable to connect|Connection failed|Lost connection|Disconnected|verification failed/i,
      );
      if (seen !== 'logged in successfully')
        throw new Error(`${seen}${/<not-authorized/.test(log()) ? ': not-authorized' : ''}`);
      const mechanism = /SENT: <auth mechanism="([^"]+)"/.exec(log())?.[1] ?? 'no SASL mechanism';
      return `${mechanism} ${/RECV: <enabled[^>]*urn:xmpp:sm:3/.test(log()) ? 'with' : 'without'} stream management`;
    });
    if (loggedIn && !settings.loginOnly) await session();
    if (loggedIn) {
      await recorder.attempt('close', async () => {
        terminal.type('/disconnect');
        await logged('the closing tag', /RECV: <\/stream:stream>/);
        return 'closing tag received';
      });
    }
    terminal.type('/quit');
  } finally {
    terminal.close();
  }
  return { steps: recorder.steps, log: log() };

  async function session() {
    const self = `${bare}/${resource}`;
    await recorder.attempt('roster', async () => {
      await logged(
        'the roster',
        /RECV: <iq[^>]* id="roster"[^>]*type="result"|RECV: <iq[^>]*type="result"[^>]* id="roster"/,
      );
      return 'result';
    });
    await recorder.attempt('presence', async () => {
      await logged('the own presence', new RegExp(`RECV: <presence[^>]*from="${escape(self)}"`));
      return 'came back';
    });
    for (const [step, to, text] of /** @type {const} */ ([
      ['self-bare', bare, 'to my bare JID'],
      ['self-full', self, 'to my full JID'],
    ])) {
      await recorder.attempt(step, async () => {
        terminal.type(`/msg ${to} ${text}`);
        await logged('the message', new RegExp(`RECV: <message[^>]*from="${escape(self)}"[^>]*><body>${text}</body>`));
        return 'came back';
      });
    }
    const { peer } = settings;
    if (peer !== undefined) {
      await recorder.attempt('peer', async () => {
        terminal.type(`/msg ${peer.split('/')[0]} hello from profanity`);
        await terminal.shows('the answer', STEP_MS, /echo: hello from profanity/);
        return `from ${/RECV: <message[^>]*from="([^"]+)"[^>]*><body>echo: /.exec(log())?.[1]}`;
      });
    }
    await recorder.attempt('ping', async () => {
      terminal.type('/ping');
      const [, id = ''] = await logged('the ping', /SENT: <iq\b[^>]*? id="([^"]+)"[^>]*><ping /);
      const [, type = ''] = await logged('an answer to the ping', answerTo(id));
      return type;
    });
    await recorder.attempt('every-iq', async () => {
      const sent = [...log().matchAll(/SENT: <iq\b[^>]*? id="([^"]+)"/g)].map((match) => match[1] ?? '');
      const open = () => sent.filter((id) => !answerTo(id).test(log()));
      await until(`answers to ${open().join(', ')}`, STEP_MS, () => open().length === 0);
      return `${sent.length} answered`;
    });
  }
}

/** @param {import('../lib/steps.mjs').Settings} settings @param {string} bare @param {string} resource */
function writeConfiguration(settings, bare, resource) {
  const { folder } = settings;
  const authorities = path.join(folder, 'authorities');
  for (const each of ['config/profanity', 'data/profanity', 'authorities']) {
    mkdirSync(path.join(folder, each), { recursive: true });
  }
  // libstrophe takes a folder of certificates, named by their hashes.
  writeFileSync(path.join(authorities, 'interop.pem'), readFileSync(settings.caFile));
  runToEnd('openssl', ['rehash', authorities]);
  writeFileSync(
    path.join(folder, 'config', 'profanity', 'profrc'),
    `[connection]\ntls.certpath=${authorities}\n[ui]\nsplash=false\n`,
  );
  const account = {
    enabled: 'true',
    jid: bare,
    server: '127.0.0.1',
    port: settings.port,
    resource,
    'tls.policy': settings.direct ? 'legacy' : 'force',
    password: settings.password,
    'presence.login': 'online',
  };
  const lines = Object.entries(account).map(([key, value]) => `${key}=${value}`);
  writeFileSync(path.join(folder, 'data', 'profanity', 'accounts'), `[interop]\n${lines.join('\n')}\n`);
}

/** @param {string} id */
const answerTo = (id) => new RegExp(`RECV: <iq\\b(?=[^>]* id="${escape(id)}")[^>]* type="(result|error)"`);

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
