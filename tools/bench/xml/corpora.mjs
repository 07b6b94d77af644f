// Seeded XMPP traffic. Each corpus is one stream: a header, then first-level elements; the closing tag is left out.
import { seeded } from './random.mjs';

export const HEADER =
  "<?xml version='1.0'?><stream:stream from='im.example.com' id='t7AMCin9zjMNwQKDnplntZPIDEI=' to='juliet@im.example.com' " +
  "version='1.0' xml:lang='en' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

const NAMES = [
  'juliet',
  'romeo',
  'mercutio',
  'benvolio',
  'tybalt',
  'nurse',
  'rosaline',
  'laurence',
  'capulet',
  'montague',
];
const HOSTS = ['im.example.com', 'example.net', 'montague.example', 'chat.example.org'];
const WORDS =
  'the and that have for not with you this but his from they say her she will one all would there their what out about who which go me when make can like time just him know take people into year your good some could them see other than then now look only come its over think also back after use two how our work first well way even new want because any these give day most us'.split(
    ' ',
  );
const CJK =
  '今日は良い天気ですね明日会議があります你好世界我們在這裡等你吃飯了嗎한국어도조금할수있어요資料を送りましたので確認してください';
const EMOJI = ['😀', '🎉', '👍🏽', '❤️', '🤔', '🚀'];

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function maker(seed) {
  const random = seeded(seed);
  const { below, pick, chance, hex } = random;
  const bare = () => `${pick(NAMES)}@${pick(HOSTS)}`;
  const full = () =>
    `${bare()}/${pick(['balcony', 'orchard', 'Conversations.x7Yq', 'gajim.KU2ZVJXH', 'phone', hex(8)])}`;
  const id = () =>
    chance(50) ? `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}` : `${pick(['ab', 'lx', 'purple'])}${hex(6)}`;
  const words = (count) => Array.from({ length: count }, () => pick(WORDS)).join(' ');
  const base64 = (length) => Array.from({ length }, () => BASE64[below(64)]).join('');
  const cjk = (length) => Array.from({ length }, () => CJK[below(CJK.length)]).join('');
  const sentence = () => {
    let text = words(3 + below(22));
    if (chance(12)) text += ` &amp; ${words(3)}`;
    if (chance(10)) text += ' &lt;3 don&apos;t';
    if (chance(8)) text += ` ${pick(EMOJI)}`;
    return text;
  };
  const stamp = () => `2026-0${1 + below(9)}-1${below(10)}T0${below(10)}:${10 + below(50)}:${10 + below(50)}Z`;

  const kinds = {
    chat() {
      return (
        `<message from='${full()}' to='${full()}' id='${id()}' type='chat'>` +
        `<body>${sentence()}</body>` +
        (chance(70) ? "<active xmlns='http://jabber.org/protocol/chatstates'/>" : '') +
        (chance(60) ? "<request xmlns='urn:xmpp:receipts'/>" : '') +
        (chance(40) ? `<origin-id xmlns='urn:xmpp:sid:0' id='${id()}'/>` : '') +
        (chance(30) ? `<thread>${hex(32)}</thread>` : '') +
        '</message>'
      );
    },
    presence() {
      if (chance(20)) return `<presence from='${full()}' to='${bare()}' type='unavailable'/>`;
      return (
        `<presence from='${full()}' to='${full()}'>` +
        (chance(50) ? `<show>${pick(['away', 'dnd', 'xa', 'chat'])}</show>` : '') +
        (chance(40) ? `<status>${words(2 + below(6))}</status>` : '') +
        `<priority>${below(100)}</priority>` +
        `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://gajim.org' ver='${base64(27)}='/>` +
        (chance(50) ? `<x xmlns='vcard-temp:x:update'><photo>${hex(40)}</photo></x>` : '') +
        '</presence>'
      );
    },
    roster() {
      let items = '';
      for (let count = 20 + below(60); count > 0; count--) {
        items +=
          `<item jid='${bare()}' name='${pick(NAMES)} ${pick(WORDS)}' subscription='${pick(['both', 'to', 'from', 'none'])}'>` +
          (chance(70) ? `<group>${pick(['Friends', 'Family', 'Work', 'Veronese nobility'])}</group>` : '') +
          '</item>';
      }
      return `<iq type='result' id='${id()}' to='${full()}'><query xmlns='jabber:iq:roster' ver='ver${below(1000)}'>${items}</query></iq>`;
    },
    archive() {
      return (
        `<message to='${full()}' from='${bare()}'>` +
        `<result xmlns='urn:xmpp:mam:2' queryid='${hex(8)}' id='${id()}'><forwarded xmlns='urn:xmpp:forward:0'>` +
        `<delay xmlns='urn:xmpp:delay' stamp='${stamp()}'/>` +
        `<message xmlns='jabber:client' to='${bare()}' from='${full()}' id='${id()}' type='chat'><body>${sentence()}</body>` +
        (chance(50) ? "<markable xmlns='urn:xmpp:chat-markers:0'/>" : '') +
        (chance(50) ? `<stanza-id xmlns='urn:xmpp:sid:0' by='${bare()}' id='${id()}'/>` : '') +
        '</message></forwarded></result></message>'
      );
    },
    base64() {
      return (
        `<message from='${full()}' to='${full()}' id='${id()}' type='chat'>` +
        `<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='${below(1e9)}'>` +
        `<key rid='${below(1e9)}' prekey='true'>${base64(240)}</key><key rid='${below(1e9)}'>${base64(180)}</key><iv>${base64(16)}</iv></header>` +
        `<payload>${base64(2000 + below(28_000))}</payload></encrypted>` +
        "<store xmlns='urn:xmpp:hints'/></message>"
      );
    },
    cjk() {
      return (
        `<message from='${full()}' to='${full()}' id='${id()}' type='chat' xml:lang='ja'>` +
        `<body>${cjk(10 + below(120))}${chance(20) ? pick(EMOJI) : ''}</body></message>`
      );
    },
    omemo() {
      return (
        `<message from='${full()}' to='${full()}' id='${id()}' type='chat'>` +
        `<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='${below(1e9)}'>` +
        `<key rid='${below(1e9)}'>${base64(180)}</key><iv>${base64(16)}</iv></header><payload>${base64(60 + below(300))}</payload></encrypted>` +
        "<encryption xmlns='urn:xmpp:eme:0' name='OMEMO' namespace='eu.siacs.conversations.axolotl'/></message>"
      );
    },
    avatar() {
      return (
        `<iq from='${bare()}' to='${full()}' id='${id()}' type='result'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` +
        `<items node='urn:xmpp:avatar:data'><item id='${hex(40)}'><data xmlns='urn:xmpp:avatar:data'>${base64(4000 + below(16_000))}</data>` +
        '</item></items></pubsub></iq>'
      );
    },
    iq() {
      return chance(50)
        ? `<iq from='${full()}' to='${full()}' id='${id()}' type='get'><ping xmlns='urn:xmpp:ping'/></iq>`
        : `<iq type='result' id='${id()}'/>`;
    },
  };
  return { kinds, random };
}

const KINDS = ['chat', 'presence', 'roster', 'archive', 'base64', 'cjk'];
/** First-level elements of one kind, at least `bytes` long together; `mixed` has as many bytes of each of the kinds. */
export function stanzas(corpus, bytes, seed = 20_261_122) {
  const { kinds } = maker(seed);
  const list = [];
  const lengths = (corpus === 'mixed' ? KINDS : [corpus]).map((kind) => ({ kind, length: 0 }));
  for (let total = 0; total < bytes;) {
    const shortest = lengths.reduce((one, other) => (other.length < one.length ? other : one));
    const stanza = kinds[shortest.kind]();
    const length = Buffer.byteLength(stanza);
    list.push(stanza);
    shortest.length += length;
    total += length;
  }
  return list;
}

/** A corpus as one stream in bytes. */
export function streamOf(corpus, bytes) {
  return Buffer.from(HEADER + stanzas(corpus, bytes).join(''));
}

/** Inputs of growing size that make careless parsers quadratic. `size` is about how many bytes they have. */
export const ADVERSARIAL = {
  text: (size) => `<a>${'x'.repeat(size)}</a>`,
  attribute: (size) => `<a b='${'x'.repeat(size)}'/>`,
  entities: (size) => `<a>${'&amp;'.repeat(size / 5)}</a>`,
  cdata: (size) => `<a><![CDATA[${']]'.repeat(size / 2)}]]></a>`,
  sections: (size) => `<a>${'<![CDATA[x]]>'.repeat(size / 13)}</a>`,
  whitespace: (size) => `<a${' '.repeat(size)}/>`,
  attributes: (size) => `<a${Array.from({ length: size / 10 }, (_, at) => ` a${at.toString(36)}='1'`).join('')}/>`,
  depth: (size) => `${'<a>'.repeat(size / 7)}${'</a>'.repeat(size / 7)}`,
  namespaces: (size) => {
    const count = Math.floor(size / 40);
    const declared = Array.from({ length: count }, (_, at) => ` xmlns:p${at.toString(36)}='u:${at}'`).join('');
    return `<a${declared}>${Array.from({ length: count }, (_, at) => `<p${at.toString(36)}:b/>`).join('')}</a>`;
  },
  names: (size) => `<a>${Array.from({ length: size / 10 }, (_, at) => `<b${at.toString(36)}/>`).join('')}</a>`,
};
