// Logs in, sends one message and logs out:
//   XMPP_JID=juliet@im.example.com XMPP_PASSWORD=R0m30 tsx client.ts romeo@example.net 'Art thou not Romeo?'
// XMPP_SERVER=host:port goes there instead of where SRV records say; XMPP_CA=file trusts that authority and no other.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { jid, message } from '@xmpp-wire/core';
import { connect, XmppConnectError } from '@xmpp-wire/node-tcp';

const { XMPP_JID = '', XMPP_PASSWORD = '', XMPP_SERVER, XMPP_CA } = process.env;
const [to = XMPP_JID, body = 'Hello'] = process.argv.slice(2);
const [host, port = 5222] = XMPP_SERVER?.split(':') ?? [];
const server = host === undefined ? {} : { host, port: Number(port) };
const tls = XMPP_CA === undefined ? {} : { ca: readFileSync(XMPP_CA) };

try {
  const connection = await connect({ jid: XMPP_JID, password: XMPP_PASSWORD, ...server, tls });
  await connection.send(message({ to: jid(to), type: 'chat', body }));
  console.log(`sent by ${connection.jid.toString()} over ${connection.tls?.version}`);
  await connection.close();
} catch (error) {
  if (!(error instanceof XmppConnectError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
