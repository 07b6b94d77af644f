import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jid, type Jid } from '../src/jid/index.ts';
import { CLIENT_NS } from '../src/namespaces.ts';
import { RequestTracker, type RequestFields } from '../src/request.ts';
import { errorOf, iq, message, presence, readStanza, resultOf, type StanzaProblem } from '../src/stanza/index.ts';
import { xml } from '../src/xml/index.ts';

const payload = xml('ping', { xmlns: 'urn:xmpp:ping' });
const balcony = jid('juliet@im.example.com/balcony');

/** Bytes that never repeat, and that a test can predict. */
function counting(): (length: number) => Uint8Array {
  let calls = 0;
  return (length) => {
    calls += 1;
    return Uint8Array.from({ length }, (_, index) => (index === 0 ? calls & 0xff : index === 1 ? calls >> 8 : 0));
  };
}

const trackerOf = (self: Jid = balcony, timeout?: number) => new RequestTracker({ random: counting(), self, timeout });
const answer = (id: string, from: Jid | undefined) => iq({ type: 'result', id, from });
const code = (name: string) => expect.objectContaining({ code: name }) as Error;

describe('RequestTracker', () => {
  it('makes a request and finds its result', () => {
    const tracker = trackerOf();
    const to = jid('romeo@example.net/orchard');
    const request = tracker.request({ type: 'get', to, lang: 'en', payload }, { now: 0 });
    expect(request).toMatchObject({ kind: 'iq', type: 'get', to, lang: 'en', payload });
    expect(request.id).toMatch(/^[0-9a-f]{32}$/);
    expect(tracker.size).toBe(1);
    const response = resultOf(request, payload);
    expect(tracker.receive(response)).toEqual({ matched: true, request, response });
    expect(tracker.size).toBe(0);
    expect(tracker.receive(response)).toEqual({ matched: false, because: 'unknown-id' });
  });

  it('finds errors too', () => {
    const tracker = trackerOf();
    const request = tracker.request({ type: 'set', to: jid('im.example.com'), payload }, { now: 0 });
    const response = errorOf(request, { condition: 'service-unavailable' });
    expect(tracker.receive(response)).toMatchObject({ matched: true, response });
  });

  it('takes a response that breaks a rule for the response it is', () => {
    const tracker = trackerOf();
    const { id } = tracker.request({ type: 'get', payload }, { now: 0 });
    const reading = readStanza(xml('iq', { type: 'result', id }, payload, payload), { contentNamespace: CLIENT_NS });
    const problem = (reading?.ok === false ? reading.problem : undefined) as StanzaProblem;
    expect(tracker.receive(problem)).toMatchObject({ matched: true, response: { problem: 'iq-child-count' } });
  });

  it('[S16] takes no response whose sender is malformed, nor one without id, nor a malformed request', () => {
    const tracker = trackerOf();
    const { id } = tracker.request({ type: 'get', payload }, { now: 0 });
    const problemOf = (attributes: Record<string, string>) => {
      const reading = readStanza(xml('iq', attributes, payload, payload), { contentNamespace: CLIENT_NS });
      return (reading?.ok === false ? reading.problem : undefined) as StanzaProblem;
    };
    expect(tracker.receive(problemOf({ type: 'result', id, from: '@@' }))).toMatchObject({
      because: 'foreign-responder',
    });
    expect(tracker.receive(problemOf({ type: 'result' }))).toMatchObject({ because: 'not-a-response' });
    expect(tracker.receive(problemOf({ type: 'get', id }))).toMatchObject({ because: 'not-a-response' });
    expect(tracker.size).toBe(1);
  });

  it('[S17] only an iq of type result or error answers, whatever id another stanza has', () => {
    const tracker = trackerOf();
    const { id } = tracker.request({ type: 'get', payload }, { now: 0 });
    const others = [
      message({ id }),
      presence({ id }),
      iq({ type: 'get', id }, payload),
      iq({ type: 'set', id }, payload),
      errorOf(message({ id }), { condition: 'gone' }),
      errorOf(presence({ id }), { condition: 'gone' }),
    ];
    for (const other of others) {
      expect(other && tracker.receive(other)).toEqual({ matched: false, because: 'not-a-response' });
    }
    expect(tracker.receive(answer(id, undefined)).matched).toBe(true);
  });

  describe('[S16] who may answer', () => {
    const FROM = {
      nobody: undefined,
      account: jid('juliet@im.example.com'),
      self: balcony,
      server: jid('im.example.com'),
      'other resource': jid('juliet@im.example.com/chamber'),
      'other user': jid('nurse@im.example.com'),
      'server resource': jid('im.example.com/x'),
      'remote server': jid('example.net'),
      romeo: jid('romeo@example.net/orchard'),
      'romeo bare': jid('romeo@example.net'),
    } as const;
    type Name = keyof typeof FROM;

    const CLIENT: readonly (readonly [to: Name, allowed: readonly Name[]])[] = [
      ['nobody', ['nobody', 'account', 'self', 'server']],
      ['account', ['nobody', 'account']],
      ['server', ['nobody', 'server']],
      ['self', ['self']],
      ['other resource', ['other resource']],
      ['other user', ['other user']],
      ['romeo', ['romeo']],
      ['romeo bare', ['romeo bare']],
      ['remote server', ['remote server']],
    ];

    it.each(CLIENT)('a client asks %s: %j may answer', (to, allowed) => {
      for (const [name, from] of Object.entries(FROM)) {
        const tracker = trackerOf();
        const { id } = tracker.request({ type: 'get', to: FROM[to], payload }, { now: 0 });
        const match = tracker.receive(answer(id, from));
        const heard = match.matched ? 'heard' : match.because;
        expect([name, heard]).toEqual([
          name,
          (allowed as readonly string[]).includes(name) ? 'heard' : 'foreign-responder',
        ]);
        expect(tracker.size).toBe(match.matched ? 0 : 1);
      }
    });

    it('a server and a component hear nobody but whom they asked', () => {
      for (const to of ['romeo', 'remote server', 'account', 'server'] as const) {
        for (const [name, from] of Object.entries(FROM)) {
          const tracker = trackerOf(jid('im.example.com'));
          const { id } = tracker.request({ type: 'get', to: FROM[to], payload }, { now: 0 });
          expect([name, tracker.receive(answer(id, from)).matched]).toEqual([name, name === to]);
        }
      }
    });
  });

  it('[S16] makes ids of as many random bytes as nobody can guess', () => {
    const lengths: number[] = [];
    const random = (length: number) => {
      lengths.push(length);
      return new Uint8Array(length).fill(lengths.length);
    };
    const tracker = new RequestTracker({ random, self: balcony });
    const ids = [1, 2].map(() => tracker.request({ type: 'get', payload }, { now: 0 }).id);
    expect(lengths).toEqual([16, 16]);
    expect(ids).toEqual(['01'.repeat(16), '02'.repeat(16)]);
  });

  it('[S9] throws when the randomness is short or repeats, and keeps what it had', () => {
    const fields: RequestFields = { type: 'get', payload };
    const short = new RequestTracker({ random: (length) => new Uint8Array(length - 1), self: balcony });
    expect(() => short.request(fields, { now: 0 })).toThrow(code('random-too-short'));
    const same = new RequestTracker({ random: (length) => new Uint8Array(length), self: balcony });
    const first = same.request(fields, { now: 0 });
    expect(() => same.request(fields, { now: 0 })).toThrow(code('request-id-taken'));
    expect(same.size).toBe(1);
    expect(same.receive(answer(first.id, undefined)).matched).toBe(true);
  });

  it('[R8.1.1.2-1] wants to know whom a server or a component asks', () => {
    expect(() => trackerOf(jid('example.net')).request({ type: 'get', payload }, { now: 0 })).toThrow(
      code('stanza-invalid'),
    );
  });

  it('wants a timeout that is a length of time', () => {
    for (const timeout of [0, -1, Number.NaN]) {
      expect(() => trackerOf(balcony, timeout)).toThrow(code('stanza-invalid'));
      const tracker = trackerOf();
      expect(() => tracker.request({ type: 'get', payload }, { now: 0, timeout })).toThrow(code('stanza-invalid'));
      expect(tracker.size).toBe(0);
    }
  });

  it('gives up at the deadline and not before', () => {
    const tracker = trackerOf(balcony, 1000);
    expect(tracker.nextTimeout()).toBeUndefined();
    const slow = tracker.request({ type: 'get', payload }, { now: 5, timeout: 9000 });
    const usual = tracker.request({ type: 'get', payload }, { now: 10 });
    expect(tracker.nextTimeout()).toBe(1010);
    expect(tracker.handleTimeout(1009)).toEqual([]);
    expect(tracker.handleTimeout(1010)).toEqual([usual]);
    expect(tracker.receive(answer(usual.id, undefined))).toMatchObject({ because: 'unknown-id' });
    expect(tracker.nextTimeout()).toBe(9005);
    expect(tracker.handleTimeout(1e9)).toEqual([slow]);
    expect(tracker.nextTimeout()).toBeUndefined();
  });

  it('waits a minute unless told otherwise', () => {
    const tracker = trackerOf();
    tracker.request({ type: 'get', payload }, { now: 7 });
    expect(tracker.nextTimeout()).toBe(60_007);
  });

  it('cancels one, and all in the order they were made', () => {
    const tracker = trackerOf();
    const [a, b, c] = [3, 2, 1].map((timeout) => tracker.request({ type: 'get', payload }, { now: 0, timeout }));
    expect(b && tracker.cancel(b.id)).toBe(b);
    expect(b && tracker.cancel(b.id)).toBeUndefined();
    expect(tracker.cancelAll()).toEqual([a, c]);
    expect(tracker.size).toBe(0);
    expect(tracker.nextTimeout()).toBeUndefined();
    expect(tracker.handleTimeout(10)).toEqual([]);
  });

  it('equals a plain list of requests, whatever is done in whatever order', () => {
    const command = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('request' as const), value: fc.integer({ min: 1, max: 50 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'cancel' as const), value: fc.nat(60) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('time' as const), value: fc.nat(20) }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 200, size: 'max' }), (commands) => {
        const tracker = trackerOf();
        let plain: { id: string; deadline: number }[] = [];
        let now = 0;
        for (const { do: what, value } of commands) {
          const chosen = plain[value % Math.max(plain.length, 1)]?.id ?? 'none';
          let heard: readonly string[] = [];
          let expected: readonly string[] = [];
          if (what === 'request') {
            const { id } = tracker.request({ type: 'get', payload }, { now, timeout: value });
            plain.push({ id, deadline: now + value });
          } else if (what === 'time') {
            now += value;
            heard = tracker.handleTimeout(now).map(({ id }) => id);
            expected = plain.filter(({ deadline }) => deadline <= now).map(({ id }) => id);
          } else {
            const isKnown =
              what === 'cancel'
                ? tracker.cancel(chosen) !== undefined
                : tracker.receive(answer(chosen, undefined)).matched;
            heard = isKnown ? [chosen] : [];
            expected = plain.some(({ id }) => id === chosen) ? [chosen] : [];
          }
          expect(heard.toSorted()).toEqual(expected.toSorted());
          plain = plain.filter(({ id }) => !expected.includes(id));
          expect(tracker.size).toBe(plain.length);
          expect(tracker.nextTimeout()).toBe(
            plain.length === 0 ? undefined : Math.min(...plain.map(({ deadline }) => deadline)),
          );
        }
      }),
    );
  });
});
