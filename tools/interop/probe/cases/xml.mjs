// RFC 6120 §11, and the limits of §13.12.
import { probe } from '../case.mjs';
import { broken, refused, STARTTLS } from '../entity.mjs';

/** @typedef {import('../entity.mjs').Entity} Entity */

/** Inside a stanza, with the conditions that are right for it. @type {Record<string, [string, string | Uint8Array, ...string[]]>} */
const IN_A_STANZA = {
  'a comment': ['11.1', '<!-- hidden -->', 'restricted-xml'],
  'a processing instruction': ['11.1', `<?php echo 1 ?>`, 'restricted-xml'],
  'a DTD': ['11.1', '<!DOCTYPE x>', 'restricted-xml', 'not-well-formed'],
  'an internal entity': ['11.1', '&unknown;', 'restricted-xml', 'not-well-formed'],
  'a second XML declaration': ['11.1', `<?xml version='1.0'?>`, 'restricted-xml', 'not-well-formed'],
  'an end tag of another element': ['11.3', '<a></b>', 'not-well-formed'],
  'an attribute twice': ['11.3', `<a b='1' b='2'/>`, 'not-well-formed'],
  'an attribute twice by its expanded name': [
    '11.3',
    `<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>`,
    'not-well-formed',
  ],
  'an attribute without quotes': ['11.3', `<a b=1/>`, 'not-well-formed'],
  'an attribute without a value': ['11.3', `<a b/>`, 'not-well-formed'],
  'attributes without a space between them': ['11.3', `<a b='1'c='2'/>`, 'not-well-formed'],
  'a less-than sign in an attribute': ['11.3', `<a b='<'/>`, 'not-well-formed'],
  'an ampersand alone': ['11.3', 'a & b', 'not-well-formed'],
  'the end of a CDATA section in text': ['11.3', 'a ]]> b', 'not-well-formed'],
  'a name that begins with a digit': ['11.3', '<1a/>', 'not-well-formed'],
  'a name with two colons': ['11.3', `<a:b:c xmlns:a='urn:a'/>`, 'not-well-formed', 'bad-namespace-prefix'],
  'the prefix of an element unbound': ['4.9.3.2', '<p:a/>', 'not-well-formed', 'bad-namespace-prefix'],
  'the prefix of an attribute unbound': ['4.9.3.2', `<a p:b='1'/>`, 'not-well-formed', 'bad-namespace-prefix'],
  'a prefix bound to nothing': ['11.3', `<a xmlns:p=''/>`, 'not-well-formed', 'bad-namespace-prefix'],
  'the prefix xml bound anew': ['11.3', `<a xmlns:xml='urn:x'/>`, 'not-well-formed', 'bad-namespace-prefix'],
  'a NUL': ['11.3', Uint8Array.of(0), 'not-well-formed', 'bad-format'],
  'a control character': ['11.3', Uint8Array.of(7), 'not-well-formed', 'bad-format'],
  'a reference to NUL': ['11.3', '&#0;', 'not-well-formed'],
  'a reference to a control character': ['11.3', '&#x1F;', 'not-well-formed'],
  'a reference to a surrogate': ['11.3', '&#xD800;', 'not-well-formed'],
  'U+FFFF': ['11.3', '\uFFFF', 'not-well-formed'],
  'a UTF-8 sequence that breaks off': [
    '11.6',
    Uint8Array.of(0xc3, 0x28),
    'unsupported-encoding',
    'not-well-formed',
    'bad-format',
  ],
  'an overlong UTF-8 sequence': [
    '11.6',
    Uint8Array.of(0xc0, 0xaf),
    'unsupported-encoding',
    'not-well-formed',
    'bad-format',
  ],
  'a surrogate in UTF-8': [
    '11.6',
    Uint8Array.of(0xed, 0xa0, 0x80),
    'unsupported-encoding',
    'not-well-formed',
    'bad-format',
  ],
  'UTF-8 above U+10FFFF': [
    '11.6',
    Uint8Array.of(0xf4, 0x90, 0x80, 0x80),
    'unsupported-encoding',
    'not-well-formed',
    'bad-format',
  ],
};

/** @type {Record<string, [string, string, string]>} what is written, and the body that has to arrive */
const ALLOWED = {
  'the five predefined entities': ['11.1', '&lt;&gt;&amp;&apos;&quot;', `<>&'"`],
  'character references': ['11.1', '&#65;&#x42;&#x1D11E;', 'AB𝄞'],
  'a CDATA section': ['11.1', '<![CDATA[<a> & ]] ]>]]>', '<a> & ]] ]>'],
  'characters of one to four bytes': ['11.6', 'aé€𝄞', 'aé€𝄞'],
  'a right angle bracket': ['11.3', 'a > b', 'a > b'],
  'line ends, as XML makes them': ['11.3', 'a\r\nb\rc', 'a\nb\nc'],
  'U+FEFF, which is no byte order mark here': ['11.6', 'a\uFEFFb', 'a\uFEFFb'],
};

export const XML_CASES = [
  ...Object.entries(IN_A_STANZA).map(([what, [clause, bytes, ...conditions]]) =>
    probe(clause, `${what} in a stanza`, async (entity) => {
      await entity.bound();
      const [before, after] = [`<message to='${entity.full}' type='chat'><body>`, '</body></message>'];
      entity.write(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
      await entity.sees(...conditions.map(broken));
    }),
  ),
  ...Object.entries(ALLOWED).map(([what, [clause, written, read]]) =>
    probe(clause, `${what}: delivered`, async (entity) => {
      await entity.bound();
      entity.write(`<message to='${entity.full}' type='chat'><body>${written}</body></message>`);
      const message = await entity.sees('message');
      entity.check(message.childText('body') === read, 'the same text', 'another text');
    }),
  ),
  probe('11.1', 'a comment between stanzas', async (entity) => {
    await entity.bound();
    entity.write('<!-- hidden -->');
    await entity.sees(broken('restricted-xml'));
  }),
  probe('11.1', 'a comment before the header', async (entity) => {
    await entity.connect();
    entity.write(`<?xml version='1.0'?><!-- hidden -->${entity.headerText({ declaration: '' })}`);
    await entity.sees(refused('restricted-xml'));
  }),
  probe('11.1', 'a DTD with an entity before the header', async (entity) => {
    await entity.connect();
    entity.write(`<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a "aaaa">]>${entity.headerText({ declaration: '' })}`);
    await entity.sees(refused('restricted-xml'));
  }),
  probe('11.1', 'a DTD from elsewhere before the header', async (entity) => {
    await entity.connect();
    entity.write(`<!DOCTYPE s SYSTEM 'file:///etc/hostname'>${entity.headerText({ declaration: '' })}`);
    await entity.sees(refused('restricted-xml'));
  }),
  probe('11.6', 'a header in UTF-16', async (entity) => {
    await entity.connect();
    entity.write(Buffer.from(`\uFEFF${entity.headerText()}`, 'utf16le'));
    await entity.sees(refused('unsupported-encoding'), refused('not-well-formed'), refused('bad-format'));
  }),
  probe('11.6', 'a declaration of another encoding', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ declaration: `<?xml version='1.0' encoding='ISO-8859-1'?>` }));
    await entity.sees(refused('unsupported-encoding'));
  }),
  probe('11.6', 'a byte order mark before the header', async (entity) => {
    await entity.connect();
    entity.write(`\uFEFF${entity.headerText()}`);
    await entity.sees(
      'header, features',
      refused('unsupported-encoding'),
      refused('not-well-formed'),
      refused('bad-format'),
    );
  }),
  probe('11.8', 'a declaration of XML 1.1', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ declaration: `<?xml version='1.1'?>` }));
    await entity.sees(
      refused('not-well-formed'),
      refused('unsupported-encoding'),
      refused('bad-format'),
      'header, features',
    );
  }),
  probe('11.6', 'a character of four bytes cut between two writes', async (entity) => {
    await entity.bound();
    const bytes = Buffer.from(`<message to='${entity.full}' type='chat'><body>𝄞</body></message>`);
    const cut = bytes.indexOf(0xf0) + 2;
    entity.write(bytes.subarray(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 30));
    entity.write(bytes.subarray(cut));
    const message = await entity.sees('message');
    entity.check(message.childText('body') === '𝄞', 'the character', 'another one');
  }),
  probe('13.12', 'a stanza of 10 000 bytes is taken', async (entity) => {
    await entity.bound();
    const start = `<message to='${entity.full}' type='chat'><body>`;
    const end = '</body></message>';
    const length = 10_000 - start.length - end.length;
    entity.write(`${start}${'x'.repeat(length)}${end}`);
    const message = await entity.sees('message');
    entity.check(message.childText('body')?.length === length, 'the whole body', 'another one');
  }),
  probe('13.12', 'a stanza of a megabyte is refused or delivered', async (entity) => {
    await entity.bound();
    entity.write(`<message to='${entity.full}' type='chat'><body>${'x'.repeat(1_048_576)}</body></message>`);
    await entity.sees(broken('policy-violation'), 'message');
  }),
  probe('13.12', 'an element of a megabyte before login', async (entity) => {
    await entity.openSecure();
    entity.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${'x'.repeat(1_048_576)}</auth>`);
    await entity.sees(broken('policy-violation'));
  }),
  probe('13.12', 'a header of a megabyte', async (entity) => {
    await entity.connect();
    entity.write(entity.headerText({ more: `long='${'x'.repeat(1_048_576)}` }));
    await entity.sees(refused('policy-violation'));
  }),
  probe('13.12', 'two hundred elements inside each other are refused or delivered', async (entity) => {
    await entity.bound();
    entity.write(`<message to='${entity.full}' type='chat'>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</message>`);
    await entity.sees(broken('policy-violation'), 'message');
  }),
  probe('13.12', 'an element of ten thousand attributes is refused or delivered', async (entity) => {
    await entity.bound();
    const attributes = Array.from({ length: 10_000 }, (_, at) => `a${at}=''`).join(' ');
    entity.write(`<message to='${entity.full}' type='chat'><a xmlns='urn:a' ${attributes}/></message>`);
    await entity.sees(broken('policy-violation'), 'message');
  }),
  probe('11.1', 'a comment before TLS', async (entity) => {
    await entity.openClear();
    entity.write(`<!-- hidden -->${STARTTLS}`);
    await entity.sees(broken('restricted-xml'));
  }),
];
