import { describe, expect, it } from 'vitest';
import type { SaltedPasswordRequest } from '@xmpp-wire/core/sasl';
import { xml } from '@xmpp-wire/core/xml';
import { derive, World, type Client, type ClientOptions } from '../support/world.ts';

const clear = { kind: 'clear' } as const;

/** Keys that were derived before; the same ones are wanted hundreds of times. */
const derived = new Map<string, Uint8Array>();

function deriveOnce(request: SaltedPasswordRequest): Uint8Array {
  const key = `${request.hash} ${String(request.salt)} ${String(request.password)}`;
  const known = derived.get(key) ?? derive(request);
  derived.set(key, known);
  return known.slice();
}

async function login(world: World, mechanism: string, cut?: ClientOptions['cut']): Promise<Client> {
  return world.login('juliet', 'balcony', {
    mechanisms: [mechanism],
    security: clear,
    receiving: { security: clear },
    derive: deriveOnce,
    ...(cut === undefined ? {} : { cut }),
  });
}

describe('a login by STARTTLS that is cut', () => {
  it.each([
    ['client', 'PLAIN'],
    ['server', 'PLAIN'],
    ['client', 'SCRAM-SHA-256'],
    ['server', 'SCRAM-SHA-256'],
  ] as const)(
    'behind any byte of the %s, by %s, ends on both sides and leaves nothing',
    async (of, mechanism) => {
      const world = new World({ limits: { failedLoginsPerMinute: 1_000_000 } });
      const romeo = await world.available('romeo', 'orchard');
      const whole = await login(world, mechanism);
      expect(whole.jid).toBe('juliet@im.example.com/balcony');
      const total = whole.gone[of];
      whole.entity.close();
      await world.settle();
      expect(total).toBeGreaterThan(500);
      const wrong: unknown[] = [];
      for (let after = 0; after <= total; after++) {
        const client = await login(world, mechanism, { of, after });
        const left = {
          sessions: world.server.sessions.length,
          streams: world.server.streams,
          ends: [client.events, client.serverEvents].map(
            (events) => events.filter(({ type }) => type === 'closed').length,
          ),
          timers: [client.entity.nextTimeout(0), client.receiving.nextTimeout(0)],
          unread: [client.entity.bufferedInput, client.receiving.bufferedInput],
          unsent: [client.entity.bufferedOutput, client.receiving.bufferedOutput],
        };
        const expected = {
          sessions: 1,
          streams: 1,
          ends: [1, 1],
          timers: [undefined, undefined],
          unread: [0, 0],
          unsent: [0, 0],
        };
        if (JSON.stringify(left) !== JSON.stringify(expected)) wrong.push({ after, left });
        world.dropEnded();
      }
      expect(wrong).toEqual([]);
      const id = romeo.request('get', xml('ping', { xmlns: 'urn:xmpp:ping' }));
      await world.settle();
      expect(romeo.iqs.map((iq) => [iq.id, iq.type])).toEqual([[id, 'result']]);
      expect(world.errors).toEqual([]);
    },
    60_000,
  );
});
