import { describe, expect, it } from 'vitest';
import { jid, presence, readStanzaError, type Presence } from '@xmpp-wire/core';
import { World } from './support/world.ts';

/** Presence as a short text: sender, type and status. */
function brief(stanza: Presence): string {
  const status = stanza.element.childText('status');
  const from = stanza.from?.toString().replace('@im.example.com', '') ?? '';
  return [from, stanza.type ?? 'available', ...(status === undefined ? [] : [status])].join(' ');
}

describe('presence without `to`', () => {
  it('goes to all available resources of the user, the sender included', async () => {
    const world = new World();
    const [balcony, chamber] = [await world.available('juliet', 'balcony'), await world.available('juliet', 'chamber')];
    const connected = await world.login('juliet', 'connected');
    const romeo = await world.available('romeo', 'orchard');
    balcony.send(presence({ show: 'away', status: 'sighing' }));
    await world.settle();
    expect(balcony.presences.map(brief)).toEqual(['juliet/balcony available sighing']);
    expect(chamber.presences.map(brief)).toEqual(['juliet/balcony available sighing']);
    expect(chamber.presences[0]?.to?.toString()).toBe('juliet@im.example.com/chamber');
    expect(connected.presences).toEqual([]);
    expect(romeo.presences).toEqual([]);
  });

  it('when it is the first, also tells the sender of the others', async () => {
    const world = new World();
    const balcony = await world.available('juliet', 'balcony');
    balcony.send(presence({ status: 'sighing' }));
    const chamber = await world.login('juliet', 'chamber');
    chamber.send(presence());
    await world.settle();
    expect(chamber.presences.map(brief)).toEqual(['juliet/chamber available', 'juliet/balcony available sighing']);
    chamber.send(presence({ status: 'asleep' }));
    await world.settle();
    expect(chamber.presences.map(brief).slice(2)).toEqual(['juliet/chamber available asleep']);
  });

  it('of type unavailable goes to all as it is, the sender included, and ends its being available', async () => {
    const world = new World();
    const [balcony, chamber] = [await world.available('juliet', 'balcony'), await world.available('juliet', 'chamber')];
    balcony.send(presence({ type: 'unavailable', status: 'gone to bed' }));
    balcony.send(presence({ type: 'unavailable', status: 'said twice' }));
    await world.settle();
    for (const client of [balcony, chamber]) {
      expect(client.presences.map(brief)).toEqual(['juliet/balcony unavailable gone to bed']);
    }
    expect(world.server.sessions.map((session) => session.presence !== undefined)).toEqual([false, true]);
  });

  it.each([
    ['', 0],
    ['<priority>5</priority>', 5],
    ['<priority> -128 </priority>', -128],
    ['<priority>+127</priority>', 127],
    ['<priority>-0005</priority>', -5],
  ])('%s has priority %i', async (content, priority) => {
    const world = new World();
    const juliet = await world.login('juliet', 'balcony');
    juliet.sendXml('presence', content);
    await world.settle();
    expect(world.server.sessions[0]?.priority).toBe(priority);
  });

  it.each(['128', '-129', '1000', '1.5', 'high', ''])('with a priority of "%s" is a bad request', async (priority) => {
    const world = new World();
    const juliet = await world.login('juliet', 'balcony');
    juliet.sendXml('presence', `<priority>${priority}</priority>`, "id='p'");
    await world.settle();
    expect(juliet.presences).toHaveLength(1);
    expect(juliet.presences.map((each) => readStanzaError(each)?.condition)).toEqual(['bad-request']);
    expect(juliet.presences[0]?.to?.toString()).toBe('juliet@im.example.com/balcony');
    expect(world.server.sessions[0]?.presence).toBeUndefined();
  });
});

describe('the end of a session', () => {
  it.each(['closing tag', 'broken connection', 'stream error'])('by a %s is unavailable presence', async (how) => {
    const world = new World();
    const [balcony, chamber] = [await world.available('juliet', 'balcony'), await world.available('juliet', 'chamber')];
    if (how === 'closing tag') balcony.entity.close();
    else if (how === 'broken connection') balcony.cut();
    else world.server.sessions[0]?.close({ condition: 'policy-violation' });
    await world.settle();
    expect(chamber.presences.map(brief)).toEqual(['juliet/balcony unavailable']);
    expect(world.server.sessions).toHaveLength(1);
  });

  it('of a resource that was not available is nobody`s business', async () => {
    const world = new World();
    const [chamber, balcony] = [await world.available('juliet', 'chamber'), await world.login('juliet', 'balcony')];
    balcony.entity.close();
    await world.settle();
    expect(chamber.presences).toEqual([]);
  });
});

describe('directed presence', () => {
  it('goes to one entity, which hears of the end too, but not twice', async () => {
    const world = new World();
    const juliet = await world.available('juliet', 'balcony');
    const [romeo, nurse] = [await world.available('romeo', 'orchard'), await world.available('nurse', 'hall')];
    juliet.send(presence({ to: jid('romeo@im.example.com/orchard'), status: 'here' }));
    juliet.send(presence({ to: jid('nurse@im.example.com') }));
    juliet.send(presence({ to: jid('nurse@im.example.com'), type: 'unavailable' }));
    juliet.send(presence({ to: jid('juliet@im.example.com') }));
    await world.settle();
    expect(romeo.presences.map(brief)).toEqual(['juliet/balcony available here']);
    expect(nurse.presences.map(brief)).toEqual(['juliet/balcony available', 'juliet/balcony unavailable']);
    juliet.cut();
    await world.settle();
    expect(romeo.presences.map(brief).slice(1)).toEqual(['juliet/balcony unavailable']);
    expect(nurse.presences).toHaveLength(2);
  });

  it('ends with the unavailable presence that the user sends to all', async () => {
    const world = new World();
    const [juliet, romeo] = [await world.login('juliet', 'balcony'), await world.available('romeo', 'orchard')];
    juliet.send(presence({ to: jid('romeo@im.example.com') }));
    juliet.send(presence({ type: 'unavailable', status: 'good night' }));
    juliet.entity.close();
    await world.settle();
    expect(romeo.presences.map(brief)).toEqual(['juliet/balcony available', 'juliet/balcony unavailable good night']);
  });

  it('is remembered for so many entities and no more', async () => {
    const world = new World({ limits: { directedPresences: 1 } });
    const [juliet, romeo] = [await world.login('juliet', 'balcony'), await world.available('romeo', 'orchard')];
    for (const to of ['nurse@im.example.com', 'nurse@im.example.com', 'romeo@im.example.com', 'x@example.net']) {
      juliet.send(presence({ to: jid(to), id: to }));
    }
    await world.settle();
    expect(romeo.presences).toEqual([]);
    expect(juliet.presences.map((each) => [each.id, readStanzaError(each)?.condition])).toEqual([
      ['romeo@im.example.com', 'resource-constraint'],
      ['x@example.net', 'remote-server-not-found'],
    ]);
  });
});

describe('probes', () => {
  it('of one`s own account are answered with the last presence of each available resource', async () => {
    const world = new World();
    const [balcony, chamber] = [await world.available('juliet', 'balcony'), await world.available('juliet', 'chamber')];
    chamber.send(presence({ status: 'asleep' }));
    await world.settle();
    balcony.forget();
    balcony.send(presence({ type: 'probe', to: jid('juliet@im.example.com') }));
    balcony.send(presence({ type: 'probe', to: jid('juliet@im.example.com/chamber') }));
    balcony.send(presence({ type: 'probe', to: jid('juliet@im.example.com/gone') }));
    await world.settle();
    expect(balcony.presences.map(brief)).toEqual([
      'juliet/balcony available',
      'juliet/chamber available asleep',
      'juliet/chamber available',
      'juliet/gone unavailable',
    ]);
  });

  it('when nobody is available say so, with the id of the probe', async () => {
    const world = new World();
    const juliet = await world.login('juliet', 'balcony');
    juliet.send(presence({ type: 'probe', to: jid('juliet@im.example.com'), id: 'p1' }));
    await world.settle();
    expect(juliet.presences.map(brief)).toEqual(['juliet unavailable']);
    expect(juliet.presences[0]?.id).toBe('p1');
  });

  it('[R13.10.2-1] of others are answered only to those who may know, and then with no more than they may know', async () => {
    const world = new World();
    const [juliet, romeo] = [await world.available('juliet', 'balcony'), await world.available('romeo', 'orchard')];
    const probe = (to: string) => juliet.send(presence({ type: 'probe', to: jid(to) }));
    probe('romeo@im.example.com');
    probe('romeo@im.example.com/orchard');
    probe('im.example.com');
    await world.settle();
    expect(juliet.presences).toEqual([]);
    romeo.send(presence({ to: jid('juliet@im.example.com/balcony'), status: 'below' }));
    await world.settle();
    juliet.forget();
    probe('romeo@im.example.com');
    probe('romeo@im.example.com/orchard');
    probe('romeo@im.example.com/elsewhere');
    await world.settle();
    expect(juliet.presences.map(brief)).toEqual(['romeo/orchard available']);

    const open = new World({ hooks: { sharesPresence: () => true } });
    const nurse = await open.available('nurse', 'hall');
    await open.available('juliet', 'balcony');
    nurse.send(presence({ type: 'probe', to: jid('juliet@im.example.com') }));
    await open.settle();
    expect(nurse.presences.map(brief)).toEqual(['juliet/balcony available']);
  });
});

describe('subscriptions, of which there are none', () => {
  it.each(['romeo@im.example.com', 'mercutio@im.example.com', 'im.example.com', 'romeo@example.net'])(
    'to %s: who asks is told once, all else is ignored',
    async (to) => {
      const world = new World();
      const [juliet, romeo] = [await world.available('juliet', 'balcony'), await world.available('romeo', 'orchard')];
      for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'] as const) {
        juliet.send(presence({ type, to: jid(to), id: type }));
      }
      await world.settle();
      expect(juliet.presences.map((each) => [each.id, each.type, readStanzaError(each)?.condition])).toEqual([
        ['subscribe', 'error', 'feature-not-implemented'],
      ]);
      expect(juliet.presences[0]?.from?.toString()).toBe(to);
      // RFC 6120 §8.1.1.1: although it was from the bare JID.
      expect(juliet.presences[0]?.to?.toString()).toBe('juliet@im.example.com/balcony');
      expect(romeo.presences).toEqual([]);
    },
  );

  it('[R8.1.1.1-4] without `to` are a bad request', async () => {
    const world = new World();
    const juliet = await world.login('juliet', 'balcony');
    juliet.send(presence({ type: 'subscribe' }));
    await world.settle();
    expect(juliet.presences.map((each) => readStanzaError(each)?.condition)).toEqual(['bad-request']);
  });
});
