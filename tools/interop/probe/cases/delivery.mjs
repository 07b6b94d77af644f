// RFC 6120 §10: where stanzas go.
import { probe } from '../case.mjs';
import { UNKNOWN } from '../entity.mjs';

export const DELIVERY_CASES = [
  probe('10.3.1', "a message without 'to' is for the own account", async (entity) => {
    await entity.bound({ available: true });
    entity.write(`<message type='chat'><body>to myself</body></message>`);
    const message = await entity.sees('message');
    entity.check(message.childText('body') === 'to myself', 'the message', 'another one');
  }),
  probe('10.3.2', "presence without 'to' reaches the own available resources", async (entity) => {
    await entity.bound();
    entity.write('<presence/>');
    const presence = await entity.sees('presence');
    entity.check(presence.attribute('from') === entity.full, "the full JID as 'from'", 'another one');
  }),
  ...['get', 'set'].map((type) =>
    probe('10.3.3', `an unknown iq ${type} without 'to' is answered for the account`, async (entity) => {
      await entity.bound();
      entity.write(`<iq type='${type}' id='x'>${UNKNOWN}</iq>`);
      const answer = await entity.sees('iq error service-unavailable');
      const from = answer.attribute('from');
      entity.check(from === undefined || from === entity.bare, "the account as 'from' or nobody", String(from));
    }),
  ),
  probe('10.5.1', 'a message to the server itself does no harm', async (entity) => {
    await entity.bound();
    entity.write(`<message to='${entity.domain}'><body>hi</body></message>`);
    const { word } = await entity.wire.next(300);
    entity.check(word === 'nothing' || word.startsWith('message error'), 'nothing or an error', word);
    await entity.goesOn();
  }),
  probe('10.5.2', 'a request to an unknown resource of the server is answered', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' id='x' to='${entity.domain}/nowhere'>${UNKNOWN}</iq>`);
    await entity.sees('iq error service-unavailable', 'iq error item-not-found');
  }),
  probe('10.5.3', 'a message to the own bare JID', async (entity) => {
    await entity.bound({ available: true });
    entity.write(`<message to='${entity.bare}' type='chat'><body>hi</body></message>`);
    await entity.sees('message');
  }),
  probe('10.5.3', 'an unknown request to the own bare JID is answered by the server', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' id='x' to='${entity.bare}'>${UNKNOWN}</iq>`);
    const answer = await entity.sees('iq error service-unavailable');
    const from = answer.attribute('from');
    entity.check(
      from === entity.bare || from === undefined,
      'from the bare JID',
      from === entity.domain ? 'from the domain' : 'from another address',
    );
  }),
  probe('10.5.4', 'a request to the own full JID comes back to the client', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' id='x' to='${entity.full}'>${UNKNOWN}</iq>`);
    await entity.sees('iq get');
  }),
  probe('10.5.4', 'a request to a resource that is not there', async (entity) => {
    await entity.bound();
    entity.write(`<iq type='get' id='x' to='${entity.bare}/gone'>${UNKNOWN}</iq>`);
    const answer = await entity.sees('iq error service-unavailable');
    entity.check(answer.attribute('from') === `${entity.bare}/gone`, 'from the address asked', 'from another one');
  }),
  probe('RFC 6121 §8.5.3.2.1', 'a chat message to a resource that is not there goes to the account', async (entity) => {
    await entity.bound({ available: true });
    entity.write(`<message to='${entity.bare}/gone' type='chat'><body>hi</body></message>`);
    await entity.sees('message');
  }),
  probe('RFC 6121 §8.5.3.2.1', 'a headline to a resource that is not there is dropped', async (entity) => {
    await entity.bound({ available: true });
    await entity.goesOn(`<message to='${entity.bare}/gone' type='headline'><body>hi</body></message>`);
  }),
  probe('RFC 6121 §8.5.3.2.2', 'presence to a resource that is not there is dropped', async (entity) => {
    await entity.bound();
    await entity.goesOn(`<presence to='${entity.bare}/gone'/>`);
  }),
  ...['get', 'set'].map((type) =>
    probe('10.5.3.1', `an iq ${type} to an account that is not there`, async (entity) => {
      await entity.bound();
      entity.write(`<iq type='${type}' id='x' to='nobody@${entity.domain}'>${UNKNOWN}</iq>`);
      await entity.sees('iq error service-unavailable');
    }),
  ),
  probe('10.5.3.1', 'a message to an account that is not there', async (entity) => {
    await entity.bound();
    entity.write(`<message to='nobody@${entity.domain}' type='chat'><body>hi</body></message>`);
    const { word } = await entity.wire.next(500);
    entity.check(
      word === 'nothing' || word === 'message error service-unavailable',
      'service-unavailable or nothing',
      word,
    );
    await entity.goesOn();
  }),
  probe('RFC 6121 §8.5.1', 'presence to an account that is not there is dropped', async (entity) => {
    await entity.bound();
    await entity.goesOn(`<presence to='nobody@${entity.domain}'/>`);
  }),
  probe('10.5.4', 'a message to the full JID of another session', async (entity) => {
    const other = entity.other('bob');
    await other.bound({ resource: `r-${entity.account}` });
    await entity.bound();
    entity.write(`<message to='${other.full}' type='chat' id='m'><body>hi</body></message>`);
    const message = await other.sees('message');
    entity.check(message.attribute('from') === entity.full, "the sender's full JID", 'another one');
    entity.check(message.attribute('id') === 'm', 'the id', 'another one');
  }),
  probe('10.5.4', 'a request to the full JID of another session, and its answer', async (entity) => {
    const other = entity.other();
    await other.bound({ resource: 'other' });
    await entity.bound();
    entity.write(`<iq type='set' id='q1' to='${other.full}'>${UNKNOWN}</iq>`);
    const request = await other.sees('iq set');
    entity.check(request.attribute('from') === entity.full, "the sender's full JID", 'another one');
    other.write(`<iq type='result' id='q1' to='${entity.full}'/>`);
    const answer = await entity.sees('iq result');
    entity.check(answer.attribute('from') === other.full, "the answerer's full JID", 'another one');
  }),
  probe('10.1', 'stanzas between two sessions arrive in order', async (entity) => {
    const other = entity.other();
    await other.bound({ resource: 'other' });
    await entity.bound();
    const count = 200;
    const bodies = Array.from({ length: count }, (_, at) => String(at));
    entity.write(
      bodies.map((body) => `<message to='${other.full}' type='chat'><body>${body}</body></message>`).join(''),
    );
    for (const body of bodies) {
      const message = await other.sees('message');
      entity.check(message.childText('body') === body, 'the next one', 'another one');
    }
  }),
];
