import { describe, expect, it } from 'vitest';
import { jid, message, readStanzaError, type Message } from '@xmpp-wire/core';
import { World } from './support/world.ts';

describe('the hook that keeps messages', () => {
  it('gets what nobody is there for, and the sender hears nothing', async () => {
    const kept: unknown[] = [];
    const world = new World({
      hooks: {
        storeMessage(stanza, account, sender) {
          kept.push([stanza.element.childText('body'), account.toString(), sender.jid.toString()]);
          return true;
        },
      },
    });
    const juliet = await world.available('juliet', 'balcony');
    juliet.send(message({ to: jid('romeo@im.example.com'), type: 'chat', body: 'Art thou there?' }));
    juliet.send(message({ to: jid('mercutio@im.example.com'), type: 'chat', body: 'And thou?' }));
    await world.settle();
    expect(kept).toEqual([['Art thou there?', 'romeo@im.example.com', 'juliet@im.example.com/balcony']]);
    // RFC 6120 §10.2: silence, also for an account that is not there.
    expect(juliet.stanzas).toEqual([]);
  });

  it('may be a method of an object that has the messages', async () => {
    class Archive {
      readonly kept: string[] = [];
      storeMessage({ element }: Message): boolean {
        return this.kept.push(element.childText('body') ?? '') > 0;
      }
    }
    const hooks = new Archive();
    const world = new World({ hooks });
    const juliet = await world.available('juliet', 'balcony');
    juliet.send(message({ to: jid('romeo@im.example.com'), type: 'chat', body: 'Art thou there?' }));
    await world.settle();
    expect(hooks.kept).toEqual(['Art thou there?']);
    expect(juliet.stanzas).toEqual([]);
  });

  it('that refuses has the sender told', async () => {
    const world = new World({ hooks: { storeMessage: () => false } });
    const juliet = await world.available('juliet', 'balcony');
    juliet.send(message({ to: jid('romeo@im.example.com'), type: 'chat', id: '1', body: 'Art thou there?' }));
    await world.settle();
    expect(juliet.stanzas.map((stanza) => readStanzaError(stanza)?.condition)).toEqual(['service-unavailable']);
  });
});

describe('the hook for other domains', () => {
  it('gets what is for them; what it does not take is not found', async () => {
    const forwarded: string[] = [];
    const world = new World({
      hooks: {
        forward(stanza, domain) {
          forwarded.push(`${domain}: ${stanza.to?.toString() ?? ''}`);
          return domain === 'example.net';
        },
      },
    });
    const juliet = await world.available('juliet', 'balcony');
    for (const to of ['romeo@example.net', 'romeo@example.com']) {
      juliet.send(message({ to: jid(to), id: to, type: 'chat', body: 'O Romeo' }));
    }
    await world.settle();
    expect(forwarded).toEqual(['example.net: romeo@example.net', 'example.com: romeo@example.com']);
    expect(juliet.stanzas.map((stanza) => [stanza.id, readStanzaError(stanza)?.condition])).toEqual([
      ['romeo@example.com', 'remote-server-not-found'],
    ]);
  });
});

describe('many recipients', () => {
  it('[R13.12-12] [R13.12-13] one too many comes back with policy-violation; answers, the server and oneself do not count', async () => {
    let now = 0;
    const world = new World({ limits: { recipientsPerMinute: 2 }, now: () => now, hooks: { forward: () => true } });
    const juliet = await world.available('juliet', 'balcony');
    const write = async (to: string, type: 'chat' | 'error' = 'chat'): Promise<unknown> => {
      juliet.sendXml('message', '<body>x</body>', `to='${to}' type='${type}' id='1'`);
      await world.settle();
      const [answer] = juliet.stanzas;
      juliet.forget();
      const error = answer && readStanzaError(answer);
      return error && [error.condition, error.type];
    };
    for (const to of ['a@example.net', 'b@example.net/x', 'b@example.net/y']) expect(await write(to)).toBeUndefined();
    expect(await write('c@example.net')).toEqual(['policy-violation', 'wait']);
    expect(await write('c@example.net', 'error')).toBeUndefined();
    await write('juliet@im.example.com');
    expect(await write('im.example.com')).toEqual(['service-unavailable', 'cancel']);
    now = 60_000;
    expect(await write('c@example.net')).toBeUndefined();
  });
});
