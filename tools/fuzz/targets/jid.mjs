// Addresses and prepared strings: never an exception, and what was prepared once stays as it is.
import { asciiPreparation, escapeLocalpart, parseJid, unescapeLocalpart } from '@xmpp-wire/core/jid';
import { unicodePreparation } from '@xmpp-wire/core/jid/unicode';
import { saslPrep } from '@xmpp-wire/core/sasl';
import { wordsOf } from '../input.mjs';
import { expect } from '../support.mjs';

/** @import { JidPreparation } from '@xmpp-wire/core/jid' */

const SEEDS = wordsOf(`
    juliet@im.example.com/balcony  im.example.com.  [::1]  [::ffff:192.0.2.1]/a  192.0.2.1
    d\\27artagnan@a/b/c@d  \xc3\xa9@xn--bcher-kva.example/\xe2\x98\xba  \xd7\x90\xd7\x91@\xd7\x90.example
    \xe1\xb8\xa1\xcc\xa3@\xef\xbc\xa1.example/\xef\xbd\xa1  a\xe3\x80\x80b@\xc3\x9f.example`);

/** @param {string} text @param {JidPreparation} preparation */
function checkJid(text, preparation) {
  const result = parseJid(text, preparation);
  if (!result.ok) {
    expect(result.error.message !== '', 'a refusal without a word');
    return undefined;
  }
  const { jid } = result;
  const again = parseJid(String(jid), preparation);
  expect(again.ok && again.jid.equals(jid), `what is written of ${JSON.stringify(text)} is another address: ${jid}`);
  for (const part of [jid.localpart, jid.domainpart, jid.resourcepart]) {
    if (part !== undefined) expect(part !== '' && Buffer.byteLength(part) <= 1023, `a part of a wrong length: ${part}`);
  }
  return String(jid);
}

/** @type {import('../loop.mjs').Target} */
export const jid = {
  name: 'jid',
  seeds: SEEDS.map((seed) => `\x02${seed}`),
  words: [
    ...wordsOf(`
    @  /  .  :  [  ]  \\20  \\5c  xn--  \xe3\x80\x82  \xef\xbc\x8e  \xc2\xad  \xcc\x88  \xcc\xa3  \xc2\xb7
    \xe2\x80\x8d  \xe2\x80\x8c  \xd7\xb3  \xe3\x83\xbb  \xd9\xa1  \xdb\xb1  \xcd\xb5  \xd7\x90  \xd8\xa7
    \xc4\xb0  \xc4\xb1  \xe1\xba\x9e  \xcf\x82  \xe1\x84\x80\xe1\x85\xa1  \xef\xac\x81  \xe2\x84\xaa`),
    'a'.repeat(300),
    '\xc3\xa9'.repeat(300),
  ],
  run(input) {
    // UTF-16 says what UTF-8 cannot: half a pair.
    const text = Buffer.from(input.subarray(1)).toString(((input[0] ?? 0) & 1) === 0 ? 'utf8' : 'utf16le');
    const narrow = checkJid(text, asciiPreparation);
    const wide = checkJid(text, unicodePreparation);
    if (narrow !== undefined) expect(wide === narrow, `${narrow} of ASCII is ${wide} of Unicode`);
    for (const use of /** @type {const} */ (['query', 'stored'])) {
      const prepared = saslPrep(text, use);
      if (prepared !== undefined)
        expect(saslPrep(prepared, use) === prepared, `SASLprep of ${JSON.stringify(text)} twice is another`);
    }
    expect(unescapeLocalpart(unescapeLocalpart(text)) !== undefined, 'unescaping');
    if (!/^ | $/.test(text))
      expect(
        unescapeLocalpart(escapeLocalpart(text)) === text,
        `${JSON.stringify(text)} does not come back from its escapes`,
      );
  },
};
