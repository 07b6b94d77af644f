// mcabber in a terminal. Its trace file has every stanza. It cannot be given an authority to trust: its checks of
// certificates are off, and no case asks for them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageVersion } from '../lib/install.mjs';
import { StepRecorder } from '../lib/steps.mjs';
import { Terminal } from '../lib/terminal.mjs';
import { until } from '../lib/wait.mjs';

const STEP_MS = 8000;

/** @type {import('../lib/steps.mjs').ClientProgram} */
export const mcabber = {
  name: 'mcabber',
  packages: ['mcabber', 'tmux'],
  steps: ['login', 'roster', 'presence', 'self-bare', 'self-full', 'peer', 'ping', 'every-iq', 'close'],
  mechanisms: [],
  notes: [
    'Knows PLAIN only, and cannot be given an authority: its checks of certificates are off.',
    'Puts attributes of its own on `<starttls/>` and `<auth/>`.',
  ],
  directTls: true,
  version: () => packageVersion('mcabber'),
  run,
};

/** @param {import('../lib/steps.mjs').Settings} settings @returns {Promise<import('../lib/steps.mjs').Outcome>} */
async function run(settings) {
  const { folder } = settings;
  const [bare = ''] = settings.jid.split('/');
  const domain = bare.split('@')[1] ?? bare;
  const traceFile = path.join(folder, 'mcabber.trace');
  const options = {
    jid: bare,
    password: settings.password,
    server: '127.0.0.1',
    port: settings.port,
    resource: 'mcabber',
    ...(settings.direct ? { ssl: 1 } : { tls: 1 }),
    ssl_ignore_checks: 1,
    tracelog_level: 3,
    tracelog_file: traceFile,
    logging: 0,
    load_logs: 0,
  };
  const file = path.join(folder, 'mcabberrc');
  const lines = Object.entries(options).map(([key, value]) => `set ${key} = ${value}`);
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const trace = () => (existsSync(traceFile) ? readFileSync(traceFile, 'utf8') : '');
  /** @param {string} what @param {RegExp} wanted @param {number} [ms] */
  const traced = (what, wanted, ms = STEP_MS) =>
    until(`${what} in the trace`, ms, () => wanted.exec(trace()) ?? undefined);

  const recorder = new StepRecorder();
  const terminal = new Terminal(`mcabber -f ${file}`, { cwd: folder, env: { HOME: folder } });
  try {
    const loggedIn = await recorder.attempt('login', async () => {
      const [seen] = await traced(
        'the login',
        /Connection established|Authentication failed|<not-authorized|[Ee]rror connecting|Disconnected/,
        15_000,
      );
      if (seen !== 'Connection established') throw new Error(seen.replace('<', ''));
      return /<auth [^>]*mechanism=["']([^"']+)["']/.exec(trace())?.[1] ?? 'no SASL mechanism';
    });
    if (loggedIn && !settings.loginOnly) await session();
    if (loggedIn) {
      await recorder.attempt('close', async () => {
        terminal.type('/disconnect');
        await traced('the end', /Disconnected\./);
        return 'own closing tag sent';
      });
    }
    terminal.type('/quit');
  } finally {
    terminal.close();
  }
  return { steps: recorder.steps, log: trace() };

  async function session() {
    // It adds something of its own to the resource it was given.
    const [, self = ''] = await traced('the own address', /<jid>([^<]+)<\/jid>/);
    await recorder.attempt('roster', async () => {
      const [, id = ''] = await traced(
        'the question for the roster',
        /<iq [^>]*id="([^"]+)"[^>]*><query xmlns="jabber:iq:roster"/,
      );
      await until('the roster', STEP_MS, () => answered(id));
      return 'answered';
    });
    await recorder.attempt('presence', async () => {
      await traced('the own presence', new RegExp(`<presence [^>]*from=["']${escape(self)}["']`));
      return 'came back';
    });
    for (const [step, to, text] of /** @type {const} */ ([
      ['self-bare', bare, 'to my bare JID'],
      ['self-full', self, 'to my full JID'],
    ])) {
      await recorder.attempt(step, async () => {
        terminal.type(`/say_to ${to} ${text}`);
        await traced('the message', new RegExp(`<message [^>]*from=["']${escape(self)}["'][^>]*><body>${text}</body>`));
        return 'came back';
      });
    }
    const { peer } = settings;
    if (peer !== undefined) {
      await recorder.attempt('peer', async () => {
        terminal.type(`/say_to ${peer.split('/')[0]} hello from mcabber`);
        await traced('the answer', /<body>echo: hello from mcabber<\/body>/);
        return 'came back';
      });
    }
    await recorder.attempt('ping', async () => {
      terminal.type(`/request ping ${domain}`);
      const [, id = ''] = await traced('the ping', /<iq [^>]*id="([^"]+)"[^>]*><ping /);
      await until('an answer to the ping', STEP_MS, () => answered(id));
      return 'answered';
    });
    await recorder.attempt('every-iq', async () => {
      const sent = [...trace().matchAll(/^\S+ \S+ LM-NET: <iq [^>]*id="([^"]+)"/gm)].map((match) => match[1] ?? '');
      const open = () => sent.filter((id) => !answered(id));
      await until(`answers to ${open().join(', ')}`, STEP_MS, () => open().length === 0);
      return `${sent.length} answered`;
    });
  }

  // What it received stands in single quotation marks, several stanzas in one line.
  /** @param {string} id */
  function answered(id) {
    const received = trace()
      .split('\n')
      .filter((line) => line.includes("LM-NET: '"));
    return received.some((line) => new RegExp(`<iq [^>]*id=["']${escape(id)}["']`).test(line));
  }
}

/** @param {string} text */
const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
