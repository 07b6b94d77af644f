import { iq, jid, message, presence, resultOf } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { createPair, type Pair, type PairOptions } from '../src/index.ts';

const LINES = [
  'Art thou not Romeo, and a Montague?',
  'How cam’st thou hither, tell me, and wherefore?',
  '<&>"\' ]]> are only characters; so are é, ☃ and 🂡',
  'Three words, dear Romeo, and good night indeed.',
];
const ROMEO = jid('romeo@example.net/orchard');

/** A login, a roster, a ping, an exchange of messages both ways, and the end: every step follows from the one before. */
export function converse(options: PairOptions): Pair {
  let spoken = 0;
  const pair = createPair({
    ...options,
    onInitiatingEvent: (event, { initiating }) => {
      if (event.type === 'established') {
        initiating.send(presence({ show: 'chat', priority: 1 }));
        initiating.send(iq({ type: 'get', id: 'roster' }, xml('query', { xmlns: 'jabber:iq:roster' })));
      }
      if (event.type !== 'stanza') return;
      const { stanza } = event;
      if (stanza.kind === 'iq' && stanza.type === 'get') initiating.send(resultOf(stanza));
      const line = LINES[spoken];
      if ((stanza.kind !== 'message' && stanza.id !== 'roster') || line === undefined) return;
      spoken += 1;
      initiating.send(message({ to: ROMEO, type: 'chat', id: `m${spoken}`, body: line }));
      if (spoken === LINES.length) initiating.close();
    },
    onReceivingEvent: (event, { receiving }) => {
      if (event.type === 'peer-closing') receiving.send(message({ from: ROMEO, body: 'A thousand times good night!' }));
      if (event.type !== 'stanza') return;
      const { stanza } = event;
      if (stanza.kind === 'iq' && stanza.type === 'get') receiving.send(resultOf(stanza, stanza.payload));
      if (stanza.kind === 'presence') {
        receiving.send(
          iq({ type: 'get', id: 'ping', from: jid('im.example.com') }, xml('ping', { xmlns: 'urn:xmpp:ping' })),
        );
      }
      if (stanza.kind === 'message') {
        receiving.send(
          message({
            from: ROMEO,
            to: stanza.from,
            type: 'chat',
            id: `r-${stanza.id}`,
            body: stanza.element.childText('body'),
          }),
        );
      }
    },
  });
  pair.initiating.open();
  pair.runUntilIdle();
  return pair;
}
