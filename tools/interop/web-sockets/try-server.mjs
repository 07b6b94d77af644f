import assert from 'node:assert/strict';
import { message } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { connect } from '@xmpp-wire/websocket';
import { WebSocket } from 'ws';
import { PASSWORD, within } from './our-server.mjs';

/** Our client logs in, asks, writes to itself, is refused with a wrong password, and closes. @param {{ url: string, domain: string }} server */
export async function tryServer({ url, domain }) {
  const options = { jid: `alice@${domain}`, password: PASSWORD, url, WebSocket, allowPlaintext: true };
  const connection = await within('the login', connect(options));
  assert.equal(connection.jid.bare.toString(), `alice@${domain}`);
  const roster = await within(
    'the roster',
    connection.request({ type: 'get', payload: xml('query', { xmlns: 'jabber:iq:roster' }) }),
  );
  assert.equal(roster.type, 'result');
  const body = 'Ünïcode & <markup>: ä€😀';
  await connection.send(message({ to: connection.jid, type: 'chat', body }));
  await within(
    'the message to oneself',
    (async () => {
      for await (const stanza of connection.stanzas()) if (stanza.element.childText('body') === body) return;
      assert.fail('the stream ended');
    })(),
  );
  const end = await within('the end', connection.close());
  assert.equal(end.cause.code, 'closed-locally');
  await assert.rejects(connect({ ...options, password: 'wrong' }), { code: 'sasl-refused' });
}
