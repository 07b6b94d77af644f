// RFC 6120 §6: SASL, and §13.9.1 on base64.
import { WRONG_PASSWORD } from '../../lib/world.mjs';
import { probe } from '../case.mjs';
import { auth, base64, broken, plain, response, SASL } from '../entity.mjs';

const ABORT = `<abort xmlns='${SASL}'/>`;
const NOT_BASE64 = {
  'characters of no alphabet': '!!!!',
  'white space inside': 'AGFsaWNl AHNlY3JldA==',
  'a line break inside': 'AGFsaWNl\nAHNlY3JldA==',
  'a missing pad': 'AGFsaWNlAHNlY3JldA',
  'a pad in the middle': 'AGFs=WNlAHNlY3JldA==',
  'a pad at the start': '=AGFsaWNlAHNlY3JldA',
};

export const SASL_CASES = [
  probe('6.3.3', 'mechanisms are offered in TLS', async (entity) => {
    const features = await entity.openSecure();
    const offered =
      features
        .child('mechanisms', SASL)
        ?.childElements('mechanism')
        .map((each) => each.text) ?? [];
    for (const wanted of ['SCRAM-SHA-1', 'PLAIN'])
      entity.check(offered.includes(wanted), `${wanted} offered`, 'it is not');
  }),
  probe('6.4.6', 'PLAIN with its initial response: success without data', async (entity) => {
    await entity.openSecure();
    const success = await entity.logIn();
    entity.check(success.text === '', 'an empty <success/>', 'one with data');
  }),
  probe('6.4.2', 'PLAIN without an initial response: an empty challenge comes first', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN'));
    const challenge = await entity.sees('challenge');
    entity.check(challenge.text === '', 'an empty challenge', 'one with data');
    entity.write(response(plain(entity.account)));
    await entity.sees('success');
  }),
  probe('6.4.6', "SCRAM: success brings the server's signature", async (entity) => {
    await entity.openSecure();
    const { final, signature } = await entity.beginScram();
    entity.write(response(final));
    const success = await entity.sees('success');
    entity.check(success.text === signature, 'the signature as data of <success/>', 'another one');
  }),
  probe('6.4.2', 'SCRAM without an initial response', async (entity) => {
    await entity.openSecure();
    entity.write(auth('SCRAM-SHA-1'));
    const empty = await entity.sees('challenge');
    entity.check(empty.text === '', 'an empty challenge', 'one with data');
    const { final } = await entity.beginScram({
      start: (first) => {
        entity.write(response(first));
        return entity.sees('challenge');
      },
    });
    entity.write(response(final));
    await entity.sees('success');
  }),
  probe('6.4.2', 'an initial response of length zero is no PLAIN message', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', '='));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.5.10', 'a wrong password by PLAIN', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', plain(entity.account, WRONG_PASSWORD)));
    await entity.sees('failure not-authorized');
  }),
  probe('6.5.10', 'a wrong password by SCRAM', async (entity) => {
    await entity.openSecure();
    const { final } = await entity.beginScram({ password: WRONG_PASSWORD });
    entity.write(response(final));
    await entity.sees('failure not-authorized');
  }),
  probe('6.5.10', 'an unknown user by PLAIN', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', plain('nobody')));
    await entity.sees('failure not-authorized');
  }),
  probe('6.5.10', 'an unknown user by SCRAM is told so at the proof, like a wrong password', async (entity) => {
    await entity.openSecure();
    const { final } = await entity.beginScram({ account: 'nobody' });
    entity.write(response(final));
    await entity.sees('failure not-authorized');
  }),
  probe('6.5.7', 'a mechanism that is not offered', async (entity) => {
    await entity.openSecure();
    entity.write(auth('CRAM-MD5'));
    await entity.sees('failure invalid-mechanism');
  }),
  probe('6.5.7', 'a mechanism in small letters', async (entity) => {
    await entity.openSecure();
    entity.write(auth('plain', plain(entity.account)));
    await entity.sees('failure invalid-mechanism');
  }),
  probe('6.5.7', '<auth/> without a mechanism', async (entity) => {
    await entity.openSecure();
    entity.write(`<auth xmlns='${SASL}'>${plain(entity.account)}</auth>`);
    await entity.sees('failure invalid-mechanism', 'failure malformed-request');
  }),
  ...Object.entries(NOT_BASE64).map(([what, data]) =>
    probe('6.5.5', `base64 with ${what}`, async (entity) => {
      await entity.openSecure();
      entity.write(auth('PLAIN', data));
      await entity.sees('failure incorrect-encoding');
    }),
  ),
  probe('6.5.5', 'a response that is not base64', async (entity) => {
    await entity.openSecure();
    await entity.beginScram();
    entity.write(response('not base64'));
    await entity.sees('failure incorrect-encoding');
  }),
  probe('6.5.8', 'a PLAIN message with a part too many', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', base64(`\0${entity.account}\0one\0two`)));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.5.8', 'a PLAIN message that is not UTF-8', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', base64(Uint8Array.of(0, 0x61, 0, 0xff, 0xfe))));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.5.8', 'a SCRAM message that is none', async (entity) => {
    await entity.openSecure();
    entity.write(auth('SCRAM-SHA-1', base64('hello')));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.5.8', 'a SCRAM proof with another nonce', async (entity) => {
    await entity.openSecure();
    const { final, nonce } = await entity.beginScram();
    const message = Buffer.from(final, 'base64').toString();
    entity.write(response(base64(message.replace(nonce, 'anothernonce'))));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.4.4', 'abort at the first challenge', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN'));
    await entity.sees('challenge');
    entity.write(ABORT);
    await entity.sees('failure aborted');
  }),
  probe('6.4.4', 'abort in the midst of SCRAM, then a login on the same stream', async (entity) => {
    await entity.openSecure();
    await entity.beginScram();
    entity.write(ABORT);
    await entity.sees('failure aborted');
    await entity.logIn();
  }),
  probe('6.4.4', 'abort where nothing was begun', async (entity) => {
    await entity.openSecure();
    entity.write(ABORT);
    await entity.sees(
      'failure aborted',
      'failure malformed-request',
      'failure not-authorized',
      broken('not-authorized'),
    );
  }),
  probe('6.4.3', '<response/> where nothing was begun', async (entity) => {
    await entity.openSecure();
    entity.write(response(plain(entity.account)));
    await entity.sees('failure malformed-request', 'failure not-authorized', broken('not-authorized'));
  }),
  probe('6.4.2', 'a second <auth/> discards the exchange that was begun', async (entity) => {
    await entity.openSecure();
    await entity.beginScram();
    const { final, signature } = await entity.beginScram();
    entity.write(response(final));
    const success = await entity.sees('success');
    entity.check(success.text === signature, 'the signature of the second exchange', 'another one');
  }),
  probe('6.4.2', 'a proof of the exchange that was discarded', async (entity) => {
    await entity.openSecure();
    const first = await entity.beginScram();
    await entity.beginScram();
    entity.write(response(first.final));
    await entity.sees('failure malformed-request', 'failure not-authorized');
  }),
  probe('6.4.6', '<auth/> on a stream that is authenticated', async (entity) => {
    await entity.openAuthenticated();
    entity.write(auth('PLAIN', plain(entity.account)));
    await entity.sees(broken('not-authorized'), broken('unsupported-stanza-type'), 'failure not-authorized');
  }),
  probe('6.4.6', 'elements instead of a header behind <success/>', async (entity) => {
    await entity.authenticate();
    entity.write(`<message xmlns='jabber:client' to='${entity.bare}'><body>no header</body></message>`);
    await entity.sees(
      ...['bad-format', 'invalid-namespace', 'not-authorized', 'invalid-xml'].map(
        (condition) => `header, ${broken(condition)}`,
      ),
    );
  }),
  probe('6.4.5', 'after two failures a login succeeds on the same stream', async (entity) => {
    await entity.openSecure();
    for (const password of ['one', 'two']) {
      entity.write(auth('PLAIN', plain(entity.account, password)));
      await entity.sees('failure not-authorized');
    }
    await entity.logIn();
  }),
  probe('6.4.5', 'failures come to an end by policy-violation', async (entity) => {
    await entity.openSecure();
    for (let tries = 0; tries < 10; tries += 1) {
      entity.write(auth('PLAIN', plain(entity.account, `wrong-${tries}`)));
      await entity.sees('failure not-authorized', broken('policy-violation'));
      const { word } = await entity.wire.next(tries < 2 ? 50 : 400);
      if (word === 'nothing') continue;
      entity.check(word === 'stream error policy-violation' && tries >= 2, 'policy-violation from the third on', word);
      await entity.sees('closing tag, end');
      return;
    }
    entity.check(false, 'policy-violation within ten tries', 'ten failures, and the stream goes on');
  }),
  probe('6.3.8', "the account's own address as authorization identity", async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', plain(entity.account, undefined, entity.bare)));
    await entity.sees('success');
  }),
  probe('6.5.6', 'the authorization identity of somebody else', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', plain(entity.account, undefined, `bob@${entity.domain}`)));
    await entity.sees('failure invalid-authzid');
  }),
  probe('6.5.6', 'an authorization identity that is no address', async (entity) => {
    await entity.openSecure();
    entity.write(auth('PLAIN', plain(entity.account, undefined, 'not@an@address')));
    await entity.sees('failure invalid-authzid');
  }),
  probe('6.4.6', 'SASL proves somebody else than the header said', async (entity) => {
    await entity.openSecure({ from: `mallory@${entity.domain}` });
    entity.write(auth('PLAIN', plain(entity.account)));
    await entity.sees(broken('invalid-from'), 'failure not-authorized', 'failure invalid-authzid');
  }),
  probe('4.9.3.12', 'a stanza in the midst of SASL', async (entity) => {
    await entity.openSecure();
    await entity.beginScram();
    entity.write(`<message to='bob@${entity.domain}'><body>too early</body></message>`);
    await entity.sees(broken('not-authorized'));
  }),
];
