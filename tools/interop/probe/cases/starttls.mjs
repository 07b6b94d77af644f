// RFC 6120 §5: STARTTLS.
import { probe } from '../case.mjs';
import { auth, bind, broken, plain, STARTTLS } from '../entity.mjs';
import { Difference } from '../wire.mjs';

const TLS = 'urn:ietf:params:xml:ns:xmpp-tls';
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const FAILED = 'TLS failure, closing tag';

export const STARTTLS_CASES = [
  probe('5.4.1', 'STARTTLS is offered as required', async (entity) => {
    const features = await entity.openClear();
    const offer = features.child('starttls', TLS);
    entity.check(offer?.child('required') !== undefined, '<starttls/> with <required/>', 'another offer');
  }),
  probe('6.3.4', 'no mechanism is offered before TLS', async (entity) => {
    const features = await entity.openClear();
    entity.check(features.child('mechanisms', SASL) === undefined, 'no mechanisms', 'mechanisms');
  }),
  probe('5.4.2.3', 'a stream in TLS', (entity) => entity.openSecure()),
  probe('5.4.2.2', 'another element of the TLS namespace', async (entity) => {
    await entity.openClear();
    entity.write(`<stoptls xmlns='${TLS}'/>`);
    await entity.sees(FAILED);
    // The closing tag may wait for ours (§4.4).
    entity.write('</stream:stream>');
    await entity.sees('end');
  }),
  probe('5.4.2.2', '<proceed/> from the initiating entity', async (entity) => {
    await entity.openClear();
    entity.write(`<proceed xmlns='${TLS}'/>`);
    await entity.sees(FAILED);
    // The closing tag may wait for ours (§4.4).
    entity.write('</stream:stream>');
    await entity.sees('end');
  }),
  probe('5.4.2.2', '<starttls/> in TLS', async (entity) => {
    await entity.openSecure();
    entity.write(STARTTLS);
    await entity.sees(FAILED);
    // The closing tag may wait for ours (§4.4).
    entity.write('</stream:stream>');
    await entity.sees('end');
  }),
  probe('5.4.2.2', '<starttls/> behind SASL', async (entity) => {
    await entity.openAuthenticated();
    entity.write(STARTTLS);
    await entity.sees(FAILED, broken('not-authorized'), broken('unsupported-stanza-type'));
    entity.write('</stream:stream>');
    await entity.sees('end');
  }),
  probe('5.3.1', '<starttls/> in no namespace of TLS', async (entity) => {
    await entity.openClear();
    entity.write(`<starttls xmlns='urn:example:tls'/>`);
    await entity.sees(broken('unsupported-stanza-type'), broken('not-authorized'));
  }),
  probe('6.5.4', 'SASL before TLS', async (entity) => {
    await entity.openClear();
    entity.write(auth('PLAIN', plain(entity.account)));
    await entity.sees('failure encryption-required');
  }),
  probe('4.9.3.12', 'a message before TLS', async (entity) => {
    await entity.openClear();
    entity.write(`<message to='bob@${entity.domain}'><body>too early</body></message>`);
    await entity.sees(broken('not-authorized'));
  }),
  probe('4.9.3.12', 'a bind request before TLS', async (entity) => {
    await entity.openClear();
    entity.write(bind(''));
    await entity.sees(broken('not-authorized'));
  }),
  probe('5.3.3', 'white space behind <starttls/> ends the connection or counts for nothing', async (entity) => {
    await entity.openClear();
    entity.write(`${STARTTLS}\n`);
    await entity.sees('end', 'proceed');
    if (await encrypted(entity)) await entity.open();
  }),
  ...Object.entries({
    'a header and a login': (/** @type {import('../entity.mjs').Entity} */ entity) =>
      entity.headerText() + auth('PLAIN', plain(entity.account)),
    'a stanza': (/** @type {import('../entity.mjs').Entity} */ entity) =>
      `<message to='${entity.bare}'><body>injected</body></message>`,
  }).map(([what, injected]) =>
    probe('5.4.3.1', `${what} behind <starttls/> in clear text never counts in TLS`, async (entity) => {
      await entity.openClear();
      entity.write(`${STARTTLS}${injected(entity)}`);
      const { word } = await entity.wire.next();
      // Cut at once, or refused: nothing was taken into TLS.
      if (word !== 'proceed') {
        entity.check(word === 'end' || word.startsWith('stream error'), 'end or proceed', word);
        return;
      }
      if (!(await encrypted(entity))) return;
      const first = await entity.wire.next(500);
      entity.check(['nothing', 'end'].includes(first.word), 'nothing before a header in TLS', first.word);
      if (first.word === 'end') return;
      entity.write(entity.headerText());
      const { word: answer } = await entity.wire.next(1000);
      if (answer !== 'header') return;
      const features = await entity.sees('features');
      entity.check(features.child('mechanisms', SASL) !== undefined, 'mechanisms, as nobody has logged in', 'none');
    }),
  ),
  probe('5.4.3.2', 'XML where the TLS handshake begins', async (entity) => {
    await entity.openClear();
    entity.write(STARTTLS);
    await entity.sees('proceed');
    entity.write(entity.headerText());
    // A TLS alert is no XML; what counts is that no stream goes on.
    const { word } = await entity.wire.next();
    entity.check(word === 'end' || word.startsWith('what is not XML'), 'a TLS alert or the end', word);
  }),
  probe('5.4.3.3', 'the stream in TLS begins from scratch: no stanza without a header', async (entity) => {
    await entity.secure();
    entity.write(`<message to='${entity.bare}'><body>no header</body></message>`);
    await entity.sees(
      ...['bad-format', 'invalid-namespace', 'not-authorized', 'invalid-xml'].map(
        (condition) => `header, ${broken(condition)}`,
      ),
    );
  }),
];

/** Whether the server goes on with TLS. @param {import('../entity.mjs').Entity} entity */
async function encrypted(entity) {
  try {
    await entity.wire.encrypt(entity.subject);
    return true;
  } catch (error) {
    if (error instanceof Difference) throw error;
    return false;
  }
}
