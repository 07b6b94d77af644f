// RFC 6120 §8: what a server does to stanzas.
import { probe } from '../case.mjs';
import { broken, UNKNOWN } from '../entity.mjs';

/** @typedef {import('../entity.mjs').Entity} Entity */

/** What has to be answered with bad-request, as iqs to the server. @type {Record<string, string>} */
const BAD_REQUESTS = {
  'an iq without an id': `<iq type='get'>${UNKNOWN}</iq>`,
  'an iq without a type': `<iq id='bad'>${UNKNOWN}</iq>`,
  'an iq of an unknown type': `<iq id='bad' type='do'>${UNKNOWN}</iq>`,
  'an iq get without a child': `<iq id='bad' type='get'/>`,
  'an iq set without a child': `<iq id='bad' type='set'/>`,
  'an iq get with two children': `<iq id='bad' type='get'>${UNKNOWN}${UNKNOWN}</iq>`,
};

export const STANZA_CASES = [
  probe('8.1.2.1', "a stanza without 'from' gets the full JID", async (entity) => {
    await entity.bound();
    entity.write(`<message to='${entity.full}' type='chat'><body>hi</body></message>`);
    const message = await entity.sees('message');
    entity.check(message.attribute('from') === entity.full, 'the full JID', 'another from');
  }),
  probe('8.1.2.1', "the bare JID as 'from' becomes the full one", async (entity) => {
    await entity.bound();
    entity.write(`<message from='${entity.bare}' to='${entity.full}' type='chat'><body>hi</body></message>`);
    const message = await entity.sees('message');
    entity.check(message.attribute('from') === entity.full, 'the full JID', 'another from');
  }),
  probe('8.1.2.1', "a 'from' of somebody else is overridden or ends the stream", async (entity) => {
    await entity.bound();
    entity.write(`<message from='bob@${entity.domain}/x' to='${entity.full}' type='chat'><body>hi</body></message>`);
    const last = await entity.sees('message', broken('invalid-from'));
    if (last.name === 'message') entity.check(last.attribute('from') === entity.full, 'the full JID', 'the forged one');
  }),
  probe('8.1.5', 'a stanza without a language gets that of the stream', async (entity) => {
    await entity.bound({ lang: 'de-CH' });
    const other = entity.other();
    await other.bound({ resource: 'other', lang: 'fr' });
    entity.write(`<message to='${other.full}' type='chat'><body>hi</body></message>`);
    const message = await other.sees('message');
    const lang = message.attribute('xml:lang');
    entity.check(lang === 'de-CH', "xml:lang='de-CH'", lang === undefined ? 'no xml:lang' : `xml:lang='${lang}'`);
  }),
  probe('8.1.5', 'a language of its own stays with a stanza', async (entity) => {
    await entity.bound({ lang: 'de' });
    entity.write(`<message xml:lang='it' to='${entity.full}' type='chat'><body>ciao</body></message>`);
    const message = await entity.sees('message');
    entity.check(message.attribute('xml:lang') === 'it', "xml:lang='it'", 'another one');
  }),
  ...Object.entries(BAD_REQUESTS).map(([what, iq]) =>
    probe(
      /child/.test(what) ? '8.2.3' : what.includes('id') ? '8.1.3' : '8.1.4',
      `${what} is a bad request`,
      async (entity) => {
        await entity.bound();
        entity.write(iq);
        await entity.sees('iq error bad-request');
        await entity.goesOn();
      },
    ),
  ),
  ...['get', 'set'].map((type) =>
    probe('8.2.3', `an unknown iq ${type} to the server`, async (entity) => {
      await entity.bound();
      entity.write(`<iq type='${type}' id='x1' to='${entity.domain}'>${UNKNOWN}</iq>`);
      const answer = await entity.sees('iq error service-unavailable');
      entity.check(answer.attribute('id') === 'x1', 'the id of the request', 'another one');
      entity.check(answer.attribute('from') === entity.domain, "the server's address as 'from'", 'another one');
      entity.check(answer.attribute('to') === entity.full, "the client's address as 'to'", 'another one');
    }),
  ),
  probe('8.3.2', 'an error has a type that fits its condition', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' id='x1' to='${entity.domain}'>${UNKNOWN}</iq>`);
    const type = (await entity.sees('iq error service-unavailable')).child('error')?.attribute('type');
    entity.check(type === 'cancel', "type='cancel'", `type='${type}'`);
  }),
  probe('8.1.3', 'an id comes back as it was, whatever is in it', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' to='${entity.domain}' id='&lt;&amp;&apos;&quot;&gt; ö𝄞'>${UNKNOWN}</iq>`);
    const answer = await entity.sees('iq error service-unavailable');
    entity.check(answer.attribute('id') === `<&'"> ö𝄞`, 'the same id', 'another one');
  }),
  ...['result', 'error'].map((type) =>
    probe('8.2.3', `an iq ${type} that nobody asked for is not answered`, async (entity) => {
      await entity.bound();
      await entity.goesOn(
        `<iq type='${type}' id='x1' to='${entity.domain}'>${type === 'error' ? ERROR : ''}</iq>` +
          `<iq type='${type}' id='x2'>${type === 'error' ? ERROR : ''}</iq>`,
      );
    }),
  ),
  probe('8.3.1', 'a message of type error to nobody is not answered', async (entity) => {
    await entity.bound();
    await entity.goesOn(
      `<message type='error' to='nobody@${entity.domain}'>${ERROR}</message>` +
        `<message type='error' to='not@a@jid'>${ERROR}</message>`,
    );
  }),
  probe('8.3.1', 'an iq of type error to nobody is not answered', async (entity) => {
    await entity.bound();
    await entity.goesOn(`<iq type='error' id='x' to='nobody@${entity.domain}/x'>${ERROR}</iq>`);
  }),
  ...Object.entries({
    message: `<message to='not@a@jid' id='x'><body>hi</body></message>`,
    presence: `<presence to='not@a@jid' id='x'/>`,
    iq: `<iq type='get' to='not@a@jid' id='x'>${UNKNOWN}</iq>`,
  }).map(([kind, stanza]) =>
    probe('8.3.3.8', `${kind} to what is no JID`, async (entity) => {
      await entity.bound();
      entity.write(stanza);
      const answer = await entity.sees(`${kind} error jid-malformed`);
      entity.check(answer.attribute('id') === 'x', 'the id of the stanza', 'another one');
    }),
  ),
  probe('8.4', 'extended content arrives as it was sent', async (entity) => {
    await entity.bound();
    entity.write(
      `<message to='${entity.full}' type='chat' id='ext'><body>one</body>` +
        `<a xmlns='urn:example:a' b:c='d' xmlns:b='urn:example:b'>mixed<b:e xml:lang='x'/>more<f xmlns=''/></a>` +
        `<g xmlns='urn:example:g'/></message>`,
    );
    const message = await entity.sees('message');
    const order = message.childElements().map((each) => each.name);
    const a = message.child('a', 'urn:example:a');
    const [e, f] = a?.childElements() ?? [];
    entity.check(message.attribute('id') === 'ext', 'the id', 'another one');
    entity.check(a?.attribute('c', 'urn:example:b') === 'd' && a.text === 'mixedmore', 'what <a/> had', 'else');
    entity.check(
      e?.namespace === 'urn:example:b' && e.attribute('xml:lang') === 'x' && f?.namespace === '',
      "<a/>'s children",
      'others',
    );
    entity.check(
      [...order].sort().join() === 'a,body,g' && order[0] === 'body',
      'body, a, g',
      order.length === 3 ? 'the children in another order' : order.join(),
    );
  }),
  probe('8.2.1', 'a message of an unknown type is delivered', async (entity) => {
    await entity.bound();
    entity.write(`<message to='${entity.full}' type='chitchat'><body>hi</body></message>`);
    await entity.sees('message');
  }),
];

const ERROR = `<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;
