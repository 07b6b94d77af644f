import { iq, presence, resultOf } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it } from 'vitest';
import { XmppRequestError } from '../../src/index.ts';
import { type FakeConnection, makeFakeWorld, settle, type FakeWorld } from './support/fakes.ts';

const liveness = { after: 300_000, timeout: 30_000 };
const payload = xml('ping', { xmlns: 'urn:xmpp:ping' });
const answer = async () => resultOf(iq({ type: 'get', id: 'c1' }, payload));
const timedOut = new XmppRequestError('request-timed-out', 'no answer');
const stanza = { type: 'stanza', stanza: presence(), origin: 'other' } as const;

async function connected(read = true): Promise<{ world: FakeWorld; connection: FakeConnection }> {
  const world = makeFakeWorld({ liveness, maxQueuedEvents: 2 }, { read });
  return { world, connection: await world.last().accept() };
}

describe('a server that is silent', () => {
  it('is asked for a sign of life, and again when it gave one', async () => {
    const { world, connection } = await connected();
    connection.answer = answer;
    await world.scheduler.advance(299_999);
    expect(connection.requests).toEqual([]);
    await world.scheduler.advance(1);
    expect(connection.requests).toEqual([{ type: 'get', payload }]);
    await world.scheduler.advance(300_000);
    expect(connection.requests).toHaveLength(2);
    await world.session.stop();
    expect(world.scheduler.waiting).toEqual([]);
  });

  it('is not asked while things arrive', async () => {
    const { world, connection } = await connected();
    for (let count = 0; count < 5; count++) {
      await world.scheduler.advance(200_000);
      connection.queue.push(stanza);
      await settle();
    }
    expect(connection.requests).toEqual([]);
    await world.session.stop();
  });

  it('and does not answer is dead: the session connects again', async () => {
    const { world, connection } = await connected();
    connection.answer = async () => Promise.reject(timedOut);
    await world.scheduler.advance(300_000);
    expect(world.events.at(-1)).toMatchObject({
      type: 'disconnected',
      end: {
        cause: { code: 'timed-out', timer: 'idle' },
        error: { message: expect.stringContaining('did not answer a ping within 30000 ms') },
      },
      next: { delay: 30_000 },
    });
    await world.scheduler.advance(30_000);
    expect(world.dialled).toHaveLength(2);
    await world.session.stop();
  });

  it.each(['request-answer-malformed', 'request-closed'] as const)('is not dead by %s', async (code) => {
    const { world, connection } = await connected();
    connection.answer = async () => Promise.reject(new XmppRequestError(code, 'no'));
    await world.scheduler.advance(600_000);
    expect(connection.requests).toHaveLength(2);
    expect(world.types()).toEqual(['connected']);
    await world.session.stop();
  });

  it('is not dead when something else arrived meanwhile', async () => {
    const { world, connection } = await connected();
    let fail = (): void => {};
    connection.answer = async () => new Promise((_, reject) => (fail = () => reject(timedOut)));
    await world.scheduler.advance(300_000);
    await world.scheduler.advance(10);
    connection.queue.push(stanza);
    await settle();
    fail();
    await settle();
    expect(world.types()).toEqual(['connected', 'stanza']);
    await world.session.stop();
  });

  it('is not suspected by a reader that is behind', async () => {
    const { world, connection } = await connected(false);
    connection.queue.push(stanza);
    await settle();
    await world.scheduler.advance(900_000);
    expect(connection.requests).toEqual([]);
    await world.session.stop();
  });

  it('is not suspected by a reader that fell behind during the question', async () => {
    const { world, connection } = await connected(false);
    connection.answer = async () => {
      connection.queue.push(stanza);
      await settle();
      throw timedOut;
    };
    await world.scheduler.advance(300_000);
    expect(connection.requests).toHaveLength(1);
    expect(world.session.state.name).toBe('connected');
    await world.session.stop();
  });

  it('is nobody any more once the session ended during the question', async () => {
    const { world, connection } = await connected();
    let fail = (): void => {};
    connection.answer = async () => new Promise((_, reject) => (fail = () => reject(timedOut)));
    await world.scheduler.advance(300_000);
    await world.session.stop();
    fail();
    await settle();
    expect(world.types()).toEqual(['connected', 'disconnected']);
    expect(world.scheduler.waiting).toEqual([]);
  });

  it('is never asked where that is switched off', async () => {
    const world = makeFakeWorld({ liveness: false });
    const connection = await world.last().accept();
    await world.scheduler.advance(10_000_000);
    expect(connection.requests).toEqual([]);
    await world.session.stop();
  });
});
