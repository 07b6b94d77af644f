import { describe, expect, it } from 'vitest';
import { jid, type Jid } from '../../src/jid/index.ts';
import { CLIENT_NS } from '../../src/namespaces.ts';
import {
  route,
  routeUndelivered,
  type ConnectedResource,
  type Decision,
  type RoutingContext,
} from '../../src/routing/index.ts';
import { errorOf, readStanza, type Stanza, type StanzaProblem } from '../../src/stanza/index.ts';
import { xml } from '../../src/xml/index.ts';

const account = jid('juliet@im.example.com');
const balcony = jid('juliet@im.example.com/balcony');
const chamber = jid('juliet@im.example.com/chamber');
const garden = jid('juliet@im.example.com/garden');
const romeo = jid('romeo@example.net/orchard');
const nurse = jid('nurse@im.example.com/kitchen');

/** What the server knows of the addressed account. */
const STATES = {
  unknown: undefined,
  offline: [],
  connected: [{ jid: balcony, priority: undefined }],
  negative: [{ jid: balcony, priority: -1 }],
  one: [{ jid: balcony, priority: 0 }],
  several: [
    { jid: balcony, priority: 0 },
    { jid: chamber, priority: 5 },
    { jid: garden, priority: 5 },
    { jid: jid('juliet@im.example.com/crypt'), priority: -1 },
  ],
} as const satisfies Record<string, readonly ConnectedResource[] | undefined>;

type State = keyof typeof STATES;

interface World {
  readonly state?: State;
  readonly sender?: Jid;
  readonly shares?: boolean;
  readonly storesOffline?: boolean;
}

function context({ state = 'one', sender = romeo, shares = false, storesOffline = true }: World): RoutingContext {
  return {
    sender,
    storesOffline,
    serviceOf: (domainpart) =>
      domainpart === 'im.example.com' ? 'server' : domainpart === 'muc.example.com' ? 'local-service' : 'remote',
    accountExists: (bare) => bare.equals(account) && STATES[state] !== undefined,
    resourcesOf: () => STATES[state] ?? [],
    sharesPresence: () => shares,
  };
}

function read(kind: string, type: string | undefined, to: Jid | string | undefined): Stanza | StanzaProblem {
  const isRequest = kind === 'iq' && type !== 'result' && type !== 'error';
  const payload = isRequest ? [xml('ping', { xmlns: 'urn:xmpp:ping' })] : [];
  const reading = readStanza(xml(kind, { type, id: '1', to: to?.toString() }, ...payload), {
    contentNamespace: CLIENT_NS,
  });
  if (reading === undefined) throw new Error('no stanza');
  return reading.ok ? reading.stanza : reading.problem;
}

/** A decision in a word, as the tables below have it. */
function shown(decision: Decision): string {
  switch (decision.action) {
    case 'deliver':
      return decision.to.map((to) => to.resourcepart).join('+');
    case 'bounce':
      return decision.condition;
    case 'ignore':
      return '-';
    case 'store':
      return 'store';
    case 'forward':
      return `${decision.to}:${decision.domain}`;
    case 'handle':
      return decision.as === 'server' ? 'server' : `${decision.role}:${decision.account}`;
  }
}

const decide = (kind: string, type: string | undefined, to: Jid | string | undefined, world: World) =>
  route(read(kind, type, to), context(world))
    .map(shown)
    .join(' ');

const BOUNCE = 'service-unavailable';
const HANDLE = `recipient:${account}`;

/** RFC 6121 §8.5.4, table 1, and §8.5 for errors; the three columns: unknown or absent accounts with and without a store. */
const MESSAGES: readonly (readonly [
  to: string,
  state: State,
  Record<string, readonly [store: string, noStore: string]>,
])[] = [
  ['bare', 'unknown', row(['-', BOUNCE], ['-', BOUNCE], BOUNCE, '-')],
  ['bare', 'offline', row(['store', BOUNCE], ['store', BOUNCE], BOUNCE, '-')],
  ['bare', 'connected', row(['store', BOUNCE], ['store', BOUNCE], BOUNCE, '-')],
  ['bare', 'negative', row(['store', BOUNCE], ['store', BOUNCE], BOUNCE, '-')],
  ['bare', 'one', row('balcony', 'balcony', BOUNCE, 'balcony')],
  ['bare', 'several', row('chamber+garden', 'chamber+garden', BOUNCE, 'balcony+chamber+garden')],
  ['absent', 'unknown', row(BOUNCE, ['-', BOUNCE], BOUNCE, '-')],
  ['absent', 'offline', row(BOUNCE, ['store', BOUNCE], BOUNCE, '-')],
  ['absent', 'connected', row(BOUNCE, ['store', BOUNCE], BOUNCE, '-')],
  ['absent', 'negative', row(BOUNCE, ['store', BOUNCE], BOUNCE, '-')],
  ['absent', 'one', row(BOUNCE, 'balcony', BOUNCE, '-')],
  ['absent', 'several', row(BOUNCE, 'chamber+garden', BOUNCE, '-')],
  ['present', 'connected', row('balcony', 'balcony', 'balcony', 'balcony', 'balcony')],
  ['present', 'negative', row('balcony', 'balcony', 'balcony', 'balcony', 'balcony')],
  ['present', 'one', row('balcony', 'balcony', 'balcony', 'balcony', 'balcony')],
  ['present', 'several', row('balcony', 'balcony', 'balcony', 'balcony', 'balcony')],
];

function row(...cells: readonly (string | readonly [string, string])[]) {
  const types = ['normal', 'chat', 'groupchat', 'headline', 'error'];
  return Object.fromEntries(
    types.map((type, index) => {
      const cell = cells[index] ?? '-';
      return [type, typeof cell === 'string' ? ([cell, cell] as const) : cell];
    }),
  );
}

const ADDRESSES: Record<string, Jid> = {
  bare: account,
  present: balcony,
  absent: jid('juliet@im.example.com/nowhere'),
};

describe('a message for a local user', () => {
  const cases = MESSAGES.flatMap(([to, state, cells]) =>
    Object.entries(cells).flatMap(([type, [store, noStore]]) => [
      { type, to, state, storesOffline: true, expected: store },
      { type, to, state, storesOffline: false, expected: noStore },
    ]),
  );

  it('covers every type, address and state', () => {
    expect(cases).toHaveLength(16 * 5 * 2);
  });

  it.each(cases)(
    '[R10.5.3.2-1] [R10.5.4-1] [R10.5.4-2] $type, $to JID, $state, store $storesOffline: $expected',
    ({ type, to, state, storesOffline, expected }) => {
      expect(decide('message', type, ADDRESSES[to], { state, storesOffline })).toBe(expected);
    },
  );

  it('[R10.5.3.1-1] [R10.5.3.2-2] tells an unknown account by nothing from one that is not available', () => {
    for (const storesOffline of [true, false]) {
      for (const type of ['normal', 'chat', 'groupchat', 'headline', 'error']) {
        for (const to of [ADDRESSES['bare'], ADDRESSES['absent']]) {
          const heard = (state: State) => decide('message', type, to, { state, storesOffline }).replace('store', '-');
          expect(heard('unknown')).toBe(heard('offline'));
        }
      }
    }
  });

  it('[R10.3.1-1] is for its own sender when it is for nobody', () => {
    for (const state of ['offline', 'one', 'several'] as const) {
      const world = { state, sender: balcony };
      expect(decide('message', 'chat', undefined, world)).toBe(decide('message', 'chat', account, world));
    }
  });
});

describe('presence for a local user', () => {
  const everywhere = (expected: string) => ({ bare: expected, present: expected, absent: expected });
  const TYPES: Record<string, Record<State, { bare: string; present: string; absent: string }>> = {};
  for (const type of ['available', 'unavailable']) {
    TYPES[type] = {
      unknown: everywhere('-'),
      offline: everywhere('-'),
      connected: { bare: '-', present: 'balcony', absent: '-' },
      negative: { bare: 'balcony', present: 'balcony', absent: '-' },
      one: { bare: 'balcony', present: 'balcony', absent: '-' },
      several: { bare: 'balcony+chamber+garden+crypt', present: 'balcony', absent: '-' },
    };
  }
  const handled = {
    unknown: everywhere('-'),
    offline: everywhere(HANDLE),
    connected: everywhere(HANDLE),
    negative: everywhere(HANDLE),
    one: everywhere(HANDLE),
    several: everywhere(HANDLE),
  };
  for (const type of ['subscribe', 'probe']) TYPES[type] = handled;
  for (const type of ['subscribed', 'unsubscribe', 'unsubscribed']) {
    const known = { bare: HANDLE, present: HANDLE, absent: '-' };
    TYPES[type] = {
      unknown: everywhere('-'),
      offline: { bare: HANDLE, present: '-', absent: '-' },
      connected: known,
      negative: known,
      one: known,
      several: known,
    };
  }
  const told = { bare: HANDLE, present: 'balcony', absent: '-' };
  TYPES['error'] = {
    unknown: everywhere('-'),
    offline: { bare: HANDLE, present: '-', absent: '-' },
    connected: told,
    negative: told,
    one: told,
    several: told,
  };

  const cases = Object.entries(TYPES).flatMap(([type, states]) =>
    Object.entries(states).flatMap(([state, cells]) =>
      // Object.entries forgets the names that the table above has.
      Object.entries(cells).map(([to, expected]) => ({ type, state: state as State, to, expected })),
    ),
  );

  it('covers every type, state and address', () => {
    expect(cases).toHaveLength(8 * 6 * 3);
  });

  it.each(cases)(
    '[R10.5.3.1-2] [R10.5.3.2-3] [R10.5.3.2-4] $type, $to JID, $state: $expected',
    ({ type, state, to, expected }) => {
      expect(decide('presence', type === 'available' ? undefined : type, ADDRESSES[to], { state })).toBe(expected);
    },
  );

  it('[R10.3.2-1] is broadcast when it is for nobody', () => {
    const world = { sender: balcony };
    for (const type of [undefined, 'unavailable'])
      expect(decide('presence', type, undefined, world)).toBe(`sender:${account}`);
    for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe']) {
      expect(decide('presence', type, undefined, world)).toBe('bad-request');
    }
    expect(decide('presence', 'error', undefined, world)).toBe('-');
  });

  it('takes a step of a subscription through the roster of the local user who takes it', () => {
    for (const type of ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed']) {
      expect(decide('presence', type, account, { sender: nurse })).toBe(`sender:${nurse.bare} ${HANDLE}`);
      expect(decide('presence', type, romeo.bare, { sender: nurse })).toBe(
        `sender:${nurse.bare} remote-domain:example.net`,
      );
      expect(decide('presence', type, account, { sender: jid('muc.example.com') })).toBe(HANDLE);
    }
    expect(decide('presence', 'unavailable', romeo, { sender: nurse })).toBe('remote-domain:example.net');
  });
});

describe('an iq for a local user', () => {
  const states = Object.keys(STATES) as readonly State[];
  const cases = states.flatMap((state) =>
    ['get', 'set', 'result', 'error'].flatMap((type) =>
      ['bare', 'present', 'absent'].flatMap((to) =>
        [true, false].map((shares) => {
          const isRequest = type === 'get' || type === 'set';
          const isThere = to === 'present' && !['unknown', 'offline'].includes(state);
          const unheard = isRequest ? BOUNCE : '-';
          const named = isThere && (shares || !isRequest) ? 'balcony' : unheard;
          return { state, type, to, shares, expected: to === 'bare' && state !== 'unknown' ? HANDLE : named };
        }),
      ),
    ),
  );

  it.each(cases)(
    '[R10.5.3.1-3] [R10.5.3.2-5] $type, $to JID, $state, shares presence $shares: $expected',
    ({ state, type, to, shares, expected }) => {
      expect(decide('iq', type, ADDRESSES[to], { state, shares })).toBe(expected);
    },
  );

  it('reaches the other resources of the same account', () => {
    expect(decide('iq', 'get', balcony, { sender: chamber, state: 'several' })).toBe('balcony');
  });

  it('[R10.3.3-1] is handled for its own sender when it is for nobody', () => {
    for (const type of ['get', 'set', 'result', 'error']) {
      expect(decide('iq', type, undefined, { sender: balcony })).toBe(`sender:${account}`);
    }
  });
});

describe('a stanza for something else', () => {
  const kinds = [
    ['message', 'chat'],
    ['message', 'error'],
    ['presence', undefined],
    ['presence', 'probe'],
    ['iq', 'get'],
    ['iq', 'result'],
  ] as const;

  it.each(kinds)('[R10.5.1-1] [R10.5.2-1] %s %s for the server itself is handled there', (kind, type) => {
    for (const sender of [romeo, nurse]) {
      expect(decide(kind, type, 'im.example.com', { sender })).toBe('server');
      expect(decide(kind, type, 'im.example.com/echo', { sender })).toBe('server');
    }
  });

  it.each(kinds)('[R10.5-1] [R10.5-2] %s %s for a local service goes there', (kind, type) => {
    for (const to of ['muc.example.com', 'characters@muc.example.com/JulieC']) {
      expect(decide(kind, type, to, { sender: romeo })).toBe('local-service:muc.example.com');
      expect(decide(kind, type, to, { sender: nurse })).toBe('local-service:muc.example.com');
    }
  });

  it.each(kinds)(
    '[R10.4-1] [R10.4-2] %s %s for a remote domain goes there from here, and from nowhere else',
    (kind, type) => {
      expect(decide(kind, type, romeo, { sender: nurse })).toBe('remote-domain:example.net');
      expect(decide(kind, type, romeo, { sender: jid('muc.example.com/x') })).toBe('remote-domain:example.net');
      expect(decide(kind, type, romeo, { sender: jid('mallory@example.org/x') })).toBe('-');
    },
  );

  it.each(kinds)('[R10.3-1] %s %s for nobody, from no account of ours, is the server’s', (kind, type) => {
    for (const sender of ['muc.example.com', 'im.example.com', 'romeo@example.net/x']) {
      expect(decide(kind, type, undefined, { sender: jid(sender) })).toBe('server');
    }
  });
});

describe('a stanza that breaks a rule', () => {
  it('[R8.2.3-3] [R8.3.1-1] is answered with its own condition', () => {
    expect(decide('iq', 'subscribe', account, {})).toBe('bad-request');
    expect(decide('presence', 'available', account, {})).toBe('bad-request');
    expect(decide('message', 'chat', 'a@b@c', {})).toBe('jid-malformed');
  });

  it('[R8.3.1-10] is not answered when it is an error or a result', () => {
    expect(decide('message', 'error', 'a@b@c', {})).toBe('-');
    expect(decide('iq', 'result', 'a@b@c', {})).toBe('-');
  });
});

describe('what could not be forwarded', () => {
  it('[R10.4.3-1] [R10.4.3-2] [R10.4.3-3] is told to the sender', () => {
    for (const [kind, type] of [
      ['message', 'chat'],
      ['presence', undefined],
      ['iq', 'get'],
    ] as const) {
      const stanza = read(kind, type, romeo) as Stanza;
      expect(routeUndelivered(stanza, 'unresolved').map(shown)).toEqual(['remote-server-not-found']);
      expect(routeUndelivered(stanza, 'unreachable').map(shown)).toEqual(['remote-server-timeout']);
    }
  });

  it('is told of no error and no result', () => {
    for (const [kind, type] of [
      ['message', 'error'],
      ['presence', 'error'],
      ['iq', 'error'],
      ['iq', 'result'],
    ] as const) {
      expect(routeUndelivered(read(kind, type, romeo) as Stanza, 'unresolved').map(shown)).toEqual(['-']);
    }
  });
});

it('[R8.2.3-6] every bounce that is decided can be built, with the type that was decided', () => {
  for (const kind of ['message', 'presence', 'iq']) {
    for (const type of [
      undefined,
      'chat',
      'headline',
      'groupchat',
      'error',
      'probe',
      'subscribe',
      'get',
      'set',
      'result',
    ]) {
      for (const to of [undefined, account, balcony, romeo, 'im.example.com', 'a@b@c']) {
        for (const sender of [romeo, nurse]) {
          for (const state of ['unknown', 'offline', 'several'] as const) {
            const stanza = read(kind, type, to);
            const bounces = route(stanza, context({ state, sender, storesOffline: false })).filter(
              ({ action }) => action === 'bounce',
            );
            const built = bounces.map((bounce) => errorOf(stanza as StanzaProblem, bounce as object)?.type);
            expect(built).toEqual(bounces.map(() => 'error'));
          }
        }
      }
    }
  }
});
