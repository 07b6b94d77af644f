import { utf8Encode } from '@xmpp-wire/core/adapter';
import * as fc from 'fast-check';
import { cutAt } from '../chunking.ts';

/** Ways to cut these bytes: from one piece to one for each byte. */
export function chunkings(bytes: Uint8Array): fc.Arbitrary<readonly Uint8Array[]> {
  if (bytes.length < 2) return fc.constant(cutAt(bytes, []));
  const place = fc.integer({ min: 1, max: bytes.length - 1 });
  return fc
    .oneof(fc.array(place, { maxLength: 8 }), fc.array(place, { maxLength: bytes.length }))
    .map((places) => cutAt(bytes, places));
}

const STREAM =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='im.example.com' from='im.example.com' id='x' version='1.0'>";

/** Pieces that streams are made of, whole and broken, in the right namespaces and in wrong ones. */
const WORDS: readonly string[] = [
  STREAM,
  "<?xml version='1.0'?>",
  '</stream:stream>',
  '<stream:features/>',
  "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>",
  "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>",
  "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>",
  "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
  "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
  "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABSMG0zMA==</auth>",
  "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>biwsbj1qdWxpZXQscj1hYmNkZWZnaGlqa2xtbm9w</auth>",
  "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>cj1h</challenge>",
  "<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>%</response>",
  "<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
  "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>",
  "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>",
  "<iq type='result' id='GBkaGxwdHh8g'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>a@b/c</jid></bind></iq>",
  "<iq type='get'/>",
  "<iq type='error' id='1'/>",
  "<message from='@'><body>x</body></message>",
  '<presence/>',
  "<stream:error><host-gone xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
  '<stream:error/>',
  '<unknown/>',
  "<c:message xmlns:c='jabber:client'/>",
  '<!-- -->',
  '<?pi?>',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE x>',
  '&lol;',
  '&#0;',
  '&#x1F600;',
  '<a><a><a><a>',
  '</a>',
  '<',
  '>',
  "'",
  '/>',
  ' ',
  '\n',
  '\u0000',
  'é',
  '𐍈',
];

const RAW: readonly (readonly number[])[] = [
  [0xff],
  [0xc0, 0xaf],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x98],
  [0xef, 0xbb, 0xbf],
  [0xfe, 0xff],
];

/** What nobody should send: streams in disorder, streams with bytes changed, taken out and put in, and bytes of no kind. */
export function hostileBytes(): fc.Arbitrary<Uint8Array> {
  const word = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...WORDS).map(utf8Encode) },
    { weight: 1, arbitrary: fc.constantFrom(...RAW).map((bytes) => Uint8Array.from(bytes)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }) },
  );
  const soup = fc.array(word, { maxLength: 12 }).map(joined);
  const orderly = soup.map((bytes) => joined([utf8Encode(STREAM), bytes]));
  return fc.oneof(soup, orderly, mutated(orderly), fc.uint8Array({ maxLength: 200 }));
}

/** A few bytes of it changed, taken out, or said twice. */
function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const mutation = fc.record({
    kind: fc.constantFrom('change', 'remove', 'repeat'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.integer({ min: 1, max: 12 }),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  return fc.tuple(original, fc.array(mutation, { minLength: 1, maxLength: 4 })).map(([bytes, mutations]) =>
    mutations.reduce((before, { kind, at, length, byte }) => {
      const from = Math.floor(at * before.length);
      const middle = before.subarray(from, from + length);
      const inserted =
        kind === 'remove' ? [] : kind === 'repeat' ? [middle, middle] : [Uint8Array.of(byte), middle.subarray(1)];
      return joined([before.subarray(0, from), ...inserted, before.subarray(from + length)]);
    }, bytes),
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
