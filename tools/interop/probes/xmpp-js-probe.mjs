// Logs in with xmpp.js and tries what an ordinary client does, in one session. The certification authority comes from
// NODE_EXTRA_CA_CERTS.
import process from 'node:process';

// Before Node 22 there is no global WebSocket, and xmpp.js looks for one even when it is not going to use it.
globalThis.WebSocket ??= /** @type {any} */ (EventTarget);
const { client, jid, xml } = await import('@xmpp/client');

const STEP_MS = 8000;
const started = performance.now();
/** @param {string} name */
const setting = (name) => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
};

/** @param {string} step @param {boolean} ok @param {string} detail */
function report(step, ok, detail) {
  console.log(JSON.stringify({ step, ok, detail, ms: Math.round(performance.now() - started) }));
}

/** @param {string} step @param {() => Promise<string>} work @param {number} [ms] */
async function attempt(step, work, ms = STEP_MS) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing came in time')), ms);
  });
  try {
    report(step, true, await Promise.race([work(), late]));
    return true;
  } catch (error) {
    report(step, false, describe(error));
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** @param {any} error */
const describe = (error) =>
  [error?.name, error?.condition, error?.code, error?.message].filter((part) => typeof part === 'string').join(' ');

const address = jid(setting('XW_JID'));
const direct = process.env['XW_TLS'] === 'direct';
const wanted = process.env['XW_MECHANISM'];
let used = '';

const xmpp = client({
  service: `${direct ? 'xmpps' : 'xmpp'}://${setting('XW_HOST')}:${setting('XW_PORT')}`,
  domain: address.domain,
  resource: address.resource || undefined,
  credentials: async (/** @type {any} */ authenticate, /** @type {string[]} */ mechanisms) => {
    const mechanism = wanted ?? mechanisms[0];
    if (mechanism === undefined || !mechanisms.includes(mechanism))
      throw new Error(`offered only ${mechanisms.join(' ')}`);
    used = mechanism;
    await authenticate({ username: address.local, password: setting('XW_PASSWORD') }, mechanism);
  },
});
xmpp.reconnect.stop();
/** @type {any} */
let firstError;
xmpp.on('error', (/** @type {any} */ error) => (firstError ??= error));
if (process.env['XW_TRACE'] !== undefined) {
  for (const event of ['input', 'output', 'status']) {
    xmpp.on(event, (/** @type {unknown} */ data) => console.error(event, String(data)));
  }
}

/** @type {Map<string, (value: any) => void>} */
const expected = new Map();
/** @param {string} what @returns {Promise<any>} */
const expect = (what) => new Promise((resolve) => expected.set(what, resolve));
xmpp.on('stanza', (/** @type {any} */ stanza) => {
  if (stanza.is('message')) expected.get(`message ${stanza.getChildText('body')}`)?.(stanza);
  if (stanza.is('presence') && stanza.attrs.from === String(xmpp.jid)) expected.get('own presence')?.(stanza);
});

async function logIn() {
  try {
    const bound = await xmpp.start();
    return `${used} ${bound}`;
  } catch (error) {
    throw firstError ?? error;
  }
}

async function session() {
  /** @param {string} to @param {string} body @param {string} answer */
  const say =
    (to, body, answer = body) =>
    async () => {
      const came = expect(`message ${answer}`);
      await xmpp.send(xml('message', { to, type: 'chat' }, xml('body', {}, body)));
      return `from ${(await came).attrs.from}`;
    };
  await attempt('roster', async () => {
    const query = await xmpp.iqCaller.get(xml('query', { xmlns: 'jabber:iq:roster' }));
    return `result, ${query.getChildren('item').length} items`;
  });
  await attempt('presence', async () => {
    const came = expect('own presence');
    await xmpp.send(xml('presence', {}, xml('status', {}, 'probing')));
    return (await came).getChildText('status');
  });
  const self = xmpp.jid;
  await attempt('self-bare', say(String(self.bare()), "to my bare <&> 'JID'"));
  await attempt('self-full', say(String(self), 'to my full JID ☃ 🦀'));
  const peer = process.env['XW_PEER'];
  if (peer !== undefined) await attempt('peer', say(peer, 'hello from xmpp.js', 'echo: hello from xmpp.js'));
  await attempt('ping', () =>
    resultOr('service-unavailable', xmpp.iqCaller.get(xml('ping', { xmlns: 'urn:xmpp:ping' }), self.domain)),
  );
  for (const kind of /** @type {const} */ (['get', 'set'])) {
    await attempt(`unknown-iq-${kind}`, async () => {
      const query = xml('query', { xmlns: 'urn:example:unknown' }, xml('deep', {}, '<&>'));
      const outcome = await resultOr('service-unavailable', xmpp.iqCaller[kind](query, self.domain));
      if (outcome === 'result') throw new Error('was not answered with an error');
      return outcome;
    });
  }
}

/** @param {string} condition @param {Promise<unknown>} request */
async function resultOr(condition, request) {
  try {
    await request;
    return 'result';
  } catch (error) {
    if (/** @type {any} */ (error).condition === condition) return condition;
    throw error;
  }
}

if (await attempt('login', logIn, 15_000)) {
  if (process.env['XW_MODE'] !== 'login') await session();
  await attempt('close', async () => {
    const closingTag = await xmpp.stop();
    if (closingTag === undefined) throw new Error('the other side sent no closing tag');
    return 'closing tag received';
  });
}
report('end', true, '');
process.exit(0);
