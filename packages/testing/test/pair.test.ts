import { InitiatingEntity, type Closed, iq, jid, message, presence } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stanzas } from '../src/generators/index.ts';
import { Accounts, createPair, madeUpTls, UNANSWERED, type Fault, type Pair, type PairOptions } from '../src/index.ts';

const accounts = new Accounts({ juliet: 'R0m30' });
const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

function login(options: PairOptions = {}): Pair {
  const pair = createPair({ accounts, ...options });
  pair.initiating.open();
  pair.runUntilIdle();
  return pair;
}

/** How an end ended. */
function ending({ cause, transport }: Closed): string {
  return `${'violation' in cause ? cause.violation : cause.code} ${transport}`;
}

/** How both ends ended. */
const ends = ({ initiating, receiving }: Pair): readonly string[] => [
  ending(initiating.event('closed')),
  ending(receiving.event('closed')),
];

describe('createPair', () => {
  it.each([
    [{ fault: [] }, "createPair() has no option 'fault'; there are seed, latency,"],
    [{ chunking: 'byte' }, '\'chunking\' of createPair() is one of whole, bytes, random, not "byte"'],
    [{ tls: 'none' }, '\'tls\' of createPair() is one of starttls, direct, trusted, not "none"'],
  ])('refuses %j, which would show nothing', (options, message) => {
    expect(() => createPair(options as PairOptions)).toThrow(message);
  });

  it.each(['starttls', 'direct', 'trusted'] as const)('logs in, protected by: %s', (tls) => {
    const pair = login({ tls });
    expect(pair.initiating.event('established').jid.toString()).toBe('juliet@im.example.com/balcony');
    expect(pair.receiving.event('established').jid.toString()).toBe('juliet@im.example.com/balcony');
    expect(pair.initiating.transport).toBe(tls === 'trusted' ? 'clear' : 'protected');
    expect(pair.initiating.event('authenticated').identity.channelBinding).toBe(
      tls === 'trusted' ? undefined : 'tls-exporter',
    );
    expect(pair.now).toBe(0);
  });

  it('takes a domain, an account and parts of the configurations and the policy', () => {
    const pair = login({
      domain: 'verona.example',
      accounts: new Accounts({ romeo: 'Jul13t' }),
      policy: { mechanisms: ['SCRAM-SHA-1'] },
      initiating: {
        credentials: { authcid: 'romeo', password: 'Jul13t' },
        resource: 'orchard',
      },
      receiving: { lang: 'it' },
    });
    expect(pair.initiating.event('established').jid.toString()).toBe('romeo@verona.example/orchard');
    expect(pair.initiating.event('authenticated').identity.mechanism).toBe('SCRAM-SHA-1');
    expect(pair.initiating.event('stream-opened').header.lang).toBe('it');
  });

  it('gives anonymous clients a name', () => {
    const pair = login({ policy: { mechanisms: ['ANONYMOUS'] }, initiating: { authenticateBy: 'none' } });
    expect(pair.initiating.event('established').jid.toString()).toBe('anonymous@im.example.com/made-by-the-server');
  });

  it('refuses streams for other hosts, accounts it does not know and acting for others', () => {
    expect(ends(login({ initiating: { to: 'nowhere.example' } }))).toEqual([
      'stream-error-received end',
      'negotiation-failed end',
    ]);
    const unknown = login({
      initiating: { credentials: { authcid: 'mercutio', password: 'x' } },
    });
    expect(unknown.receiving.event('authentication-failed').condition).toBe('not-authorized');
    const other = login({
      initiating: { authzid: 'romeo@im.example.com' },
    });
    expect(other.receiving.event('authentication-failed').condition).toBe('invalid-authzid');
  });

  it('checks PLAIN where the policy wants the application to', () => {
    const pair = login({ policy: { mechanisms: ['PLAIN'], plain: { check: 'application' } } });
    expect(pair.receiving.ask('check-password').authcid).toBe('juliet');
    expect(pair.initiating.event('established').by).toBe('bound');
  });

  it('derives a salted password for PLAIN against SCRAM keys', () => {
    const pair = login({ policy: { mechanisms: ['PLAIN'] } });
    expect(pair.receiving.ask('derive-salted-password').hash).toBe('SHA-256');
    expect(pair.initiating.event('established').by).toBe('bound');
  });

  it('carries stanzas, elements and the end', () => {
    const pair = login({
      initiating: { extensions: ['urn:example:ext'] },
      receiving: { extensions: ['urn:example:ext'] },
    });
    expect(pair.initiating.send(message({ to: jid('romeo@example.net'), body: 'Hi' }))).toBe(true);
    expect(pair.receiving.sendElement(xml('r', { xmlns: 'urn:example:ext' }))).toBe(true);
    pair.runUntilIdle();
    expect(pair.receiving.event('stanza').stanza.from?.toString()).toBe('juliet@im.example.com/balcony');
    expect(pair.initiating.event('element').element.name).toBe('r');
    pair.receiving.close({ condition: 'system-shutdown' });
    pair.runUntilIdle();
    expect(ends(pair)).toEqual(['stream-error-received end', 'closed-locally end']);
    expect(pair.initiating.send(presence())).toBe(false);
    expect(pair.initiating.transport).toBe('closed');
    expect(pair.receiving.last()?.type).toBe('closed');
  });

  it('says what happened instead when an event or an ask is missing', () => {
    const pair = createPair({ accounts });
    expect(() => pair.initiating.event('established')).toThrow(
      'the initiating entity is in phase unopened and has reported no established, but nothing; last: null',
    );
    expect(() => pair.receiving.ask('bind-resource')).toThrow(
      'the receiving entity has not asked bind-resource; it is in phase awaiting-header',
    );
    expect(pair.receiving.last()).toBeUndefined();
  });

  it('acts on what was done to an entity without it when the clock moves', () => {
    const pair = createPair({ accounts });
    pair.initiating.entity.open();
    expect(pair.initiating.written).toHaveLength(0);
    pair.advanceBy(1);
    expect(pair.initiating.event('established').by).toBe('bound');
  });
});

describe('time', { timeout: 600_000 }, () => {
  it('passes with latency and answers that take long', () => {
    const pair = login({ latency: 50, answerDelay: 10 });
    // Ten one-way trips without TLS's two, twelve asks that wait one after the other where they are on the way.
    expect(pair.now).toBeGreaterThan(500);
    expect(pair.initiating.event('established').by).toBe('bound');
  });

  it('brings deadlines', () => {
    const pair = createPair({ accounts, faults: [{ fault: 'stall', from: 'receiving', at: 0 }] });
    pair.initiating.open();
    pair.advanceTo(29_999);
    expect(pair.initiating.entity.phase).toBe('awaiting-header');
    pair.advanceTo(30_000);
    expect(pair.initiating.last()).toEqual({
      type: 'closed',
      cause: { code: 'timed-out', timer: 'negotiation' },
      transport: 'end',
    });
    pair.runUntilIdle();
    expect(pair.receiving.event('closed').cause.code).toBe('timed-out');
  });

  it('sets the timer anew when the deadline moves away', () => {
    const pair = login();
    pair.advanceTo(200_000);
    pair.initiating.send(presence());
    pair.advanceTo(300_000);
    // The client heard nothing for five minutes and sends a space, the server heard something in between.
    expect([pair.initiating, pair.receiving].map((end) => end.trace().output.endsWith(' '))).toEqual([true, false]);
    pair.advanceTo(600_000);
    expect(pair.receiving.trace().output.endsWith(' ')).toBe(true);
  });

  it('changes nothing but the time of things', () => {
    const expected = JSON.stringify(login().trace());
    fc.assert(
      fc.property(
        fc.nat({ max: 900 }),
        fc.nat({ max: 300 }),
        fc.constantFrom('whole', 'bytes', 'random'),
        fc.nat(),
        (delay, latency, chunking, seed) => {
          const pair = login({ seed, chunking, latency: [0, latency], answerDelay: [0, delay] });
          expect(JSON.stringify(pair.trace())).toBe(expected);
        },
      ),
    );
  });
});

describe('answers', () => {
  it('can be other ones, or left to the test', () => {
    const pair = createPair({
      accounts,
      answers: {
        initiating: { 'derive-salted-password': () => UNANSWERED },
        receiving: { 'bind-resource': ({ account }) => jid(`${account.toString()}/elsewhere`) },
      },
    });
    pair.initiating.open();
    pair.runUntilIdle();
    expect(pair.initiating.last()).toMatchObject({ type: 'ask', ask: 'derive-salted-password' });
    const ask = pair.initiating.ask('derive-salted-password');
    expect(pair.initiating.answer(ask, accounts.saltedPassword(ask))).toBe(true);
    pair.runUntilIdle();
    expect(pair.initiating.event('established').jid.resourcepart).toBe('elsewhere');
  });

  it('that come too late do nothing', () => {
    const pair = createPair({ accounts, answers: { receiving: { 'look-up-credentials': () => UNANSWERED } } });
    pair.initiating.open();
    pair.advanceTo(30_000);
    expect(pair.receiving.event('closed').cause.code).toBe('timed-out');
    expect(pair.receiving.answer(pair.receiving.ask('look-up-credentials'), 'unknown-account')).toBe(false);
  });

  it('that are wrong leave the ask open', () => {
    const pair = createPair({ accounts, answers: { initiating: { 'start-tls': () => UNANSWERED } } });
    pair.initiating.open();
    pair.runUntilIdle();
    const ask = pair.initiating.ask('start-tls');
    expect(() => pair.initiating.answer(ask, { version: 'TLSv1.3', channelBindings: {} as never })).toThrow(
      'start-tls wants',
    );
    expect(pair.initiating.transport).toBe('handshaking');
    pair.initiating.answer(ask, madeUpTls());
    pair.runUntilIdle();
    expect(pair.initiating.event('established').by).toBe('bound');
  });
});

describe('TLS', () => {
  it('that fails at one end fails at the other', () => {
    expect(ends(login({ answers: { initiating: { 'start-tls': () => 'failed' } } }))).toEqual([
      'negotiation-failed abort',
      'negotiation-failed abort',
    ]);
    expect(ends(login({ answers: { receiving: { 'start-tls': () => 'failed' } } }))).toEqual([
      'negotiation-failed abort',
      'negotiation-failed abort',
    ]);
    expect(ends(login({ latency: 10, answers: { receiving: { 'start-tls': () => 'failed' } } }))).toEqual([
      'negotiation-failed abort',
      'negotiation-failed abort',
    ]);
  });

  it('[S5] waits for both, and what came before it in clear never reaches the stream behind it', () => {
    const injected: Fault = { fault: 'inject', from: 'receiving', at: PROCEED, bytes: '<message/>' };
    expect(ends(login({ faults: [injected] }))).toEqual(['bytes-behind-proceed abort', 'negotiation-failed abort']);
    // Apart from <proceed/> they land in the handshake, which fails of them.
    expect(ends(login({ faults: [{ ...injected, apart: true }] }))).toEqual([
      'negotiation-failed abort',
      'negotiation-failed abort',
    ]);
    const behindStartTls: Fault = { fault: 'inject', from: 'initiating', at: STARTTLS, bytes: '<presence/>' };
    expect(ends(login({ faults: [behindStartTls] }))).toEqual(['unexpected-eof end', 'bytes-behind-starttls abort']);
    expect(ends(login({ faults: [{ ...behindStartTls, apart: true }], latency: 1 }))).toEqual([
      'negotiation-failed abort',
      'negotiation-failed abort',
    ]);
  });

  it('[S5] bytes in clear that come when TLS is up break the connection', () => {
    const pair = createPair({ accounts, answers: { receiving: { 'start-tls': () => madeUpTls() } } });
    pair.initiating.open();
    pair.runUntilIdle();
    pair.receiving.arrive({ type: 'bytes', bytes: new TextEncoder().encode('<presence/>'), layer: 'clear' });
    expect(pair.receiving.event('closed').cause.code).toBe('unexpected-eof');
  });

  it('is not waited for when the test ends the connection in the middle', () => {
    const pair = createPair({ accounts, latency: 10, answers: { receiving: { 'start-tls': () => UNANSWERED } } });
    pair.initiating.open();
    pair.runUntilIdle();
    expect(pair.initiating.transport).toBe('handshaking');
    pair.cut();
    pair.runUntilIdle();
    expect(ends(pair)).toEqual(['negotiation-failed abort', 'unexpected-eof abort']);
  });

  it('lapses when the entity is closed under it', () => {
    const pair = createPair({ accounts, latency: 10 });
    pair.initiating.open();
    pair.advanceTo(41);
    expect(pair.initiating.transport).toBe('handshaking');
    pair.initiating.close();
    pair.runUntilIdle();
    expect(pair.initiating.event('closed')).toMatchObject({ cause: { code: 'closed-locally' }, transport: 'abort' });
    expect(pair.receiving.event('closed').transport).toBe('abort');
  });
});

describe('faults', { timeout: 600_000 }, () => {
  it('cut: both ends see the end of their input', () => {
    expect(ends(login({ faults: [{ fault: 'cut', from: 'receiving', at: 100 }] }))).toEqual([
      'unexpected-eof end',
      'unexpected-eof end',
    ]);
  });

  it('half-close: one direction ends, and the stream with it', () => {
    const pair = login({ faults: [{ fault: 'half-close', from: 'initiating', at: 20 }] });
    expect(ends(pair)).toEqual(['unexpected-eof end', 'unexpected-eof end']);
    expect(pair.receiving.events).toHaveLength(1);
  });

  it('stall: what comes behind comes later, in order', () => {
    const pair = login({ faults: [{ fault: 'stall', from: 'receiving', at: 100, for: 700 }] });
    expect(pair.initiating.event('established').by).toBe('bound');
    expect(pair.now).toBe(700);
    expect(JSON.stringify(pair.trace())).toBe(JSON.stringify(login().trace()));
  });

  it('drop and corrupt: the bytes that are left are judged', () => {
    expect(ends(login({ faults: [{ fault: 'drop', from: 'initiating', at: 0, bytes: 5 }] }))[1]).toMatch(/ end$/);
    const corrupt = login({ faults: [{ fault: 'corrupt', from: 'initiating', at: 22, to: 0xff }] });
    expect(corrupt.receiving.event('closed').cause).toMatchObject({
      code: 'peer-misbehaved',
      violation: 'invalid-utf8',
    });
    // The lowest bit of the 1 in version='1.0' makes a 0 of it.
    const turned = login({ faults: [{ fault: 'corrupt', from: 'initiating', at: "version='" }], tls: 'direct' });
    expect(turned.receiving.event('closed').cause).toMatchObject({ violation: 'unsupported-xml-version' });
  });

  it('inject: bytes that nobody wrote, before a byte or behind a text that begins like itself', () => {
    const bytes = Uint8Array.from([0x20, 0x0a]);
    const pair = login({ tls: 'direct', faults: [{ fault: 'inject', from: 'receiving', at: 0, bytes }] });
    expect(pair.initiating.event('closed').cause).toMatchObject({ violation: 'misplaced-xml-declaration' });
    const tricky = login({
      tls: 'direct',
      faults: [{ fault: 'inject', from: 'initiating', at: 'reateream', bytes: 'x' }],
    });
    expect(tricky.initiating.event('established').by).toBe('bound');
    const late = createPair({ accounts, faults: [{ fault: 'inject', from: 'initiating', at: 'aaab', bytes: '<b/>' }] });
    late.initiating.open();
    late.runUntilIdle();
    late.initiating.send(message({ to: jid('romeo@example.net'), body: 'aaaab' }));
    late.runUntilIdle();
    expect(late.receiving.event('stanza').stanza.element.toString()).toContain('aaaab<b/>');
  });

  it('two that strike at one place strike in their order', () => {
    const faults: Fault[] = [
      { fault: 'inject', from: 'initiating', at: STARTTLS, bytes: '<' },
      { fault: 'cut', from: 'initiating', at: STARTTLS },
      { fault: 'inject', from: 'initiating', at: STARTTLS, bytes: 'never' },
    ];
    expect(ends(login({ faults }))[1]).toBe('bytes-behind-starttls abort');
  });

  it('of any kind anywhere: nothing throws, and when the connection is cut both ends close', () => {
    const fault = fc
      .tuple(fc.constantFrom('initiating' as const, 'receiving' as const), fc.nat({ max: 3000 }))
      .chain(([from, at]) =>
        fc.oneof<fc.Arbitrary<Fault>[]>(
          fc.constant({ fault: 'cut', from, at }),
          fc.constant({ fault: 'half-close', from, at }),
          fc.nat({ max: 40_000 }).map((duration) => ({ fault: 'stall', from, at, for: duration })),
          fc.constant({ fault: 'stall', from, at }),
          fc.integer({ min: 1, max: 50 }).map((bytes) => ({ fault: 'drop', from, at, bytes })),
          fc.nat({ max: 255 }).map((to) => ({ fault: 'corrupt', from, at, to })),
          fc
            .tuple(fc.uint8Array({ maxLength: 20 }), fc.boolean())
            .map(([bytes, apart]) => ({ fault: 'inject', from, at, bytes, apart })),
        ),
      );
    fc.assert(
      fc.property(
        fc.array(fault, { maxLength: 4 }),
        fc.nat(),
        fc.constantFrom('whole' as const, 'random' as const),
        (faults, seed, chunking) => {
          const pair = createPair({ accounts, seed, chunking, faults, latency: [0, 20], answerDelay: [0, 20] });
          pair.initiating.open();
          pair.advanceTo(60_000);
          pair.cut();
          pair.advanceBy(60_000);
          for (const end of [pair.initiating, pair.receiving]) {
            // A direction that is stalled for ever does not even end, and an established stream may wait for ever.
            const forEver = faults.some((each) => each.fault === 'stall');
            expect(forEver || end.entity.phase === 'closed').toBe(true);
            expect(end.events.filter(({ type }) => type === 'closed').length).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });
});

describe('backpressure', () => {
  it('keeps bytes back until the entity wants them', () => {
    const pair = login({ chunking: 'bytes', receiving: { maxBufferedInput: 2000 } });
    const seen: number[] = [];
    // While the server looks at each stanza only when asked to, little of what waits is inside it.
    pair.initiating.entity.send(message({ to: jid('romeo@example.net'), body: 'x'.repeat(1500) }));
    pair.initiating.entity.send(message({ to: jid('romeo@example.net'), body: 'y'.repeat(1500) }));
    pair.runUntilIdle();
    seen.push(
      ...pair.receiving.events.flatMap((event) =>
        event.type === 'stanza' ? [event.stanza.element.childText('body')?.length ?? 0] : [],
      ),
    );
    expect(seen).toEqual([1500, 1500]);
  });

  it('holds what arrives while an ask is open and there is enough of it', () => {
    const pair = createPair({ accounts, tls: 'direct', answers: { receiving: { 'accept-stream': () => UNANSWERED } } });
    pair.receiving.pump();
    const header =
      "<stream:stream to='im.example.com' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";
    pair.receiving.arrive({ type: 'bytes', bytes: new TextEncoder().encode(header), layer: 'tls' });
    for (let count = 0; count < 4; count++)
      pair.receiving.arrive({ type: 'bytes', bytes: new Uint8Array(9000).fill(0x20), layer: 'tls' });
    expect(pair.receiving.entity.wantsInput).toBe(false);
    expect(pair.receiving.entity.bufferedInput).toBe(18_000);
    const ask = pair.receiving.ask('accept-stream');
    pair.receiving.answer(ask, { domain: 'im.example.com', mechanisms: ['PLAIN'], decoySecret: new Uint8Array(16) });
    expect(pair.receiving.entity.bufferedInput).toBe(0);
  });
});

describe('what one entity sends the other reads back equal', { timeout: 600_000 }, () => {
  it('for stanzas of every kind, from both ends', () => {
    const pair = login();
    fc.assert(
      fc.property(stanzas(), (stanza) => {
        pair.receiving.send(stanza);
        pair.runUntilIdle();
        const { element } = pair.initiating.event('stanza').stanza;
        expect(element.equals(stanza.element), `${element.toString()}\n${stanza.element.toString()}`).toBe(true);

        pair.initiating.send(stanza);
        pair.runUntilIdle();
        const stamped = pair.receiving.event('stanza').stanza;
        // The server says who it is from, and in which language where the stanza does not.
        const bare = (each: typeof element): typeof element =>
          each.withAttribute('from', undefined).withAttribute('xml:lang', undefined);
        expect(bare(stamped.element).equals(bare(stanza.element))).toBe(true);
        expect(stamped.from?.bare.toString()).toBe('juliet@im.example.com');
      }),
    );
  });
});

describe('an end', () => {
  it('takes calls that it has no member for', () => {
    const pair = login();
    expect(pair.initiating.entity).toBeInstanceOf(InitiatingEntity);
    const sent = pair.initiating.command(() =>
      pair.initiating.entity.send(iq({ type: 'get', id: '1' }, xml('q', { xmlns: 'urn:example' }))),
    );
    expect(sent).toBe(true);
    pair.runUntilIdle();
    expect(pair.receiving.event('stanza').stanza.id).toBe('1');
  });

  it('has done nothing before it begins', () => {
    const pair = createPair({ accounts });
    expect(pair.initiating.trace()).toEqual({ output: '', events: [] });
  });
});
