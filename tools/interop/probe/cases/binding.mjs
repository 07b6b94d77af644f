// RFC 6120 §7: resource binding.
import { probe } from '../case.mjs';
import { BIND, bind, broken, jidIn, UNKNOWN } from '../entity.mjs';

export const BINDING_CASES = [
  probe('7.4', 'bind is offered behind SASL', async (entity) => {
    const features = await entity.openAuthenticated();
    entity.check(features.child('bind', BIND) !== undefined, '<bind/>', 'none');
  }),
  probe('7.6', 'resources that the server makes are different ones', async (entity) => {
    const other = entity.other();
    const jids = [];
    for (const each of [entity, other]) {
      await each.openAuthenticated();
      each.write(bind(''));
      const result = await each.sees('iq result');
      entity.check(result.attribute('id') === 'bind', 'the id of the request', 'another one');
      jids.push(jidIn(result));
    }
    entity.check(
      jids.every((jid) => jid.startsWith(`${entity.bare}/`)),
      'full JIDs of the account',
      'others',
    );
    entity.check(jids[0] !== jids[1], 'two resources', 'one twice');
  }),
  probe('7.7', 'the resource that was asked for', async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('<resource>balcony</resource>'));
    const jid = jidIn(await entity.sees('iq result'));
    entity.check(jid === `${entity.bare}/balcony`, 'the resource', 'another one');
  }),
  probe('7.6', 'an empty resource leaves it to the server', async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('<resource/>'));
    const jid = jidIn(await entity.sees('iq result'));
    entity.check(jid.length > entity.bare.length + 1, 'a full JID', 'none');
  }),
  ...Object.entries({
    'a resource with a character that none can have': '\u{E000}',
    'a resource of 1024 bytes': 'r'.repeat(1024),
  }).map(([what, resource]) =>
    probe('7.7.2.1', `${what}: made to conform, or a bad request and then another one`, async (entity) => {
      await entity.openAuthenticated();
      entity.write(bind(`<resource>${resource}</resource>`));
      const answer = await entity.sees('iq result', 'iq error bad-request');
      if (answer.attribute('type') === 'result') {
        const made = jidIn(answer);
        entity.check(
          made.startsWith(`${entity.bare}/`) && made !== `${entity.bare}/${resource}`,
          'another resource',
          'the one asked for',
        );
        return;
      }
      entity.write(bind('<resource>good</resource>'));
      await entity.sees('iq result');
    }),
  ),
  probe('7.7.2.2', 'a resource that is taken: another one, conflict, or the older session ends', async (entity) => {
    const older = entity.other();
    await older.bound({ resource: 'same' });
    await entity.openAuthenticated();
    entity.write(bind('<resource>same</resource>'));
    const answer = await entity.sees('iq result', 'iq error conflict');
    if (answer.attribute('type') === 'error') return;
    if (jidIn(answer) === older.full) await older.sees(broken('conflict'));
    else await older.goesOn();
  }),
  probe('7.1', 'a bind request before SASL', async (entity) => {
    await entity.openSecure();
    entity.write(bind(''));
    await entity.sees(broken('not-authorized'));
  }),
  probe('7.1', 'a message before a resource is bound', async (entity) => {
    await entity.openAuthenticated();
    entity.write(`<message to='bob@${entity.domain}'><body>too early</body></message>`);
    await entity.sees(broken('not-authorized'));
  }),
  probe('7.1', 'a request to another account before a resource is bound', async (entity) => {
    await entity.openAuthenticated();
    entity.write(`<iq type='get' id='early' to='bob@${entity.domain}'>${UNKNOWN}</iq>`);
    await entity.sees(broken('not-authorized'));
  }),
  probe('7.1', 'a bind request to a foreign address', async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('', `type='set' id='bind' to='nowhere.example'`));
    await entity.sees(broken('not-authorized'));
  }),
  probe('7.6', "a bind request to the server's address", async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('', `type='set' id='bind' to='${entity.domain}'`));
    await entity.sees('iq result');
  }),
  probe('7.6', 'a bind request of type get', async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('', `type='get' id='bind'`));
    await entity.sees('iq error bad-request');
  }),
  probe('8.1.3', 'a bind request without an id', async (entity) => {
    await entity.openAuthenticated();
    entity.write(bind('', `type='set'`));
    await entity.sees('iq error bad-request');
  }),
  probe('7.7.3', 'a resource is bound after five refusals', async (entity) => {
    await entity.openAuthenticated();
    for (let tries = 0; tries < 5; tries += 1) {
      entity.write(bind('<resource>\u{E000}</resource>'));
      const answer = await entity.sees('iq error bad-request', 'iq result');
      // A server that makes the resource conform refuses none.
      if (answer.attribute('type') === 'result') return;
    }
    entity.write(bind('<resource>good</resource>'));
    await entity.sees('iq result');
  }),
  probe('7.1', 'a second bind request once a resource is bound is answered by an error', async (entity) => {
    await entity.bound();
    entity.write(bind('<resource>more</resource>'));
    await entity.sees(
      ...['service-unavailable', 'not-allowed', 'feature-not-implemented', 'bad-request'].map(
        (condition) => `iq error ${condition}`,
      ),
    );
  }),
];
