// A server for two users with a service of its own: who writes to the server itself is entered into a guest book, and
// anybody can ask for it.
//   tsx guest-book.ts
import process from 'node:process';
import { jid } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { createServer, MemoryAccounts, type ServerHooks } from '@xmpp-wire/server';

const DOMAIN = 'localhost';
const GUESTS_NS = 'urn:example:guests';
const guests: string[] = [];

const hooks: ServerHooks = {
  beforeRouting(stanza, sender) {
    if (stanza.kind !== 'message' || stanza.to?.toString() !== DOMAIN) return 'route';
    guests.push(`${sender.jid.bare.toString()}: ${stanza.element.childText('body') ?? ''}`);
    return 'drop';
  },
  unknownIq(request, target) {
    if (target.is !== 'server' || !request.payload.is('guests', GUESTS_NS)) return undefined;
    return {
      result: xml(
        'guests',
        { xmlns: GUESTS_NS },
        guests.map((entry) => xml('entry', {}, entry)),
      ),
    };
  },
  sessionStarted: (session) => console.log(`${session.jid.toString()} has come from ${session.remote}`),
  sessionEnded: (session) => console.log(`${session.jid.toString()} has gone`),
};

const accounts = new MemoryAccounts();
for (const name of ['juliet', 'romeo']) await accounts.add(jid(`${name}@${DOMAIN}`), 'secret');

const server = createServer({ domains: [DOMAIN], accounts, hooks });
await server.start();
for (const { address, port, tls } of server.addresses) console.log(`${address} port ${port}, ${tls}`);
process.once('SIGINT', () => void server.stop());
