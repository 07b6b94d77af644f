import { describe, expect, it } from 'vitest';
import { errorOf, jid, message, presence, readStanzaError, resultOf, type Stanza } from '@xmpp-wire/core';
import { Jid } from '@xmpp-wire/core/jid';
import { xml } from '@xmpp-wire/core/xml';
import { accounts, World, type Client } from './support/world.ts';

const QUERY = xml('query', { xmlns: 'urn:example:query' });

/** What an error says, with its sender and id. */
function errorIn(stanza: Stanza | undefined): unknown {
  const error = stanza === undefined ? undefined : readStanzaError(stanza);
  return error && { condition: error.condition, type: error.type, from: stanza?.from?.toString(), id: stanza?.id };
}

function chat(to: string | undefined, body: string, type: 'chat' | 'normal' | 'headline' | 'groupchat' = 'chat') {
  return message({ to: to === undefined ? undefined : jid(to), id: body, type, body });
}

async function romeoAndJuliet(): Promise<{ world: World; juliet: Client; romeo: Client }> {
  const world = new World();
  const juliet = await world.available('juliet', 'balcony');
  return { world, juliet, romeo: await world.available('romeo', 'orchard') };
}

describe('messages between local users', () => {
  it('[F-stanza-extension] [R13.10.1-1] arrive at a full JID as they were sent, but for the sender', async () => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    juliet.sendXml(
      'message',
      "<body>O</body><x xmlns='urn:example:x' a='1'>y</x>",
      "to='Romeo@im.example.com/orchard' id='1'",
    );
    await world.settle();
    expect(romeo.messages).toHaveLength(1);
    const [arrived] = romeo.messages;
    expect(arrived?.from?.toString()).toBe('juliet@im.example.com/balcony');
    expect(arrived?.element.attribute('to')).toBe('Romeo@im.example.com/orchard');
    expect(arrived?.element.child('x', 'urn:example:x')?.text).toBe('y');
    expect(juliet.stanzas).toEqual([]);
  });

  it('[S24] from a client that says it is somebody else come from it all the same', async () => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    juliet.sendXml('message', '<body>I am the nurse</body>', "from='nurse@im.example.com' to='romeo@im.example.com'");
    await world.settle();
    expect(romeo.messages.map((each) => String(each.from))).toEqual(['juliet@im.example.com/balcony']);
    expect(romeo.messages[0]?.element.attribute('from')).toBe('juliet@im.example.com/balcony');
  });

  it('to a bare JID arrive at the available resources of the highest priority', async () => {
    const world = new World();
    const juliet = await world.available('juliet', 'balcony');
    const connected = await world.login('romeo', 'connected');
    const [low, high, same, negative] = [
      await world.available('romeo', 'low', 1),
      await world.available('romeo', 'high', 5),
      await world.available('romeo', 'same', 5),
      await world.available('romeo', 'negative', -1),
    ];
    juliet.send(chat('romeo@im.example.com', 'one'));
    juliet.send(chat('romeo@im.example.com', 'all', 'headline'));
    await world.settle();
    expect([connected, low, high, same, negative].map((client) => client.bodies)).toEqual([
      [],
      ['all'],
      ['one', 'all'],
      ['one', 'all'],
      [],
    ]);
  });

  it('to a resource that is gone go to the bare JID when they are chat, and bounce when not', async () => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    juliet.send(chat('romeo@im.example.com/gone', 'chat'));
    juliet.send(chat('romeo@im.example.com/gone', 'normal', 'normal'));
    juliet.send(chat('romeo@im.example.com/gone', 'groupchat', 'groupchat'));
    juliet.send(chat('romeo@im.example.com/gone', 'headline', 'headline'));
    await world.settle();
    expect(romeo.bodies).toEqual(['chat']);
    const from = 'romeo@im.example.com/gone';
    expect(juliet.messages.map(errorIn)).toEqual([
      { condition: 'service-unavailable', type: 'cancel', from, id: 'normal' },
      { condition: 'service-unavailable', type: 'cancel', from, id: 'groupchat' },
    ]);
  });

  it.each(['romeo', 'mercutio'])(
    '[S21] bounce for %s, of whom there is nobody or no account, all the same',
    async (name) => {
      const world = new World();
      const juliet = await world.available('juliet', 'balcony');
      const to = `${name}@im.example.com`;
      juliet.send(chat(to, 'anybody?'));
      juliet.request('get', QUERY, to);
      juliet.request('get', QUERY, `${to}/orchard`);
      for (const type of ['probe', 'unavailable', undefined] as const) juliet.send(presence({ to: jid(to), type }));
      await world.settle();
      expect(juliet.stanzas.map(errorIn)).toEqual([
        { condition: 'service-unavailable', type: 'cancel', from: to, id: 'anybody?' },
        { condition: 'service-unavailable', type: 'cancel', from: to, id: 'q1' },
        { condition: 'service-unavailable', type: 'cancel', from: `${to}/orchard`, id: 'q2' },
      ]);
    },
  );

  it('to oneself come back, by the bare JID, the full JID and no `to` at all', async () => {
    const world = new World();
    const juliet = await world.available('juliet', 'balcony');
    juliet.send(chat('juliet@im.example.com', 'bare'));
    juliet.send(chat('juliet@im.example.com/balcony', 'full'));
    juliet.send(chat(undefined, 'none'));
    await world.settle();
    expect(juliet.bodies).toEqual(['bare', 'full', 'none']);
  });

  it('[R10.1-2] [R10.1-6] keep their order, whatever a hook does meanwhile', async () => {
    let turns = 3;
    const world = new World({
      hooks: {
        async beforeRouting() {
          for (let turn = turns--; turn > 0; turn--) await Promise.resolve();
          return 'route' as const;
        },
      },
    });
    const romeo = await world.available('romeo', 'orchard');
    const juliet = await world.login('juliet', 'balcony');
    turns = 3;
    for (const body of ['1', '2', '3']) juliet.send(chat('romeo@im.example.com', body));
    await world.settle();
    expect(romeo.bodies).toEqual(['1', '2', '3']);
  });

  it('to the server itself, to a resource of it and to another domain bounce', async () => {
    const { world, juliet } = await romeoAndJuliet();
    for (const to of ['im.example.com', 'im.example.com/x', 'example.net', 'romeo@example.net'])
      juliet.send(chat(to, to));
    await world.settle();
    expect(juliet.messages.map(errorIn)).toMatchObject([
      { condition: 'service-unavailable', from: 'im.example.com' },
      { condition: 'service-unavailable', from: 'im.example.com/x' },
      { condition: 'remote-server-not-found', from: 'example.net' },
      { condition: 'remote-server-not-found', from: 'romeo@example.net' },
    ]);
  });

  it('[R10.3.3-4] errors and results are never answered', async () => {
    const { world, juliet } = await romeoAndJuliet();
    for (const to of ['mercutio@im.example.com', 'im.example.com', 'example.net', 'romeo@im.example.com/gone']) {
      const refused = message({ from: jid(to), to: jid('juliet@im.example.com'), body: 'x' });
      const error = errorOf(refused, { condition: 'not-acceptable' });
      if (error !== undefined) juliet.send(error);
      juliet.sendXml('iq', '', `type='result' id='r' to='${to}'`);
      juliet.sendXml(
        'iq',
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        `type='error' id='e' to='${to}'`,
      );
      juliet.sendXml('presence', '', `type='error' to='${to}'`);
    }
    juliet.sendXml('iq', '', "type='result' id='r'");
    juliet.sendXml('presence', '', "type='error'");
    await world.settle();
    expect(juliet.stanzas).toEqual([]);
    expect(juliet.cause).toBeUndefined();
  });

  it('that no stream takes any more go where they go without it', async () => {
    for (const broken of ['now', 'later'] as const) {
      const world = new World();
      const juliet = await world.available('juliet', 'balcony');
      const fallback = await world.available('romeo', 'fallback', 1);
      const best = await world.available('romeo', 'best', 5);
      best.broken = broken;
      juliet.send(chat('romeo@im.example.com', 'hello'));
      juliet.send(chat('romeo@im.example.com/best', 'normal', 'normal'));
      await world.settle();
      expect(fallback.bodies).toEqual(['hello']);
      expect(juliet.messages.map(errorIn)).toMatchObject([{ condition: 'service-unavailable', id: 'normal' }]);
      expect(world.server.sessionsOf(jid('romeo@im.example.com'))).toHaveLength(1);
    }
  });

  it.each(['throws', 'rejects'])('a transport that %s ends the session and is reported', async (how) => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    romeo.stream.ended();
    const stream = world.server.accept('192.0.2.9:9');
    const security = { kind: 'trusted' };
    await stream.acceptStream({ type: 'ask', ask: 'accept-stream', to: 'im.example.com', security } as never);
    const bound = await stream.bindResource({ account: jid('romeo@im.example.com'), requested: 'odd' } as never);
    const closed: unknown[] = [];
    stream.established({
      send() {
        const error = new Error('the socket is on fire');
        if (how === 'rejects') return Promise.reject(error);
        throw error;
      },
      close: (reason) => closed.push(reason),
    });
    juliet.send(chat(bound instanceof Jid ? bound.toString() : '', 'hello', 'normal'));
    await world.settle();
    expect(closed).toEqual([{ condition: 'internal-server-error' }]);
    expect(world.errors).toEqual([new Error('the socket is on fire')]);
    expect(juliet.messages.map(errorIn)).toMatchObject([{ condition: 'service-unavailable', id: 'hello' }]);
  });

  it('bounce when nobody can tell whether there is such an account', async () => {
    const world = new World({
      accounts: {
        iterations: accounts.iterations,
        credentials: (account, hash) => accounts.credentials(account, hash),
        exists: () => Promise.reject(new Error('the disk is full')),
      },
    });
    const juliet = await world.login('juliet', 'balcony');
    juliet.send(chat('romeo@im.example.com', 'hello'));
    juliet.send(chat('juliet@im.example.com/balcony', 'to myself'));
    await world.settle();
    expect(juliet.messages.map(errorIn)).toMatchObject([{ condition: 'internal-server-error' }, undefined]);
    expect(world.errors).toEqual([new Error('the disk is full')]);
  });
});

describe('requests between local users', () => {
  it('[R13.10.2-1] to a full JID pass only to who shares presence, and their answers always', async () => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    juliet.request('get', QUERY, 'romeo@im.example.com/orchard');
    await world.settle();
    expect(romeo.iqs).toEqual([]);
    expect(juliet.iqs.map(errorIn)).toMatchObject([{ condition: 'service-unavailable', id: 'q1' }]);

    romeo.send(presence({ to: jid('juliet@im.example.com') }));
    await world.settle();
    juliet.request('get', QUERY, 'romeo@im.example.com/orchard');
    await world.settle();
    const [request] = romeo.iqs;
    expect(request).toMatchObject({ type: 'get', id: 'q2' });
    if (request?.kind === 'iq' && request.type === 'get') romeo.send(resultOf(request));
    await world.settle();
    expect(juliet.iqs[1]).toMatchObject({ type: 'result', id: 'q2' });

    romeo.send(presence({ to: jid('juliet@im.example.com'), type: 'unavailable' }));
    await world.settle();
    juliet.request('get', QUERY, 'romeo@im.example.com/orchard');
    await world.settle();
    expect(juliet.iqs.map(errorIn)[2]).toMatchObject({ condition: 'service-unavailable', id: 'q3' });
  });

  it('pass between the resources of one account, and where the embedding program says so', async () => {
    const world = new World({ hooks: { sharesPresence: (account) => account.localpart === 'romeo' } });
    const juliet = await world.available('juliet', 'balcony');
    const chamber = await world.available('juliet', 'chamber');
    const romeo = await world.available('romeo', 'orchard');
    juliet.request('get', QUERY, 'juliet@im.example.com/chamber');
    juliet.request('set', QUERY, 'romeo@im.example.com/orchard');
    await world.settle();
    expect(chamber.iqs).toMatchObject([{ type: 'get', id: 'q1' }]);
    expect(romeo.iqs).toMatchObject([{ type: 'set', id: 'q2' }]);
  });

  it('fail when the hook that has to decide about them does', async () => {
    const oops = (): never => {
      throw new Error('oops');
    };
    const world = new World({ hooks: { sharesPresence: oops } });
    const juliet = await world.available('juliet', 'balcony');
    await world.available('romeo', 'orchard');
    juliet.request('get', QUERY, 'romeo@im.example.com/orchard');
    await world.settle();
    expect(juliet.iqs.map(errorIn)).toMatchObject([{ condition: 'internal-server-error', id: 'q1' }]);
    expect(world.errors).toEqual([new Error('oops')]);
  });
});

describe('the hook before routing', () => {
  it('[R13.12-12] [R13.12-13] drops, replaces and bounces, and its failure is an error for the sender', async () => {
    const world = new World({
      hooks: {
        beforeRouting(stanza, sender) {
          expect(sender.jid.toString()).toBe(stanza.from?.toString());
          switch (stanza.id) {
            case 'drop':
              return 'drop';
            case 'replace':
              return { route: { ...stanza, ...message({ to: stanza.to, from: sender.jid, body: 'censored' }) } };
            case 'bounce':
              return { bounce: { condition: 'policy-violation', text: 'mind your language' } };
            case 'throw':
              throw new Error('oops');
            case 'nonsense':
              return { bounce: { condition: 'no-such-condition' } } as never;
            default:
              return 'route';
          }
        },
      },
    });
    const romeo = await world.available('romeo', 'orchard');
    const juliet = await world.available('juliet', 'balcony');
    for (const body of ['fine', 'drop', 'replace', 'bounce', 'throw', 'nonsense'])
      juliet.send(chat('romeo@im.example.com', body));
    await world.settle();
    expect(romeo.bodies).toEqual(['fine', 'censored']);
    expect(juliet.messages.map(errorIn)).toMatchObject([
      { condition: 'policy-violation', id: 'bounce' },
      { condition: 'internal-server-error', id: 'throw' },
      { condition: 'internal-server-error', id: 'nonsense' },
    ]);
    expect(world.errors).toHaveLength(2);
    expect(world.errors[0]).toEqual(new Error('oops'));
  });
});

describe('what goes in the place of a stanza', () => {
  it('[S18] [S24] [R8.1.2.1-4] is from its sender, unless the program says from whom', async () => {
    const from = { nobody: undefined, 'the house': jid('im.example.com') };
    const world = new World({
      hooks: {
        beforeRouting: ({ kind, to, id }) =>
          kind === 'message' && (id === 'nobody' || id === 'the house')
            ? { route: message({ to, from: from[id], body: id }) }
            : 'route',
      },
    });
    const romeo = await world.available('romeo', 'orchard');
    const juliet = await world.available('juliet', 'balcony');
    for (const body of Object.keys(from)) juliet.send(chat('romeo@im.example.com', body));
    await world.settle();
    expect(romeo.messages.map((each) => [each.element.childText('body'), each.from?.toString()])).toEqual([
      ['nobody', 'juliet@im.example.com/balcony'],
      ['the house', 'im.example.com'],
    ]);
  });
});

describe('texts of the server', () => {
  it('[R8.3.2-6] name the language that they are in, whatever that of the stream is', async () => {
    const world = new World({
      hosts: { 'im.example.com': { languages: ['de'] } },
      limits: { resourcesPerAccount: 1, recipientsPerMinute: 1 },
    });
    const juliet = await world.available('juliet', 'balcony');
    juliet.sendXml('presence', '', "type='subscribe' to='juliet@im.example.com'");
    juliet.sendXml('presence', '<priority>high</priority>');
    juliet.request('set', xml('query', { xmlns: 'jabber:iq:roster' }));
    juliet.request('set', xml('query', { xmlns: 'jabber:iq:roster' }, xml('item', { jid: 'romeo@example.net' })));
    for (const to of ['romeo@example.net', 'nurse@example.net']) juliet.send(chat(to, 'x'));
    const second = await world.login('juliet', 'chamber');
    await world.settle();
    const langs = juliet.stanzas.flatMap((stanza) => readStanzaError(stanza)?.texts.map(({ lang }) => lang) ?? []);
    expect(langs).toEqual(['en', 'en', 'en', 'en', 'en']);
    expect(second.heard).toMatch(/<text [^>]*xml:lang='en'>this account can have 1 resources at once/);
    expect(second.heard).toContain("xml:lang='de'");
  });
});

describe('texts of the server in stream errors', () => {
  it('[R4.9.2-4] name the language that they are in, too', async () => {
    const german = { hosts: { 'im.example.com': { languages: ['de'] } }, receiving: { lang: 'de' } };
    const replacing = new World({ hosts: german.hosts, resourceConflict: 'replace' });
    const first = await replacing.login('juliet', 'balcony');
    await replacing.login('juliet', 'balcony');
    expect(first.heard).toMatch(/<text [^>]*xml:lang='en'>the same resource/);

    const guarded = new World({ hosts: german.hosts, limits: { failedLoginsPerMinute: 1 } });
    await guarded.login('juliet', 'a', { password: 'wrong' });
    const shutOut = await guarded.login('juliet', 'b', { receiving: german.receiving });
    expect(shutOut.heard).toMatch(/<text [^>]*xml:lang='en'>too many failed logins/);
    expect(shutOut.heard).toContain("xml:lang='de'");
  });
});

describe('stanzas that break a rule', () => {
  it('are answered by core, once, and go nowhere', async () => {
    const { world, juliet, romeo } = await romeoAndJuliet();
    juliet.sendXml('iq', '', "type='get' id='1' to='romeo@im.example.com'");
    juliet.sendXml('message', '<body>x</body>', "to='ro meo@im.example.com' id='2'");
    await world.settle();
    expect(romeo.stanzas).toEqual([]);
    expect(juliet.stanzas.map(errorIn)).toMatchObject([
      { condition: 'bad-request', id: '1' },
      { condition: 'jid-malformed', id: '2' },
    ]);
  });
});
