import { describe, expect, it } from 'vitest';
import { readStanzaError, type Iq } from '@xmpp-wire/core';
import { xml, type XmlElement } from '@xmpp-wire/core/xml';
import type { XmppServerOptions } from '../src/index.ts';
import { World } from './support/world.ts';

const PING = xml('ping', { xmlns: 'urn:xmpp:ping' });
const SESSION = xml('session', { xmlns: 'urn:ietf:params:xml:ns:xmpp-session' });
const UNKNOWN = xml('query', { xmlns: 'urn:example:unknown' });
const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const SELF = 'juliet@im.example.com';

const roster = (...items: readonly XmlElement[]) => xml('query', { xmlns: 'jabber:iq:roster' }, ...items);
const item = xml('item', { jid: 'nurse@im.example.com' });

/** Asks as juliet; romeo is there too. */
async function ask(
  type: 'get' | 'set',
  payload: XmlElement,
  to?: string,
  options?: Partial<XmppServerOptions>,
): Promise<Iq | undefined> {
  const world = new World(options);
  await world.available('romeo', 'orchard');
  const juliet = await world.available('juliet', 'balcony');
  const id = juliet.request(type, payload, to);
  await world.settle();
  expect(juliet.iqs).toHaveLength(1);
  const [answer] = juliet.iqs;
  expect(answer?.id).toBe(id);
  expect(answer?.from?.toString()).toBe(to);
  expect(juliet.cause).toBeUndefined();
  return answer;
}

function conditionOf(answer: Iq | undefined): string | undefined {
  return answer && readStanzaError(answer)?.condition;
}

describe('requests that the server answers', () => {
  it.each([undefined, SELF, 'im.example.com', 'im.example.com/any'])(
    '[F-stanza-iq-reply] [R10.3.3-2] [R8.1.2.1-2] ping to %s',
    async (to) => {
      expect(await ask('get', PING, to)).toMatchObject({ type: 'result', payload: undefined });
    },
  );

  it.each([undefined, SELF])('[R8.1.2.1-3] [R10.3.3-2] roster get to %s: an empty roster', async (to) => {
    const answer = await ask('get', roster(), to);
    expect(answer?.type).toBe('result');
    expect(answer?.payload?.is('query', 'jabber:iq:roster')).toBe(true);
    expect(answer?.payload?.children).toEqual([]);
  });

  it('roster set: not-allowed, and a bad request when it has not one item', async () => {
    expect(conditionOf(await ask('set', roster(item)))).toBe('not-allowed');
    expect(conditionOf(await ask('set', roster()))).toBe('bad-request');
    expect(conditionOf(await ask('set', roster(item, item)))).toBe('bad-request');
  });

  it('session, when it is advertised, and only then', async () => {
    expect(await ask('set', SESSION)).toMatchObject({ type: 'result' });
    expect(await ask('set', SESSION, 'im.example.com')).toMatchObject({ type: 'result' });
    expect(conditionOf(await ask('set', SESSION, undefined, { legacySession: false }))).toBe('service-unavailable');
    const world = new World();
    expect((await world.login()).heard).toMatch(/<session xmlns='[^']*xmpp-session'><optional\/><\/session>/);
    expect((await new World({ legacySession: false }).login()).heard).not.toContain('<session');
  });

  it('service discovery, with what is true', async () => {
    const server = await ask('get', xml('query', { xmlns: INFO }), 'im.example.com');
    const account = await ask('get', xml('query', { xmlns: INFO }));
    for (const [answer, category, type] of [
      [server, 'server', 'im'],
      [account, 'account', 'registered'],
    ] as const) {
      const identity = answer?.payload?.child('identity');
      expect([identity?.attribute('category'), identity?.attribute('type')]).toEqual([category, type]);
      expect(answer?.payload?.childElements('feature').map((feature) => feature.attribute('var'))).toEqual([
        INFO,
        ITEMS,
        'urn:xmpp:ping',
      ]);
    }
    expect((await ask('get', xml('query', { xmlns: ITEMS }), 'im.example.com'))?.payload?.children).toEqual([]);
    for (const xmlns of [INFO, ITEMS]) {
      expect(conditionOf(await ask('get', xml('query', { xmlns, node: 'x' })))).toBe('item-not-found');
    }
  });
});

describe('[R10.3.3-3] [R8.4-10] [F-stanza-extension] requests that the server does not answer: service-unavailable', () => {
  it.each<readonly ['get' | 'set', string, XmlElement, string | undefined]>([
    ['get', 'an unknown namespace', UNKNOWN, undefined],
    ['set', 'an unknown namespace', UNKNOWN, 'im.example.com'],
    ['get', 'an unknown namespace', UNKNOWN, SELF],
    ['get', 'an unknown name in a known namespace', xml('pong', { xmlns: 'urn:xmpp:ping' }), undefined],
    ['set', 'a ping of the wrong type', PING, undefined],
    ['get', 'a session of the wrong type', SESSION, undefined],
    ['set', 'service discovery of the wrong type', xml('query', { xmlns: INFO }), undefined],
    ['set', 'items of the wrong type', xml('query', { xmlns: ITEMS }), undefined],
    ['get', 'the roster of the server', roster(), 'im.example.com'],
    ['get', 'the roster of somebody else', roster(), 'romeo@im.example.com'],
    ['set', 'the roster of somebody else', roster(item), 'romeo@im.example.com'],
    ['get', 'a ping of somebody else', PING, 'romeo@im.example.com'],
    ['get', 'a ping of nobody', PING, 'mercutio@im.example.com'],
    ['set', 'a session for somebody else', SESSION, 'romeo@im.example.com'],
    ['get', 'service discovery of somebody else', xml('query', { xmlns: INFO }), 'romeo@im.example.com'],
    ['get', 'items of somebody else', xml('query', { xmlns: ITEMS }), 'romeo@im.example.com'],
  ])('%s, %s', async (type, _, payload, to) => {
    const answer = await ask(type, payload, to);
    expect(answer?.type).toBe('error');
    expect(conditionOf(answer)).toBe('service-unavailable');
  });
});

describe('the hook for unknown requests', () => {
  const hooks: XmppServerOptions['hooks'] = {
    async unknownIq(request, target, sender) {
      if (request.payload.namespace !== 'urn:example:unknown') return undefined;
      return {
        result: xml('query', {
          xmlns: 'urn:example:unknown',
          for: `${target.is} ${target.jid.toString()}`,
          by: sender.jid.toString(),
        }),
      };
    },
  };

  it.each([
    [undefined, `own-account ${SELF}`],
    ['im.example.com', 'server im.example.com'],
    ['romeo@im.example.com', 'other-account romeo@im.example.com'],
  ])('answers for %s', async (to, target) => {
    const answer = await ask('get', UNKNOWN, to, { hooks });
    expect(answer?.payload?.attribute('for')).toBe(target);
    expect(answer?.payload?.attribute('by')).toBe(`${SELF}/balcony`);
  });

  it('is not asked for what is known, nor for accounts that are not there, and may have no answer', async () => {
    expect(await ask('get', PING, undefined, { hooks })).toMatchObject({ type: 'result', payload: undefined });
    expect(conditionOf(await ask('get', UNKNOWN, 'mercutio@im.example.com', { hooks }))).toBe('service-unavailable');
    expect(conditionOf(await ask('get', roster(), 'im.example.com', { hooks }))).toBe('service-unavailable');
  });

  it('that throws gives internal-server-error', async () => {
    const throwing = { unknownIq: () => Promise.reject(new Error('oops')) };
    expect(conditionOf(await ask('get', UNKNOWN, undefined, { hooks: throwing }))).toBe('internal-server-error');
  });
});
