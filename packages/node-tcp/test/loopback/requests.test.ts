import { errorOf, jid, message, resultOf, type IqRequest, type Stanza } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { XmppConnection } from '../../src/index.ts';
import { DOMAIN, makeWorld, type World } from '../support/world.ts';

let world: World;
let client: XmppConnection;
let server: XmppConnection;
beforeEach(async () => {
  world = await makeWorld();
  const arrived = world.nextServed();
  client = await world.connect('direct');
  server = await arrived;
});
afterEach(async () => world.close());

const ping = () => ({ type: 'get' as const, to: jid(DOMAIN), payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) });

/** Answers each request that arrives at the server as the test says. */
async function answerWith(answer: (request: IqRequest) => readonly Stanza[]): Promise<void> {
  for await (const stanza of server.stanzas()) {
    if (stanza.kind !== 'iq' || (stanza.type !== 'get' && stanza.type !== 'set')) continue;
    for (const each of answer(stanza)) await server.send(each);
  }
}

describe('requests over a connection (RFC 6120 §8.2.3)', () => {
  it('come back with their own answers, many at once', async () => {
    const serving = answerWith((request) => [resultOf(request, xml('echo', { xmlns: 'urn:example', id: request.id }))]);
    const answers = await Promise.all(Array.from({ length: 50 }, async () => client.request(ping())));
    for (const answer of answers) expect(answer.payload?.attribute('id')).toBe(answer.id);
    expect(client.describe().openRequests).toBe(0);
    await client.close();
    await serving;
  });

  it('come back with a no as well', async () => {
    const serving = answerWith((request) => {
      const refusal = errorOf(request, { condition: 'feature-not-implemented' });
      return refusal === undefined ? [] : [refusal];
    });
    expect(await client.request(ping())).toMatchObject({ kind: 'iq', type: 'error' });
    await client.close();
    await serving;
  });

  it('[S16] [S17] do not take an answer of another kind, or of somebody else, for theirs', async () => {
    const serving = answerWith((request) => [
      message({ id: request.id, body: 'I am it' }),
      resultOf({ ...request, to: jid('mallory@example.net') }),
      resultOf(request, xml('true', { xmlns: 'urn:example' })),
    ]);
    expect((await client.request(ping())).payload?.name).toBe('true');
    const others: Stanza[] = [];
    for await (const stanza of client.stanzas()) {
      others.push(stanza);
      if (others.length === 2) break;
    }
    expect(others.map(({ kind }) => kind)).toEqual(['message', 'iq']);
    await client.close();
    await serving;
  });

  it('time out', async () => {
    await expect(client.request(ping(), { timeout: 20 })).rejects.toMatchObject({
      code: 'request-timed-out',
      message: expect.stringContaining(DOMAIN),
    });
    expect(client.describe().openRequests).toBe(0);
  });

  it('end with the stream', async () => {
    const request = client.request(ping());
    const failure = request.catch((reason: unknown) => reason);
    await client.close();
    expect(await failure).toMatchObject({ code: 'request-closed' });
    await expect(client.request(ping())).rejects.toMatchObject({ code: 'request-closed' });
  });

  it('can be given up', async () => {
    const abort = new AbortController();
    const request = client.request(ping(), { signal: abort.signal });
    const reason = new Error('never mind');
    abort.abort(reason);
    await expect(request).rejects.toBe(reason);
    expect(client.describe().openRequests).toBe(0);
  });

  it('of a server come back from its client', async () => {
    const answering = (async () => {
      for await (const stanza of client.stanzas()) {
        if (stanza.kind === 'iq' && stanza.type === 'get') await client.send(resultOf(stanza));
      }
    })();
    const answer = await server.request({ type: 'get', to: client.jid, from: jid(DOMAIN), payload: ping().payload });
    expect(answer).toMatchObject({ type: 'result' });
    await client.close();
    await answering;
  });
});
