// RFC 6120 §4.2 to §4.4, §4.7, §4.8: headers, restarts, namespaces, the end of a stream.
// Over 300 lines because the cases of these sections belong beside each other.
import { probe } from '../case.mjs';
import { auth, base64, bind, broken, plain, refused, STARTTLS, STREAMS } from '../entity.mjs';

const OPENED = 'header, features';

export const STREAM_CASES = [
  probe('4.7', 'a header is answered with from, id, version and language', async (entity) => {
    await entity.openClear();
    const { header } = entity;
    for (const name of ['from', 'id', 'version'])
      entity.check((header.attribute(name) ?? '') !== '', `a header with '${name}'`, `none`);
    entity.check(header.attribute('from') === entity.domain, `from='${entity.domain}'`, 'another name');
    entity.check(header.attribute('xml:lang') !== undefined, 'a header with xml:lang', 'none');
    entity.check(header.attribute('version') === '1.0', 'version 1.0', 'another one');
    entity.check(header.declarations.get('') === 'jabber:client', 'jabber:client declared', 'another one');
  }),
  probe('4.7.2', "a header without 'from' is answered without 'to'", async (entity) => {
    await entity.openSecure();
    entity.check(entity.header.attribute('to') === undefined, "no 'to'", "'to'");
  }),
  probe('4.7.2', "the 'from' of a header comes back as 'to'", async (entity) => {
    await entity.openSecure({ from: entity.bare });
    const to = entity.header.attribute('to');
    entity.check(to === entity.bare, "'to' with the bare JID", to === undefined ? "no 'to'" : 'something else');
  }),
  probe('4.7.2', "only the bare JID of a 'from' comes back", async (entity) => {
    await entity.openSecure({ from: `${entity.bare}/there` });
    const to = entity.header.attribute('to');
    entity.check(
      to === entity.bare,
      "'to' with the bare JID",
      to === undefined ? "no 'to'" : to.includes('/') ? 'the full JID' : 'another JID',
    );
  }),
  probe('4.7.3', 'every stream has an id of its own, also after each restart', async (entity) => {
    const ids = [];
    await entity.openClear();
    ids.push(entity.header.attribute('id'));
    entity.write(STARTTLS);
    await entity.sees('proceed');
    await entity.wire.encrypt(entity.subject);
    await entity.open();
    ids.push(entity.header.attribute('id'));
    await entity.logIn();
    await entity.open();
    ids.push(entity.header.attribute('id'));
    const other = entity.other();
    await other.openClear();
    ids.push(other.header.attribute('id'));
    entity.check(new Set(ids).size === ids.length, 'four different ids', 'the same one again');
  }),
  probe('4.7.3', "an 'id' of the initiating entity is ignored", async (entity) => {
    await entity.openClear({ more: `id='mine'` });
    entity.check(entity.header.attribute('id') !== 'mine', 'an id of the server', 'the one that was sent');
  }),
  probe('11.5', 'a header needs no XML declaration', (entity) => entity.openClear({ declaration: '' })),
  probe('11.5', 'a declaration may name UTF-8, in any case, with double quotes', (entity) =>
    entity.openClear({ declaration: `<?xml version="1.0" encoding="utf-8" ?>\n` }),
  ),
  probe('4.7.4', 'a header needs no xml:lang', (entity) => entity.openClear({ lang: undefined })),
  probe('4.2', 'attributes that nobody knows are ignored', (entity) => entity.openClear({ more: `unknown='1'` })),
  probe('4.8.5', 'a prefix for the stream namespace other than stream is understood or refused', async (entity) => {
    await entity.connect();
    entity.write(`<s:stream xmlns='jabber:client' xmlns:s='${STREAMS}' to='${entity.domain}' version='1.0'>`);
    await entity.sees(OPENED, refused('bad-namespace-prefix'));
  }),
  probe('4.8.2', 'the stream namespace may be the default one', async (entity) => {
    await entity.connect();
    entity.write(`<stream xmlns='${STREAMS}' to='${entity.domain}' version='1.0'>`);
    await entity.sees(OPENED, refused('bad-namespace-prefix'), refused('invalid-namespace'));
  }),
  probe('4.9.3.6', 'a host that is not served', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: 'nowhere.example' }));
    await entity.sees(refused('host-unknown'));
  }),
  probe('4.9.1.3', 'the error for an unknown host comes in a name of the server', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: 'nowhere.example' }));
    await entity.sees('header');
    const from = entity.header.attribute('from');
    entity.check(
      from !== undefined && from !== '' && from !== 'nowhere.example',
      "a name of the server's as 'from'",
      from === 'nowhere.example' ? 'the unknown name' : "no 'from'",
    );
  }),
  probe('4.7.2', "a header without 'to'", async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: undefined }));
    await entity.sees(OPENED, refused('host-unknown'), refused('improper-addressing'));
  }),
  probe('4.7.2', "an empty 'to'", async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: '' }));
    await entity.sees(refused('host-unknown'), refused('improper-addressing'));
  }),
  probe('4.7.2', "a 'to' that is no JID", async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: 'not@a@domain' }));
    await entity.sees(refused('host-unknown'), refused('improper-addressing'));
  }),
  probe('4.7.2', "a 'to' with a localpart", async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ to: entity.bare }));
    await entity.sees(refused('host-unknown'), refused('improper-addressing'));
  }),
  probe('4.7.2', "the 'to' in capital letters is the same domain", (entity) =>
    entity.openClear({ to: entity.domain.toUpperCase() }),
  ),
  probe('4.7.5', 'no version', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ version: undefined }));
    await entity.sees(refused('unsupported-version'));
  }),
  probe('4.7.5', 'a lower major version', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ version: '0.9' }));
    await entity.sees(refused('unsupported-version'));
  }),
  probe('4.7.5', 'a version that is no version', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ version: 'one' }));
    await entity.sees(refused('unsupported-version'));
  }),
  ...['1.1', '1.10', '2.0'].map((version) =>
    probe('4.7.5', `version ${version} is answered with 1.0`, async (entity) => {
      await entity.openClear({ version });
      entity.check(entity.header.attribute('version') === '1.0', 'version 1.0', 'another version');
    }),
  ),
  probe('4.7.5', 'leading zeros of a version are ignored', async (entity) => {
    await entity.openClear({ version: '01.00' });
    entity.check(entity.header.attribute('version') === '1.0', 'version 1.0', 'another version');
  }),
  probe('4.8.1', 'a wrong stream namespace', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ streams: 'http://etherx.jabber.org/brooks' }));
    await entity.sees(refused('invalid-namespace'));
  }),
  probe('4.8.3', 'an unknown content namespace', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ content: 'urn:example:content' }));
    await entity.sees(refused('invalid-namespace'));
  }),
  probe('4.8.3', 'the content namespace of servers where clients are served', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ content: 'jabber:server' }));
    await entity.sees(refused('invalid-namespace'));
  }),
  probe('4.2', 'a root that is not stream', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText().replace('<stream:stream', '<stream:brook'));
    await entity.sees(refused('bad-format'));
  }),
  probe('4.9.1.2', 'a speaker of HTTP gets a header before the error', async (entity) => {
    await entity.connect();
    entity.write(`GET / HTTP/1.1\r\nHost: ${entity.domain}\r\n\r\n`);
    await entity.sees(refused('not-well-formed'), refused('bad-format'));
  }),
  probe('4.3.2', 'features are those of the stage: STARTTLS, then mechanisms, then bind', async (entity) => {
    /** @param {import('../wire.mjs').XmlElement} features */
    const names = (features) => features.childElements().map((each) => each.name);
    const clear = names(await entity.openClear());
    entity.check(clear.includes('starttls') && !clear.includes('bind'), 'starttls and no bind', clear.join(', '));
    entity.write(STARTTLS);
    await entity.sees('proceed');
    await entity.wire.encrypt(entity.subject);
    const secure = names(await entity.open());
    entity.check(
      secure.includes('mechanisms') && !secure.includes('starttls') && !secure.includes('bind'),
      'mechanisms, no starttls, no bind',
      secure.join(', '),
    );
    await entity.logIn();
    const authenticated = names(await entity.open());
    entity.check(
      authenticated.includes('bind') && !authenticated.includes('mechanisms') && !authenticated.includes('starttls'),
      'bind, no mechanisms, no starttls',
      authenticated.join(', '),
    );
  }),
  probe('4.3.3', 'the header after SASL is to another host', async (entity) => {
    await entity.authenticate();
    entity.write(entity.headerText({ to: 'nowhere.example' }));
    await entity.sees(refused('host-unknown'), refused('not-authorized'));
  }),
  probe('4.9.3.9', 'the header after SASL is from another account', async (entity) => {
    await entity.authenticate();
    entity.write(entity.headerText({ from: `mallory@${entity.domain}` }));
    await entity.sees(refused('invalid-from'));
  }),
  probe('4.9.3.9', "a 'from' that is no JID, in TLS", async (entity) => {
    await entity.secure();
    entity.write(entity.headerText({ from: 'not@a@jid' }));
    await entity.sees(refused('invalid-from'));
  }),
  probe('4.3.5', 'a stanza before the stream is complete', async (entity) => {
    await entity.openSecure();
    entity.write(`<message to='bob@${entity.domain}'><body>too early</body></message>`);
    await entity.sees(broken('not-authorized'));
  }),
  probe('4.9.3.24', 'an element that nobody knows, before login', async (entity) => {
    await entity.openSecure();
    entity.write(`<unknown xmlns='urn:example:unknown'/>`);
    await entity.sees(broken('unsupported-stanza-type'), broken('not-authorized'));
  }),
  probe('4.9.3.24', 'an element that nobody knows, after login', async (entity) => {
    await entity.bound();
    entity.write(`<unknown xmlns='urn:example:unknown'/>`);
    await entity.sees(broken('unsupported-stanza-type'));
  }),
  probe('4.9.3.24', 'an element of the content namespace that is no stanza', async (entity) => {
    await entity.bound();
    entity.write('<pubsub/>');
    await entity.sees(broken('unsupported-stanza-type'));
  }),
  probe('4.8.5', 'a stanza with a prefix', async (entity) => {
    await entity.bound();
    entity.write(`<c:message xmlns:c='jabber:client' to='${entity.full}'><c:body>hi</c:body></c:message>`);
    await entity.sees(broken('bad-namespace-prefix'), 'message');
  }),
  probe('4.8.3', 'a stanza in the content namespace of servers', async (entity) => {
    await entity.bound();
    entity.write(`<message xmlns='jabber:server' to='${entity.full}'><body>hi</body></message>`);
    await entity.sees(broken('invalid-namespace'));
  }),
  probe('11.7', 'character data between first-level elements', async (entity) => {
    await entity.bound();
    entity.write('words');
    await entity.sees(broken('bad-format'));
  }),
  probe('4.2', 'a second header inside the stream', async (entity) => {
    await entity.bound();
    entity.write(entity.headerText({ declaration: '' }));
    await entity.sees(broken('bad-format'), broken('not-authorized'), broken('unsupported-stanza-type'));
  }),
  probe('4.6.1', 'white space keeps every phase alive', async (entity) => {
    await entity.connect();
    entity.write(`${entity.headerText()} \n`);
    await entity.sees(OPENED);
    entity.write(' \r\n\t');
    entity.write(STARTTLS);
    await entity.sees('proceed');
    await entity.wire.encrypt(entity.subject);
    entity.write(`${entity.headerText()}\n \n`);
    await entity.sees(OPENED);
    await entity.logIn();
    await entity.open();
    entity.write('  ');
    entity.write(bind(''));
    await entity.sees('iq result');
    entity.write(' '.repeat(2000));
    await entity.goesOn();
  }),
  probe('4.4', 'closing a stream in clear text', async (entity) => {
    await entity.openClear();
    entity.write('</stream:stream>');
    await entity.sees('closing tag, end');
  }),
  probe('4.4', 'closing a stream in TLS', async (entity) => {
    await entity.openSecure();
    entity.write('</stream:stream>');
    await entity.sees('closing tag, end');
  }),
  probe('4.4', 'closing a stream in the midst of SASL', async (entity) => {
    await entity.openSecure();
    entity.write(auth('SCRAM-SHA-1', base64(`n,,n=${entity.account},r=0123456789abcdef`)));
    await entity.sees('challenge');
    entity.write('</stream:stream>');
    await entity.sees('closing tag, end');
  }),
  probe('4.4', 'closing a stream behind SASL', async (entity) => {
    await entity.openAuthenticated();
    entity.write('</stream:stream>');
    await entity.sees('closing tag, end');
  }),
  probe('4.4', 'closing a stream with a resource', async (entity) => {
    await entity.bound();
    entity.write('</stream:stream>');
    await entity.sees('closing tag, end');
  }),
  probe('4.4', 'what was sent before the closing tag is still answered', async (entity) => {
    await entity.bound();
    entity.write(
      `<iq type='get' id='last' to='${entity.domain}'><query xmlns='urn:example:unknown'/></iq></stream:stream>`,
    );
    await entity.sees('iq error service-unavailable, closing tag, end');
  }),
  probe('4.4', 'a header and the closing tag in one write', async (entity) => {
    await entity.connect();
    entity.write(`${entity.headerText()}</stream:stream>`);
    await entity.sees('header, features, closing tag, end', 'header, closing tag, end');
  }),
  probe('4.6.3', 'the connection ends without a closing tag', async (entity) => {
    await entity.openClear();
    entity.wire.endOutput();
    await entity.sees('end', 'closing tag, end');
  }),
  probe('4.3', 'a login byte by byte', async (entity) => {
    await entity.connect();
    await entity.wire.writeByteByByte(entity.headerText());
    await entity.sees(OPENED);
    await entity.wire.writeByteByByte(STARTTLS);
    await entity.sees('proceed');
    await entity.wire.encrypt(entity.subject);
    await entity.wire.writeByteByByte(entity.headerText());
    await entity.sees(OPENED);
    await entity.wire.writeByteByByte(auth('PLAIN', plain(entity.account)));
    await entity.sees('success');
    entity.wire.restart();
    await entity.wire.writeByteByByte(entity.headerText());
    await entity.sees(OPENED);
    await entity.wire.writeByteByByte(bind('<resource>byte</resource>'));
    await entity.sees('iq result');
    await entity.wire.writeByteByByte(`<message to='${entity.bare}/byte' type='chat'><body>öé𝄞</body></message>`);
    const message = await entity.sees('message');
    entity.check(message.childText('body') === 'öé𝄞', 'the body that was sent', 'another one');
  }),
];
