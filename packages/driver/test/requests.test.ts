import { jid, resultOf, type IqRequest, type StanzaProblem } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Requests } from '../src/requests.ts';

let last = 0;
const random = (length: number) => new Uint8Array(length).fill(++last);
const fields = { type: 'get', to: jid('im.example.com'), payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) } as const;

function open() {
  const requests = new Requests(jid('juliet@im.example.com/balcony'), random, 1000);
  const sent: IqRequest[] = [];
  const send = (request: IqRequest) => sent.push(request) > 0;
  return { requests, sent, send };
}

describe('requests and their one timer', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('time out each at its own time', async () => {
    const { requests, send } = open();
    const order: string[] = [];
    const note = async (name: string, timeout?: number): Promise<void> => {
      const error: unknown = await requests
        .request(fields, send, timeout === undefined ? {} : { timeout })
        .catch((reason: unknown) => reason);
      order.push(name);
      expect(error).toMatchObject({ code: 'request-timed-out' });
    };
    const all = [note('by default'), note('late', 5000), note('early', 10)];
    await vi.advanceTimersByTimeAsync(10);
    expect(order).toEqual(['early']);
    await vi.advanceTimersByTimeAsync(990);
    expect(order).toEqual(['early', 'by default']);
    await vi.advanceTimersByTimeAsync(4000);
    await Promise.all(all);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('say so when an answer breaks a rule', async () => {
    const { requests, sent, send } = open();
    const asked = requests.request(fields, send);
    const failure = asked.catch((reason: unknown) => reason);
    const [request] = sent;
    const answer = request && resultOf(request);
    const problem = { ...answer, problem: 'iq-result-malformed', condition: 'bad-request' };
    // A problem has the members of the stanza that it was found in.
    expect(requests.receive(problem as unknown as StanzaProblem)).toBe(true);
    expect(await failure).toMatchObject({ code: 'request-answer-malformed' });
  });

  it('are not waited for when they could not be sent', async () => {
    const { requests } = open();
    await expect(requests.request(fields, () => false)).rejects.toMatchObject({ code: 'request-closed' });
    expect(requests.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are over when sending one ends the connection', async () => {
    for (const isSent of [true, false]) {
      const { requests } = open();
      const failure = vi.fn<(reason: unknown) => void>();
      requests
        .request(fields, () => {
          requests.close('cut');
          return isSent;
        })
        .catch(failure);
      await vi.advanceTimersByTimeAsync(2000);
      expect(failure).toHaveBeenCalledWith(expect.objectContaining({ code: 'request-closed', cause: 'cut' }));
      expect(requests.size).toBe(0);
      expect(vi.getTimerCount()).toBe(0);
    }
  });

  it('are not waited for when sending one throws', async () => {
    const { requests } = open();
    const bug = new Error('a bug');
    const asked = requests.request(fields, () => {
      throw bug;
    });
    await expect(asked).rejects.toBe(bug);
    expect(requests.size).toBe(0);
  });

  it('are no longer waited for once their signal is aborted, also while one is sent', async () => {
    const { requests } = open();
    const abort = new AbortController();
    const asked = requests.request(
      fields,
      () => {
        abort.abort('enough');
        return true;
      },
      { signal: abort.signal },
    );
    await expect(asked).rejects.toBe('enough');
    expect(requests.size).toBe(0);
  });

  it('are the caller\u2019s mistake when they make no sense', async () => {
    const { requests, send } = open();
    await expect(requests.request(fields, send, { timeout: -1 })).rejects.toMatchObject({ code: 'stanza-invalid' });
  });
});
