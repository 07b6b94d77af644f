// go-sendxmpp: one program that sends a message and ends, and that listens for messages.
import { Child } from '../lib/child.mjs';
import { packageVersion } from '../lib/install.mjs';
import { StepRecorder } from '../lib/steps.mjs';
import { within } from '../lib/wait.mjs';

const STEP_MS = 10_000;
const ownPresence = /<presence[^>]*from=['"][^'"]*go-sendxmpp/;

/** @type {import('../lib/steps.mjs').ClientProgram} */
export const goSendxmpp = {
  name: 'go-sendxmpp',
  packages: ['go-sendxmpp'],
  steps: ['login', 'presence', 'self-bare', 'another-account', 'close'],
  mechanisms: [],
  notes: [
    'Knows PLAIN only.',
    'Ends every first-level element with a line break, also `<starttls/>` and `<auth/>`, where RFC 6120 §5.3.3 and §6.3.5 forbid white space: a server has to be told to tolerate it (`whitespaceBehindStarttls`).',
    'Ends once it has sent, too soon to get an answer, and without a closing tag.',
  ],
  directTls: true,
  refusal: /x509: /,
  version: () => packageVersion('go-sendxmpp'),
  run,
};

/** @param {import('../lib/steps.mjs').Settings} settings @returns {Promise<import('../lib/steps.mjs').Outcome>} */
async function run(settings) {
  const [bare = ''] = settings.jid.split('/');
  /** @type {Child[]} */
  const started = [];
  const recorder = new StepRecorder();
  // The first listens with every stanza it receives in its log; the others send.
  const listener = start(['--debug', '--listen']);
  try {
    const loggedIn = await recorder.attempt('login', async () => {
      // Its own presence is the first thing that comes once it has bound a resource.
      await listener.until('the login', 15_000, () => /<jid>[^<]+<\/jid>/.test(listener.log)).catch(refused(listener));
      // It names no mechanism; it knows this one only.
      return `PLAIN ${/<jid>([^<]+)<\/jid>/.exec(listener.log)?.[1]}`;
    });
    if (loggedIn && !settings.loginOnly) await session();
    if (loggedIn) {
      await recorder.attempt('close', async () => {
        await listener.stop();
        return 'ended';
      });
    }
  } finally {
    await Promise.all(started.map((child) => child.stop()));
  }
  return { steps: recorder.steps, log: started.map((child) => `${child.log}\n(${child.ended})`).join('\n') };

  async function session() {
    await recorder.attempt('presence', async () => {
      await listener.until('the own presence', STEP_MS, () => ownPresence.test(listener.log));
      return 'came back';
    });
    await recorder.attempt('self-bare', async () => {
      await send(bare, "to my bare <&> 'JID'");
      await listener.until('the message', STEP_MS, () => /<body>to my bare &lt;&amp;&gt;/.test(listener.log));
      return 'came back';
    });
    // It ends once it has sent, too soon to get an answer: the other way is another one of it that listens.
    await recorder.attempt('another-account', async () => {
      const other = bare.replace('alice@', 'carol@');
      const listening = start(['--debug', '--listen'], other);
      await listening.until('the other presence', STEP_MS, () => ownPresence.test(listening.log));
      await send(other, 'hello from go-sendxmpp');
      await listening.until('the message', STEP_MS, () =>
        listening.log.includes('<body>hello from go-sendxmpp</body>'),
      );
      return `got by ${other}`;
    });
  }

  /** @param {string} to @param {string} text */
  async function send(to, text) {
    const child = start([to]);
    child.write(`${text}\n`);
    child.process.stdin.end();
    await within('go-sendxmpp to send', STEP_MS, child.exited);
    if (child.ended !== 'exit code 0') throw new Error(`${child.ended}: ${child.log.trim()}`);
  }

  /** @param {string[]} args @param {string} [user] */
  function start(args, user = bare) {
    const common = ['-u', user, '-p', settings.password, '-j', `127.0.0.1:${settings.port}`];
    const child = new Child('go-sendxmpp', 'go-sendxmpp', [...common, ...(settings.direct ? ['--tls'] : []), ...args], {
      cwd: settings.folder,
      env: { HOME: settings.folder, SSL_CERT_FILE: settings.caFile, SSL_CERT_DIR: settings.folder },
    });
    started.push(child);
    return child;
  }
}

/** @param {Child} child */
const refused = (child) => (/** @type {unknown} */ error) => {
  const condition = /<(not-authorized)/.exec(child.log)?.[1];
  throw new Error(`${condition ?? ''} ${child.log.trim().split('\n').at(-1)}`.trim(), { cause: error });
};
