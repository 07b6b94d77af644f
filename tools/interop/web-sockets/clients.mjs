// Client libraries that log in over WebSocket, write to a friend and wait for the answer.
import { PASSWORD, within } from './our-server.mjs';

/** @import { Place } from './our-server.mjs' */

const LINE = 'Art thou not Romeo, and a Montague?';

/** @type {readonly { name: string, talk: (place: Place) => Promise<void> }[]} */
export const webSocketClients = [
  {
    name: 'xmpp.js',
    async talk({ url, domain, friend }) {
      const { client, xml } = await import('@xmpp/client');
      const xmpp = client({ service: url, domain, username: 'alice', password: PASSWORD, resource: 'xmpp.js' });
      const heard = new Promise((resolve, reject) => {
        xmpp.on('error', reject);
        xmpp.on('stanza', (stanza) => {
          if (stanza.is('message') && stanza.getChildText('body') === `heard: ${LINE}`) resolve(undefined);
        });
      });
      await within('the login', xmpp.start());
      await xmpp.send(xml('message', { to: friend, type: 'chat' }, xml('body', {}, LINE)));
      await within('the answer', heard);
      await xmpp.stop();
    },
  },
  {
    name: 'StanzaJS',
    async talk({ url, domain, friend }) {
      const { createClient } = (await import('stanza')).default;
      const jid = `alice@${domain}`;
      const xmpp = createClient({ jid, password: PASSWORD, transports: { websocket: url, bosh: false } });
      const started = new Promise((resolve, reject) => {
        xmpp.on('session:started', resolve);
        xmpp.on('auth:failed', () => reject(new Error('it was not let in')));
      });
      const heard = new Promise((resolve) => {
        xmpp.on('message', ({ body }) => body === `heard: ${LINE}` && resolve(undefined));
      });
      xmpp.connect();
      await within('the login', started);
      xmpp.sendPresence();
      xmpp.sendMessage({ to: friend, type: 'chat', body: LINE });
      await within('the answer', heard);
      const ended = new Promise((resolve) => xmpp.on('disconnected', resolve));
      xmpp.disconnect();
      await within('the end', ended);
    },
  },
  {
    name: 'Strophe.js',
    async talk({ url, domain, friend }) {
      const { DOMImplementation, DOMParser, XMLSerializer } = await import('@xmldom/xmldom');
      // It is made for browsers, which have these.
      const document = new DOMImplementation().createDocument(null, null, null);
      Object.assign(globalThis, { DOMParser, XMLSerializer, document });
      const { Strophe, $msg } = await import('strophe.js');
      const xmpp = new Strophe.Connection(url);
      const { CONNECTED, CONNFAIL, AUTHFAIL, DISCONNECTED } = Strophe.Status;
      /** @type {(value: unknown) => void} */
      let ended = () => {};
      const end = new Promise((resolve) => (ended = resolve));
      await within(
        'the login',
        new Promise((resolve, reject) => {
          xmpp.connect(`alice@${domain}/strophe`, PASSWORD, (/** @type {number} */ status) => {
            if (status === CONNECTED) resolve(undefined);
            if (status === CONNFAIL || status === AUTHFAIL) reject(new Error(`its status is ${status}`));
            if (status === DISCONNECTED) ended(undefined);
          });
        }),
      );
      const heard = new Promise((resolve) => {
        xmpp.addHandler(
          (/** @type {Element} */ stanza) => {
            if (stanza.getElementsByTagName('body')[0]?.textContent === `heard: ${LINE}`) resolve(undefined);
            return true;
          },
          null,
          'message',
        );
      });
      xmpp.send($msg({ to: friend, type: 'chat' }).c('body').t(LINE));
      await within('the answer', heard);
      xmpp.disconnect('done');
      await within('the end', end);
    },
  },
];
