// The client libraries that people load into browsers, each behind the same interface.
import { createRequire } from 'node:module';
import { WebSocket } from 'ws';

/** @typedef {import('../suites/library-suite.mjs').Library} Library */
/** @typedef {import('../suites/library-suite.mjs').Session} Session */

/** @param {string} name */
const versionOf = (name) => () => createRequire(import.meta.url)(`${name}/package.json`).version;

/** @type {readonly Library[]} */
export const LIBRARIES = [
  {
    name: 'xmpp.js',
    notes: ['Needs a global WebSocket on Node 20.'],
    version: versionOf('@xmpp/client'),
    logIn: logInByXmppJs,
  },
  {
    name: 'StanzaJS',
    notes: ['Looks for BOSH too unless it is told not to.', 'Needs a global WebSocket on Node 20.'],
    version: versionOf('stanza'),
    logIn: logInByStanza,
  },
  {
    name: 'Strophe.js',
    notes: [
      'Outside of a browser it needs `DOMParser`, `XMLSerializer` and `document`; here they are those of @xmldom/xmldom.',
    ],
    version: versionOf('strophe.js'),
    logIn: logInByStrophe,
  },
];

/** @param {import('../suites/library-suite.mjs').Settings} settings @returns {Promise<Session>} */
async function logInByXmppJs({ url, domain, username, password }) {
  Object.assign(globalThis, { WebSocket });
  const { client, xml } = await import('@xmpp/client');
  const xmpp = client({ service: url, domain, username, password, resource: 'xmpp.js' });
  /** @type {Set<(body: string) => void>} */
  const listeners = new Set();
  xmpp.on('error', () => {});
  xmpp.on('stanza', (/** @type {any} */ stanza) => {
    const body = stanza.is('message') ? stanza.getChildText('body') : null;
    if (body !== null) for (const listener of listeners) listener(body);
  });
  try {
    await xmpp.start();
  } catch (error) {
    await xmpp.stop();
    throw error;
  }
  return {
    send: (to, body) => xmpp.send(xml('message', { to, type: 'chat' }, xml('body', {}, body))),
    message: (body) => heard(listeners, body),
    close: async () => xmpp.stop(),
  };
}

/** @param {import('../suites/library-suite.mjs').Settings} settings @returns {Promise<Session>} */
async function logInByStanza({ url, domain, username, password }) {
  Object.assign(globalThis, { WebSocket });
  const { createClient } = (await import('stanza')).default;
  const xmpp = createClient({ jid: `${username}@${domain}`, password, transports: { websocket: url, bosh: false } });
  /** @type {Set<(body: string) => void>} */
  const listeners = new Set();
  xmpp.on('message', ({ body }) => {
    if (body !== undefined) for (const listener of listeners) listener(body);
  });
  const ended = new Promise((resolve) => xmpp.on('disconnected', resolve));
  const close = async () => {
    xmpp.disconnect();
    await ended;
  };
  const started = new Promise((resolve, reject) => {
    xmpp.on('session:started', resolve);
    xmpp.on('auth:failed', () => reject(new Error('auth:failed')));
  });
  xmpp.connect();
  try {
    await started;
  } catch (error) {
    await close();
    throw error;
  }
  xmpp.sendPresence();
  return {
    send: (to, body) => void xmpp.sendMessage({ to, type: 'chat', body }),
    message: (body) => heard(listeners, body),
    close,
  };
}

/** @param {import('../suites/library-suite.mjs').Settings} settings @returns {Promise<Session>} */
async function logInByStrophe({ url, domain, username, password }) {
  const { DOMImplementation, DOMParser, XMLSerializer } = await import('@xmldom/xmldom');
  const document = new DOMImplementation().createDocument(null, '', null);
  Object.assign(globalThis, { WebSocket, DOMParser, XMLSerializer, document });
  const { Strophe, $msg } = await import('strophe.js');
  Strophe.setLogLevel(Strophe.LogLevel.FATAL);
  const xmpp = new Strophe.Connection(url);
  const { CONNECTED, CONNFAIL, AUTHFAIL, DISCONNECTED } = Strophe.Status;
  /** @type {Set<(body: string) => void>} */
  const listeners = new Set();
  /** @type {(value: unknown) => void} */
  let ended = () => {};
  const end = new Promise((resolve) => (ended = resolve));
  const close = async () => {
    xmpp.disconnect('done');
    await end;
  };
  const connected = new Promise((resolve, reject) => {
    xmpp.connect(`${username}@${domain}/strophe`, password, (/** @type {number} */ status) => {
      if (status === CONNECTED) resolve(undefined);
      if (status === CONNFAIL || status === AUTHFAIL) reject(new Error(`status ${status}`));
      if (status === DISCONNECTED) ended(undefined);
    });
  });
  try {
    await connected;
  } catch (error) {
    await close();
    throw error;
  }
  xmpp.addHandler(
    (/** @type {import('@xmldom/xmldom').Element} */ stanza) => {
      const body = stanza.getElementsByTagName('body')[0]?.textContent ?? undefined;
      if (body !== undefined) for (const listener of listeners) listener(body);
      return true;
    },
    null,
    'message',
  );
  return {
    send: (to, body) => xmpp.send($msg({ to, type: 'chat' }).c('body').t(body)),
    message: (body) => heard(listeners, body),
    close,
  };
}

/** @param {Set<(body: string) => void>} listeners @param {string} body @returns {Promise<void>} */
function heard(listeners, body) {
  return new Promise((resolve) => {
    const listener = (/** @type {string} */ said) => {
      if (said !== body) return;
      listeners.delete(listener);
      resolve();
    };
    listeners.add(listener);
  });
}
