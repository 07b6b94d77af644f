// Answers every chat message with `echo: ` before the body, by xmpp.js. Says `ready` once it can be reached.
import process from 'node:process';

globalThis.WebSocket ??= /** @type {any} */ (EventTarget);
const { client, jid, xml } = await import('@xmpp/client');

const { XW_HOST, XW_PORT, XW_JID = '', XW_PASSWORD } = process.env;
const address = jid(XW_JID);
const xmpp = client({
  service: `xmpp://${XW_HOST}:${XW_PORT}`,
  domain: address.domain,
  resource: address.resource,
  username: address.local,
  password: XW_PASSWORD,
});
xmpp.reconnect.stop();
xmpp.on('error', (/** @type {unknown} */ error) => {
  console.error(error);
  process.exit(1);
});
xmpp.on('stanza', (/** @type {any} */ stanza) => {
  if (stanza.is('presence') && stanza.attrs.from === String(xmpp.jid)) console.log('ready');
  const body = stanza.is('message') && stanza.attrs.type === 'chat' ? stanza.getChildText('body') : null;
  if (body === null) return;
  void xmpp.send(xml('message', { to: stanza.attrs.from, type: 'chat' }, xml('body', {}, `echo: ${body}`)));
});
await xmpp.start();
await xmpp.send(xml('presence'));
