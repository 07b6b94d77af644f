import { iq, jid, LocalProtocolError, message, presence, resultOf, type CloseCause } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { describe, expect, it } from 'vitest';
import { reconnectAdvice, startSession, XmppConnectError, XmppRequestError } from '../../src/index.ts';
import { FakeScheduler, makeFakeWorld, settle } from './support/fakes.ts';

const refused = (): XmppConnectError => new XmppConnectError('tcp-refused', 'nothing listens there');
const eof = { code: 'unexpected-eof', detail: 'gone' } as const;
const line = message({ to: jid('romeo@example.net'), body: 'Art thou not Romeo?' });
const element = xml('error', { xmlns: 'http://etherx.jabber.org/streams' });
const streamError = (condition: 'conflict' | 'see-other-host' | 'system-shutdown', host?: string) =>
  ({
    code: 'stream-error-received',
    error: { condition, text: undefined, lang: undefined, host, application: undefined, element },
  }) as const;

describe('a session', () => {
  it('begins by itself, and comes back when the connection is lost', async () => {
    const world = makeFakeWorld();
    expect(world.session.state).toEqual({ name: 'connecting', attempt: 1 });
    const first = await world.last().accept();
    expect(world.session.state).toMatchObject({ name: 'connected', jid: first.jid });
    await world.scheduler.advance(60_000);
    first.end(eof);
    await settle();
    // Half of the window of 0 to 60 seconds.
    const next = { attempt: 1, delay: 30_000, at: world.scheduler.now() + 30_000 };
    expect(world.session.state).toEqual({ name: 'waiting', next });
    expect(world.events.at(-1)).toMatchObject({ type: 'disconnected', end: { cause: eof }, next });
    await world.scheduler.advance(29_999);
    expect(world.dialled).toHaveLength(1);
    await world.scheduler.advance(1);
    expect(world.dialled).toHaveLength(2);
    await world.last().accept('juliet@im.example.com/other');
    expect(world.types()).toEqual(['connected', 'disconnected', 'connected']);
    expect(world.events.at(-1)).toMatchObject({ attempts: 1 });
    expect(world.session.state).toMatchObject({ jid: jid('juliet@im.example.com/other') });
    await world.session.stop();
  });

  it('[R3.3-2] waits longer after each failure, and forgets them once a connection was stable', async () => {
    const world = makeFakeWorld();
    const waits: number[] = [];
    for (let failure = 0; failure < 6; failure++) {
      await world.last().refuse(refused());
      waits.push(world.scheduler.waiting[0] ?? 0);
      await world.scheduler.advance(waits.at(-1) ?? 0);
    }
    expect(waits).toEqual([30_000, 90_000, 180_000, 360_000, 450_000, 450_000]);
    const stable = await world.last().accept();
    expect(world.events.at(-1)).toMatchObject({ type: 'connected', attempts: 7 });
    await world.scheduler.advance(60_000);
    stable.end(eof);
    await settle();
    expect(world.scheduler.waiting).toEqual([30_000]);
    await world.session.stop();
  });

  it('counts a connection that did not last as a failure', async () => {
    const world = makeFakeWorld();
    for (const wait of [30_000, 90_000, 180_000]) {
      const connection = await world.last().accept();
      await world.scheduler.advance(59_999);
      connection.end(eof);
      await settle();
      expect(world.scheduler.waiting).toEqual([wait]);
      await world.scheduler.advance(wait);
    }
    await world.session.stop();
  });

  it('gives up when the trouble does not pass, and says so', async () => {
    const world = makeFakeWorld();
    await world
      .last()
      .accept()
      .then((connection) => connection.end(streamError('conflict')));
    await settle();
    expect(world.types()).toEqual(['connected', 'disconnected', 'gave-up']);
    expect(world.events.at(1)).toMatchObject({ next: undefined });
    const end = await world.session.ended;
    expect(end).toMatchObject({
      by: 'gave-up',
      trouble: streamError('conflict'),
      advice: { action: 'give-up', cause: 'stream-error/conflict', changes: { resource: 'drop' } },
    });
    expect(world.session.state).toEqual({ name: 'ended', end });
    expect(world.scheduler.waiting).toEqual([]);
    expect(world.session.reconnectNow()).toBe(false);
    expect(await world.session.stop()).toBe(end);
  });

  it('gives up after as many failures as the policy allows', async () => {
    const world = makeFakeWorld({ reconnect: { maxFailures: 1 } });
    await world.last().refuse(refused());
    await world.scheduler.advance(30_000);
    await world.last().refuse(refused());
    expect(world.types()).toEqual(['attempt-failed', 'attempt-failed', 'gave-up']);
    await expect(world.session.untilConnected()).rejects.toMatchObject({ code: 'tcp-refused' });
  });

  it('gives up on what is no failure of a connection', async () => {
    const world = makeFakeWorld();
    const bug = new TypeError('a bug');
    await world.last().refuse(bug);
    expect(await world.session.ended).toMatchObject({
      by: 'gave-up',
      trouble: bug,
      advice: { cause: 'program-error' },
    });
    const other = makeFakeWorld();
    await other.last().refuse('not even an error');
    expect(await other.session.ended).toMatchObject({ trouble: { message: 'not even an error' } });
  });

  it('refuses options that make no sense at once', () => {
    const scheduler = new FakeScheduler();
    let attempts = 0;
    const attempt = async (): Promise<never> => Promise.reject(new Error(`attempt ${++attempts}`));
    expect(() => startSession({ reconnect: { factor: 0 }, scheduler }, attempt)).toThrow(/reconnect\.factor/);
    expect(attempts).toBe(0);
  });
});

describe('what the next connection does differently', () => {
  it('[R4.9.3.3-1] after a conflict it asks for no resource, if it is told to come back at all', async () => {
    const world = makeFakeWorld({ reconnect: { rules: { 'stream-error/conflict': 'soon' } } });
    expect(world.last().options.jid).toBe('juliet@im.example.com/balcony');
    for (const wait of [30_000, 90_000]) {
      const connection = await world.last().accept();
      connection.end(streamError('conflict'));
      await settle();
      expect(world.scheduler.waiting).toEqual([wait]);
      await world.scheduler.advance(wait);
      expect(world.last().options.jid).toBe('juliet@im.example.com');
    }
    await world.session.stop();
  });

  it('leaves out a resource that was refused, and an anonymous session has none to leave out', async () => {
    const conflict = new XmppConnectError('bind-refused', 'taken', {
      code: 'negotiation-failed',
      at: 'bind',
      condition: 'conflict',
    });
    const world = makeFakeWorld();
    await world.last().refuse(conflict);
    await world.scheduler.advance(0);
    expect(world.last().options.jid).toBe('juliet@im.example.com');
    await world.session.stop();
    const asked: unknown[] = [];
    const nobody = startSession({ scheduler: world.scheduler }, async (options) => {
      asked.push('jid' in options);
      throw conflict;
    });
    await settle();
    await world.scheduler.advance(0);
    expect(asked).toEqual([false, false]);
    expect(nobody.state).toMatchObject({ name: 'waiting', next: { attempt: 3 } });
    await nobody.stop();
  });

  it('[R4.9.3.19-5] goes where see-other-host points, with the same options, and only this once', async () => {
    const world = makeFakeWorld();
    const first = await world.last().accept();
    first.end(streamError('see-other-host', 'other.example.net:9222'));
    await settle();
    await world.scheduler.advance(0);
    expect(world.last().elsewhere).toEqual({ redirect: { host: 'other.example.net', port: 9222 } });
    expect(world.last().options).toMatchObject({ jid: 'juliet@im.example.com/balcony', maxRedirects: 2 });
    await world.last().refuse(refused());
    await world.scheduler.advance(30_000);
    expect(world.last().elsewhere).toEqual({});
    expect(world.last().options).toEqual(world.dialled[0]?.options);
    await world.session.stop();
  });

  it('[R4.9.3.19-7] follows no more than five in a row, however many are allowed', async () => {
    const world = makeFakeWorld({ maxRedirects: 99 });
    for (let hop = 0; hop < 5; hop++) {
      const connection = await world.last().accept();
      connection.end(streamError('see-other-host', `host${hop}.example.net`));
      await settle();
      await world.scheduler.advance(0);
      expect(world.last().elsewhere).toEqual({ redirect: { host: `host${hop}.example.net`, port: undefined } });
    }
    const last = await world.last().accept();
    last.end(streamError('see-other-host', 'one-more.example.net'));
    await settle();
    expect(world.scheduler.waiting).toEqual([180_000]);
    await world.scheduler.advance(180_000);
    expect(world.last().elsewhere).toEqual({});
    await world.session.stop();
  });

  it('[R4.9.3.19-7] counts those that were followed while connecting with those of established streams', async () => {
    const world = makeFakeWorld({ maxRedirects: 5 });
    const left: unknown[] = [];
    for (const followed of [2, 1]) {
      const connection = await world.last().accept(undefined, followed);
      connection.end(streamError('see-other-host', 'other.example.net'));
      await settle();
      await world.scheduler.advance(0);
      left.push(world.last().options.maxRedirects);
    }
    expect(left).toEqual([2, 0]);
    const last = await world.last().accept();
    last.end(streamError('see-other-host', 'one-more.example.net'));
    await settle();
    expect(world.scheduler.waiting).toEqual([180_000]);
    await world.session.stop();
  });

  it('counts anew once it begins at the domain again, and once a connection was stable', async () => {
    const world = makeFakeWorld({ maxRedirects: 1 });
    const redirected = async (connection: { end: (cause: CloseCause) => void }): Promise<void> => {
      connection.end(streamError('see-other-host', 'other.example.net'));
      await settle();
    };
    await redirected(await world.last().accept());
    await world.scheduler.advance(0);
    await redirected(await world.last().accept());
    // One too many: the domain is next, and what it says then begins a new row.
    await world.scheduler.advance(180_000);
    expect(world.last()).toMatchObject({ elsewhere: {}, options: { maxRedirects: 1 } });
    await redirected(await world.last().accept());
    await world.scheduler.advance(0);
    expect(world.last().elsewhere).toMatchObject({ redirect: { host: 'other.example.net' } });
    const stable = await world.last().accept();
    await world.scheduler.advance(60_000);
    await redirected(stable);
    await world.scheduler.advance(0);
    expect(world.last().elsewhere).toMatchObject({ redirect: { host: 'other.example.net' } });
    await world.session.stop();
  });
});

describe('see-other-uri (RFC 7395 §3.6.1)', () => {
  const seeOther = (seeOtherUri: string) => ({ code: 'closed-by-peer', seeOtherUri }) as const;

  it('is where it goes, with the same options, and only this once', async () => {
    const world = makeFakeWorld();
    const first = await world.last().accept();
    first.end(seeOther('wss://other.example.net/ws'));
    await settle();
    await world.scheduler.advance(0);
    expect(world.last().elsewhere).toEqual({ seeOtherUri: 'wss://other.example.net/ws' });
    expect(world.last().options).toEqual({ ...world.dialled[0]?.options, maxRedirects: 2 });
    await world.last().refuse(refused());
    await world.scheduler.advance(30_000);
    expect(world.last().elsewhere).toEqual({});
    await world.session.stop();
  });

  it('counts with see-other-host: five in a row', async () => {
    const world = makeFakeWorld({ maxRedirects: 99 });
    for (let hop = 0; hop < 5; hop++) {
      const connection = await world.last().accept();
      connection.end(hop % 2 === 0 ? seeOther('wss://a.example/ws') : streamError('see-other-host', 'b.example'));
      await settle();
      await world.scheduler.advance(0);
    }
    const last = await world.last().accept();
    last.end(seeOther('wss://a.example/ws'));
    await settle();
    expect(world.scheduler.waiting).toEqual([180_000]);
    await world.session.stop();
  });
});

describe('sending by a session', () => {
  it('says no while there is no connection, and keeps nothing for later', async () => {
    const { session, last, scheduler } = makeFakeWorld();
    expect(await session.send(line)).toBe(false);
    expect(await session.sendElement(xml('a', { xmlns: 'urn:example' }))).toBe(false);
    const connection = await last().accept();
    expect(await session.send(line)).toBe(true);
    expect(await session.sendElement(xml('a', { xmlns: 'urn:example' }))).toBe(true);
    expect(connection.sent).toEqual([line]);
    connection.end(eof);
    expect(await session.send(line)).toBe(false);
    await settle();
    expect(await session.send(line)).toBe(false);
    await scheduler.advance(30_000);
    const second = await last().accept();
    expect(second.sent).toEqual([]);
    await session.stop();
    expect(await session.send(line)).toBe(false);
  });

  it('a request without a connection rejects, and never hangs', async () => {
    const { session, last } = makeFakeWorld();
    const fields = { type: 'get', payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) } as const;
    await expect(session.request(fields)).rejects.toMatchObject({ name: 'XmppRequestError', code: 'request-closed' });
    const connection = await last().accept();
    const answer = resultOf(iq({ ...fields, id: 'c1' }, fields.payload));
    connection.answer = async () => answer;
    expect(await session.request(fields, { timeout: 10 })).toBe(answer);
    expect(connection.requests).toEqual([fields]);
    await session.stop();
    await expect(session.request(fields)).rejects.toBeInstanceOf(XmppRequestError);
  });

  it('may wait for a connection', async () => {
    const { session, last } = makeFakeWorld();
    const waiting = Promise.all([session.untilConnected(), session.untilConnected()]);
    const { jid: own } = await last().accept();
    expect(await waiting).toEqual([own, own]);
    expect(await session.untilConnected()).toBe(own);
    await session.stop();
  });

  it('waiting ends with the session', async () => {
    const { session } = makeFakeWorld();
    const [early] = await Promise.allSettled([session.untilConnected(), session.stop()]);
    expect(early).toMatchObject({ status: 'rejected', reason: { code: 'stream-closed' } });
    await expect(session.untilConnected()).rejects.toThrow(/was stopped/);
  });

  it('waiting ends when it gives up, with what it gave up on', async () => {
    const { session, last } = makeFakeWorld();
    const connection = await last().accept();
    connection.end(streamError('conflict'));
    await session.ended;
    await expect(session.untilConnected()).rejects.toMatchObject({
      code: 'stream-closed',
      cause: streamError('conflict'),
      message: expect.stringContaining('stream-error/conflict'),
    });
  });
});

describe('stopping a session', () => {
  it('while it connects gives the attempt up', async () => {
    const world = makeFakeWorld();
    expect(await world.session.stop()).toEqual({ by: 'stop' });
    expect(world.last().options.signal?.aborted).toBe(true);
    expect(world.types()).toEqual([]);
  });

  it('just as the connection is made closes it, and nobody hears of it', async () => {
    const world = makeFakeWorld();
    const accepted = world.last().accept();
    const stopped = world.session.stop();
    const connection = await accepted;
    expect(await stopped).toEqual({ by: 'stop' });
    expect(connection.closeCalls).toBe(1);
    expect(world.types()).toEqual([]);
  });

  it('while it is connected closes in order', async () => {
    const world = makeFakeWorld();
    const connection = await world.last().accept();
    await world.session.stop();
    expect(connection.closeCalls).toBe(1);
    expect(world.types()).toEqual(['connected', 'disconnected']);
    expect(world.events.at(-1)).toMatchObject({ end: { cause: { code: 'closed-locally' } }, next: undefined });
    expect(world.dialled).toHaveLength(1);
  });

  it('for a reason that cannot be written is refused, and does nothing', async () => {
    const world = makeFakeWorld();
    const impossible = { condition: 'reset', text: '\u0000' } as const;
    await expect(world.session.stop(impossible)).rejects.toBeInstanceOf(LocalProtocolError);
    const connection = await world.last().accept();
    await expect(world.session.stop(impossible)).rejects.toBeInstanceOf(LocalProtocolError);
    expect(connection.closeCalls).toBe(0);
    expect(world.session.state.name).toBe('connected');
    await world.session.stop({ condition: 'reset' });
    expect(connection.closeCalls).toBe(1);
  });

  it('while it waits leaves no timer behind', async () => {
    const world = makeFakeWorld();
    await world.last().refuse(refused());
    expect(world.scheduler.waiting).toEqual([30_000]);
    await world.session.stop();
    expect(world.scheduler.waiting).toEqual([]);
    expect(world.dialled).toHaveLength(1);
  });

  it('twice, or many times at once, is stopping once', async () => {
    const world = makeFakeWorld();
    const connection = await world.last().accept();
    const ends = await Promise.all([world.session.stop(), world.session.stop(), world.session.ended]);
    expect(new Set(ends).size).toBe(1);
    await world.session.stop();
    expect(connection.closeCalls).toBe(1);
    expect(world.session.reconnectNow()).toBe(false);
  });

  it('by a signal, also one that was aborted before', async () => {
    const abort = new AbortController();
    const world = makeFakeWorld({ signal: abort.signal });
    await world.last().accept();
    abort.abort();
    expect(await world.session.ended).toEqual({ by: 'stop' });
    const late = makeFakeWorld({ signal: AbortSignal.abort() });
    expect(await late.session.ended).toEqual({ by: 'stop' });
  });

  it('from inside the loop that reads it, with events still waiting', async () => {
    const world = makeFakeWorld({ maxQueuedEvents: 1 }, { read: false });
    const reading = (async () => {
      const read: string[] = [];
      for await (const event of world.session) {
        read.push(event.type);
        if (event.type === 'stanza' && read.length === 2) await world.session.stop();
      }
      return read;
    })();
    const connection = await world.last().accept();
    for (let count = 0; count < 4; count++)
      connection.queue.push({ type: 'stanza', stanza: presence(), origin: 'other' });
    expect(await reading).toEqual(['connected', 'stanza', 'stanza', 'stanza', 'stanza', 'disconnected']);
  });
});

describe('hurrying', () => {
  it('ends the wait, once, however often it is called', async () => {
    const world = makeFakeWorld();
    expect(world.session.reconnectNow()).toBe(false);
    await world.last().refuse(refused());
    expect([world.session.reconnectNow(), world.session.reconnectNow()]).toContain(true);
    await settle();
    expect(world.dialled).toHaveLength(2);
    expect(world.scheduler.waiting).toEqual([]);
    expect(world.session.state).toEqual({ name: 'connecting', attempt: 2 });
    await world.scheduler.advance(600_000);
    expect(world.dialled).toHaveLength(2);
    await world.last().accept();
    expect(world.session.reconnectNow()).toBe(false);
    await world.session.stop();
  });

  it('is possible from the event that tells of the wait', async () => {
    const world = makeFakeWorld({}, { read: false });
    const reading = (async () => {
      for await (const event of world.session) if (event.type === 'attempt-failed') world.session.reconnectNow();
    })();
    await world.last().refuse(refused());
    expect(world.dialled).toHaveLength(2);
    await world.session.stop();
    await reading;
  });
});

describe('reading a session', () => {
  const stanza = { type: 'stanza', stanza: presence(), origin: 'other' } as const;

  it('gives what arrives between the ups and downs, in order', async () => {
    const world = makeFakeWorld();
    const first = await world.last().accept();
    first.queue.push(stanza);
    first.end(eof);
    await settle();
    await world.scheduler.advance(30_000);
    const second = await world.last().accept();
    second.queue.push(stanza);
    await world.session.stop();
    expect(world.types()).toEqual(['connected', 'stanza', 'disconnected', 'connected', 'stanza', 'disconnected']);
  });

  it('as stanzas gives those of all connections', async () => {
    const world = makeFakeWorld({}, { read: false });
    const stanzas: unknown[] = [];
    const reading = (async () => {
      for await (const each of world.session.stanzas()) stanzas.push(each);
    })();
    for (let count = 0; count < 2; count++) {
      const connection = await world.last().accept();
      connection.queue.push(stanza);
      await settle();
      connection.end(streamError('system-shutdown'));
      await settle();
      await world.scheduler.advance(90_000);
    }
    await world.session.stop();
    await reading;
    expect(stanzas).toEqual([stanza.stanza, stanza.stanza]);
  });

  it('holds the connection up while the reader is behind, and only then', async () => {
    const world = makeFakeWorld({ maxQueuedEvents: 4 }, { read: false });
    const connection = await world.last().accept();
    for (let count = 0; count < 20; count++) connection.queue.push(stanza);
    await settle();
    // `connected` and three stanzas wait in the session, and one more must not be taken from the connection.
    expect(connection.queue.length).toBe(17);
    const reader = world.session[Symbol.asyncIterator]();
    await reader.next();
    await settle();
    expect(connection.queue.length).toBe(16);
    await world.session.stop();
  });

  it('holds the closing tag back until whoever deals with peer-closing is done (RFC 6120 §4.4)', async () => {
    const world = makeFakeWorld({}, { read: false });
    let done = (): void => {};
    const dealing = new Promise<void>((resolve) => (done = resolve));
    const reading = (async () => {
      for await (const event of world.session) if (event.type === 'peer-closing') await dealing;
    })();
    const connection = await world.last().accept();
    connection.queue.push({ type: 'peer-closing' });
    await settle();
    expect(connection.queue.isAwaited).toBe(false);
    done();
    await settle();
    expect(connection.queue.isAwaited).toBe(true);
    await world.session.stop();
    await reading;
  });

  it('of a session that nobody reads does not wait with peer-closing', async () => {
    const world = makeFakeWorld({}, { read: false });
    const connection = await world.last().accept();
    connection.queue.push({ type: 'peer-closing' });
    await settle();
    expect(connection.queue.isAwaited).toBe(true);
    await world.session.stop();
  });
});

describe('a policy of its own', () => {
  it('may be a function that asks the table first', async () => {
    const world = makeFakeWorld({
      advise(trouble, history, policy) {
        const advice = reconnectAdvice(trouble, history, policy);
        return advice.action === 'give-up' ? advice : { ...advice, delay: { min: 7, max: 7 } };
      },
    });
    await world.last().refuse(refused());
    expect(world.scheduler.waiting).toEqual([7]);
    await world.session.stop();
  });

  it('that throws ends the session, which says so', async () => {
    const bug = new Error('a bug');
    const world = makeFakeWorld({
      advise: () => {
        throw bug;
      },
    });
    await world.last().refuse(refused());
    expect(await world.session.ended).toMatchObject({
      by: 'gave-up',
      trouble: bug,
      advice: { cause: 'program-error' },
    });
    expect(world.types()).toEqual(['gave-up']);
  });
});
