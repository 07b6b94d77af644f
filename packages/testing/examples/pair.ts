// A client and a server in one process: a login over a slow line that cuts everything to pieces, a message, the end.
import { jid, message } from '@xmpp-wire/core';
import { createPair } from '@xmpp-wire/testing';

const pair = createPair({ latency: [20, 300], chunking: 'random', seed: 7 });
pair.initiating.open();
pair.runUntilIdle();
console.log(pair.initiating.event('established').jid.toString()); // juliet@im.example.com/balcony

pair.initiating.send(message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo, and a Montague?' }));
pair.runUntilIdle();
const { stanza } = pair.receiving.event('stanza');
console.log(stanza.from?.toString(), stanza.element.childText('body')); // juliet@im.example.com/balcony Art thou not Romeo, and a Montague?

pair.receiving.close({ condition: 'system-shutdown' });
pair.runUntilIdle();
const { cause } = pair.initiating.event('closed');
console.log(cause.code === 'stream-error-received' && cause.error.condition); // system-shutdown
