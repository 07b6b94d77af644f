// The same with the core alone: this is all that an adapter does, with a function call for a network.
import { InitiatingEntity, jid, ReceivingEntity } from '@xmpp-wire/core';
import { saltPassword, scramCredentials } from '@xmpp-wire/core/sasl';
import { counter } from '@xmpp-wire/testing';

const security = { kind: 'trusted' } as const; // no TLS: nobody is in between
const credentials = { authcid: 'juliet', password: 'R0m30' };
const stored = scramCredentials({ hash: 'SHA-256', password: 'R0m30', salt: new Uint8Array(16), iterations: 4096 });
const policy = { domain: 'im.example.com', mechanisms: ['SCRAM-SHA-256'], decoySecret: new Uint8Array(16) };
const client = new InitiatingEntity({ to: 'im.example.com', credentials, security, random: counter(0) });
const server = new ReceivingEntity({ security, random: counter(128) });

const isIdle = (event: { type: string }) => ['need-input', 'paused', 'ended'].includes(event.type);

client.open();
for (let busy = true; busy;) {
  busy = false;
  for (let event = client.nextEvent(); !isIdle(event); event = client.nextEvent()) {
    if (event.type === 'ask' && event.ask === 'derive-salted-password') client.answer(event, saltPassword(event));
  }
  for (let event = server.nextEvent(); !isIdle(event); event = server.nextEvent()) {
    if (event.type === 'established') console.log(event.jid.toString()); // juliet@im.example.com/1
    if (event.type !== 'ask') continue;
    if (event.ask === 'accept-stream') server.answer(event, policy);
    if (event.ask === 'look-up-credentials') server.answer(event, stored);
    if (event.ask === 'bind-resource') server.answer(event, jid(`${event.account.toString()}/1`));
  }
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    const output = from.takeOutput();
    if (output === undefined) continue;
    to.receive(output, 0);
    busy = true;
  }
}
console.log(client.phase, server.phase); // established established
